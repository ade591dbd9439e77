"""What the service says of a log's UPRN: for the person at the form, and as facts for the rules."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data_access.reference.postcodes import default_store
from submission.addresses.choice import address_service
from submission.addresses.service import Address, AddressesUnknown
from submission.authorities import code_in_year
from submission.facts import DIRECTORY_POSTCODES

_UPRN = re.compile(r"[0-9]{1,12}")
# What a log keeps of an address, apart from what follows from its postcode.
ADDRESS_PARTS = ("address_line1", "address_line2", "town_or_city", "county", "postcode_full")


@dataclass(frozen=True)
class LookedUp:
    """What came of looking up a UPRN. `address` is None where England has no such number.

    `is_known`: whether the service answered; without an answer nothing is said of the number.
    """

    is_known: bool
    address: Address | None = None


NOTHING_KNOWN = LookedUp(is_known=False)


def is_typed_in(answers: Mapping[str, Any]) -> bool:
    """Whether a log's address is typed rather than looked up."""
    return answers.get("manual_address_entry_selected") in (True, 1)


def look_up(uprn: Any) -> LookedUp:
    """What the service of this deployment says of a UPRN, or of what was typed for one."""
    text = str(uprn or "").strip()
    service = address_service()
    # The rules have words of their own for a text that cannot be a UPRN.
    if not service.is_there or not _UPRN.fullmatch(text):
        return NOTHING_KNOWN
    try:
        return LookedUp(is_known=True, address=service.by_uprn(text))
    except AddressesUnknown:
        return NOTHING_KNOWN


def address_facts(answers: Mapping[str, Any], year: int) -> dict[str, Any]:
    """Facts (see `submission.facts`) of the UPRN in a log's answers; none while nothing is known.

    With an address come its postcode and authority as the directory of postcodes has them.
    """
    if not answers.get("uprn") or is_typed_in(answers):
        return {}
    found = look_up(answers["uprn"])
    if not found.is_known:
        return {}
    address = found.address
    if address is None:
        return {"address_service": True}
    facts: dict[str, Any] = {
        "address_service": True,
        "address_of_uprn.address_line1": address.address_line1,
        "address_of_uprn.address_line2": address.address_line2 or None,
        "address_of_uprn.town_or_city": address.town_or_city or None,
        "address_of_uprn.postcode": address.postcode or None,
    }
    place = default_store().look_up(address.postcode)
    if place is not None:
        facts[f"directory.postcode{DIRECTORY_POSTCODES}"] = place.postcode
        facts[f"directory.la{DIRECTORY_POSTCODES}"] = code_in_year(place.local_authority, year)
    return facts


def with_address(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of a log whose UPRN was changed, with the address that the number now stands for.

    As the derivations have it, at once rather than when the log is submitted, so that whoever gave
    the number sees its address. An address that came with another number goes. Without a service
    nothing changes.
    """
    kept = dict(answers)
    if not address_service().is_there:
        return kept
    uprn = kept.get("uprn")
    before = kept.pop("uprn_selection", None)
    if not uprn:
        return kept
    kept["uprn_selection"] = uprn
    address = look_up(uprn).address
    if address is not None or before not in (None, uprn):
        for name in ADDRESS_PARTS:
            kept.pop(name, None)
    if address is not None:
        parts = {
            "uprn_known": 1,
            "address_line1": address.address_line1,
            "address_line2": address.address_line2,
            "town_or_city": address.town_or_city,
            "postcode_full": address.postcode,
        }
        kept |= {name: value for name, value in parts.items() if value}
    return kept


def without_address(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of a log whose address found by UPRN was said to be wrong: to be typed instead.

    As the derivations have it, at once: they would empty what is typed from now on as well.
    """
    gone = {"uprn", "uprn_confirmed", "uprn_selection", *ADDRESS_PARTS}
    return {name: value for name, value in answers.items() if name not in gone} | {"uprn_known": 0}
