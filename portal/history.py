"""The history of a record as people read it, from the audit trail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.audit import AuditEvent, history
from data_access.clock import LONDON

Show = Callable[[str, Any], str]


@dataclass(frozen=True)
class Change:
    """One event: when, by whom, what was done, and rows of label, before and after."""

    at: str
    by: str
    what: str
    changes: list[tuple[str, str, str]]


def in_words(at: datetime) -> str:
    """An instant as screens show it, in London: 25 November 2026, 09:30."""
    local = at.astimezone(LONDON)
    return f"{local.day} {local:%B %Y, %H:%M}"


def plain_value(name: str, value: Any) -> str:
    """A value of an event in words; lists with commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return str(value)


def history_of(
    db: Session,
    subject: tuple[str, int],
    words: Mapping[str, str],
    labels: Mapping[str, str],
    show: Show = plain_value,
) -> list[Change]:
    """What happened to a record, newest first.

    `words` says what each action was, `labels` names fields, `show` puts a field's value in words.
    """
    events = history(db, subject)
    accounts = {event.account_id for event in events if event.account_id is not None}
    names = {number: account.name for number in accounts if (account := db.get(Account, number))}
    return [_change(event, names, words, labels, show) for event in reversed(events)]


def _change(
    event: AuditEvent,
    names: Mapping[int, str],
    words: Mapping[str, str],
    labels: Mapping[str, str],
    show: Show,
) -> Change:
    changed = event.detail.get("changes") or {}
    return Change(
        in_words(event.at),
        names.get(event.account_id or 0, "the service itself"),
        words.get(event.action, event.action.replace("_", " ").capitalize()),
        [
            (labels.get(name, name.replace("_", " ").capitalize()), show(name, a), show(name, b))
            for name, (a, b) in changed.items()
        ],
    )
