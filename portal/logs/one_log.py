"""One log as its pages need it: found within reach, named by its type, checked as it stands."""

from typing import Any

from fastapi import Request

from data_access.accounts import Person
from data_access.clock import today
from data_access.logs import Log
from data_access.reference.log_types import LOG_TYPES
from portal.permissions import find
from portal.sessions import Database
from submission.log_life import check

PRIVATE = {"Cache-Control": "private, no-store"}
COLLECTION_LABELS = {"lettings": "Letting", "sales": "Sale"}


def log_in_reach(db: Database, account: Person, log_id: int) -> Log:
    """The log, when this person may see it; anything else is not found."""
    found: Log = find(db, account, "log.view", log_id)
    return found


def log_to_change(db: Database, account: Person, log_id: int) -> Log:
    """The log, when this person may change it."""
    found: Log = find(db, account, "log.change", log_id)
    return found


def live_findings(db: Database, log: Log, request: Request) -> tuple[Any, list[dict[str, Any]]]:
    """What the checker says of an open log now, with the confirmations that still hold."""
    checked = check(db, log, today(request.app.state.settings))
    return checked, checked.findings


def log_type_label(log: Log) -> str:
    """The log's type in words, once it is known."""
    if log.log_type:
        return LOG_TYPES[log.log_type].label
    return COLLECTION_LABELS[log.collection]
