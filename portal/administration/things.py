"""What events of the audit trail were done to: kinds of things, their names and their pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.audit import AuditEvent
from data_access.institutions import Institution
from data_access.schemes import ManagementGroup, Scheme

# Each kind as it is recorded: in words, and its page.
KINDS: Mapping[str, tuple[str, str]] = {
    "user": ("User", "/people/{}"),
    "session": ("Sign-in of user", "/people/{}"),
    "institution": ("Institution", "/institutions/{}"),
    "merger": ("Merger", "/administration/mergers/{}"),
    "group": ("Management group", "/schemes/groups/{}"),
    "scheme": ("Scheme", "/schemes/{}"),
    "release": ("Release", "/publishing/{}"),
    "log": ("Log", "/logs/{}"),
    "upload": ("Upload", "/uploads/{}"),
    "agreement": ("Data Sharing Agreement", "/administration/agreements"),
    "import": ("Imported file", ""),
    "message": ("Message", "/administration/outbox"),
    "lettings_window": ("Dates of lettings", "/administration/collection-windows/lettings/{}"),
    "sales_window": ("Dates of sales", "/administration/collection-windows/sales/{}"),
    "rent_ranges": ("Usual rents", ""),
    "sale_ranges": ("Usual sale prices", ""),
}
_NAMED: Mapping[str, Any] = {
    "user": Account,
    "session": Account,
    "institution": Institution,
    "group": ManagementGroup,
    "scheme": Scheme,
}


@dataclass(frozen=True)
class Thing:
    """What an event was done to: its kind and number in words, its name, and its page if any."""

    words: str
    name: str
    address: str


def things_of(db: Session, events: Iterable[AuditEvent]) -> dict[tuple[str, int], Thing]:
    """The things of some events, by kind and number; a query for each kind that has names."""
    subjects = {(event.subject_type, event.subject_id) for event in events}
    names: dict[tuple[str, int], str] = {}
    for kind, model in _NAMED.items():
        numbers = [number for other, number in subjects if other == kind]
        if numbers:
            rows = db.execute(select(model.id, model.name).where(model.id.in_(numbers)))
            names |= {(kind, number): name for number, name in rows}
    return {subject: _thing(subject, names.get(subject, "")) for subject in subjects}


def _thing(subject: tuple[str, int], name: str) -> Thing:
    kind, number = subject
    words, address = KINDS.get(kind, (kind.replace("_", " ").capitalize(), ""))
    return Thing(f"{words} {number}", name, address.format(number))
