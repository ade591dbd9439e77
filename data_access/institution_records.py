"""Making and changing the record of an institution."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from data_access.audit import record
from data_access.institution_names import give_name, refuse_taken_name
from data_access.institution_relations import add_relation, children_still, end_own_relations
from data_access.institutions import (
    AlreadyTaken,
    Institution,
    InstitutionLink,
    lock,
    next_code,
)
from data_access.versions import save_changes

STOCK_FIGURES = ("general_needs_stock", "supported_stock", "unspecified_stock")
_TRIES = 5


class ChildrenRemain(Exception):
    """An institution cannot cease to hold stock while others manage its homes."""

    def __init__(self, children: list[Institution]) -> None:
        names = ", ".join(f"{child.name} ({child.code})" for child in children[:5])
        more = f" and {len(children) - 5:,} more" if len(children) > 5 else ""
        several = len(children) > 1
        super().__init__(
            f"{names}{more} {'manage' if several else 'manages'} its homes. End "
            f"{'these relations' if several else 'this relation'} first, under 'Parents and "
            "children'; then it can cease to hold stock"
        )


def refuse_taken_number(db: Session, number: str, apart_from: int | None = None) -> None:
    """Raises AlreadyTaken when another institution has this registration number."""
    query = select(Institution).where(
        func.lower(Institution.registration_number) == number.lower(),
        Institution.id != (apart_from or 0),
    )
    other = db.scalar(query.limit(1))
    if other is not None:
        raise AlreadyTaken(
            "registration_number",
            f"{other.name} ({other.code}) has the registration number {number} already. "
            "Check both records",
        )


def create_institution(
    db: Session,
    by_id: int | None,
    values: Mapping[str, Any],
    day: date,
    first_child: Institution | None = None,
) -> Institution:
    """A new institution with the next code, in the caller's transaction, which it begins.

    `values` are columns of the record. It has signed no agreement. A stock holder is the parent of
    `first_child`, or of itself. Raises AlreadyTaken, and RelationRefused for a child that is not
    active; the transaction is rolled back when somebody else took the name meanwhile.
    """
    refuse_taken_name(db, values["name"], day, None)
    if values.get("registration_number"):
        refuse_taken_number(db, values["registration_number"])
    institution = _with_next_code(db, _complete(values))
    changes = {name: [None, value] for name, value in _complete(values).items() if value}
    record(
        db,
        by_id,
        "institution_created",
        ("institution", institution.id),
        {"changes": {"code": [None, institution.code], **changes}},
    )
    if institution.holds_stock:
        add_relation(db, by_id, institution, first_child or institution, (None, None))
    db.flush()
    return institution


def _with_next_code(db: Session, values: Mapping[str, Any]) -> Institution:
    """Two who create at once may choose the same code: the second takes the one after."""
    for attempt in range(_TRIES):
        institution = Institution(**values, code=next_code(db), data_sharing_signed=False)
        db.add(institution)
        try:
            db.flush()
        except IntegrityError:
            db.rollback()
            _say_what_is_taken(db, values, None)
            if attempt == _TRIES - 1:
                raise
        else:
            return institution
    raise AssertionError("The last try returns or raises")


def _say_what_is_taken(db: Session, values: Mapping[str, Any], apart_from: int | None) -> None:
    if values.get("registration_number"):
        refuse_taken_number(db, values["registration_number"], apart_from)
    name = values.get("name")
    if name and db.scalar(
        select(Institution.id).where(
            func.lower(Institution.name) == func.lower(name), Institution.id != (apart_from or 0)
        )
    ):
        raise AlreadyTaken(
            "name", f"Another institution is called {name} already. Choose another name"
        )


def _complete(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without stock there are no figures; an empty registration number is none."""
    found = dict(values)
    if found.get("holds_stock") is False:
        found |= dict.fromkeys(STOCK_FIGURES)
    if "registration_number" in found:
        found["registration_number"] = found["registration_number"] or None
    return found


def change_institution(
    db: Session,
    by_id: int | None,
    institution: Institution,
    expected_version: int,
    values: Mapping[str, Any],
    day: date,
    first_child: Institution | None = None,
) -> dict[str, list[Any]]:
    """Writes columns of a record, in the caller's transaction; a name holds from `day`, today.

    Returns what changed, by column. An institution that begins to hold stock and has no child
    becomes the parent of `first_child`, or of itself; one that ceases to is its own child no more.
    Raises ChangedMeanwhile, AlreadyTaken, NameRefused, ChildrenRemain and RelationRefused.
    """
    lock(db, institution.id)
    values = _complete(values)
    name = values.pop("name", None)
    if values.get("registration_number"):
        refuse_taken_number(db, values["registration_number"], institution.id)
    holds_stock = values.get("holds_stock")
    if holds_stock is False:
        children = children_still(db, institution.id, day)
        if children:
            raise ChildrenRemain(children)
    try:
        changes = save_changes(db, institution, expected_version, values)
    except IntegrityError:
        db.rollback()
        _say_what_is_taken(db, values, institution.id)
        raise
    if changes:
        record(
            db,
            by_id,
            "institution_changed",
            ("institution", institution.id),
            {"changes": changes},
        )
    if "holds_stock" in changes and holds_stock and not _has_child(db, institution.id, day):
        add_relation(db, by_id, institution, first_child or institution, (day, None))
    if "holds_stock" in changes and not holds_stock:
        end_own_relations(db, by_id, institution, day)
    if name is not None and name != institution.name:
        changes["name"] = [institution.name, name]
        give_name(db, by_id, institution, name, day, day, institution.version)
    db.flush()
    return changes


def _has_child(db: Session, institution_id: int, day: date) -> bool:
    query = select(InstitutionLink.id).where(
        InstitutionLink.owner_id == institution_id,
        InstitutionLink.ends_on.is_(None) | (InstitutionLink.ends_on >= day),
    )
    return db.scalar(query.limit(1)) is not None
