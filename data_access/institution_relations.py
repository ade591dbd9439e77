"""Parents and children: which institution manages homes of which, and since when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from data_access.audit import record
from data_access.institutions import Institution, InstitutionLink, lock
from data_access.logs import Log
from data_access.versions import ChangedMeanwhile

_DAY = timedelta(days=1)
# First and last day; None stands for since ever and until further notice.
Time = tuple[date | None, date | None]


class RelationRefused(Exception):
    """A relation cannot be made, changed or removed in this way; the message says why, and the way
    out. `field` is what it concerns: manager, starts_on or ends_on.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Related:
    """A relation as one of its two institutions sees it: `other` is the other one, or itself."""

    link: InstitutionLink
    other: Institution

    @property
    def is_with_itself(self) -> bool:
        """Whether the institution reports its own homes by this relation."""
        return self.link.owner_id == self.link.manager_id

    def is_over(self, day: date) -> bool:
        """Whether its last day has gone by."""
        return self.link.ends_on is not None and self.link.ends_on < day


def in_words(day: date) -> str:
    """A day as "11 July 2026"."""
    return f"{day.day} {day:%B %Y}"


def time_in_words(time: Time) -> str:
    """A time as "from 1 April 2026 to 31 March 2027"."""
    first, last = time
    if first and last:
        return f"from {in_words(first)} to {in_words(last)}"
    if first:
        return f"from {in_words(first)}"
    return f"until {in_words(last)}" if last else "without a first or last day"


def children_of(db: Session, institution_id: int) -> list[Related]:
    """Who manages its homes, ever: by name, then by time."""
    return _related(db, InstitutionLink.owner_id == institution_id, InstitutionLink.manager_id)


def parents_of(db: Session, institution_id: int) -> list[Related]:
    """Whose homes it manages, ever: by name, then by time."""
    return _related(db, InstitutionLink.manager_id == institution_id, InstitutionLink.owner_id)


def _related(
    db: Session, condition: ColumnElement[bool], other: InstrumentedAttribute[int]
) -> list[Related]:
    query = (
        select(InstitutionLink, Institution)
        .join(Institution, Institution.id == other)
        .where(condition)
        .order_by(func.lower(Institution.name), InstitutionLink.id)
    )
    found = [Related(link, institution) for link, institution in db.execute(query)]
    # Since ever comes first; the order by name stays.
    return sorted(
        found,
        key=lambda one: (
            one.other.name.lower(),
            one.other.id,
            one.link.starts_on or date.min,
        ),
    )


def first_day_without_child(times: Iterable[Time], day: date) -> date | None:
    """The first day from a day on that none of these times covers; None when there is none."""
    for first, last in sorted(times, key=lambda time: time[0] or date.min):
        if first is not None and first > day:
            return day
        if last is None:
            return None
        if last >= day:
            day = last + _DAY
    return day


def add_relation(
    db: Session,
    by_id: int | None,
    owner: Institution,
    manager: Institution,
    time: Time,
) -> InstitutionLink:
    """Lets the manager submit for homes of the owner, in the caller's transaction.

    Raises RelationRefused when the owner holds no stock, one of the two is not active, or the two
    are related in this time already.
    """
    lock(db, owner.id)
    db.refresh(owner)
    db.refresh(manager)
    if not owner.holds_stock:
        raise RelationRefused(
            "manager",
            f"{owner.name} holds no stock, so it cannot be a parent. Change its details first",
        )
    for one in (owner, manager):
        if not one.active:
            raise RelationRefused(
                "manager", f"{one.name} is not active. Reactivate it first, or choose another"
            )
    _refuse_disorder(time)
    _refuse_overlap(db, owner, manager, time)
    link = InstitutionLink(
        owner_id=owner.id, manager_id=manager.id, starts_on=time[0], ends_on=time[1]
    )
    db.add(link)
    db.flush()
    _record(db, by_id, "relation_added", link, (owner, manager), None, time)
    return link


def change_relation(
    db: Session, by_id: int | None, link_id: int, opened: Time, time: Time, day: date
) -> bool:
    """Gives a relation other dates, in the caller's transaction; False when they are the same.

    `opened` is what its dates were when somebody opened it. Raises ChangedMeanwhile when they are
    others now, or the relation is gone (`current` is None), and RelationRefused when the time
    overlaps another of the pair, or the owner would have a day without any child.
    """
    link, owner, manager = _held(db, link_id, opened)
    before = (link.starts_on, link.ends_on)
    if before == time:
        return False
    _refuse_disorder(time)
    _refuse_overlap(db, owner, manager, time, link.id)
    _refuse_childless(db, owner, link, time, day)
    link.starts_on, link.ends_on = time
    _record(db, by_id, "relation_changed", link, (owner, manager), before, time)
    db.flush()
    return True


def remove_relation(db: Session, by_id: int | None, link_id: int, opened: Time, day: date) -> None:
    """Takes back a relation as if it had never been, in the caller's transaction.

    Raises ChangedMeanwhile as change_relation does, and RelationRefused when logs name the two, or
    when the owner would have a day without any child.
    """
    link, owner, manager = _held(db, link_id, opened)
    logs = logs_of_pair(db, owner.id, manager.id)
    if logs and owner.id != manager.id:
        raise RelationRefused(
            "ends_on",
            f"{logs:,} {'log names' if logs == 1 else 'logs name'} these two institutions, so the "
            "relation cannot be removed. Enter a last day instead",
        )
    _refuse_childless(db, owner, link, None, day)
    _record(
        db,
        by_id,
        "relation_removed",
        link,
        (owner, manager),
        (link.starts_on, link.ends_on),
        None,
    )
    db.delete(link)
    db.flush()


