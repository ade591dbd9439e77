"""The life of each release: who built, approved, scheduled, published and withdrew it, and when.

What is published is in the folder of releases; these records are the private side of it. Numbers
of records are given out once and stay.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, Integer, String, Text, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from data_access.accounts import Account
from data_access.clock import now
from data_access.database import JSON_DOCUMENT, Base, Instant
from data_access.logs import Log

DRAFT, CHECKED, APPROVED, SCHEDULED = "draft", "checked", "approved", "scheduled"
PUBLISHED, SUPERSEDED, WITHDRAWN, FAILED = "published", "superseded", "withdrawn", "failed"
DISCARDED = "discarded"
# From each state to those that may follow it. Superseded becomes published again when the release
# that came after it is withdrawn.
FOLLOWS = {
    DRAFT: (CHECKED, FAILED),
    CHECKED: (APPROVED, DISCARDED, FAILED),
    APPROVED: (SCHEDULED, PUBLISHED, DISCARDED, FAILED),
    SCHEDULED: (APPROVED, PUBLISHED, FAILED),
    PUBLISHED: (SUPERSEDED, WITHDRAWN),
    SUPERSEDED: (PUBLISHED, WITHDRAWN),
    WITHDRAWN: (),
    FAILED: (),
    DISCARDED: (),
}
# The states in which named people may look at a release before it is published.
SHOWN_BEFORE = (APPROVED, SCHEDULED)
# The states of releases that were given out to the public, whatever became of them.
GIVEN_OUT = (PUBLISHED, SUPERSEDED, WITHDRAWN)


class ReleaseRecord(Base):
    """One release. `version` counts the changes of this row; `number` is the release's own.

    `periods` are slugs; `issued` is the day that its files say it is published on; `progress` is
    the build's stage, counts and times; `verdict` what the audit found; `timings` seconds by stage.
    `based_on` is the newest release given out when it was built, `previous` the one that it took
    the place of. `note` is shown to the public with it, `notice` in place of it once withdrawn;
    `message` says why it failed.
    """

    __tablename__ = "release_records"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(12), default=DRAFT)
    number: Mapped[str] = mapped_column(String(40), default="")
    periods: Mapped[list[str]] = mapped_column(JSON_DOCUMENT)
    issued: Mapped[date] = mapped_column(Date)
    progress: Mapped[dict[str, Any]] = mapped_column(JSON_DOCUMENT, default=dict)
    timings: Mapped[dict[str, float]] = mapped_column(JSON_DOCUMENT, default=dict)
    verdict: Mapped[dict[str, Any]] = mapped_column(JSON_DOCUMENT, default=dict)
    based_on: Mapped[str] = mapped_column(String(40), default="")
    previous: Mapped[str] = mapped_column(String(40), default="")
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("release_records.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    notice: Mapped[str] = mapped_column(Text, default="")
    message: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    checked_at: Mapped[datetime | None] = mapped_column(Instant)
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    publishes_at: Mapped[datetime | None] = mapped_column(Instant)
    scheduled_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    version: Mapped[int] = mapped_column(Integer, default=1)

    __table_args__ = (Index("ix_release_records_state", "state"),)


class ReleaseAccess(Base):
    """Somebody who may look at a release from `starts_at` until before `ends_at`."""

    __tablename__ = "release_access"

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release_records.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    given_at: Mapped[datetime] = mapped_column(Instant, default=now)
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))


class WrongStep(Exception):
    """The release is not in the state that this step begins from, or somebody changed it."""

    def __init__(self, record: ReleaseRecord) -> None:
        super().__init__(
            f"Release {record.id} is {record.state} now: somebody else changed it, or this was "
            "done already."
        )
        self.record = record


def change_state(
    db: Session, record: ReleaseRecord, before: Iterable[str], after: str, **values: Any
) -> None:
    """Takes a release to another state with further values, in the caller's transaction.

    Raises WrongStep, having written nothing, when it is in none of the states `before` or was
    changed since it was read: of two who try, one does.
    """
    begins = tuple(before)
    if any(after not in FOLLOWS[state] for state in begins):
        raise ValueError(f"No step leads from {begins} to {after}")
    changed = db.execute(
        update(ReleaseRecord)
        .where(
            ReleaseRecord.id == record.id,
            ReleaseRecord.state.in_(begins),
            ReleaseRecord.version == record.version,
        )
        .values(state=after, version=ReleaseRecord.version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    done = getattr(changed, "rowcount", 0) == 1
    db.refresh(record)
    if not done:
        raise WrongStep(record)


def all_records(db: Session) -> list[ReleaseRecord]:
    """Every release, newest first."""
    return list(db.scalars(select(ReleaseRecord).order_by(ReleaseRecord.id.desc())))


def records_in(db: Session, states: Iterable[str]) -> list[ReleaseRecord]:
    """Releases in one of these states, oldest first."""
    query = select(ReleaseRecord).where(ReleaseRecord.state.in_(tuple(states)))
    return list(db.scalars(query.order_by(ReleaseRecord.id)))


def record_of_number(db: Session, number: str) -> ReleaseRecord | None:
    """The release that was given out under a number; the latest, should there be several."""
    query = select(ReleaseRecord).where(
        ReleaseRecord.number == number, ReleaseRecord.state.in_(GIVEN_OUT)
    )
    return db.scalars(query.order_by(ReleaseRecord.id.desc())).first()


def due_records(db: Session, at: datetime) -> list[ReleaseRecord]:
    """Scheduled releases whose time has come, the earliest first."""
    query = select(ReleaseRecord).where(
        ReleaseRecord.state == SCHEDULED, ReleaseRecord.publishes_at <= at
    )
    return list(db.scalars(query.order_by(ReleaseRecord.publishes_at, ReleaseRecord.id)))


def latest_timings(db: Session) -> dict[str, float]:
    """Seconds by stage of the latest build that was finished; empty when there was none."""
    query = select(ReleaseRecord).where(ReleaseRecord.checked_at.is_not(None))
    latest = db.scalars(query.order_by(ReleaseRecord.id.desc())).first()
    return dict(latest.timings) if latest else {}


def days_of_valid_logs(db: Session) -> dict[date, int]:
    """How many valid logs there are that can be counted, by their day."""
    query = (
        select(Log.event_date, func.count())
        .where(Log.status == "valid", Log.event_date.is_not(None), Log.log_type.is_not(None))
        .group_by(Log.event_date)
    )
    return {day: count for day, count in db.execute(query) if day is not None}


def access_to(db: Session, record: ReleaseRecord) -> list[tuple[ReleaseAccess, Account]]:
    """Who may look at a release before it is published, with their accounts, as they were named."""
    query = (
        select(ReleaseAccess, Account)
        .join(Account, Account.id == ReleaseAccess.account_id)
        .where(ReleaseAccess.release_id == record.id)
        .order_by(ReleaseAccess.id)
    )
    return [(access, account) for access, account in db.execute(query)]
