"""Making and changing management groups, schemes and locations, each with its audit event.

Everything here happens in the caller's transaction. Changes hold from the moment they are saved;
the history has what was before.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from data_access import institutions
from data_access.audit import record
from data_access.clock import now
from data_access.scheme_states import (
    LOCATION_DETAILS,
    SCHEME_DETAILS,
    SchemeRecord,
    location_is_complete,
    records_of,
)
from data_access.schemes import DRAFT, REFUSED, SUBMITTED, Location, ManagementGroup, Scheme
from data_access.versions import ChangedMeanwhile, save_changes


class NameTaken(Exception):
    """The owner has a group of this name, or the group a scheme of it, in any letter case."""


class Incomplete(Exception):
    """The scheme lacks details or a location. `lacking` is what `lacking_of` says."""

    def __init__(self, lacking: "Lacking") -> None:
        super().__init__("The scheme is not complete.")
        self.lacking = lacking


class NotInThisState(Exception):
    """The scheme's status does not allow this. `scheme` is the scheme as it stands."""

    def __init__(self, scheme: Scheme) -> None:
        super().__init__("The scheme has another status.")
        self.scheme = scheme


class Lacking:
    """What keeps a scheme from approval: empty details, and locations with their empty details."""

    def __init__(self, record: SchemeRecord) -> None:
        self.details = [name for name in SCHEME_DETAILS if not getattr(record.scheme, name)]
        self.has_location = bool(record.locations)
        self.locations: list[tuple[Location, list[str]]] = [
            (place, [name for name in LOCATION_DETAILS if not getattr(place, name)])
            for place in record.locations
            if not location_is_complete(place)
        ]

    def __bool__(self) -> bool:
        return bool(self.details or self.locations or not self.has_location)


def lacking_of(db: Session, scheme: Scheme) -> Lacking:
    """What a scheme lacks, as it is stored now."""
    [found] = records_of(db, [scheme])
    return Lacking(found)


def lock(db: Session, thing: ManagementGroup | Scheme) -> None:
    """Keeps others from changing a group or scheme until the transaction ends.

    Whatever the session holds is read anew after this.
    """
    model = type(thing)
    db.execute(
        update(model)
        .where(model.id == thing.id)
        .values(version=model.version)
        .execution_options(synchronize_session=False)
    )
    db.expire_all()
    db.refresh(thing)


def create_group(
    db: Session, account_id: int | None, owner_id: int, values: Mapping[str, Any]
) -> ManagementGroup:
    """A new group of an owner. Raises NameTaken."""
    institutions.lock(db, owner_id)
    _refuse_taken_group(db, owner_id, values["name"])
    group = ManagementGroup(owner_id=owner_id, created_by_id=account_id, **values)
    db.add(group)
    db.flush()
    record(db, account_id, "group_made", ("group", group.id), {"changes": _from_nothing(values)})
    return group


def change_group(
    db: Session,
    account_id: int | None,
    group: ManagementGroup,
    expected_version: int,
    values: Mapping[str, Any],
) -> bool:
    """Writes a group's values; returns whether any differed.

    Raises NameTaken and ChangedMeanwhile.
    """
    institutions.lock(db, group.owner_id)
    _refuse_taken_group(db, group.owner_id, values["name"], group.id)
    changes = save_changes(db, group, expected_version, values)
    if changes:
        record(db, account_id, "group_changed", ("group", group.id), {"changes": changes})
    return bool(changes)


def create_scheme(
    db: Session, account_id: int | None, group: ManagementGroup, values: Mapping[str, Any]
) -> Scheme:
    """A new draft in a group, of the group's owner. Raises NameTaken."""
    lock(db, group)
    _refuse_taken_scheme(db, group.id, values["name"])
    scheme = Scheme(
        group_id=group.id,
        owner_id=group.owner_id,
        status=DRAFT,
        created_by_id=account_id,
        **values,
    )
    db.add(scheme)
    db.flush()
    record(db, account_id, "scheme_made", ("scheme", scheme.id), {"changes": _from_nothing(values)})
    return scheme


