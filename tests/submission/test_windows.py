"""When logs of a year can be started and changed, and how an administrator's dates change that."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.audit import AuditEvent
from data_access.collection_windows import (
    WindowConflict,
    WindowDates,
    changes,
    save_window,
    stored_windows,
)
from data_access.database import session_factory
from submission.requests import Request, check_requests
from submission.window_changes import as_shown, as_stored, closes, problems, sentences
from submission.windows import (
    CLOSED,
    EDITS_ONLY,
    FRESH_FOR_SECONDS,
    NOT_OPEN_YET,
    OPEN,
    STORED,
    StoredDates,
    change_window,
    open_for_changes,
    state_of,
    table_windows,
    why_no_changes,
    why_not_new,
    window,
    window_as_it_came,
    years_open_for_new_logs,
    years_with_dates,
)

DAY = timedelta(days=1)
BOTH = ("lettings", "sales")
OF_2025 = window_as_it_came("lettings", 2025)
OF_2026 = window_as_it_came("lettings", 2026)


@pytest.fixture(autouse=True)
def only_the_table() -> Iterator[None]:
    STORED.forget()
    yield
    STORED.forget()


@pytest.mark.parametrize("collection", BOTH)
@pytest.mark.parametrize(
    ("year", "last_new", "last_change"),
    [
        (2023, date(2024, 7, 21), date(2024, 7, 21)),
        (2024, date(2025, 7, 23), date(2025, 7, 31)),
        (2025, date(2026, 7, 11), date(2026, 8, 31)),
        (2026, date(2027, 7, 2), date(2027, 7, 30)),
        (2027, date(2028, 12, 30), date(2028, 12, 30)),
    ],
)
def test_a_year_ends_after_the_last_days_of_the_notes(
    collection: str, year: int, last_new: date, last_change: date
) -> None:
    first = date(year, 4, 1)
    assert not open_for_changes(collection, year, first - DAY)
    assert years_open_for_new_logs(collection, first)[0] == year
    assert year in years_open_for_new_logs(collection, last_new)
    assert year not in years_open_for_new_logs(collection, last_new + DAY)
    assert open_for_changes(collection, year, last_change)
    assert not open_for_changes(collection, year, last_change + DAY)


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2025, 3, 31), NOT_OPEN_YET),
        (date(2025, 4, 1), OPEN),
        (date(2026, 7, 11), OPEN),
        (date(2026, 7, 12), EDITS_ONLY),
        (date(2026, 8, 31), EDITS_ONLY),
        (date(2026, 9, 1), CLOSED),
    ],
)
def test_a_state_begins_on_its_day(day: date, state: str) -> None:
    assert state_of(OF_2025, day) == state


def test_the_deadlines_of_quarters_are_those_announced() -> None:
    announced = {
        2025: [date(2025, 7, 11), date(2025, 10, 10), date(2026, 1, 16), date(2026, 6, 5)],
        2026: [date(2026, 7, 10), date(2026, 10, 9), date(2027, 1, 15), date(2027, 6, 4)],
    }
    for collection in BOTH:
        for year, days in announced.items():
            found = window(collection, year)
            assert [found.quarter1, found.quarter2, found.quarter3, found.deadline] == days


def test_the_dates_that_come_with_the_service_are_sound() -> None:
    for (_, year), dates in table_windows().items():
        assert problems(year, dates) == {}
    assert problems(2030, window_as_it_came("sales", 2030)) == {}


def test_the_next_year_can_be_set_before_it_is_in_the_table() -> None:
    assert list(years_with_dates(date(2026, 11, 24))) == [2023, 2024, 2025, 2026, 2027]
    assert years_with_dates(date(2029, 3, 31))[-1] == 2029
    assert years_with_dates(date(2029, 4, 1))[-1] == 2030


def test_refusals_name_the_last_day_on_which_it_was_possible() -> None:
    autumn = date(2026, 11, 24)
    assert why_not_new("lettings", 2025, autumn).endswith("could be started until 11 July 2026.")
    assert why_not_new("lettings", 2027, autumn).endswith("can be started from 1 April 2027.")
    assert why_not_new("lettings", 9999, autumn) == "New logs of 9999/00 cannot be started."
    assert why_no_changes("sales", 2025, autumn).endswith("could be changed until 31 August 2026.")


@pytest.mark.parametrize("name", ["opens", "quarter1", "deadline", "new_until", "edit_until"])
def test_a_date_that_is_shown_and_stored_again_stays_the_same(name: str) -> None:
    day = date(2026, 7, 12)
    assert as_stored(name, as_shown(name, day)) == day
    is_last_day = name.endswith("until")
    assert as_shown(name, day) == (date(2026, 7, 11) if is_last_day else day)


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"opens": date(2025, 3, 31)}, {"opens": "from 1 April 2025 to 31 March 2026"}),
        ({"opens": date(2026, 4, 1)}, {"opens": "from 1 April 2025 to 31 March 2026"}),
        ({"opens": date(2025, 7, 11)}, {"quarter1": "after 11 July 2025, the day the year opens"}),
        ({"quarter1": date(2025, 6, 30)}, {"quarter1": "after 30 June 2025, when that quarter"}),
        ({"quarter2": date(2028, 10, 10)}, {"quarter2": "before 16 January 2026"}),
        ({"quarter2": date(2026, 1, 16)}, {"quarter3": "after 16 January 2026"}),
        ({"deadline": date(2026, 3, 31)}, {"deadline": "after 31 March 2026"}),
        # Stored days are the first that are closed: the last day is 4 June, before the deadline.
        ({"new_until": date(2026, 6, 5)}, {"new_until": "must be 5 June 2026"}),
        ({"edit_until": date(2026, 7, 11)}, {"edit_until": "11 July 2026, the last day for new"}),
        ({"edit_until": date(2027, 4, 2)}, {"edit_until": "31 March 2027 or earlier"}),
        (
            {"quarter1": date(2024, 7, 11), "edit_until": date(2025, 9, 1)},
            {"quarter1": "after 30 June 2025", "edit_until": "or later"},
        ),
    ],
)
def test_a_wrong_date_is_named_once_with_what_it_contradicts(
    changed: dict[str, date], wrong: dict[str, str]
) -> None:
    found = problems(2025, replace(OF_2025, **changed))
    assert set(found) == set(wrong)
    for name, words in wrong.items():
        assert words in found[name]


@pytest.mark.parametrize(
    "changed",
    [
        {"quarter1": None, "quarter2": None, "quarter3": None},
        {"new_until": date(2026, 6, 6)},
        {"edit_until": date(2026, 7, 12)},
        {"edit_until": date(2027, 4, 1)},
        {"opens": date(2025, 7, 10)},
    ],
)
def test_dates_at_their_limits_are_sound(changed: dict[str, date | None]) -> None:
    assert problems(2025, replace(OF_2025, **changed)) == {}  # type: ignore[arg-type]


def test_a_preview_says_in_last_days_what_would_be_so() -> None:
    before = replace(OF_2025, new_until=date(2026, 7, 1))
    after = replace(OF_2025, quarter2=None, edit_until=date(2026, 10, 1))
    assert sentences(2025, before, after) == [
        "there would be no deadline for quarter 2",
        "new logs of 2025/26 could be started until 11 July 2026",
        "logs of 2025/26 could be changed until 30 September 2026",
    ]
    assert sentences(2025, before, before) == []


@pytest.mark.parametrize(
    ("day", "changed", "lost"),
    [
        (date(2026, 7, 11), {"new_until": date(2026, 7, 12)}, ""),
        (date(2026, 7, 11), {"new_until": date(2026, 7, 11)}, "start"),
        (date(2026, 7, 12), {"new_until": date(2026, 7, 11)}, ""),
        (date(2026, 8, 1), {"edit_until": date(2026, 8, 1)}, "change"),
        (date(2026, 8, 1), {"edit_until": date(2026, 8, 2)}, ""),
        (date(2025, 5, 1), {"opens": date(2025, 6, 1)}, "start or change"),
        (date(2026, 9, 1), {"edit_until": date(2026, 8, 1)}, ""),
    ],
)
def test_closing_today_what_is_open_is_noticed(
    day: date, changed: dict[str, date], lost: str
) -> None:
    assert closes(OF_2025, replace(OF_2025, **changed), day) == lost


def _rules(collection: str, event: str, today: str, saved: bool = False) -> set[str]:
    """The rules about open years that a log with an event date breaks on a day."""
    name = "startdate" if collection == "lettings" else "saledate"
    [result] = check_requests(
        [
            Request.read(
                {
                    "collection": collection,
                    "year": 2026,
                    "today": today,
                    "mode": "as_given",
                    "answers": {name: event},
                    "saved": {"id": 1, name: event} if saved else {},
                }
            )
        ]
    )
    about_years = {
        "start_date_outside_open_years",
        "saledate_year_not_open_for_new",
        "saledate_year_closed_for_editing",
    }
    return {finding["rule"] for finding in result["findings"]} & about_years


@pytest.mark.parametrize(
    ("today", "saved", "refused"),
    [
        ("2026-07-11", False, False),
        ("2026-07-12", False, True),
        ("2026-08-31", True, False),
        ("2026-09-01", True, True),
    ],
)
@pytest.mark.parametrize("collection", BOTH)
def test_the_checker_holds_dates_against_the_days_of_the_notes(
    collection: str, today: str, saved: bool, refused: bool
) -> None:
    assert bool(_rules(collection, "2026-03-31", today, saved)) == refused


def test_a_saved_date_changes_what_can_be_done_and_what_the_checker_says(db: Session) -> None:
    autumn = date(2026, 11, 24)
    assert _rules("lettings", "2026-03-31", "2026-11-24")
    later = date(2027, 1, 1)
    change_window(
        db, "lettings", 2025, replace(OF_2025, new_until=later, edit_until=later), 0, None
    )
    assert years_open_for_new_logs("lettings", autumn) == [2026, 2025]
    assert open_for_changes("lettings", 2025, autumn)
    assert not _rules("lettings", "2026-03-31", "2026-11-24")
    assert not _rules("lettings", "2026-03-31", "2026-11-24", saved=True)
    assert _rules("sales", "2026-03-31", "2026-11-24")
    earlier = replace(OF_2025, new_until=date(2026, 6, 10), edit_until=date(2026, 6, 20))
    change_window(db, "lettings", 2025, earlier, 1, None)
    assert not _rules("lettings", "2026-03-31", "2026-06-09")
    assert _rules("lettings", "2026-03-31", "2026-06-10")
    assert not _rules("lettings", "2026-03-31", "2026-06-19", saved=True)
    assert _rules("lettings", "2026-03-31", "2026-06-20", saved=True)


def test_a_year_that_opens_late_takes_no_log_and_no_date_before(db: Session) -> None:
    late = replace(OF_2026, opens=date(2026, 4, 20))
    change_window(db, "lettings", 2026, late, 0, None)
    assert years_open_for_new_logs("lettings", date(2026, 4, 19)) == [2025]
    assert years_open_for_new_logs("lettings", date(2026, 4, 20)) == [2026, 2025]
    assert _rules("lettings", "2026-04-10", "2026-04-19")
    assert not _rules("lettings", "2026-04-10", "2026-04-20")


def test_each_change_is_recorded_with_who_and_from_what_to_what(db: Session) -> None:
    ada = Account(
        user_name="ada", email="ada@example.com", name="Ada", password_hash="", role="administrator"
    )
    db.add(ada)
    db.commit()
    first = replace(OF_2026, quarter1=date(2026, 7, 17))
    second = replace(first, quarter3=None)
    change_window(db, "sales", 2026, first, 0, ada.id)
    change_window(db, "sales", 2026, second, 1, ada.id)
    newest, oldest = changes(db, "sales", 2026)
    assert oldest.account_id == newest.account_id == ada.id
    assert oldest.before["quarter1"] == "2026-07-10"
    assert oldest.after["quarter1"] == newest.before["quarter1"] == "2026-07-17"
    assert newest.after["quarter3"] is None
    assert changes(db, "lettings", 2026) == []


def test_an_old_form_writes_nothing(db: Session) -> None:
    first = replace(OF_2026, quarter1=date(2026, 7, 17))
    change_window(db, "sales", 2026, first, 0, None)
    for version in (0, 2, -1):
        with pytest.raises(WindowConflict):
            change_window(db, "sales", 2026, OF_2026, version, None)
    assert window("sales", 2026) == first
    assert len(changes(db, "sales", 2026)) == 1


@pytest.mark.parametrize("version", [0, 1])
def test_of_two_administrators_at_once_one_is_told(engine: Engine, version: int) -> None:
    opened = session_factory(engine)
    choices = [replace(OF_2026, quarter1=date(2026, 7, day)) for day in (17, 24)]
    if version:
        with opened() as db:
            change_window(db, "lettings", 2026, replace(OF_2026, quarter3=None), 0, None)
    together = Barrier(2)
    refused: list[WindowDates] = []

    def save(after: WindowDates) -> None:
        with opened() as db:
            together.wait()
            # Past the look at what is stored: the table itself decides between the two.
            try:
                save_window(db, "lettings", 2026, OF_2026, after, version, None)
                db.commit()
            except WindowConflict:
                refused.append(after)

    threads = [Thread(target=save, args=(after,)) for after in choices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    [loser] = refused
    with opened() as db:
        kept = stored_windows(db)["lettings", 2026]
        assert kept.version == version + 1
        assert kept.dates in choices
        assert kept.dates != loser
        assert db.query(AuditEvent).count() == version + 1


def test_what_another_process_saves_is_seen_within_seconds(engine: Engine) -> None:
    time = 1000.0
    here = StoredDates(clock=lambda: time)
    opened = session_factory(engine)
    with opened() as db:
        here.read_when_old(db)
    assert here.get(("sales", 2026)) is None
    after = replace(OF_2026, quarter1=None)
    with opened() as there:
        save_window(there, "sales", 2026, OF_2026, after, 0, None)
        there.commit()
    with opened() as db:
        time += FRESH_FOR_SECONDS / 2
        here.read_when_old(db)
        assert here.get(("sales", 2026)) is None
        time += FRESH_FOR_SECONDS
        here.read_when_old(db)
        assert here.get(("sales", 2026)) == after
    here.forget()
    assert here.get(("sales", 2026)) is None
