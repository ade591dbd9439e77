"""Administrators change when logs can be started and changed, and nobody else does."""

import re
from dataclasses import replace
from datetime import date
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient

from data_access.accounts import Account, hash_password
from data_access.collection_windows import save_window
from data_access.database import session_factory
from portal.demonstration.people import PASSWORD
from submission.windows import STORED, window, window_as_it_came
from tests.portal.conftest import sign_in_as

LIST = "/administration/collection-windows"
OF_2025 = f"{LIST}/lettings/2025"
OF_2026 = f"{LIST}/lettings/2026"
REOPENED = {"new_until": "30 12 2026", "edit_until": "31 1 2027"}
CLOSING = {"new_until": "23 11 2026", "edit_until": "24 12 2026"}


@pytest.fixture
def admin(demonstration: TestClient) -> TestClient:
    """The administrator, on 24 November 2026: 2026/27 is open and 2025/26 is closed."""
    sign_in_as(demonstration, "admin")
    return demonstration


def _form(text: str) -> dict[str, str]:
    """What a browser would send for the form of a page."""
    found = re.findall(r'<input[^>]*name="([\w-]+)"[^>]*value="([^"]*)"', text)
    return {name: unescape(value) for name, value in found if name != "confirm"}


def _changed(form: dict[str, str], dates: dict[str, str]) -> dict[str, str]:
    parts = {
        f"{name}-{part}": text
        for name, typed in dates.items()
        for part, text in zip(("day", "month", "year"), typed.split() or [""] * 3, strict=True)
    }
    return {**form, **parts}


def _filled_in(client: TestClient, address: str, **dates: str) -> dict[str, str]:
    return _changed(_form(client.get(address).text), dates)


def _save(client: TestClient, address: str, **dates: str) -> None:
    data = _filled_in(client, address, **dates) | {"go": "save", "confirm": "yes"}
    answer = client.post(address, data=data)
    assert answer.status_code == 303, unescape(answer.text)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def test_the_list_has_every_year_with_its_state_today(admin: TestClient) -> None:
    text = _plain(admin.get(LIST).text)
    assert text.count("2027/28 lettings Not open yet") == 1
    assert "2026/27 sales Open 2 July 2027 30 July 2027 4 June 2027 1 April 2026" in text
    assert "2025/26 lettings Closed 11 July 2026 31 August 2026" in text
    assert LIST in admin.get("/administration").text
    assert 'href="/administration"' in admin.get("/logs").text


@pytest.mark.parametrize("name", ["provider", "coordinator", "statistician"])
def test_only_administrators_see_or_change_dates(demonstration: TestClient, name: str) -> None:
    sign_in_as(demonstration, name)
    for address in ("/administration", LIST, OF_2025):
        assert demonstration.get(address).status_code == 404
    assert demonstration.post(OF_2025, data={"go": "save"}).status_code == 404
    assert 'href="/administration"' not in demonstration.get("/account").text
    demonstration.cookies.clear()
    assert demonstration.get(OF_2025).headers["location"].startswith("/sign-in")
    assert demonstration.post(OF_2025, data={"go": "save"}).status_code == 303


def test_a_form_on_another_site_changes_nothing(admin: TestClient) -> None:
    data = _filled_in(admin, OF_2025, **REOPENED) | {"go": "save"}
    answer = admin.post(OF_2025, data=data, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    assert window("lettings", 2025) == window_as_it_came("lettings", 2025)


@pytest.mark.parametrize(
    "end",
    [
        "lettings/2022",
        "lettings/2028",
        "lettings/99999",
        "lettings/x",
        "lettings/२०२६",
        "rent/2026",
    ],
)
def test_a_year_or_collection_that_is_none_is_not_found(admin: TestClient, end: str) -> None:
    assert admin.get(f"{LIST}/{end}").status_code == 404
    assert admin.post(f"{LIST}/{end}", data={"go": "save"}).status_code == 404


def test_a_change_is_shown_before_it_is_saved_and_kept_with_its_history(admin: TestClient) -> None:
    data = _filled_in(admin, OF_2025, **REOPENED)
    preview = admin.post(OF_2025, data=data | {"go": "check"})
    text = _plain(preview.text)
    assert "new logs of 2025/26 could be started until 30 December 2026" in text
    assert "the year would go today from Closed to Open" in text
    assert "Nobody has changed these dates" in admin.get(OF_2025).text
    saved = admin.post(OF_2025, data=_form(preview.text) | {"go": "save"})
    assert saved.status_code == 303
    text = _plain(admin.get(saved.headers["location"]).text)
    assert "The dates are in force now" in text
    assert "Ada Administrator" in text
    assert "Last day for new logs: 30 December 2026 , before: 11 July 2026" in text
    assert "2025/26 lettings Open 30 December 2026" in _plain(admin.get(LIST).text)


def test_what_was_typed_goes_back_to_the_form(admin: TestClient) -> None:
    data = _filled_in(admin, OF_2025, **REOPENED)
    preview = admin.post(OF_2025, data=data | {"go": "check"})
    form = _form(admin.post(OF_2025, data=_form(preview.text) | {"go": "edit"}).text)
    assert form["new_until-month"] == "12"
    assert form["version"] == "0"


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ({"quarter1": "31 6 2026"}, "quarter 1 must be a real date: June 2026 has 30 days"),
        ({"quarter1": "11 July 2026"}, "quarter 1 must be a real date, such as 11 7 2026"),
        ({"quarter1": "1 99999999999999999 2026"}, "quarter 1 must be a real date"),
        ({"edit_until": "31 12 9999"}, "last day for changes must be a real date"),
        ({"edit_until": "31 12 2199"}, "last day for changes must be 31 March 2028 or earlier"),
        ({"new_until": ""}, "Enter the last day for new logs"),
        ({"deadline": "3 7 2027"}, "new logs must be 3 July 2027, the deadline for quarter 4, or"),
        ({"opens": "31 3 2026"}, "opens must be from 1 April 2026 to 31 March 2027"),
        ({"quarter2": "9 10 <b>"}, "quarter 2 must be a real date"),
    ],
)
def test_a_wrong_date_is_told_beside_its_field_and_kept_as_typed(
    admin: TestClient, dates: dict[str, str], words: str
) -> None:
    data = _filled_in(admin, OF_2026, **dates)
    answer = admin.post(OF_2026, data=data | {"go": "save", "confirm": "yes"})
    assert answer.status_code == 422
    assert _plain(answer.text).count(words) == 2
    assert _form(answer.text) == {name: data[name] for name in _form(answer.text)}
    assert window("lettings", 2026) == window_as_it_came("lettings", 2026)


