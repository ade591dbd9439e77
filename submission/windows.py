"""When logs of a collection year may be started and changed."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache

from data_access.reference.periods import collection_year_of
from submission.tables import DEFINITIONS


@dataclass(frozen=True)
class Window:
    """`new_until` and `edit_until` are the first days on which that is no longer possible."""

    year: int
    opens: date
    deadline: date
    new_until: date
    edit_until: date


@cache
def _windows() -> dict[tuple[str, int], Window]:
    with (DEFINITIONS / "windows.csv").open(encoding="utf-8-sig", newline="") as opened:
        return {
            (row["collection"], int(row["year"])): Window(
                int(row["year"]),
                date(int(row["year"]), 4, 1),
                date.fromisoformat(row["deadline"]),
                date.fromisoformat(row["new_until"]),
                date.fromisoformat(row["edit_until"]),
            )
            for row in csv.DictReader(opened)
        }


def window(collection: str, year: int) -> Window:
    """The window of a collection year. Years without a row close at the end of the next year."""
    known = _windows().get((collection, year))
    if known is not None:
        return known
    end = date(year + 1, 12, 31)
    return Window(year, date(year, 4, 1), date(year + 1, 6, 1), end, end)


def years_open_for_new_logs(collection: str, day: date) -> list[int]:
    """Collection years in which a log may be started on a day, newest first."""
    newest = collection_year_of(day)
    return [year for year in (newest, newest - 1) if day < window(collection, year).new_until]


def open_for_changes(collection: str, year: int, day: date) -> bool:
    """Whether a log of this year may be changed on a day."""
    found = window(collection, year)
    return found.opens <= day < found.edit_until
