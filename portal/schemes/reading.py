"""Groups, schemes and locations as people type them, in forms and in files.

Each reader takes texts by field and returns the values to store and what is wrong, by field. A
coded field takes a code or its words. Nothing here needs a request.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from data_access.reference.local_authorities import current_code, local_authorities
from data_access.reference.postcodes import default_store
from data_access.scheme_codes import (
    GROUP_CODES,
    LOCATION_CODES,
    SCHEME_CODES,
    YES_OR_NO,
    code_of,
)
from portal.administration import date_input
from portal.plain_text import read_count, read_postcode, read_text, tidy

Read = tuple[dict[str, Any], dict[str, str]]
MOST_UNITS = 9_999
# Who manages the schemes of a group: the owner, an institution linked to it, or somebody else.
OWNER, LINKED, NAMED = "owner", "institution", "name"
MANAGED_BY = (OWNER, LINKED, NAMED)
_CHOOSE = {
    "arrangement_type": "Choose who provides the support",
    "scheme_type": "Choose the type of scheme",
    "registered_care": "Choose whether it is registered under care standards",
    "client_group": "Choose the primary client group",
    "secondary_client_group": "Choose a secondary client group from the list, or none",
    "support_type": "Choose the level of support",
    "intended_stay": "Choose the intended length of stay",
    "type_of_unit": "Choose the most common type of unit",
    "mobility_type": "Choose the mobility standard",
}
_LATEST = date(2199, 12, 31)


def read_group(texts: Mapping[str, str], agents: Collection[int]) -> Read:
    """A management group. `agents`: identifiers of the institutions that it may name as agent."""
    values: dict[str, Any] = {"agent_id": None, "agent_name": ""}
    errors: dict[str, str] = {}
    _text(texts, "name", "a name for the group", values, errors)
    _coded(texts, "arrangement_type", GROUP_CODES, True, values, errors)
    managed_by = tidy(texts.get("managed_by", ""))
    if managed_by not in MANAGED_BY:
        errors["managed_by"] = "Choose who manages the schemes of this group"
    elif managed_by == LINKED:
        number = _number(texts.get("agent_id", ""))
        if number not in agents:
            errors["agent_id"] = "Choose the institution that manages the schemes"
        else:
            values["agent_id"] = number
    elif managed_by == NAMED:
        _text(texts, "agent_name", "the name of the organisation", values, errors)
    return values, errors


def read_scheme(texts: Mapping[str, str], complete: bool) -> Read:
    """A scheme. What is left open is refused only when it must be `complete`."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    _text(texts, "name", "a name for the scheme", values, errors)
    confidential = code_of(YES_OR_NO, texts.get("confidential", ""))
    if confidential is None:
        errors["confidential"] = "Choose whether the scheme is confidential"
    else:
        values["confidential"] = confidential == "yes"
    for name in SCHEME_CODES:
        needed = complete and name != "secondary_client_group"
        _coded(texts, name, SCHEME_CODES, needed, values, errors)
    second = values.get("secondary_client_group")
    if second is not None and second == values.get("client_group"):
        errors["secondary_client_group"] = (
            "The secondary client group must differ from the primary one. Choose another, or none"
        )
    elif second is not None and not values.get("client_group") and "client_group" not in errors:
        errors["client_group"] = "Choose the primary client group before a secondary one"
    return values, errors


def read_location(texts: Mapping[str, str], available_from: list[str] | None = None) -> Read:
    """A location. Its local authority follows from the postcode where that is known.

    For an unknown postcode `local_authority` must hold a code or name. `available_from`: the parts
    of the date as they were typed; without them the text of that name is read.
    """
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    name, wrong = read_text(texts.get("name", ""), "the location's name", needed=False)
    values["name"] = name
    if wrong:
        errors["name"] = wrong
    _postcode(texts, values, errors)
    units, wrong = read_count(texts.get("units", ""), "the number of units", MOST_UNITS)
    if units == 0 or (wrong and tidy(texts.get("units", ""))):
        wrong = f"The number of units must be a whole number between 1 and {MOST_UNITS:,}"
    if wrong:
        errors["units"] = wrong
    else:
        values["units"] = units
    for coded in LOCATION_CODES:
        _coded(texts, coded, LOCATION_CODES, True, values, errors)
    parts = available_from or _parts(texts.get("available_from", ""))
    day, wrong = date_input.read(parts, "the day from which it is available", needed=False)
    if wrong or (day is not None and day > _LATEST):
        errors["available_from"] = wrong or "Enter a day that is nearer, such as 1 4 2027"
    else:
        values["available_from"] = day
    return values, errors


def asks_for_authority(texts: Mapping[str, str]) -> bool:
    """Whether the postcode is a real form of one, and is not known: its authority must be given."""
    postcode, wrong = read_postcode(texts.get("postcode", ""))
    return not wrong and default_store().look_up(postcode) is None


def _postcode(texts: Mapping[str, str], values: dict[str, Any], errors: dict[str, str]) -> None:
    postcode, wrong = read_postcode(texts.get("postcode", ""))
    if wrong:
        errors["postcode"] = wrong
        return
    values["postcode"] = postcode
    place = default_store().look_up(postcode)
    if place is not None:
        authority = current_code(place.local_authority)
        if authority is None:
            errors["postcode"] = f"{postcode} is not in England. Enter a postcode in England"
        else:
            values["local_authority"] = authority
        return
    names = {code: found.name for code, found in local_authorities().items()}
    chosen = code_of(names, texts.get("local_authority", ""))
    if chosen is None:
        errors["local_authority"] = (
            f"We do not know the postcode {postcode}. Check it; if it is right, choose the local "
            "authority it lies in"
        )
    else:
        values["local_authority"] = chosen


def _text(
    texts: Mapping[str, str],
    name: str,
    phrase: str,
    values: dict[str, Any],
    errors: dict[str, str],
) -> None:
    found, wrong = read_text(texts.get(name, ""), phrase)
    if wrong:
        errors[name] = wrong
    else:
        values[name] = found


def _coded(
    texts: Mapping[str, str],
    name: str,
    codes: Mapping[str, Mapping[str, str]],
    needed: bool,
    values: dict[str, Any],
    errors: dict[str, str],
) -> None:
    text = tidy(texts.get(name, ""))
    found = code_of(codes[name], text) if text else None
    if found is None and (text or needed):
        errors[name] = _CHOOSE[name]
    else:
        values[name] = found


def _number(text: str) -> int:
    clean = tidy(text)
    return int(clean) if clean.isascii() and clean.isdecimal() and len(clean) < 10 else 0


def _parts(text: str) -> list[str]:
    """A date of a file, as 27/6/2026 or 2026-06-27, in parts."""
    clean = tidy(text).replace("-", "/").replace(".", "/").split(" ")[0]
    found = clean.split("/") if clean else ["", "", ""]
    if len(found) != 3:
        return [clean, "", ""]
    return found[::-1] if len(found[0]) == 4 else found
