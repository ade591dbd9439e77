"""A form that was opened for one institution is not sent to another."""

import re
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.accounts import Account, Membership
from data_access.institutions import Institution
from data_access.uploads import Upload
from portal import opened_for
from tests.portal.conftest import sign_in_as

TEMPLATES = sorted(Path(opened_for.__file__).parent.glob("*/templates/**/*.html"))
NEW = {
    "name": "Newly <Come>",
    "user_name": "newly.come",
    "email": "newly.come@example.com",
    "role": "provider",
    "contact_priority": "None",
}


@pytest.fixture
def both(demonstration: TestClient) -> TestClient:
    """The co-ordinator of institution 1, who is one of institution 2 as well."""
    with _db(demonstration) as db:
        account = db.scalars(select(Account).where(Account.user_name == "coordinator")).one()
        assert account.institution_id == 1
        db.add(Membership(account_id=account.id, institution_id=2, role="coordinator"))
        db.commit()
    sign_in_as(demonstration, "coordinator")
    return demonstration


def _db(client: TestClient) -> Session:
    made: Session = client.app.state.session_factory()  # type: ignore[attr-defined]
    return made


def _name(client: TestClient, number: int) -> str:
    with _db(client) as db:
        return db.get_one(Institution, number).name


def _act_for(client: TestClient, number: int) -> None:
    page = client.get("/account/institutions").text
    assert 'action="/account/institutions"' in page, "the switch itself carries nothing"
    sent = client.post("/account/institutions", data={"institution": str(number)})
    assert sent.status_code == 303


def _forms(page: str) -> list[str]:
    return [
        unescape(re.search(r'action="([^"]*)"', form)[1])  # type: ignore[index]
        for form in re.findall(r"<form[^>]*>", page)
        if 'method="post"' in form
    ]


def test_a_user_is_not_created_at_the_institution_that_was_switched_to(both: TestClient) -> None:
    [address] = _forms(both.get("/people/new").text)
    assert address == "/people/new?opened-for=1"
    _act_for(both, 2)
    refused = both.post(address, data=NEW, headers={"referer": "http://testserver/people/new"})
    assert refused.status_code == 409
    assert "no-store" in refused.headers["cache-control"]
    text = unescape(refused.text)
    assert f"This page was opened for {_name(both, 1)}" in text
    assert f"You now act for <strong>{_name(both, 2)}</strong>. Nothing was saved." in text
    assert 'href="/account/institutions"' in text and 'href="/people/new"' in text
    with _db(both) as db:
        assert not db.scalars(select(Account).where(Account.user_name == "newly.come")).all()

    # Nothing that was typed is lost: the page holds it, for the same institution as before.
    assert _forms(refused.text) == [address]
    fields = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', refused.text)
    kept = {unescape(name): unescape(value) for name, value in fields}
    assert kept == NEW
    assert both.post(address, data=kept).status_code == 409, "not switched back yet"
    _act_for(both, 1)
    assert both.post(address, data=kept).status_code == 303
    with _db(both) as db:
        made = db.scalars(select(Account).where(Account.user_name == "newly.come")).one()
        assert made.institution_id == 1


def test_a_password_is_not_held_by_the_page_that_keeps_what_was_typed(both: TestClient) -> None:
    sent = {"name": "Figures", "lasts": "30", "present": "Secret-horse-9"}
    _act_for(both, 2)
    refused = both.post("/account/api-tokens?opened-for=1", data=sent)
    assert refused.status_code == 409
    assert 'value="Figures"' in refused.text and "Secret-horse-9" not in refused.text


@pytest.mark.parametrize("page", ["/people/import", "/uploads"])
def test_a_file_is_not_taken_in_for_the_institution_that_was_switched_to(
    both: TestClient, page: str
) -> None:
    [address] = [form for form in _forms(both.get(page).text) if form.startswith(page)]
    _act_for(both, 2)
    refused = both.post(address, files={"file": ("rows.csv", b"a,b\n1,2\n")})
    assert refused.status_code == 409
    assert "choose the file again" in refused.text
    with _db(both) as db:
        assert not db.scalars(select(Upload).where(Upload.file_name == "rows.csv")).all()


def test_a_log_is_not_started_for_the_institution_that_was_switched_to(both: TestClient) -> None:
    forms = _forms(both.get("/logs/new").text)
    assert forms and all(form.endswith("opened-for=1") for form in forms)
    _act_for(both, 2)
    assert both.post(forms[0], data={"collection": "lettings"}).status_code == 409


def test_the_name_of_an_institution_without_a_membership_is_not_told(both: TestClient) -> None:
    refused = both.post("/people/new?opened-for=3", data=NEW)
    assert refused.status_code == 409
    assert _name(both, 3) not in unescape(refused.text)
    assert "an institution that you do not work for now" in refused.text
    assert _forms(refused.text) == [], "there is no switching back"


def test_forms_about_oneself_and_of_those_with_one_institution_carry_nothing(
    both: TestClient,
) -> None:
    for page in ("/account/password", "/account/edit"):
        forms = _forms(both.get(page).text)
        assert forms and not any("opened-for" in form for form in forms)
    sign_in_as(both, "provider")
    assert "opened-for" not in both.get("/uploads").text


def test_a_form_without_an_address_is_sent_to_its_page_for_the_present_institution() -> None:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/somewhere",
        "query_string": b"show=all&opened-for=1",
        "headers": [(b"host", b"testserver")],
        "state": {"person": SimpleNamespace(several=True, institution_id=2)},
    }
    made = opened_for.mark_forms(Request(scope), '<form method="post" novalidate><form>')
    address = "/somewhere?show=all&amp;opened-for=2"
    assert made == f'<form method="post" novalidate action="{address}"><form>'


def test_every_form_that_is_posted_is_written_so_that_it_is_found() -> None:
    found = 0
    for path in TEMPLATES:
        for form in re.findall(r"<form\b[^>]*", path.read_text(), re.IGNORECASE):
            if "post" in form.lower().split("method")[-1][:8]:
                assert 'method="post"' in form, f"{path.name}: {form}"
                found += 1
    assert found > 50
