"""Administrators give institutions parents, children and names; what is refused, and why."""

from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from data_access.institution_names import name_on
from data_access.institutions import InstitutionLink
from tests.portal.conftest import sign_in_as
from tests.portal.test_institutions import fields, in_database, stored, words

RELATIONS = "/institutions/1/relations"
NAMES = "/institutions/1/names"


@pytest.fixture
def admin(demonstration: TestClient) -> TestClient:
    """The administrator, on 24 November 2026."""
    sign_in_as(demonstration, "admin")
    return demonstration


def dated(name: str, text: str) -> dict[str, str]:
    parts = zip(("day", "month", "year"), text.split() or [""] * 3, strict=True)
    return {f"{name}-{part}": value for part, value in parts}


def _add(client: TestClient, institution: str, first: str, last: str = "", **more: str) -> Any:
    data = {"other": "child", "institution": institution} | more
    return client.post(
        f"{RELATIONS}/new", data=data | dated("starts_on", first) | dated("ends_on", last)
    )


def _links(client: TestClient, owner: int, manager: int) -> list[InstitutionLink]:
    query = select(InstitutionLink).where(
        InstitutionLink.owner_id == owner, InstitutionLink.manager_id == manager
    )
    return in_database(client, lambda db: list(db.scalars(query)))


def test_a_child_is_added_and_both_records_show_it(admin: TestClient) -> None:
    answer = _add(admin, "org9", "1 12 2026", "31 3 2027")
    assert answer.headers["location"] == f"{RELATIONS}?done=related"
    assert "ORG9 1 December 2026 31 March 2027 To come Change" in words(admin.get(RELATIONS))
    assert "ORG1 1 December 2026 31 March 2027" in words(admin.get("/institutions/9/relations"))
    for number in (1, 9):
        assert "Added a relation" in words(admin.get(f"/institutions/{number}/history"))
    # From the other side: a parent.
    assert _add(admin, "ORG8", "1 12 2026", other="parent").status_code == 303
    assert len(_links(admin, 8, 1)) == 1


def test_a_wrong_relation_is_refused_with_its_reason_and_what_was_typed(admin: TestClient) -> None:
    name = stored(admin, 1).name
    for institution, first, last, message in (
        ("", "24 11 2026", "", "Enter the institution that is its child"),
        ("<script>", "24 11 2026", "", "No active institution has this name or CORE ID"),
        ("ORG9", "", "", "Enter the first day"),
        ("ORG9", "31 2 2026", "", "must be a real date: February 2026 has 28 days"),
        ("ORG9", "24 11 2026", "23 11 2026", "The last day must be 24 November 2026"),
        ("ORG1", "24 11 2026", "", f"{name} manages its own homes without a first or last day"),
        ("ORG5", "24 11 2026", "", f"manages homes of {name} without a first or last day already"),
    ):
        answer = _add(admin, institution, first, last)
        assert answer.status_code == 422
        assert words(answer).count(message) == 2, message
        assert "<script>" not in answer.text.partition("<main")[2]
    assert 'value="ORG5"' in answer.text and 'value="24"' in answer.text
    assert "holds no stock, so it cannot be a parent" in words(
        _add(admin, "ORG5", "24 11 2026", other="parent")
    )
    assert _add(admin, "ORG9", "24 11 2026", other="cousin").status_code == 404


def test_a_relation_is_ended_and_a_second_administrator_is_told(admin: TestClient) -> None:
    link = _links(admin, 1, 5)[0]
    address = f"{RELATIONS}/{link.id}"
    page = admin.get(address).text
    assert "Change a relation" in page
    opened = {"opened-first": "", "opened-last": "", "go": "save"} | dated("starts_on", "")
    mine = opened | dated("ends_on", "31 12 2026")
    theirs = opened | dated("ends_on", "30 11 2026")
    assert admin.post(address, data=theirs).headers["location"] == f"{RELATIONS}?done=dates"
    answer = admin.post(address, data=mine)
    assert answer.status_code == 409
    assert "The relation now holds until 30 November 2026. Nothing of yours is saved" in words(
        answer
    )
    assert 'value="31"' in answer.text and 'name="opened-last" value="2026-11-30"' in answer.text
    assert _links(admin, 1, 5)[0].ends_on == date(2026, 11, 30)
    assert admin.post(address, data={**mine, "opened-last": "not a day"}).status_code == 409


def test_the_last_child_cannot_be_ended_or_removed(admin: TestClient) -> None:
    link = _links(admin, 106, 106)[0]
    address = f"/institutions/106/relations/{link.id}"
    form = {"opened-first": "", "opened-last": ""} | dated("starts_on", "")
    for go, last in (("save", "30 11 2026"), ("remove", "")):
        answer = admin.post(address, data=form | {"go": go} | dated("ends_on", last))
        assert answer.status_code == 422
        assert "every stock holder has at least one. Add the child that comes after" in words(
            answer
        )
    assert len(_links(admin, 106, 106)) == 1


