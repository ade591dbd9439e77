"""Deactivating schemes and locations for a time, and reactivating them.

Everything here happens in the caller's transaction. Source: the present-day service: a pause begins
not before the earliest year open for editing, not before the thing is available, and not inside
another pause.
"""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.audit import record
from data_access.scheme_changes import NotInThisState, lock
from data_access.scheme_states import SchemeRecord, pauses_of, records_of
from data_access.schemes import APPROVED, Location, Scheme, SchemePause


class PauseRefused(Exception):
    """The dates do not do. `field` is `starts_on` or `ends_on`, the message says why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class PauseGone(Exception):
    """The pause was ended, cancelled or changed by somebody else meanwhile."""


def in_words(day: date) -> str:
    """A day as 11 July 2026."""
    return f"{day.day} {day:%B %Y}"


def pause_in_words(pause: SchemePause) -> str:
    """The time of a pause: first day, and day of reactivation if there is one."""
    start = f"from {in_words(pause.starts_on)}"
    return f"{start} to {in_words(pause.ends_on)}" if pause.ends_on else f"{start} without an end"


def available_from(found: SchemeRecord, location: Location | None) -> date | None:
    """The first day on which a location, or any location of a scheme, can be let; None: ever."""
    if location is not None:
        return location.available_from
    days = [place.available_from for place in found.locations]
    known = [day for day in days if day is not None]
    return min(known) if known and len(known) == len(days) else None


def first_possible(found: SchemeRecord, location: Location | None, earliest: date) -> date:
    """The first day on which a pause may begin. `earliest`: of the years open for editing."""
    return max(earliest, available_from(found, location) or earliest)


def check_pause(
    found: SchemeRecord,
    location: Location | None,
    starts_on: date,
    ends_on: date | None,
    earliest: date,
) -> None:
    """Raises PauseRefused when a pause of these days may not be made."""
    available = available_from(found, location)
    if starts_on < earliest:
        raise PauseRefused(
            "starts_on",
            f"The deactivation date must be {in_words(earliest)} or later: logs of earlier days "
            "can no longer be changed",
        )
    if available is not None and starts_on < available:
        thing = "location" if location is not None else "scheme"
        raise PauseRefused(
            "starts_on",
            f"The deactivation date must be {in_words(available)} or later: the {thing} is "
            "available from that day",
        )
    if ends_on is not None and ends_on <= starts_on:
        raise PauseRefused("ends_on", "The reactivation date must be after the deactivation date")
    for other in pauses_of(found, location.id if location else None):
        begins_before_its_end = other.ends_on is None or starts_on < other.ends_on
        if begins_before_its_end and (ends_on is None or other.starts_on < ends_on):
            raise PauseRefused(
                "starts_on",
                f"This overlaps the deactivation {pause_in_words(other)}. Choose other dates, or "
                "reactivate or cancel that one first",
            )


def pause(
    db: Session,
    account_id: int | None,
    scheme: Scheme,
    location: Location | None,
    starts_on: date,
    ends_on: date | None,
    earliest: date,
) -> SchemePause:
    """Deactivates an approved scheme, or a location of it.

    Two who do so at once do it one after the other, so that no pauses overlap. Raises PauseRefused,
    and NotInThisState for a scheme that is not approved.
    """
    found = _current(db, scheme)
    check_pause(found, location, starts_on, ends_on, earliest)
    made = SchemePause(
        scheme_id=scheme.id,
        location_id=location.id if location else None,
        starts_on=starts_on,
        ends_on=ends_on,
        created_by_id=account_id,
    )
    db.add(made)
    db.flush()
    changes = {"deactivated_from": [None, starts_on], "reactivated_from": [None, ends_on]}
    _tell(db, account_id, "deactivated", made, {n: v for n, v in changes.items() if v[1]})
    return made


def reactivate(
    db: Session, account_id: int | None, scheme: Scheme, pause_id: int, on: date
) -> SchemePause:
    """Sets the day on which a deactivated scheme or location is let again.

    Raises PauseRefused, and PauseGone when the pause has an end already or is no more.
    """
    _current(db, scheme)
    found = _pause(db, scheme, pause_id)
    if found.ends_on is not None:
        raise PauseGone
    if on < found.starts_on:
        raise PauseRefused(
            "ends_on",
            f"The reactivation date must be {in_words(found.starts_on)}, when the deactivation "
            "begins, or later",
        )
    found.ends_on = on
    db.flush()
    _tell(db, account_id, "reactivated", found, {"reactivated_from": [None, on]})
    return found


def cancel(
    db: Session, account_id: int | None, scheme: Scheme, pause_id: int, today: date
) -> SchemePause:
    """Takes back a deactivation that has not begun. Raises PauseGone when it has, or is no more."""
    _current(db, scheme)
    found = _pause(db, scheme, pause_id)
    if found.starts_on <= today:
        raise PauseGone
    before = {"deactivated_from": found.starts_on, "reactivated_from": found.ends_on}
    changes = {name: [day, None] for name, day in before.items() if day}
    _tell(db, account_id, "deactivation_cancelled", found, changes)
    db.delete(found)
    db.flush()
    return found


def _current(db: Session, scheme: Scheme) -> SchemeRecord:
    lock(db, scheme)
    if scheme.status != APPROVED:
        raise NotInThisState(scheme)
    [found] = records_of(db, [scheme])
    return found


def _pause(db: Session, scheme: Scheme, pause_id: int) -> SchemePause:
    query = select(SchemePause).where(
        SchemePause.id == pause_id, SchemePause.scheme_id == scheme.id
    )
    found = db.scalar(query)
    if found is None:
        raise PauseGone
    return found


def _tell(
    db: Session,
    account_id: int | None,
    action: str,
    of: SchemePause,
    changes: dict[str, list[Any]],
) -> None:
    if of.location_id is None:
        kind = action if action.startswith("deactivation") else f"scheme_{action}"
    else:
        kind = f"location_{action}"
        changes = {f"location_{of.location_id}_{name}": value for name, value in changes.items()}
    record(db, account_id, kind, ("scheme", of.scheme_id), {"changes": changes})
