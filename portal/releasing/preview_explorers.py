"""The explorers over a draft, for whoever may look at that release before it is published.

They are Panel applications in an application of their own, which only the gate leads to: no
session over a draft can be reached under the address of a public explorer. The gate asks what every
page of a preview asks. The websocket of a page is tied to the record and to the session that opened
the page, and is closed within seconds when the person may no longer look or the release is no
longer a draft.
"""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import panel as pn
from fastapi import FastAPI, Request
from panel.io.fastapi import add_applications
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from data_access.account_sessions import person_for_token
from data_access.accounts import Person
from data_access.release_records import ReleaseRecord
from data_access.releases import Release
from data_access.releases.sealing import BrokenRelease
from portal.errors import error_page
from portal.explore.mount import EXPLORERS, page_of
from portal.panel_gate import OpenPages, PanelGate
from portal.permissions import scope as within_reach
from portal.releasing.access import note_look
from portal.releasing.preview_frame import (
    BROKEN,
    PREFIX,
    PREVIEWED,
    answer_of,
    banner,
    led_on,
)
from portal.security import EXPLORER_POLICY
from portal.session_cookie import COOKIE, token_in, token_of_request
from portal.sessions import frame_of

ACTION = "release.preview"
_ADDRESS = re.compile(rf"{PREFIX}/([0-9]{{1,9}})/explore(/[^?#]*)?")
_SCRIPTS = ("/static/", "/components/")
# The record whose draft the request that is being answered asks for, set by the gate alone.
draft_of_request: ContextVar[int] = ContextVar("draft_of_request", default=0)


def serve_explorers(portal: FastAPI) -> None:
    """Puts the gate, and the explorers of drafts behind it, before the portal's own pages."""
    opened: dict[int, OpenPages] = {}
    inside = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_applications(
        {path: _page(portal, opened, path) for path in EXPLORERS},
        app=inside,
        title={path: title for path, (title, _) in EXPLORERS.items()},
        exclude_headers=["Cookie"],
        exclude_cookies=[COOKIE],
    )
    portal.add_middleware(DraftGate, portal=portal, inside=inside, opened=opened)
    before = portal.router.lifespan_context

    @asynccontextmanager
    async def with_inside(app: FastAPI) -> AsyncIterator[Any]:
        # Sessions that nobody uses any more are cleared away as long as this runs.
        async with inside.router.lifespan_context(inside), before(app) as state:
            yield state

    portal.router.lifespan_context = with_inside


def _page(app: FastAPI, opened: dict[int, OpenPages], path: str) -> Callable[[], pn.Template]:
    def make() -> pn.Template:
        number = draft_of_request.get()
        with app.state.session_factory() as db:
            person = person_for_token(db, token_of_request.get())
            record = _in_reach(db, person, number) if person is not None else None
            if person is None or record is None or number not in opened:
                raise PermissionError("A page behind the gate was made for nobody")
            release: Release = app.state.previews.of(record).state.current_release.get()
            frame = frame_of(db, person) | {"notices": [banner(person, record)]}
        pages, page = opened[number], pn.state.curdoc.session_context.id
        pages.remember(page, person)
        pn.state.on_session_destroyed(lambda context: pages.forget(context.id))
        return page_of(app, path, frame, lambda: release, f"{PREFIX}/{number}")

    return make


def _in_reach(db: Session, person: Person, number: int) -> ReleaseRecord | None:
    """The record, for somebody who may look at it now while it is a draft."""
    return db.scalar(
        select(ReleaseRecord).where(
            ReleaseRecord.id == number,
            ReleaseRecord.state.in_(PREVIEWED),
            within_reach(person, ACTION),
        )
    )


class DraftGate:
    """ASGI middleware: from the address of a preview to the explorers, for who may look."""

    def __init__(
        self, app: ASGIApp, portal: FastAPI, inside: ASGIApp, opened: dict[int, OpenPages]
    ) -> None:
        """`opened` learns which session opened which page of which record."""
        self._app = app
        self._portal = portal
        self._inside = inside
        self._opened = opened

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Leads inside who may go there; everything else goes on as it came."""
        found = _ADDRESS.fullmatch(scope.get("path", ""))
        rest = (found[2] or "") if found else ""
        if found and rest.startswith(_SCRIPTS):
            # The same for every page, and nothing of a draft.
            await self._inside(_at(scope, rest), receive, send)
        elif found and rest.removesuffix("/ws") in EXPLORERS:
            number = int(found[1])
            pages = self._opened.setdefault(number, OpenPages())
            draft = _Draft(self._portal, self._inside, number, rest)
            prefix = f"{PREFIX}/{number}/explore"
            gate = PanelGate(draft.answer, prefix, ACTION, pages, draft.may_look)
            await gate(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _at(scope: Scope, path: str) -> Scope:
    return {**scope, "path": path, "raw_path": path.encode()}


class _Draft:
    """The explorers over the draft of one record, behind the gate."""

    def __init__(self, portal: FastAPI, inside: ASGIApp, number: int, rest: str) -> None:
        self._state = portal.state
        self._inside = inside
        self._number = number
        self._rest = rest

    def may_look(self, scope: Scope, looked: str = "") -> bool:
        """Whether the record is in reach; also notes what was looked at, and makes it ready."""
        with self._state.session_factory() as db:
            person = person_for_token(db, token_in(scope), seen=False)
            record = _in_reach(db, person, self._number) if person is not None else None
            if person is None or record is None:
                return False
            if looked:
                # Raises BrokenRelease here rather than in the page.
                self._state.previews.of(record)
                note_look(db, person, record, looked)
        return True

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A page or a websocket of a session that the gate has let through."""
        draft_of_request.set(self._number)
        inner = _at(scope, self._rest)
        if scope["type"] == "websocket":
            await self._inside(inner, receive, send)
            return
        query = scope.get("query_string", b"").decode("latin-1")
        looked = f"/explore{self._rest}" + (f"?{query}" if query else "")
        request = Request(scope, receive)
        try:
            allowed = await run_in_threadpool(self.may_look, scope, looked)
        except (BrokenRelease, OSError):
            await error_page(request, 409, BROKEN)(scope, receive, send)
            return
        if not allowed or self._rest.endswith("/ws"):
            await error_page(request, 404)(scope, receive, send)
            return
        answer = await answer_of(self._inside, inner, receive)
        answer = led_on(answer, f"{PREFIX}/{self._number}")
        # The gate says it of every answer.
        del answer.headers["cache-control"]
        answer.headers["content-security-policy"] = EXPLORER_POLICY
        await answer(scope, receive, send)
