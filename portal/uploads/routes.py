"""Uploading a file of logs, and what came of each of its rows."""

import re
from datetime import date
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile

from data_access.accounts import Person
from data_access.clock import today
from data_access.reference.periods import year_label
from data_access.uploads import Upload, file_of, has_file, uploads_of
from portal.layout.pages import render
from portal.permissions import find, require, scope
from portal.sessions import Database, SignedIn
from submission.collection import COLLECTIONS
from submission.uploads.demo_file import NoDemonstration, write_demonstration_file
from submission.uploads.reading import LARGEST, UploadRefused
from submission.uploads.receiving import AlreadyUploaded, receive_upload
from submission.uploads.report import SEVERITIES, VERDICTS, causes_in, report_csv, rows_of
from submission.uploads.returned import returned_workbook
from submission.uploads.template import blank_template, blank_workbook
from submission.windows import years_open_for_new_logs

router = APIRouter()
PRIVATE = {"Cache-Control": "private, no-store"}
ROWS_A_PAGE = 50
# Causes named above the rows; the others are a click away.
MAIN_CAUSES = 5
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TEMPLATE = re.compile(rf"({'|'.join(COLLECTIONS)})-(\d{{4}})\.(csv|xlsx)")


def _list(
    request: Request, db: Database, account: Person, status: int = 200, error: str = ""
) -> Response:
    answer = render(
        request,
        "uploads/list.html",
        status,
        uploads=uploads_of(db, scope(account, "upload.view")),
        error=error,
        templates=[
            (name, year, f"{name.capitalize()} {year_label(year)}")
            for name in COLLECTIONS
            for year in years_open_for_new_logs(name, today(request.app.state.settings))
        ],
    )
    answer.headers.update(PRIVATE)
    return answer


@router.get("/uploads")
def uploads_page(request: Request, db: Database, account: SignedIn) -> Response:
    """The form for a file, and the files that this person sent before."""
    require(account, "upload.send")
    return _list(request, db, account)


@router.post("/uploads")
async def upload_file(request: Request, db: Database, account: SignedIn) -> Response:
    """Takes in a file whole, or says what is wrong with it and takes in nothing."""
    require(account, "upload.send")
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > LARGEST + 10_000:
        raise HTTPException(
            413, f"The file is larger than {LARGEST // 1024**2} MB. Split it into smaller files."
        )
    form = await request.form(max_files=1, max_fields=5)
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return await run_in_threadpool(_list, request, db, account, 422, "Choose a file first")
    data = await file.read()
    day = today(request.app.state.settings)
    try:
        number = await run_in_threadpool(_receive, db, account, data, file.filename, day)
    except AlreadyUploaded as again:
        return await run_in_threadpool(_list, request, db, account, 422, str(again))
    return RedirectResponse(f"/uploads/{number}", 303)


def _receive(db: Database, account: Person, data: bytes, file_name: str, day: date) -> int:
    return receive_upload(db, account, data, file_name, day).id


@router.get("/uploads/templates/{file_name}")
def template(request: Request, account: SignedIn, file_name: str) -> Response:
    """The blank file of a collection and year that is open, such as lettings-2026.xlsx."""
    asked = _TEMPLATE.fullmatch(file_name)
    day = today(request.app.state.settings)
    if asked is None or int(asked[2]) not in years_open_for_new_logs(asked[1], day):
        raise HTTPException(404, "There is no template of this name for a year that is open.")
    return _blank(asked[1], int(asked[2]), asked[3])


@router.get("/uploads/template.csv")
def newest_template(request: Request, account: SignedIn) -> Response:
    """The blank file of the newest open year of lettings."""
    years = years_open_for_new_logs("lettings", today(request.app.state.settings))
    if not years:
        raise HTTPException(404, "No collection year of lettings is open.")
    return _blank("lettings", years[0], "csv")


