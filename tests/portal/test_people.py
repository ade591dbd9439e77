"""Users as co-ordinators and administrators see, invite and change them."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.accounts import Account, ManagedProvider
from data_access.audit import history
from data_access.clock import now
from data_access.credentials import OneTimeLink
from data_access.database import session_factory
from data_access.institutions import Institution
from data_access.messages import Message
from data_access.people.listing import PAGE_LENGTH
from portal.notices import INVITE_OFFICER
from portal.people import inviting
from portal.people.particulars import read_new_person
from tests.portal.conftest import sign_in_as

NEW = {
    "name": "Noor Newcomer",
    "user_name": "noor",
    "email": "noor@example.com",
    "role": "provider",
    "contact_priority": "None",
    "telephone": "",
    "extension": "",
}


@pytest.fixture
def coordinator(demonstration: TestClient) -> TestClient:
    """Chris, the co-ordinator of institution 1."""
    sign_in_as(demonstration, "coordinator")
    return demonstration


@pytest.fixture
def admin(demonstration: TestClient) -> TestClient:
    """Ada, an administrator."""
    sign_in_as(demonstration, "admin")
    return demonstration


@pytest.fixture
def stored(demonstration: TestClient) -> Iterator[Session]:
    """The database behind the portal."""
    with session_factory(demonstration.app.state.engine)() as db:  # type: ignore[attr-defined]
        yield db


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def _named(db: Session, user_name: str) -> Account:
    db.expire_all()
    return db.scalars(select(Account).where(Account.user_name == user_name)).one()


def _all(db: Session) -> int:
    return len(list(db.scalars(select(Account.id).where(Account.deleted_at.is_(None)))))


def _without_reference(text: str) -> str:
    return re.sub(r"<strong>[0-9A-F]{8}</strong>", "", text)


def _actions(db: Session, account: Account) -> list[str]:
    return [event.action for event in history(db, ("user", account.id))]


def _form(text: str) -> dict[str, str]:
    """What a browser would send for the form of an edit page."""
    fields = dict(re.findall(r'<input[^>]*name="([\w-]+)"[^>]*value="([^"]*)"', text))
    for role in re.findall(r'name="role" value="(\w+)" checked', text):
        fields["role"] = role
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', text, re.S):
        chosen = re.findall(r'<option value="([^"]*)" selected', options)
        fields[name] = chosen[0] if chosen else ""
    return {name: unescape(value) for name, value in fields.items()}


def test_a_coordinator_sees_the_own_people_and_managed_providers_and_nobody_else(
    coordinator: TestClient,
) -> None:
    text = _plain(coordinator.get("/people").text)
    for name in ("Chris Co-ordinator", "Pat Provider", "Sky Support", "Provider 5 (made up)"):
        assert name in text
    assert "Provider 6" not in text
    assert "Coordinator 5" not in text
    assert "Ada Administrator" not in text


def test_somebody_working_here_by_a_membership_is_listed_with_the_role_here(
    demonstration: TestClient,
) -> None:
    sign_in_as(demonstration, "coordinator3")
    row = _plain(demonstration.get("/people?search=provider2").text)
    assert "1 user." in row
    assert "provider2@example.com Co-ordinator" in row
    narrowed = _plain(demonstration.get("/people?role=provider").text)
    assert "Provider 2 (made up)" not in narrowed


def test_administrators_see_everybody_a_page_at_a_time_and_by_institution(
    admin: TestClient, stored: Session
) -> None:
    total = _all(stored)
    last = -(-total // PAGE_LENGTH)
    assert f"{total} users, page 1 of {last}." in _plain(admin.get("/people").text)
    assert f"page {last} of {last}" in _plain(admin.get(f"/people?page={last}").text)
    assert f"page {last} of {last}" in _plain(admin.get("/people?page=999999").text)
    assert "page 1 of" in _plain(admin.get("/people?page=-1").text)
    # Two accounts of institution 3 and one membership.
    assert "3 users." in _plain(admin.get("/people?institution=3").text)


@pytest.mark.parametrize("name", ["provider", "statistician"])
def test_others_have_no_list_and_no_invitation(demonstration: TestClient, name: str) -> None:
    sign_in_as(demonstration, name)
    for address in ("/people", "/people/new", "/people/managed"):
        assert demonstration.get(address).status_code == 404
    assert demonstration.post("/people/new", data=NEW).status_code == 404


def test_the_list_is_searched_narrowed_and_sorted_by_its_address(
    admin: TestClient, stored: Session
) -> None:
    assert "1 user." in _plain(admin.get("/people?search=COORDINATOR17%40EXAMPLE.com").text)
    assert "1 user." in _plain(admin.get("/people?search=ada%20adm").text)
    assert "Nobody fits" in admin.get("/people?search=100%25").text
    _named(stored, "support").contact_priority = "Private Data Downloader"
    stored.commit()
    text = _plain(admin.get("/people?contact_priority=Private+Data+Downloader").text)
    assert "Sky Support" in text
    assert "Coordinator 102" not in text
    text = admin.get("/people?role=statistician").text
    assert "Sam Statistician" in text
    assert "Ada Administrator" not in text.partition("<table")[2]
    everybody = f"{_all(stored)} users"
    assert everybody in _plain(admin.get("/people?role=emperor&sort=shoe&order=up").text)
    text = admin.get("/people?sort=name&order=desc&role=coordinator").text
    assert text.index(">Coordinator 99 ") < text.index(">Coordinator 98 ")
    assert 'aria-sort="descending"' in text
    assert 'href="/people?role=coordinator&amp;sort=name"' in text
    assert "page=2" in text
    assert "role=coordinator&amp;sort=name&amp;order=desc&amp;page=2" in text


def test_states_of_accounts_are_shown_and_locked_ones_to_administrators_only(
    coordinator: TestClient, stored: Session
) -> None:
    sky, pat = _named(stored, "support"), _named(stored, "provider")
    sky.locked_until = now() + timedelta(minutes=10)
    pat.password_hash = ""
    stored.commit()
    seen = _plain(coordinator.get("/people").text)
    assert "Invited" in seen.partition("Pat Provider")[2]
    assert "Locked" not in seen
    narrowed = coordinator.get("/people?status=active").text
    assert "Sky Support" in narrowed
    assert "Pat Provider" not in narrowed
    sign_in_as(coordinator, "admin")
    assert "1 user." in _plain(coordinator.get("/people?status=locked").text)
    assert "Locked until" in coordinator.get(f"/people/{sky.id}").text


def test_an_invited_provider_is_created_told_and_managed_and_seen_in_the_list(
    coordinator: TestClient, stored: Session
) -> None:
    answer = coordinator.post(
        "/people/new", data={**NEW, "user_name": "Noor", "email": "NOOR@Example.com"}
    )
    noor = _named(stored, "noor")
    assert answer.headers["location"] == f"/people?invited={noor.id}"
    shown = _plain(coordinator.get(answer.headers["location"]).text)
    assert "Noor Newcomer is invited. We have written to noor@example.com." in shown
    assert "Invited" in shown
    assert (noor.institution_id, noor.role, noor.password_hash) == (1, "provider", "")
    mail = stored.scalars(select(Message).where(Message.account_id == noor.id)).one()
    assert mail.to_address == "noor@example.com"
    chris = _named(stored, "coordinator")
    assert stored.get(ManagedProvider, (1, chris.id, noor.id)) is not None
    assert _actions(stored, noor) == ["user_created", "user_invited", "user_managed"]
    assert f'data-id="{noor.id}"' in coordinator.get("/people/managed").text


def test_an_address_can_name_the_contact_priority_of_whom_to_invite(
    coordinator: TestClient,
) -> None:
    chosen = '<option value="Data Protection Officer" selected>'
    assert chosen in coordinator.get(INVITE_OFFICER).text
    assert chosen not in coordinator.get("/people/new?contact_priority=Boss").text


def test_a_new_coordinator_is_on_nobodys_list(coordinator: TestClient, stored: Session) -> None:
    coordinator.post("/people/new", data={**NEW, "role": "coordinator"})
    noor = _named(stored, "noor")
    assert not list(
        stored.scalars(select(ManagedProvider).where(ManagedProvider.provider_id == noor.id))
    )


def test_a_new_user_is_in_the_page_of_the_list_that_is_shown(
    admin: TestClient, stored: Session
) -> None:
    answer = admin.post("/people/new", data={**NEW, "name": "Zoë Zenith", "institution": "ORG7"})
    shown = _plain(admin.get(answer.headers["location"]).text)
    assert "page 1 of" not in shown
    assert shown.count("Zoë Zenith") == 2


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("name", "  ", "Enter the user's name"),
        ("name", "x" * 300, "The user's name must be 200 characters or fewer; it has 300"),
        ("user_name", "", "Enter a user name"),
        ("user_name", "no or", "The user name must begin with a letter or number"),
        ("user_name", "noor@example.com", "The user name must begin with a letter or number"),
        ("user_name", "x" * 300, "The user name must be 100 characters or fewer; it has 300"),
        ("email", "", "Enter an e-mail address"),
        ("email", "noor at home", "Enter an e-mail address in the correct form"),
        ("telephone", "0123", "Enter a telephone number of at least 11 digits"),
        ("extension", "12 or 13", "Enter an extension of at most 10 digits"),
        ("role", "", "Choose a role: data provider or co-ordinator"),
        ("role", "administrator", "Choose a role: data provider or co-ordinator"),
        ("contact_priority", "Everything", "Choose a contact priority from the list"),
        ("institution", "2", "You can invite people to your own institution only"),
        ("institution", "999999", "You can invite people to your own institution only"),
    ],
)
def test_nothing_is_created_unless_everything_is_right(
    coordinator: TestClient, stored: Session, field: str, text: str, message: str
) -> None:
    before = _all(stored)
    answer = coordinator.post("/people/new", data={**NEW, field: text})
    assert answer.status_code == 422
    assert unescape(answer.text).count(message) == (1 if field == "institution" else 2)
    assert _all(stored) == before
    if field in ("name", "email", "telephone") and text.strip():
        assert f'value="{text}"' in answer.text
    # What was right stays too.
    assert 'value="noor' in answer.text or field == "user_name"


def test_administrators_create_every_role_and_only_where_it_belongs(
    admin: TestClient, stored: Session
) -> None:
    wrong = [
        ({"role": "coordinator"}, "Choose the institution"),
        ({"role": "coordinator", "institution": "99999"}, "This institution is not known"),
        ({"role": "statistician", "institution": "1"}, "belongs to no institution"),
        ({"role": "provider", "institution": "1" * 40}, "This institution is not known"),
    ]
    for changes, message in wrong:
        answer = admin.post("/people/new", data={**NEW, **changes})
        assert answer.status_code == 422, changes
        assert message in answer.text
    for number, (role, institution) in enumerate(
        [("statistician", ""), ("administrator", ""), ("coordinator", "4"), ("provider", "4")]
    ):
        made = {"user_name": f"new{number}", "email": f"new{number}@example.com", "role": role}
        answer = admin.post("/people/new", data={**NEW, **made, "institution": institution})
        assert answer.status_code == 303
        assert _named(stored, f"new{number}").role == role


def test_taken_names_and_addresses_are_refused_in_any_letter_case(
    coordinator: TestClient,
) -> None:
    taken = coordinator.post("/people/new", data={**NEW, "user_name": "SUPPORT"})
    assert taken.text.count("Somebody has this user name already. Choose another") == 2
    near = coordinator.post("/people/new", data={**NEW, "email": "Support@Example.COM"})
    assert near.text.count("Sky Support has this e-mail address already") == 2
    far = coordinator.post("/people/new", data={**NEW, "email": "provider7@example.com"})
    assert far.status_code == 422
    assert "Somebody of another institution has this e-mail address already" in far.text
    assert "Provider 7" not in far.text
    assert "give them a membership of your institution" in far.text
    sign_in_as(coordinator, "admin")
    known = coordinator.post("/people/new", data={**NEW, "email": "provider7@example.com"})
    assert "Provider 7 (made up) has this e-mail address already" in known.text


def test_of_two_identical_posts_at_once_one_creates_and_one_is_told(
    coordinator: TestClient, stored: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other post commits between this one's check and its writing."""

    def read_then_lose(db: Session, by: Any, typed: Any) -> Any:
        found = read_new_person(db, by, typed)
        if not found[1]:
            db.rollback()
            stored.add(Account(**found[0]))
            stored.commit()
        return found

    monkeypatch.setattr(inviting, "read_new_person", read_then_lose)
    before = _all(stored)
    answer = coordinator.post("/people/new", data=NEW)
    assert answer.status_code == 422
    assert "Somebody has this user name already" in answer.text
    assert "Noor Newcomer has this e-mail address already" in answer.text
    assert _all(stored) == before + 1


