"""Putting a merger together: which institutions, into which, when; counted, then decided on."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from data_access.clock import today
from data_access.institutions import PROVIDER_TYPES, AlreadyTaken, Institution
from data_access.mergers import institutions_to_merge, why_not
from data_access.merging import MergerRefused, dry_run
from data_access.merging.founding import NewInstitution, refuse_taken
from data_access.merging.parties import Parties
from data_access.merging.scheduling import schedule_merger
from portal.forms import Posted
from portal.layout.pages import render
from portal.mergers.carrying_out import carry_out
from portal.mergers.draft import MOST_MERGING, Draft, first_day, read_day, read_draft, read_new
from portal.mergers.frame import HERE, private, to_merger
from portal.mergers.words import counts_in_words
from portal.permissions import require
from portal.plain_text import tidy
from portal.sessions import Database, SignedIn
from submission.windows import in_words

router = APIRouter()
CONFIRM = "Tick the box to confirm that you understand that this cannot be undone"


def _given(request: Request) -> dict[str, str]:
    return dict(request.query_params)


Given = Annotated[dict[str, str], Depends(_given)]


@router.get(f"{HERE}/new")
def choose_page(request: Request, db: Database, person: SignedIn, given: Given) -> Response:
    """Step 1: which institutions go into another."""
    require(person, "institution.merge")
    draft = read_draft(given)
    return _choose(request, db, draft, tidy(given.get("search", ""))[:200])


def _choose(
    request: Request,
    db: Database,
    draft: Draft,
    search: str = "",
    errors: dict[str, str] | None = None,
) -> Response:
    chosen = _chosen(db, draft.merging)
    found = institutions_to_merge(db, search) if search else []
    return private(
        render(
            request,
            "mergers/choose.html",
            422 if errors else 200,
            draft=draft,
            chosen=chosen,
            found=[institution for institution in found if institution.id not in draft.merging],
            search=search,
            is_full=len(chosen) >= MOST_MERGING,
            errors=errors or {},
            error=bool(errors),
        )
    )


def _chosen(db: Database, numbers: Iterable[int]) -> list[Institution]:
    return [found for number in numbers if (found := db.get(Institution, number)) is not None]


@router.get(f"{HERE}/new/into")
def into_page(request: Request, db: Database, person: SignedIn, given: Given) -> Response:
    """Step 2: into which institution, one there is or a new one."""
    require(person, "institution.merge")
    draft = read_draft(given)
    wrong = _wrong_choice(db, draft)
    if wrong:
        return _choose(request, db, draft, errors={"search": wrong})
    search = tidy(given.get("search", ""))[:200]
    found = institutions_to_merge(db, search, active=True) if search else []
    return private(
        render(
            request,
            "mergers/into.html",
            draft=draft,
            chosen=_chosen(db, draft.merging),
            found=[institution for institution in found if institution.id not in draft.merging],
            search=search,
        )
    )


def _wrong_choice(db: Database, draft: Draft) -> str:
    """Why step 1 is not done, in one sentence."""
    if not draft.merging:
        return "Choose at least one institution that goes into another"
    if len(draft.merging) > MOST_MERGING:
        return f"Choose at most {MOST_MERGING} institutions for one merger"
    return " ".join(why_not(db, draft.merging, None))


@router.get(f"{HERE}/new/institution")
def new_institution_page(
    request: Request, db: Database, person: SignedIn, given: Given
) -> Response:
    """Step 2, for a new institution: its name, type and registration number."""
    require(person, "institution.merge")
    return _new_institution(request, db, read_draft(given))


def _new_institution(
    request: Request, db: Database, draft: Draft, errors: dict[str, str] | None = None
) -> Response:
    return private(
        render(
            request,
            "mergers/institution.html",
            422 if errors else 200,
            draft=draft,
            kept=draft.fields(is_new=True, into=0, new=("", "", "")),
            typed=draft.new_fields,
            types=PROVIDER_TYPES,
            chosen=_chosen(db, draft.merging),
            errors=errors or {},
            error=bool(errors),
        )
    )


@router.get(f"{HERE}/new/date")
def date_page(request: Request, db: Database, person: SignedIn, given: Given) -> Response:
    """Step 3: on which day."""
    require(person, "institution.merge")
    draft = read_draft(given)
    new, errors = _new_of(db, draft, today(request.app.state.settings))
    if errors:
        return _new_institution(request, db, draft, errors)
    return _date(request, db, draft, new)


def _new_of(db: Database, draft: Draft, day: date) -> tuple[NewInstitution | None, dict[str, str]]:
    """The institution to be made, when one is, or what is wrong with it."""
    if not draft.is_new:
        return None, {}
    new, errors = read_new(draft)
    if new is not None:
        try:
            refuse_taken(db, new, day)
        except AlreadyTaken as taken:
            return None, {taken.field: str(taken)}
    return new, errors


def _date(
    request: Request,
    db: Database,
    draft: Draft,
    new: NewInstitution | None,
    wrong: str = "",
) -> Response:
    day = today(request.app.state.settings)
    into = db.get(Institution, draft.into) if draft.into else None
    if into is None and new is None:
        return RedirectResponse(f"{HERE}/new/into?{draft.query(into=0)}", 303)
    return private(
        render(
            request,
            "mergers/date.html",
            422 if wrong else 200,
            draft=draft,
            kept=draft.fields(day=("", "", "")),
            parts=draft.day,
            absorbing=into.name if into else draft.new[0],
            chosen=_chosen(db, draft.merging),
            first=in_words(first_day(day)),
            today=day,
            today_words=in_words(day),
            errors={"day-day": wrong} if wrong else {},
            error=bool(wrong),
        )
    )


@router.get(f"{HERE}/new/check")
def check_page(request: Request, db: Database, person: SignedIn, given: Given) -> Response:
    """Step 4: what would move and what stands in the way; nothing is changed."""
    require(person, "institution.merge")
    return _check(request, db, read_draft(given))


def _check(
    request: Request,
    db: Database,
    draft: Draft,
    errors: dict[str, str] | None = None,
    reasons: list[str] | None = None,
) -> Response:
    settings = request.app.state.settings
    wrong = _wrong_choice(db, draft)
    if not draft.merging:
        return _choose(request, db, draft, errors={"search": wrong})
    new, new_errors = _new_of(db, draft, today(settings))
    if new_errors:
        return _new_institution(request, db, draft, new_errors)
    into = db.get(Institution, draft.into) if draft.into else None
    day, wrong = read_day(draft, today(settings))
    if day is None or (into is None and new is None):
        return _date(request, db, draft, new, wrong)
    reasons = reasons or why_not(db, draft.merging, into)
    exists_from = into.available_from if into else day
    parties = Parties(draft.merging, into.id if into else 0, day, exists_from)
    return private(
        render(
            request,
            "mergers/check.html",
            422 if errors else 200,
            draft=draft,
            kept=draft.fields(),
            chosen=_chosen(db, draft.merging),
            absorbing=into.name if into else draft.new[0],
            is_new=into is None,
            is_signed=into is not None and into.data_sharing_signed,
            day=in_words(day),
            is_now=day <= today(settings),
            counts=counts_in_words(dry_run(db, parties)),
            reasons=reasons,
            errors=errors or {},
            error=bool(errors),
        )
    )


@router.post(HERE)
def decide(request: Request, db: Database, person: SignedIn, posted: Posted) -> Response:
    """Schedules the merger, and does it at once when its day has come."""
    require(person, "institution.merge")
    settings = request.app.state.settings
    draft = read_draft(posted)
    new, errors = _new_of(db, draft, today(request.app.state.settings))
    day, wrong = read_day(draft, today(settings))
    absorbing = new or draft.into
    if errors or wrong or day is None or not absorbing or not draft.merging:
        return _check(request, db, draft)
    if posted.get("confirm") != "yes":
        return _check(request, db, draft, errors={"confirm": CONFIRM})
    try:
        merger = schedule_merger(db, person, draft.merging, absorbing, day, today(settings))
    except MergerRefused as refused:
        return _check(request, db, draft, reasons=refused.reasons)
    except AlreadyTaken as taken:
        return _new_institution(request, db, draft, {taken.field: str(taken)})
    done = "scheduled"
    if merger.merges_on <= today(settings):
        done = "done" if carry_out(db, settings, merger) else ""
        request.app.state.postman.ring()
    return to_merger(merger, done)
