"""What waits for an administrator, in words: the start of the administration pages."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from data_access.clock import LONDON
from data_access.waiting_work import waiting_work
from submission.windows import in_words


@dataclass(frozen=True)
class Waits:
    """One kind of work: where it is done, what it is called, how much waits and what of it."""

    address: str
    title: str
    count: int
    words: str
    detail: str = ""


def what_waits(db: Session) -> list[Waits]:
    """Each kind of work, in the order in which it holds people up."""
    found = waiting_work(db)
    return [
        Waits(
            "/administration/schemes",
            "Schemes to approve",
            found.schemes,
            _words(found.schemes, "scheme waits", "schemes wait", "No scheme waits") + " for you.",
            _since(found.oldest_scheme),
        ),
        Waits(
            "/administration/mistakes",
            "Mistakes reported",
            found.mistakes,
            _words(found.mistakes, "report is", "reports are", "No report is") + " open.",
            _since(found.oldest_mistake),
        ),
        Waits(
            "/administration/agreements",
            "Unsigned agreements",
            found.unsigned,
            _words(
                found.unsigned,
                "institution has not signed",
                "institutions have not signed",
                "Every institution has signed",
            )
            + " the Data Sharing Agreement.",
        ),
        Waits(
            "/people?status=locked",
            "Locked accounts",
            found.locked,
            _words(found.locked, "account is", "accounts are", "No account is") + " locked.",
        ),
        Waits(
            "/administration/mergers",
            "Mergers",
            found.mergers + found.failed_mergers,
            _words(found.mergers, "merger is", "mergers are", "No merger is") + " scheduled.",
            _of_mergers(found.next_merger, found.failed_mergers),
        ),
        Waits(
            "/administration/outbox",
            "Messages not sent",
            found.unsent,
            _words(
                found.unsent,
                "message could not be sent so far.",
                "messages could not be sent so far.",
                "Every message that is due was sent.",
            ),
        ),
    ]


def _since(at: datetime | None) -> str:
    return f"The oldest waits since {in_words(at.astimezone(LONDON).date())}." if at else ""


def _words(count: int, one: str, several: str, none: str) -> str:
    return none if count == 0 else f"1 {one}" if count == 1 else f"{count:,} {several}"


def _of_mergers(next_one: date | None, failed: int) -> str:
    parts = [f"The next is on {in_words(next_one)}."] if next_one else []
    if failed:
        parts.append(_words(failed, "merger has failed.", "mergers have failed.", ""))
    return " ".join(parts)
