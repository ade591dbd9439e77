"""GET /groups and /schemes: management groups, and their schemes with locations."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from data_access.by_identifier import after
from data_access.scheme_states import SchemeRecord, location_state_on, pauses_of, scheme_state_on
from data_access.schemes import Location as StoredLocation
from data_access.schemes import ManagementGroup
from data_access.schemes import Scheme as StoredScheme
from portal.api.paging import Identifier, Listed, Wanted, page_of
from portal.api.reader import Reading
from portal.permissions import find, scope
from portal.schemes.answering import day_of, find_record, sees_postcodes
from portal.sessions import Database

router = APIRouter()
_STATUSES = "^(draft|submitted|approved|refused)$"


class WantedGroups(Wanted):
    """Filters of the list."""

    owner_id: Identifier | None = Field(None, description="Groups of this owner.")


class Group(BaseModel):
    """A management group."""

    model_config = ConfigDict(from_attributes=True)

    id: int = Field(description="Identifier of the group.")
    code: str | None = Field(description="Given with its first approved scheme.")
    name: str = Field(description="Its name.")
    owner_id: int = Field(description="The institution that owns its homes.")
    arrangement_type: str = Field(description="Code of who provides the support.")
    agent_id: int | None = Field(description="The institution that manages its schemes, if known.")
    agent_name: str = Field(description="The name of another manager, or empty.")
    created_at: datetime | None = Field(description="When it was made.")


class WantedSchemes(Wanted):
    """Filters of the list."""

    owner_id: Identifier | None = Field(None, description="Schemes of this owner.")
    group_id: Identifier | None = Field(None, description="Schemes of this group.")
    status: str | None = Field(None, pattern=_STATUSES, description="The status, as below.")
    code: str | None = Field(None, max_length=20, description="The code, such as S12.")


class Scheme(BaseModel):
    """A scheme, as lists have it."""

    model_config = ConfigDict(from_attributes=True)

    id: int = Field(description="Identifier of the scheme.")
    code: str | None = Field(description="What files write, such as S12; given on approval.")
    name: str = Field(description="Its name.")
    group_id: int = Field(description="Its management group.")
    owner_id: int = Field(description="The institution that owns its homes.")
    status: str = Field(description="draft, submitted, approved or refused.")
    confidential: bool = Field(description="Whether its postcodes are kept from others.")
    scheme_type: str | None = Field(description="Code of the type of scheme.")
    registered_care: str | None = Field(description="Code: registered under care standards.")
    client_group: str | None = Field(description="Code of the primary client group.")
    secondary_client_group: str | None = Field(description="Code of the secondary client group.")
    support_type: str | None = Field(description="Code of the level of support.")
    intended_stay: str | None = Field(description="Code of the intended length of stay.")
    submitted_at: datetime | None = Field(description="When it was sent for approval.")
    decided_at: datetime | None = Field(description="When it was approved or refused.")
    refusal_reason: str = Field(description="Why it was refused, or empty.")


class Pause(BaseModel):
    """A time in which a scheme or location is deactivated."""

    model_config = ConfigDict(from_attributes=True)

    starts_on: date = Field(description="First day on which it cannot be let.")
    ends_on: date | None = Field(description="The day it is let again; null: without an end.")


class Location(BaseModel):
    """A location of a scheme."""

    id: int = Field(description="Its identifier, which is its code in files.")
    name: str = Field(description="Its name, or empty.")
    postcode: str | None = Field(description="Null where a confidential scheme hides it.")
    local_authority: str | None = Field(description="GSS code; null where it is hidden.")
    units: int | None = Field(description="How many units it has.")
    type_of_unit: str | None = Field(description="Code of the most common type of unit.")
    mobility_type: str | None = Field(description="Code of the mobility standard.")
    available_from: date | None = Field(description="First day on which it can be let.")
    state: str = Field(description="Its state today, such as active or deactivated.")
    pauses: list[Pause] = Field(description="When it is deactivated.")


class SchemeWithLocations(Scheme):
    """A scheme with its locations."""

    state: str = Field(description="Its state today, such as active or deactivated.")
    pauses: list[Pause] = Field(description="When it is deactivated as a whole.")
    locations: list[Location] = Field(description="Its locations, by postcode.")


@router.get("/groups", response_model=Listed[Group])
def groups(
    request: Request, db: Database, person: Reading, wanted: Annotated[WantedGroups, Query()]
) -> Any:
    """Management groups that may be seen."""
    conditions = [scope(person, "group.view")]
    if wanted.owner_id is not None:
        conditions.append(ManagementGroup.owner_id == wanted.owner_id)
    found = after(db, ManagementGroup, conditions, wanted.after, wanted.limit)
    return page_of(request, wanted, *found)


@router.get("/groups/{identifier}", response_model=Group)
def group(db: Database, person: Reading, identifier: Identifier) -> Any:
    """One management group."""
    return find(db, person, "group.view", identifier)


@router.get("/schemes", response_model=Listed[Scheme])
def schemes(
    request: Request, db: Database, person: Reading, wanted: Annotated[WantedSchemes, Query()]
) -> Any:
    """Schemes that may be seen, without their locations."""
    conditions = [scope(person, "scheme.view")]
    conditions += [getattr(StoredScheme, name) == value for name, value in wanted.filters().items()]
    found = after(db, StoredScheme, conditions, wanted.after, wanted.limit)
    return page_of(request, wanted, *found)


@router.get("/schemes/{identifier}", response_model=SchemeWithLocations)
def scheme(request: Request, db: Database, person: Reading, identifier: Identifier) -> Any:
    """One scheme, with its locations."""
    found = find_record(db, person, "scheme.view", identifier)
    day = day_of(request)
    shows = sees_postcodes(db, person, found.scheme)
    places = sorted(found.locations, key=lambda place: (place.postcode if shows else "", place.id))
    return SchemeWithLocations(
        **Scheme.model_validate(found.scheme).model_dump(),
        state=scheme_state_on(found, day),
        pauses=_pauses(found, None),
        locations=[_location(found, place, shows, day) for place in places],
    )


def _pauses(found: SchemeRecord, location_id: int | None) -> list[Pause]:
    return [Pause.model_validate(pause) for pause in pauses_of(found, location_id)]


def _location(found: SchemeRecord, place: StoredLocation, shows: bool, day: date) -> Location:
    return Location(
        id=place.id,
        name=place.name,
        postcode=place.postcode if shows else None,
        local_authority=place.local_authority if shows else None,
        units=place.units,
        type_of_unit=place.type_of_unit,
        mobility_type=place.mobility_type,
        available_from=place.available_from,
        state=location_state_on(found, place, day),
        pauses=_pauses(found, place.id),
    )
