"""Reminding institutions to sign, by e-mail, at most once a day each."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.accounts import Account, Person, works_for
from data_access.agreement_standing import Wanted, standings
from data_access.agreements import officers_of, record_reminder
from data_access.institutions import Institution
from data_access.settings import Settings
from portal.mail import write_mail


@dataclass(frozen=True)
class Reminded:
    """How many institutions were written to, had been lately, and have nobody to write to."""

    written: int = 0
    lately: int = 0
    nobody: int = 0


def remind(db: Session, settings: Settings, by: Person, institution: Institution) -> Reminded:
    """Writes to an institution's Data Protection Officers, else to its co-ordinators. Commits."""
    officers = officers_of(db, institution.id)
    people = officers or _coordinators(db, institution.id)
    if not people:
        return Reminded(nobody=1)
    if not record_reminder(db, by, institution.id):
        db.rollback()
        return Reminded(lately=1)
    for account in people:
        write_mail(
            db,
            settings,
            account,
            "agreement_reminder",
            institution=institution.name,
            is_officer=bool(officers),
            link=f"{settings.address}/institutions/{institution.id}/agreement",
        )
    db.commit()
    return Reminded(written=1)


def remind_all(db: Session, settings: Settings, by: Person) -> Reminded:
    """Reminds every institution that has not signed; each is a transaction of its own."""
    counts = [remind(db, settings, by, found.institution) for found in standings(db, Wanted())]
    return Reminded(
        sum(count.written for count in counts),
        sum(count.lately for count in counts),
        sum(count.nobody for count in counts),
    )


def _coordinators(db: Session, institution_id: int) -> list[Account]:
    query = select(Account).where(
        works_for(institution_id),
        Account.role == "coordinator",
        Account.active,
        Account.deleted_at.is_(None),
    )
    return list(db.scalars(query.order_by(Account.id)))
