"""Importing: a file is tried out and reported on row by row, then its right rows are taken in."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile

from data_access.accounts import Person
from data_access.clock import now, today
from data_access.imports import DONE, KEPT_FOR, ImportFile, forget_expired_imports, import_file
from portal.exchange.exporting import PRIVATE, as_file, notes_of
from portal.exchange.institutions import INSTITUTIONS
from portal.exchange.kinds import CHANGED, NEW, SAME, WRONG, Kind, Setting
from portal.exchange.running import (
    ChangedSince,
    ImportedAlready,
    RowReport,
    as_stored,
    counts_of,
    import_right_rows,
    report_of,
    try_out,
)
from portal.exchange.schemes import SCHEMES
from portal.exchange.users import USERS
from portal.forms import Posted
from portal.layout.pages import render
from portal.permissions import may, require
from portal.plain_text import tidy
from portal.sessions import Database, SignedIn
from portal.tables.reading import LARGEST, MOST_ROWS, ROW, Table, TableRow, as_read, read_table
from portal.tables.reading import WRONG as WHAT_IS_WRONG
from portal.tables.writing import Cell, write_csv, write_xlsx
from submission.uploads.sheets import UploadRefused

ROWS_A_PAGE = 50
_ID_LIMIT = 2**31
TABS = {"all": "All rows", WRONG: "Wrong", NEW: "New", CHANGED: "Changed", SAME: "As they are"}
# What a report opens on, if it has any: what needs a look before it is imported.
FIRST = (WRONG, CHANGED)
# Where the list of what was imported is.
_LISTS = {"institutions": "/institutions", "users": "/people", "schemes": "/schemes"}
CHANGED_SINCE = (
    "Nothing was imported: something was changed since you looked at this report. This is what the "
    "file would do now."
)


def import_router(kind: Kind, base: str, for_administrators: bool) -> APIRouter:
    """The pages that import one kind of thing, below an address."""
    router = APIRouter(prefix=base)

    def refuse(person: Person) -> None:
        require(person, kind.import_action)
        if for_administrators:
            require(person, "administration.open")

    def stored(db: Database, person: Person, identifier: int) -> ImportFile:
        refuse(person)
        found = None
        if 0 < identifier < _ID_LIMIT:
            found = import_file(db, identifier, kind.name, person.id, person.institution_id)
        if found is None:
            raise HTTPException(
                404,
                "This file is not here (any more): files are kept for 24 hours. Upload it again.",
            )
        return found

    def start(request: Request, person: Person, error: str = "") -> Response:
        return _page(
            request,
            "start.html",
            422 if error else 200,
            kind=kind,
            base=base,
            back=_back(kind, for_administrators),
            error=error,
            most_rows=MOST_ROWS,
            largest=LARGEST // 1024**2,
            export=f"{_LISTS[kind.name]}/export",
            for_administrators=for_administrators,
        )

    @router.get("")
    def start_page(request: Request, person: SignedIn) -> Response:
        """What a file must hold, and the form for it."""
        refuse(person)
        if not for_administrators and may(person, "administration.open"):
            return RedirectResponse(f"/administration/import/{kind.name}", 303)
        return start(request, person)

    @router.post("")
    async def upload(request: Request, db: Database, person: SignedIn) -> Response:
        """Tries the file out and keeps it with its report, or says why it cannot be used."""
        refuse(person)
        length = request.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > LARGEST + 10_000:
            raise HTTPException(
                413,
                f"The file is larger than {LARGEST // 1024**2} MB. Split it into smaller files.",
            )
        form = await request.form(max_files=1, max_fields=5)
        sent = form.get("file")
        if not isinstance(sent, UploadFile) or not sent.filename:
            return start(request, person, "Choose a file first")
        data, name = await sent.read(), tidy(sent.filename)[-200:]
        setting = _setting(request, db, person)
        try:
            number = await run_in_threadpool(_receive, setting, kind, data, name)
        except UploadRefused as refused:
            return start(request, person, str(refused))
        return RedirectResponse(f"{base}/{number}", 303)

    @router.get("/template.{ending}")
    def template(person: SignedIn, ending: str) -> Response:
        """A file with the headings and one row as an example."""
        refuse(person)
        headings = list(kind.headings.values())
        example = [[column.example for column in kind.columns]]
        name = f"{kind.name}-template.{ending}"
        if ending == "csv":
            return as_file(write_csv(headings, example), name)
        if ending == "xlsx":
            return as_file(write_xlsx(kind.title, headings, example, notes_of(kind)), name)
        raise HTTPException(404)

    @router.get("/{identifier:int}")
    def report_page(
        request: Request,
        db: Database,
        person: SignedIn,
        identifier: int,
        show: str = "",
        page: str = "1",
    ) -> Response:
        """What the file would do, or has done, row by row."""
        return report(request, stored(db, person, identifier), show, page)

    def report(
        request: Request,
        file: ImportFile,
        show: str = "",
        page: str = "1",
        status: int = 200,
        changed_since: str = "",
    ) -> Response:
        every = report_of(file)
        counts = counts_of(every)
        show = show if show in TABS else next((name for name in FIRST if counts[name]), "all")
        rows = [row for row in every if show in ("all", row.outcome)]
        last = max(1, -(-len(rows) // ROWS_A_PAGE))
        number = int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else 1
        number = min(max(number, 1), last)
        return _page(
            request,
            "report.html",
            status,
            kind=kind,
            base=base,
            back=_back(kind, for_administrators),
            file=file,
            is_done=file.state == DONE,
            counts=counts,
            right=counts[NEW] + counts[CHANGED],
            rows=rows[(number - 1) * ROWS_A_PAGE : number * ROWS_A_PAGE],
            total=len(rows),
            page=number,
            last=last,
            show=show,
            tabs_shown=[
                (f"{base}/{file.id}?show={name}", f"{words} ({count:,})")
                for name, words in TABS.items()
                if (count := len(every) if name == "all" else counts[name])
            ],
            here=f"{base}/{file.id}?show={show}",
            list_address=_LISTS[kind.name],
            changed_since=changed_since,
        )

    @router.post("/{identifier:int}")
    def import_page(
        request: Request, db: Database, person: SignedIn, identifier: int, posted: Posted
    ) -> Response:
        """Imports the right rows, unless they would do something else than the report said."""
        file = stored(db, person, identifier)
        version = posted.get("version", "")
        seen = (
            int(version) if version.isascii() and version.isdecimal() and len(version) < 9 else -1
        )
        try:
            import_right_rows(_setting(request, db, person), kind, file, seen)
        except ImportedAlready:
            pass
        except ChangedSince:
            file = stored(db, person, identifier)
            return report(request, file, status=409, changed_since=CHANGED_SINCE)
        else:
            request.app.state.postman.ring()
        return RedirectResponse(f"{base}/{identifier}", 303)

    @router.get("/{identifier:int}/to-mend.{ending}")
    def to_mend(db: Database, person: SignedIn, identifier: int, ending: str) -> Response:
        """The wrong rows as a file, each with what is wrong, to be mended and uploaded again."""
        file = stored(db, person, identifier)
        headings, rows = _rows_to_mend(kind, file)
        name = f"{kind.name}-to-mend.{ending}"
        if ending == "csv":
            return as_file(write_csv(headings, rows), name)
        if ending == "xlsx":
            return as_file(write_xlsx(kind.title, headings, rows, notes_of(kind)), name)
        raise HTTPException(404)

    return router


def _setting(request: Request, db: Database, person: Person) -> Setting:
    settings = request.app.state.settings
    return Setting(db, settings, person, today(settings))


def _back(kind: Kind, for_administrators: bool) -> tuple[str, str]:
    if for_administrators:
        return "/administration", "Administration"
    return _LISTS[kind.name], "Schemes" if kind is SCHEMES else "People"


def _receive(setting: Setting, kind: Kind, data: bytes, name: str) -> int:
    """Tries a file out and keeps its rows with the report; returns its number."""
    table = read_table(data, kind.columns, kind.informing)
    rows = _without_example(kind, table)
    report = try_out(setting, kind, rows)
    db, by = setting.db, setting.by
    forget_expired_imports(db)
    file = ImportFile(
        kind=kind.name,
        account_id=by.id,
        institution_id=by.institution_id,
        file_name=name,
        given=list(table.given),
        unknown=list(table.unknown),
        rows=[[row.number, dict(row.values)] for row in rows],
        report=as_stored(report),
        expires_at=now() + KEPT_FOR,
    )
    db.add(file)
    db.commit()
    return file.id


def _without_example(kind: Kind, table: Table) -> list[TableRow]:
    """The rows without the example of the template, which nobody means to import."""
    example = {column.name: as_read(column.example, column.holds) for column in kind.columns}
    rows = [
        row for row in table.rows if any(text != example[name] for name, text in row.values.items())
    ]
    if not rows:
        raise UploadRefused(
            "The file holds only the example of the template. Put your own rows in its place."
        )
    return rows


def _rows_to_mend(kind: Kind, file: ImportFile) -> tuple[list[str], list[Sequence[Cell]]]:
    wrong = {row.number: row for row in report_of(file) if row.outcome == WRONG}
    headings = [ROW, *(kind.headings[name] for name in file.given), WHAT_IS_WRONG]
    rows: list[Sequence[Cell]] = [
        [number, *(values.get(name, "") for name in file.given), _what_is_wrong(wrong[number])]
        for number, values in file.rows
        if number in wrong
    ]
    return headings, rows


def _what_is_wrong(row: RowReport) -> str:
    return "; ".join(f"{head}: {message}" if head else message for head, message in row.errors)


def _page(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    answer = render(request, f"exchange/{template}", status, **context)
    answer.headers.update(PRIVATE)
    return answer


IMPORTS = (
    import_router(INSTITUTIONS, "/administration/import/institutions", True),
    import_router(USERS, "/administration/import/users", True),
    import_router(SCHEMES, "/administration/import/schemes", True),
    import_router(USERS, "/people/import", False),
    import_router(SCHEMES, "/schemes/import", False),
)
