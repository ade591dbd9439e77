"""Groups, schemes and locations in words: labels, values, statuses, and what is missing."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from data_access.audit import history
from data_access.institutions import Institution
from data_access.logs import Log
from data_access.reference.local_authorities import local_authorities
from data_access.scheme_changes import Lacking
from data_access.scheme_codes import GROUP_CODES, LOCATION_CODES, SCHEME_CODES
from data_access.scheme_states import SchemeRecord, location_state_on, scheme_state_on
from data_access.schemes import APPROVED, Location, Scheme
from portal.history import Show, plain_value
from submission.windows import in_words

GROUP_LABELS = {
    "name": "Name",
    "code": "Code",
    "arrangement_type": "Support is provided by",
    "agent_id": "Managed by",
    "agent_name": "Managed by",
}
SCHEME_LABELS = {
    "name": "Name",
    "code": "Code",
    "confidential": "Confidential",
    "scheme_type": "Type of scheme",
    "registered_care": "Registered under care standards",
    "client_group": "Primary client group",
    "secondary_client_group": "Secondary client group",
    "support_type": "Level of support",
    "intended_stay": "Intended length of stay",
    "status": "Status",
    "refusal_reason": "Reason",
    "owner_id": "Owner",
}
LOCATION_LABELS = {
    "name": "Name",
    "postcode": "Postcode",
    "local_authority": "Local authority",
    "units": "Units",
    "type_of_unit": "Most common type of unit",
    "mobility_type": "Mobility standard",
    "available_from": "Available from",
}
_PAUSE_LABELS = {"deactivated_from": "deactivated from", "reactivated_from": "reactivated from"}
# Of schemes by status, and of approved ones by state: words and the colour of the tag.
STATUS_TAGS = {
    "draft": ("Draft", "grey"),
    "submitted": ("Waiting for approval", "yellow"),
    "approved": ("Approved", "green"),
    "refused": ("Refused", "red"),
}
STATE_TAGS = {
    "incomplete": ("Incomplete", "orange"),
    "active": ("Active", "green"),
    "deactivating_soon": ("Deactivating soon", "yellow"),
    "deactivated": ("Deactivated", "grey"),
    "reactivating_soon": ("Reactivating soon", "blue"),
    "activating_soon": ("Activating soon", "blue"),
}
_CODES = {**GROUP_CODES, **SCHEME_CODES, **LOCATION_CODES}


def scheme_tag(found: SchemeRecord, day: date) -> tuple[str, str]:
    """Words and colour of a scheme's tag: how far its approval is, then its state on a day."""
    if found.scheme.status != APPROVED:
        return STATUS_TAGS[found.scheme.status]
    return STATE_TAGS[scheme_state_on(found, day)]


def location_tag(found: SchemeRecord, place: Location, day: date) -> tuple[str, str]:
    """Words and colour of a location's tag: its state on a day."""
    return STATE_TAGS[location_state_on(found, place, day)]


def value_in_words(name: str, value: Any) -> str:
    """A stored value as people read it."""
    if value is None or value == "":
        return ""
    if name in _CODES:
        return _CODES[name].get(str(value), str(value))
    if name == "local_authority":
        place = local_authorities().get(str(value))
        return place.name if place else str(value)
    if name == "status":
        return STATUS_TAGS[value][0] if value in STATUS_TAGS else str(value)
    if isinstance(value, date):
        return in_words(value)
    if name == "available_from" or name in _PAUSE_LABELS:
        return in_words(date.fromisoformat(str(value)))
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return plain_value(name, value)


def details(thing: Any, labels: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Field, label and value in words of a scheme or location, in the order of the labels."""
    return [
        (name, label, value_in_words(name, getattr(thing, name))) for name, label in labels.items()
    ]


def scheme_details(scheme: Scheme) -> list[tuple[str, str, str]]:
    """Field, label and value of what is asked of a scheme."""
    asked = ("confidential", *SCHEME_CODES)
    return details(scheme, {name: SCHEME_LABELS[name] for name in asked})


def location_name(place: Location, show_postcode: bool = True) -> str:
    """How a location is called: postcode and name; of a confidential one the name and number."""
    if not show_postcode:
        return f"{place.name or 'Location'} ({place.id})"
    return f"{place.postcode}, {place.name}" if place.name else place.postcode


def what_is_paused(found: SchemeRecord, place: Location | None) -> str:
    """A scheme, or a location of it, as the subject of a sentence."""
    name = f"{found.scheme.code}: {found.scheme.name}"
    if place is None:
        return f"Scheme {name}"
    return f"Location {location_name(place, not found.scheme.confidential)} of scheme {name}"


def letting_day(log: Log) -> str:
    """The day on which the letting of a log begins, in words."""
    return in_words(log.event_date) if log.event_date else ""


def what_lacks(lacking: Lacking) -> dict[str, str]:
    """What keeps a scheme from approval, by the field of its page."""
    found = {name: f"{SCHEME_LABELS[name]} is missing" for name in lacking.details}
    if not lacking.has_location:
        found["locations"] = "Add at least one location with its postcode"
    for place, names in lacking.locations:
        missing = " and ".join(LOCATION_LABELS[name].lower() for name in names)
        found[f"location-{place.id}"] = f"Location {location_name(place)} lacks: {missing}"
    return found


def history_labels(db: Session, scheme: Scheme) -> dict[str, str]:
    """Labels of the fields in a scheme's history, those of every location it ever had included."""
    found = SCHEME_LABELS | {name: words.capitalize() for name, words in _PAUSE_LABELS.items()}
    fields = LOCATION_LABELS | _PAUSE_LABELS
    for event in history(db, ("scheme", scheme.id)):
        for name in event.detail.get("changes") or {}:
            number, _, field = name.removeprefix("location_").partition("_")
            if name.startswith("location_") and field in fields:
                found[name] = f"Location {number}, {fields[field].lower()}"
    return found


def show_values(db: Session) -> Show:
    """Puts the values of a history in words, institutions by name."""

    def show(name: str, value: Any) -> str:
        if name in ("agent_id", "owner_id") and isinstance(value, int):
            institution = db.get(Institution, value)
            return institution.name if institution else str(value)
        if name.startswith("location_"):
            name = name.split("_", 2)[2]
        return value_in_words(name, value)

    return show
