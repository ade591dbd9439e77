"""Managed providers and memberships."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from data_access.accounts import Account, ManagedProvider, Membership
from data_access.audit import history
from data_access.database import session_factory
from data_access.institutions import Institution, InstitutionLink
from data_access.messages import Message
from tests.portal.conftest import sign_in_as

HERE = "/people/managed"


@pytest.fixture
def coordinator(demonstration: TestClient) -> TestClient:
    """Chris, the co-ordinator of institution 1."""
    sign_in_as(demonstration, "coordinator")
    return demonstration


@pytest.fixture
def stored(demonstration: TestClient) -> Iterator[Session]:
    """The database behind the portal; Chris's list is empty."""
    with session_factory(demonstration.app.state.engine)() as db:  # type: ignore[attr-defined]
        chris = _named(db, "coordinator")
        db.execute(delete(ManagedProvider).where(ManagedProvider.coordinator_id == chris.id))
        db.commit()
        yield db


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def _named(db: Session, user_name: str) -> Account:
    db.expire_all()
    return db.scalars(select(Account).where(Account.user_name == user_name)).one()


def _list(db: Session) -> set[str]:
    """User names of those on Chris's list."""
    chris = _named(db, "coordinator")
    return set(
        db.scalars(
            select(Account.user_name)
            .join(ManagedProvider, ManagedProvider.provider_id == Account.id)
            .where(ManagedProvider.coordinator_id == chris.id)
        )
    )


def _move(client: TestClient, verb: str, account_id: int) -> int:
    return client.post(f"{HERE}/{verb}", data={"provider": str(account_id)}).status_code


def _without_reference(text: str) -> str:
    return re.sub(r"<strong>[0-9A-F]{8}</strong>", "", text)


def test_own_and_child_providers_can_be_added_and_never_coordinators_or_others(
    coordinator: TestClient, stored: Session
) -> None:
    first, _, second = coordinator.get(HERE).text.partition('data-list="remove"')
    for user_name in ("provider", "support", "provider5"):
        assert f'data-id="{_named(stored, user_name).id}"' in first
    assert "Elmway Homes" in first or "(made up)" in first
    for user_name in ("coordinator", "coordinator5", "provider6", "admin"):
        assert f'data-id="{_named(stored, user_name).id}"' not in first
    assert "Nobody is on your list yet." in second
    narrowed = coordinator.get(f"{HERE}?search=SKY").text
    assert "Sky Support" in narrowed
    assert "Pat Provider" not in narrowed
    assert "Nobody fits." in coordinator.get(f"{HERE}?search=100%25").text


def test_each_move_is_saved_at_once_and_can_be_done_twice(
    coordinator: TestClient, stored: Session
) -> None:
    sky = _named(stored, "support")
    answer = coordinator.post(f"{HERE}/add", data={"provider": str(sky.id), "search": "sky"})
    assert answer.headers["location"] == f"{HERE}?search=sky&done=added&who={sky.id}"
    assert "Sky Support is on your list now." in coordinator.get(answer.headers["location"]).text
    assert _move(coordinator, "add", sky.id) == 303
    assert _list(stored) == {"support"}
    # Another tab, opened before, adds somebody else: nobody is lost.
    assert _move(coordinator, "add", _named(stored, "provider5").id) == 303
    assert _list(stored) == {"support", "provider5"}
    assert _move(coordinator, "remove", sky.id) == 303
    assert _move(coordinator, "remove", sky.id) == 303
    assert _list(stored) == {"provider5"}
    actions = [event.action for event in history(stored, ("user", sky.id))]
    assert actions == ["user_managed", "user_no_longer_managed"]


def test_a_script_is_answered_with_what_to_say(coordinator: TestClient, stored: Session) -> None:
    answer = coordinator.post(
        f"{HERE}/add",
        data={"provider": str(_named(stored, "support").id)},
        headers={"accept": "application/json"},
    )
    assert answer.json() == {"message": "Sky Support is on your list now."}


def test_whoever_cannot_be_managed_is_answered_as_somebody_who_does_not_exist(
    coordinator: TestClient, stored: Session
) -> None:
    sky = _named(stored, "support")
    sky.active = False
    stored.commit()
    refused = [_named(stored, name).id for name in ("coordinator5", "provider6", "admin")]
    refused += [sky.id, _named(stored, "coordinator").id, 2_000_000]
    for verb in ("add", "remove"):
        answers = [
            coordinator.post(f"{HERE}/{verb}", data={"provider": str(number)}) for number in refused
        ]
        answers += [coordinator.post(f"{HERE}/{verb}", data={"provider": "x"})]
        answers += [coordinator.post(f"{HERE}/{verb}")]
        assert {answer.status_code for answer in answers} == {404}
        assert len({_without_reference(answer.text) for answer in answers}) == 1
    assert _list(stored) == set()


def test_everyone_of_the_own_institution_is_added_in_one_step(
    coordinator: TestClient, stored: Session
) -> None:
    _move(coordinator, "add", _named(stored, "support").id)
    answer = coordinator.post(f"{HERE}/everyone")
    text = _plain(coordinator.get(answer.headers["location"]).text)
    own = stored.scalars(
        select(Account.user_name).where(
            Account.institution_id == 1, Account.role == "provider", Account.active
        )
    )
    expected = set(own)
    assert _list(stored) == expected
    assert {"support", "provider"} <= expected
    assert "added to your list." in text
    again = coordinator.post(f"{HERE}/everyone")
    assert "was on your list already" in coordinator.get(again.headers["location"]).text


