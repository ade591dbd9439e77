"""A data provider fills in a log, leaves, comes back, submits and corrects it."""

import re
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from data_access.database import make_engine, session_factory
from data_access.logs import Log
from submission.log_life import check
from submission.verdicts import verdict
from tests.portal.conftest import sign_in_as

# Answers of one believable letting, by the name of their field.
LETTING = {
    "needstype": "1",
    "renewal": "0",
    "startdate": "1 6 2026",
    "rent_type": "0",
    "tenancycode": "T1",
    "propcode": "P9",
    "declaration": "1",
    "first_time_property_let_as_social_housing": "0",
    "unitletas": "1",
    "rsnvac": "5",
    "address_line1": "1 High Street",
    "town_or_city": "London",
    "postcode_full": "nw11aa",
    "unittype_gn": "1",
    "wchair": "2",
    "beds": "1",
    "voiddate": "20 5 2026",
    "majorrepairs": "0",
    "joint": "2",
    "startertenancy": "2",
    "tenancy": "4",
    "tenancylength": "5",
    "hhmemb": "1",
    "age1_known": "0",
    "age1": "34",
    "sexrab1": "F",
    "gender_same_as_sex1": "1",
    "ethnic_group": "0",
    "ethnic": "1",
    "nationality_all_group": "826",
    "ecstat1": "1",
    "armedforces": "2",
    "preg_occ": "2",
    "housingneeds": "2",
    "illness": "2",
    "layear": "2",
    "waityear": "2",
    "reason": "50",
    "prevten": "30",
    "homeless": "1",
    "ppcodenk": "1",
    "previous_la_known": "0",
    "reasonpref": "2",
    "letting_allocation_unknown": "1",
    "referral_register": "5",
    "net_income_known": "0",
    "incfreq": "1",
    "earnings": "400",
    "hb": "9",
    "benefits": "3",
    "household_charge": "0",
    "period": "1",
    "brent": "£100.00",
    "scharge": "5",
    "pscharge": "0",
    "supcharg": "0",
    "tcharge": "105",
}


@pytest.fixture
def provider(demonstration: TestClient) -> TestClient:
    sign_in_as(demonstration, "provider")
    return demonstration


def _start(client: TestClient) -> str:
    answer = client.post("/logs", data={"kind": "lettings-2026"})
    assert answer.status_code == 303
    return answer.headers["location"]


