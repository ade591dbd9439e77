"""What a person must know on every page: what keeps the institution from submitting."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.accounts import Person
from data_access.agreements import has_officer
from data_access.institutions import Institution
from portal.permissions import may
from portal.scopes import parents_of

# Where logs are made: there agents are told which owners have not signed.
_LOG_PAGES = ("/logs", "/uploads")
INVITE_OFFICER = "/people/new?contact_priority=Data%20Protection%20Officer"


@dataclass(frozen=True)
class Notice:
    """A banner: what is the matter, and where to put it right."""

    text: str
    address: str = ""
    link: str = ""


def notices_for(db: Session, person: Person, path: str = "") -> list[Notice]:
    """The banners for who is signed in on the page of this path, most urgent first."""
    if person.institution_id is None:
        return []
    institution = db.get(Institution, person.institution_id)
    if institution is None or not institution.active:
        return []
    if not institution.data_sharing_signed:
        return [_unsigned(db, person, institution)]
    makes_logs = may(person, "log.start") and path.startswith(_LOG_PAGES)
    return _unsigned_owners(db, institution.id) if makes_logs else []


def _unsigned(db: Session, person: Person, institution: Institution) -> Notice:
    """What somebody of an institution that has not signed can do about it."""
    address, link = "/agreement", "See who can sign it"
    if may(person, "agreement.sign"):
        link = "Read and sign it"
    elif may(person, "user.create") and not has_officer(db, institution.id):
        address, link = INVITE_OFFICER, "Invite a Data Protection Officer"
    return Notice(
        f"{institution.name} has not signed the Data Sharing Agreement. Until it has, no log "
        "can be submitted for its homes.",
        address,
        link,
    )


def _unsigned_owners(db: Session, institution_id: int) -> list[Notice]:
    """One banner for the owners whose homes the institution manages and that have not signed."""
    query = select(Institution.name).where(
        Institution.id.in_(parents_of(institution_id)),
        Institution.active,
        Institution.data_sharing_signed.is_(False),
    )
    names = list(db.scalars(query.order_by(Institution.name)))
    if not names:
        return []
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")
    have = "has" if len(names) == 1 else "have"
    return [
        Notice(
            f"{shown} {have} not signed the Data Sharing Agreement. You can fill in logs for "
            f"{'its' if len(names) == 1 else 'their'} homes, but not submit them until it is "
            "signed. Only the owner can sign: ask its co-ordinator."
        )
    ]
