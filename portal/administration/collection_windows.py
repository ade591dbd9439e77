"""The dates of collection years: seen, checked and changed by administrators."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from data_access.accounts import Account
from data_access.clock import LONDON, today
from data_access.collection_windows import (
    StoredWindow,
    WindowConflict,
    WindowDates,
    changes,
    stored_windows,
)
from data_access.logs import Log, log_counts
from data_access.reference.periods import quarter, year_label
from portal.administration import date_input
from portal.forms import Posted
from portal.layout.pages import render
from portal.sessions import Administrator, Database
from submission.collection import COLLECTIONS
from submission.window_changes import (
    LAST_DAYS,
    NAMES,
    PHRASES,
    QUARTERS,
    as_shown,
    as_stored,
    closes,
    phrase,
    problems,
    sentences,
    shown_dates,
)
from submission.windows import (
    change_window,
    in_words,
    state_of,
    window_as_it_came,
    years_with_dates,
)

router = APIRouter(prefix="/administration/collection-windows")
PRIVATE = {"Cache-Control": "private, no-store"}
TITLES = {"lettings": "Lettings", "sales": "Sales"}
HINTS = {
    "opens": "Logs can be started from this day on. Usually 1 April.",
    "deadline": "This is the final deadline of the year.",
    "new_until": "On the day after, logs of this year can no longer be started.",
    "edit_until": "On the day after, logs of this year can no longer be changed, corrected or "
    "submitted.",
}


@dataclass(frozen=True)
class _Subject:
    """One collection and year, with its dates as they are stored or came with the service."""

    collection: str
    year: int
    stored: StoredWindow | None
    day: date

    @property
    def dates(self) -> WindowDates:
        return self.stored.dates if self.stored else window_as_it_came(self.collection, self.year)

    @property
    def version(self) -> int:
        return self.stored.version if self.stored else 0

    @property
    def title(self) -> str:
        return f"{TITLES[self.collection]} {year_label(self.year)}"

    @property
    def address(self) -> str:
        return f"{router.prefix}/{self.collection}/{self.year}"

    @property
    def state(self) -> str:
        return state_of(self.dates, self.day)


def _subject(request: Request, db: Database, collection: str, year: str) -> _Subject:
    day = today(request.app.state.settings)
    known = collection in COLLECTIONS and year.isascii() and year.isdecimal() and len(year) == 4
    if not known or int(year) not in years_with_dates(day):
        raise HTTPException(404)
    return _Subject(collection, int(year), stored_windows(db).get((collection, int(year))), day)


@router.get("")
def windows_page(request: Request, db: Database, account: Administrator) -> Response:
    """All collections and years with their state today, newest first."""
    day = today(request.app.state.settings)
    stored = stored_windows(db)
    return _private(
        render(
            request,
            "administration/windows.html",
            day=in_words(day),
            collections=[
                (
                    TITLES[name],
                    [
                        (subject, year_label(subject.year), _texts(subject.dates))
                        for year in reversed(years_with_dates(day))
                        for subject in [_Subject(name, year, stored.get((name, year)), day)]
                    ],
                )
                for name in COLLECTIONS
            ],
        )
    )


@router.get("/{collection}/{year}")
def window_page(
    request: Request,
    db: Database,
    account: Administrator,
    collection: str,
    year: str,
    saved: str = "",
) -> Response:
    """The form with the dates in force, and their history."""
    return _form(request, db, _subject(request, db, collection, year), saved=bool(saved))


@router.post("/{collection}/{year}")
def change_window_page(
    request: Request,
    db: Database,
    account: Administrator,
    collection: str,
    year: str,
    posted: Posted,
) -> Response:
    """Shows what dates would change, then saves them; or says what is wrong with them."""
    subject = _subject(request, db, collection, year)
    typed = {name: date_input.typed(posted, name) for name in NAMES}
    if posted.get("go") == "edit":
        return _form(request, db, subject, typed=typed, version=_version(posted))
    after, errors = _read(subject.year, typed)
    if after is None:
        return _form(
            request, db, subject, 422, typed=typed, version=_version(posted), errors=errors
        )
    if _version(posted) != subject.version:
        return _conflict(request, db, subject, _version(posted), after)
    if after == subject.dates:
        return _form(request, db, subject, typed=typed, unchanged=True)
    closing = closes(subject.dates, after, subject.day)
    unconfirmed = bool(closing) and posted.get("confirm") != "yes"
    if posted.get("go") != "save" or unconfirmed:
        asked = posted.get("go") == "save"
        return _check(request, db, subject, after, closing, asked and unconfirmed)
    try:
        change_window(db, subject.collection, subject.year, after, subject.version, account.id)
    except WindowConflict:
        return _conflict(
            request, db, _subject(request, db, collection, year), subject.version, after
        )
    return RedirectResponse(f"{subject.address}?saved=yes", 303)


def _version(posted: dict[str, str]) -> int:
    """The version that the form was opened with; -1, which none has, for anything else."""
    text = posted.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else -1


def _read(year: int, typed: dict[str, list[str]]) -> tuple[WindowDates | None, dict[str, str]]:
    found: dict[str, Any] = {}
    errors = {}
    for name in NAMES:
        day, wrong = date_input.read(typed[name], PHRASES[name], needed=name not in QUARTERS)
        found[name] = as_stored(name, day)
        if wrong:
            errors[name] = wrong
    if errors:
        return None, errors
    dates = WindowDates(**found)
    errors = problems(year, dates)
    return (None, errors) if errors else (dates, {})


def _form(
    request: Request,
    db: Database,
    subject: _Subject,
    status: int = 200,
    typed: dict[str, list[str]] | None = None,
    version: int | None = None,
    errors: dict[str, str] | None = None,
    **context: Any,
) -> Response:
    errors = errors or {}
    shown = shown_dates(subject.dates)
    given = typed or {name: date_input.parts_of(shown[name]) for name in NAMES}
    return _private(
        render(
            request,
            "administration/window.html",
            status,
            subject=subject,
            version=subject.version if version is None else version,
            fields=[
                {
                    "name": name,
                    "label": _label(name, subject.year),
                    "hint": HINTS.get(name, ""),
                    "parts": given[name],
                    "errors": [errors[name]] if name in errors else [],
                    "kind": "date",
                }
                for name in NAMES
            ],
            errors=errors,
            error=bool(errors),
            history=_history(db, subject),
            **context,
        )
    )


def _check(
    request: Request,
    db: Database,
    subject: _Subject,
    after: WindowDates,
    closing: str,
    error: bool,
) -> Response:
    counts = log_counts(db, Log.collection == subject.collection) if closing else {}
    shown = shown_dates(after)
    before, will = _texts(subject.dates), _texts(after)
    return _private(
        render(
            request,
            "administration/window_check.html",
            422 if error else 200,
            subject=subject,
            differences=[
                (_label(name, subject.year), before[name], will[name])
                for name in NAMES
                if before[name] != will[name]
            ],
            sentences=sentences(subject.year, subject.dates, after),
            state_after=state_of(after, subject.day),
            closing=closing,
            unfinished=sum(
                counts.get((subject.year, status), 0) for status in ("saved", "invalid")
            ),
            kept={
                f"{name}-{part}": text
                for name in NAMES
                for part, text in zip(
                    date_input.PARTS, date_input.parts_of(shown[name]), strict=True
                )
            },
            error=error,
        )
    )


def _conflict(
    request: Request, db: Database, subject: _Subject, opened: int, yours: WindowDates
) -> Response:
    """Both persons' dates, and a form of the saved ones with this person's changes put in.

    A date that this person left as it was when the form was opened is nobody's quarrel.
    """
    base = _dates_of_version(db, subject, opened)
    was, theirs, mine = _texts(base), _texts(subject.dates), _texts(yours)
    differing = [name for name in NAMES if theirs[name] != mine[name] and mine[name] != was[name]]
    if not differing:
        saved = "?saved=yes" if yours == subject.dates else ""
        return RedirectResponse(f"{subject.address}{saved}", 303)
    shown, of_mine = shown_dates(subject.dates), shown_dates(yours)
    together = {name: of_mine[name] if name in differing else shown[name] for name in NAMES}
    return _form(
        request,
        db,
        subject,
        409,
        typed={name: date_input.parts_of(day) for name, day in together.items()},
        differences=[
            (_label(name, subject.year), was[name], theirs[name], mine[name]) for name in differing
        ],
    )


def _dates_of_version(db: Database, subject: _Subject, version: int) -> WindowDates:
    """The dates that a form of this version showed; for a version that never was, the first."""
    made = changes(db, subject.collection, subject.year)
    if not 0 < version <= len(made):
        return window_as_it_came(subject.collection, subject.year)
    kept = made[-version].after
    return WindowDates(
        **{name: date.fromisoformat(day) if day else None for name, day in kept.items()}  # type: ignore[arg-type]
    )


def _history(db: Database, subject: _Subject) -> list[dict[str, Any]]:
    """Who changed which dates when, newest first."""
    return [
        {
            "at": _instant(change.at),
            "by": _name(db, change.account_id),
            "dates": [
                (_label(name, subject.year), _text(name, before), _text(name, after))
                for name in NAMES
                for before, after in [(change.before.get(name), change.after.get(name))]
                if before != after
            ],
        }
        for change in changes(db, subject.collection, subject.year)
    ]


def _name(db: Database, account_id: int | None) -> str:
    account = db.get(Account, account_id) if account_id is not None else None
    return account.name if account else "somebody without an account"


def _instant(at: datetime) -> str:
    local = at.astimezone(LONDON)
    return f"{in_words(local.date())}, {local:%H:%M}"


def _text(name: str, stored: str | None) -> str:
    day = as_shown(name, date.fromisoformat(stored)) if stored else None
    return in_words(day) if day else "none"


def _texts(dates: WindowDates) -> dict[str, str]:
    return {name: in_words(day) if day else "none" for name, day in shown_dates(dates).items()}


def _label(name: str, year: int) -> str:
    """A date's name as a label, with the months of its quarter."""
    if name in LAST_DAYS or name == "opens":
        return phrase(name).removeprefix("The ").capitalize()
    number = (*QUARTERS, "deadline").index(name) + 1
    return f"Deadline for quarter {number}, {quarter(year, number).label}"


def _private(answer: Response) -> Response:
    answer.headers.update(PRIVATE)
    return answer
