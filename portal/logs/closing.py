"""Submitting logs, confirming unusual answers, correcting valid logs and dropping them."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from data_access.clock import today
from data_access.logs import VersionConflict
from portal.forms import Posted
from portal.layout.pages import render
from portal.logs.answers import answers_of
from portal.logs.one_log import log_to_change
from portal.permissions import find
from portal.sessions import Database, SignedIn
from submission.log_life import CannotSubmit, NotAllowed, confirm, drop, reopen, submit

router = APIRouter()


@router.post("/logs/{log_id}/submit")
def submit_log(request: Request, db: Database, account: SignedIn, log_id: int) -> Response:
    """Submits the log: it is valid, or its errors are shown beside the answers."""
    log = log_to_change(db, account, log_id)
    try:
        submit(db, account, log, today(request.app.state.settings))
    except CannotSubmit:
        db.rollback()
        return answers_of(request, db, account, log, 422)
    except NotAllowed as refused:
        raise HTTPException(403, str(refused)) from refused
    except VersionConflict as conflict:
        raise HTTPException(409, str(conflict)) from conflict
    return RedirectResponse(f"/logs/{log.id}/answers", 303)


@router.post("/logs/{log_id}/confirm")
def confirm_answers(
    request: Request, db: Database, account: SignedIn, log_id: int, posted: Posted
) -> Response:
    """Confirms unusual answers, so that they do not keep the log from being valid."""
    log = log_to_change(db, account, log_id)
    day = today(request.app.state.settings)
    try:
        confirm(db, account, log, posted.get("rule", ""), day)
    except CannotSubmit:
        db.rollback()
        return answers_of(request, db, account, log, 422)
    except NotAllowed as refused:
        raise HTTPException(403, str(refused)) from refused
    return RedirectResponse(f"/logs/{log.id}/answers", 303)


@router.post("/logs/{log_id}/correct")
def correct_log(request: Request, db: Database, account: SignedIn, log_id: int) -> Response:
    """Opens a valid log again."""
    log = log_to_change(db, account, log_id)
    try:
        reopen(db, account, log, today(request.app.state.settings))
    except NotAllowed as refused:
        raise HTTPException(403, str(refused)) from refused
    return RedirectResponse(f"/logs/{log.id}", 303)


@router.get("/logs/{log_id}/drop")
def drop_page(request: Request, db: Database, account: SignedIn, log_id: int) -> Response:
    """Asks before a log is dropped."""
    log = find(db, account, "log.drop", log_id)
    return render(request, "logs/drop.html", log=log)


@router.post("/logs/{log_id}/drop")
def drop_log(
    request: Request, db: Database, account: SignedIn, log_id: int, posted: Posted
) -> Response:
    """Takes the log out of every count."""
    log = find(db, account, "log.drop", log_id)
    try:
        drop(db, account, log, posted.get("reason", ""), today(request.app.state.settings))
    except NotAllowed as refused:
        raise HTTPException(403, str(refused)) from refused
    return RedirectResponse(f"/logs/{log.id}", 303)
