"""Users, memberships and lists of managed providers of institutions that are merged."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from data_access.account_sessions import AccountSession
from data_access.accounts import Account, ManagedProvider, Membership
from data_access.audit import record
from data_access.credentials import ApiToken
from data_access.merging.parties import Parties

_ROLES = ("provider", "coordinator")


@dataclass(frozen=True)
class PeopleCounts:
    """How many accounts, memberships and entries of managed lists move."""

    users: int
    memberships: int
    managed: int


def count_people(db: Session, parties: Parties) -> PeopleCounts:
    """What would move."""

    def number(model: type, *conditions: object) -> int:
        query = select(func.count()).select_from(model).where(*conditions)  # type: ignore[arg-type]
        return db.scalar(query) or 0

    return PeopleCounts(
        number(Account, Account.institution_id.in_(parties.merging), Account.deleted_at.is_(None)),
        number(Membership, Membership.institution_id.in_(parties.merging)),
        number(ManagedProvider, ManagedProvider.institution_id.in_(parties.merging)),
    )


def move_people(db: Session, parties: Parties) -> list[Account]:
    """Moves people to the absorbing institution, in the caller's transaction; returns who moved.

    Somebody who worked for several of the institutions works for the absorbing one once, in the
    higher of the roles. Sessions that acted for a merging institution end.
    """
    _end_sessions(db, parties)
    moved: list[Account] = []
    places = (*parties.merging, parties.absorbing)
    memberships: dict[int, list[Membership]] = {}
    query = select(Membership).where(Membership.institution_id.in_(places)).order_by(Membership.id)
    for membership in db.scalars(query):
        memberships.setdefault(membership.account_id, []).append(membership)
    accounts = db.scalars(
        select(Account)
        .where(
            or_(
                Account.institution_id.in_(parties.merging),
                Account.id.in_(
                    select(Membership.account_id).where(
                        Membership.institution_id.in_(parties.merging)
                    )
                ),
            )
        )
        .order_by(Account.id)
    )
    for account in accounts:
        _move(db, parties, account, memberships.get(account.id, []))
        moved.append(account)
    db.flush()
    _unite_lists(db, parties)
    db.execute(
        update(ApiToken)
        .where(ApiToken.institution_id.in_(parties.merging))
        .values(institution_id=parties.absorbing)
    )
    return [account for account in moved if account.active and account.deleted_at is None]


def _end_sessions(db: Session, parties: Parties) -> None:
    own = select(Account.id).where(Account.institution_id.in_(parties.merging))
    db.execute(
        delete(AccountSession).where(
            or_(
                AccountSession.institution_id.in_(parties.merging),
                and_(AccountSession.institution_id.is_(None), AccountSession.account_id.in_(own)),
            )
        )
    )


def _higher(roles: Iterable[str]) -> str:
    return max(roles, key=lambda role: _ROLES.index(role) if role in _ROLES else len(_ROLES))


def _move(db: Session, parties: Parties, account: Account, there: list[Membership]) -> None:
    """One account: `there` are its memberships in any of the institutions."""
    changes: dict[str, list[str]] = {}
    left = sorted(m.institution_id for m in there if m.institution_id in parties.merging)
    roles = [membership.role for membership in there if membership.active]
    if account.institution_id in (*parties.merging, parties.absorbing):
        if account.institution_id in parties.merging:
            changes["institution"] = parties.change(account.institution_id)
            account.institution_id = parties.absorbing
        role = _higher([account.role, *roles])
        if role != account.role:
            changes["role"] = [account.role, role]
            account.role = role
        for membership in there:
            db.delete(membership)
    else:
        at_absorbing = [m for m in there if m.institution_id == parties.absorbing]
        kept = (at_absorbing or there)[0]
        for membership in there:
            if membership is not kept:
                db.delete(membership)
        # Doubles go first: one account has one membership in an institution.
        db.flush()
        kept.role = _higher(roles) if roles else kept.role
        kept.active = any(membership.active for membership in there)
        kept.institution_id = parties.absorbing
    if left:
        before = "; ".join(parties.names.get(number, "") for number in left)
        changes["membership"] = [before, parties.change(left[0])[1]]
    account.version += 1
    detail = {"merger": parties.merger, "changes": changes}
    record(db, parties.by, "user_moved_by_merger", ("user", account.id), detail)


def _unite_lists(db: Session, parties: Parties) -> None:
    """Lists of managed providers become lists of the absorbing institution, without doubles.

    Who is now a co-ordinator there is on nobody's list there.
    """
    places = (*parties.merging, parties.absorbing)
    rows = list(
        db.scalars(select(ManagedProvider).where(ManagedProvider.institution_id.in_(places)))
    )
    coordinators = set(
        db.scalars(
            select(Account.id).where(
                Account.institution_id == parties.absorbing, Account.role == "coordinator"
            )
        )
    ) | set(
        db.scalars(
            select(Membership.account_id).where(
                Membership.institution_id == parties.absorbing,
                Membership.role == "coordinator",
                Membership.active,
            )
        )
    )
    wanted = {
        (row.coordinator_id, row.provider_id): row.added_at
        for row in rows
        if row.provider_id not in coordinators
    }
    here = {
        (row.coordinator_id, row.provider_id)
        for row in rows
        if row.institution_id == parties.absorbing
    }
    for row in rows:
        if (
            row.institution_id != parties.absorbing
            or (row.coordinator_id, row.provider_id) not in wanted
        ):
            db.delete(row)
    db.flush()
    db.add_all(
        ManagedProvider(
            institution_id=parties.absorbing,
            coordinator_id=coordinator,
            provider_id=provider,
            added_at=added_at,
        )
        for (coordinator, provider), added_at in wanted.items()
        if (coordinator, provider) not in here
    )
