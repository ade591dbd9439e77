"""The Data Sharing Agreement of an institution, signed or as a draft."""

from dataclasses import dataclass

from report_templates.render import pdf_of


@dataclass(frozen=True)
class Signature:
    """Who signed when, for whom, as it was when it was signed."""

    institution: str
    address: tuple[str, ...]
    registration_number: str
    signer: str
    email: str
    at: str


@dataclass(frozen=True)
class AgreementDocument:
    """A version's text as (kind, text) parts, the institution as it is now, and its signature.

    `signed_elsewhere`: it counts as signed although there is no signature to print.
    `covered_by`: it signed nothing, but was merged into the institution of this name, which did.
    """

    version: str
    parts: tuple[tuple[str, str], ...]
    institution: str
    address: tuple[str, ...]
    registration_number: str
    signature: Signature | None
    signed_elsewhere: bool
    covered_by: str
    made_up: bool


def agreement_document(document: AgreementDocument) -> bytes:
    """The agreement as tagged PDF (PDF/UA-1)."""
    return pdf_of("agreement.html", document=document)
