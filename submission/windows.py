"""When logs of a collection year may be started and changed.

The dates stand in `definitions/windows.csv`; a row that an administrator stored takes the place of
the table's. Source of the table: the collection's notes, section on windows.
"""

import csv
import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, timedelta
from functools import cache
from threading import Lock
from time import monotonic

from sqlalchemy.orm import Session

from data_access.collection_windows import (
    WindowConflict,
    WindowDates,
    save_window,
    stored_windows,
)
from data_access.reference.periods import collection_year_of, year_label
from submission.tables import DEFINITIONS

NOT_OPEN_YET = "not open yet"
OPEN = "open"
EDITS_ONLY = "edits only"
CLOSED = "closed"
# Long enough that a busy portal asks seldom, short enough that nobody notices.
FRESH_FOR_SECONDS = 2.0

Key = tuple[str, int]


class StoredDates:
    """The stored rows, as this process last read them. Safe to share between threads.

    The checker needs these dates for every log, deep inside, and asks no database for them. So they
    are kept for the whole process and exchanged all at once: the portal reads them when it starts,
    when it saves one, and otherwise at most once in FRESH_FOR_SECONDS, because other processes save
    them too. Where nothing reads them, as in commands that need no database, the table holds alone.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._dates: Mapping[Key, WindowDates] = {}
        self._read_at = -math.inf
        # Held while reading as well as while exchanging: else a slow reader could put old rows in
        # the place of newer ones.
        self._reading = Lock()

    def get(self, key: Key) -> WindowDates | None:
        """The stored dates of a collection and year, or None."""
        return self._dates.get(key)

    def read(self, db: Session) -> None:
        """Reads the rows now."""
        with self._reading:
            self._exchange(db)

    def read_when_old(self, db: Session) -> None:
        """Reads the rows unless they are fresh, or another thread is reading them already."""
        if self._clock() - self._read_at < FRESH_FOR_SECONDS:
            return
        if self._reading.acquire(blocking=False):
            try:
                self._exchange(db)
            finally:
                self._reading.release()

    def forget(self) -> None:
        """Goes back to the table alone."""
        with self._reading:
            self._dates = {}
            self._read_at = -math.inf

    def _exchange(self, db: Session) -> None:
        asked_at = self._clock()
        self._dates = {key: stored.dates for key, stored in stored_windows(db).items()}
        self._read_at = asked_at


STORED = StoredDates()


@cache
def table_windows() -> Mapping[Key, WindowDates]:
    """The dates of the definition table, by collection and year."""
    names = [part.name for part in fields(WindowDates)]
    with (DEFINITIONS / "windows.csv").open(encoding="utf-8-sig", newline="") as opened:
        return {
            (row["collection"], int(row["year"])): WindowDates(
                **{name: date.fromisoformat(row[name]) if row[name] else None for name in names}  # type: ignore[arg-type]
            )
            for row in csv.DictReader(opened)
        }


def window_as_it_came(collection: str, year: int) -> WindowDates:
    """The dates without what was stored. Years without a row close with the next calendar year."""
    known = table_windows().get((collection, year))
    if known is not None:
        return known
    end = date(year + 1, 12, 31)
    return WindowDates(date(year, 4, 1), None, None, None, date(year + 1, 6, 1), end, end)


def window(collection: str, year: int) -> WindowDates:
    """The dates in force for a collection year."""
    return STORED.get((collection, year)) or window_as_it_came(collection, year)


def years_with_dates(day: date) -> range:
    """The collection years whose dates can be seen and set on a day, the next one included."""
    in_table = [year for _, year in table_windows()]
    return range(min(in_table), max(*in_table, collection_year_of(day) + 1) + 1)


def state_of(dates: WindowDates, day: date) -> str:
    """NOT_OPEN_YET, OPEN, EDITS_ONLY or CLOSED."""
    if day < dates.opens:
        return NOT_OPEN_YET
    if day < dates.new_until:
        return OPEN
    return EDITS_ONLY if day < dates.edit_until else CLOSED


def years_open_for_new_logs(collection: str, day: date) -> list[int]:
    """Collection years in which a log may be started on a day, newest first."""
    newest = collection_year_of(day)
    return [
        year for year in (newest, newest - 1) if state_of(window(collection, year), day) == OPEN
    ]


def open_for_changes(collection: str, year: int, day: date) -> bool:
    """Whether a log of this year may be changed on a day."""
    return state_of(window(collection, year), day) in (OPEN, EDITS_ONLY)


def why_not_new(collection: str, year: int, day: date) -> str:
    """Why no log of a year can be started on a day, with the date that decides it."""
    label = year_label(year)
    if year not in years_with_dates(day):
        return f"New logs of {label} cannot be started."
    dates = window(collection, year)
    if day < dates.opens:
        return f"New logs of {label} can be started from {in_words(dates.opens)}."
    return f"New logs of {label} could be started until {in_words(day_before(dates.new_until))}."


def why_no_changes(collection: str, year: int, day: date) -> str:
    """Why logs of a year cannot be changed on a day, with the date that decides it."""
    label, dates = year_label(year), window(collection, year)
    if day < dates.opens:
        return f"Logs of {label} can be changed from {in_words(dates.opens)}."
    return f"Logs of {label} could be changed until {in_words(day_before(dates.edit_until))}."


def in_words(day: date) -> str:
    """A day as "11 July 2026"."""
    return f"{day.day} {day:%B %Y}"


def day_before(day: date) -> date:
    """The last day on which something is possible, from the first on which it is not."""
    return day - timedelta(days=1)


def change_window(
    db: Session,
    collection: str,
    year: int,
    after: WindowDates,
    expected_version: int,
    account_id: int | None,
) -> None:
    """Stores dates, with an audit event, so that they hold at once in this process.

    Commits. Raises WindowConflict, having written nothing, when somebody else saved these dates
    since `expected_version` (0: nobody had).
    """
    stored = stored_windows(db).get((collection, year))
    if (stored.version if stored else 0) != expected_version:
        raise WindowConflict
    before = stored.dates if stored else window_as_it_came(collection, year)
    save_window(db, collection, year, before, after, expected_version, account_id)
    db.commit()
    STORED.read(db)
