"""Working days in England: no weekends and no bank holidays."""

from datetime import date, datetime, timedelta

from data_access.clock import LONDON
from portal.releasing.london_time import USUAL_TIME, london_time

_SATURDAY = 5


def easter_sunday(year: int) -> date:
    """Easter of the Gregorian calendar (the anonymous algorithm of 1876)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def bank_holidays(year: int) -> frozenset[date]:
    """The eight bank holidays of England, with the days in lieu of those on a weekend.

    Holidays that are proclaimed for one year alone are not known.
    """
    easter = easter_sunday(year)
    found = {
        easter - timedelta(days=2),
        easter + timedelta(days=1),
        _monday_from(date(year, 5, 1)),
        _monday_from(date(year, 5, 25)),
        _monday_from(date(year, 8, 25)),
    }
    for day in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        while day.weekday() >= _SATURDAY or day in found:
            day += timedelta(days=1)
        found.add(day)
    return frozenset(found)


def _monday_from(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)


def is_working_day(day: date) -> bool:
    """Whether offices are open."""
    return day.weekday() < _SATURDAY and day not in bank_holidays(day.year)


def next_working_day(day: date) -> date:
    """The first working day after a day."""
    day += timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def usual_time(day: date, at: datetime) -> datetime:
    """When statistics meant for a day are published; once that is over, on the next working day."""
    usual = london_time(day, USUAL_TIME).instant
    if usual > at:
        return usual
    return london_time(next_working_day(at.astimezone(LONDON).date()), USUAL_TIME).instant
