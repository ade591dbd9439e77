"""A log's answers, with what is wrong with each beside it."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from data_access.accounts import Person
from data_access.logs import Log
from data_access.reference.periods import year_label
from portal.layout.pages import render
from portal.logs.address_search import found_in_words, is_unchecked
from portal.logs.fields import display
from portal.logs.one_log import PRIVATE, live_findings, log_in_reach, log_type_label
from portal.logs.progress import asked_pages
from portal.logs.tabs import tabs_of
from portal.logs.unresolved import unresolved_of
from portal.permissions import may_do, scope
from portal.sessions import Database, SignedIn
from submission.collection import load
from submission.log_life import OPEN
from submission.rules import HARD
from submission.standing import why_not_submitted
from submission.stored_duplicates import duplicates_of

router = APIRouter()


@router.get("/logs/{log_id}/answers")
def answers_page(request: Request, db: Database, account: SignedIn, log_id: int) -> Response:
    """Every answer with what is wrong with it beside it."""
    return answers_of(request, db, account, log_in_reach(db, account, log_id))


def answers_of(
    request: Request,
    db: Database,
    account: Person,
    log: Log,
    status: int = 200,
) -> Response:
    """The page of a log's answers, each with what is wrong with it."""
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
                value = display(db, collection, name, log.answers.get(name), log.event_date)
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
        status,
        log=log,
        tabs=tabs_of(db, account, log),
        unresolved=unresolved_of(db, account, log),
        refusal=why_not_submitted(db, log) if log.status in OPEN else "",
        refused=status == 422,
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
