"""Signing in: locks, limits, links, the second step, and where one goes on."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta

import pyotp
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.account_sessions import AccountSession
from data_access.accounts import Account
from data_access.audit import AuditEvent
from data_access.clock import now
from data_access.credentials import OneTimeLink
from data_access.messages import Message
from portal.accounts import even_time
from portal.accounts.links import send_invitation, send_reset
from tests.portal.conftest import PASSWORD
from tests.support.letter_box import newest_letter

NEW = "Three-odd-Words 7"


@pytest.fixture
def stored(client: TestClient) -> Iterator[Session]:
    with client.app.state.session_factory() as db:  # type: ignore[attr-defined]
        yield db


@pytest.fixture
def pat(stored: Session) -> Account:
    return stored.scalars(select(Account)).one()


def _enter(client: TestClient, password: str = PASSWORD, name: str = "pat", **more: str) -> tuple:
    answer = client.post("/sign-in", data={"user_name": name, "password": password, **more})
    return answer.status_code, answer.headers.get("location", ""), answer.text


def _link(client: TestClient, kind: str) -> str:
    found = re.search(r"https?://[^/\s]+(/\S+)", newest_letter(client, kind))
    assert found is not None
    return found.group(1)


def _forgotten(client: TestClient, name: str = "pat") -> str:
    answer = client.post("/forgotten-password", data={"user_name": name})
    assert answer.status_code == 200
    return answer.text


def test_the_fourth_wrong_entry_locks_tells_the_owner_once_and_says_nothing_else(
    client: TestClient, stored: Session, pat: Account
) -> None:
    texts = {_enter(client, "wrong")[2] for _ in range(4)}
    status, _, locked = _enter(client)
    assert status == 422
    unknown = _enter(client, name="nobody")[2].replace("nobody", "pat")
    assert texts == {locked, unknown}
    assert len(texts) == 1
    letter = newest_letter(client, "locked")
    assert "locked for 30 minutes" in letter
    assert len(stored.scalars(select(Message).where(Message.kind == "locked")).all()) == 1
    pat.locked_until = now() - timedelta(seconds=1)
    stored.commit()
    assert _enter(client)[0] == 303


def test_a_refusal_lasts_as_long_for_an_unknown_name(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[bool] = []
    monkeypatch.setattr("portal.accounts.signing_in.wait_from", lambda _: waited.append(True))
    monkeypatch.setattr("portal.accounts.set_password.wait_from", lambda _: waited.append(True))
    for name in ("pat", "nobody"):
        _enter(client, "wrong", name)
        _forgotten(client, name)
    assert len(waited) == 4


def test_the_time_of_an_answer_is_rounded_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(even_time, "LASTS", 0.05)
    for already in (0.0, 0.01, 0.07):
        started = time.monotonic() - already
        even_time.wait_from(started)
        assert time.monotonic() - started >= (0.1 if already > 0.05 else 0.05)


def test_ten_refused_entries_of_a_name_are_enough_known_or_not(client: TestClient) -> None:
    for name in ("pat", "nobody"):
        statuses = [_enter(client, "wrong", f" {name.upper()} ")[0] for _ in range(5)]
        statuses += [_enter(client, "wrong", name)[0] for _ in range(6)]
        assert statuses == [422] * 10 + [429]
    answer = client.post("/sign-in", data={"user_name": "pat", "password": PASSWORD})
    assert 500 < int(answer.headers["retry-after"]) <= 601
    assert "Wait 10 minutes, then try again" in answer.text
    assert "Too many tries" in answer.text


def test_an_owner_who_is_kept_locked_gets_in_by_the_link(client: TestClient, pat: Account) -> None:
    for _ in range(11):
        _enter(client, "wrong")
    _forgotten(client)
    link = _link(client, "reset")
    answer = client.post(link, data={"password": NEW})
    assert answer.headers["location"] == "/account?done=password-set"
    assert (
        "Your password is set and you are signed in"
        in client.get("/account?done=password-set").text
    )


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_household_is_one_network(host: str, network: str) -> None:
    from starlette.requests import Request

    from portal.accounts.rate_limits import network_of

    request = Request({"type": "http", "client": (host, 1), "headers": []})
    assert network_of(request) == network


def test_a_deep_link_survives_signing_in_with_its_query(client: TestClient) -> None:
    sent = client.get("/logs?status=saved&page=2").headers["location"]
    assert sent == "/sign-in?next=/logs%3Fstatus%3Dsaved%26page%3D2"
    form = client.get(sent).text
    going = re.search(r'name="next" value="([^"]*)"', form)
    assert going is not None
    here = going.group(1).replace("&amp;", "&")
    assert _enter(client, next=here)[:2] == (303, "/logs?status=saved&page=2")


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(
    client: TestClient, stored: Session
) -> None:
    _enter(client)
    for session in stored.scalars(select(AccountSession)):
        session.last_seen_at = now() - timedelta(minutes=61)
    stored.commit()
    page = {"referer": "http://testserver/account/edit?a=b"}
    sent = client.post("/account/edit", data={"name": "Kept"}, headers=page).headers["location"]
    assert sent == "/sign-in?next=/account/edit%3Fa%3Db&ended=yes"
    text = client.get(sent).text
    assert "You are signed out" in text
    assert "Back button" in text
    elsewhere = {"referer": "https://evil.example/account/edit"}
    sent = client.post("/account/edit", data={}, headers=elsewhere).headers["location"]
    assert sent == "/sign-in?ended=yes"


def test_signing_in_gives_a_new_token_and_ends_the_session_before(
    client: TestClient, stored: Session
) -> None:
    _enter(client)
    first = client.cookies["core_session"]
    _enter(client)
    second = client.cookies["core_session"]
    assert first != second
    assert len(stored.scalars(select(AccountSession)).all()) == 1
    client.cookies.set("core_session", first)
    assert client.get("/account").status_code == 303


def test_the_cookie_is_for_encrypted_connections_when_the_portal_is(client: TestClient) -> None:
    answer = client.post(
        "https://testserver/sign-in", data={"user_name": "pat", "password": PASSWORD}
    )
    assert "Secure" in answer.headers["set-cookie"]


def test_signing_in_and_out_and_refusals_are_recorded(client: TestClient, stored: Session) -> None:
    _enter(client, "wrong")
    _enter(client)
    client.post("/sign-out")
    assert client.get("/account").status_code == 303
    events = stored.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    wanted = ["sign_in_refused", "signed_in", "signed_out"]
    assert [event.action for event in events if event.subject_type == "session"] == wanted
    assert all(event.address == "testclient" for event in events if event.account_id)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"user_name": " ", "password": "x"}, "Enter your user name"),
        ({"user_name": "pat", "password": ""}, "Enter your password"),
        ({"user_name": "pat", "password": "x" * 5001}, "more than 5,000 characters"),
        ({"user_name": "<script>alert(1)</script>" + "ab" * 140, "password": "x"}, "is not right"),
        ({"user_name": "\u202epat\x00", "password": "x"}, "is not right"),
    ],
)
def test_bad_entries_get_a_clear_message_and_do_no_harm(
    client: TestClient, data: dict[str, str], words: str
) -> None:
    answer = client.post("/sign-in", data=data)
    assert answer.status_code == 422
    assert words in answer.text
    assert "<script>alert" not in answer.text


def test_an_invitation_sets_the_first_password_once_and_signs_in(
    client: TestClient, stored: Session, pat: Account
) -> None:
    pat.password_hash = ""
    send_invitation(stored, client.app.state.settings, pat, None)  # type: ignore[attr-defined]
    stored.commit()
    link = _link(client, "invitation")
    for _ in range(2):
        opened = client.get(link)
        assert opened.status_code == 200
        assert opened.headers["referrer-policy"] == "no-referrer"
        assert "no-store" in opened.headers["cache-control"]
        assert "is not a common password" in opened.text
    refused = client.post(link, data={"password": "Password1!"})
    assert refused.status_code == 422
    assert refused.text.count("easy to guess") == 2
    assert client.post(link, data={"password": NEW}).status_code == 303
    assert client.get("/account").status_code == 200
    assert "password of your user name pat was changed" in newest_letter(client, "password_changed")
    again = client.post(link, data={"password": "Another-odd-Word 8"})
    assert (again.status_code, client.get(link).status_code) == (410, 410)
    client.cookies.clear()
    assert _enter(client, NEW)[0] == 303


def test_an_expired_link_offers_a_new_one_and_every_token_gets_the_same_answer(
    client: TestClient, stored: Session, pat: Account
) -> None:
    _forgotten(client)
    link = _link(client, "reset")
    stored.scalars(select(OneTimeLink)).one().expires_at = now() - timedelta(seconds=1)
    stored.commit()
    pages = {
        client.get(link).text.replace(link, ""),
        client.get("/set-password/x").text.replace("/set-password/x", ""),
    }
    assert len(pages) == 1
    answers = [client.post(f"{address}/new") for address in (link, "/set-password/unknown")]
    assert answers[0].text == answers[1].text
    second = _link(client, "reset")
    assert second != link
    assert client.get(second).status_code == 200


def test_a_link_ends_other_sessions_and_the_lock(
    client: TestClient, stored: Session, pat: Account
) -> None:
    _enter(client)
    elsewhere = client.cookies["core_session"]
    client.cookies.clear()
    for _ in range(4):
        _enter(client, "wrong")
    _forgotten(client, "PAT@example.com")
    client.post(_link(client, "reset"), data={"password": NEW})
    stored.refresh(pat)
    assert (pat.failed_attempts, pat.locked_until) == (0, None)
    client.cookies.set("core_session", elsewhere)
    assert client.get("/account").status_code == 303


def test_a_forgotten_password_is_answered_the_same_for_everybody_and_limited(
    client: TestClient, stored: Session
) -> None:
    assert _forgotten(client) == _forgotten(client, "nobody")
    assert len(stored.scalars(select(Message)).all()) == 1
    assert "Enter your user name" in client.post("/forgotten-password", data={}).text
    for name in ("pat", "nobody"):
        data = {"user_name": name}
        statuses = [client.post("/forgotten-password", data=data).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
    assert _enter(client)[0] == 303


def test_a_reset_by_somebody_else_ends_the_password_at_once(
    client: TestClient, stored: Session, pat: Account
) -> None:
    _enter(client)
    boss = Account(user_name="boss", email="b@example.com", name="Bo Boss", role="administrator")
    stored.add(boss)
    stored.flush()
    send_reset(stored, client.app.state.settings, pat, boss)  # type: ignore[attr-defined]
    stored.commit()
    assert client.get("/account").status_code == 303
    assert _enter(client)[0] == 422
    letter = newest_letter(client, "reset")
    assert "Bo Boss has reset" in letter
    assert "your old password no longer works" in letter
    link = _link(client, "reset")
    assert "used this password before" in client.post(link, data={"password": PASSWORD}).text
    assert client.post(link, data={"password": NEW}).status_code == 303
    assert client.get("/account").status_code == 200


def test_links_and_sessions_of_a_deactivated_account_stop_at_once(
    client: TestClient, stored: Session, pat: Account
) -> None:
    _enter(client)
    _forgotten(client)
    link = _link(client, "reset")
    pat.active = False
    stored.commit()
    assert client.get("/account").status_code == 303
    assert client.get(link).status_code == 410
    count = len(stored.scalars(select(Message)).all())
    client.post(f"{link}/new")
    _forgotten(client)
    assert len(stored.scalars(select(Message)).all()) == count


def _with_app(stored: Session, pat: Account) -> pyotp.TOTP:
    pat.totp_secret = pyotp.random_base32()
    pat.totp_confirmed_at = now()
    stored.commit()
    return pyotp.TOTP(pat.totp_secret)


def test_with_a_second_factor_the_password_opens_nothing_but_the_code_page(
    client: TestClient, stored: Session, pat: Account
) -> None:
    totp = _with_app(stored, pat)
    assert _enter(client, next="/logs?a=b")[:2] == (303, "/sign-in/code?next=%2Flogs%3Fa%3Db")
    waiting = client.cookies["core_session"]
    for address in ("/account", "/logs", "/account/password", "/account/second-factor"):
        assert client.get(address).headers["location"].startswith("/sign-in/code?next=")
    assert client.get("/session/left").json()["left"] == 0
    data = {"code": " ", "next": "/logs?a=b"}
    assert "Enter the 6 digits" in client.post("/sign-in/code", data=data).text
    assert client.post("/sign-in/code", data={"code": "abc"}).status_code == 422
    code = totp.at(now())
    answer = client.post("/sign-in/code", data={"code": code, "next": "/logs?a=b"})
    assert answer.headers["location"] == "/logs?a=b"
    assert client.cookies["core_session"] != waiting
    assert client.get("/account").status_code == 200
    client.cookies.clear()
    _enter(client)
    assert client.post("/sign-in/code", data={"code": code}).status_code == 422


def test_four_wrong_codes_lock_and_end_the_half_finished_sign_in(
    client: TestClient, stored: Session, pat: Account
) -> None:
    _with_app(stored, pat)
    _enter(client)
    answers = [client.post("/sign-in/code", data={"code": "000000"}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [422, 422, 422, 303]
    assert answers[3].headers["location"] == "/sign-in?ended=locked"
    assert "The account is locked" in client.get("/sign-in?ended=locked").text
    assert stored.scalars(select(AccountSession)).all() == []
    assert _enter(client)[0] == 422
    newest_letter(client, "locked")


def test_a_link_does_not_get_round_the_second_factor_nor_gives_more_tries(
    client: TestClient, stored: Session, pat: Account
) -> None:
    totp = _with_app(stored, pat)
    _enter(client)
    for _ in range(4):
        client.post("/sign-in/code", data={"code": "000000"})
    _forgotten(client)
    answer = client.post(_link(client, "reset"), data={"password": NEW})
    assert answer.headers["location"].startswith("/sign-in/code")
    assert client.get("/account").headers["location"].startswith("/sign-in/code")
    code = totp.at(now())
    assert client.post("/sign-in/code", data={"code": code}).status_code == 303
    stored.refresh(pat)
    assert pat.failed_attempts == 0
    pat.failed_attempts, pat.locked_until = 4, now() + timedelta(minutes=30)
    stored.commit()
    _forgotten(client)
    client.cookies.clear()
    client.post(_link(client, "reset"), data={"password": "Another-odd-Word 8"})
    wrong = client.post("/sign-in/code", data={"code": "000000"})
    assert wrong.headers["location"] == "/sign-in?ended=locked"


def test_somebody_who_must_change_the_password_or_set_up_a_factor_keeps_the_deep_link(
    client: TestClient, stored: Session, pat: Account
) -> None:
    pat.must_change_password = True
    stored.commit()
    _enter(client)
    sent = client.get("/logs?page=2").headers["location"]
    assert sent == "/account/password?next=/logs%3Fpage%3D2"
    assert "Before you go on" in client.get(sent).text
    data = {"present": PASSWORD, "password": NEW, "next": "/logs?page=2"}
    assert client.post("/account/password", data=data).headers["location"] == "/logs?page=2"
    pat.role = "statistician"
    client.app.state.settings.second_factor_required = True  # type: ignore[attr-defined]
    stored.commit()
    assert client.get("/logs").headers["location"] == "/account/second-factor?next=/logs"
    assert "People of your role" in client.get("/account/second-factor?next=/logs").text
