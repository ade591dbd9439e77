"""Setting up the second factor, its recovery codes, and turning it off."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pyotp
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.clock import now
from tests.portal.conftest import PASSWORD
from tests.support.letter_box import newest_letter

PAGE = "/account/second-factor"


@pytest.fixture
def stored(client: TestClient) -> Iterator[Session]:
    with client.app.state.session_factory() as db:  # type: ignore[attr-defined]
        yield db


@pytest.fixture
def pat(client: TestClient, stored: Session) -> Account:
    """Signed in."""
    client.post("/sign-in", data={"user_name": "pat", "password": PASSWORD})
    return stored.scalars(select(Account)).one()


def _set_up(client: TestClient) -> tuple[pyotp.TOTP, list[str]]:
    found = re.search(r"data-secret>([A-Z2-7 ]+)<", client.get(PAGE).text)
    assert found is not None
    totp = pyotp.TOTP(found.group(1).replace(" ", ""))
    answer = client.post(PAGE, data={"code": totp.at(now() - timedelta(seconds=30))})
    assert answer.status_code == 200
    assert "no-store" in answer.headers["cache-control"]
    codes = re.findall(r"<li><code>([a-z2-7-]+)</code>", answer.text)
    assert len(codes) == 10
    return totp, codes


def test_it_is_in_force_once_a_code_was_right_and_the_codes_are_shown_once(
    client: TestClient, stored: Session, pat: Account
) -> None:
    text = client.get(PAGE).text
    assert "<svg" in text
    assert "Enter the 6 digits" in client.post(PAGE, data={"code": ""}).text
    assert client.post(PAGE, data={"code": "123"}).status_code == 422
    stored.refresh(pat)
    assert pat.totp_confirmed_at is None
    _, codes = _set_up(client)
    newest_letter(client, "second_factor_on")
    text = client.get(PAGE).text
    assert "10 recovery codes left" in text
    assert codes[0] not in text
    assert "data-secret" not in text
    assert "set up, 10 recovery codes left" in client.get("/account").text


def test_the_codes_can_be_downloaded_and_nothing_else_can(client: TestClient, pat: Account) -> None:
    _, codes = _set_up(client)
    answer = client.post(f"{PAGE}/codes.txt", data={"codes": " ".join(codes)})
    assert answer.headers["content-type"].startswith("text/plain")
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.text.splitlines()[2:] == codes
    other = client.post(f"{PAGE}/codes.txt", data={"codes": "anything else"})
    assert other.status_code == 404


def test_a_recovery_code_signs_in_once(client: TestClient, pat: Account) -> None:
    _, codes = _set_up(client)
    for status in (303, 422):
        client.cookies.clear()
        client.post("/sign-in", data={"user_name": "pat", "password": PASSWORD})
        assert client.post("/sign-in/code", data={"code": codes[3]}).status_code == status


def test_new_recovery_codes_take_the_place_of_the_old(client: TestClient, pat: Account) -> None:
    totp, codes = _set_up(client)
    assert client.post(f"{PAGE}/codes", data={"code": "000000"}).status_code == 422
    answer = client.post(f"{PAGE}/codes", data={"code": totp.at(now())})
    renewed = re.findall(r"<li><code>([a-z2-7-]+)</code>", answer.text)
    assert len(renewed) == 10 and not set(renewed) & set(codes)
    client.cookies.clear()
    client.post("/sign-in", data={"user_name": "pat", "password": PASSWORD})
    assert client.post("/sign-in/code", data={"code": codes[0]}).status_code == 422
    assert client.post("/sign-in/code", data={"code": renewed[0]}).status_code == 303


def test_it_is_turned_off_with_the_password_and_a_code(
    client: TestClient, stored: Session, pat: Account
) -> None:
    totp, codes = _set_up(client)
    code = totp.at(now())
    wrong = client.post(f"{PAGE}/off", data={"password": "wrong", "off-code": code})
    assert wrong.text.count("this was not it") == 2
    wrong = client.post(f"{PAGE}/off", data={"password": PASSWORD, "off-code": "000000"})
    assert wrong.text.count("The code is not right") == 2
    answer = client.post(f"{PAGE}/off", data={"password": PASSWORD, "off-code": codes[0]})
    assert answer.headers["location"] == "/account?done=second-factor-off"
    newest_letter(client, "second_factor_off")
    stored.refresh(pat)
    assert (pat.totp_secret, pat.totp_confirmed_at) == ("", None)
    assert client.post(f"{PAGE}/off", data={}).status_code == 404


def test_who_must_have_it_cannot_turn_it_off(
    client: TestClient, stored: Session, pat: Account
) -> None:
    pat.role = "administrator"
    stored.commit()
    client.app.state.settings.second_factor_required = True  # type: ignore[attr-defined]
    assert client.get("/administration").headers["location"].startswith(PAGE)
    _, codes = _set_up(client)
    assert client.get("/administration").status_code == 200
    assert "People of your role must have" in client.get(PAGE).text
    data = {"password": PASSWORD, "off-code": codes[0]}
    assert client.post(f"{PAGE}/off", data=data).status_code == 403
    stored.refresh(pat)
    assert pat.totp_confirmed_at is not None


def test_five_wrong_codes_are_enough(client: TestClient, pat: Account) -> None:
    client.get(PAGE)
    statuses = [client.post(PAGE, data={"code": "000000"}).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
