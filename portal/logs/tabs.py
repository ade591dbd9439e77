"""The sub-pages of a log that a person may open."""

from data_access.accounts import Person
from data_access.logs import Log
from portal.permissions import may_do
from portal.sessions import Database
from submission.log_life import OPEN


def tabs_of(db: Database, account: Person, log: Log) -> list[tuple[str, str]]:
    """Addresses and words, in order."""
    found = [(f"/logs/{log.id}/answers", "Answers")]
    if log.status in OPEN and may_do(db, account, "log.change", log):
        found.insert(0, (f"/logs/{log.id}", "Parts of the form"))
    if may_do(db, account, "log.history", log):
        found.append((f"/logs/{log.id}/history", "History"))
    return found
