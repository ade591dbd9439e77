"""Lists of managed providers: who can be put on one, who is on it, and each small change of it.

Source: guide, "Edit managed providers": a co-ordinator's list holds data providers of the own
institution and of its children; co-ordinators cannot be managed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from data_access.accounts import Account, Actor, ManagedProvider, Membership
from data_access.audit import record
from data_access.clock import now, today
from data_access.institutions import Institution, InstitutionLink, in_force
from data_access.people.listing import role_at

MOST_SHOWN = 200


@dataclass(frozen=True)
class Provider:
    """A data provider of a list, with the name of the institution of the account."""

    account: Account
    institution: str


def can_be_managed(institution_id: int) -> ColumnElement[bool]:
    """Active data providers of an institution and of its children, as a condition."""
    children = select(InstitutionLink.manager_id).where(
        InstitutionLink.owner_id == institution_id, in_force(today())
    )
    member = select(Membership.account_id).where(
        Membership.institution_id == institution_id,
        Membership.role == "provider",
        Membership.active,
    )
    near = or_(Account.institution_id == institution_id, Account.institution_id.in_(children))
    return and_(
        Account.active,
        Account.deleted_at.is_(None),
        or_(and_(near, Account.role == "provider"), Account.id.in_(member)),
        role_at(institution_id) == "provider",
    )


def _on_list(by: Actor) -> Any:
    return select(ManagedProvider.provider_id).where(
        ManagedProvider.coordinator_id == by.id,
        ManagedProvider.institution_id == by.institution_id,
    )


def managed_providers(db: Session, by: Actor, reach: ColumnElement[bool]) -> list[Provider]:
    """Who is on a co-ordinator's list, inactive ones too, by name."""
    return _providers(db, and_(reach, Account.id.in_(_on_list(by))))


def providers_to_add(
    db: Session, by: Actor, reach: ColumnElement[bool], search: str = ""
) -> tuple[list[Provider], int]:
    """Who can be added to a co-ordinator's list, by name, and how many they are in all.

    `search` is looked for in names, user names and names of institutions. At most MOST_SHOWN are
    listed.
    """
    if by.institution_id is None:
        return [], 0
    condition = and_(reach, can_be_managed(by.institution_id), Account.id.not_in(_on_list(by)))
    text = search.strip()
    if text:
        columns = (Account.name, Account.user_name, Institution.name)
        condition = and_(
            condition,
            or_(
                *(func.lower(column).contains(text.lower(), autoescape=True) for column in columns),
                Account.name.contains(text, autoescape=True),
            ),
        )
    total = db.scalar(
        select(func.count())
        .select_from(Account)
        .outerjoin(Institution, Institution.id == Account.institution_id)
        .where(condition)
    )
    return _providers(db, condition, MOST_SHOWN), total or 0


def _providers(
    db: Session, condition: ColumnElement[bool], most: int | None = None
) -> list[Provider]:
    query = (
        select(Account, Institution.name)
        .outerjoin(Institution, Institution.id == Account.institution_id)
        .where(condition)
        .order_by(func.lower(Account.name), Account.id)
        .limit(most)
    )
    return [Provider(account, name or "") for account, name in db.execute(query)]


def add_to_list(db: Session, by: Actor, provider_ids: Iterable[int]) -> int:
    """Puts data providers on a co-ordinator's list, in the caller's transaction.

    Returns how many were not on it; who was is left as they are, so that it can be done twice.
    """
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    added = 0
    for provider_id in provider_ids:
        new = db.scalar(
            insert(ManagedProvider)
            .values(
                institution_id=by.institution_id,
                coordinator_id=by.id,
                provider_id=provider_id,
                added_at=now(),
            )
            .on_conflict_do_nothing()
            .returning(ManagedProvider.provider_id)
        )
        if new is not None:
            added += 1
            changes = {"managed_by": [None, by.name]}
            record(db, by.id, "user_managed", ("user", provider_id), {"changes": changes})
    return added


def remove_from_list(db: Session, by: Actor, provider_id: int) -> bool:
    """Takes somebody off a co-ordinator's list, in the caller's transaction.

    False when they were not on it.
    """
    done = db.execute(
        delete(ManagedProvider).where(
            ManagedProvider.coordinator_id == by.id,
            ManagedProvider.institution_id == by.institution_id,
            ManagedProvider.provider_id == provider_id,
        )
    )
    if getattr(done, "rowcount", 0) != 1:
        return False
    changes = {"managed_by": [by.name, None]}
    record(db, by.id, "user_no_longer_managed", ("user", provider_id), {"changes": changes})
    return True


def is_on_list(db: Session, by: Actor, provider_id: int) -> bool:
    """Whether somebody is on a co-ordinator's list."""
    query = _on_list(by).where(ManagedProvider.provider_id == provider_id)
    return db.scalar(query) is not None
