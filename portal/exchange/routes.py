"""Importing and exporting of institutions, users and schemes."""

from fastapi import APIRouter

from portal.exchange.exporting import router as exporting
from portal.exchange.importing import IMPORTS

router = APIRouter()
for part in (exporting, *IMPORTS):
    router.include_router(part)
