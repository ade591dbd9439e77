"""In which state a scheme or location is on a day: whether it can be let then, and why not.

Source: the collection's notes on lettings, section 8.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.institutions import Institution
from data_access.schemes import Location, Scheme, SchemePause

INCOMPLETE, ACTIVE, ACTIVATING_SOON = "incomplete", "active", "activating_soon"
DEACTIVATED, DEACTIVATING_SOON = "deactivated", "deactivating_soon"
REACTIVATING_SOON = "reactivating_soon"
# In these a letting cannot begin.
NOT_IN_USE = frozenset([DEACTIVATED, REACTIVATING_SOON, ACTIVATING_SOON])
# What makes a scheme and a location complete. Source: guide, schemes: no approval without all
# details.
SCHEME_DETAILS = (
    "name",
    "scheme_type",
    "registered_care",
    "client_group",
    "support_type",
    "intended_stay",
)
LOCATION_DETAILS = ("postcode", "local_authority", "units", "type_of_unit", "mobility_type")


@dataclass(frozen=True)
class SchemeRecord:
    """A scheme with all that decides its state: owner, locations by postcode, and pauses."""

    scheme: Scheme
    owner: Institution
    locations: Sequence[Location]
    pauses: Sequence[SchemePause]


def records_of(db: Session, schemes: Iterable[Scheme]) -> list[SchemeRecord]:
    """The records of schemes, in their order; so many queries whatever their number."""
    listed = list(schemes)
    if not listed:
        return []
    numbers = [scheme.id for scheme in listed]
    owners = {
        owner.id: owner
        for owner in db.scalars(
            select(Institution).where(Institution.id.in_({scheme.owner_id for scheme in listed}))
        )
    }
    locations: dict[int, list[Location]] = {}
    query = select(Location).where(Location.scheme_id.in_(numbers))
    for place in db.scalars(query.order_by(Location.postcode, Location.id)):
        locations.setdefault(place.scheme_id, []).append(place)
    pauses: dict[int, list[SchemePause]] = {}
    for pause in db.scalars(select(SchemePause).where(SchemePause.scheme_id.in_(numbers))):
        pauses.setdefault(pause.scheme_id, []).append(pause)
    return [
        SchemeRecord(
            scheme,
            owners[scheme.owner_id],
            locations.get(scheme.id, []),
            pauses.get(scheme.id, []),
        )
        for scheme in listed
    ]


def pauses_of(record: SchemeRecord, location_id: int | None = None) -> list[SchemePause]:
    """The pauses of the scheme itself, or of one of its locations, earliest first."""
    mine = [pause for pause in record.pauses if pause.location_id == location_id]
    return sorted(mine, key=lambda pause: pause.starts_on)


def location_is_complete(location: Location) -> bool:
    """Whether a location is fully described."""
    return all(getattr(location, name) for name in LOCATION_DETAILS)


def scheme_is_complete(record: SchemeRecord) -> bool:
    """Whether a scheme is fully described, one of its locations at least."""
    described = all(getattr(record.scheme, name) for name in SCHEME_DETAILS)
    return described and any(location_is_complete(place) for place in record.locations)


def scheme_state_on(record: SchemeRecord, day: date) -> str:
    """The state of a scheme on a day. Whether it is complete is judged as of now."""
    pauses = pauses_of(record)
    if not _owner_is_active(record.owner, day) or _is_closed(pauses, day):
        return DEACTIVATED
    if not scheme_is_complete(record):
        return INCOMPLETE
    if any(pause.ends_on is None for pause in pauses):
        return DEACTIVATING_SOON
    return REACTIVATING_SOON if _is_paused(pauses, day) else ACTIVE


def location_state_on(record: SchemeRecord, location: Location, day: date) -> str:
    """The state of a location of a scheme on a day. Completeness is judged as of now."""
    pauses, of_scheme = pauses_of(record, location.id), scheme_state_on(record, day)
    if not location_is_complete(location):
        return INCOMPLETE
    if of_scheme == DEACTIVATED or _is_closed(pauses, day):
        return DEACTIVATED
    if of_scheme == DEACTIVATING_SOON or any(pause.ends_on is None for pause in pauses):
        return DEACTIVATING_SOON
    if location.available_from is not None and day < location.available_from:
        return ACTIVATING_SOON
    if of_scheme == REACTIVATING_SOON or _is_paused(pauses, day):
        return REACTIVATING_SOON
    return ACTIVE


def has_location_in_use_on(record: SchemeRecord, day: date) -> bool:
    """Whether some location of a scheme can be let on a day.

    As the notes have it, a pause of the location that ends again does not count here, and an owner
    is not active on the day of its merger.
    """
    if record.owner.merged_on is not None and record.owner.merged_on <= day:
        return False
    if scheme_state_on(record, day) in NOT_IN_USE | {INCOMPLETE}:
        return False
    return any(
        location_is_complete(place)
        and not _is_closed(pauses_of(record, place.id), day)
        and (place.available_from is None or place.available_from <= day)
        for place in record.locations
    )


def _owner_is_active(owner: Institution, day: date) -> bool:
    if owner.merged_on is not None:
        return day <= owner.merged_on
    return owner.active


def _is_closed(pauses: Iterable[SchemePause], day: date) -> bool:
    return any(pause.ends_on is None and pause.starts_on <= day for pause in pauses)


def _is_paused(pauses: Iterable[SchemePause], day: date) -> bool:
    return any(
        pause.ends_on is not None and pause.starts_on <= day < pause.ends_on for pause in pauses
    )
