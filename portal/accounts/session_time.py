"""How long a session still lasts, for the warning that a page shows before it ends."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from data_access.account_sessions import person_for_token, session_for_token, time_left
from portal.accounts.pages import PRIVATE
from portal.sessions import COOKIE, Database

router = APIRouter(prefix="/session")


@router.get("/left")
def left(request: Request, db: Database) -> Response:
    """Seconds until the session ends, 0 without one. Asking puts nothing off.

    `renewable` says whether using it puts the end off: not in its twelfth hour.
    """
    found = session_for_token(db, request.cookies.get(COOKIE, ""))
    if found is None or found[0].awaits_second_factor:
        return JSONResponse({"left": 0, "renewable": False}, headers=PRIVATE)
    seconds, renewable = time_left(found[0])
    return JSONResponse({"left": seconds, "renewable": renewable}, headers=PRIVATE)


@router.post("/keep")
def keep(request: Request, db: Database) -> Response:
    """Puts the end off, as opening a page does."""
    person_for_token(db, request.cookies.get(COOKIE, ""))
    return left(request, db)
