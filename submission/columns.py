"""The columns by which logs are searched, kept in step with the answers they come from."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from data_access.reference.log_types import log_type_of

EVENT_DATES = {"lettings": "startdate", "sales": "saledate"}
REFERENCES = {"lettings": ("tenancycode", "propcode"), "sales": ("purchid", "propcode")}
INSTITUTIONS = {
    "owning_organisation_id": "owning_institution_id",
    "managing_organisation_id": "managing_institution_id",
    "assigned_to_id": "assigned_to_id",
}
LONGEST_REFERENCE = 100


def event_date(collection: str, answers: Mapping[str, Any]) -> date | None:
    """The day that decides the collection year: the letting's start, or the sale's completion."""
    text = answers.get(EVENT_DATES[collection])
    return date.fromisoformat(text) if isinstance(text, str) else None


def columns_of(collection: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The searched columns of a log with these answers."""
    code, reference = REFERENCES[collection]
    return {
        "event_date": event_date(collection, answers),
        "local_authority": _text(answers.get("la"), 9),
        "postcode": _text(answers.get("postcode_full"), 10),
        "tenancy_code": _text(answers.get(code), LONGEST_REFERENCE),
        "property_reference": _text(answers.get(reference), LONGEST_REFERENCE),
        "log_type": log_type_of(
            collection, _code(answers.get("rent_type")), _code(answers.get("needstype"))
        ),
        **{column: _code(answers.get(name)) for name, column in INSTITUTIONS.items()},
    }


def _text(value: Any, longest: int) -> str | None:
    return None if value is None or value == "" else str(value)[:longest]


def _code(value: Any) -> int | None:
    return value if isinstance(value, int) else None
