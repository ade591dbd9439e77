"""The columns of schemes: a row is a location, with its scheme and management group."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from data_access.institutions import Institution
from data_access.scheme_codes import (
    ARRANGEMENT_TYPES,
    CLIENT_GROUPS,
    GROUP_CODES,
    INTENDED_STAYS,
    LOCATION_CODES,
    MOBILITY_TYPES,
    REGISTERED_CARE,
    SCHEME_CODES,
    SCHEME_TYPES,
    SUPPORT_TYPES,
    UNIT_TYPES,
    code_of,
)
from data_access.schemes import Location, ManagementGroup, Scheme
from portal.plain_text import tidy
from portal.schemes.words import LOCATION_LABELS, SCHEME_LABELS, value_in_words
from portal.tables.reading import Column, Holds

MANAGED_BY_OWNER = "owner"
_CODES = {**GROUP_CODES, **SCHEME_CODES, **LOCATION_CODES}


def _one_of(codes: Mapping[str, str]) -> str:
    return "One of: " + "; ".join(f"{code} = {words}" for code, words in codes.items()) + "."


# What each part of a row is called in code: the column, and the field of the part's own record.
GROUP_FIELDS = {"group_name": "name", "arrangement_type": "arrangement_type", "agent": "agent"}
SCHEME_FIELDS = {
    "scheme_name": "name",
    "confidential": "confidential",
    "scheme_type": "scheme_type",
    "registered_care": "registered_care",
    "client_group": "client_group",
    "secondary_client_group": "secondary_client_group",
    "support_type": "support_type",
    "intended_stay": "intended_stay",
}
LOCATION_FIELDS = {
    "location_name": "name",
    "postcode": "postcode",
    "local_authority": "local_authority",
    "units": "units",
    "type_of_unit": "type_of_unit",
    "mobility_type": "mobility_type",
    "available_from": "available_from",
}
COLUMNS = (
    Column(
        "owner",
        "Owner",
        "The CORE ID of the institution that owns the homes. A co-ordinator can leave it empty: it "
        "is the own institution.",
    ),
    Column(
        "group_code",
        "Group code",
        "Given with the group's first approved scheme. Leave it empty when there is none yet.",
    ),
    Column(
        "group_name",
        "Group name",
        "A name that the owner does not have yet makes a new group.",
        "Example group",
        needed=True,
    ),
    Column(
        "arrangement_type",
        "Support provided by",
        _one_of(ARRANGEMENT_TYPES),
        "The same organisation that owns the housing stock",
    ),
    Column(
        "agent",
        "Managed by",
        "“owner”, or the CORE ID of an institution that manages the owner's homes, or the name of "
        "another organisation.",
        "owner",
    ),
    Column(
        "scheme_code",
        "Scheme code",
        "Given with approval. With a code the row changes that scheme.",
    ),
    Column(
        "scheme_name",
        "Scheme name",
        "A name that the group does not have yet makes a new scheme.",
        "Example House",
        needed=True,
    ),
    Column("confidential", SCHEME_LABELS["confidential"], "yes or no", "no"),
    Column(
        "scheme_type",
        SCHEME_LABELS["scheme_type"],
        _one_of(SCHEME_TYPES),
        "Other supported housing",
        holds=Holds.NUMBER,
    ),
    Column(
        "registered_care",
        SCHEME_LABELS["registered_care"],
        _one_of(REGISTERED_CARE),
        "No",
        holds=Holds.NUMBER,
    ),
    Column("client_group", SCHEME_LABELS["client_group"], _one_of(CLIENT_GROUPS), "Rough sleepers"),
    Column(
        "secondary_client_group",
        SCHEME_LABELS["secondary_client_group"],
        "As the primary client group, or nothing.",
    ),
    Column(
        "support_type",
        SCHEME_LABELS["support_type"],
        _one_of(SUPPORT_TYPES),
        "Medium level",
        holds=Holds.NUMBER,
    ),
    Column("intended_stay", SCHEME_LABELS["intended_stay"], _one_of(INTENDED_STAYS), "Short stay"),
    Column(
        "location_code",
        "Location code",
        "The number of a location there is. Leave it empty for a new one.",
        holds=Holds.NUMBER,
    ),
    Column("location_name", "Location name", "May be left empty.", "North wing"),
    Column("postcode", LOCATION_LABELS["postcode"], "A full postcode in England.", "SW1A 1AA"),
    Column(
        "local_authority",
        LOCATION_LABELS["local_authority"],
        "Name or code. Needed only for a postcode that the service does not know.",
    ),
    Column(
        "units", LOCATION_LABELS["units"], "A whole number from 1 on.", "12", holds=Holds.NUMBER
    ),
    Column(
        "type_of_unit",
        LOCATION_LABELS["type_of_unit"],
        _one_of(UNIT_TYPES),
        "Shared house or hostel",
        holds=Holds.NUMBER,
    ),
    Column("mobility_type", LOCATION_LABELS["mobility_type"], _one_of(MOBILITY_TYPES), "None"),
    Column(
        "available_from",
        LOCATION_LABELS["available_from"],
        "A day such as 27/6/2026, or nothing: no first day.",
        "27/6/2026",
        holds=Holds.DAY,
    ),
)


def group_texts(db: Session, group: ManagementGroup) -> dict[str, str]:
    """A group as a row has it."""
    agent = db.get(Institution, group.agent_id) if group.agent_id else None
    return {
        "group_name": group.name,
        "arrangement_type": value_in_words("arrangement_type", group.arrangement_type),
        "agent": agent.code if agent else group.agent_name or MANAGED_BY_OWNER,
    }


def scheme_texts(scheme: Scheme) -> dict[str, str]:
    """A scheme as a row has it."""
    return {
        column: value_in_words(name, getattr(scheme, name))
        for column, name in SCHEME_FIELDS.items()
    }


def location_texts(place: Location | None, shows_postcode: bool = True) -> dict[str, str]:
    """A location as a row has it; of a confidential scheme's without what tells where it is."""
    if place is None:
        return dict.fromkeys(LOCATION_FIELDS, "")
    texts = {
        column: value_in_words(name, getattr(place, name))
        for column, name in LOCATION_FIELDS.items()
    }
    texts["available_from"] = place.available_from.isoformat() if place.available_from else ""
    return texts if shows_postcode else texts | {"postcode": ""}


def means_the_same(column: str, text: str, stored: str) -> bool:
    """Whether a cell says what is stored, in a code or in words."""
    found = tidy(text)
    if column == "postcode":
        return found.replace(" ", "").upper() == stored.replace(" ", "")
    if column in _CODES:
        return found.casefold() == stored.casefold() or (
            code_of(_CODES[column], found) is not None
            and code_of(_CODES[column], found) == code_of(_CODES[column], stored)
        )
    if column in ("confidential", "agent", "local_authority"):
        return found.casefold() == stored.casefold()
    return found == tidy(stored)
