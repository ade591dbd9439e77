"""The logs that a person may see: their list, and each with its answers."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from data_access.accounts import Person
from data_access.logs import PAGE_LENGTH, STATUSES, Filters, Log, list_logs
from data_access.reference.log_types import LOG_TYPES
from data_access.reference.periods import year_label
from portal.layout.pages import render
from portal.logs.address_search import found_in_words, is_unchecked
from portal.logs.entry import PRIVATE, live_findings, log_in_reach, log_type_label
from portal.logs.fields import display
from portal.logs.progress import asked_pages, parts_of
from portal.permissions import may, may_do, scope
from portal.sessions import Database, SignedIn
from submission.collection import YEARS, load
from submission.log_life import OPEN
from submission.rules import HARD
from submission.stored_duplicates import duplicates_of

router = APIRouter()


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
        may_submit=may(account, "log.start"),
    )
    answer.headers.update(PRIVATE)
    return answer


@router.get("/logs/{log_id}")
def log_page(request: Request, db: Database, account: SignedIn, log_id: int) -> Response:
    """An open log's parts and how far they are; any other log's answers."""
    log = log_in_reach(db, account, log_id)
    if log.status not in OPEN or not may_do(db, account, "log.change", log):
        return _answers_page(request, db, account, log)
    collection = load(log.collection, log.collection_year)
    checked, _ = live_findings(db, log, request)
    answer = render(
        request,
        "logs/overview.html",
        log=log,
        parts=parts_of(collection, log, checked),
        log_type=log_type_label(log),
        year=year_label(log.collection_year),
        duplicates=duplicates_of(db, log, checked.answers, scope(account, "log.view")),
    )
    answer.headers.update(PRIVATE)
    return answer


@router.get("/logs/{log_id}/answers")
def answers_page(request: Request, db: Database, account: SignedIn, log_id: int) -> Response:
    """Every answer with what is wrong with it beside it."""
    return _answers_page(request, db, account, log_in_reach(db, account, log_id))


def _answers_page(request: Request, db: Database, account: Person, log: Log) -> Response:
    collection = load(log.collection, log.collection_year)
    checked, live = live_findings(db, log, request)
    findings = live if log.status == "invalid" else log.findings
    if log.status == "saved":
        findings = [finding for finding in live if finding["severity"] == HARD]
    shown: set[str] = set()
    sections = []
    pages = asked_pages(collection, checked)
    for subsection in collection.subsections:
        rows = []
        for page in pages:
            if page.subsection != subsection.slug:
                continue
            for placement in page.placements:
                name = placement.variable
                kept = name in log.answers or name in log.entered
                if name in shown or (name not in checked.asked and not kept):
                    continue
                variable = collection.variables[name]
                value = display(db, collection, name, log.answers.get(name))
                if name == "uprn" and (address := found_in_words(log.answers)):
                    value = f"{value}: {address}"
                here = [f for f in findings if name in f["fields"]]
                if variable.kind == "checkbox" and value != "Yes" and not here:
                    continue
                shown.add(name)
                rows.append((name, variable.label, log.entered.get(name, value), here, page.slug))
        if rows:
            sections.append((subsection.label, rows))
    places = {placement.variable: page.slug for page in pages for placement in page.placements}
    answer = render(
        request,
        "logs/answers.html",
        log=log,
        sections=sections,
        shown=shown,
        places=places,
        hard=[f for f in findings if f["severity"] != "soft"],
        soft=[f for f in findings if f["severity"] == "soft"],
        unchecked_uprn=log.status in OPEN and is_unchecked(log.answers),
        unanswered=sum(f["rule"] == "missing" for f in live),
        may_change=may_do(db, account, "log.change", log),
        is_open=log.status in OPEN,
        duplicates=duplicates_of(db, log, checked.answers, scope(account, "log.view")),
        log_type=log_type_label(log),
        year=year_label(log.collection_year),
    )
    answer.headers.update(PRIVATE)
    return answer
