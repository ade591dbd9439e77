"""The audit trail, searched by administrators."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.audit import PAGE_LENGTH, AuditEvent, Search, count_events, search
from data_access.clock import LONDON
from portal import action_words
from portal.administration import date_input
from portal.administration.changed_values import changes_in_words, rest_in_words
from portal.administration.things import KINDS, Thing, things_of
from portal.history import in_words
from portal.layout.pages import render
from portal.permissions import require
from portal.plain_text import tidy
from portal.sessions import Database, SignedIn
from portal.tables.writing import CSV, write_csv

HERE = "/administration/audit"
router = APIRouter(prefix=HERE)
PRIVATE = {"Cache-Control": "private, no-store"}
# As many as a spreadsheet works with in comfort; whoever needs more narrows the search by days.
MOST_IN_FILE = 10_000
_LATEST = date(2199, 12, 31)
_PHRASES = {"first": "the first day", "last": "the last day"}
_NOBODY = "the service itself"


@dataclass(frozen=True)
class Asked:
    """A search as it was typed, what is wrong with it, and what is to be looked for."""

    typed: dict[str, str]
    days: dict[str, list[str]]
    errors: dict[str, str]
    wanted: Search

    @property
    def kept(self) -> str:
        """The search as the query of an address."""
        parts = {
            f"{name}-{part}": text
            for name, texts in self.days.items()
            for part, text in zip(date_input.PARTS, texts, strict=True)
        }
        return urlencode({name: text for name, text in (self.typed | parts).items() if text})

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is looked for in particular."""
        return self.wanted != Search()


@dataclass(frozen=True)
class Shown:
    """An event in words."""

    at: str
    by: str
    user_name: str
    by_address: str
    address: str
    what: str
    thing: Thing
    changes: list[tuple[str, str, str]]
    rest: list[tuple[str, str]]


def _asked(request: Request) -> Asked:
    given = request.query_params
    typed = {
        name: tidy(given.get(name, ""))[:200]
        for name in ("person", "action", "kind", "number", "address")
    }
    days = {name: date_input.typed(dict(given), name) for name in _PHRASES}
    errors: dict[str, str] = {}
    typed["action"] = typed["action"] if typed["action"] in action_words.ACTION_WORDS else ""
    typed["kind"] = typed["kind"] if typed["kind"] in KINDS else ""
    number = typed["number"].replace(",", "")
    is_number = number.isascii() and number.isdecimal() and len(number) < 10
    if number and not is_number:
        errors["number"] = "The number of the thing must be a whole number, such as 12"
    first, wrong_first = date_input.read(days["first"], _PHRASES["first"], needed=False)
    last, wrong_last = date_input.read(days["last"], _PHRASES["last"], needed=False)
    if first and last and last < first:
        wrong_last = "The last day must be the first day or later"
    for name, wrong in (("first", wrong_first), ("last", wrong_last)):
        if wrong:
            errors[f"{name}-day"] = wrong
    wanted = Search(
        person=typed["person"],
        action=typed["action"],
        subject_type=typed["kind"],
        subject_id=int(number) if is_number else None,
        address=typed["address"],
        first=_midnight(first),
        before=_midnight(min(last, _LATEST) + timedelta(days=1)) if last else None,
    )
    return Asked(typed, days, errors, wanted)


def _midnight(day: date | None) -> datetime | None:
    """The start of a day in London."""
    return datetime.combine(day, time(), LONDON) if day else None


@router.get("")
def audit_page(request: Request, db: Database, person: SignedIn, page: str = "1") -> Response:
    """A page of the events that are looked for, newest first."""
    require(person, "audit.search")
    asked = _asked(request)
    total = 0 if asked.errors else count_events(db, asked.wanted)
    last = max(1, -(-total // PAGE_LENGTH))
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 8 else 1
    number = min(max(number, 1), last)
    answer = render(
        request,
        "administration/audit.html",
        422 if asked.errors else 200,
        asked=asked,
        errors=asked.errors,
        error=bool(asked.errors),
        events=[] if asked.errors else _shown(db, search(db, asked.wanted, number)),
        total=total,
        page=number,
        last=last,
        actions={
            title: sorted(words.items(), key=lambda pair: pair[1])
            for title, words in action_words.GROUPS.items()
        },
        kinds=sorted(((kind, words) for kind, (words, _) in KINDS.items()), key=lambda k: k[1]),
        query=f"{HERE}?{asked.kept}&" if asked.kept else f"{HERE}?",
        csv=f"{HERE}.csv?{asked.kept}" if asked.kept else f"{HERE}.csv",
        most_in_file=MOST_IN_FILE,
    )
    answer.headers.update(PRIVATE)
    return answer


@router.get(".csv")
def audit_csv(request: Request, db: Database, person: SignedIn) -> Response:
    """The newest of the events that are looked for, a row for each change."""
    require(person, "audit.search")
    asked = _asked(request)
    if asked.errors:
        raise HTTPException(422, " ".join(f"{text}." for text in asked.errors.values()))
    headings = (
        "Number", "Time", "Person", "User name", "Network address", "What was done",
        "Kind of thing", "Number of the thing", "Name of the thing", "Field", "Before",
        "After", "Further details",
    )  # fmt: skip
    found = search(db, asked.wanted, length=MOST_IN_FILE)
    things = things_of(db, [event for event, _ in found])
    rows = [
        (
            event.id,
            event.at,
            account.name if account else _NOBODY,
            account.user_name if account else "",
            event.address,
            action_words.in_words(event.action),
            KINDS.get(event.subject_type, (event.subject_type, ""))[0],
            event.subject_id,
            things[event.subject_type, event.subject_id].name,
            *change,
            "; ".join(f"{label}: {value}" for label, value in rest_in_words(event)),
        )
        for event, account in found
        for change in changes_in_words(event) or [("", "", "")]
    ]
    headers = {**PRIVATE, "Content-Disposition": 'attachment; filename="audit-trail.csv"'}
    return Response(write_csv(headings, rows), media_type=CSV, headers=headers)


def _shown(db: Session, found: list[tuple[AuditEvent, Account | None]]) -> list[Shown]:
    things = things_of(db, [event for event, _ in found])
    return [
        Shown(
            in_words(event.at),
            account.name if account else _NOBODY,
            account.user_name if account else "",
            f"/people/{account.id}" if account else "",
            event.address,
            action_words.in_words(event.action),
            things[event.subject_type, event.subject_id],
            changes_in_words(event),
            rest_in_words(event),
        )
        for event, account in found
    ]
