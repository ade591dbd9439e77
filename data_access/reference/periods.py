"""Collection years and their quarters, as public figures use them."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

_QUARTERS = {
    1: (4, "April to June"),
    2: (7, "July to September"),
    3: (10, "October to December"),
    4: (1, "January to March"),
}


class UnknownPeriod(ValueError):
    """The text names no period."""


@dataclass(frozen=True)
class Period:
    """A collection year (`quarter` is None) or a quarter of it; both ends belong to it."""

    slug: str
    label: str
    start: date
    end: date
    collection_year: int
    quarter: int | None


def collection_year_of(day: date) -> int:
    """The year of the 1 April that starts the day's collection year."""
    return day.year if day.month >= 4 else day.year - 1


def year_label(collection_year: int) -> str:
    """2026 as "2026/27"."""
    return f"{collection_year}/{(collection_year + 1) % 100:02d}"


def year(collection_year: int) -> Period:
    """The period of a whole collection year."""
    return Period(
        str(collection_year),
        year_label(collection_year),
        date(collection_year, 4, 1),
        date(collection_year + 1, 3, 31),
        collection_year,
        None,
    )


def quarter(collection_year: int, number: int) -> Period:
    """The period of a quarter: 1 is April to June."""
    month, months = _QUARTERS[number]
    calendar_year = collection_year + (number == 4)
    start = date(calendar_year, month, 1)
    end = date(calendar_year + (month == 10), (month + 2) % 12 + 1, 1) - timedelta(days=1)
    label = f"{months} {calendar_year}"
    return Period(f"{collection_year}-q{number}", label, start, end, collection_year, number)


def period(slug: str) -> Period:
    """The period of a slug such as 2025 or 2025-q2. Raises UnknownPeriod."""
    found = re.fullmatch(r"(\d{4})(?:-q([1-4]))?", slug)
    if found is None or not 1989 <= int(found[1]) < 2200:
        raise UnknownPeriod(f"'{slug[:20]}' is not a period. Write a year (2025) or 2025-q2.")
    if found[2] is None:
        return year(int(found[1]))
    return quarter(int(found[1]), int(found[2]))


def periods_of(day: date) -> tuple[Period, Period]:
    """The collection year and the quarter that a day falls in."""
    collection_year = collection_year_of(day)
    return year(collection_year), quarter(collection_year, ((day.month - 4) % 12) // 3 + 1)
