"""Where somebody is signed in: seen, and ended one by one or all together."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from data_access.account_sessions import end_one_session, end_sessions, sessions_of
from data_access.audit import record
from portal.accounts.browsers import browser_in_words
from portal.accounts.letting_in import let_out
from portal.accounts.pages import page
from portal.history import in_words
from portal.sessions import Database, SignedIn

router = APIRouter()
SESSIONS = "/account/sessions"
_DONE = {
    "one": "That browser is signed out.",
    "others": "You are signed out everywhere but here.",
}


@router.get(SESSIONS)
def sessions_page(request: Request, db: Database, person: SignedIn, done: str = "") -> Response:
    """The open sessions, the one used last first."""
    rows = [
        {
            "handle": session.handle,
            "browser": browser_in_words(session.browser),
            "address": session.address or "unknown",
            "started": in_words(session.created_at),
            "seen": in_words(session.last_seen_at),
            "is_this": session.handle == person.session,
        }
        for session in sessions_of(db, person.id)
    ]
    return page(request, "sessions.html", sessions=rows, done=_DONE.get(done, ""))


@router.post(SESSIONS + "/end-others")
def end_others(request: Request, db: Database, person: SignedIn) -> Response:
    """Signs out everywhere but in this browser."""
    end_sessions(db, person.id, except_handle=person.session)
    record(db, person.id, "sessions_ended", ("session", person.id), {"which": "all others"})
    db.commit()
    return RedirectResponse(f"{SESSIONS}?done=others", 303)


@router.post(SESSIONS + "/{handle}/end")
def end_one(request: Request, db: Database, person: SignedIn, handle: str) -> Response:
    """Signs one browser out."""
    if not end_one_session(db, person.id, handle):
        raise HTTPException(404, "This browser is signed out already.")
    record(db, person.id, "sessions_ended", ("session", person.id), {"which": "one"})
    db.commit()
    if handle == person.session:
        return let_out(RedirectResponse("/", 303))
    return RedirectResponse(f"{SESSIONS}?done=one", 303)
