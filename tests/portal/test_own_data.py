"""People see their own organisation's logs and figures, and nobody else's."""

from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from data_access.accounts import Account, hash_password
from data_access.institution_names import give_name
from data_access.institutions import Institution
from data_access.logs import Log
from tests.portal.conftest import PASSWORD


@pytest.fixture
def people(client: TestClient) -> TestClient:
    """Two institutions, each with a co-ordinator and two providers, and logs of each."""
    app: Any = client.app
    with app.state.session_factory() as db:
        hashed = hash_password(PASSWORD)
        for number in (1, 2):
            db.add(
                Institution(
                    id=number, code=f"ORG{number}", name=f"Org {number}", provider_type="PRP"
                )
            )
        db.flush()
        for number in (1, 2):
            for role in ("coordinator", "provider", "provider-b"):
                db.add(
                    Account(
                        user_name=f"{role}{number}",
                        email=f"{role}{number}@example.com",
                        name=f"{role} {number}",
                        password_hash=hashed,
                        role=role.removesuffix("-b"),
                        institution_id=number,
                    )
                )
        db.add(
            Account(
                user_name="boss",
                email="boss@example.com",
                name="Boss",
                password_hash=hashed,
                role="administrator",
            )
        )
        db.flush()
        owners = {a.user_name: a for a in db.scalars(select(Account))}
        for name in ("provider1", "provider1", "provider-b1", "provider2"):
            account = owners[name]
            db.add(
                Log(
                    collection="lettings",
                    collection_year=2025,
                    status="valid",
                    log_type="social-rent-general-needs",
                    event_date=date(2025, 5, 1),
                    owning_institution_id=account.institution_id,
                    managing_institution_id=account.institution_id,
                    assigned_to_id=account.id,
                    created_by_id=account.id,
                    tenancy_code=f"of-{name}",
                    answers={"homeless": 11, "wrent": "100.01", "tenancy": 2},
                )
            )
            db.flush()
        db.commit()
    return client


def _sign_in(client: TestClient, name: str) -> None:
    client.cookies.clear()
    answer = client.post("/sign-in", data={"user_name": name, "password": PASSWORD})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("name", "seen"), [("provider1", 2), ("coordinator1", 3), ("coordinator2", 1), ("boss", 4)]
)
def test_each_role_sees_its_own_logs(people: TestClient, name: str, seen: int) -> None:
    _sign_in(people, name)
    text = people.get("/logs").text
    assert f'<p class="govuk-body">{seen} log' in text


def test_changing_the_number_in_the_address_shows_nobody_elses_log(people: TestClient) -> None:
    _sign_in(people, "coordinator1")
    assert [people.get(f"/logs/{n}").status_code for n in (1, 2, 3, 4)] == [200, 200, 200, 404]
    assert people.get("/logs/99999999999999").status_code == 404
    _sign_in(people, "provider1")
    assert [people.get(f"/logs/{n}").status_code for n in (1, 2, 3, 4)] == [200, 200, 404, 404]


def test_own_figures_count_the_own_organisation_unsuppressed_and_are_not_kept(
    people: TestClient,
) -> None:
    _sign_in(people, "coordinator1")
    answer = people.get("/organisation?period=2025")
    assert "£100.01 a week" in answer.text
    assert "Records<strong>3</strong>" in answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    _sign_in(people, "coordinator2")
    assert "Records<strong>1</strong>" in people.get("/organisation?period=2025").text
    rows = people.get("/organisation/figures.csv?period=2025").text
    assert ",records,Records,total,Total,count,records,1,,unweighted,1" in rows


def test_own_figures_are_for_people_of_an_organisation(people: TestClient) -> None:
    people.cookies.clear()
    assert people.get("/organisation").status_code == 303
    assert people.get("/logs").status_code == 303
    _sign_in(people, "boss")
    assert people.get("/organisation").status_code == 404


@pytest.mark.parametrize("query", ["period=x", "log_type=x", "question=x"])
def test_an_unknown_choice_is_not_found(people: TestClient, query: str) -> None:
    _sign_in(people, "coordinator1")
    assert people.get(f"/organisation?{query}").status_code == 404


@pytest.mark.parametrize("query", ["page=0", "page=x", "status=x", "search=%00", "page=999999"])
def test_a_list_of_logs_bears_any_query(people: TestClient, query: str) -> None:
    _sign_in(people, "coordinator1")
    assert people.get(f"/logs?{query}").status_code == 200


def test_a_log_shows_the_name_that_its_owner_had_on_the_day(people: TestClient) -> None:
    app: Any = people.app
    with app.state.session_factory() as db:
        log, institution = db.get(Log, 1), db.get(Institution, 1)
        log.answers = {**log.answers, "owning_organisation_id": 1, "startdate": "2025-05-01"}
        day = date(2026, 11, 24)
        give_name(db, None, institution, "Called Anew", date(2026, 1, 1), day, institution.version)
        db.commit()
        assert institution.name == "Called Anew"
        # Else the banner about the agreement names it too.
        institution.data_sharing_signed = True
        db.commit()
    _sign_in(people, "coordinator1")
    text = people.get("/logs/1/answers").text
    assert "Org 1" in text
    assert "Called Anew" not in text
    with app.state.session_factory() as db:
        db.get(Log, 1).event_date = date(2026, 1, 1)
        db.commit()
    assert "Called Anew" in people.get("/logs/1/answers").text
