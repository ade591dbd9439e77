"""The cookie of a session, for what is reached without a request's dependencies."""

from contextvars import ContextVar
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "core_session"
# The token of the request that is being answered. A page that Panel makes finds it here, so that
# it need not be written into the page with what Panel remembers of a request.
token_of_request: ContextVar[str] = ContextVar("token_of_request", default="")


def token_in(scope: Scope) -> str:
    """The session's token that a request or websocket brings; empty without one."""
    try:
        cookies = SimpleCookie(Headers(scope=scope).get("cookie", ""))
    except CookieError:
        return ""
    return cookies[COOKIE].value if COOKIE in cookies else ""


class TokenForPages:
    """ASGI middleware: lets what answers a request know its session's token."""

    def __init__(self, app: ASGIApp) -> None:
        """Takes the application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on."""
        if scope["type"] in ("http", "websocket"):
            token_of_request.set(token_in(scope))
        await self._app(scope, receive, send)
