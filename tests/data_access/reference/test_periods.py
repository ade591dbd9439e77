"""Periods and log types."""

from datetime import date, timedelta

import pytest

from data_access.reference.log_types import LOG_TYPES, log_type_of
from data_access.reference.periods import UnknownPeriod, period, periods_of


@pytest.mark.parametrize(
    ("slug", "label", "start", "end"),
    [
        ("2026", "2026/27", date(2026, 4, 1), date(2027, 3, 31)),
        ("1999", "1999/00", date(1999, 4, 1), date(2000, 3, 31)),
        ("2025-q1", "April to June 2025", date(2025, 4, 1), date(2025, 6, 30)),
        ("2025-q3", "October to December 2025", date(2025, 10, 1), date(2025, 12, 31)),
        ("2025-q4", "January to March 2026", date(2026, 1, 1), date(2026, 3, 31)),
    ],
)
def test_a_slug_names_a_period(slug: str, label: str, start: date, end: date) -> None:
    found = period(slug)
    assert (found.label, found.start, found.end) == (label, start, end)


def test_every_day_falls_in_the_year_and_quarter_that_hold_it() -> None:
    day = date(2023, 4, 1)
    while day < date(2027, 4, 1):
        year, quarter = periods_of(day)
        assert year.start <= day <= year.end
        assert quarter.start <= day <= quarter.end
        day += timedelta(days=1)


@pytest.mark.parametrize("slug", ["", "25", "2025-q5", "2025/26", "1066", "2025-q1 ", "q1"])
def test_anything_else_is_refused_with_what_to_write(slug: str) -> None:
    with pytest.raises(UnknownPeriod, match="2025-q2"):
        period(slug)


def test_log_types_follow_rent_and_needs() -> None:
    assert len(LOG_TYPES) == 7
    assert log_type_of("lettings", 2, 1) == "affordable-rent-general-needs"
    assert log_type_of("lettings", 5, 2) == "rent-to-buy-supported-housing"
    assert log_type_of("lettings", 6, 2) == "social-rent-supported-housing"
    assert log_type_of("lettings", None, 1) is None
    assert log_type_of("lettings", 0, None) is None
    assert log_type_of("sales", None, None) == "sales"
