"""Which owners, managers, people and schemes somebody may name in a log."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.accounts import Account, Actor, works_for_any
from data_access.institutions import Institution, has_stock, managers_for, owners_for
from data_access.mergers import absorbed_by
from data_access.schemes import APPROVED, Scheme
from data_access.settings import get_settings


class NotAllowed(Exception):
    """The log's state, its collection year or the person's account does not allow this."""


SUBMITTERS = frozenset(["provider", "coordinator", "administrator"])


def may_submit(account: Actor) -> bool:
    """Whether this person may start logs and upload files at all."""
    if account.role == "administrator":
        return True
    return account.role in SUBMITTERS and account.institution_id is not None


def shows_stock(institution: Institution) -> bool:
    """Whether logs may name this owner: it holds homes, and its record shows how many."""
    return institution.holds_stock and institution.stock > 0


def no_figure_in_words(names: Iterable[str]) -> str:
    """That nobody can submit for these owners, and whom to ask. Source: guide, stock figures."""
    listed = list(names)
    several = len(listed) > 1
    together = f"{', '.join(listed[:-1])} and {listed[-1]}" if several else listed[0]
    return (
        f"{together} {'show' if several else 'shows'} no stock figure, so nobody can submit for "
        f"{'them' if several else 'it'}. Ask {get_settings().helpdesk} to enter the number of "
        f"homes {'they own' if several else 'it owns'}. A co-ordinator can also choose 'Report a "
        "mistake' on the institution's page."
    )


def possible_owners(db: Session, account: Actor, day: date | None = None) -> list[Institution]:
    """Institutions whose homes this person may report on a day, by name.

    An administrator, who belongs to none, may report for all; anyone else for the own institution
    (when it has stock), for those whose homes it manages on the day, and for those that went into
    it only later. Institutions without a stock figure are not among them.
    """
    if account.institution_id is not None:
        found = [*owners_for(db, account.institution_id, day), *_absorbed_later(db, account, day)]
        return sorted(
            {owner.id: owner for owner in found if shows_stock(owner)}.values(),
            key=lambda owner: owner.name,
        )
    if account.role != "administrator":
        return []
    owners = select(Institution).where(Institution.active, has_stock())
    return list(db.scalars(owners.order_by(Institution.name)))


def owners_without_figure(
    db: Session, account: Actor, day: date | None = None
) -> list[Institution]:
    """Owners for which this person could report if their records showed a stock figure."""
    if account.institution_id is None:
        return []
    found = owners_for(db, account.institution_id, day)
    return [owner for owner in found if not shows_stock(owner)]


def _absorbed_later(db: Session, account: Actor, day: date | None) -> list[Institution]:
    """Institutions that were still themselves on a day and are part of the person's own now."""
    if account.institution_id is None or day is None:
        return []
    absorbed = absorbed_by(db, account.institution_id)
    if not absorbed:
        return []
    there = Institution.id.in_(absorbed), Institution.merged_on > day
    return list(db.scalars(select(Institution).where(*there)))


def possible_managers(
    db: Session, account: Actor, owner_id: int, day: date | None = None
) -> list[Institution]:
    """Institutions that this person may name as managing homes of an owner on a day, by name."""
    mine = account.institution_id
    ours = {owner_id} if mine is None else {mine, *absorbed_by(db, mine)}
    found = {owner.id: owner for owner in managers_for(db, owner_id, day)}
    if owner_id in ours:
        # Of one that went into another both may be said to have managed the homes.
        for number in {owner_id, mine or owner_id}:
            institution = db.get(Institution, number)
            if institution is not None:
                found[number] = institution
    return sorted(
        (one for one in found.values() if mine is None or owner_id in ours or one.id in ours),
        key=lambda one: one.name,
    )


def possible_people(db: Session, institution_ids: set[int]) -> list[Account]:
    """Active people of these institutions, or of those they went into, by name.

    They are those whom a log may be assigned to.
    """
    within = institution_ids | _absorbing(db, institution_ids)
    people = select(Account).where(Account.active, works_for_any(within))
    return list(db.scalars(people.order_by(Account.name)))


def _absorbing(db: Session, institution_ids: set[int]) -> set[int]:
    """The institutions that these went into, also by way of others."""
    found: set[int] = set()
    level = institution_ids
    while level:
        query = select(Institution.merged_into_id).where(
            Institution.id.in_(level), Institution.merged_into_id.is_not(None)
        )
        level = {number for number in db.scalars(query) if number is not None} - found
        found |= level
    return found


def possible_schemes(db: Session, institution_ids: set[int]) -> list[Scheme]:
    """Approved schemes of these institutions, by name."""
    schemes = select(Scheme).where(Scheme.status == APPROVED, Scheme.owner_id.in_(institution_ids))
    return list(db.scalars(schemes.order_by(Scheme.name)))
