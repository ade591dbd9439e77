"""Institutions are deactivated and reactivated with their users."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from data_access.accounts import Account
from portal.demonstration.people import PASSWORD
from tests.portal.conftest import sign_in_as
from tests.portal.test_institutions import fields, in_database, stored, words


@pytest.fixture
def admin(demonstration: TestClient) -> TestClient:
    sign_in_as(demonstration, "admin")
    return demonstration


def _signs_in(client: TestClient, name: str) -> bool:
    kept = dict(client.cookies)
    client.cookies.clear()
    answer = client.post("/sign-in", data={"user_name": name, "password": PASSWORD})
    client.cookies.clear()
    client.cookies.update(kept)
    return answer.status_code == 303


def _active(client: TestClient, institution: int) -> list[bool]:
    query = select(Account.active).where(Account.institution_id == institution).order_by(Account.id)
    return in_database(client, lambda db: list(db.scalars(query)))


def test_it_is_deactivated_with_its_users_after_a_preview_and_comes_back_with_them(
    admin: TestClient,
) -> None:
    sign_in_as(admin, "coordinator")
    theirs = dict(admin.cookies)
    sign_in_as(admin, "admin")
    preview = words(admin.get("/institutions/1/deactivate"))
    assert "5 users are deactivated and signed out" in preview
    assert "1 child that manages its homes" in preview
    form = fields(admin, "/institutions/1/deactivate")
    answer = admin.post("/institutions/1/deactivate", data=form)
    assert answer.headers["location"] == "/institutions/1?done=deactivated"
    assert "The institution is deactivated" in words(admin.get(answer.headers["location"]))
    assert _active(admin, 1) == [False] * 6
    assert not _signs_in(admin, "coordinator")
    mine = dict(admin.cookies)
    admin.cookies.clear()
    admin.cookies.update(theirs)
    assert admin.get("/institutions/1").headers["location"].startswith("/sign-in")
    admin.cookies.clear()
    admin.cookies.update(mine)
    assert admin.get("/institutions/1/deactivate").headers["location"].endswith("/reactivate")
    page = words(admin.get("/institutions/1/reactivate"))
    assert "5 users who were deactivated with it can sign in again" in page
    assert "Chris Co-ordinator" in page
    form = fields(admin, "/institutions/1/reactivate")
    answer = admin.post("/institutions/1/reactivate", data=form)
    assert answer.headers["location"] == "/institutions/1?done=reactivated"
    assert _active(admin, 1) == [True, True, True, True, False, True]
    assert _signs_in(admin, "coordinator")
    history = words(admin.get("/institutions/1/history"))
    assert "Deactivated the institution Active: no , before: yes" in history


def test_a_record_that_changed_since_the_preview_is_not_deactivated(admin: TestClient) -> None:
    form = fields(admin, "/institutions/9/deactivate")
    details = "/institutions/9/change/details"
    admin.post(details, data=fields(admin, details) | {"town": "Elsewhere"})
    answer = admin.post("/institutions/9/deactivate", data=form)
    assert answer.status_code == 409
    assert "It is not deactivated. Look at what would be affected now" in words(answer)
    assert stored(admin, 9).active
    twice = fields(admin, "/institutions/9/deactivate")
    assert admin.post("/institutions/9/deactivate", data=twice).status_code == 303
    answer = admin.post("/institutions/9/deactivate", data=twice)
    assert answer.status_code == 409
    assert "the institution is not active now" in words(answer)


def test_who_also_works_elsewhere_goes_on_there(admin: TestClient) -> None:
    """The data provider of institution 2 is a co-ordinator of institution 3 too."""
    assert "1 user also works for another institution" in words(
        admin.get("/institutions/2/deactivate")
    )
    form = fields(admin, "/institutions/2/deactivate")
    admin.post("/institutions/2/deactivate", data=form)
    assert _active(admin, 2) == [False, True]
    sign_in_as(admin, "provider2")
    assert admin.get("/institution").headers["location"] == "/institutions/3"
    assert admin.get("/institutions/2").status_code == 404
