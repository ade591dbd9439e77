"""Every page of releases."""

from fastapi import APIRouter

from portal.releasing.access_pages import router as access
from portal.releasing.pages import router as pages
from portal.releasing.preview import router as preview
from portal.releasing.step_pages import router as steps

router = APIRouter()
for part in (pages, steps, access, preview):
    router.include_router(part)