def logs_of_pair(db: Session, owner_id: int, manager_id: int) -> int:
    """How many logs, dropped ones apart, name this owner and this manager."""
    query = select(func.count()).where(
        Log.owning_institution_id == owner_id,
        Log.managing_institution_id == manager_id,
        Log.status != "dropped",
    )
    return db.scalar(query) or 0


def children_still(db: Session, owner_id: int, day: date) -> list[Institution]:
    """Institutions other than itself that manage its homes on a day or later, by name."""
    query = (
        select(Institution)
        .where(
            Institution.id.in_(
                select(InstitutionLink.manager_id).where(
                    InstitutionLink.owner_id == owner_id,
                    InstitutionLink.manager_id != owner_id,
                    or_(InstitutionLink.ends_on.is_(None), InstitutionLink.ends_on >= day),
                )
            )
        )
        .order_by(func.lower(Institution.name))
    )
    return list(db.scalars(query))


def end_own_relations(db: Session, by_id: int | None, owner: Institution, day: date) -> None:
    """An institution that holds no stock any more is its own child no more from a day on."""
    for link in _links(db, owner.id, owner.id):
        before = (link.starts_on, link.ends_on)
        if link.ends_on is not None and link.ends_on < day:
            continue
        if link.starts_on is not None and link.starts_on >= day:
            _record(db, by_id, "relation_removed", link, (owner, owner), before, None)
            db.delete(link)
            continue
        link.ends_on = day - _DAY
        after = (link.starts_on, link.ends_on)
        _record(db, by_id, "relation_changed", link, (owner, owner), before, after)


def _links(db: Session, owner_id: int, manager_id: int | None = None) -> list[InstitutionLink]:
    query = select(InstitutionLink).where(InstitutionLink.owner_id == owner_id)
    if manager_id is not None:
        query = query.where(InstitutionLink.manager_id == manager_id)
    fresh = query.order_by(InstitutionLink.id).execution_options(populate_existing=True)
    return list(db.scalars(fresh))


def _held(
    db: Session, link_id: int, opened: Time
) -> tuple[InstitutionLink, Institution, Institution]:
    link = db.get(InstitutionLink, link_id)
    if link is None:
        raise ChangedMeanwhile(None)
    lock(db, link.owner_id)
    query = select(InstitutionLink).where(InstitutionLink.id == link_id)
    link = db.scalar(query.execution_options(populate_existing=True))
    if link is None or (link.starts_on, link.ends_on) != opened:
        db.rollback()
        raise ChangedMeanwhile(link)
    owner = db.get_one(Institution, link.owner_id, populate_existing=True)
    return link, owner, db.get_one(Institution, link.manager_id)


def _refuse_disorder(time: Time) -> None:
    first, last = time
    if first is not None and last is not None and last < first:
        raise RelationRefused(
            "ends_on", f"The last day must be {in_words(first)}, the first day, or later"
        )


def _overlap(one: Time, other: Time) -> bool:
    return (one[1] is None or other[0] is None or one[1] >= other[0]) and (
        other[1] is None or one[0] is None or other[1] >= one[0]
    )


def _refuse_overlap(
    db: Session,
    owner: Institution,
    manager: Institution,
    time: Time,
    apart_from: int | None = None,
) -> None:
    for link in _links(db, owner.id, manager.id):
        other = (link.starts_on, link.ends_on)
        if link.id != apart_from and _overlap(time, other):
            whose = "its own homes" if owner.id == manager.id else f"homes of {owner.name}"
            raise RelationRefused(
                "starts_on",
                f"{manager.name} manages {whose} {time_in_words(other)} already. Enter a time that "
                "does not overlap, or change the dates of that relation",
            )


def _refuse_childless(
    db: Session, owner: Institution, changed: InstitutionLink, time: Time | None, day: date
) -> None:
    """Source: guide, "every stock owner has at least one child, possibly itself"."""
    if not owner.holds_stock or not owner.active:
        return
    links = _links(db, owner.id)
    before = first_day_without_child([(link.starts_on, link.ends_on) for link in links], day)
    kept = [(link.starts_on, link.ends_on) for link in links if link.id != changed.id]
    after = first_day_without_child([*kept, time] if time else kept, day)
    if after is not None and (before is None or after < before):
        raise RelationRefused(
            "ends_on",
            f"{owner.name} would have no child from {in_words(after)} on, and every stock holder "
            "has at least one. Add the child that comes after first, possibly itself, or change "
            "its details so that it holds no stock",
        )


def _record(
    db: Session,
    by_id: int | None,
    action: str,
    link: InstitutionLink,
    pair: tuple[Institution, Institution],
    before: Time | None,
    after: Time | None,
) -> None:
    """One event for each of the two institutions, with the other one's name."""
    owner, manager = pair
    seen = {owner.id: ("child", manager)}
    if manager.id != owner.id:
        seen[manager.id] = ("parent", owner)
    for number, (name, other) in seen.items():
        called = f"{other.name} ({other.code})"
        texts = [f"{called}, {time_in_words(time)}" if time else None for time in (before, after)]
        detail = {
            "relation": {"id": link.id, "owner": owner.id, "manager": manager.id},
            "changes": {name: texts},
        }
        record(db, by_id, action, ("institution", number), detail)
