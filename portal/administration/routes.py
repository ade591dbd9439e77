"""Where administrators find what they alone may do."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from portal.layout.pages import render
from portal.sessions import Administrator

router = APIRouter()


@router.get("/administration")
def administration_page(request: Request, account: Administrator) -> Response:
    """Links to the pages of administrators."""
    return render(request, "administration/home.html")
