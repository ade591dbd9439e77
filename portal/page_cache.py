"""Public pages kept as bytes, so that a figure is worked out once for each release.

A page depends on the release and on its address alone, unless somebody is signed in: their pages
are never kept, neither here nor, as they say themselves, by anything on the way. What is kept here
goes when another release is current.
"""

import gzip
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data_access.releases import CurrentRelease, NoRelease

KEPT = ("/national", "/local-authorities", "/downloads/", "/reports/", "/learn")
PARAMETERS = frozenset(["period", "log_type", "question", "question2"])
MOST_BYTES = 96 * 1024**2
LONGEST_ADDRESS = 300
# The home page shows alerts, which change without a release.
HOME_SECONDS = 10.0
_SHRINKS = (b"text/", b"application/json", b"image/svg")
_PRIVATE = (b"cache-control", b"private, no-store")
_ALWAYS_ASK = (b"cache-control", b"public, max-age=0, must-revalidate")


@dataclass(frozen=True)
class _Page:
    headers: tuple[tuple[bytes, bytes], ...]
    plain: bytes
    small: bytes
    tag: bytes
    until: float

    def size(self) -> int:
        return len(self.plain) + len(self.small) + 1_000


class PageCache:
    """ASGI middleware. Answers from memory, with entity tags and gzip."""

    def __init__(
        self,
        app: ASGIApp,
        current: CurrentRelease,
        cookie: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`cookie` is the name of the cookie that a signed-in person has."""
        self._app = app
        self._current = current
        self._cookie = cookie + "="
        self._clock = clock
        self._pages: OrderedDict[tuple[str, str], _Page] = OrderedDict()
        self._release = ""
        self._size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, or lets the application answer and keeps what it says."""
        if self._may_be_personal(scope):
            await self._app(scope, receive, _private(send))
            return
        key = self._key(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        page = self._pages.get(key)
        if page is not None and self._clock() < page.until:
            self._pages.move_to_end(key)
        else:
            page = await self._made(key, scope, receive, send)
        if page is not None:
            await _answer(page, Headers(scope=scope), scope["method"], send)

    def _may_be_personal(self, scope: Scope) -> bool:
        """Whether this asks for a public page with the cookie of a session."""
        return (
            scope["type"] == "http"
            and _is_public(scope["path"])
            and any(self._cookie in given for given in Headers(scope=scope).getlist("cookie"))
        )

    def _key(self, scope: Scope) -> tuple[str, str] | None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return None
        path: str = scope["path"]
        query: bytes = scope["query_string"]
        if not _is_public(path) or len(path) + len(query) > LONGEST_ADDRESS:
            return None
        try:
            release = self._current.get().id
        except NoRelease:
            return None
        if release != self._release:
            self._pages.clear()
            self._release, self._size = release, 0
        if not query:
            return path, ""
        given = parse_qsl(query.decode("latin-1"), keep_blank_values=False)
        if any(name not in PARAMETERS for name, _ in given):
            return None
        return path, repr(given)

    async def _made(
        self, key: tuple[str, str], scope: Scope, receive: Receive, send: Send
    ) -> _Page | None:
        """The page of the application, kept; None when it was sent on because it is not kept."""
        start: Message = {}
        parts: list[bytes] = []
        made_of = self._release

        async def take(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                if message["status"] != 200:
                    await send(message)
            elif start["status"] != 200:
                await send(message)
            else:
                parts.append(message.get("body", b""))

        await self._app({**scope, "method": "GET"}, receive, take)
        if start["status"] != 200:
            return None
        plain = b"".join(parts)
        headers = tuple(
            (name, value)
            for name, value in start["headers"]
            if name not in (b"content-length", b"cache-control", b"vary", b"etag")
        )
        kind = dict(headers).get(b"content-type", b"")
        small = gzip.compress(plain, 6, mtime=0) if kind.startswith(_SHRINKS) else b""
        tag = b'"' + hashlib.sha256(plain).hexdigest()[:24].encode() + b'"'
        until = self._clock() + HOME_SECONDS if key[0] == "/" else float("inf")
        page = _Page(headers, plain, small, tag, until)
        if self._is_current(made_of):
            self._keep(key, page)
        return page

    def _is_current(self, release: str) -> bool:
        """Whether a page made of this release may stay: another may have come while it was made."""
        try:
            return release == self._release == self._current.get().id
        except NoRelease:
            return False

    def _keep(self, key: tuple[str, str], page: _Page) -> None:
        before = self._pages.pop(key, None)
        self._size += page.size() - (before.size() if before else 0)
        self._pages[key] = page
        while self._size > MOST_BYTES:
            _, oldest = self._pages.popitem(last=False)
            self._size -= oldest.size()


def _is_public(path: str) -> bool:
    return path == "/" or path.startswith(KEPT)


def _private(send: Send) -> Send:
    """Sends an answer on with word that nothing on the way may keep it, unless it says itself."""

    async def send_private(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", []))
            if all(name.lower() != b"cache-control" for name, _ in headers):
                message = {**message, "headers": [*headers, _PRIVATE]}
        await send(message)

    return send_private


async def _answer(page: _Page, asked: Headers, method: str, send: Send) -> None:
    shared = [
        *page.headers,
        _ALWAYS_ASK,
        (b"vary", b"accept-encoding, cookie"),
        (b"etag", page.tag),
    ]
    if page.tag.decode() in asked.get("if-none-match", ""):
        await send({"type": "http.response.start", "status": 304, "headers": shared})
        await send({"type": "http.response.body", "body": b""})
        return
    body = page.plain
    if page.small and "gzip" in asked.get("accept-encoding", ""):
        body = page.small
        shared.append((b"content-encoding", b"gzip"))
    shared.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": 200, "headers": shared})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})