def test_a_date_without_its_month_is_asked_for_it(admin: TestClient) -> None:
    data = _filled_in(admin, OF_2026) | {"quarter1-month": "", "quarter1-year": ""}
    answer = admin.post(OF_2026, data=data | {"go": "check"})
    assert "must include a month and a year" in answer.text


def test_the_same_dates_are_not_saved_again(admin: TestClient) -> None:
    data = _filled_in(admin, OF_2026) | {"go": "save"}
    assert "Nothing to save" in admin.post(OF_2026, data=data).text
    assert "Nobody has changed these dates" in admin.get(OF_2026).text


def test_an_open_year_is_closed_only_with_a_confirmation(admin: TestClient) -> None:
    for _ in range(2):
        admin.post("/logs", data={"kind": "lettings-2026"})
    dates = {"deadline": "1 4 2027", "opens": "25 11 2026", "quarter1": "", "quarter2": ""}
    data = _filled_in(admin, OF_2026, **dates)
    answer = admin.post(OF_2026, data=data | {"go": "check"})
    assert answer.status_code == 200
    assert "nobody can start or change a log of lettings 2026/27" in _plain(answer.text)
    assert re.search(r"\d of its logs are saved or invalid", _plain(answer.text))
    answer = admin.post(OF_2026, data=_form(answer.text) | {"go": "save"})
    assert answer.status_code == 422
    assert "Tick the box" in answer.text
    assert window("lettings", 2026) == window_as_it_came("lettings", 2026)
    answer = admin.post(OF_2026, data=_form(answer.text) | {"go": "save", "confirm": "yes"})
    assert answer.status_code == 303
    assert "2026/27 lettings Not open yet" in _plain(admin.get(LIST).text)


def test_a_reopened_year_takes_logs_and_a_closed_one_does_not(admin: TestClient) -> None:
    sign_in_as(admin, "provider")
    refused = admin.post("/logs", data={"kind": "lettings-2025"})
    assert refused.status_code == 422
    assert "could be started until 11 July 2026" in refused.text
    sign_in_as(admin, "admin")
    _save(admin, OF_2025, **REOPENED)
    sign_in_as(admin, "provider")
    assert "Letting, 2025/26" in admin.get("/logs/new").text
    log = admin.post("/logs", data={"kind": "lettings-2025"}).headers["location"]
    page = f"{log}/pages/tenancy_start_date"
    version = _form(admin.get(page).text)["version"]
    day = {"startdate-day": "31", "startdate-month": "3", "startdate-year": "2026"}
    assert admin.post(page, data={"version": version, **day}).status_code == 303
    sign_in_as(admin, "admin")
    _save(admin, OF_2025, **CLOSING)
    sign_in_as(admin, "provider")
    assert "could be started until 23 November 2026" in (
        admin.post("/logs", data={"kind": "lettings-2025"}).text
    )
    # Edits go on for a month: a log that is there can be saved.
    code = f"{log}/pages/tenant_code"
    version = _form(admin.get(code).text)["version"]
    data = {"version": version, "tenancycode": "A1"}
    assert admin.post(code, data=data).status_code == 303
    sign_in_as(admin, "admin")
    _save(admin, OF_2025, new_until="1 10 2026", edit_until="23 11 2026")
    sign_in_as(admin, "provider")
    version = _form(admin.get(code).text)["version"]
    answer = admin.post(code, data={"version": version, "tenancycode": "A2"})
    assert answer.status_code == 422
    assert "could be changed until 23 November 2026" in answer.text
    assert admin.post(f"{log}/submit").status_code == 403


