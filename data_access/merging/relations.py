"""Relations after a merger: from its day on they are those of the absorbing institution."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from data_access.institutions import InstitutionLink
from data_access.merging.parties import Parties

# First and last day; None stands for since ever and until further notice.
Time = tuple[date | None, date | None]
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Relation:
    """A stored relation, or one to be stored (`id` 0)."""

    id: int
    owner: int
    manager: int
    starts_on: date | None
    ends_on: date | None


@dataclass(frozen=True)
class RelationPlan:
    """What becomes of relations: those that end the day before, never begin, and begin."""

    ending: tuple[Relation, ...]
    falling_away: tuple[Relation, ...]
    beginning: tuple[Relation, ...]


def plan_relations(stored: Iterable[Relation], parties: Parties) -> RelationPlan:
    """Which relations end and begin, so that those of one pair never overlap.

    A relation of a merging institution that reaches the day of the merger ends the day before, and
    the absorbing one has it from that day for the rest of its time, unless it has it already. What
    one of them managed for another of them the absorbing one now manages for itself.
    """
    rows = list(stored)
    ending: list[Relation] = []
    falling: list[Relation] = []
    beginning: list[Relation] = []
    taken: dict[tuple[int, int], list[Time]] = {}
    concerned = []
    for row in rows:
        if row.owner in parties.merging or row.manager in parties.merging:
            concerned.append(row)
        else:
            taken.setdefault((row.owner, row.manager), []).append((row.starts_on, row.ends_on))
    for row in concerned:
        if row.ends_on is not None and row.ends_on < parties.day:
            continue
        (falling if row.starts_on and row.starts_on >= parties.day else ending).append(row)
        owner, manager = parties.after(row.owner), parties.after(row.manager)
        assert owner is not None and manager is not None
        starts = max(row.starts_on or parties.day, parties.day)
        pair = taken.setdefault((owner, manager), [])
        for part in without((starts, row.ends_on), pair):
            beginning.append(Relation(0, owner, manager, *part))
            pair.append(part)
    return RelationPlan(tuple(ending), tuple(falling), tuple(beginning))


def without(time: Time, taken: Iterable[Time]) -> list[Time]:
    """The parts of a time, in order, that none of the taken times covers."""
    parts = [time]
    for starts, ends in taken:
        left: list[Time] = []
        for first, last in parts:
            if (ends is not None and first is not None and ends < first) or (
                starts is not None and last is not None and starts > last
            ):
                left.append((first, last))
                continue
            if starts is not None and (first is None or first < starts):
                left.append((first, starts - _DAY))
            if ends is not None and (last is None or last > ends):
                left.append((ends + _DAY, last))
        parts = left
    return sorted(parts, key=lambda part: part[0] or date.min)


def relations_plan(db: Session, parties: Parties) -> RelationPlan:
    """The plan for the stored relations."""
    concerned = [*parties.merging, parties.absorbing]
    query = (
        select(InstitutionLink)
        .where(
            or_(InstitutionLink.owner_id.in_(concerned), InstitutionLink.manager_id.in_(concerned))
        )
        .order_by(InstitutionLink.id)
    )
    stored = [
        Relation(row.id, row.owner_id, row.manager_id, row.starts_on, row.ends_on)
        for row in db.scalars(query)
    ]
    return plan_relations(stored, parties)


def move_relations(db: Session, parties: Parties) -> RelationPlan:
    """Ends and begins relations, in the caller's transaction; returns what was done."""
    plan = relations_plan(db, parties)
    db.execute(
        update(InstitutionLink)
        .where(InstitutionLink.id.in_([row.id for row in plan.ending]))
        .values(ends_on=parties.day - _DAY)
    )
    db.execute(
        delete(InstitutionLink).where(InstitutionLink.id.in_([row.id for row in plan.falling_away]))
    )
    db.add_all(
        InstitutionLink(
            owner_id=row.owner,
            manager_id=row.manager,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
        )
        for row in plan.beginning
    )
    return plan
