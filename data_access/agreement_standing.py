"""Which institutions have signed the agreement in force, and which have not, for administrators."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.agreements import (
    AgreementReminder,
    AgreementSignature,
    is_officer_of,
    text_in_force,
)
from data_access.institutions import Institution

PAGE_LENGTH = 50
_ID: ColumnElement[int] = Institution.__table__.c.id


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; empty fields do not narrow. `officer`: "yes" or "no"."""

    signed: bool = False
    search: str = ""
    officer: str = ""
    provider_type: str = ""


@dataclass(frozen=True)
class Standing:
    """An institution and its agreement.

    `since` is when it was first asked to sign the version in force, `signed_at` and `signer` are
    None and empty when the signature was not made in this service.
    """

    institution: Institution
    officers: int
    since: datetime
    reminded_at: datetime | None
    signed_at: datetime | None
    signer: str


def count_standing(db: Session, wanted: Wanted) -> int:
    """How many institutions are wanted."""
    return db.scalar(_matching(select(func.count()), wanted)) or 0


def standings(db: Session, wanted: Wanted, page: int | None = None) -> list[Standing]:
    """The wanted institutions by name; one page of them, or all."""
    text = text_in_force(db)
    reminded = (
        select(func.max(AgreementReminder.sent_at))
        .where(AgreementReminder.institution_id == Institution.id)
        .scalar_subquery()
    )
    signature = (
        select(func.max(AgreementSignature.id))
        .where(
            AgreementSignature.institution_id == Institution.id,
            AgreementSignature.text_id == (text.id if text else 0),
        )
        .correlate(Institution)
        .scalar_subquery()
    )
    query = (
        _matching(select(Institution, _officers(), reminded, AgreementSignature), wanted)
        .outerjoin(AgreementSignature, AgreementSignature.id == signature)
        .order_by(func.lower(Institution.name), Institution.id)
    )
    if page is not None:
        query = query.limit(PAGE_LENGTH).offset((page - 1) * PAGE_LENGTH)
    published = text.published_at if text else None
    return [
        Standing(
            institution,
            officers,
            max(institution.created_at, published) if published else institution.created_at,
            reminded_at,
            signed.signed_at if signed else None,
            signed.signer_name if signed else "",
        )
        for institution, officers, reminded_at, signed in db.execute(query)
    ]


def _officers() -> ColumnElement[int]:
    return (
        select(func.count())
        .select_from(Account)
        .where(is_officer_of(_ID))
        .correlate(Institution)
        .scalar_subquery()
    )


def _matching(query: Any, wanted: Wanted) -> Any:
    """A query, whatever it selects, narrowed to the wanted institutions."""
    conditions: list[ColumnElement[bool]] = [
        Institution.active.is_(True),
        Institution.data_sharing_signed.is_(wanted.signed),
    ]
    text = wanted.search.strip().lower()
    if text:
        conditions.append(
            or_(
                func.lower(Institution.name).contains(text, autoescape=True),
                func.lower(Institution.code) == text,
            )
        )
    if wanted.provider_type:
        conditions.append(Institution.provider_type == wanted.provider_type)
    if wanted.officer:
        conditions.append(_officers() > 0 if wanted.officer == "yes" else _officers() == 0)
    return query.select_from(Institution).where(and_(*conditions))