def test_a_relation_entered_by_mistake_is_removed(admin: TestClient) -> None:
    _add(admin, "ORG9", "1 12 2026")
    link = _links(admin, 1, 9)[0]
    form = {"opened-first": "2026-12-01", "opened-last": "", "go": "remove"}
    address = f"/institutions/9/relations/{link.id}"
    assert admin.post(address, data=form).headers["location"].endswith("?done=removed")
    assert _links(admin, 1, 9) == []
    for gone in (address, f"{RELATIONS}/99999999999", "/institutions/2/relations/1"):
        assert admin.get(gone).status_code == 404
        assert admin.post(gone, data=form).status_code == 404


def test_names_of_other_institutions_are_links_only_for_those_who_may_open_them(
    demonstration: TestClient,
) -> None:
    sign_in_as(demonstration, "coordinator")
    assert 'href="/institutions/5"' in demonstration.get(RELATIONS).text
    sign_in_as(demonstration, "provider")
    page = demonstration.get(RELATIONS)
    assert stored(demonstration, 5).name in words(page)
    assert 'href="/institutions/5"' not in page.text


def _rename(client: TestClient, name: str, day: str) -> Any:
    form = fields(client, f"{NAMES}/new") | {"name": name} | dated("starts_on", day)
    return client.post(f"{NAMES}/new", data=form)


def test_a_new_name_is_in_use_at_once_or_scheduled_and_cancelled(admin: TestClient) -> None:
    old = stored(admin, 1).name
    assert _rename(admin, "Quince Homes", "24 11 2026").headers["location"].endswith("=renamed")
    assert _rename(admin, "Rowan Homes", "1 4 2027").headers["location"].endswith("=scheduled")
    text = words(admin.get(NAMES))
    assert "Rowan Homes 1 April 2027 until further notice Scheduled" in text
    assert "Quince Homes 24 November 2026 31 March 2027 Present" in text
    assert f"{old} No first day 23 November 2026 Former" in text
    found = in_database(admin, lambda db: [name_on(db, 1, date(2026, m, 1)) for m in (11, 12)])
    assert found == [old, "Quince Homes"]
    assert "Quince Homes" in words(admin.get("/institutions?search=" + old[:8]))
    cancel = admin.get(NAMES).text.partition(f'action="{NAMES}/')[2].partition('"')[0]
    assert admin.post(f"{NAMES}/{cancel}").headers["location"].endswith("=cancelled")
    again = admin.post(f"{NAMES}/{cancel}")
    assert again.status_code == 409
    assert "This name has been cancelled already" in words(again)
    assert "Cancelled a scheduled name" in words(admin.get("/institutions/1/history"))


def test_a_wrong_name_is_refused_and_stays_in_the_form(admin: TestClient) -> None:
    other = stored(admin, 2).name
    for name, day, message in (
        ("", "24 11 2026", "Enter the new name"),
        (other.lower(), "24 11 2026", f"Another institution is called {other} already"),
        ("x" * 300, "24 11 2026", "The new name must be 200 characters or fewer; it has 300"),
        (stored(admin, 1).name, "24 11 2026", "already. Enter another name"),
        ("Quince", "1 1 2040", "The day must be 24 November 2028 or earlier"),
        ("Quince", "", "Enter the day from which it has the name"),
    ):
        answer = _rename(admin, name, day)
        assert answer.status_code == 422
        assert words(answer).count(message) == 2, message
        assert f'value="{name}"' in answer.text


def test_a_scheduled_name_is_in_use_on_its_day_when_anybody_reads(admin: TestClient) -> None:
    _rename(admin, "Rowan Homes", "1 12 2026")
    app: Any = admin.app
    app.state.settings = app.state.settings.model_copy(update={"today": date(2026, 12, 1)})
    assert "Rowan Homes" in words(admin.get("/institutions/1"))
    assert "the service itself Gave the institution a new name" in words(
        admin.get("/institutions/1/history")
    )


def test_two_who_give_names_at_once(admin: TestClient) -> None:
    form = fields(admin, f"{NAMES}/new") | dated("starts_on", "24 11 2026")
    admin.post(f"{NAMES}/new", data=form | {"name": "Theirs"})
    answer = admin.post(f"{NAMES}/new", data=form | {"name": "Mine"})
    assert answer.status_code == 409
    assert "saved now: Theirs yours: Mine, from 24 November 2026" in words(answer)
    assert stored(admin, 1).name == "Theirs"