def test_a_hostile_name_is_text_and_marks_that_turn_writing_are_taken_out(
    coordinator: TestClient, stored: Session
) -> None:
    name = "<script>alert(1)</script> \u202eevil\u202c {email}"
    answer = coordinator.post("/people/new", data={**NEW, "name": name})
    noor = _named(stored, "noor")
    assert noor.name == "<script>alert(1)</script> evil {email}"
    for address in (
        answer.headers["location"],
        "/people/managed",
        *(f"/people/{noor.id}{part}" for part in ("", "/history", "/edit", "/delete", "/invite")),
    ):
        text = coordinator.get(address).text
        assert "<script>alert" not in text, address
        assert "&lt;script&gt;alert(1)" in text, address
        assert "{email}" in text, address


def test_ids_out_of_reach_are_answered_as_ids_that_do_not_exist(
    coordinator: TestClient, stored: Session
) -> None:
    other, nobody = _named(stored, "provider9").id, 2_000_000
    ada = _named(stored, "admin").id
    for part in (
        *("", "/history", "/edit", "/deactivate", "/activate", "/reset", "/invite", "/delete"),
        *("/unlock", "/forget-second-factor", "/memberships/new", "/memberships/1/end"),
    ):
        answers = [coordinator.get(f"/people/{n}{part}") for n in (other, ada, nobody, 10**12)]
        assert {answer.status_code for answer in answers} == {404}, part
        assert len({_without_reference(answer.text) for answer in answers}) == 1, part
        if part not in ("", "/history"):
            posts = [
                coordinator.post(f"/people/{n}{part}", data={"name": "x"}) for n in (other, nobody)
            ]
            assert {answer.status_code for answer in posts} == {404}, part
            assert len({_without_reference(answer.text) for answer in posts}) == 1, part
    assert coordinator.get("/people/1/nothing").status_code == 404


