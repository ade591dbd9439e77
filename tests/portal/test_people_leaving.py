"""Users deactivated with their logs handed over, activated, reset, invited again and deleted."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from data_access.accounts import Account, ManagedProvider, Membership, hash_password
from data_access.agreements import AgreementSignature, text_in_force
from data_access.audit import AuditEvent, history
from data_access.clock import now
from data_access.credentials import OneTimeLink
from data_access.database import session_factory
from data_access.institutions import Institution
from data_access.logs import Log
from data_access.messages import Message
from portal.demonstration.people import PASSWORD
from tests.portal.conftest import sign_in_as


@pytest.fixture
def coordinator(demonstration: TestClient) -> TestClient:
    """Chris, the co-ordinator of institution 1."""
    sign_in_as(demonstration, "coordinator")
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


def _give(db: Session, account: Account, **logs: int) -> list[Log]:
    """Made logs of the account, so many of each status, and none beside them."""
    db.execute(
        update(Log)
        .where((Log.assigned_to_id == account.id) | (Log.created_by_id == account.id))
        .values(assigned_to_id=None, created_by_id=None)
    )
    made = [
        Log(
            collection="lettings",
            collection_year=2026,
            status=status,
            owning_institution_id=1,
            managing_institution_id=1,
            assigned_to_id=account.id,
            created_by_id=account.id,
            answers={"assigned_to_id": account.id, "owning_organisation_id": 1},
        )
        for status, count in logs.items()
        for _ in range(count)
    ]
    db.add_all(made)
    db.commit()
    return made


def _actions(db: Session, account_id: int) -> list[str]:
    return [event.action for event in history(db, ("user", account_id))]


def test_a_leaver_is_shut_out_at_once_and_open_logs_go_to_somebody_in_the_same_step(
    coordinator: TestClient, stored: Session
) -> None:
    sky, pat = _named(stored, "support"), _named(stored, "provider")
    logs = _give(stored, sky, saved=2, invalid=1, valid=1, dropped=1)
    started = logs[0]
    started.assigned_to_id = None
    started.answers = {"owning_organisation_id": 1}
    # Somebody else has this one already: it stays with them.
    passed_on = Log(
        collection="lettings",
        collection_year=2026,
        status="saved",
        owning_institution_id=1,
        managing_institution_id=1,
        assigned_to_id=pat.id,
        created_by_id=sky.id,
        answers={"assigned_to_id": pat.id},
    )
    stored.add(passed_on)
    stored.commit()
    sign_in_as(coordinator, "support")
    assert coordinator.get("/logs").status_code == 200
    kept = dict(coordinator.cookies)
    sign_in_as(coordinator, "coordinator")
    here = f"/people/{sky.id}/deactivate"
    assert f'href="{here}"' in coordinator.get(f"/people/{sky.id}").text
    page = _plain(coordinator.get(here).text)
    assert "Sky Support has 2 saved logs and 1 invalid log." in page
    unanswered = coordinator.post(here)
    assert unanswered.status_code == 422
    assert unanswered.text.count("Choose who takes the logs over, or that they stay") == 2
    gone = coordinator.post(here, data={"taker": str(_named(stored, "provider9").id)})
    assert gone.status_code == 422
    assert _named(stored, "support").active
    answer = coordinator.post(here, data={"taker": str(pat.id)})
    assert answer.status_code == 303
    text = _plain(coordinator.get(answer.headers["location"]).text)
    assert "Sky Support is deactivated and signed out everywhere. 3 logs were given to Pat" in text
    stored.expire_all()
    for log in logs:
        given = log.status in ("saved", "invalid")
        assert log.assigned_to_id == (pat.id if given else sky.id)
        assert log.answers["assigned_to_id"] == log.assigned_to_id
        assert log.version == (2 if given else 1)
        assert [event.action for event in history(stored, ("log", log.id))] == (
            ["log_assigned"] if given else []
        )
    assert passed_on.version == 1
    coordinator.cookies.clear()
    coordinator.cookies.update(kept)
    assert coordinator.get("/logs").headers["location"].startswith("/sign-in")
    refused = coordinator.post("/sign-in", data={"user_name": "support", "password": PASSWORD})
    assert refused.status_code == 422
    event = stored.scalars(select(AuditEvent).where(AuditEvent.action == "user_deactivated")).one()
    assert event.detail["changes"] == {"active": [True, False]}
    assert event.detail["logs_given"] == 3


def test_logs_can_be_left_and_somebody_without_open_logs_needs_no_choice(
    coordinator: TestClient, stored: Session
) -> None:
    sky, pat = _named(stored, "support"), _named(stored, "provider")
    (log,) = _give(stored, sky, saved=1)
    assert (
        coordinator.post(f"/people/{sky.id}/deactivate", data={"taker": "leave"})
        .headers["location"]
        .endswith("done=deactivate")
    )
    stored.refresh(log)
    assert (log.assigned_to_id, log.version) == (sky.id, 1)
    _give(stored, pat, valid=1)
    assert "Logs not finished" not in coordinator.get(f"/people/{pat.id}/deactivate").text
    assert coordinator.post(f"/people/{pat.id}/deactivate").status_code == 303
    assert not _named(stored, "provider").active


def test_logs_of_another_institution_are_not_given_away(
    demonstration: TestClient, stored: Session
) -> None:
    member = _named(stored, "provider2")
    here, there = _give(stored, member, saved=2)
    for log, place in ((here, 2), (there, 3)):
        log.owning_institution_id = log.managing_institution_id = place
    stored.commit()
    sign_in_as(demonstration, "coordinator2")
    page = _plain(demonstration.get(f"/people/{member.id}/deactivate").text)
    assert "has 1 saved log." in page
    assert "also works for another institution" in page
    taker = _named(stored, "coordinator2").id
    demonstration.post(f"/people/{member.id}/deactivate", data={"taker": str(taker)})
    stored.expire_all()
    assert (here.assigned_to_id, there.assigned_to_id) == (taker, member.id)


def test_deactivating_twice_changes_nothing_more(coordinator: TestClient, stored: Session) -> None:
    sky = _named(stored, "support")
    _give(stored, sky)
    here = f"/people/{sky.id}/deactivate"
    coordinator.post(here)
    again = coordinator.post(here)
    assert again.headers["location"].endswith("done=not-deactivate")
    assert "is deactivated already" in coordinator.get(again.headers["location"]).text
    assert coordinator.get(here).status_code == 303
    assert _actions(stored, sky.id) == ["user_deactivated"]


def test_who_is_activated_again_chooses_a_new_password(
    coordinator: TestClient, stored: Session
) -> None:
    sky = _named(stored, "support")
    _give(stored, sky)
    coordinator.post(f"/people/{sky.id}/deactivate")
    assert "done=not-reset" in coordinator.post(f"/people/{sky.id}/reset").headers["location"]
    assert "Activate Sky Support?" in coordinator.get(f"/people/{sky.id}/activate").text
    answer = coordinator.post(f"/people/{sky.id}/activate")
    text = coordinator.get(answer.headers["location"]).text
    assert "An invitation is on its way to support@example.com." in text
    assert "Invited" in text
    refused = coordinator.post("/sign-in", data={"user_name": "support", "password": PASSWORD})
    assert refused.status_code == 422
    mail = stored.scalars(select(Message).where(Message.account_id == sky.id)).one()
    assert mail.kind == "invitation"
    assert _actions(stored, sky.id) == ["user_deactivated", "user_activated", "user_invited"]


def test_nobody_of_an_inactive_institution_is_activated(
    demonstration: TestClient, stored: Session
) -> None:
    sign_in_as(demonstration, "admin")
    account = _named(stored, "provider9")
    account.active = False
    stored.get_one(Institution, 9).active = False
    stored.commit()
    assert "is not active, so its users" in demonstration.get(f"/people/{account.id}/activate").text
    assert demonstration.post(f"/people/{account.id}/activate").status_code == 409
    assert not _named(stored, "provider9").active


def test_a_pending_invitation_is_sent_again_and_the_earlier_link_stops(
    coordinator: TestClient, stored: Session
) -> None:
    data = {
        "name": "Noor Newcomer",
        "user_name": "noor",
        "email": "noor@example.com",
        "role": "provider",
        "contact_priority": "None",
    }
    coordinator.post("/people/new", data=data)
    noor = _named(stored, "noor")
    (link,) = stored.scalars(select(OneTimeLink).where(OneTimeLink.account_id == noor.id))
    link.expires_at = now()
    stored.commit()
    text = coordinator.get(f"/people/{noor.id}").text
    assert "Its link no longer works. Invite again to send a new one." in text
    assert f'href="/people/{noor.id}/invite"' in text
    assert f'href="/people/{noor.id}/reset"' not in text
    assert "Invite Noor Newcomer again?" in coordinator.get(f"/people/{noor.id}/invite").text
    coordinator.post(f"/people/{noor.id}/invite")
    assert "Its link works until" in coordinator.get(f"/people/{noor.id}").text
    links = list(stored.scalars(select(OneTimeLink).where(OneTimeLink.account_id == noor.id)))
    stored.expire_all()
    assert sorted(one.used_at is None for one in links) == [False, True]
    # Once there is a password there is nothing to invite to.
    noor.password_hash = hash_password("Correct-horse-9")
    stored.commit()
    assert "done=not-invite" in coordinator.post(f"/people/{noor.id}/invite").headers["location"]


def test_a_reset_signs_out_and_sends_a_link(coordinator: TestClient, stored: Session) -> None:
    sky = _named(stored, "support")
    sign_in_as(coordinator, "support")
    kept = dict(coordinator.cookies)
    sign_in_as(coordinator, "coordinator")
    assert "Reset the password of Sky Support?" in coordinator.get(f"/people/{sky.id}/reset").text
    answer = coordinator.post(f"/people/{sky.id}/reset")
    assert "A link to choose a new one" in coordinator.get(answer.headers["location"]).text
    assert _actions(stored, sky.id) == ["user_reset"]
    coordinator.cookies.clear()
    coordinator.cookies.update(kept)
    assert coordinator.get("/logs").headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("status", ["valid", "dropped", "saved"])
def test_nobody_with_logs_is_deleted(coordinator: TestClient, stored: Session, status: str) -> None:
    sky = _named(stored, "support")
    _give(stored, sky, **{status: 2})
    page = coordinator.get(f"/people/{sky.id}/delete")
    assert "Sky Support has 2 logs, dropped ones included." in page.text
    assert f'href="/people/{sky.id}/deactivate"' in page.text
    answer = coordinator.post(f"/people/{sky.id}/delete")
    assert answer.status_code == 409
    assert "Sky Support has 2 logs" in answer.text
    sky = _named(stored, "support")
    assert (sky.active, sky.deleted_at, sky.version) == (True, None, 1)


def test_who_signed_the_agreement_is_not_deleted(coordinator: TestClient, stored: Session) -> None:
    sky = _named(stored, "support")
    _give(stored, sky)
    text = text_in_force(stored)
    assert text is not None
    stored.add(
        AgreementSignature(
            institution_id=1,
            text_id=text.id,
            account_id=sky.id,
            signer_name=sky.name,
            signer_email=sky.email,
            institution_name="One",
            institution_address="",
            registration_number="",
            text="",
        )
    )
    stored.commit()
    answer = coordinator.post(f"/people/{sky.id}/delete")
    assert answer.status_code == 409
    assert "has signed the Data Sharing Agreement of" in answer.text
    assert _named(stored, "support").deleted_at is None


def test_a_deleted_user_is_gone_from_every_list_and_frees_name_and_address(
    coordinator: TestClient, stored: Session
) -> None:
    sky = _named(stored, "support")
    # Who has signed the agreement cannot be deleted.
    stored.execute(delete(AgreementSignature).where(AgreementSignature.account_id == sky.id))
    _give(stored, sky)
    stored.add(Membership(account_id=sky.id, institution_id=3, role="provider"))
    stored.commit()
    number = sky.id
    assert "Delete Sky Support?" in coordinator.get(f"/people/{number}/delete").text
    answer = coordinator.post(f"/people/{number}/delete")
    text = coordinator.get(answer.headers["location"]).text
    assert "The user is deleted." in text
    assert "Sky Support" not in text
    assert coordinator.get(f"/people/{number}").status_code == 404
    assert coordinator.post(f"/people/{number}/delete").status_code == 404
    stored.expire_all()
    gone = stored.get_one(Account, number)
    assert gone.name == "Sky Support"
    assert gone.deleted_at is not None
    assert not gone.active
    assert not list(
        stored.scalars(select(ManagedProvider).where(ManagedProvider.provider_id == number))
    )
    assert not list(
        stored.scalars(select(Membership).where(Membership.account_id == number, Membership.active))
    )
    new = {
        "name": "Sky Second",
        "user_name": "support",
        "email": "support@example.com",
        "role": "provider",
        "contact_priority": "None",
    }
    assert coordinator.post("/people/new", data=new).status_code == 303
    assert _named(stored, "support").id != number
    sign_in_as(coordinator, "admin")
    assert coordinator.get(f"/people/{number}").status_code == 404


def test_administrators_unlock_and_forget_a_lost_second_factor(
    demonstration: TestClient, stored: Session
) -> None:
    sky = _named(stored, "support")
    for _ in range(4):
        demonstration.post("/sign-in", data={"user_name": "support", "password": "wrong"})
    sky = _named(stored, "support")
    assert sky.locked_until is not None
    sky.totp_secret, sky.totp_confirmed_at = "SECRET", now()
    stored.commit()
    sign_in_as(demonstration, "coordinator")
    for part in ("unlock", "forget-second-factor"):
        assert f"/people/{sky.id}/{part}" not in demonstration.get(f"/people/{sky.id}").text
        assert demonstration.post(f"/people/{sky.id}/{part}").status_code == 403
    sign_in_as(demonstration, "admin")
    for part in ("unlock", "forget-second-factor"):
        assert f"/people/{sky.id}/{part}" in demonstration.get(f"/people/{sky.id}").text
        assert demonstration.get(f"/people/{sky.id}/{part}").status_code == 200
        answer = demonstration.post(f"/people/{sky.id}/{part}")
        assert answer.headers["location"] == f"/people/{sky.id}?done={part}"
    sky = _named(stored, "support")
    assert (sky.locked_until, sky.failed_attempts, sky.totp_confirmed_at) == (None, 0, None)
    sign_in_as(demonstration, "support")