def test_who_leaves_can_still_be_taken_off_the_list(
    coordinator: TestClient, stored: Session
) -> None:
    sky = _named(stored, "support")
    _move(coordinator, "add", sky.id)
    sky.active = False
    stored.commit()
    second = coordinator.get(HERE).text.partition('data-list="remove"')[2]
    assert "Inactive" in second
    assert _move(coordinator, "remove", sky.id) == 303
    assert _list(stored) == set()


def test_when_a_relation_ends_its_providers_are_out_of_reach(
    coordinator: TestClient, stored: Session
) -> None:
    other = _named(stored, "provider5")
    _move(coordinator, "add", other.id)
    assert coordinator.get(f"/people/{other.id}").status_code == 200
    stored.execute(delete(InstitutionLink).where(InstitutionLink.manager_id == 5))
    stored.commit()
    assert coordinator.get(f"/people/{other.id}").status_code == 404
    assert coordinator.post(f"/people/{other.id}/reset").status_code == 404
    assert f'data-id="{other.id}"' not in coordinator.get(HERE).text


def test_the_list_belongs_to_the_institution_acted_for(
    demonstration: TestClient, stored: Session
) -> None:
    sign_in_as(demonstration, "provider2")
    assert demonstration.get(HERE).status_code == 404
    assert _move(demonstration, "add", _named(stored, "provider3").id) == 404
    sign_in_as(demonstration, "admin")
    assert demonstration.get(HERE).status_code == 404


def _memberships(db: Session, account: Account) -> set[tuple[int, str]]:
    db.expire_all()
    rows = db.scalars(
        select(Membership).where(Membership.account_id == account.id, Membership.active)
    )
    return {(row.institution_id, row.role) for row in rows}


def test_administrators_give_and_end_memberships(
    demonstration: TestClient, stored: Session
) -> None:
    sign_in_as(demonstration, "admin")
    sky = _named(stored, "support")
    new = f"/people/{sky.id}/memberships/new"
    assert f'href="{new}"' in demonstration.get(f"/people/{sky.id}").text
    empty = demonstration.post(new)
    assert empty.status_code == 422
    assert empty.text.count("Choose the institution") == 2
    assert "Choose a role: data provider or co-ordinator" in empty.text
    given = {"institution": "4", "role": "coordinator"}
    answer = demonstration.post(new, data=given)
    assert answer.headers["location"] == f"/people/{sky.id}?done=membership"
    assert _memberships(stored, sky) == {(4, "coordinator")}
    for institution in ("4", "ORG1"):
        again = demonstration.post(new, data={**given, "institution": institution})
        assert again.status_code == 422
        assert unescape(again.text).count("Sky Support works for") == 2
    (membership,) = stored.scalars(select(Membership).where(Membership.account_id == sky.id))
    end = f"/people/{sky.id}/memberships/{membership.id}/end"
    assert f'href="{end}"' in demonstration.get(f"/people/{sky.id}").text
    assert "End the membership of" in demonstration.get(end).text
    assert demonstration.post(end).status_code == 303
    assert demonstration.post(end).status_code == 303
    assert _memberships(stored, sky) == set()
    assert _named(stored, "support").active
    assert demonstration.post(new, data={**given, "role": "provider"}).status_code == 303
    assert _memberships(stored, sky) == {(4, "provider")}
    # Each is told once, and which institution it is.
    written = select(Message).where(Message.account_id == sky.id, Message.kind == "membership")
    name = stored.get_one(Institution, 4).name
    assert [message.subject for message in stored.scalars(written.order_by(Message.id))] == [
        f"You can work for {name} on CORE",
        f"You no longer work for {name} on CORE",
        f"You can work for {name} on CORE",
    ]
    actions = [event.action for event in history(stored, ("user", sky.id))]
    assert actions == ["membership_given", "membership_ended", "membership_given"]
    # A membership of somebody else is not this user's.
    other = _named(stored, "provider")
    assert (
        demonstration.post(f"/people/{other.id}/memberships/{membership.id}/end").status_code == 404
    )
    assert demonstration.get(f"/people/{sky.id}/memberships/99999999999/end").status_code == 404


def test_who_belongs_to_no_institution_has_no_memberships(
    demonstration: TestClient, stored: Session
) -> None:
    sign_in_as(demonstration, "admin")
    sam = _named(stored, "statistician")
    assert demonstration.get(f"/people/{sam.id}/memberships/new").status_code == 403
    data = {"institution": "4", "role": "provider"}
    assert demonstration.post(f"/people/{sam.id}/memberships/new", data=data).status_code == 403


def test_other_institutions_of_somebody_are_shown_to_administrators_only(
    demonstration: TestClient, stored: Session
) -> None:
    sky = _named(stored, "support")
    sign_in_as(demonstration, "admin")
    demonstration.post(
        f"/people/{sky.id}/memberships/new", data={"institution": "40", "role": "provider"}
    )
    name = re.findall(
        r'<dt class="govuk-summary-list__key core-break">([^<]+)</dt>',
        demonstration.get(f"/people/{sky.id}").text,
    )[0]
    assert name in demonstration.get(f"/people/{sky.id}/history").text
    sign_in_as(demonstration, "coordinator")
    for part in ("", "/history"):
        text = demonstration.get(f"/people/{sky.id}{part}").text
        assert name not in text
        assert "memberships/new" not in text
    assert "another institution, data provider" in _plain(
        demonstration.get(f"/people/{sky.id}/history").text
    )
    assert demonstration.get(f"/people/{sky.id}/memberships/new").status_code == 403
