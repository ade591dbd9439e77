"""Deactivating a scheme or location: its dates, the logs it unsettles, then doing it."""

from datetime import date

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from data_access.accounts import Person
from data_access.logs import Log
from data_access.reference.periods import collection_year_of
from data_access.scheme_changes import NotInThisState
from data_access.scheme_pauses import (
    PauseRefused,
    check_pause,
    first_possible,
    pause,
    pause_in_words,
)
from data_access.scheme_states import SchemeRecord, pauses_of
from data_access.schemes import Location
from data_access.unsettled_logs import logs_in_gap, unsettle
from portal.administration import date_input
from portal.forms import Posted
from portal.permissions import scope
from portal.schemes.answering import (
    day_of,
    find_approved,
    find_location,
    number_of,
    private_page,
)
from portal.schemes.telling import tell_of_unresolved
from portal.schemes.words import letting_day, location_name, what_is_paused
from portal.sessions import Database, SignedIn
from submission.windows import in_words, open_for_changes

router = APIRouter()
COLLECTION = "lettings"
LISTED = 20
CHOSEN = "chosen"
CONFIRM = "Tick the box to confirm that these logs lose their scheme and location"


def open_years(day: date) -> list[int]:
    """Collection years whose lettings can be changed on a day, earliest first."""
    latest = collection_year_of(day) + 1
    return [
        year for year in range(latest - 3, latest + 1) if open_for_changes(COLLECTION, year, day)
    ]


def earliest_start(day: date) -> date:
    """The first day on which a pause may begin: 1 April of the earliest year open for editing."""
    years = open_years(day)
    return date(min(years) if years else collection_year_of(day), 4, 1)


@router.get("/schemes/{scheme_id}/availability/deactivate")
def deactivate_page(
    request: Request, db: Database, person: SignedIn, scheme_id: int, location: str = ""
) -> Response:
    """The form for the dates of a deactivation."""
    found = find_approved(db, person, "scheme.pause", scheme_id)
    place = _location(found, location)
    return _form(request, found, place, {"from": ""}, ["", "", ""], ["", "", ""])


@router.post("/schemes/{scheme_id}/availability/deactivate")
def deactivate_scheme_page(
    request: Request,
    db: Database,
    person: SignedIn,
    scheme_id: int,
    posted: Posted,
    location: str = "",
) -> Response:
    """Shows which logs a deactivation unsettles, then does it; or says what is wrong."""
    found = find_approved(db, person, "scheme.pause", scheme_id)
    place, day = _location(found, location), day_of(request)
    earliest = earliest_start(day)
    starts, ends = date_input.typed(posted, "starts_on"), date_input.typed(posted, "ends_on")
    starts_on, ends_on, errors = _read_dates(found, place, posted, starts, ends, earliest)
    if not errors and starts_on is not None:
        try:
            check_pause(found, place, starts_on, ends_on, earliest)
        except PauseRefused as refused:
            errors[_shown_at(refused, posted)] = str(refused)
    if errors or starts_on is None or posted.get("go") == "edit":
        status = 422 if errors else 200
        return _form(request, found, place, posted, starts, ends, status, errors)
    condition = _gap(found, place, starts_on, ends_on, day)
    count = _count(db, condition)
    if posted.get("go") != "save" or (count and posted.get("confirm") != str(count)):
        return _check(request, db, person, found, place, posted, (starts_on, ends_on))
    try:
        pause(db, person.id, found.scheme, place, starts_on, ends_on, earliest)
    except PauseRefused as refused:
        db.rollback()
        wrong = {_shown_at(refused, posted): str(refused)}
        return _form(request, found, place, posted, starts, ends, 409, wrong)
    except NotInThisState as failure:
        raise HTTPException(404) from failure
    logs = unsettle(db, person.id, found.scheme, condition)
    if len(logs) != count:
        # A log was saved since they were counted: nobody has confirmed that one.
        db.rollback()
        return _check(request, db, person, found, place, posted, (starts_on, ends_on))
    what = what_is_paused(found, place)
    tell_of_unresolved(db, request.app.state.settings, found.scheme, what, logs)
    db.commit()
    request.app.state.postman.ring()
    return RedirectResponse(f"/schemes/{scheme_id}/availability?done=deactivated", 303)


