"""The agreement of an institution as PDF."""

from data_access.agreements import AgreementSignature
from data_access.institutions import Institution
from portal.agreements.wording import parts_of
from portal.history import in_words
from report_templates.agreement import AgreementDocument, Signature, agreement_document


def as_pdf(
    institution: Institution,
    version: str,
    text: str,
    signature: AgreementSignature | None,
    covered_by: Institution | None,
    made_up: bool,
) -> bytes:
    """The agreement with its signature as it was made; without one, a draft of `text`.

    `covered_by` is the institution whose agreement covers this one, which was merged into it.
    """
    signed = None
    if signature is not None:
        signed = Signature(
            signature.institution_name,
            tuple(signature.institution_address.splitlines()),
            signature.registration_number,
            signature.signer_name,
            signature.signer_email,
            in_words(signature.signed_at),
        )
    return agreement_document(
        AgreementDocument(
            version,
            tuple(parts_of(signature.text if signature else text)),
            institution.name,
            tuple(institution.address_lines),
            institution.registration_number or "",
            signed,
            # A signature that was made before this service kept them is not kept here.
            institution.data_sharing_signed,
            covered_by.name if covered_by is not None else "",
            made_up,
        )
    )