def test_nobody_deactivates_deletes_or_promotes_themselves(
    coordinator: TestClient, stored: Session
) -> None:
    for name in ("coordinator", "admin"):
        sign_in_as(coordinator, name)
        own = _named(stored, name)
        for part, words in (
            ("deactivate", "You cannot deactivate your own account."),
            ("delete", "You cannot delete your own account."),
        ):
            for answer in (
                coordinator.get(f"/people/{own.id}/{part}"),
                coordinator.post(f"/people/{own.id}/{part}"),
            ):
                assert answer.status_code == 403
                assert words in answer.text
        posted = {"name": "Me", "contact_priority": "None", "role": "administrator"}
        answer = coordinator.post(f"/people/{own.id}/edit", data=posted)
        assert answer.headers["location"].startswith("/account")
        now_stored = _named(stored, name)
        assert (now_stored.role, now_stored.active, now_stored.version) == (
            own.role,
            True,
            own.version,
        )


def test_details_are_changed_and_both_addresses_are_told(
    coordinator: TestClient, stored: Session
) -> None:
    sky = _named(stored, "support")
    stored.add(
        OneTimeLink(
            token_hash="x" * 64,
            account_id=sky.id,
            purpose="reset",
            created_at=now(),
            expires_at=now() + timedelta(hours=1),
        )
    )
    stored.commit()
    form = _form(coordinator.get(f"/people/{sky.id}/edit").text)
    assert form["email"] == "support@example.com"
    changed = {
        **form,
        "name": "Sky Newname",
        "email": "sky@example.com",
        "telephone": "01632 960 777",
        "role": "coordinator",
        "contact_priority": "Senior stakeholder",
    }
    answer = coordinator.post(f"/people/{sky.id}/edit", data=changed)
    assert answer.headers["location"] == f"/people/{sky.id}?done=saved"
    assert "The changes are saved." in coordinator.get(answer.headers["location"]).text
    sky = _named(stored, "support")
    assert (sky.name, sky.email, sky.role) == ("Sky Newname", "sky@example.com", "coordinator")
    told = stored.scalars(select(Message.to_address).where(Message.kind == "user_changed"))
    assert sorted(told) == ["sky@example.com", "support@example.com"]
    assert stored.get_one(OneTimeLink, "x" * 64).used_at is not None
    # A co-ordinator is on no list of managed providers.
    managed = select(ManagedProvider).where(ManagedProvider.provider_id == sky.id)
    assert list(stored.scalars(managed)) == []
    text = _plain(coordinator.get(f"/people/{sky.id}/history").text)
    assert "E-mail address: sky@example.com , before: support@example.com" in text
    assert "Role: co-ordinator , before: data provider" in text


