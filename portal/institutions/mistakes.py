"""Reports of mistakes in the record: made by its people, answered by administrators."""

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.clock import LONDON, now
from data_access.institutions import Institution
from data_access.mistake_reports import (
    PAGE_LENGTH,
    PARTS,
    AlreadyClosed,
    MistakeReport,
    close_report,
    count_reports,
    report_mistake,
    reports,
)
from portal.forms import Posted
from portal.history import in_words
from portal.institutions.frame import Subject, address_of, private, record_page, subject
from portal.layout.pages import render
from portal.mail import write_mail
from portal.permissions import find, may, require, scope
from portal.plain_text import tidy_lines
from portal.sessions import Database, SignedIn

router = APIRouter()
QUEUE = "/administration/mistakes"
LONGEST = 2_000
# Where each part of the record can be put right, as the end of the record's address.
MEND = {
    "details": "",
    "areas": "/areas",
    "periods": "/rent-periods",
    "relations": "/relations",
    "names": "/names",
    "other": "",
}


def _age(at: datetime) -> str:
    days = (now().astimezone(LONDON).date() - at.astimezone(LONDON).date()).days
    if days <= 0:
        return "today"
    return "1 day" if days == 1 else f"{days:,} days"


def _shown(
    db: Session, report: MistakeReport, institution: Institution, reporter: Account
) -> dict[str, object]:
    closer = db.get(Account, report.closed_by_id) if report.closed_by_id else None
    return {
        "report": report,
        "institution": institution,
        "reporter": reporter.name,
        "reporter_id": reporter.id,
        "part": report.part_in_words,
        "made": in_words(report.created_at),
        "age": _age(report.created_at),
        "closed": in_words(report.closed_at) if report.closed_at else "",
        "closed_by": closer.name if closer else "an administrator",
        "address": f"{QUEUE}/{report.id}",
    }


