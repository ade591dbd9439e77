"""How the record of an institution is said on screens: labels, choices, values."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from data_access.institutions import PROVIDER_TYPES, Institution
from data_access.reference.local_authorities import local_authorities, regions
from portal.history import plain_value
from submission.collection import YEARS, load

LABELS = {
    "code": "CORE ID",
    "name": "Name",
    "registration_number": "Registration number",
    "provider_type": "Type",
    "telephone": "Telephone",
    "address_line1": "Address line 1",
    "address_line2": "Address line 2",
    "town": "Town or city",
    "county": "County",
    "postcode": "Postcode",
    "owns_affordable_rent": "Owns affordable rent homes",
    "owns_almshouses": "Owns almshouses",
    "holds_stock": "Holds stock",
    "general_needs_stock": "General needs homes",
    "supported_stock": "Supported housing homes",
    "unspecified_stock": "Homes of unspecified kind",
    "rent_periods": "Rent periods",
    "local_authorities": "Local authorities covered",
    "active": "Active",
    "available_from": "Homes can be let or sold in its name from",
    "scheduled_name": "Name from a later day",
    "child": "Child",
    "parent": "Parent",
    "data_sharing_signed": "Data Sharing Agreement signed",
    "merged_into": "Merged into",
    "merged_on": "Date of the merger",
    "mistake": "Mistake reported",
    "answer": "Answer to the report",
}
# Between the parts of a list: names of places have commas in them.
SEPARATOR = "; "


@cache
def rent_periods() -> Mapping[int, str]:
    """The rent periods by code in the words and order of the newest collection."""
    return {int(code.code): code.label for code in load("lettings", max(YEARS)).codes("period")}


@cache
def areas_by_region() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Each region's code and name with its local authorities' codes and names, by name."""
    return [
        (
            code,
            name,
            sorted(
                (
                    (place.code, place.name)
                    for place in local_authorities().values()
                    if place.region_code == code
                ),
                key=lambda place: place[1],
            ),
        )
        for code, name in regions().items()
    ]


def area_names(codes: Iterable[str]) -> list[str]:
    """The names of local authorities by name; a code that is not known stays as it is."""
    places = local_authorities()
    return sorted(places[code].name if code in places else code for code in codes)


def period_names(numbers: Iterable[int]) -> list[str]:
    """The names of rent periods, in the order of the collection."""
    chosen = set(numbers)
    return [label for number, label in rent_periods().items() if number in chosen]


def shown(name: str, value: Any) -> str:
    """The value of a field, as in the audit trail, in words."""
    if value is None or value == "":
        return ""
    if name == "local_authorities":
        return SEPARATOR.join(area_names(value))
    if name == "rent_periods":
        return SEPARATOR.join(period_names(value))
    if name == "provider_type":
        return PROVIDER_TYPES.get(str(value), str(value))
    if name.endswith("_stock") and isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return plain_value(name, value)


def state_of(institution: Institution) -> str:
    """Active, deactivated or merged."""
    if institution.merged_into_id is not None:
        return "merged"
    return "active" if institution.active else "deactivated"
