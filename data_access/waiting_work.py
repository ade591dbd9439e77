"""What waits for the administrators: counted in a few cheap queries, as its own pages count it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from data_access.agreement_standing import Wanted as WantedStanding
from data_access.agreement_standing import count_standing
from data_access.mergers import FAILED, SCHEDULED, Merger
from data_access.messages import count_messages
from data_access.mistake_reports import MistakeReport
from data_access.people.listing import LOCKED, count_people
from data_access.people.listing import Wanted as WantedPeople
from data_access.schemes import SUBMITTED, Scheme


@dataclass(frozen=True)
class WaitingWork:
    """How much of each waits, and since when the oldest does."""

    schemes: int
    oldest_scheme: datetime | None
    mistakes: int
    oldest_mistake: datetime | None
    unsigned: int
    locked: int
    mergers: int
    next_merger: date | None
    failed_mergers: int
    unsent: int


def waiting_work(db: Session, at: datetime | None = None) -> WaitingWork:
    """What waits now."""
    schemes, oldest_scheme = _count(db, Scheme.submitted_at, Scheme.status == SUBMITTED)
    mistakes, oldest_mistake = _count(
        db, MistakeReport.created_at, MistakeReport.closed_at.is_(None)
    )
    mergers, next_merger = _count(db, Merger.merges_on, Merger.state == SCHEDULED)
    failed, _ = _count(db, Merger.merges_on, Merger.state == FAILED)
    return WaitingWork(
        schemes,
        oldest_scheme,
        mistakes,
        oldest_mistake,
        count_standing(db, WantedStanding()),
        count_people(db, true(), WantedPeople(status=LOCKED), shows_locked=True, at=at),
        mergers,
        next_merger,
        failed,
        count_messages(db, only_unsent=True),
    )


def _count(db: Session, oldest: Any, condition: ColumnElement[bool]) -> tuple[int, Any]:
    number, first = db.execute(select(func.count(), func.min(oldest)).where(condition)).one()
    return number, first
