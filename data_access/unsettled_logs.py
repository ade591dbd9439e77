"""Logs whose scheme or location was deactivated under them: they lose both and are unresolved."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, and_, false, select
from sqlalchemy.orm import Session

from data_access.audit import AuditEvent, record
from data_access.clock import now
from data_access.logs import Log
from data_access.schemes import Scheme

LOG_UNRESOLVED = "log_unresolved"
_PLACES = ("scheme_id", "location_id")
_TOUCHED = ("saved", "invalid", "valid")


def logs_in_gap(
    scheme: Scheme,
    location_id: int | None,
    starts_on: date,
    ends_on: date | None,
    years: Collection[int],
) -> ColumnElement[bool]:
    """Lettings of a scheme, or one location, that begin while it is deactivated, as a condition.

    Only logs that can still be changed: of the collection years given, and not dropped.
    """
    if not years:
        return false()
    conditions = [
        Log.owning_institution_id == scheme.owner_id,
        Log.collection == "lettings",
        Log.collection_year.in_(years),
        Log.status.in_(_TOUCHED),
        Log.event_date >= starts_on,
        Log.answers["scheme_id"].as_integer() == scheme.id,
    ]
    if ends_on is not None:
        conditions.append(Log.event_date < ends_on)
    if location_id is not None:
        conditions.append(Log.answers["location_id"].as_integer() == location_id)
    return and_(*conditions)


def unsettle(
    db: Session, account_id: int | None, scheme: Scheme, condition: ColumnElement[bool]
) -> list[Log]:
    """Takes scheme and location out of these logs, in the caller's transaction; returns the logs.

    Valid ones are saved again, and must be submitted again. Whoever has one open is told that it
    changed. The scheme must be locked, so that two deactivations do not cross.
    """
    query = (
        select(Log)
        .where(condition)
        .order_by(Log.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = list(db.scalars(query))
    at = now()
    for log in found:
        changes = {
            name: [log.answers[name], None] for name in _PLACES if log.answers.get(name) is not None
        }
        changes["unresolved"] = [log.unresolved, True]
        if log.status == "valid":
            changes["status"] = ["valid", "saved"]
            log.status = "saved"
        log.answers = {name: value for name, value in log.answers.items() if name not in _PLACES}
        log.unresolved = True
        log.version += 1
        log.updated_at = at
        detail = {"scheme": scheme.id, "changes": changes}
        record(db, account_id, LOG_UNRESOLVED, ("log", log.id), detail)
    db.flush()
    return found


def unresolved_of(db: Session, scheme: Scheme, scope: ColumnElement[bool]) -> list[Log]:
    """Logs in scope that lost this scheme last and have no other yet, oldest letting first."""
    events = select(AuditEvent).where(
        AuditEvent.subject_type == "log",
        AuditEvent.action == LOG_UNRESOLVED,
        AuditEvent.subject_id.in_(
            select(Log.id).where(
                Log.unresolved, Log.owning_institution_id == scheme.owner_id, scope
            )
        ),
    )
    lost: dict[int, int] = {}
    for event in db.scalars(events.order_by(AuditEvent.id)):
        lost[event.subject_id] = event.detail.get("scheme", 0)
    mine = [number for number, scheme_id in lost.items() if scheme_id == scheme.id]
    query = select(Log).where(Log.id.in_(mine)).order_by(Log.event_date, Log.id)
    return list(db.scalars(query))
