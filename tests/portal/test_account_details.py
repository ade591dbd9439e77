"""Your details: seen, changed, a new e-mail address confirmed, sessions, institutions."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.account_sessions import AccountSession
from data_access.accounts import Account, Membership
from data_access.audit import AuditEvent
from data_access.clock import now
from data_access.credentials import OneTimeLink
from data_access.institutions import Institution
from data_access.messages import Message
from portal.accounts.browsers import browser_in_words
from tests.portal.conftest import PASSWORD
from tests.support.letter_box import newest_letter

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0"
DETAILS = {
    "name": "Pat Example",
    "email": "pat@example.com",
    "telephone": "",
    "extension": "",
    "contact_priority": "None",
}


@pytest.fixture
def stored(client: TestClient) -> Iterator[Session]:
    with client.app.state.session_factory() as db:  # type: ignore[attr-defined]
        yield db


@pytest.fixture
def pat(client: TestClient, stored: Session) -> Account:
    """Signed in."""
    answer = client.post("/sign-in", data={"user_name": "pat", "password": PASSWORD})
    assert answer.status_code == 303
    return stored.scalars(select(Account)).one()


def _save(client: TestClient, version: int = 1, **changed: str) -> tuple[int, str, str]:
    was = {f"was-{name}": value for name, value in DETAILS.items()}
    data = {**was, **DETAILS, **changed, "version": str(version)}
    answer = client.post("/account/edit", data=data)
    return answer.status_code, answer.headers.get("location", ""), answer.text


def test_details_are_shown_with_the_ways_to_change_them(client: TestClient, pat: Account) -> None:
    answer = client.get("/account")
    assert "no-store" in answer.headers["cache-control"]
    for words in ("Pat Example", "pat@example.com", "Data provider", "not set up"):
        assert words in answer.text
    for address in ("/account/edit", "/account/password", "/account/second-factor"):
        assert f'href="{address}' in answer.text
    assert client.get(f"/people/{pat.id}/history").status_code == 200


def test_details_are_saved_and_recorded_with_before_and_after(
    client: TestClient, stored: Session, pat: Account
) -> None:
    found = _save(client, telephone="01632 960 001", contact_priority="Senior stakeholder")
    assert found[:2] == (303, "/account?done=saved")
    assert "Your details are saved" in client.get("/account?done=saved").text
    stored.refresh(pat)
    assert (pat.telephone, pat.contact_priority) == ("01632 960 001", "Senior stakeholder")
    event = stored.scalars(select(AuditEvent).where(AuditEvent.action == "user_changed")).one()
    assert event.detail["changes"]["telephone"] == ["", "01632 960 001"]
    assert _save(client, 2, telephone="01632 960 001", contact_priority="Senior stakeholder")[
        1
    ] == ("/account?done=same")


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("name", " ", "Enter your name"),
        ("name", "x" * 300, "200 characters or fewer"),
        ("email", "pat", "in the correct form"),
        ("telephone", "01632", "at least 11 digits"),
        ("extension", "12a", "at most 10 digits"),
        ("contact_priority", "Chief", "Choose a contact priority"),
    ],
)
def test_what_is_wrong_is_said_twice_and_what_was_typed_stays(
    client: TestClient, stored: Session, pat: Account, field: str, typed: str, words: str
) -> None:
    status, _, text = _save(client, **{field: typed})
    assert status == 422
    assert text.count(words) == 2
    assert f'href="#{field}"' in text
    assert field == "contact_priority" or f'value="{typed}"' in text
    stored.refresh(pat)
    assert pat.version == 1


def test_a_hostile_name_is_kept_as_harmless_text(
    client: TestClient, stored: Session, pat: Account
) -> None:
    _save(client, name="<script>alert(1)</script>\u202e Pat")
    stored.refresh(pat)
    assert pat.name == "<script>alert(1)</script> Pat"
    assert "<script>alert" not in client.get("/account").text


def test_nobody_gives_themselves_a_role_an_institution_or_another_user_name(
    client: TestClient, stored: Session, pat: Account
) -> None:
    _save(client, role="administrator", user_name="boss", institution_id="7", active="")
    stored.refresh(pat)
    assert (pat.role, pat.user_name, pat.institution_id) == ("provider", "pat", None)


def test_what_somebody_else_saved_meanwhile_is_shown_beside_the_own(
    client: TestClient, stored: Session, pat: Account
) -> None:
    pat.telephone, pat.name, pat.version = "01632 960 555", "Patricia Example", 2
    stored.commit()
    status, _, text = _save(client, telephone="01632 960 001")
    assert status == 409
    assert "01632 960 555" in text
    assert 'value="01632 960 001"' in text
    # The name, which only the other changed, is taken over.
    assert 'value="Patricia Example"' in text
    assert 'name="version" value="2"' in text


def test_a_new_address_counts_once_its_link_was_used_and_the_old_one_is_told(
    client: TestClient, stored: Session, pat: Account
) -> None:
    assert _save(client, email="New@Example.com")[1] == "/account?done=asked"
    assert "new@example.com</strong> waits to be confirmed" in client.get("/account").text
    assert "are to go to new@example.com" in newest_letter(client, "email_asked", "pat@example.com")
    found = re.search(r"(/confirm-email/\S+)", newest_letter(client, "new_email"))
    assert found is not None
    link = found.group(1)
    opened = client.get(link)
    assert opened.headers["referrer-policy"] == "no-referrer"
    assert "new@example.com" in opened.text
    stored.refresh(pat)
    assert pat.email == "pat@example.com"
    client.cookies.clear()
    assert "Your e-mail address is changed" in client.post(link).text
    stored.refresh(pat)
    assert (pat.email, pat.version) == ("new@example.com", 2)
    for address in ("pat@example.com", "new@example.com"):
        assert "now go to new@example.com" in newest_letter(client, "email_changed", address)
    assert client.post(link).status_code == 410
    assert client.get(link).status_code == 410


def test_an_address_that_somebody_has_gets_the_same_answer_and_a_letter_to_its_owner(
    client: TestClient, stored: Session, pat: Account
) -> None:
    stored.add(Account(user_name="sky", email="sky@example.com", name="Sky", role="provider"))
    stored.commit()
    assert _save(client, email="SKY@example.com")[1] == "/account?done=asked"
    assert "sky@example.com</strong> waits to be confirmed" in client.get("/account").text
    assert "belongs to your user name sky already" in newest_letter(client, "email_taken")
    kinds = set(stored.scalars(select(Message.kind)))
    assert kinds == {"email_taken", "email_asked"}


def test_an_address_taken_before_it_was_confirmed_is_not_taken_twice(
    client: TestClient, stored: Session, pat: Account
) -> None:
    _save(client, email="new@example.com")
    found = re.search(r"(/confirm-email/\S+)", newest_letter(client, "new_email"))
    assert found is not None
    stored.add(Account(user_name="sky", email="new@example.com", name="Sky", role="provider"))
    stored.commit()
    assert client.post(found.group(1)).status_code == 410
    stored.refresh(pat)
    assert pat.email == "pat@example.com"


def test_a_new_address_can_be_taken_back(client: TestClient, stored: Session, pat: Account) -> None:
    _save(client, email="new@example.com")
    assert client.post("/account/email/cancel").status_code == 303
    assert "waits to be confirmed" not in client.get("/account").text
    assert stored.scalars(select(OneTimeLink)).one().used_at is not None


def test_five_new_addresses_an_hour_are_enough(client: TestClient, pat: Account) -> None:
    statuses = [_save(client, email=f"n{number}@example.com")[0] for number in range(6)]
    assert statuses == [303] * 5 + [429]


def test_the_password_is_changed_with_the_present_one_and_other_sessions_end(
    client: TestClient, stored: Session, pat: Account
) -> None:
    elsewhere = client.cookies["core_session"]
    client.cookies.clear()
    client.post("/sign-in", data={"user_name": "pat", "password": PASSWORD})
    here = client.cookies["core_session"]
    form = client.get("/account/password").text
    assert form.index("has at least 9 characters") < form.index('id="password"')
    new = "Three-odd-Words 7"
    for present, chosen, words in (
        ("", new, "Enter your present password"),
        ("wrong", new, "This is not your present password"),
        (PASSWORD, PASSWORD, "used this password before"),
        (PASSWORD, "short", "at least 9 characters"),
    ):
        answer = client.post("/account/password", data={"present": present, "password": chosen})
        assert answer.status_code == 422
        assert words in answer.text
    answer = client.post("/account/password", data={"present": PASSWORD, "password": new})
    assert answer.headers["location"] == "/account?done=password"
    assert "Your password is changed" in client.get("/account?done=password").text
    newest_letter(client, "password_changed")
    assert client.cookies["core_session"] == here
    client.cookies.set("core_session", elsewhere)
    assert client.get("/account").status_code == 303
    assert "password_changed" in stored.scalars(select(AuditEvent.action)).all()


def test_five_wrong_present_passwords_are_enough(client: TestClient, pat: Account) -> None:
    data = {"present": "wrong", "password": "Three-odd-Words 7"}
    statuses = [client.post("/account/password", data=data).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_whether_a_password_is_common_is_answered_while_it_is_typed(
    client: TestClient, pat: Account
) -> None:
    for password, common in (("Password1!", True), ("Example-2026", True), ("Odd-Words-7", False)):
        answer = client.post("/password-check", data={"password": password})
        assert answer.json() == {"common": common}


def test_sessions_are_listed_and_ended(client: TestClient, stored: Session, pat: Account) -> None:
    elsewhere = client.cookies["core_session"]
    client.cookies.clear()
    data = {"user_name": "pat", "password": PASSWORD}
    client.post("/sign-in", data=data, headers={"user-agent": FIREFOX})
    here = client.cookies["core_session"]
    text = client.get("/account/sessions").text
    assert "Firefox on Windows" in text
    assert text.count("This browser") == 1
    handles = re.findall(r"/account/sessions/(\w+)/end", text)
    assert len(handles) == 1
    assert client.post(f"/account/sessions/{handles[0]}/end").status_code == 303
    assert client.post(f"/account/sessions/{handles[0]}/end").status_code == 404
    client.cookies.set("core_session", elsewhere)
    assert client.get("/account").status_code == 303
    client.cookies.clear()
    client.post("/sign-in", data=data)
    assert client.post("/account/sessions/end-others").status_code == 303
    assert "You are signed in nowhere else" in client.get("/account/sessions").text
    client.cookies.clear()
    client.cookies.set("core_session", here)
    assert client.get("/account").status_code == 303


def test_somebody_elses_session_cannot_be_ended(
    client: TestClient, stored: Session, pat: Account
) -> None:
    stored.add(
        Account(
            user_name="sky",
            email="sky@example.com",
            name="Sky",
            role="provider",
            password_hash=pat.password_hash,
        )
    )
    stored.commit()
    handle = stored.scalars(select(AccountSession.handle)).one()
    client.cookies.clear()
    client.post("/sign-in", data={"user_name": "sky", "password": PASSWORD})
    assert client.post(f"/account/sessions/{handle}/end").status_code == 404
    assert len(stored.scalars(select(AccountSession)).all()) == 2


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Safari/604.1", "Safari on iPhone"),
        ("curl/8.0 <script>", "An unknown browser"),
    ],
)
def test_browsers_are_named_as_people_know_them(agent: str, words: str) -> None:
    assert browser_in_words(agent) == words


def test_asking_for_the_time_left_puts_nothing_off_and_keeping_does(
    client: TestClient, stored: Session, pat: Account
) -> None:
    session = stored.scalars(select(AccountSession)).one()
    session.last_seen_at = now() - timedelta(minutes=58)
    stored.commit()
    left = client.get("/session/left")
    assert "no-store" in left.headers["cache-control"]
    assert 100 < left.json()["left"] <= 120
    assert client.get("/session/left").json()["left"] <= left.json()["left"]
    assert client.post("/session/keep").json()["left"] > 3590
    client.cookies.clear()
    assert client.get("/session/left").json() == {"left": 0, "renewable": False}


def test_somebody_of_several_institutions_chooses_whom_to_act_for(
    client: TestClient, stored: Session, pat: Account
) -> None:
    assert "You work for no particular institution" in client.get("/account/institutions").text
    for number, name in ((1, "First Homes"), (2, "Second <b>Homes</b>"), (3, "Third Homes")):
        stored.add(
            Institution(
                id=number,
                code=f"ORG{number}",
                name=name,
                provider_type="PRP",
                registration_number=f"R{number}",
                data_sharing_signed=True,
            )
        )
    stored.flush()
    pat.institution_id = 1
    stored.add(Membership(account_id=pat.id, institution_id=2, role="coordinator"))
    stored.commit()
    text = client.get("/account/institutions").text
    assert "First Homes" in text and "Third Homes" not in text
    assert "as co-ordinator" in text
    assert client.post("/account/institutions", data={"institution": "3"}).status_code == 404
    assert client.post("/account/institutions", data={}).status_code == 404
    answer = client.post("/account/institutions", data={"institution": "2"})
    text = client.get(answer.headers["location"]).text
    assert "You are now acting for Second &lt;b&gt;Homes&lt;/b&gt;" in text
    assert "You are acting for <strong>Second" in client.get("/account").text
    assert "Co-ordinator" in client.get("/account").text
    event = stored.scalars(
        select(AuditEvent).where(AuditEvent.action == "institution_chosen")
    ).one()
    assert event.detail == {"changes": {"institution_id": [1, 2]}}
    # It is chosen for this browser, and forgotten when the membership ends.
    stored.scalars(select(Membership)).one().active = False
    stored.commit()
    assert "Data provider" in client.get("/account").text
