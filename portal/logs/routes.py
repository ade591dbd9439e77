"""The logs that a person may see: their list, and each with its answers."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from data_access.accounts import Account
from data_access.logs import PAGE_LENGTH, STATUSES, Filters, Log, list_logs
from data_access.reference.log_types import LOG_TYPES
from data_access.reference.periods import year_label
from portal.layout.pages import render
from portal.logs.answers import answers_of
from portal.logs.answers import router as answers
from portal.logs.assigning import router as assigning
from portal.logs.closing import router as closing
from portal.logs.history import router as history
from portal.logs.one_log import PRIVATE, live_findings, log_in_reach, log_type_label
from portal.logs.progress import parts_of
from portal.logs.tabs import tabs_of
from portal.logs.unresolved import unresolved_of
from portal.permissions import may, may_do, scope
from portal.sessions import Database, SignedIn
from submission.assigning import managed_providers
from submission.collection import YEARS, load
from submission.log_life import OPEN
from submission.standing import why_not_submitted
from submission.stored_duplicates import duplicates_of

router = APIRouter()
for _part in (answers, closing, assigning, history):
    router.include_router(_part)


@router.get("/logs")
def logs_page(
    request: Request,
    db: Database,
    account: SignedIn,
    status: str = "",
    collection_year: str = "",
    search: str = "",
    assigned_to: str = "",
    unresolved: str = "",
    page: str = "1",
) -> Response:
    """One page of logs, newest change first; choices that make no sense do not narrow.

    Co-ordinators narrow them to one of their managed providers. Source: guide, log management.
    """
    providers = managed_providers(db, account) if may(account, "log.assign") else []
    filters = Filters(
        status=status if status in STATUSES else "",
        collection_year=int(collection_year)
        if collection_year in {str(number) for number in YEARS}
        else None,
        search=search[:100].replace("\0", ""),
        unresolved=unresolved == "yes",
        assigned_to=next((one.id for one in providers if str(one.id) == assigned_to), None),
    )
    number = int(page) if page.isascii() and page.isdecimal() and 0 < len(page) < 7 else 1
    found, total = list_logs(db, scope(account, "log.view"), filters, max(number, 1))
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
        providers=providers,
        address=f"/logs?{_query(filters)}",
        may_submit=may(account, "log.start"),
    )
    answer.headers.update(PRIVATE)
    return answer


def _query(filters: Filters) -> str:
    """The choices of a list for the address of another of its pages, with a & at the end."""
    chosen = {
        "status": filters.status,
        "collection_year": filters.collection_year or "",
        "search": filters.search,
        "assigned_to": filters.assigned_to or "",
        "unresolved": "yes" if filters.unresolved else "",
    }
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"{query}&" if query else ""


@router.get("/logs/{log_id}")
def log_page(
    request: Request, db: Database, account: SignedIn, log_id: int, assigned: str = ""
) -> Response:
    """An open log's parts and how far they are; any other log's answers."""
    log = log_in_reach(db, account, log_id)
    if log.status not in OPEN or not may_do(db, account, "log.change", log):
        return answers_of(request, db, account, log)
    collection = load(log.collection, log.collection_year)
    checked, _ = live_findings(db, log, request)
    answer = render(
        request,
        "logs/overview.html",
        log=log,
        parts=parts_of(collection, log, checked),
        tabs=tabs_of(db, account, log),
        unresolved=unresolved_of(db, account, log),
        refusal=why_not_submitted(db, log),
        may_assign=may_do(db, account, "log.assign", log),
        given_to=_given_to(db, log) if assigned else "",
        log_type=log_type_label(log),
        year=year_label(log.collection_year),
        duplicates=duplicates_of(db, log, checked.answers, scope(account, "log.view")),
    )
    answer.headers.update(PRIVATE)
    return answer


def _given_to(db: Database, log: Log) -> str:
    taker = db.get(Account, log.assigned_to_id) if log.assigned_to_id is not None else None
    return f"Log {log.id} has been given to {taker.name}" if taker is not None else ""