def _blank(name: str, year: int, kind: str) -> Response:
    data = blank_workbook(name, year) if kind == "xlsx" else blank_template(name, year)
    slug = f"{name}-{year_label(year).replace('/', '-')}-template.{kind}"
    return _file(data, slug, XLSX if kind == "xlsx" else CSV)


@router.get("/uploads/demonstration.csv")
def demonstration_file(request: Request, db: Database, account: SignedIn) -> Response:
    """A made-up file of 500 lettings to try uploading with; in a demonstration only."""
    if not request.app.state.settings.demonstration:
        raise HTTPException(404)
    try:
        data = write_demonstration_file(db, day=today(request.app.state.settings))
    except NoDemonstration as lacking:
        raise HTTPException(404, str(lacking)) from lacking
    return _file(data, "lettings-2026-27-demonstration.csv")


def _file(data: bytes, name: str, media_type: str = CSV) -> Response:
    # The second form carries letters beyond ASCII; the first is for what does not know it.
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name)
    names = f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    headers = {"Content-Disposition": f"attachment; {names}", **PRIVATE}
    return Response(data, media_type=media_type, headers=headers)


def _seen(db: Database, account: Person, upload_id: int) -> Upload:
    found: Upload = find(db, account, "upload.view", upload_id)
    return found


@router.get("/uploads/{upload_id}")
def upload_page(
    request: Request,
    db: Database,
    account: SignedIn,
    upload_id: int,
    show: str = "errors",
    page: str = "1",
) -> Response:
    """What came of a file: each row's log, and its errors by field number and question."""
    upload = _seen(db, account, upload_id)
    rows = rows_of(upload)
    refused = sum(row.verdict == "refused" for row in rows)
    show = show if show in ("all", "causes") else "errors"
    causes = causes_in(rows)
    chosen = rows if show == "all" else [row for row in rows if row.errors]
    pages = max(1, -(-len(chosen) // ROWS_A_PAGE))
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else 1
    number = min(max(number, 1), pages)
    answer = render(
        request,
        "uploads/upload.html",
        upload=upload,
        rows=chosen[(number - 1) * ROWS_A_PAGE : number * ROWS_A_PAGE],
        refused=refused,
        with_errors=sum(bool(row.errors) for row in rows),
        total=len(chosen),
        page=number,
        pages=pages,
        show=show,
        causes=causes if show == "causes" else causes[:MAIN_CAUSES],
        all_causes=len(causes),
        file_kept=has_file(db, upload.id),
        verdicts=VERDICTS,
        severities=SEVERITIES,
    )
    answer.headers.update(PRIVATE)
    return answer


@router.get("/uploads/{upload_id}/report.csv")
def upload_report(db: Database, account: SignedIn, upload_id: int) -> Response:
    """Every error of a file, to work through in a spreadsheet."""
    upload = _seen(db, account, upload_id)
    return _file(report_csv(upload), f"upload-{upload.id}-report.csv")


@router.get("/uploads/{upload_id}/original")
def upload_original(db: Database, account: SignedIn, upload_id: int) -> Response:
    """The file as it was sent."""
    upload = _seen(db, account, upload_id)
    # Never shown within the portal's own pages, whatever it holds.
    return _file(_sent(db, upload), upload.file_name, "application/octet-stream")


@router.get("/uploads/{upload_id}/returned.xlsx")
def upload_returned(db: Database, account: SignedIn, upload_id: int) -> Response:
    """The file as it was sent, as a workbook with its faulty cells marked."""
    upload = _seen(db, account, upload_id)
    data = _sent(db, upload)
    try:
        made = returned_workbook(data, upload.file_name, rows_of(upload))
    except UploadRefused as refused:
        raise HTTPException(409, str(refused)) from refused
    return _file(made, f"upload-{upload.id}-returned.xlsx", XLSX)


def _sent(db: Database, upload: Upload) -> bytes:
    data = file_of(db, upload.id)
    if data is None:
        raise HTTPException(404, "The file of this upload was not kept.")
    return data