def _shown_at(refused: PauseRefused, posted: dict[str, str]) -> str:
    """The field beside which a refusal stands: the day itself only where one was typed."""
    is_typed = posted.get("from") == CHOSEN or refused.field != "starts_on"
    return refused.field if is_typed else "from"


def _location(found: SchemeRecord, text: str) -> Location | None:
    return find_location(found, number_of(text)) if text else None


def _read_dates(
    found: SchemeRecord,
    place: Location | None,
    posted: dict[str, str],
    starts: list[str],
    ends: list[str],
    earliest: date,
) -> tuple[date | None, date | None, dict[str, str]]:
    errors: dict[str, str] = {}
    starts_on: date | None = first_possible(found, place, earliest)
    if posted.get("from") == CHOSEN:
        starts_on, errors["starts_on"] = date_input.read(starts, "the deactivation date")
    elif posted.get("from") != "default":
        errors["from"] = "Choose from when it is deactivated"
    ends_on, errors["ends_on"] = date_input.read(ends, "the reactivation date", needed=False)
    return starts_on, ends_on, {name: wrong for name, wrong in errors.items() if wrong}


def _gap(
    found: SchemeRecord, place: Location | None, starts_on: date, ends_on: date | None, day: date
) -> ColumnElement[bool]:
    location_id = place.id if place is not None else None
    return logs_in_gap(found.scheme, location_id, starts_on, ends_on, open_years(day))


def _count(db: Session, condition: ColumnElement[bool]) -> int:
    return db.scalar(select(func.count()).select_from(Log).where(condition)) or 0


def _check(
    request: Request,
    db: Session,
    person: Person,
    found: SchemeRecord,
    place: Location | None,
    posted: dict[str, str],
    dates: tuple[date, date | None],
) -> Response:
    """The logs that the deactivation touches, to be confirmed."""
    starts_on, ends_on = dates
    condition = _gap(found, place, starts_on, ends_on, day_of(request))
    by_day = select(Log).where(condition).order_by(Log.event_date, Log.id)
    logs = list(db.scalars(by_day.limit(LISTED)))
    mine = Log.id.in_([log.id for log in logs]), scope(person, "log.view")
    asked = posted.get("go") == "save"
    return private_page(
        request,
        "deactivate_check.html",
        422 if asked else 200,
        scheme=found.scheme,
        what=what_is_paused(found, place),
        starts_on=in_words(starts_on),
        ends_on=in_words(ends_on) if ends_on else "",
        count=_count(db, condition),
        logs=[(log, letting_day(log)) for log in logs],
        seen=set(db.scalars(select(Log.id).where(*mine))),
        kept=_kept(posted),
        errors={"confirm": CONFIRM} if asked else {},
        error=asked,
    )


def _kept(posted: dict[str, str]) -> dict[str, str]:
    """What was typed, for the form that asks to confirm it."""
    names = [f"{name}-{part}" for name in ("starts_on", "ends_on") for part in date_input.PARTS]
    return {name: posted.get(name, "") for name in ("from", *names)}


def _form(
    request: Request,
    found: SchemeRecord,
    place: Location | None,
    posted: dict[str, str],
    starts: list[str],
    ends: list[str],
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response:
    first = first_possible(found, place, earliest_start(day_of(request)))
    return private_page(
        request,
        "deactivate.html",
        status,
        scheme=found.scheme,
        place=place,
        name=f"location {location_name(place)}" if place else "the whole scheme",
        first=in_words(first),
        chosen=posted.get("from", ""),
        starts=starts,
        ends=ends,
        pauses=[pause_in_words(one) for one in pauses_of(found, place.id if place else None)],
        errors=errors or {},
        error=bool(errors),
    )
