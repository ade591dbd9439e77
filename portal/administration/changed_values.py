"""What an event of the audit trail changed, in the words of the pages of its thing."""

from collections.abc import Callable, Mapping
from typing import Any

from data_access.accounts import ROLE_LABELS
from data_access.audit import AuditEvent
from portal.history import plain_value
from portal.institutions.words import LABELS as INSTITUTION_LABELS
from portal.institutions.words import shown as institution_value
from portal.people.particulars import LABELS as USER_LABELS
from portal.schemes.words import (
    GROUP_LABELS,
    LOCATION_LABELS,
    SCHEME_LABELS,
    value_in_words,
)


def _user_value(name: str, value: Any) -> str:
    return ROLE_LABELS.get(value, str(value)) if name == "role" else plain_value(name, value)


def _scheme_label(name: str) -> str:
    """A field of a scheme, or of one of its locations: location_12_postcode."""
    if name.startswith("location_") and name.count("_") > 1:
        _, number, field = name.split("_", 2)
        label = LOCATION_LABELS.get(field, field.replace("_", " "))
        return f"Location {number}, {label.lower()}"
    return SCHEME_LABELS.get(name, _plain_label(name))


def _scheme_value(name: str, value: Any) -> str:
    field = name.split("_", 2)[2] if name.startswith("location_") and name.count("_") > 1 else name
    try:
        return value_in_words(field, value)
    except (ValueError, TypeError):
        # A day that an older version of the service wrote in another form stays as it is.
        return str(value)


def _plain_label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _labels(labels: Mapping[str, str]) -> Callable[[str], str]:
    return lambda name: labels.get(name, _plain_label(name))


_WORDS: Mapping[str, tuple[Callable[[str], str], Callable[[str, Any], str]]] = {
    "user": (_labels(USER_LABELS), _user_value),
    "institution": (_labels(INSTITUTION_LABELS), institution_value),
    "group": (_labels(GROUP_LABELS), _scheme_value),
    "scheme": (_scheme_label, _scheme_value),
    # Answers of logs are known by their collection names.
    "log": (str, plain_value),
}


def changes_in_words(event: AuditEvent) -> list[tuple[str, str, str]]:
    """Label, value before and value after of each field that an event changed."""
    label, show = _WORDS.get(event.subject_type, (_plain_label, plain_value))
    changes = event.detail.get("changes")
    if not isinstance(changes, dict):
        return []
    return [
        (label(name), show(name, pair[0]), show(name, pair[1]))
        for name, pair in changes.items()
        if isinstance(pair, list) and len(pair) == 2
    ]


def rest_in_words(event: AuditEvent) -> list[tuple[str, str]]:
    """Label and value of whatever else an event tells."""
    return [
        (_plain_label(name), _text(value))
        for name, value in event.detail.items()
        if name != "changes" and value not in (None, "", [], {})
    ]


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{_plain_label(str(name))} {_text(part)}" for name, part in value.items())
    return plain_value("", value)
