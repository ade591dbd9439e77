"""Management groups and their schemes as a list: narrowed, by name, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session

from data_access.institutions import Institution
from data_access.scheme_states import SchemeRecord, records_of
from data_access.schemes import (
    APPROVED,
    SCHEME_STATUSES,
    Location,
    ManagementGroup,
    Scheme,
    SchemePause,
)

PAGE_LENGTH = 10
# Approved schemes that cannot be let today.
DEACTIVATED = "deactivated"
SHOWN_STATUSES = (*SCHEME_STATUSES, DEACTIVATED)


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; an empty field does not narrow.

    `search` is a part of a group's or scheme's name, a code, or a postcode, in any letter case and
    spacing.
    """

    search: str = ""
    status: str = ""
    owner_id: int | None = None


@dataclass(frozen=True)
class Reach:
    """The groups and schemes that somebody may see, and those whose postcodes are open to them."""

    groups: ColumnElement[bool]
    schemes: ColumnElement[bool]
    postcodes: ColumnElement[bool]


@dataclass(frozen=True)
class Listed:
    """A group with those of its schemes that fit."""

    group: ManagementGroup
    owner: Institution
    schemes: Sequence[SchemeRecord]


def list_groups(
    db: Session, reach: Reach, wanted: Wanted, day: date, page: int = 1
) -> tuple[list[Listed], int]:
    """One page of groups, by owner and name, and how many there are in all.

    A group is listed when it fits itself or one of its schemes does. With a group that fits by its
    name come all its schemes.
    """
    by_name, by_scheme = _group_fits(wanted), _scheme_fits(wanted, reach)
    status = _has_status(wanted.status, day)
    any_of_status = exists().where(Scheme.group_id == ManagementGroup.id, reach.schemes, status)
    any_that_fits = exists().where(
        Scheme.group_id == ManagementGroup.id, reach.schemes, status, by_scheme
    )
    itself = and_(by_name, any_of_status) if wanted.status else by_name
    conditions: list[ColumnElement[bool]] = [reach.groups, or_(itself, any_that_fits)]
    if wanted.owner_id is not None:
        conditions.append(ManagementGroup.owner_id == wanted.owner_id)
    total = db.scalar(select(func.count()).select_from(ManagementGroup).where(*conditions))
    query = (
        select(ManagementGroup, Institution)
        .join(Institution, Institution.id == ManagementGroup.owner_id)
        .where(*conditions)
        .order_by(func.lower(Institution.name), func.lower(ManagementGroup.name))
        .order_by(ManagementGroup.id)
        .limit(PAGE_LENGTH)
        .offset((page - 1) * PAGE_LENGTH)
    )
    groups = [(group, owner) for group, owner in db.execute(query)]
    schemes = db.scalars(
        select(Scheme)
        .join(ManagementGroup, ManagementGroup.id == Scheme.group_id)
        .where(
            Scheme.group_id.in_([group.id for group, _ in groups]),
            reach.schemes,
            status,
            or_(by_name, by_scheme),
        )
        .order_by(func.lower(Scheme.name), Scheme.id)
    )
    found: dict[int, list[SchemeRecord]] = {}
    for one in records_of(db, schemes):
        found.setdefault(one.scheme.group_id, []).append(one)
    return [Listed(group, owner, found.get(group.id, [])) for group, owner in groups], total or 0


def schemes_of_group(
    db: Session, group: ManagementGroup, scope: ColumnElement[bool]
) -> list[SchemeRecord]:
    """The schemes of a group that somebody may see, by name."""
    query = select(Scheme).where(Scheme.group_id == group.id, scope)
    return records_of(db, db.scalars(query.order_by(func.lower(Scheme.name), Scheme.id)))


def owners_with_groups(db: Session, scope: ColumnElement[bool]) -> list[Institution]:
    """The owners of the groups that somebody may see, by name."""
    owning = select(ManagementGroup.owner_id).where(scope)
    query = select(Institution).where(Institution.id.in_(owning))
    return list(db.scalars(query.order_by(func.lower(Institution.name))))


def _group_fits(wanted: Wanted) -> ColumnElement[bool]:
    if not wanted.search:
        return true()
    return or_(
        func.lower(ManagementGroup.name).contains(wanted.search.lower(), autoescape=True),
        ManagementGroup.code == _closed_up(wanted.search),
    )


def _scheme_fits(wanted: Wanted, reach: Reach) -> ColumnElement[bool]:
    if not wanted.search:
        return true()
    code = _closed_up(wanted.search)
    at_postcode = exists().where(
        Location.scheme_id == Scheme.id, func.replace(Location.postcode, " ", "") == code
    )
    return or_(
        func.lower(Scheme.name).contains(wanted.search.lower(), autoescape=True),
        Scheme.code == code,
        and_(at_postcode, or_(Scheme.confidential.is_(False), reach.postcodes)),
    )


def _has_status(status: str, day: date) -> ColumnElement[bool]:
    if not status:
        return true()
    if status != DEACTIVATED:
        return Scheme.status == status
    in_force = or_(SchemePause.ends_on.is_(None), SchemePause.ends_on > day)
    is_paused = exists().where(
        SchemePause.scheme_id == Scheme.id,
        SchemePause.location_id.is_(None),
        SchemePause.starts_on <= day,
        in_force,
    )
    closed_owner = exists().where(Institution.id == Scheme.owner_id, Institution.active.is_(False))
    return and_(Scheme.status == APPROVED, or_(is_paused, closed_owner))


def _closed_up(text: str) -> str:
    return "".join(text.split()).upper()
