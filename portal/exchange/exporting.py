"""Institutions, users and schemes as files to take away, as far as a person may see them."""

from collections.abc import Sequence
from datetime import date

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from data_access.clock import today
from portal.exchange.institutions import INSTITUTIONS
from portal.exchange.kinds import Kind
from portal.exchange.schemes import SCHEMES
from portal.exchange.users import USERS
from portal.exchange.users import rows as user_rows
from portal.people.listing import read_wanted
from portal.permissions import require
from portal.sessions import Database, SignedIn
from portal.tables.writing import CSV, XLSX, Cell, write_csv, write_xlsx

router = APIRouter()
PRIVATE = {"Cache-Control": "private, no-store"}


@router.get("/institutions/export.{ending}")
def export_institutions(request: Request, db: Database, person: SignedIn, ending: str) -> Response:
    """Every institution that a person may see."""
    return _export(request, db, person, INSTITUTIONS, ending)


@router.get("/people/export.{ending}")
def export_users(request: Request, db: Database, person: SignedIn, ending: str) -> Response:
    """The users that the list shows to a person, narrowed by the same address."""
    require(person, USERS.export_action)
    day = today(request.app.state.settings)
    wanted = read_wanted(person, request.query_params)
    return _table(USERS, user_rows(db, person, day, wanted), day, ending)


@router.get("/schemes/export.{ending}")
def export_schemes(request: Request, db: Database, person: SignedIn, ending: str) -> Response:
    """Every scheme that a person may see, a row for each location."""
    return _export(request, db, person, SCHEMES, ending)


def _export(request: Request, db: Database, person: SignedIn, kind: Kind, ending: str) -> Response:
    require(person, kind.export_action)
    day = today(request.app.state.settings)
    return _table(kind, kind.rows(db, person, day), day, ending)


def _table(kind: Kind, rows: Sequence[Sequence[Cell]], day: date, ending: str) -> Response:
    headings = [*kind.headings.values(), *kind.informing]
    name = f"{kind.name}-{day.isoformat()}.{ending}"
    if ending == "csv":
        return as_file(write_csv(headings, rows), name)
    if ending == "xlsx":
        return as_file(write_xlsx(kind.title, headings, rows, notes_of(kind)), name)
    raise HTTPException(404)


def notes_of(kind: Kind) -> list[tuple[str, str]]:
    """What goes into each column, for the second sheet of a workbook."""
    return [(column.heading, column.note) for column in kind.columns if column.note]


def as_file(data: bytes, name: str) -> Response:
    """A file to be kept by the browser and by nobody on the way."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', **PRIVATE}
    media_type = CSV if name.endswith(".csv") else XLSX
    return Response(data, media_type=media_type, headers=headers)
