"""GET /institutions: the records of institutions."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from data_access.by_identifier import after
from data_access.clock import today
from data_access.institution_names import apply_due_names
from data_access.institution_relations import Related, children_of, parents_of
from data_access.institutions import Institution as Stored
from portal.api.paging import Identifier, Listed, Wanted, page_of
from portal.api.reader import Reading
from portal.permissions import find, scope
from portal.sessions import Database

router = APIRouter()


class WantedInstitutions(Wanted):
    """Filters of the list."""

    code: str | None = Field(None, max_length=20, description="The CORE ID.")
    provider_type: str | None = Field(None, pattern="^(LA|PRP)$", description="LA or PRP.")
    active: bool | None = Field(None, description="true or false.")


class Institution(BaseModel):
    """An institution, as lists have it."""

    model_config = ConfigDict(from_attributes=True)

    id: int = Field(description="Identifier of the institution.")
    code: str = Field(description="CORE ID, such as ORG12.")
    name: str = Field(description="Its name now.")
    provider_type: str = Field(description="LA (local authority) or PRP (registered provider).")
    registration_number: str | None = Field(description="Number in the register.")
    active: bool = Field(description="False once it is deactivated or merged into another.")
    holds_stock: bool = Field(description="Whether it owns homes.")
    data_sharing_signed: bool = Field(
        description="Whether it has signed the Data Sharing Agreement in force itself."
    )


class Relation(BaseModel):
    """A parent or child, and since when and until when."""

    institution_id: int = Field(description="Identifier of the parent or child.")
    name: str = Field(description="Its name.")
    starts_on: date | None = Field(description="First day; null for no first day.")
    ends_on: date | None = Field(description="Last day; null for until further notice.")


class InstitutionRecord(Institution):
    """An institution with the whole of its record."""

    telephone: str = Field(description="Telephone number.")
    address_lines: list[str] = Field(description="The address, a line each.")
    owns_affordable_rent: bool = Field(description="Whether it owns affordable rent homes.")
    owns_almshouses: bool = Field(description="Whether it owns almshouses.")
    general_needs_stock: int | None = Field(description="General needs homes; null: unknown.")
    supported_stock: int | None = Field(description="Supported homes; null: unknown.")
    unspecified_stock: int | None = Field(description="Other homes; null: unknown.")
    rent_periods: list[int] = Field(description="Codes of the rent periods in use.")
    local_authorities: list[str] = Field(description="GSS codes of the areas covered.")
    available_from: date | None = Field(description="First day of homes let in its name.")
    merged_into_id: int | None = Field(description="The institution that it went into.")
    merged_on: date | None = Field(description="The day of that merger.")
    parents: list[Relation] = Field(description="Whose homes it manages, or did, or will.")
    children: list[Relation] = Field(description="Who manages its homes, or did, or will.")


@router.get("/institutions", response_model=Listed[Institution])
def institutions(
    request: Request,
    db: Database,
    person: Reading,
    wanted: Annotated[WantedInstitutions, Query()],
) -> Any:
    """Institutions whose record may be seen."""
    apply_due_names(db, today(request.app.state.settings))
    conditions = [scope(person, "institution.view")]
    conditions += [getattr(Stored, name) == value for name, value in wanted.filters().items()]
    return page_of(request, wanted, *after(db, Stored, conditions, wanted.after, wanted.limit))


@router.get("/institutions/{identifier}", response_model=InstitutionRecord)
def institution(request: Request, db: Database, person: Reading, identifier: Identifier) -> Any:
    """One institution, with its parents and children."""
    apply_due_names(db, today(request.app.state.settings))
    found: Stored = find(db, person, "institution.view", identifier)
    named = {
        name: getattr(found, name)
        for name in InstitutionRecord.model_fields
        if name not in ("parents", "children")
    }
    return InstitutionRecord(
        **named,
        parents=[_relation(one) for one in parents_of(db, found.id)],
        children=[_relation(one) for one in children_of(db, found.id)],
    )


def _relation(one: Related) -> Relation:
    return Relation(
        institution_id=one.other.id,
        name=one.other.name,
        starts_on=one.link.starts_on,
        ends_on=one.link.ends_on,
    )
