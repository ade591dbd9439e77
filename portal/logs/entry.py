"""Starting logs and filling in the pages of their forms."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from data_access.accounts import Person
from data_access.clock import today
from data_access.logs import Log
from data_access.reference.periods import year_label
from portal.forms import Posted
from portal.layout.pages import render
from portal.logs.address_search import (
    SEARCH_PAGE,
    Step,
    found_in_words,
    is_search_page,
    offers_search,
    shown,
    step_of,
)
from portal.logs.fields import fields_of_page, is_asked_for, page_title, shown_for
from portal.logs.one_log import COLLECTION_LABELS, PRIVATE, log_to_change
from portal.logs.progress import findings_of_page, page_after
from portal.permissions import LOOK_ONLY, may
from portal.sessions import Database, SignedIn
from submission.addresses.service import MOST_MATCHES
from submission.collection import COLLECTIONS, Collection, Page, load
from submission.log_life import (
    OPEN,
    NotAllowed,
    PageConflict,
    check_saved_page,
    save_page,
    start_log,
)
from submission.windows import years_open_for_new_logs

router = APIRouter()


def _years(request: Request) -> dict[str, list[tuple[int, str]]]:
    day = today(request.app.state.settings)
    return {
        name: [(year, year_label(year)) for year in years_open_for_new_logs(name, day)]
        for name in COLLECTIONS
    }


def _new_page(request: Request, status: int = 200, error: str = "") -> Response:
    choices = [
        (f"{name}-{year}", f"{COLLECTION_LABELS[name]}, {label}")
        for name, years in _years(request).items()
        for year, label in years
    ]
    return render(request, "logs/new.html", status, choices=choices, error=error)


@router.get("/logs/new")
def new_log_page(request: Request, account: SignedIn) -> Response:
    """Asks whether a letting or a sale is to be recorded."""
    if not may(account, "log.start"):
        raise HTTPException(403, LOOK_ONLY)
    return _new_page(request)


@router.post("/logs")
def new_log(request: Request, db: Database, account: SignedIn, posted: Posted) -> Response:
    """Starts a log and goes to its first page."""
    if not may(account, "log.start"):
        raise HTTPException(403, LOOK_ONLY)
    name, _, year = posted.get("kind", "").partition("-")
    if name not in COLLECTIONS or not (year.isascii() and year.isdecimal() and len(year) == 4):
        return _new_page(request, 422, "Choose what you are recording")
    try:
        log = start_log(db, account, name, int(year), today(request.app.state.settings))
    except NotAllowed as refused:
        return _new_page(request, 422, str(refused))
    return RedirectResponse(f"/logs/{log.id}", 303)


def _page(collection: Collection, slug: str) -> Page:
    for page in collection.pages:
        if page.slug == slug and is_asked_for(page):
            return page
    raise HTTPException(404)


def _show(
    request: Request,
    db: Database,
    account: Person,
    log: Log,
    page: Page,
    status: int = 200,
    given: dict[str, str] | None = None,
    findings: list[dict[str, Any]] | None = None,
    step: Step | None = None,
    **context: Any,
) -> Response:
    collection = load(log.collection, log.collection_year)
    names = [placement.variable for placement in page.placements]
    errors: dict[str, list[str]] = {}
    if step is not None:
        errors = {name: [message] for name, message in step.errors.items()}
    for finding in findings or []:
        if finding["severity"] != "soft":
            first = next(name for name in names if name in finding["fields"])
            errors.setdefault(first, []).append(finding["message"])
    day = today(request.app.state.settings)
    fields = fields_of_page(db, account, log, collection, page, given or {}, errors, day)
    if is_search_page(page):
        context["search"] = shown(log, given or {}, request.query_params.get("step", ""))
        context["most"] = MOST_MATCHES
    elif "uprn_confirmed" in names:
        context["found_address"] = found_in_words(log.answers)
    answer = render(
        request,
        "logs/address_search.html" if is_search_page(page) else "logs/page.html",
        status,
        log=log,
        page=page,
        title=page_title(collection, page),
        fields=fields,
        part=next(s.label for s in collection.subsections if s.slug == page.subsection),
        errors=[(name, message) for name in errors for message in errors[name]],
        warnings=[f for f in findings or [] if f["severity"] == "soft"],
        error=bool(errors),
        labels={name: v.label for name, v in collection.variables.items()}
        | {field.name: field.label for field in fields},
        may_search=offers_search(collection, page),
        may_type=page.slug == SEARCH_PAGE,
        **context,
    )
    answer.headers.update(PRIVATE)
    return answer


def _closed(log: Log) -> RedirectResponse | None:
    return None if log.status in OPEN else RedirectResponse(f"/logs/{log.id}", 303)


@router.get("/logs/{log_id}/pages/{slug}")
def page_of_log(
    request: Request, db: Database, account: SignedIn, log_id: int, slug: str
) -> Response:
    """One page of the form, with what has been given so far."""
    log = log_to_change(db, account, log_id)
    page = _page(load(log.collection, log.collection_year), slug)
    return _closed(log) or _show(request, db, account, log, page)


def _values(page: Page, collection: Collection, posted: dict[str, str]) -> dict[str, str]:
    """What the page's fields hold, by variable; ticks of one page go together."""
    values: dict[str, str] = {}
    boxes = []
    for placement in page.placements:
        name = placement.variable
        kind = collection.variables[name].kind
        if kind == "checkbox":
            boxes.append(name)
        elif kind == "date":
            parts = [posted.get(f"{name}-{part}", "").strip() for part in ("day", "month", "year")]
            values[name] = " ".join(parts) if any(parts) else ""
        else:
            values[name] = posted.get(name, "")
    for placement in page.placements:
        # What was typed under an answer that is no longer chosen does not stay behind it.
        condition = shown_for(placement, set(values))
        if condition and values[condition[0]] and values[condition[0]] not in condition[1]:
            values[placement.variable] = ""
    ticked = any(posted.get(name) for name in boxes)
    for name in boxes:
        values[name] = ("1" if posted.get(name) else "0") if ticked else ""
    return values


