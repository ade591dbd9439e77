"""Where administrators find what waits for them and what they alone may do."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from data_access.clock import today
from portal.administration.audit_trail import router as audit_trail
from portal.administration.morning import what_waits
from portal.administration.outbox import router as outbox
from portal.layout.pages import render
from portal.sessions import Administrator, Database
from submission.windows import in_words

router = APIRouter()
router.include_router(audit_trail)
router.include_router(outbox)


@router.get("/administration")
def administration_page(request: Request, db: Database, account: Administrator) -> Response:
    """What waits this morning, and links to the pages of administrators."""
    answer = render(
        request,
        "administration/home.html",
        day=in_words(today(request.app.state.settings)),
        waits=what_waits(db),
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
