"""The public pages and reports of a release before it is published, for whoever may see them.

The same routes as the public's, in an application of their own that knows no other release than
the draft: the portal's own current release is never exchanged, so nothing of a draft can come to
be seen under a public address or kept by the cache of public pages. Links between public pages
are led on to pages of the preview; everything else is as the public will see it.
"""

from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from data_access.accounts import Person
from data_access.release_records import ReleaseRecord
from data_access.releases import Release
from data_access.releases.sealing import BrokenRelease
from data_access.settings import Settings
from portal.errors import add_error_pages
from portal.layout.pages import FRAME, render
from portal.permissions import find, require, scope
from portal.releasing.access import note_look
from portal.releasing.folders import preview_dir
from portal.releasing.frame import private
from portal.releasing.preview_frame import (
    BROKEN,
    PREFIX,
    PREVIEWED,
    PUBLIC,
    answer_of,
    banner,
    led_on,
)
from portal.releasing.words import periods_in_words, title_of
from portal.sessions import Database, SignedIn

# Drafts that are kept open: more than this are hardly looked at at once.
_MOST_OPEN = 3
router = APIRouter()


class _Only:
    """Stands where the current release stands: this one, always."""

    def __init__(self, release: Release) -> None:
        self._release = release

    def get(self) -> Release:
        return self._release


class Previews:
    """The applications of drafts that were looked at last, by the number of their record."""

    def __init__(self, portal: FastAPI) -> None:
        self._portal = portal
        self._open: OrderedDict[int, FastAPI] = OrderedDict()
        self._lock = Lock()

    def of(self, record: ReleaseRecord) -> FastAPI:
        """The public pages over the draft of a record. Raises BrokenRelease or OSError."""
        with self._lock:
            if record.id not in self._open:
                settings: Settings = self._portal.state.settings
                data = preview_dir(settings, record)
                self._open[record.id] = _pages(self._portal, data, record.number)
                while len(self._open) > _MOST_OPEN:
                    self._open.popitem(last=False)
            self._open.move_to_end(record.id)
            return self._open[record.id]


def _pages(portal: FastAPI, data: Path, number: str) -> FastAPI:
    """The public pages over a folder of data in which the draft is the current release."""
    settings: Settings = portal.state.settings.model_copy(update={"data_dir": data})
    release = Release(settings.releases_dir / number)
    made = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    made.state.settings = settings
    made.state.latest_alerts = portal.state.latest_alerts
    made.state.current_release = _Only(release)
    for part in PUBLIC:
        made.include_router(part)
    add_error_pages(made)
    return made


@router.get(PREFIX)
def previews_page(request: Request, db: Database, person: SignedIn) -> Response:
    """The releases that somebody may look at now, before they are published."""
    require(person, "release.preview")
    query = select(ReleaseRecord).where(
        ReleaseRecord.state.in_(PREVIEWED), scope(person, "release.preview")
    )
    records = list(db.scalars(query.order_by(ReleaseRecord.id.desc())))
    rows = [(record, title_of(record), periods_in_words(record.periods)) for record in records]
    return private(render(request, "releasing/previews.html", rows=rows, at=PREFIX))


@router.get(f"{PREFIX}/{{identifier:int}}")
def preview_home(db: Database, person: SignedIn, identifier: int) -> Response:
    """The start page, whose address ends in a slash."""
    return RedirectResponse(f"{PREFIX}/{_record(db, person, identifier).id}/", 303)


@router.get(f"{PREFIX}/{{identifier:int}}/{{path:path}}")
async def preview_page(
    request: Request, db: Database, person: SignedIn, identifier: int, path: str
) -> Response:
    """A public page, download or report, made from a draft."""
    record = await run_in_threadpool(_record, db, person, identifier)
    previews: Previews = request.app.state.previews
    try:
        pages = await run_in_threadpool(previews.of, record)
    except (BrokenRelease, OSError) as broken:
        raise HTTPException(409, BROKEN) from broken
    answer = await _ask(pages, request, _frame(request, person, record), f"/{path}")
    query = f"?{request.url.query}" if request.url.query else ""
    await run_in_threadpool(note_look, db, person, record, f"/{path}{query}")
    return led_on(answer, f"{PREFIX}/{record.id}")


def _record(db: Session, person: Person, identifier: int) -> ReleaseRecord:
    record: ReleaseRecord = find(db, person, "release.preview", identifier)
    if record.state not in PREVIEWED:
        raise HTTPException(404)
    return record


def _frame(request: Request, person: Person, record: ReleaseRecord) -> dict[str, Any]:
    """What the frame shows, with a banner before everything else."""
    shown = {name: getattr(request.state, name, None) for name in FRAME}
    return {**shown, "notices": [banner(person, record)]}


async def _ask(pages: FastAPI, request: Request, frame: dict[str, Any], path: str) -> Response:
    """The answer of the draft's pages to this request, for another path."""
    inner = {
        name: value
        for name, value in request.scope.items()
        if name not in ("app", "router", "route", "endpoint", "path_params", "extensions")
    }
    inner |= {"path": path, "raw_path": path.encode(), "root_path": "", "state": frame}
    return await answer_of(pages, inner, request.receive)