@router.post("/logs/{log_id}/pages/{slug}")
def save_page_of_log(
    request: Request, db: Database, account: SignedIn, log_id: int, slug: str, posted: Posted
) -> Response:
    """Saves the page and goes on; what is wrong with its answers is shown first, once saved."""
    log = log_to_change(db, account, log_id)
    day = today(request.app.state.settings)
    page = _page(load(log.collection, log.collection_year), slug)
    closed = _closed(log)
    if closed is not None:
        return closed
    collection = load(log.collection, log.collection_year)
    values = _values(page, collection, posted)
    step = step_of(collection, log, page, posted)
    if step is not None:
        values = {**(values if page.slug != SEARCH_PAGE else {}), **step.values}
    given = values if step is None else posted
    version = posted.get("version", "")
    number = int(version) if version.isascii() and version.isdecimal() and len(version) < 9 else 0
    try:
        log = save_page(db, account, log, values, number, day)
    except PageConflict as conflict:
        db.rollback()
        log = log_to_change(db, account, log_id)
        differences = conflict.differences
        return _show(request, db, account, log, page, 409, given=given, differences=differences)
    except NotAllowed as refused:
        db.rollback()
        log = log_to_change(db, account, log_id)
        return _show(request, db, account, log, page, 422, given=given, refusal=str(refused))
    if step is not None and step.is_move:
        return RedirectResponse(f"/logs/{log.id}/pages/{step.then}", 303)
    collection = load(log.collection, log.collection_year)
    names = [placement.variable for placement in page.placements]
    checked = check_saved_page(db, log, names, day)
    following = page_after(collection, log, checked, page)
    if step is not None and step.errors:
        return _show(
            request, db, account, log, page, 422, given=given, step=step, following=following
        )
    findings = findings_of_page(page, checked.findings)
    asked = {
        finding["rule"]
        for finding in findings
        if finding["severity"] == "soft" and not finding.get("confirmed")
    }
    has_hard = any(finding["severity"] != "soft" for finding in findings)
    if has_hard or (asked and not asked <= set(posted.get("seen", "").split())):
        return _show(
            request,
            db,
            account,
            log,
            page,
            422,
            findings=findings,
            following=following,
        )
    if step is not None and step.then:
        return RedirectResponse(f"/logs/{log.id}/pages/{step.then}", 303)
    if posted.get("go") == "overview" or following is None:
        return RedirectResponse(f"/logs/{log.id}", 303)
    return RedirectResponse(f"/logs/{log.id}/pages/{following.slug}", 303)
