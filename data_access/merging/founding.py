"""The institution that a merger makes, when none of those there is the absorbing one."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from data_access.accounts import Actor
from data_access.institution_names import refuse_taken_name
from data_access.institution_records import create_institution, refuse_taken_number
from data_access.institutions import Institution


@dataclass(frozen=True)
class NewInstitution:
    """What must be known of an institution that is to be made; the rest comes by the merger."""

    name: str
    provider_type: str
    registration_number: str


def refuse_taken(db: Session, new: NewInstitution, today: date) -> None:
    """Raises AlreadyTaken when another institution has the name or the registration number."""
    refuse_taken_name(db, new.name, today, None)
    if new.registration_number:
        refuse_taken_number(db, new.registration_number)


def found_institution(
    db: Session, by: Actor, new: NewInstitution, first: date, today: date
) -> Institution:
    """The new institution, which can own homes from its first day on, in the caller's transaction.

    It holds no stock, areas and people of its own: they come with the merger. Raises AlreadyTaken.
    """
    values = {
        "name": new.name,
        "provider_type": new.provider_type,
        "registration_number": new.registration_number or None,
        "holds_stock": False,
        "available_from": first,
    }
    return create_institution(db, by.id, values, today)
