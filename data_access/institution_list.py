"""Institutions as a list: searched, narrowed, sorted, a page at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from data_access.agreement_cover import is_covered
from data_access.institution_names import InstitutionName
from data_access.institutions import Institution

PAGE_LENGTH = 50
_STOCK = (
    func.coalesce(Institution.general_needs_stock, 0)
    + func.coalesce(Institution.supported_stock, 0)
    + func.coalesce(Institution.unspecified_stock, 0)
)
_STATES: Mapping[str, ColumnElement[bool]] = {
    "active": Institution.active.is_(True),
    "deactivated": Institution.active.is_(False) & Institution.merged_into_id.is_(None),
    "merged": Institution.merged_into_id.is_not(None),
}
_SORTS: Mapping[str, tuple[Any, ...]] = {
    "name": (func.lower(Institution.name),),
    # ORG2 before ORG10.
    "code": (func.length(Institution.code), Institution.code),
    "stock": (_STOCK.desc(), func.lower(Institution.name)),
    "newest": (Institution.created_at.desc(), Institution.id.desc()),
}
STATES, SORTS = tuple(_STATES), tuple(_SORTS)


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; an empty field does not narrow. `stock`, `signed`: yes or no.

    `signed` can also be "covered": merged into one that signed, which is neither yes nor no.
    `search` is part of a name, present, former or to come, or a code or registration number.
    """

    search: str = ""
    provider_type: str = ""
    state: str = ""
    stock: str = ""
    signed: str = ""
    sort: str = "name"


def count_institutions(db: Session, wanted: Wanted, reach: ColumnElement[bool]) -> int:
    """How many institutions within a person's reach are wanted."""
    query = select(func.count()).select_from(Institution).where(reach, *_conditions(wanted))
    return db.scalar(query) or 0


def institutions_page(
    db: Session, wanted: Wanted, reach: ColumnElement[bool], page: int
) -> list[Institution]:
    """One page of the institutions within a person's reach that are wanted, in their order."""
    query = (
        select(Institution)
        .where(reach, *_conditions(wanted))
        .order_by(*_SORTS[wanted.sort], Institution.id)
        .limit(PAGE_LENGTH)
        .offset((page - 1) * PAGE_LENGTH)
    )
    return list(db.scalars(query))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.search:
        found.append(_named(wanted.search.lower()))
    if wanted.provider_type:
        found += [Institution.provider_type == wanted.provider_type]
        found.append(Institution.holds_stock.is_(True))
    if wanted.state:
        found.append(_STATES[wanted.state])
    if wanted.stock:
        found.append(Institution.holds_stock.is_(wanted.stock == "yes"))
    if wanted.signed == "covered":
        found.append(is_covered())
    elif wanted.signed == "no":
        found += [Institution.data_sharing_signed.is_(False), ~is_covered()]
    elif wanted.signed:
        found.append(Institution.data_sharing_signed.is_(True))
    return found


def _named(text: str) -> ColumnElement[bool]:
    other_names = select(InstitutionName.institution_id).where(
        func.lower(InstitutionName.name).contains(text, autoescape=True)
    )
    return or_(
        func.lower(Institution.name).contains(text, autoescape=True),
        func.lower(Institution.code) == text,
        func.lower(Institution.registration_number).startswith(text, autoescape=True),
        Institution.id.in_(other_names),
    )


def active_institutions(db: Session) -> list[Institution]:
    """Every institution that can be chosen, by name."""
    query = select(Institution).where(Institution.active)
    return list(db.scalars(query.order_by(func.lower(Institution.name))))


def active_by_words(db: Session, words: str) -> Institution | None:
    """The active institution that somebody means by a code, a name, or "name (code)"."""
    text = words.strip().lower()
    code = text.rpartition("(")[2].removesuffix(")").strip()
    query = select(Institution).where(
        Institution.active,
        or_(func.lower(Institution.code).in_([text, code]), func.lower(Institution.name) == text),
    )
    found = list(db.scalars(query))
    return found[0] if len(found) == 1 else None
