"""What waits for people in a demonstration: schemes to approve and to mend, mistakes reported,
somebody invited, somebody who left."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.clock import now
from data_access.mistake_reports import MistakeReport
from data_access.schemes import DRAFT, REFUSED, SUBMITTED, Location, ManagementGroup, Scheme

# Name, type, status, and for how many days it has been so.
_SCHEMES = (
    ("Harbour House (made up)", "6", SUBMITTED, 9),
    ("Station Road foyer (made up)", "4", SUBMITTED, 2),
    ("The Old Bakery (made up)", "6", REFUSED, 20),
    ("Garden Court (made up)", "7", DRAFT, 1),
)
_REFUSAL = "The postcode is that of the office, not of the homes."
# User name, name, role and whether active; none has a password.
_PEOPLE = (
    ("invited", "Ines Invited", "provider", True),
    ("left", "Lee Leaver", "provider", False),
    ("second", "Robin Second", "coordinator", True),
)
_MISTAKES = (
    ("coordinator", "areas", "We also let homes in Watford since July.", 6),
    ("provider", "details", "Our telephone number has changed: 01632 960 199.", 1),
)


def add_what_waits(db: Session, institution_id: int) -> None:
    """Adds schemes of one institution in every state, and reports of mistakes by its people."""
    at = now()
    group = db.scalars(
        select(ManagementGroup).where(ManagementGroup.owner_id == institution_id)
    ).one()
    people = {
        account.user_name: account.id
        for account in db.scalars(select(Account).where(Account.institution_id == institution_id))
    }
    place = db.scalars(
        select(Location).join(Scheme).where(Scheme.group_id == group.id).order_by(Location.id)
    ).first()
    assert place is not None
    for name, scheme_type, status, days in _SCHEMES:
        sent = at - timedelta(days=days) if status != DRAFT else None
        scheme = Scheme(
            group_id=group.id,
            owner_id=institution_id,
            name=name,
            scheme_type=scheme_type,
            registered_care="1",
            client_group="Q",
            support_type="3",
            # The draft lacks what it needs before it can be sent.
            intended_stay="M" if sent else None,
            status=status,
            created_at=at - timedelta(days=days + 1),
            created_by_id=people["coordinator"],
            submitted_at=sent,
            submitted_by_id=people["coordinator"] if sent else None,
            refusal_reason=_REFUSAL if status == REFUSED else "",
        )
        db.add(scheme)
        db.flush()
        if sent:
            db.add(
                Location(
                    scheme_id=scheme.id,
                    name=name,
                    postcode=place.postcode,
                    local_authority=place.local_authority,
                    units=12,
                    type_of_unit="3",
                    mobility_type="N",
                )
            )
    for user_name, name, role, active in _PEOPLE:
        db.add(
            Account(
                user_name=user_name,
                email=f"{user_name}@example.com",
                name=name,
                role=role,
                institution_id=institution_id,
                active=active,
                created_at=at - timedelta(days=3),
                created_by_id=people["coordinator"],
            )
        )
    for reporter, part, text, days in _MISTAKES:
        db.add(
            MistakeReport(
                institution_id=institution_id,
                account_id=people[reporter],
                part=part,
                text=text,
                created_at=at - timedelta(days=days),
            )
        )
