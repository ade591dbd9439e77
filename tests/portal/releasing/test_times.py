"""Days and times of publication in London."""

from datetime import UTC, date, datetime, time

import pytest

from portal.releasing.london_time import NoSuchTime, london_time, read
from portal.releasing.working_days import bank_holidays, next_working_day, usual_time


@pytest.mark.parametrize(
    ("day", "at", "instant"),
    [
        (date(2026, 1, 15), time(9, 30), datetime(2026, 1, 15, 9, 30, tzinfo=UTC)),
        (date(2026, 7, 15), time(9, 30), datetime(2026, 7, 15, 8, 30, tzinfo=UTC)),
        # The Monday after the clocks go forward, and after they go back.
        (date(2026, 3, 30), time(9, 30), datetime(2026, 3, 30, 8, 30, tzinfo=UTC)),
        (date(2026, 10, 26), time(9, 30), datetime(2026, 10, 26, 9, 30, tzinfo=UTC)),
        (date(2026, 3, 29), time(2, 0), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
    ],
)
def test_a_time_in_london_is_an_instant(day: date, at: time, instant: datetime) -> None:
    assert london_time(day, at).instant == instant
    assert london_time(day, at).remark == ""


def test_a_time_over_which_the_clocks_go_forward_does_not_exist() -> None:
    with pytest.raises(NoSuchTime, match=r"no 01:30 on 29 March 2026.*such as 02:30"):
        london_time(date(2026, 3, 29), time(1, 30))


def test_of_a_time_that_comes_twice_the_first_is_meant_and_said() -> None:
    found = london_time(date(2026, 10, 25), time(1, 30))
    assert found.instant == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert "01:30 comes twice on 25 October 2026" in found.remark


@pytest.mark.parametrize(
    ("parts", "at", "wrong"),
    [
        (["30", "2", "2026"], "9:30", {"p-day": "February 2026 has 28 days"}),
        (["", "", ""], "9:30", {"p-day": "Enter the date"}),
        (["1", "6", "2026"], "25:00", {"p-time": "such as 9:30"}),
        (["1", "6", ""], "", {"p-day": "must include a year", "p-time": "such as 9:30"}),
        (["29", "3", "2026"], "1:15", {"p-time": "clocks go forward"}),
    ],
)
def test_what_was_typed_wrong_is_said_beside_its_field(
    parts: list[str], at: str, wrong: dict[str, str]
) -> None:
    errors = read({"day": parts, "time": [at]}, "p", "the date").errors
    assert errors.keys() == wrong.keys()
    assert all(words in errors[name] for name, words in wrong.items())


@pytest.mark.parametrize("typed", ["9:30", "09:30", "9.30", "0930", "09:30:00"])
def test_a_time_may_be_typed_in_several_ways(typed: str) -> None:
    found = read({"day": ["1", "6", "2026"], "time": [typed]}, "p", "the date").found
    assert found is not None and found.instant == datetime(2026, 6, 1, 8, 30, tzinfo=UTC)


# As gov.uk lists them for England and Wales.
@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2024, "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26"),
        (2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"),
        (2027, "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28"),
    ],
)
def test_bank_holidays_are_those_of_england(year: int, days: str) -> None:
    assert bank_holidays(year) == {date.fromisoformat(f"{year}-{day}") for day in days.split()}


@pytest.mark.parametrize(
    ("day", "after"),
    [
        (date(2026, 11, 24), date(2026, 11, 25)),
        (date(2026, 11, 27), date(2026, 11, 30)),
        (date(2026, 4, 2), date(2026, 4, 7)),
        (date(2026, 12, 24), date(2026, 12, 29)),
        (date(2026, 12, 31), date(2027, 1, 4)),
    ],
)
def test_the_next_working_day_is_no_weekend_and_no_bank_holiday(day: date, after: date) -> None:
    assert next_working_day(day) == after


@pytest.mark.parametrize(
    ("now", "proposed"),
    [
        # A Friday in summer, before half past nine in London and after it.
        (datetime(2026, 7, 10, 8, 29, tzinfo=UTC), datetime(2026, 7, 10, 8, 30, tzinfo=UTC)),
        (datetime(2026, 7, 10, 8, 30, tzinfo=UTC), datetime(2026, 7, 13, 8, 30, tzinfo=UTC)),
        (datetime(2026, 12, 24, 12, 0, tzinfo=UTC), datetime(2026, 12, 29, 9, 30, tzinfo=UTC)),
    ],
)
def test_half_past_nine_of_the_day_in_the_files_is_proposed_or_of_the_next_working_day(
    now: datetime, proposed: datetime
) -> None:
    assert usual_time(date(2026, 7, 10), now) == proposed