def test_a_wrong_address_of_an_invitation_is_put_right_by_a_new_one(
    coordinator: TestClient, stored: Session
) -> None:
    coordinator.post("/people/new", data=NEW)
    noor = _named(stored, "noor")
    form = _form(coordinator.get(f"/people/{noor.id}/edit").text)
    coordinator.post(f"/people/{noor.id}/edit", data={**form, "email": "right@example.com"})
    mails = stored.scalars(
        select(Message.to_address).where(Message.account_id == noor.id).order_by(Message.id)
    )
    assert list(mails) == ["noor@example.com", "right@example.com"]
    working = stored.scalars(
        select(OneTimeLink).where(OneTimeLink.account_id == noor.id, OneTimeLink.used_at.is_(None))
    )
    assert len(list(working)) == 1


def test_two_coordinators_changing_one_user_see_both_values_and_lose_nothing(
    coordinator: TestClient, stored: Session
) -> None:
    sky = _named(stored, "support")
    here = f"/people/{sky.id}/edit"
    mine = _form(coordinator.get(here).text)
    theirs = {**mine, "name": "Sky Theirs", "telephone": "01632 960 111"}
    assert coordinator.post(here, data=theirs).status_code == 303
    answer = coordinator.post(here, data={**mine, "name": "Sky Mine", "extension": "42"})
    assert answer.status_code == 409
    text = _plain(answer.text)
    assert "Name saved now: Sky Theirs yours: Sky Mine" in text
    assert "Extension saved now: nothing yours: 42" in text
    assert _named(stored, "support").name == "Sky Theirs"
    again = _form(answer.text)
    # What only the other person changed is kept in the form.
    assert again["telephone"] == "01632 960 111"
    assert coordinator.post(here, data=again).status_code == 303
    sky = _named(stored, "support")
    assert (sky.name, sky.telephone, sky.extension) == ("Sky Mine", "01632 960 111", "42")


