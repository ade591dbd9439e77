"""What happened to a log, in the words of its questions."""

from decimal import InvalidOperation
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from data_access.logs import Log
from portal.history import history_of, plain_value
from portal.layout.pages import render
from portal.logs.fields import display
from portal.logs.one_log import PRIVATE, log_type_label
from portal.logs.tabs import tabs_of
from portal.permissions import find
from portal.sessions import Database, SignedIn
from submission.collection import load

router = APIRouter()
WORDS = {
    "log_started": "Started the log",
    "log_saved": "Saved a page",
    "log_submitted_valid": "Submitted the log: it is valid",
    "log_submitted_invalid": "Submitted the log: it is invalid",
    "log_confirmed": "Confirmed an unusual answer",
    "log_reopened": "Opened the valid log again",
    "log_dropped": "Dropped the log",
    "log_uploaded": "Made the log from a row of a file",
    "log_assigned": "Gave the log to somebody else",
    "log_moved_by_merger": "Moved the log in a merger of institutions",
    "log_unresolved": "Took out the scheme and location, because one was deactivated",
}


@router.get("/logs/{log_id}/history")
def history_page(request: Request, db: Database, account: SignedIn, log_id: int) -> Response:
    """Every change of the log, newest first."""
    log: Log = find(db, account, "log.history", log_id)
    collection = load(log.collection, log.collection_year)

    def show(name: str, value: Any) -> str:
        if name not in collection.variables or value is None:
            return plain_value(name, value)
        try:
            return display(db, collection, name, value)
        except (InvalidOperation, ValueError):
            # What was typed and is no answer of its question.
            return str(value)

    labels = {name: variable.label for name, variable in collection.variables.items()}
    answer = render(
        request,
        "logs/history.html",
        log=log,
        log_type=log_type_label(log),
        tabs=tabs_of(db, account, log),
        events=history_of(db, ("log", log.id), WORDS, labels | _LABELS, show),
    )
    answer.headers.update(PRIVATE)
    return answer


_LABELS = {"unresolved": "Scheme and location must be chosen again"}
