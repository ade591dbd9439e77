"""Dates typed as day, month and year: kept as they were typed, read, or told how to mend."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date

from submission.answers import clean, real_date, whole_number

PARTS = ("day", "month", "year")


def typed(posted: Mapping[str, str], name: str) -> list[str]:
    """The three parts as they were typed."""
    return [clean(posted.get(f"{name}-{part}", "")) for part in PARTS]


def parts_of(day: date | None) -> list[str]:
    """The three parts of a date as a form shows it."""
    return [str(day.day), str(day.month), str(day.year)] if day else ["", "", ""]


def read(parts: list[str], phrase: str, needed: bool = True) -> tuple[date | None, str]:
    """The date, and what is wrong: one of the two is empty, both when none is needed or given.

    `phrase` names the date inside a sentence: "the last day for new logs".
    """
    start = phrase[0].upper() + phrase[1:]
    if not any(parts):
        return None, f"Enter {phrase}" if needed else ""
    missing = [part for part, text in zip(PARTS, parts, strict=True) if not text]
    if missing:
        return None, f"{start} must include a {' and a '.join(missing)}"
    found = real_date(*parts)
    if found is not None:
        return found, ""
    day, month, year = (whole_number(text) for text in parts)
    if day and month and year and 1 <= month <= 12 and 1900 <= year < 2200 and day > 28:
        longest = monthrange(year, month)[1]
        return None, f"{start} must be a real date: {date(year, month, 1):%B %Y} has {longest} days"
    return None, f"{start} must be a real date, such as 11 7 2026"
