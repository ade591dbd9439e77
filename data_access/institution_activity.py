"""Deactivating an institution with its users, and reactivating both."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from data_access.account_sessions import AccountSession, end_sessions
from data_access.accounts import Account, Membership
from data_access.audit import AuditEvent, record
from data_access.credentials import ApiToken
from data_access.institutions import Institution, InstitutionLink, in_force, lock
from data_access.logs import Log
from data_access.mergers import Merger, scheduled_mergers
from data_access.people.changing import end_links
from data_access.schemes import Scheme
from data_access.versions import ChangedMeanwhile, save_changes

# Under this name the event of a user says with which institution the user was deactivated.
WITH_INSTITUTION = "with_institution"


class Merged(Exception):
    """An institution that was merged into another cannot be reactivated."""

    def __init__(self, institution: Institution) -> None:
        super().__init__(
            f"{institution.name} has been merged into another institution and cannot be "
            "reactivated. Use the institution that it went into"
        )


@dataclass(frozen=True)
class Affected:
    """What a deactivation touches, as counts.

    `users` are deactivated and signed out; `elsewhere` work for another active institution too and
    go on there. `left_alone` are owners whose only active child on the day it is.
    """

    users: int
    elsewhere: int
    members: int
    saved_logs: int
    invalid_logs: int
    parents: int
    children: int
    schemes: int
    left_alone: tuple[Institution, ...]
    mergers: tuple[Merger, ...]


def _own(institution_id: int) -> ColumnElement[bool]:
    return and_(Account.institution_id == institution_id, Account.deleted_at.is_(None))


def _works_elsewhere(institution_id: int) -> ColumnElement[bool]:
    """Accounts with a membership in another, active institution."""
    return Account.id.in_(
        select(Membership.account_id)
        .join(Institution, Institution.id == Membership.institution_id)
        .where(Membership.active, Institution.active, Institution.id != institution_id)
    )


def affected_by_deactivation(db: Session, institution: Institution, day: date) -> Affected:
    """What deactivating an institution on a day would touch."""
    number = institution.id

    def count(model: type, *conditions: ColumnElement[bool]) -> int:
        return db.scalar(select(func.count()).select_from(model).where(*conditions)) or 0

    logs = or_(Log.owning_institution_id == number, Log.managing_institution_id == number)
    apart = InstitutionLink.owner_id != InstitutionLink.manager_id
    active = _own(number) & Account.active
    return Affected(
        users=count(Account, active, ~_works_elsewhere(number)),
        elsewhere=count(Account, active, _works_elsewhere(number)),
        members=count(Membership, Membership.institution_id == number, Membership.active.is_(True)),
        saved_logs=count(Log, logs, Log.status == "saved"),
        invalid_logs=count(Log, logs, Log.status == "invalid"),
        parents=count(InstitutionLink, InstitutionLink.manager_id == number, apart, in_force(day)),
        children=count(InstitutionLink, InstitutionLink.owner_id == number, apart, in_force(day)),
        schemes=count(Scheme, Scheme.owner_id == number),
        left_alone=tuple(_left_alone(db, number, day)),
        mergers=tuple(
            merger
            for merger in scheduled_mergers(db)
            if number in (*merger.merging, merger.absorbing_id)
        ),
    )


def _left_alone(db: Session, institution_id: int, day: date) -> list[Institution]:
    mine = select(InstitutionLink.owner_id).where(
        InstitutionLink.manager_id == institution_id,
        InstitutionLink.owner_id != institution_id,
        in_force(day),
    )
    others = (
        select(InstitutionLink.owner_id)
        .join(Institution, Institution.id == InstitutionLink.manager_id)
        .where(
            InstitutionLink.manager_id != institution_id,
            Institution.active,
            in_force(day),
        )
    )
    query = select(Institution).where(
        Institution.id.in_(mine), Institution.id.not_in(others), Institution.active
    )
    return list(db.scalars(query.order_by(func.lower(Institution.name))))


def deactivate(
    db: Session, by_id: int | None, institution: Institution, expected_version: int
) -> int:
    """Deactivates an institution and its active users, in the caller's transaction.

    Returns how many users. Whoever works for another active institution too keeps the account and
    goes on there. Every session, token and one-time link that acts for the institution ends.
    Raises ChangedMeanwhile.
    """
    lock(db, institution.id)
    if not _switch(db, by_id, institution, expected_version, False):
        return 0
    accounts = db.scalars(
        select(Account)
        .where(_own(institution.id), Account.active, ~_works_elsewhere(institution.id))
        .order_by(Account.id)
        .execution_options(populate_existing=True)
    )
    users = 0
    for account in accounts:
        _switch_account(db, by_id, account, institution.id, False)
        end_sessions(db, account.id)
        end_links(db, account.id)
        db.execute(delete(ApiToken).where(ApiToken.account_id == account.id))
        users += 1
    for model in (AccountSession, ApiToken):
        db.execute(delete(model).where(_acts_for(model, institution.id)))
    db.flush()
    return users


def _acts_for(
    model: type[AccountSession] | type[ApiToken], institution_id: int
) -> ColumnElement[bool]:
    """Sessions or tokens with which somebody acts for an institution."""
    own = select(Account.id).where(Account.institution_id == institution_id)
    return or_(
        model.institution_id == institution_id,
        and_(model.institution_id.is_(None), model.account_id.in_(own)),
    )


def come_back(db: Session, institution: Institution) -> list[Account]:
    """Users who would be reactivated with it: those deactivated with it and not touched since."""
    accounts = list(
        db.scalars(
            select(Account)
            .where(_own(institution.id), Account.active.is_(False))
            .order_by(Account.id)
            .execution_options(populate_existing=True)
        )
    )
    events = db.scalars(
        select(AuditEvent)
        .where(
            AuditEvent.subject_type == "user",
            AuditEvent.subject_id.in_([account.id for account in accounts]),
        )
        .order_by(AuditEvent.id)
    )
    last: dict[int, object] = {}
    for event in events:
        if "active" in (event.detail.get("changes") or {}):
            last[event.subject_id] = event.detail.get(WITH_INSTITUTION)
    return [account for account in accounts if last.get(account.id) == institution.id]


def reactivate(
    db: Session, by_id: int | None, institution: Institution, expected_version: int
) -> int:
    """Reactivates an institution, and the users deactivated with it, in the caller's transaction.

    Returns how many users. Raises Merged and ChangedMeanwhile.
    """
    lock(db, institution.id)
    db.refresh(institution)
    if institution.merged_into_id is not None:
        raise Merged(institution)
    if not _switch(db, by_id, institution, expected_version, True):
        return 0
    accounts = come_back(db, institution)
    for account in accounts:
        _switch_account(db, by_id, account, institution.id, True)
    db.flush()
    return len(accounts)


def _switch(
    db: Session, by_id: int | None, institution: Institution, expected_version: int, active: bool
) -> bool:
    db.refresh(institution)
    if institution.active == active:
        raise ChangedMeanwhile(institution)
    changes = save_changes(db, institution, expected_version, {"active": active})
    action = "institution_reactivated" if active else "institution_deactivated"
    record(db, by_id, action, ("institution", institution.id), {"changes": changes})
    return bool(changes)


def _switch_account(
    db: Session, by_id: int | None, account: Account, institution_id: int, active: bool
) -> None:
    account.active = active
    account.version += 1
    record(
        db,
        by_id,
        "user_activated" if active else "user_deactivated",
        ("user", account.id),
        {WITH_INSTITUTION: institution_id, "changes": {"active": [not active, active]}},
    )