def change_scheme(
    db: Session,
    account_id: int | None,
    scheme: Scheme,
    expected_version: int,
    values: Mapping[str, Any],
) -> bool:
    """Writes a scheme's values; returns whether any differed.

    Raises NameTaken and ChangedMeanwhile.
    """
    lock(db, db.get_one(ManagementGroup, scheme.group_id))
    _refuse_taken_scheme(db, scheme.group_id, values["name"], scheme.id)
    changes = save_changes(db, scheme, expected_version, values)
    if changes:
        record(db, account_id, "scheme_changed", ("scheme", scheme.id), {"changes": changes})
    return bool(changes)


def add_location(
    db: Session, account_id: int | None, scheme: Scheme, values: Mapping[str, Any]
) -> Location:
    """A further location of a scheme; that of an approved one can be chosen in logs at once."""
    lock(db, scheme)
    place = Location(scheme_id=scheme.id, **values)
    db.add(place)
    db.flush()
    changes = _of_location(place.id, _from_nothing(values))
    record(db, account_id, "location_added", ("scheme", scheme.id), {"changes": changes})
    return place


def change_location(
    db: Session,
    account_id: int | None,
    place: Location,
    expected_version: int,
    values: Mapping[str, Any],
) -> bool:
    """Writes a location's values; returns whether any differed. Raises ChangedMeanwhile."""
    changes = save_changes(db, place, expected_version, values)
    if changes:
        detail = {"changes": _of_location(place.id, changes)}
        record(db, account_id, "location_changed", ("scheme", place.scheme_id), detail)
    return bool(changes)


def remove_location(db: Session, account_id: int | None, scheme: Scheme, place: Location) -> None:
    """Takes a location out of a scheme that is being made. Raises NotInThisState for any other."""
    lock(db, scheme)
    if scheme.status not in (DRAFT, REFUSED):
        raise NotInThisState(scheme)
    values = {
        name: [value, None]
        for name in ("name", *LOCATION_DETAILS, "available_from")
        if (value := getattr(place, name))
    }
    detail = {"changes": _of_location(place.id, values)}
    record(db, account_id, "location_removed", ("scheme", scheme.id), detail)
    db.delete(place)
    db.flush()


def submit_scheme(db: Session, account_id: int, scheme: Scheme) -> None:
    """Sends a draft or refused scheme to the administrators.

    Raises NotInThisState when it has been sent or approved already, and Incomplete.
    """
    lock(db, scheme)
    if scheme.status not in (DRAFT, REFUSED):
        raise NotInThisState(scheme)
    lacking = lacking_of(db, scheme)
    if lacking:
        raise Incomplete(lacking)
    changes = save_changes(
        db,
        scheme,
        scheme.version,
        {"status": SUBMITTED, "submitted_at": now(), "submitted_by_id": account_id},
    )
    detail = {"changes": {"status": changes["status"]}}
    record(db, account_id, "scheme_submitted", ("scheme", scheme.id), detail)


def seen(scheme: Scheme, locations: Sequence[Location]) -> str:
    """What somebody has before the eyes who looks at a scheme; it differs after any change."""
    places = ",".join(f"{place.id}:{place.version}" for place in locations)
    return f"{scheme.version};{places}"


def refuse_changed(db: Session, scheme: Scheme, expected: str) -> SchemeRecord:
    """The scheme's record. Raises ChangedMeanwhile when it is not what somebody has looked at."""
    [found] = records_of(db, [scheme])
    if seen(scheme, found.locations) != expected:
        raise ChangedMeanwhile(scheme)
    return found


def _from_nothing(values: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {name: [None, value] for name, value in values.items() if value not in (None, "")}


def _of_location(location_id: int, changes: Mapping[str, Any]) -> dict[str, Any]:
    return {f"location_{location_id}_{name}": change for name, change in changes.items()}


def _refuse_taken_group(db: Session, owner_id: int, name: str, but: int = 0) -> None:
    taken = select(ManagementGroup.id).where(
        ManagementGroup.owner_id == owner_id,
        func.lower(ManagementGroup.name) == func.lower(name),
        ManagementGroup.id != but,
    )
    if db.scalar(taken) is not None:
        raise NameTaken


def _refuse_taken_scheme(db: Session, group_id: int, name: str, but: int = 0) -> None:
    taken = select(Scheme.id).where(
        Scheme.group_id == group_id,
        func.lower(Scheme.name) == func.lower(name),
        Scheme.id != but,
    )
    if db.scalar(taken) is not None:
        raise NameTaken