def test_the_checker_follows_the_dates_at_once(admin: TestClient) -> None:
    _save(admin, OF_2025, **REOPENED)
    sign_in_as(admin, "provider")
    log = admin.post("/logs", data={"kind": "lettings-2026"}).headers["location"]
    sign_in_as(admin, "admin")
    _save(admin, OF_2025, new_until="11 7 2026", edit_until="31 8 2026")
    sign_in_as(admin, "provider")
    page = f"{log}/pages/tenancy_start_date"
    day = {"startdate-day": "31", "startdate-month": "3", "startdate-year": "2026"}
    version = _form(admin.get(page).text)["version"]
    answer = admin.post(page, data={"version": version, **day})
    assert answer.status_code == 422
    assert "collection year that is not open" in answer.text


def test_with_no_year_open_nobody_is_offered_an_empty_list(admin: TestClient) -> None:
    for collection in ("lettings", "sales"):
        address = f"{LIST}/{collection}/2026"
        _save(admin, address, opens="25 11 2026", quarter1="", quarter2="")
    sign_in_as(admin, "provider")
    text = admin.get("/logs/new").text
    assert "No collection year is open for new logs today" in text
    assert "Start the log" not in text


def test_the_second_of_two_administrators_sees_both_dates(admin: TestClient) -> None:
    app: Any = admin.app
    with session_factory(app.state.engine)() as db:
        db.add(
            Account(
                user_name="bo",
                email="bo@example.com",
                name="Bo <Other>",
                password_hash=hash_password(PASSWORD),
                role="administrator",
            )
        )
        db.commit()
    old = _form(admin.get(OF_2025).text)
    sign_in_as(admin, "bo")
    _save(admin, OF_2025, quarter1="", **REOPENED)
    sign_in_as(admin, "admin")
    mine = _changed(old, {"edit_until": "28 2 2027"})
    for go in ("check", "save"):
        answer = admin.post(OF_2025, data=mine | {"go": go})
        assert answer.status_code == 409
        assert "Bo &lt;Other&gt;" in answer.text
        text = _plain(answer.text)
        assert "saved now: 31 January 2027 yours: 28 February 2027" in text
        assert "when you opened the page: 31 August 2026" in text
    # What only the other changed is taken over; the form goes on from what is saved now.
    form = _form(answer.text)
    assert (form["version"], form["quarter1-day"], form["new_until-month"]) == ("1", "", "12")
    assert form["edit_until-month"] == "2"
    assert admin.post(OF_2025, data=form | {"go": "save"}).status_code == 303
    history = _plain(admin.get(OF_2025).text).split("History")[1]
    assert history.index("Ada Administrator") < history.index("Bo <Other>")


def test_two_administrators_who_save_the_same_dates_agree(admin: TestClient) -> None:
    data = _filled_in(admin, OF_2025, **REOPENED) | {"go": "save"}
    assert admin.post(OF_2025, data=data).status_code == 303
    assert admin.post(OF_2025, data=data).headers["location"] == f"{OF_2025}?saved=yes"
    assert _plain(admin.get(OF_2025).text).count("Last day for new logs:") == 1


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "7", "१"])
def test_a_form_of_a_version_that_never_was_saves_nothing(admin: TestClient, version: str) -> None:
    data = _filled_in(admin, OF_2025, **REOPENED) | {"go": "save", "version": version}
    assert admin.post(OF_2025, data=data).status_code == 409
    assert window("lettings", 2025) == window_as_it_came("lettings", 2025)


def test_dates_of_a_portal_that_stopped_do_not_stay_in_the_process(admin: TestClient) -> None:
    _save(admin, OF_2025, **REOPENED)
    assert STORED.get(("lettings", 2025)) is not None
    admin.__exit__()
    assert STORED.get(("lettings", 2025)) is None
    admin.__enter__()
    assert STORED.get(("lettings", 2025)) is not None


def test_what_another_process_saved_holds_from_the_next_request(
    admin: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    app: Any = admin.app
    before = window_as_it_came("lettings", 2025)
    after = replace(before, new_until=date(2027, 1, 1), edit_until=date(2027, 1, 1))
    with session_factory(app.state.engine)() as there:
        save_window(there, "lettings", 2025, before, after, 0, None)
        there.commit()
    monkeypatch.setattr("submission.windows.FRESH_FOR_SECONDS", 0)
    assert admin.post("/logs", data={"kind": "lettings-2025"}).status_code == 303
    assert "somebody without an account" in admin.get(OF_2025).text
