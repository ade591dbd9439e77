"""Logs that a user has in hand, and giving all of them to somebody else."""

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from data_access.accounts import Account, Actor, works_for
from data_access.audit import record
from data_access.clock import now
from data_access.logs import Log
from data_access.mergers import absorbed_by
from data_access.people.listing import role_at

SAVED, INVALID = "saved", "invalid"
OPEN = (SAVED, INVALID)


def has_in_hand(account_id: int) -> ColumnElement[bool]:
    """Logs assigned to somebody, or started by them and assigned to nobody, as a condition."""
    return or_(
        Log.assigned_to_id == account_id,
        and_(Log.assigned_to_id.is_(None), Log.created_by_id == account_id),
    )


def logs_to_hand_over(db: Session, account: Account) -> ColumnElement[bool]:
    """Saved and invalid logs in somebody's hand, of the own institution, as a condition.

    Logs of further institutions that the person works for are theirs to hand over.
    """
    conditions = [has_in_hand(account.id), Log.status.in_(OPEN)]
    if account.institution_id is not None:
        places = (account.institution_id, *absorbed_by(db, account.institution_id))
        conditions.append(
            or_(
                Log.owning_institution_id.in_(places),
                Log.managing_institution_id.in_(places),
                and_(Log.owning_institution_id.is_(None), Log.managing_institution_id.is_(None)),
            )
        )
    return and_(*conditions)


def count_logs(db: Session, which: ColumnElement[bool]) -> dict[str, int]:
    """How many logs there are of each status."""
    query = select(Log.status, func.count()).where(which).group_by(Log.status)
    return {row[0]: row[1] for row in db.execute(query)}


def logs_of(account_id: int) -> ColumnElement[bool]:
    """Every log that a user has started or has, whatever its status, as a condition."""
    return or_(Log.assigned_to_id == account_id, Log.created_by_id == account_id)


def takers_for(db: Session, account: Account) -> list[Account]:
    """Who can take over somebody's logs, by name.

    They are the active data providers and co-ordinators of the institution; for an account without
    one, the active administrators.
    """
    query = select(Account).where(
        Account.active, Account.deleted_at.is_(None), Account.id != account.id
    )
    if account.institution_id is None:
        query = query.where(Account.role == "administrator")
    else:
        role = role_at(account.institution_id)
        query = query.where(
            works_for(account.institution_id), role.in_(("provider", "coordinator"))
        )
    return list(db.scalars(query.order_by(func.lower(Account.name), Account.id)))


def give_logs(db: Session, by: Actor, which: ColumnElement[bool], taker: Account) -> int:
    """Gives logs to somebody, in the caller's transaction; returns how many.

    The caller has already changed something in it: with that, SQLite lets nobody else write, so
    that the logs read here are the ones changed. PostgreSQL holds their rows.
    """
    query = select(Log).where(which).order_by(Log.id).with_for_update()
    logs = list(db.scalars(query.execution_options(populate_existing=True)))
    for log in logs:
        changes = {"assigned_to_id": [log.assigned_to_id, taker.id]}
        record(db, by.id, "log_assigned", ("log", log.id), {"changes": changes})
        log.answers = {**log.answers, "assigned_to_id": taker.id}
        log.assigned_to_id = taker.id
        log.version += 1
        log.updated_at = now()
    db.flush()
    return len(logs)
