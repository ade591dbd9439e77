"""Giving a log to somebody else, one at a time."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from data_access.accounts import Account, Person
from data_access.clock import today
from data_access.logs import Log, VersionConflict
from portal.forms import Posted
from portal.layout.pages import render
from portal.logs.one_log import PRIVATE, log_type_label
from portal.permissions import find
from portal.sessions import Database, SignedIn
from submission.assigning import assign, takers_of, why_not_assigned
from submission.reach import NotAllowed

router = APIRouter()
CHOOSE = "Choose who is to have the log."
CHANGED = "Somebody else changed this log meanwhile. Look at who has it now, and choose again."


@router.get("/logs/{log_id}/assign")
def assign_page(request: Request, db: Database, account: SignedIn, log_id: int) -> Response:
    """Who can take the log on, managed providers first."""
    log = find(db, account, "log.assign", log_id)
    return _page(request, db, account, log)


@router.post("/logs/{log_id}/assign")
def assign_log(
    request: Request, db: Database, account: SignedIn, log_id: int, posted: Posted
) -> Response:
    """Gives the log to whoever was chosen."""
    log: Log = find(db, account, "log.assign", log_id)
    taker = takers_of(db, account, log).find(_number(posted.get("assigned_to", "")))
    if taker is None:
        return _page(request, db, account, log, 422, CHOOSE)
    day = today(request.app.state.settings)
    try:
        assign(db, account, log, taker, _number(posted.get("version", "")), day)
    except NotAllowed as refused:
        db.rollback()
        return _page(request, db, account, log, 422, str(refused))
    except VersionConflict:
        return _page(request, db, account, log, 409, CHANGED, taker.id)
    return RedirectResponse(f"/logs/{log.id}?assigned=yes", 303)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _page(
    request: Request,
    db: Database,
    account: Person,
    log: Log,
    status: int = 200,
    error: str = "",
    chosen: int = 0,
) -> Response:
    has_it = db.get(Account, log.assigned_to_id) if log.assigned_to_id is not None else None
    answer = render(
        request,
        "logs/assign.html",
        status,
        log=log,
        log_type=log_type_label(log),
        has_it=has_it.name if has_it is not None else "",
        takers=takers_of(db, account, log),
        refusal=why_not_assigned(log, today(request.app.state.settings)),
        errors={"assigned_to": error} if error else {},
        chosen=chosen,
    )
    answer.headers.update(PRIVATE)
    return answer
