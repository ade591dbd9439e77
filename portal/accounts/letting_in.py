"""Starting and ending the session of a browser: the cookie."""

from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from data_access.account_sessions import end_session, start_session
from data_access.accounts import Account
from portal.sessions import COOKIE, ENTER_CODE


def let_in(
    request: Request, db: Session, account: Account, going: str, waits: bool = False
) -> Response:
    """Starts a session under a new token and goes on to an address. Commits.

    With `waits` the session opens nothing but the page that asks for the code of the second
    factor. A session that the browser had ends.
    """
    had = request.cookies.get(COOKIE)
    if had:
        end_session(db, had)
    token = start_session(
        db,
        account,
        address=request.client.host if request.client else "",
        browser=request.headers.get("user-agent", ""),
        awaits_second_factor=waits,
    )
    address = f"{ENTER_CODE}?{urlencode({'next': going})}" if waits else going
    answer = RedirectResponse(address, 303)
    secure = request.url.scheme == "https" or request.app.state.settings.address.startswith(
        "https://"
    )
    answer.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=secure)
    return answer


def let_out(answer: Response) -> Response:
    """Takes the cookie away."""
    answer.delete_cookie(COOKIE)
    return answer
