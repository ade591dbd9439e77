"""Logs: one letting or sale each, its answers as one document beside columns for searching."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    false,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from data_access.clock import now
from data_access.database import JSON_DOCUMENT, Base, Instant

STATUSES = ("saved", "valid", "invalid", "dropped")
PAGE_LENGTH = 20
# A database driver takes some thousands of values at once.
_VALUES_AT_ONCE = 900


class VersionConflict(Exception):
    """Somebody else saved this log since it was opened. `current` is the log as it now stands."""

    def __init__(self, current: "Log") -> None:
        super().__init__("Somebody else has changed this log since you opened it.")
        self.current = current


class Log(Base):
    """The record of one letting or sale.

    `answers` holds values by variable: whole numbers for coded answers, text, decimals as text
    ("100.50"), dates as ISO text. `entered` holds what was typed where it could not be read.
    `findings` holds the rules that the last submission broke.
    """

    __tablename__ = "logs"

    id: Mapped[int] = mapped_column(primary_key=True)
    collection: Mapped[str] = mapped_column(String(10))
    collection_year: Mapped[int] = mapped_column(Integer)
    log_type: Mapped[str | None] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(10))
    owning_institution_id: Mapped[int | None] = mapped_column(
        ForeignKey("institutions.id"), index=True
    )
    managing_institution_id: Mapped[int | None] = mapped_column(
        ForeignKey("institutions.id"), index=True
    )
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    event_date: Mapped[date | None] = mapped_column(Date, index=True)
    local_authority: Mapped[str | None] = mapped_column(String(9), index=True)
    postcode: Mapped[str | None] = mapped_column(String(10), index=True)
    tenancy_code: Mapped[str | None] = mapped_column(String(100), index=True)
    property_reference: Mapped[str | None] = mapped_column(String(100), index=True)
    # Its scheme or location was deactivated, so that both were taken out and must be chosen again.
    unresolved: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    version: Mapped[int] = mapped_column(Integer, default=1)
    creation_method: Mapped[str] = mapped_column(String(15), default="form")
    upload_id: Mapped[int | None] = mapped_column(ForeignKey("uploads.id"), index=True)
    upload_row: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    updated_at: Mapped[datetime] = mapped_column(Instant, default=now)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON_DOCUMENT, default=dict)
    entered: Mapped[dict[str, str]] = mapped_column(JSON_DOCUMENT, default=dict)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON_DOCUMENT, default=list)

    __table_args__ = (
        Index("ix_logs_collection_year_status", "collection", "collection_year", "status"),
    )


@dataclass(frozen=True)
class Filters:
    """What a list of logs is narrowed to; an empty field does not narrow."""

    status: str = ""
    collection_year: int | None = None
    log_type: str = ""
    search: str = ""
    unresolved: bool = False
    # Identifier of the account that a log is assigned to.
    assigned_to: int | None = None


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.status:
        conditions.append(Log.status == filters.status)
    if filters.collection_year is not None:
        conditions.append(Log.collection_year == filters.collection_year)
    if filters.log_type:
        conditions.append(Log.log_type == filters.log_type)
    if filters.unresolved:
        conditions.append(Log.unresolved.is_(True))
    if filters.assigned_to is not None:
        conditions.append(Log.assigned_to_id == filters.assigned_to)
    text = filters.search.strip()
    if text:
        wanted: list[ColumnElement[bool]] = [
            func.lower(Log.tenancy_code) == text.lower(),
            func.lower(Log.property_reference) == text.lower(),
            func.replace(Log.postcode, " ", "") == text.upper().replace(" ", ""),
        ]
        number = text.lower().removeprefix("log").strip()
        if number.isdecimal() and len(number) < 10:
            wanted.append(Log.id == int(number))
        conditions.append(or_(*wanted))
    return conditions


def get_log(db: Session, log_id: int, scope: ColumnElement[bool]) -> Log | None:
    """The log, if it is within the scope that the person may see."""
    return db.scalar(select(Log).where(Log.id == log_id, scope))


def list_logs(
    db: Session, scope: ColumnElement[bool], filters: Filters, page: int = 1
) -> tuple[list[Log], int]:
    """One page of logs, newest change first, and how many there are in all."""
    conditions = [scope, *_conditions(filters)]
    total = db.scalar(select(func.count()).select_from(Log).where(*conditions)) or 0
    query = (
        select(Log)
        .where(*conditions)
        .order_by(Log.updated_at.desc(), Log.id.desc())
        .limit(PAGE_LENGTH)
        .offset((page - 1) * PAGE_LENGTH)
    )
    return list(db.scalars(query)), total


def log_counts(db: Session, scope: ColumnElement[bool]) -> dict[tuple[int, str], int]:
    """How many logs there are, by collection year and status."""
    query = (
        select(Log.collection_year, Log.status, func.count())
        .where(scope)
        .group_by(Log.collection_year, Log.status)
    )
    return {(year, status): count for year, status, count in db.execute(query)}


def save_log(db: Session, log: Log, expected_version: int, changes: Mapping[str, Any]) -> Log:
    """Writes changes to columns of a log if nobody else has written since `expected_version`.

    Raises VersionConflict with the log as it now stands, and writes nothing.
    """
    written = db.execute(
        update(Log)
        .where(Log.id == log.id, Log.version == expected_version)
        .values(**changes, version=expected_version + 1, updated_at=now())
        .execution_options(synchronize_session=False)
    )
    if getattr(written, "rowcount", 0) != 1:
        db.rollback()
        db.refresh(log)
        raise VersionConflict(log)
    db.flush()
    db.refresh(log)
    return log


def bulk_insert(db: Session, rows: Iterable[Mapping[str, Any]]) -> None:
    """Inserts many logs at once, within the caller's transaction. All rows have the same keys."""
    listed = [dict(row) for row in rows]
    if listed:
        db.execute(insert(Log), listed)


def valid_answers(
    db: Session, scope: ColumnElement[bool], log_type: str, start: date, end: date
) -> list[dict[str, Any]]:
    """Answers of valid logs of a type from `start` to `end`, both included."""
    query = select(Log.answers).where(
        scope,
        Log.status == "valid",
        Log.log_type == log_type,
        Log.event_date.between(start, end),
    )
    return list(db.scalars(query))


def logs_with_codes(
    db: Session,
    collection: str,
    year: int,
    owner_ids: Iterable[int],
    days: Iterable[date],
    codes: Iterable[str | None],
) -> list[tuple[int, dict[str, Any]]]:
    """Identifiers and answers of logs, not dropped, with one of these owners, days and codes.

    `codes`: tenancy or purchaser codes; None for logs without one.
    """
    owners, dates = sorted(set(owner_ids)), sorted(set(days))
    if not owners or not dates:
        return []
    listed = set(codes)
    known = sorted(code for code in listed if code is not None)
    conditions: list[ColumnElement[bool]] = [
        Log.tenancy_code.in_(known[start : start + _VALUES_AT_ONCE])
        for start in range(0, len(known), _VALUES_AT_ONCE)
    ]
    if None in listed:
        conditions.append(Log.tenancy_code.is_(None))
    found: list[tuple[int, dict[str, Any]]] = []
    for condition in conditions:
        query = select(Log.id, Log.answers).where(
            condition,
            Log.collection == collection,
            Log.collection_year == year,
            Log.status != "dropped",
            Log.owning_institution_id.in_(owners),
            Log.event_date.in_(dates),
        )
        found += [(log_id, answers) for log_id, answers in db.execute(query)]
    return found