def test_a_coordinator_gives_no_role_or_institution_beyond_the_own(
    coordinator: TestClient, stored: Session
) -> None:
    sky = _named(stored, "support")
    form = _form(coordinator.get(f"/people/{sky.id}/edit").text)
    for role in ("administrator", "statistician", ""):
        answer = coordinator.post(f"/people/{sky.id}/edit", data={**form, "role": role})
        assert answer.status_code == 422
        assert "Choose a role: data provider or co-ordinator" in answer.text
    coordinator.post(
        f"/people/{sky.id}/edit",
        data={**form, "institution": "2", "institution_id": "2", "active": "", "extension": "1"},
    )
    sky = _named(stored, "support")
    assert (sky.institution_id, sky.role, sky.active) == (1, "provider", True)
    assert sky.extension == "1"


def test_the_parents_coordinator_looks_after_a_managed_provider_but_not_the_address_or_role(
    coordinator: TestClient, stored: Session
) -> None:
    other = _named(stored, "provider5")
    text = coordinator.get(f"/people/{other.id}/edit").text
    assert 'name="email"' not in text
    assert 'name="role"' not in text
    posted = {
        **_form(text),
        "telephone": "01632 960 555",
        "email": "taken-over@example.com",
        "user_name": "mine",
        "role": "coordinator",
    }
    assert coordinator.post(f"/people/{other.id}/edit", data=posted).status_code == 303
    other = _named(stored, "provider5")
    assert (other.email, other.role) == ("provider5@example.com", "provider")
    assert other.telephone == "01632 960 555"
    for part in ("deactivate", "delete"):
        assert coordinator.post(f"/people/{other.id}/{part}").status_code == 403
    assert coordinator.post(f"/people/{other.id}/reset").status_code == 303
    mail = stored.scalars(select(Message).where(Message.kind == "reset")).one()
    assert mail.to_address == "provider5@example.com"


