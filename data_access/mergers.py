"""Mergers of institutions: one or more go into another on a day."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Integer, String, Text, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from data_access.clock import now
from data_access.database import JSON_DOCUMENT, Base, Instant
from data_access.institutions import Institution

SCHEDULED, DONE, CANCELLED, FAILED = "scheduled", "done", "cancelled", "failed"
MERGER_STATES = (SCHEDULED, DONE, CANCELLED, FAILED)


class Merger(Base):
    """What is to be merged, and what came of it. `merging` holds institution identifiers.

    `counts` holds what the dry run, and then the merger, moved: users, relations, schemes, logs.
    """

    __tablename__ = "mergers"

    id: Mapped[int] = mapped_column(primary_key=True)
    absorbing_id: Mapped[int] = mapped_column(ForeignKey("institutions.id"), index=True)
    merging: Mapped[list[int]] = mapped_column(JSON_DOCUMENT)
    merges_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(10), default=SCHEDULED)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON_DOCUMENT, default=dict)
    message: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)


def absorbed_by(db: Session, institution_id: int) -> tuple[int, ...]:
    """Identifiers of the institutions that went into this one, also by way of others."""
    found: list[int] = []
    level = [institution_id]
    while level:
        query = select(Institution.id).where(Institution.merged_into_id.in_(level))
        level = [number for number in db.scalars(query) if number not in found]
        found += level
    return tuple(found)


def institutions_to_merge(
    db: Session, search: str, active: bool = False, limit: int = 20
) -> list[Institution]:
    """Institutions that are not merged yet whose name holds the text or whose code it is, by name.

    With `active`, those that can absorb others.
    """
    text = search.strip().lower()
    query = select(Institution).where(
        Institution.merged_into_id.is_(None),
        or_(
            func.lower(Institution.name).contains(text, autoescape=True),
            func.lower(Institution.code) == text,
        ),
    )
    if active:
        query = query.where(Institution.active)
    order = (func.lower(Institution.name), Institution.id)
    return list(db.scalars(query.order_by(*order).limit(limit)))


def all_mergers(db: Session) -> list[Merger]:
    """Every merger, newest first."""
    return list(db.scalars(select(Merger).order_by(Merger.id.desc())))


def scheduled_mergers(db: Session) -> list[Merger]:
    """Mergers that wait for their day, earliest first."""
    query = select(Merger).where(Merger.state == SCHEDULED)
    return list(db.scalars(query.order_by(Merger.merges_on, Merger.id)))


def due_mergers(db: Session, day: date) -> list[Merger]:
    """Scheduled mergers whose day has come, earliest first."""
    return [merger for merger in scheduled_mergers(db) if merger.merges_on <= day]


def change_state(db: Session, merger: Merger, before: str, after: str) -> bool:
    """Takes a merger from one state to another, in the caller's transaction.

    False when it is no longer in the state, or somebody changed it: of two who try, one does.
    """
    changed = db.execute(
        update(Merger)
        .where(Merger.id == merger.id, Merger.state == before, Merger.version == merger.version)
        .values(state=after, version=Merger.version + 1)
        .execution_options(synchronize_session=False)
    )
    return getattr(changed, "rowcount", 0) == 1


def why_not(
    db: Session,
    merging: Iterable[int],
    absorbing: Institution | None,
    apart_from: int | None = None,
) -> list[str]:
    """What stands in the way of a merger, in sentences; empty when nothing does.

    `absorbing` is None for an institution that is still to be made. `apart_from` is a merger that
    is scheduled already.
    """
    found: list[str] = []
    numbers = list(merging)
    if not numbers:
        found.append("Choose at least one institution that goes into another.")
    if len(set(numbers)) != len(numbers):
        found.append("An institution is chosen twice.")
    institutions = {number: db.get(Institution, number) for number in dict.fromkeys(numbers)}
    for institution in institutions.values():
        if institution is None:
            found.append("One of the institutions is not known.")
        elif absorbing is not None and institution.id == absorbing.id:
            found.append(f"{institution.name} cannot go into itself.")
        elif institution.merged_into_id is not None:
            found.append(f"{institution.name} has been merged into another institution already.")
    if absorbing is not None and absorbing.merged_into_id is not None:
        found.append(f"{absorbing.name} has itself been merged into another institution.")
    elif absorbing is not None and not absorbing.active:
        found.append(f"{absorbing.name} is not active. Reactivate it first, or choose another.")
    concerned = {*institutions, *([absorbing.id] if absorbing is not None else [])}
    for other in scheduled_mergers(db):
        if other.id == apart_from:
            continue
        for number in sorted(concerned & {*other.merging, other.absorbing_id}):
            institution = db.get(Institution, number)
            name = institution.name if institution else "One of the institutions"
            found.append(f"{name} is part of another merger that is scheduled.")
    return found