@router.get("/institutions/{identifier:int}/mistakes")
def reports_page(
    request: Request,
    db: Database,
    person: SignedIn,
    identifier: int,
    page: int = 1,
    done: str = "",
) -> Response:
    """The reports of one institution that this person may see, with the answers."""
    require(person, "mistake.view")
    answers = may(person, "mistake.close")
    action = "institution.view" if answers else "institution.report_mistake"
    found = subject(request, db, person, identifier, action)
    reach, number = scope(person, "mistake.view"), found.institution.id
    total = sum(count_reports(db, reach, closed, number) for closed in (False, True))
    last = max(1, -(-total // PAGE_LENGTH))
    page = min(max(page, 1), last)
    rows = reports(db, reach, institution_id=number, page=page)
    return record_page(
        request,
        db,
        found,
        "institutions/mistakes.html",
        "/mistakes",
        done=done,
        rows=[_shown(db, *row) for row in rows],
        page=page,
        last=last,
    )


@router.get("/institutions/{identifier:int}/mistakes/new")
def report_form(
    request: Request, db: Database, person: SignedIn, identifier: int, part: str = ""
) -> Response:
    """The form to report a mistake in one part of the record."""
    found = subject(request, db, person, identifier, "institution.report_mistake")
    return _report_form(request, found, part if part in PARTS else "", "", {})


@router.post("/institutions/{identifier:int}/mistakes/new")
def report_page(
    request: Request, db: Database, person: SignedIn, identifier: int, posted: Posted
) -> Response:
    """Sends the report, or says what is missing."""
    found = subject(request, db, person, identifier, "institution.report_mistake")
    part = posted.get("part", "")
    text, wrong = _read_words(posted.get("text", ""), "what is wrong")
    errors = {} if part in PARTS else {"part": "Choose which part of the record is wrong"}
    if wrong:
        errors["text"] = wrong
    if errors:
        return _report_form(request, found, part, posted.get("text", ""), errors, 422)
    report_mistake(db, person.id, found.institution, part, text)
    db.commit()
    return RedirectResponse(f"{found.address}/mistakes?done=reported", 303)


def _read_words(text: str, phrase: str) -> tuple[str, str]:
    found = tidy_lines(text)
    if not found:
        return "", f"Say {phrase}"
    if len(found) > LONGEST:
        return "", f"Use {LONGEST:,} characters or fewer; there are {len(found):,}"
    return found, ""


def _report_form(
    request: Request,
    found: Subject,
    part: str,
    text: str,
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    return private(
        render(
            request,
            "institutions/mistake_new.html",
            status,
            subject=found,
            institution=found.institution,
            back=found.address + MEND.get(part, ""),
            parts=PARTS,
            part=part,
            text=text,
            longest=LONGEST,
            errors=errors,
            error=bool(errors),
        )
    )


@router.get(QUEUE)
def queue_page(
    request: Request,
    db: Database,
    person: SignedIn,
    show: str = "",
    page: int = 1,
    done: str = "",
) -> Response:
    """Reports that wait, the oldest first, or those that are closed."""
    require(person, "mistake.close")
    closed = show == "closed"
    reach = scope(person, "mistake.view")
    counts = {state: count_reports(db, reach, state) for state in (False, True)}
    last = max(1, -(-counts[closed] // PAGE_LENGTH))
    page = min(max(page, 1), last)
    rows = reports(db, reach, closed, page=page)
    return private(
        render(
            request,
            "institutions/mistake_queue.html",
            rows=[_shown(db, *row) for row in rows],
            closed=closed,
            waiting=counts[False],
            answered=counts[True],
            page=page,
            last=last,
            here=QUEUE,
            done="The report is answered and closed. We have written to whoever made it."
            if done == "closed"
            else "",
        )
    )


@router.get(f"{QUEUE}/{{identifier:int}}")
def one_report_page(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """One report, to answer, or with its answer."""
    require(person, "mistake.close")
    return _answer_form(request, db, find(db, person, "mistake.close", identifier), "", {})


@router.post(f"{QUEUE}/{{identifier:int}}")
def answer_page(
    request: Request, db: Database, person: SignedIn, identifier: int, posted: Posted
) -> Response:
    """Answers and closes a report, and writes to whoever made it."""
    require(person, "mistake.close")
    report: MistakeReport = find(db, person, "mistake.close", identifier)
    typed = posted.get("answer", "")
    answer, wrong = _read_words(typed, "what was done about it")
    if report.closed_at is None and wrong:
        return _answer_form(request, db, report, typed, {"answer": wrong}, 422)
    try:
        if report.closed_at is not None:
            raise AlreadyClosed(report)
        close_report(db, person.id, report, answer)
    except AlreadyClosed as meanwhile:
        return _answer_form(request, db, meanwhile.current, typed, {}, 409)
    reporter = db.get_one(Account, report.account_id)
    settings = request.app.state.settings
    if reporter.active and reporter.deleted_at is None:
        institution = db.get_one(Institution, report.institution_id)
        write_mail(
            db,
            settings,
            reporter,
            "mistake_answered",
            institution=institution.name,
            part=report.part_in_words,
            text=report.text,
            answer=answer,
            link=f"{settings.address}{address_of(institution.id)}/mistakes",
        )
    db.commit()
    request.app.state.postman.ring()
    return RedirectResponse(f"{QUEUE}?done=closed", 303)


def _answer_form(
    request: Request,
    db: Database,
    report: MistakeReport,
    typed: str,
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    institution = db.get_one(Institution, report.institution_id)
    reporter = db.get_one(Account, report.account_id)
    return private(
        render(
            request,
            "institutions/mistake.html",
            status,
            **_shown(db, report, institution, reporter),
            mend=address_of(institution.id) + MEND.get(report.part, ""),
            typed=typed,
            longest=LONGEST,
            errors=errors,
            error=bool(errors),
            meanwhile=status == 409,
        )
    )
