"""The gate before Panel applications for people who are signed in: pages and websockets alike.

A page asks for the same session as every other page. Its websocket must bring the session that
opened the page, and is closed within seconds when that session ends, runs out, is revoked, or acts
for another institution.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from bokeh.util.token import get_session_id
from fastapi import HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data_access.account_sessions import person_for_token
from data_access.accounts import Person
from portal.errors import error_page
from portal.permissions import may
from portal.session_cookie import token_in
from portal.sessions import lacks_second_factor, require_person

CHECK_EVERY = 2.0
_REFUSED = 1008
# A page that was never connected is forgotten when so many newer ones were opened.
MOST_PAGES = 5_000


@dataclass(frozen=True)
class _Opened:
    """Who opened a page: the session, and the institution that it acted for."""

    session: str
    institution_id: int | None


class OpenPages:
    """Which session opened which page, by the identifier that Bokeh gave the page."""

    def __init__(self) -> None:
        self._opened: dict[str, _Opened] = {}

    def remember(self, page: str, person: Person) -> None:
        """Notes who opened a page."""
        while len(self._opened) >= MOST_PAGES:
            self._opened.pop(next(iter(self._opened)))
        self._opened[page] = _Opened(person.session, person.institution_id)

    def forget(self, page: str) -> None:
        """The page is closed."""
        self._opened.pop(page, None)

    def belongs_to(self, page: str, person: Person) -> bool:
        """Whether this session opened the page, acting for the same institution."""
        return self._opened.get(page) == _Opened(person.session, person.institution_id)


class PanelGate:
    """ASGI middleware before the applications under a prefix, for an action of the permissions."""

    def __init__(
        self,
        app: ASGIApp,
        prefix: str,
        action: str,
        pages: OpenPages,
        may_stay: Callable[[Scope], bool] = lambda _: True,
    ) -> None:
        """Takes the application, the prefix it guards and the action that opens it.

        `may_stay` is what else a websocket has to pass, again and again while it is open.
        """
        self._app = app
        self._prefix = prefix
        self._action = action
        self._pages = pages
        self._may_stay_too = may_stay

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets through who may pass."""
        path = scope.get("path", "")
        if path != self._prefix and not path.startswith(self._prefix + "/"):
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._page(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)

    def _person(self, scope: Scope, is_use: bool) -> Person | None:
        token = token_in(scope)
        if not token:
            return None
        with scope["app"].state.session_factory() as db:
            return person_for_token(db, token, seen=is_use)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        person = await run_in_threadpool(self._person, scope, True)
        try:
            allowed = require_person(request, person)
        except HTTPException as elsewhere:
            address = (elsewhere.headers or {})["Location"]
            await RedirectResponse(address, 303)(scope, receive, send)
            return
        # Bokeh would hand out the page of another session to whoever knows its identifier.
        asks_for_another = "bokeh-session-id" in parse_qs(
            scope.get("query_string", b"").decode("latin-1").replace("_", "-").lower()
        ) or "bokeh-session-id" in Headers(scope=scope)
        if not may(allowed, self._action) or asks_for_another:
            await error_page(request, 404)(scope, receive, send)
            return

        async def send_private(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message.get("headers", []),
                    (b"cache-control", b"private, no-store"),
                ]
            await send(message)

        await self._app(scope, receive, send_private)

    def _may_stay(self, scope: Scope, page: str, is_use: bool) -> bool:
        person = self._person(scope, is_use)
        if person is None or person.must_change_password:
            return False
        if lacks_second_factor(Request({**scope, "type": "http", "method": "GET"}), person):
            return False
        belongs = may(person, self._action) and self._pages.belongs_to(page, person)
        return belongs and self._may_stay_too(scope)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        page = _page_in(scope)
        if not page or not await run_in_threadpool(self._may_stay, scope, page, True):
            await send({"type": "websocket.close", "code": _REFUSED})
            return
        connection = _Connection(receive, send)
        watch = asyncio.create_task(self._watch(scope, page, connection))
        try:
            await self._app(scope, connection.receive, connection.send)
        finally:
            watch.cancel()

    async def _watch(self, scope: Scope, page: str, connection: "_Connection") -> None:
        while True:
            await asyncio.sleep(CHECK_EVERY)
            is_use, connection.was_used = connection.was_used, False
            if not await run_in_threadpool(self._may_stay, scope, page, is_use):
                await connection.close()
                return


class WholeTokens:
    """ASGI middleware before the public explorers: no websocket without one of Bokeh's tokens.

    Bokeh itself answers a made-up one with an error and a trace in the log.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        """Takes the application and the prefix that the explorers are under."""
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuses a websocket that no page can have opened; lets everything else through."""
        explores = scope.get("path", "").startswith(self._prefix + "/")
        if scope["type"] == "websocket" and explores and not _page_in(scope):
            await send({"type": "websocket.close", "code": _REFUSED})
            return
        await self._app(scope, receive, send)


class _Connection:
    """A websocket that can be closed from outside while the application waits for messages."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._closed = asyncio.Event()
        self._waiting: asyncio.Task[Message] | None = None
        # Whether the person did something since this was last looked at.
        self.was_used = False

    async def receive(self) -> Message:
        if self._waiting is None:
            self._waiting = asyncio.ensure_future(self._receive())
        closed = asyncio.ensure_future(self._closed.wait())
        done, _ = await asyncio.wait({self._waiting, closed}, return_when=asyncio.FIRST_COMPLETED)
        closed.cancel()
        if self._waiting not in done:
            return {"type": "websocket.disconnect", "code": _REFUSED}
        message = self._waiting.result()
        self._waiting = None
        self.was_used = self.was_used or message["type"] == "websocket.receive"
        return message

    async def send(self, message: Message) -> None:
        if not self._closed.is_set():
            await self._send(message)

    async def close(self) -> None:
        if not self._closed.is_set():
            self._closed.set()
            await self._send({"type": "websocket.close", "code": _REFUSED})


def _page_in(scope: Scope) -> str:
    """The identifier of the page that a websocket belongs to, from Bokeh's token."""
    offered: list[Any] = list(scope.get("subprotocols", []))
    if len(offered) != 2 or offered[0] != "bokeh":
        return ""
    try:
        return str(get_session_id(offered[1]))
    except (ValueError, KeyError, TypeError):
        return ""
