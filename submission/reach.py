"""Which owners, managers and people somebody may name in a log."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.accounts import Account, Actor, works_for_any
from data_access.institutions import Institution, managers_for, owners_for
from data_access.schemes import APPROVED, Scheme

SUBMITTERS = frozenset(["provider", "coordinator", "administrator"])


def may_submit(account: Actor) -> bool:
    """Whether this person may start logs and upload files at all."""
    if account.role == "administrator":
        return True
    return account.role in SUBMITTERS and account.institution_id is not None


def possible_owners(db: Session, account: Actor) -> list[Institution]:
    """Institutions whose homes this person may report, by name.

    An administrator, who belongs to none, may report for all; anyone else for the own institution
    (when it has stock) and for those whose homes it manages.
    """
    if account.institution_id is not None:
        return owners_for(db, account.institution_id)
    if account.role != "administrator":
        return []
    owners = select(Institution).where(Institution.active, Institution.holds_stock)
    return list(db.scalars(owners.order_by(Institution.name)))


def possible_managers(db: Session, account: Actor, owner_id: int) -> list[Institution]:
    """Institutions that this person may name as managing homes of an owner, by name."""
    mine = account.institution_id
    return [
        found
        for found in managers_for(db, owner_id)
        if mine is None or mine in (owner_id, found.id)
    ]


def possible_people(db: Session, institution_ids: set[int]) -> list[Account]:
    """Active people of these institutions, by name: those whom a log may be assigned to."""
    people = select(Account).where(Account.active, works_for_any(institution_ids))
    return list(db.scalars(people.order_by(Account.name)))


def possible_schemes(db: Session, institution_ids: set[int]) -> list[Scheme]:
    """Approved schemes of these institutions, by name."""
    schemes = select(Scheme).where(Scheme.status == APPROVED, Scheme.owner_id.in_(institution_ids))
    return list(db.scalars(schemes.order_by(Scheme.name)))
