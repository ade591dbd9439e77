"""Logs after a merger: open ones and those of its day and later change hands, earlier ones stay."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session

from data_access.audit import AuditEvent, request_address
from data_access.clock import now
from data_access.logs import Log
from data_access.merging.parties import Parties
from data_access.merging.schemes import MovedSchemes
from data_access.uploads import Upload

_AT_ONCE = 1_000
# Answers that name an institution, and the columns that mirror them.
_INSTITUTIONS = {
    "owning_organisation_id": "owning_institution_id",
    "managing_organisation_id": "managing_institution_id",
}
_COLUMNS = (
    Log.id,
    Log.status,
    Log.event_date,
    Log.owning_institution_id,
    Log.managing_institution_id,
    Log.answers,
    Log.version,
)


@dataclass(frozen=True)
class LogCounts:
    """Logs that move, open (saved or invalid) and valid, and those that stay; uploads."""

    open: int
    valid: int
    staying: int
    uploads: int


def count_logs(db: Session, parties: Parties, ending: frozenset[int]) -> LogCounts:
    """What would move. `ending` are the schemes that end on the day of the merger."""
    counts = {"open": 0, "valid": 0, "staying": 0}
    for rows in _in_parts(db, parties):
        for row in rows:
            if not _moves(row, parties, ending):
                counts["staying"] += 1
            else:
                counts["valid" if row.status == "valid" else "open"] += 1
    uploads = db.scalar(
        select(func.count()).select_from(Upload).where(Upload.institution_id.in_(parties.merging))
    )
    return LogCounts(**counts, uploads=uploads or 0)


def move_logs(db: Session, parties: Parties, schemes: MovedSchemes) -> LogCounts:
    """Moves logs and uploads, in the caller's transaction; an audit event for each log.

    Answers and the columns that mirror them change together, and with the version: somebody who has
    the log open is told that it changed meanwhile.
    """
    counts = {"open": 0, "valid": 0, "staying": 0}
    ending = frozenset(schemes.schemes)
    at = now()
    for rows in _in_parts(db, parties, hold=True):
        changed: list[dict[str, Any]] = []
        events: list[dict[str, Any]] = []
        for row in rows:
            if not _moves(row, parties, ending):
                counts["staying"] += 1
                continue
            counts["valid" if row.status == "valid" else "open"] += 1
            answers, changes = _after(row.answers, parties, schemes)
            changed.append(
                {
                    "log_id": row.id,
                    "owner": parties.after(row.owning_institution_id),
                    "manager": parties.after(row.managing_institution_id),
                    "answers_after": answers,
                    "version_after": row.version + 1,
                }
            )
            events.append(
                {
                    "account_id": parties.by,
                    "address": request_address.get()[:45],
                    "action": "log_moved_by_merger",
                    "subject_type": "log",
                    "subject_id": row.id,
                    "detail": {"merger": parties.merger, "changes": changes},
                }
            )
        if changed:
            db.connection().execute(
                update(Log.__table__)  # type: ignore[arg-type]
                .where(Log.__table__.c.id == bindparam("log_id"))
                .values(
                    owning_institution_id=bindparam("owner"),
                    managing_institution_id=bindparam("manager"),
                    answers=bindparam("answers_after"),
                    version=bindparam("version_after"),
                    updated_at=at,
                ),
                changed,
            )
            db.execute(insert(AuditEvent), events)
    uploads = db.execute(
        update(Upload)
        .where(Upload.institution_id.in_(parties.merging))
        .values(institution_id=parties.absorbing)
        .execution_options(synchronize_session=False)
    )
    for held in list(db.identity_map.values()):
        if isinstance(held, Log):
            db.expire(held)
    return LogCounts(**counts, uploads=getattr(uploads, "rowcount", 0))


def _in_parts(db: Session, parties: Parties, hold: bool = False) -> Iterator[list[Row[Any]]]:
    """Logs that concern the merging institutions, dropped ones apart, some at a time."""
    last = 0
    while True:
        query = (
            select(*_COLUMNS)
            .where(
                or_(
                    Log.owning_institution_id.in_(parties.merging),
                    Log.managing_institution_id.in_(parties.merging),
                ),
                Log.status != "dropped",
                Log.id > last,
            )
            .order_by(Log.id)
            .limit(_AT_ONCE)
        )
        rows = list(db.execute(query.with_for_update() if hold else query))
        if rows:
            yield rows
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].id


def _moves(row: Row[Any], parties: Parties, ending: frozenset[int]) -> bool:
    """Whether a log changes hands.

    A valid log moves from the day of the merger on. An open one moves whatever its day, unless what
    it would then name did not exist on that day: an institution made by the merger, or the
    continuation of its scheme. It stays with the institution that owned the home then, as the
    checker demands.
    """
    day: date | None = row.event_date
    if day is None or day >= parties.day:
        return True
    if row.status == "valid":
        return False
    if parties.exists_from is not None and day < parties.exists_from:
        return False
    return row.answers.get("scheme_id") not in ending


def _after(
    answers: Mapping[str, Any], parties: Parties, schemes: MovedSchemes
) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """The answers after the merger, and what changed in them."""
    after = dict(answers)
    for name in _INSTITUTIONS:
        if name in after:
            after[name] = parties.after(after[name])
    for name, moved in (("scheme_id", schemes.schemes), ("location_id", schemes.locations)):
        if after.get(name) in moved:
            after[name] = moved[after[name]]
    changes = {
        name: [answers[name], value] for name, value in after.items() if value != answers[name]
    }
    return after, changes
