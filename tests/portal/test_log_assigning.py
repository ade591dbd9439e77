"""Co-ordinators give logs to others, see whose a log is, and what happened to it."""

import re
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from data_access.accounts import Account
from data_access.audit import history
from data_access.logs import Log
from tests.portal.conftest import sign_in_as
from tests.portal.test_log_entry import _save, _start, _version


def _number(client: TestClient, user_name: str) -> int:
    app: Any = client.app
    with app.state.session_factory() as db:
        return int(db.scalars(select(Account.id).where(Account.user_name == user_name)).one())


@pytest.fixture
def started(demonstration: TestClient) -> tuple[TestClient, str]:
    """A log of the provider `provider`, with the co-ordinator signed in."""
    sign_in_as(demonstration, "provider")
    log = _start(demonstration)
    sign_in_as(demonstration, "coordinator")
    return demonstration, log


def test_a_coordinator_gives_a_log_to_a_managed_provider(
    started: tuple[TestClient, str],
) -> None:
    client, log = started
    page = client.get(f"{log}/assign").text
    assert "Pat Provider has this log now" in page
    managed = page.split('label="Your managed providers"')[1].split("</optgroup>")[0]
    assert "Sky Support" in managed
    assert "Pat Provider" not in managed
    taker = _number(client, "support")
    answer = client.post(
        f"{log}/assign", data={"version": _version(page), "assigned_to": str(taker)}
    )
    assert answer.status_code == 303
    done = client.get(answer.headers["location"]).text
    assert "has been given to Sky Support" in done
    app: Any = client.app
    with app.state.session_factory() as db:
        stored = db.get(Log, int(log.rsplit("/", 1)[-1]))
        assert (stored.assigned_to_id, stored.answers["assigned_to_id"]) == (taker, taker)
        last = history(db, ("log", stored.id))[-1]
        assert last.action == "log_assigned"
        assert last.detail["changes"]["assigned_to_id"] == [_number(client, "provider"), taker]
    sign_in_as(client, "support")
    assert client.get(log).status_code == 200


def test_only_somebody_of_the_list_can_be_given_a_log(started: tuple[TestClient, str]) -> None:
    client, log = started
    version = _version(client.get(f"{log}/assign").text)
    for taker in ("", "0", "x", str(_number(client, "provider9")), str(_number(client, "admin"))):
        answer = client.post(f"{log}/assign", data={"version": version, "assigned_to": taker})
        assert answer.status_code == 422
        assert "Choose who is to have the log" in answer.text


def test_a_log_that_changed_meanwhile_is_not_given_away_unseen(
    started: tuple[TestClient, str],
) -> None:
    client, log = started
    version = _version(client.get(f"{log}/assign").text)
    _save(client, f"{log}/pages/needs_type", needstype="1")
    taker = str(_number(client, "support"))
    answer = client.post(f"{log}/assign", data={"version": version, "assigned_to": taker})
    assert answer.status_code == 409
    assert "Somebody else changed this log meanwhile" in answer.text
    assert f'value="{taker}" selected' in answer.text


def test_providers_and_statisticians_give_no_logs_away(started: tuple[TestClient, str]) -> None:
    client, log = started
    for name, status in (("provider", 403), ("statistician", 403), ("coordinator9", 404)):
        sign_in_as(client, name)
        assert client.get(f"{log}/assign").status_code == status
        assert client.post(f"{log}/assign", data={}).status_code == status
    sign_in_as(client, "provider")
    assert "Give it to somebody else" not in client.get(log).text


def test_a_dropped_log_is_given_to_nobody(started: tuple[TestClient, str]) -> None:
    client, log = started
    version = _version(client.get(f"{log}/assign").text)
    client.post(f"{log}/drop", data={"reason": "recorded twice"})
    taker = str(_number(client, "support"))
    answer = client.post(f"{log}/assign", data={"version": version, "assigned_to": taker})
    assert answer.status_code == 422
    assert "This log was dropped" in answer.text


def test_the_list_is_narrowed_to_a_managed_provider_and_the_address_says_so(
    started: tuple[TestClient, str],
) -> None:
    client, log = started
    listed = client.get("/logs").text
    assert 'name="assigned_to"' in listed
    assert "Sky Support" in listed
    mine = f'href="{log}"'
    provider, support = _number(client, "provider"), _number(client, "support")
    assert mine in client.get(f"/logs?assigned_to={provider}&status=saved").text
    assert mine not in client.get(f"/logs?assigned_to={support}").text
    # Somebody who is not managed narrows nothing, and tells nothing.
    total = re.findall(r"(\d+) logs?\b", listed)[0]
    assert f"{total} log" in client.get(f"/logs?assigned_to={_number(client, 'provider9')}").text
    sign_in_as(client, "provider")
    assert 'name="assigned_to"' not in client.get("/logs").text


def test_the_history_of_a_log_names_questions_and_answers_in_words(
    started: tuple[TestClient, str],
) -> None:
    client, log = started
    _save(client, f"{log}/pages/needs_type", needstype="1")
    _save(client, f"{log}/pages/rent_weekly", brent="<b>much</b>")
    text = unescape(client.get(f"{log}/history").text)
    assert "Chris Co-ordinator" in text
    assert "Saved a page" in text
    assert "Started the log" in text
    assert "General needs" in text
    assert "<b>much</b>" not in client.get(f"{log}/history").text
    sign_in_as(client, "provider9")
    assert client.get(f"{log}/history").status_code == 404
