"""What a person must know on every page: what keeps the institution from submitting."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from data_access.accounts import Person
from data_access.institutions import Institution
from portal.permissions import may


@dataclass(frozen=True)
class Notice:
    """A banner: what is the matter, and where to put it right."""

    text: str
    address: str = ""
    link: str = ""


def notices_for(db: Session, person: Person) -> list[Notice]:
    """The banners for who is signed in, most urgent first."""
    if person.institution_id is None:
        return []
    institution = db.get(Institution, person.institution_id)
    if institution is None or not institution.active or institution.data_sharing_signed:
        return []
    signer = may(person, "agreement.sign")
    return [
        Notice(
            f"{institution.name} has not signed the Data Sharing Agreement. Until it has, no log "
            "can be submitted for its homes.",
            "/agreement",
            "Read and sign it" if signer else "See who can sign it",
        )
    ]