def test_the_institution_of_a_membership_does_not_look_after_the_account(
    demonstration: TestClient, stored: Session
) -> None:
    sign_in_as(demonstration, "coordinator3")
    member = _named(stored, "provider2")
    page = demonstration.get(f"/people/{member.id}")
    assert page.status_code == 200
    assert "Change the details" not in page.text
    for part in ("edit", "reset", "deactivate", "delete", "invite"):
        assert demonstration.get(f"/people/{member.id}/{part}").status_code == 403
        answer = demonstration.post(f"/people/{member.id}/{part}", data={"name": "x"})
        assert answer.status_code == 403
    assert _named(stored, "provider2").name == member.name


def test_a_reset_that_is_not_followed_yet_is_shown_and_its_link_sent_again(
    coordinator: TestClient, stored: Session
) -> None:
    provider = _named(stored, "provider")
    here = f"/people/{provider.id}"
    assert "Password reset on" not in coordinator.get(here).text
    assert f'href="{here}/reset-again"' not in coordinator.get(here).text
    assert coordinator.get(f"{here}/reset-again").headers["location"] == (
        f"{here}?done=not-reset-again"
    )
    coordinator.post(f"{here}/reset")
    text = _plain(coordinator.get(here).text)
    assert re.search(r"Password reset on .+; the link works until .+, not used yet\.", text)
    assert "Send the link again" in text and "Reset the password" not in text

    assert "Send Pat Provider the link again?" in coordinator.get(f"{here}/reset-again").text
    answer = coordinator.post(f"{here}/reset-again")
    assert "A new link to choose a password is on its way" in (
        coordinator.get(answer.headers["location"]).text
    )
    links = list(stored.scalars(select(OneTimeLink).where(OneTimeLink.account_id == provider.id)))
    assert [link.purpose for link in links] == ["reset", "reset"]
    assert sum(link.used_at is None for link in links) == 1, "the earlier link works no more"

    for link in links:
        link.expires_at = now() - timedelta(minutes=1)
    stored.commit()
    text = _plain(coordinator.get(here).text)
    assert "no new one was chosen, and the link no longer works" in text
    provider = _named(stored, "provider")
    provider.password_hash, provider.must_change_password = "chosen", False
    stored.commit()
    text = _plain(coordinator.get(here).text)
    assert "Password reset on" not in text and "Reset the password" in text


def test_a_user_is_headed_with_the_institution_that_the_role_is_at(
    demonstration: TestClient, stored: Session
) -> None:
    member = _named(stored, "provider2")
    second, third = (stored.get_one(Institution, number).name for number in (2, 3))
    here = f"/people/{member.id}"

    def shown() -> str:
        return _plain(demonstration.get(here).text.split("<main", 1)[1])

    sign_in_as(demonstration, "provider2")
    text = shown()
    assert second in text and third not in text
    assert "Role Data provider" in text and "Own institution" not in text

    demonstration.post("/account/institutions", data={"institution": "3"})
    text = shown()
    assert f"{third} Provider 2 (made up)" in text
    assert "Role Co-ordinator" in text
    assert f"Own institution {second}, as data provider" in text

    sign_in_as(demonstration, "coordinator3")
    text = shown()
    assert f"{third} Provider 2 (made up)" in text and "Role Co-ordinator" in text
    assert f"Own institution {second} Contact priority" in text
    sign_in_as(demonstration, "admin")
    text = shown()
    assert f"{second} Provider 2 (made up)" in text and "Role Data provider" in text


def test_private_pages_are_not_kept(coordinator: TestClient) -> None:
    for address in ("/people", "/people/new", "/people/managed"):
        assert coordinator.get(address).headers["cache-control"] == "private, no-store"


def test_a_data_provider_does_not_become_an_officer_by_the_own_will(
    demonstration: TestClient,
) -> None:
    officer = {"contact_priority": "Data Protection Officer"}
    sign_in_as(demonstration, "provider")
    page = demonstration.get("/account/edit").text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    typed = {"version": version[1], "name": "Pat Provider", "email": "provider@example.com"}
    answer = demonstration.post("/account/edit", data=typed | officer)
    assert answer.status_code == 422
    assert "Only a co-ordinator of the institution" in answer.text
    assert demonstration.get("/institutions/1/agreement/sign").status_code in (403, 404)
    sign_in_as(demonstration, "coordinator")
    page = demonstration.get("/account/edit").text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    typed = {
        "version": version[1],
        "name": "Chris Co-ordinator",
        "email": "coordinator@example.com",
    }
    assert demonstration.post("/account/edit", data=typed | officer).status_code == 303
