"""The history of an institution's record; of a list, what was added and what was taken away."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from data_access.institutions import Institution
from portal.action_words import INSTITUTION_ACTIONS
from portal.history import Change, history_of
from portal.institutions.words import LABELS, SEPARATOR, shown

_LISTS = {LABELS[name] for name in ("local_authorities", "rent_periods")}


@dataclass(frozen=True)
class Changed:
    """One event. `lists` are rows of label, added and taken away."""

    event: Change
    changes: list[tuple[str, str, str]]
    lists: list[tuple[str, list[str], list[str]]]


def changes_of(db: Session, institution: Institution) -> list[Changed]:
    """What happened to the record, newest first."""
    events = history_of(db, ("institution", institution.id), INSTITUTION_ACTIONS, LABELS, shown)
    return [
        Changed(
            event,
            [row for row in event.changes if row[0] not in _LISTS],
            [_compared(*row) for row in event.changes if row[0] in _LISTS],
        )
        for event in events
    ]


def _compared(label: str, before: str, after: str) -> tuple[str, list[str], list[str]]:
    was, now = (dict.fromkeys(text.split(SEPARATOR) if text else []) for text in (before, after))
    return label, [part for part in now if part not in was], [p for p in was if p not in now]
