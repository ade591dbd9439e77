"""The Data Sharing Agreement of an institution: read, signed, printed."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select

from data_access.accounts import Account, Person, works_for
from data_access.agreement_cover import covering
from data_access.agreements import (
    AgreementSignature,
    AgreementText,
    AlreadySigned,
    NewerVersion,
    NotAnOfficer,
    RecordIncomplete,
    missing_for_signing,
    officers_of,
    published_texts,
    sign_agreement,
    signature_under,
    signatures_of,
    text_in_force,
)
from data_access.institutions import Institution
from portal.agreements.administration import router as administration
from portal.agreements.document import as_pdf
from portal.agreements.wording import parts_of
from portal.forms import Posted
from portal.history import in_words
from portal.layout.pages import render
from portal.mail import write_mail
from portal.permissions import LOOK_ONLY, find, may, may_do, require
from portal.sessions import Database, SignedIn

router = APIRouter()
router.include_router(administration)
PRIVATE = {"Cache-Control": "private, no-store"}
DECLARATION = "Tick the box to confirm that you sign for the institution"


@router.get("/agreement")
def own_agreement(person: SignedIn) -> Response:
    """The agreement of the institution acted for; administrators find all of them."""
    if person.institution_id is not None:
        return RedirectResponse(_address(person.institution_id), 303)
    require(person, "agreement.publish")
    return RedirectResponse("/administration/agreements", 303)


@router.get("/agreement/versions/{identifier:int}")
def version_page(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """One version of the agreement, to read."""
    require(person, "agreement.view")
    texts = published_texts(db)
    text = next((found for found in texts if found.id == identifier), None)
    if text is None:
        raise HTTPException(404)
    return _private(
        render(
            request,
            "agreements/version.html",
            text=text,
            parts=parts_of(text.text),
            published=in_words(text.published_at) if text.published_at else "",
            in_force=text.id == texts[0].id,
            others=[found for found in texts if found.id != text.id],
            back=_back(person),
        )
    )


def _back(person: Person) -> tuple[str, str]:
    if person.institution_id is not None:
        return _address(person.institution_id), "Data Sharing Agreement"
    if may(person, "agreement.publish"):
        return "/administration/agreements", "Agreements"
    return "/institutions", "Institutions"


def _address(institution_id: int) -> str:
    return f"/institutions/{institution_id}/agreement"


@router.get("/institutions/{identifier:int}/agreement")
def agreement_page(
    request: Request, db: Database, person: SignedIn, identifier: int, done: str = ""
) -> Response:
    """The version in force, whether it is signed, who can sign it, and every signature so far."""
    institution = find(db, person, "agreement.view", identifier)
    text = _in_force(db)
    officers = officers_of(db, institution.id)
    return _private(
        render(
            request,
            "agreements/agreement.html",
            institution=institution,
            address=_address(institution.id),
            text=text,
            parts=parts_of(text.text),
            covered_by=covering(db, institution),
            signature=_shown(signature_under(db, institution.id, text.id), text.version),
            signatures=[_shown(row, version) for row, version in signatures_of(db, institution.id)],
            earlier=[found for found in published_texts(db) if found.id != text.id],
            officers=officers,
            missing=missing_for_signing(institution),
            may_sign=_may_sign(db, person, institution),
            is_own=person.institution_id == institution.id,
            may_invite=may(person, "user.create") and person.institution_id == institution.id,
            done=done == "signed",
            already=done == "already",
        )
    )


def _may_sign(db: Database, person: Person, institution: Institution) -> bool:
    """Whether this person can sign now: an absorbed institution signs nothing any more."""
    return (
        not institution.data_sharing_signed
        and institution.active
        and person.institution_id == institution.id
        and may_do(db, person, "agreement.sign", institution)
    )


@router.get("/institutions/{identifier:int}/agreement/sign")
def sign_page(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """The whole text, what will be printed under it, and the declaration."""
    institution = _to_sign(db, person, identifier)
    if institution.data_sharing_signed:
        return RedirectResponse(f"{_address(institution.id)}?done=already", 303)
    return _sign_page(request, db, person, institution)


@router.post("/institutions/{identifier:int}/agreement/sign")
def sign(
    request: Request, db: Database, person: SignedIn, identifier: int, posted: Posted
) -> Response:
    """Signs, and tells the institution's co-ordinators and who signed."""
    institution = _to_sign(db, person, identifier)
    if posted.get("declaration") != "yes":
        return _sign_page(
            request, db, person, institution, 422, errors={"declaration": DECLARATION}
        )
    given = posted.get("text", "")
    text_id = int(given) if given.isascii() and given.isdecimal() and len(given) < 9 else 0
    try:
        signature = sign_agreement(db, person, institution, text_id)
    except AlreadySigned:
        db.rollback()
        return RedirectResponse(f"{_address(institution.id)}?done=already", 303)
    except NewerVersion:
        db.rollback()
        return _sign_page(request, db, person, institution, 409, is_newer=True)
    except RecordIncomplete:
        db.rollback()
        return _sign_page(request, db, person, institution, 422)
    except NotAnOfficer:
        db.rollback()
        raise HTTPException(403, LOOK_ONLY) from None
    _tell(request, db, institution, signature)
    db.commit()
    request.app.state.postman.ring()
    return RedirectResponse(f"{_address(institution.id)}?done=signed", 303)


