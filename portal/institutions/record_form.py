"""The fields of a record as a form holds them: texts, kept as they were typed."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from data_access.institution_list import active_by_words, active_institutions
from data_access.institutions import PROVIDER_TYPES, Institution
from portal.institutions.reading import FIELDS
from portal.institutions.words import areas_by_region, rent_periods

LISTS = ("local_authorities", "rent_periods")
NO_SUCH_INSTITUTION = (
    "No active institution has this name or CORE ID. Choose one of the list, or enter a CORE ID "
    "such as ORG12"
)


def typed_texts(
    posted: Mapping[str, str], lists: Mapping[str, list[str]], fields: Iterable[str] = FIELDS
) -> dict[str, str]:
    """The texts of these fields; of a list, what was ticked."""
    return {
        name: ";".join(lists.get(name, [])) if name in LISTS else posted.get(name, "")
        for name in fields
    }


def texts_of(values: Mapping[str, Any]) -> dict[str, str]:
    """The texts that a form shows of stored values."""
    return {name: _text(value) for name, value in values.items()}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ";".join(str(part) for part in value)
    return str(value)


def form_context(
    db: Session, texts: Mapping[str, str], errors: Mapping[str, str]
) -> dict[str, Any]:
    """What the templates of the fields need."""
    return {
        "texts": texts,
        "errors": errors,
        "error": bool(errors),
        "areas": areas_by_region(),
        "chosen_areas": set(texts.get("local_authorities", "").split(";")),
        "periods": rent_periods(),
        "chosen_periods": set(texts.get("rent_periods", "").split(";")),
        "types": PROVIDER_TYPES,
        "institutions": active_institutions(db) if "holds_stock" in texts else [],
    }


def first_child_in(
    db: Session, posted: Mapping[str, str], holds_stock: bool | None
) -> tuple[Institution | None, str]:
    """The institution that is to manage a new stock holder's homes, or None for itself."""
    words = posted.get("first_child", "").strip()
    if not holds_stock or posted.get("managed_by") != "other":
        return None, ""
    if not words:
        return None, "Enter the institution that manages its homes, or choose itself"
    found = active_by_words(db, words)
    return found, "" if found else NO_SUCH_INSTITUTION
