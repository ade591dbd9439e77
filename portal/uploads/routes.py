"""Uploading a file of logs, and what came of each of its rows."""

from datetime import date

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile

from data_access.accounts import Account
from data_access.clock import today
from data_access.uploads import Upload, upload_of, uploads_of
from portal.layout.pages import render
from portal.sessions import Database, SignedIn
from submission.reach import may_submit
from submission.uploads.demo_file import NoDemonstration, write_demonstration_file
from submission.uploads.reading import LARGEST
from submission.uploads.receiving import AlreadyUploaded, receive_upload
from submission.uploads.report import SEVERITIES, VERDICTS, report_csv, rows_of
from submission.uploads.template import blank_template

router = APIRouter()
PRIVATE = {"Cache-Control": "private, no-store"}
ROWS_A_PAGE = 50
TEMPLATE_YEAR = 2026


def _may_upload(account: Account) -> None:
    if not may_submit(account):
        raise HTTPException(403, "Your account may not upload logs.")


def _list(
    request: Request, db: Database, account: Account, status: int = 200, error: str = ""
) -> Response:
    answer = render(
        request, "uploads/list.html", status, uploads=uploads_of(db, account.id), error=error
    )
    answer.headers.update(PRIVATE)
    return answer


@router.get("/uploads")
def uploads_page(request: Request, db: Database, account: SignedIn) -> Response:
    """The form for a file, and the files that this person sent before."""
    _may_upload(account)
    return _list(request, db, account)


@router.post("/uploads")
async def upload_file(request: Request, db: Database, account: SignedIn) -> Response:
    """Takes in a file whole, or says what is wrong with it and takes in nothing."""
    _may_upload(account)
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


def _receive(db: Database, account: Account, data: bytes, file_name: str, day: date) -> int:
    return receive_upload(db, account, data, file_name, day).id


@router.get("/uploads/template.csv")
def template(account: SignedIn) -> Response:
    """The blank file of this year's layout."""
    return _file(blank_template("lettings", TEMPLATE_YEAR), "lettings-2026-27-template.csv")


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


def _file(data: bytes, name: str) -> Response:
    return Response(
        data,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', **PRIVATE},
    )


def _own(db: Database, account: Account, upload_id: int) -> Upload:
    found = upload_of(db, upload_id, account.id) if upload_id < 2**31 else None
    if found is None:
        raise HTTPException(404)
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
    upload = _own(db, account, upload_id)
    rows = rows_of(upload)
    refused = sum(row.verdict == "refused" for row in rows)
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
        show="all" if show == "all" else "errors",
        verdicts=VERDICTS,
        severities=SEVERITIES,
    )
    answer.headers.update(PRIVATE)
    return answer


@router.get("/uploads/{upload_id}/report.csv")
def upload_report(db: Database, account: SignedIn, upload_id: int) -> Response:
    """Every error of a file, to work through in a spreadsheet."""
    upload = _own(db, account, upload_id)
    return _file(report_csv(upload), f"upload-{upload.id}-report.csv")
