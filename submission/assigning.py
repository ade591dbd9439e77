"""Giving a log to somebody else: to a managed provider, or to anyone of the institution.

Source: guide, log management ("reassign"), one log at a time.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.accounts import Account, Actor, ManagedProvider, works_for
from data_access.audit import record
from data_access.clock import today
from data_access.logs import Log, save_log
from submission.log_life import OPEN
from submission.reach import SUBMITTERS, NotAllowed, possible_people
from submission.windows import open_for_changes, why_no_changes


@dataclass(frozen=True)
class Takers:
    """Who can take a log on, by name: managed providers, and other people."""

    managed: list[Account]
    others: list[Account]

    def find(self, account_id: int) -> Account | None:
        """The person of this identifier among them."""
        everybody = (*self.managed, *self.others)
        return next((person for person in everybody if person.id == account_id), None)


def managed_providers(db: Session, account: Actor) -> list[Account]:
    """The active people on a co-ordinator's list, of the institution acted for, by name."""
    if account.institution_id is None:
        return []
    listed = select(ManagedProvider.provider_id).where(
        ManagedProvider.coordinator_id == account.id,
        ManagedProvider.institution_id == account.institution_id,
    )
    people = select(Account).where(Account.active, Account.id.in_(listed))
    return list(db.scalars(people.order_by(Account.name, Account.id)))


def takers_of(db: Session, account: Actor, log: Log) -> Takers:
    """Who can take a log on: people of its owner or manager, but for whoever has it.

    To a co-ordinator these are managed providers and the people of the own institution.
    """
    named = {log.owning_institution_id, log.managing_institution_id} - {None}
    within = {number for number in named if number is not None}
    if not within and account.institution_id is not None:
        within = {account.institution_id}
    able = [
        person
        for person in possible_people(db, within)
        if person.id != log.assigned_to_id and person.role in SUBMITTERS
    ]
    managed = {person.id for person in managed_providers(db, account)}
    near = managed | {person.id for person in able}
    if account.institution_id is not None:
        own = select(Account.id).where(works_for(account.institution_id))
        near = managed | set(db.scalars(own))
    return Takers(
        [person for person in able if person.id in managed],
        [person for person in able if person.id in near - managed],
    )


def why_not_assigned(log: Log, day: date) -> str:
    """Why a log cannot be given to anybody now; empty when it can."""
    if log.status == "dropped":
        return "This log was dropped. Dropped logs are kept, but cannot be changed."
    if log.status not in OPEN:
        return (
            "This log is valid, so there is nothing left to do in it. Choose 'Correct this log' "
            "first if somebody else is to change it."
        )
    if not open_for_changes(log.collection, log.collection_year, day):
        return why_no_changes(log.collection, log.collection_year, day)
    return ""


def assign(
    db: Session,
    account: Actor,
    log: Log,
    taker: Account,
    expected_version: int,
    day: date | None = None,
) -> Log:
    """Gives a log to somebody and commits; `taker` is one of `takers_of`.

    Raises NotAllowed for a log that is not open or a person who cannot take it on, and
    VersionConflict when somebody else saved the log since `expected_version`.
    """
    refusal = why_not_assigned(log, day or today())
    if refusal:
        raise NotAllowed(refusal)
    if takers_of(db, account, log).find(taker.id) is None:
        raise NotAllowed(f"{taker.name} cannot take this log on. Choose somebody from the list.")
    changes = {"assigned_to_id": [log.assigned_to_id, taker.id]}
    record(db, account.id, "log_assigned", ("log", log.id), {"changes": changes})
    answers = {**log.answers, "assigned_to_id": taker.id}
    save_log(db, log, expected_version, {"answers": answers, "assigned_to_id": taker.id})
    db.commit()
    return log