def _to_sign(db: Database, person: Person, identifier: int) -> Institution:
    institution: Institution = find(db, person, "agreement.sign", identifier)
    if not institution.active or institution.id != person.institution_id:
        raise HTTPException(403, LOOK_ONLY)
    return institution


def _sign_page(
    request: Request,
    db: Database,
    person: Person,
    institution: Institution,
    status: int = 200,
    **context: Any,
) -> Response:
    text = _in_force(db)
    return _private(
        render(
            request,
            "agreements/sign.html",
            status,
            institution=institution,
            address=_address(institution.id),
            text=text,
            parts=parts_of(text.text),
            signer=person,
            missing=missing_for_signing(institution),
            error=bool(context.get("errors")),
            **context,
        )
    )


def _tell(
    request: Request, db: Database, institution: Institution, signature: AgreementSignature
) -> None:
    """Writes to the co-ordinators of the institution and to who signed, each once."""
    query = select(Account).where(
        works_for(institution.id), Account.active, Account.deleted_at.is_(None)
    )
    settings = request.app.state.settings
    text = _in_force(db)
    for account in db.scalars(query.order_by(Account.id)):
        if account.role == "coordinator" or account.id == signature.account_id:
            write_mail(
                db,
                settings,
                account,
                "agreement_signed",
                institution=institution.name,
                signer=signature.signer_name,
                version=text.version,
                at=in_words(signature.signed_at),
                link=f"{settings.address}{_address(institution.id)}",
            )


@router.get("/institutions/{identifier:int}/agreement.pdf")
def agreement_pdf(
    request: Request, db: Database, person: SignedIn, identifier: int, signature: int = 0
) -> Response:
    """The agreement to print: as it was signed, or a draft that says that it is not signed."""
    institution = find(db, person, "agreement.view", identifier)
    text = _in_force(db)
    found, version = signature_under(db, institution.id, text.id), text.version
    if signature:
        listed = {row.id: (row, name) for row, name in signatures_of(db, institution.id)}
        if signature not in listed:
            raise HTTPException(404)
        found, version = listed[signature]
    made_up = request.app.state.settings.demonstration
    data = as_pdf(institution, version, text.text, found, covering(db, institution), made_up)
    name = f"data-sharing-agreement-{institution.code.lower()}.pdf"
    return Response(
        data,
        media_type="application/pdf",
        headers={**PRIVATE, "Content-Disposition": f'inline; filename="{name}"'},
    )


def _in_force(db: Database) -> AgreementText:
    text = text_in_force(db)
    if text is None:
        raise HTTPException(503, "No agreement is in force yet. Start the service again.")
    return text


def _shown(signature: AgreementSignature | None, version: str) -> dict[str, Any] | None:
    if signature is None:
        return None
    return {
        "id": signature.id,
        "version": version,
        "text_id": signature.text_id,
        "at": in_words(signature.signed_at),
        "signer": signature.signer_name,
        "institution": signature.institution_name,
    }


def _private(answer: Response) -> Response:
    answer.headers.update(PRIVATE)
    return answer
