"""Who signed the Data Sharing Agreement in a demonstration."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.accounts import DATA_PROTECTION_OFFICER, Account
from data_access.agreements import AgreementSignature, text_in_force
from data_access.clock import now
from data_access.institutions import Institution


def add_signatures(db: Session, institutions: Iterable[Institution]) -> None:
    """Adds the signature of an officer for each institution that counts as signed."""
    text = text_in_force(db)
    assert text is not None
    officers = {
        account.institution_id: account
        for account in db.scalars(
            select(Account).where(Account.contact_priority == DATA_PROTECTION_OFFICER)
        )
    }
    for institution in institutions:
        officer = officers.get(institution.id)
        if officer is None or not institution.data_sharing_signed:
            continue
        db.add(
            AgreementSignature(
                institution_id=institution.id,
                text_id=text.id,
                account_id=officer.id,
                signer_name=officer.name,
                signer_email=officer.email,
                institution_name=institution.name,
                institution_address="\n".join(institution.address_lines),
                registration_number=institution.registration_number or "",
                text=text.text,
                signed_at=now() - timedelta(days=100 + institution.id),
            )
        )
