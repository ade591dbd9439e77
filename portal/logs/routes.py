"""The list of logs that a person may see."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from data_access.logs import PAGE_LENGTH, STATUSES, Filters, get_log, list_logs
from data_access.reference.log_types import LOG_TYPES
from data_access.reference.periods import year_label
from portal.layout.pages import render
from portal.permissions import scope_of_logs
from portal.sessions import Database, SignedIn
from submission.collection import YEARS, load

router = APIRouter()
PRIVATE = {"Cache-Control": "private, no-store"}


@router.get("/logs")
def logs_page(
    request: Request,
    db: Database,
    account: SignedIn,
    status: str = "",
    collection_year: str = "",
    search: str = "",
    page: str = "1",
) -> Response:
    """One page of logs, newest change first; choices that make no sense do not narrow."""
    filters = Filters(
        status=status if status in STATUSES else "",
        collection_year=int(collection_year)
        if collection_year in {str(number) for number in YEARS}
        else None,
        search=search[:100].replace("\0", ""),
    )
    number = int(page) if page.isascii() and page.isdecimal() and 0 < len(page) < 7 else 1
    found, total = list_logs(db, scope_of_logs(account), filters, max(number, 1))
    answer = render(
        request,
        "logs/list.html",
        logs=found,
        total=total,
        page=max(number, 1),
        pages=max(1, -(-total // PAGE_LENGTH)),
        filters=filters,
        statuses=STATUSES,
        years=[(number, year_label(number)) for number in reversed(YEARS)],
        log_types=LOG_TYPES,
    )
    answer.headers.update(PRIVATE)
    return answer


@router.get("/logs/{log_id}")
def log_page(request: Request, db: Database, account: SignedIn, log_id: int) -> Response:
    """A log's answers, and what its last submission found; another's log is not found."""
    log = get_log(db, log_id, scope_of_logs(account)) if log_id < 2**31 else None
    if log is None:
        raise HTTPException(404)
    collection = load(log.collection, log.collection_year)
    problems = {field: f["message"] for f in log.findings for field in f["fields"]}
    rows = []
    for variable in sorted(collection.variables.values(), key=lambda v: v.order or 10_000):
        if variable.id not in log.answers and variable.id not in problems:
            continue
        value = log.entered.get(variable.id, log.answers.get(variable.id, ""))
        labels = {code.code: code.label for code in collection.codes(variable.id)}
        rows.append((variable.label, labels.get(str(value), value), problems.get(variable.id, "")))
    answer = render(request, "logs/log.html", log=log, rows=rows, log_types=LOG_TYPES)
    answer.headers.update(PRIVATE)
    return answer
