"""Everybody takes out what they may see, and no more."""

import csv
import io
import re

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.institutions import Institution, InstitutionLink
from data_access.schemes import Location, Scheme
from tests.portal.conftest import sign_in_as

PLACES = ("institutions", "people", "schemes")
HOSTILE = '=HYPERLINK("http://evil.example";"click")'


def _db(client: TestClient) -> Session:
    made: Session = client.app.state.session_factory()  # type: ignore[attr-defined]
    return made


def _rows(client: TestClient, place: str, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/{place}/export.csv{query}")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_who_may_export_what(demonstration: TestClient) -> None:
    expected = {
        "admin": (200, 200, 200),
        "statistician": (200, 404, 404),
        "coordinator": (404, 200, 200),
        "provider": (404, 404, 404),
    }
    for name, statuses in expected.items():
        sign_in_as(demonstration, name)
        found = [demonstration.get(f"/{place}/export.csv").status_code for place in PLACES]
        assert tuple(found) == statuses, name
    demonstration.cookies.clear()
    for place in PLACES:
        answer = demonstration.get(f"/{place}/export.csv")
        assert answer.headers["location"].startswith("/sign-in?next=")


def test_an_export_is_a_private_file_with_a_name(demonstration: TestClient) -> None:
    sign_in_as(demonstration, "admin")
    for ending, kind in (("csv", "text/csv"), ("xlsx", "spreadsheetml")):
        answer = demonstration.get(f"/institutions/export.{ending}")
        assert kind in answer.headers["content-type"]
        assert (
            f'filename="institutions-2026-11-24.{ending}"' in answer.headers["content-disposition"]
        )
        assert answer.headers["cache-control"] == "private, no-store"
    assert demonstration.get("/institutions/export.pdf").status_code == 404


def test_institutions_are_exported_with_children_and_state(demonstration: TestClient) -> None:
    sign_in_as(demonstration, "admin")
    with _db(demonstration) as db:
        db.add(InstitutionLink(owner_id=7, manager_id=8))
        db.execute(
            update(Institution)
            .where(Institution.id == 9)
            .values(active=False, merged_into_id=7, name="Gone Homes")
        )
        db.commit()
        count = len(list(db.scalars(select(Institution.id))))
    rows = _rows(demonstration, "institutions")
    assert len(rows) == count
    by_code = {row["CORE ID"]: row for row in rows}
    assert "ORG8" in by_code["ORG7"]["Managed by"] and "itself" in by_code["ORG7"]["Managed by"]
    assert (by_code["ORG9"]["Status"], by_code["ORG9"]["Merged into"]) == ("merged", "ORG7")
    assert [row["CORE ID"] for row in rows][:3] == ["ORG1", "ORG2", "ORG3"]


@pytest.mark.parametrize("name", ["coordinator", "coordinator3", "admin"])
@pytest.mark.parametrize("query", ["", "?role=provider&sort=status", "?search=provider&order=desc"])
def test_an_export_of_users_holds_exactly_whom_the_list_shows(
    demonstration: TestClient, name: str, query: str
) -> None:
    sign_in_as(demonstration, name)
    listed: list[str] = []
    page = demonstration.get(f"/people{query}").text
    pages = re.search(r"page 1 of (\d+)", page)
    for number in range(1, int(pages[1]) + 1 if pages else 2):
        page = demonstration.get(f"/people{query or '?'}&page={number}").text
        listed += re.findall(r"core-people__name--long\">([^<]+)<br>", page)
    assert listed
    rows = _rows(demonstration, "people", query)
    assert [row["User name"] for row in rows] == listed


def test_an_export_of_users_has_managed_providers_and_the_role_here(
    demonstration: TestClient,
) -> None:
    sign_in_as(demonstration, "coordinator")
    by_name = {row["User name"]: row for row in _rows(demonstration, "people")}
    assert by_name["provider5"]["Institution"] == "ORG5"
    assert by_name["provider"]["Institution"] == "ORG1"
    assert "provider6" not in by_name
    sign_in_as(demonstration, "coordinator3")
    by_name = {row["User name"]: row for row in _rows(demonstration, "people")}
    assert by_name["provider2"]["Role"] == "co-ordinator"
    # An administrator's import changes the own role, which must not become a membership's.
    sign_in_as(demonstration, "admin")
    [row] = _rows(demonstration, "people", "?institution=3&search=provider2")
    assert row["Role"] == "data provider"


def test_the_list_offers_the_export_of_what_it_is_narrowed_to(demonstration: TestClient) -> None:
    sign_in_as(demonstration, "coordinator")
    assert 'href="/people/export.csv"' in demonstration.get("/people").text
    text = demonstration.get("/people?role=provider&search=%26").text
    assert 'href="/people/export.csv?search=%26&amp;role=provider&amp;sort=name"' in text
    assert "Export the users that the list shows as" in text


def test_no_secret_of_a_user_is_exported(demonstration: TestClient) -> None:
    sign_in_as(demonstration, "admin")
    headings = set(_rows(demonstration, "people")[0])
    assert not {name for name in headings if re.search("password|secret|hash|token", name.lower())}
    assert b"argon2" not in demonstration.get("/people/export.csv").content


def test_a_deleted_user_is_not_exported(demonstration: TestClient) -> None:
    with _db(demonstration) as db:
        account = db.scalars(select(Account).where(Account.user_name == "provider9")).one()
        account.active, account.deleted_at = False, account.created_at
        db.commit()
    sign_in_as(demonstration, "admin")
    assert "provider9" not in {row["User name"] for row in _rows(demonstration, "people")}


def test_postcodes_of_a_confidential_scheme_are_for_its_owner_and_administrators(
    demonstration: TestClient,
) -> None:
    with _db(demonstration) as db:
        db.add(InstitutionLink(owner_id=2, manager_id=1))
        scheme = db.scalars(
            select(Scheme).where(Scheme.owner_id == 2, Scheme.status == "approved")
        ).first()
        assert scheme is not None
        scheme.confidential = True
        place = db.scalars(select(Location).where(Location.scheme_id == scheme.id)).first()
        assert place is not None
        db.commit()
    seen = {}
    for name in ("coordinator", "coordinator2", "admin"):
        sign_in_as(demonstration, name)
        seen[name] = {
            row["Postcode"]
            for row in _rows(demonstration, "schemes")
            if row["Scheme code"] == scheme.code
        }
    assert seen["coordinator"] == {""}
    assert place.postcode in seen["coordinator2"]
    assert place.postcode in seen["admin"]
    sign_in_as(demonstration, "coordinator")
    assert place.postcode.encode() not in demonstration.get("/schemes/export.csv").content


def test_a_coordinator_exports_own_schemes_and_approved_ones_of_parents(
    demonstration: TestClient,
) -> None:
    sign_in_as(demonstration, "coordinator")
    owners = {row["Owner"] for row in _rows(demonstration, "schemes")}
    assert "ORG1" in owners and "ORG50" not in owners


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_name_that_would_be_a_formula_is_harmless(demonstration: TestClient, ending: str) -> None:
    with _db(demonstration) as db:
        db.execute(update(Institution).where(Institution.id == 8).values(name=HOSTILE))
        db.commit()
    sign_in_as(demonstration, "admin")
    data = demonstration.get(f"/institutions/export.{ending}").content
    if ending == "csv":
        names = {row["Name"] for row in _rows(demonstration, "institutions")}
        assert f"'{HOSTILE}" in names and HOSTILE not in names
    else:
        cells = [cell for row in load_workbook(io.BytesIO(data)).active.iter_rows() for cell in row]
        assert [cell.data_type for cell in cells if cell.value == HOSTILE] == ["s"]
        assert "f" not in {cell.data_type for cell in cells}