def _version(text: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', text)
    assert found
    return found[1]


def _save(client: TestClient, address: str, **values: str) -> tuple[int, str]:
    version = _version(client.get(address).text)
    answer = client.post(address, data={"version": version, **values})
    return answer.status_code, answer.headers.get("location", unescape(answer.text))


def _fill_in(text: str) -> dict[str, str]:
    """What a browser would send for a page, answers filled in from the letting above."""
    data = {}
    for name in set(re.findall(r'name="([\w-]+)"', text)) - {"viewport", "theme-color", "go"}:
        base, _, part = name.partition("-")
        if part in ("day", "month", "year"):
            parts = LETTING.get(base, "").split() or ["", "", ""]
            data[name] = parts[("day", "month", "year").index(part)]
        elif name in LETTING:
            data[name] = LETTING[name]
        elif name.endswith("_id"):
            data[name] = re.findall(rf'name="{name}".*?value="(\d+)" selected', text, re.S)[0]
    return data | {"version": _version(text)}


def test_a_log_filled_in_page_by_page_becomes_valid_and_can_be_corrected(
    provider: TestClient,
) -> None:
    log = _start(provider)
    address = f"{log}/pages/stock_owner"
    for _ in range(80):
        data = _fill_in(provider.get(address).text)
        answer = provider.post(address, data=data)
        assert answer.status_code == 303, (address, data, answer.text)
        address = answer.headers["location"]
        if address == log:
            break
    overview = provider.get(log).text
    assert "Not started" not in overview
    assert "There is a problem" not in overview
    answers = provider.get(f"{log}/answers").text
    assert "NW1 1AA" in answers
    assert "£100.00" in answers
    assert provider.post(f"{log}/submit").status_code == 303
    assert "is valid" in provider.get(log).text
    sign_in_as(provider, "coordinator")
    assert "Chris Co-ordinator" in provider.get(log).text
    sign_in_as(provider, "provider")
    # A valid log is not changed by an old page that is still open.
    assert provider.get(f"{log}/pages/household_members").headers["location"] == log
    provider.post(f"{log}/correct")
    assert "In progress" in provider.get(log).text or "Completed" in provider.get(log).text


def test_an_unfinished_log_is_invalid_with_each_error_beside_its_question(
    provider: TestClient,
) -> None:
    log = _start(provider)
    answer = provider.post(f"{log}/submit")
    text = provider.get(answer.headers["location"]).text
    assert "invalid" in text
    row = text.split('id="answer-needstype"')[1].split("</div>")[0]
    assert "Answer this question" in row
    assert f'href="{log}/pages/needs_type"' in row


def test_what_cannot_be_read_stays_as_it_was_typed_with_how_to_mend_it(
    provider: TestClient,
) -> None:
    address = f"{_start(provider)}/pages/tenancy_start_date"
    status, text = _save(
        provider,
        address,
        **{"startdate-day": "31", "startdate-month": "6", "startdate-year": "2026"},
    )
    assert status == 422
    assert "real calendar date" in text
    later = provider.get(address).text
    assert re.search(r'name="startdate-day"[^>]*value="31"', later)
    assert re.search(r'name="startdate-month"[^>]*value="6"', later)


def test_the_statuses_to_choose_from_begin_with_a_capital(provider: TestClient) -> None:
    page = provider.get("/logs?status=saved").text
    choices = page.partition('id="status"')[2].partition("</select>")[0]
    assert re.findall('<option value="([^"]*)"[^>]*>([^<]*)<', choices) == [
        ("", "All"),
        ("saved", "Saved"),
        ("valid", "Valid"),
        ("invalid", "Invalid"),
        ("dropped", "Dropped"),
    ]
    assert '<option value="saved" selected>' in choices


def test_an_empty_answer_is_pointed_out_once_and_may_be_skipped(provider: TestClient) -> None:
    log = _start(provider)
    status, text = _save(provider, f"{log}/pages/needs_type")
    assert status == 422
    assert "Answer this question" in text
    assert f"{log}/pages/renewal" in text


def test_two_people_saving_one_page_are_both_shown_both_answers(provider: TestClient) -> None:
    address = f"{_start(provider)}/pages/tenant_code"
    version = _version(provider.get(address).text)
    provider.post(address, data={"version": version, "tenancycode": "first"})
    answer = provider.post(address, data={"version": version, "tenancycode": "second"})
    assert answer.status_code == 409
    assert "first" in answer.text
    assert "second" in answer.text
    again = provider.post(address, data={"version": _version(answer.text), "tenancycode": "second"})
    assert again.status_code == 303
    assert 'value="second"' in provider.get(address).text


def test_an_answer_under_another_is_cleared_with_it(provider: TestClient) -> None:
    log = _start(provider)
    address = f"{log}/pages/lead_tenant_age"
    _save(provider, address, age1_known="0", age1="34")
    _save(provider, address, age1_known="1", age1="34")
    assert 'value="34"' not in provider.get(address).text


def test_only_people_in_reach_see_or_change_a_log(provider: TestClient) -> None:
    log = _start(provider)
    sign_in_as(provider, "statistician")
    assert provider.get(log).status_code == 200
    assert provider.get(f"{log}/pages/needs_type").status_code == 403
    assert provider.post(f"{log}/drop", data={}).status_code == 403
    assert provider.post("/logs", data={"kind": "lettings-2026"}).status_code == 403
    provider.cookies.clear()
    assert provider.get(log).status_code == 303


def test_an_owner_out_of_reach_is_refused(provider: TestClient) -> None:
    address = f"{_start(provider)}/pages/stock_owner"
    status, text = _save(provider, address, owning_organisation_id="2")
    assert status == 422
    assert "not one that you may choose" in text


@pytest.mark.parametrize("kind", ["", "lettings-2020", "x-2026", "lettings-२०२६"])
def test_a_log_of_no_open_year_is_not_started(provider: TestClient, kind: str) -> None:
    answer = provider.post("/logs", data={"kind": kind})
    assert answer.status_code == 422
    assert "There is a problem" in answer.text


def test_a_dropped_log_counts_nowhere_and_stays_closed(provider: TestClient) -> None:
    log = _start(provider)
    provider.post(f"{log}/drop", data={"reason": "recorded twice"})
    assert "dropped" in provider.get(log).text
    assert provider.post(f"{log}/submit").status_code == 403


@pytest.mark.parametrize("slug", ["nowhere", "rent_value_check", "setup"])
def test_a_page_that_the_form_has_not_is_not_found(provider: TestClient, slug: str) -> None:
    assert provider.get(f"{_start(provider)}/pages/{slug}").status_code == 404


def test_a_sale_is_started_and_asked_its_own_questions(provider: TestClient) -> None:
    answer = provider.post("/logs", data={"kind": "sales-2026"})
    log = answer.headers["location"]
    assert "Setup" in provider.get(log).text
    provider.post(f"{log}/submit")
    assert "Answer this question" in provider.get(f"{log}/answers").text


def test_every_log_of_the_demonstration_stands_as_the_checker_finds_it(
    provider: TestClient,
) -> None:
    app: Any = provider.app
    with app.state.session_factory() as db:
        logs = list(db.scalars(select(Log).where(Log.status.in_(("valid", "invalid")))))
        assert len(logs) > 40
        for log in logs:
            day = min(date(2026, 11, 24), date(log.collection_year + 1, 3, 31))
            found = check(db, log, day).findings
            assert verdict(found) == log.status, (log.id, found)


def test_a_log_recorded_twice_says_so_to_those_who_may_see_both(
    demonstration: TestClient, tmp_path: Path
) -> None:
    with session_factory(make_engine(f"sqlite:///{tmp_path / 'core.sqlite3'}"))() as db:
        log = db.scalars(
            select(Log).where(Log.status == "valid", Log.collection_year == 2026)
        ).first()
        assert log is not None
        columns = {
            column.key: getattr(log, column.key)
            for column in Log.__table__.columns
            if column.key != "id"
        }
        twin, dropped = Log(**columns), Log(**{**columns, "status": "dropped"})
        other = Log(**{**columns, "answers": {**log.answers, "age1": 99}})
        db.add_all([twin, dropped, other])
        db.commit()
        numbers = log.id, twin.id, dropped.id, other.id
    sign_in_as(demonstration, "admin")
    page = demonstration.get(f"/logs/{numbers[0]}/answers").text
    assert "This may be recorded twice" in page
    assert f'href="/logs/{numbers[1]}/answers"' in page
    assert f'href="/logs/{numbers[2]}/answers"' not in page
    assert f'href="/logs/{numbers[3]}/answers"' not in page
    assert "recorded twice" not in demonstration.get(f"/logs/{numbers[3]}/answers").text
