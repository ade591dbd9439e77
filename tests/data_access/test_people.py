"""Accounts as others see and change them, on both kinds of database."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import Engine, delete, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from data_access.account_sessions import AccountSession, person_for_token, start_session
from data_access.accounts import Account, ManagedProvider, Membership, Person, hash_password
from data_access.audit import history
from data_access.clock import now
from data_access.credentials import INVITATION, FormerPassword, make_link, use_link
from data_access.database import session_factory
from data_access.institutions import Institution, InstitutionLink
from data_access.logs import Log
from data_access.people.changing import (
    NotDeleted,
    activate,
    add_person,
    change_person,
    deactivate,
    delete_person,
    holder_of,
    name_is_taken,
)
from data_access.people.listing import (
    INACTIVE,
    INVITED,
    LOCKED,
    Wanted,
    count_people,
    list_people,
    page_of,
    status_of,
)
from data_access.people.managed import (
    add_to_list,
    managed_providers,
    providers_to_add,
    remove_from_list,
)
from data_access.people.memberships import (
    WorksThereAlready,
    end_membership,
    give_membership,
)
from data_access.people.open_logs import (
    count_logs,
    give_logs,
    logs_to_hand_over,
    takers_for,
)
from data_access.versions import ChangedMeanwhile

HASH = hash_password("Correct-horse-9")
PEOPLE = (
    ("chris", "Chris", "coordinator", 1),
    ("pat", "pat", "provider", 1),
    ("sky", "Sky", "provider", 1),
    ("kit", "Kit", "provider", 2),
    ("cato", "Cato", "coordinator", 2),
    ("far", "Far", "provider", 3),
)


@pytest.fixture
def people(db: Session) -> dict[str, Account]:
    """Three institutions, the second a child of the first, and their people by user name."""
    db.add_all(
        Institution(id=n, code=f"ORG{n}", name=f"Institution {n}", provider_type="PRP")
        for n in (1, 2, 3)
    )
    db.flush()
    db.add(InstitutionLink(owner_id=1, manager_id=2))
    made = {
        user_name: Account(
            user_name=user_name,
            email=f"{user_name}@example.com",
            name=name,
            role=role,
            institution_id=institution_id,
            password_hash=HASH,
        )
        for user_name, name, role, institution_id in PEOPLE
    }
    db.add_all(made.values())
    db.commit()
    return made


@pytest.fixture
def chris(people: dict[str, Account]) -> Person:
    """The co-ordinator of institution 1, acting for it."""
    account = people["chris"]
    return Person(
        account.id, account.user_name, account.name, account.email, account.role, institution_id=1
    )


@pytest.fixture
def other(engine: Engine, people: dict[str, Account]) -> Iterator[Session]:
    """A second session, as that of another request."""
    with session_factory(engine)() as session:
        yield session


def _log(db: Session, who: Account, status: str = "saved", place: int | None = 1) -> Log:
    log = Log(
        collection="lettings",
        collection_year=2026,
        status=status,
        owning_institution_id=place,
        managing_institution_id=place,
        assigned_to_id=who.id,
        created_by_id=who.id,
        answers={"assigned_to_id": who.id, "hhmemb": 2},
    )
    db.add(log)
    db.commit()
    return log


def _names(db: Session, **wanted: object) -> list[str]:
    found = list_people(db, true(), Wanted(**wanted), 1)  # type: ignore[arg-type]
    return [row.account.user_name for row in found]


def test_names_are_sorted_without_regard_to_letter_case_and_never_signed_in_comes_last(
    db: Session, people: dict[str, Account]
) -> None:
    assert _names(db) == ["cato", "chris", "far", "kit", "pat", "sky"]
    assert _names(db, descending=True)[0] == "sky"
    people["kit"].last_signed_in_at = now()
    people["pat"].last_signed_in_at = now() - timedelta(days=1)
    db.commit()
    assert _names(db, sort="signed_in")[:3] == ["pat", "kit", "cato"]
    assert _names(db, sort="signed_in", descending=True)[:3] == ["kit", "pat", "cato"]


def test_search_takes_signs_as_they_are_typed(db: Session, people: dict[str, Account]) -> None:
    people["kit"].name = "Émile 100%_\\"
    db.commit()
    for text in ("Émile", "100%", "_\\", "KIT@EXAMPLE"):
        assert _names(db, search=text) == ["kit"]
    assert _names(db, search="%") == ["kit"]


def test_states_follow_the_account_and_lists_are_narrowed_by_them(
    db: Session, people: dict[str, Account]
) -> None:
    people["pat"].active = False
    people["sky"].password_hash = ""
    people["kit"].locked_until = now() + timedelta(minutes=5)
    people["far"].locked_until = now() - timedelta(minutes=5)
    people["cato"].deleted_at = now()
    db.commit()
    found = {name: status_of(account) for name, account in people.items()}
    assert found["pat"] == INACTIVE
    assert found["sky"] == INVITED
    assert found["kit"] == LOCKED
    assert found["far"] == "active"
    assert count_people(db, true(), Wanted(status=LOCKED), shows_locked=True) == 1
    assert count_people(db, true(), Wanted(status=LOCKED)) == 0
    assert count_people(db, true(), Wanted(status="active")) == 3
    assert count_people(db, true(), Wanted()) == 5
    order = list_people(db, true(), Wanted(sort="status"), shows_locked=True)
    assert [status_of(row.account) for row in order][-1] == LOCKED


def test_the_role_is_the_one_at_the_institution_of_the_list(
    db: Session, people: dict[str, Account]
) -> None:
    db.add(Membership(account_id=people["far"].id, institution_id=1, role="coordinator"))
    db.commit()
    here = {row.account.user_name: row.role for row in list_people(db, true(), Wanted(), 1)}
    there = {row.account.user_name: row.role for row in list_people(db, true(), Wanted(), 3)}
    assert (here["far"], there["far"]) == ("coordinator", "provider")
    assert "far" in _names(db, role="coordinator")
    assert "far" in _names(db, institution_id=1)


def test_the_page_that_somebody_is_on_is_found(db: Session, people: dict[str, Account]) -> None:
    db.add_all(
        Account(user_name=f"u{n}", email=f"u{n}@example.com", name=f"Many {n:03d}", role="provider")
        for n in range(100)
    )
    db.commit()
    sky = people["sky"]
    found = page_of(db, true(), Wanted(), sky.id)
    assert found == 3
    assert "sky" in [row.account.user_name for row in list_people(db, true(), Wanted(), page=3)]
    assert page_of(db, true(), Wanted(), 999_999) == 1


def test_names_and_addresses_are_taken_in_any_letter_case(
    db: Session, people: dict[str, Account]
) -> None:
    assert name_is_taken(db, "PAT")
    assert not name_is_taken(db, "pat", but_for=people["pat"].id)
    assert holder_of(db, "PAT@Example.com") is people["pat"]
    assert holder_of(db, "pat@example.com", but_for=people["pat"].id) is None


def test_of_two_accounts_with_one_name_the_database_takes_one(
    db: Session, people: dict[str, Account], chris: Person
) -> None:
    values = {"name": "New", "user_name": "new", "email": "new@example.com", "role": "provider"}
    add_person(db, chris, values)
    db.commit()
    with pytest.raises(IntegrityError):
        add_person(db, chris, {**values, "email": "other@example.com"})
    db.rollback()
    with pytest.raises(IntegrityError):
        change_person(db, chris, people["pat"], 1, {"email": "new@example.com"})
    db.rollback()
    assert people["pat"].email == "pat@example.com"


def test_a_change_over_somebody_elses_is_refused_and_a_new_coordinator_leaves_all_lists(
    db: Session, people: dict[str, Account], chris: Person
) -> None:
    pat = people["pat"]
    token = make_link(db, pat.id, INVITATION)
    add_to_list(db, chris, [pat.id])
    assert change_person(db, chris, pat, 1, {"name": "pat"}) == {}
    done = change_person(db, chris, pat, 1, {"role": "coordinator", "email": "p@example.com"})
    db.commit()
    assert done["role"] == ["provider", "coordinator"]
    assert not use_link(db, token)
    assert list(db.scalars(select(ManagedProvider))) == []
    with pytest.raises(ChangedMeanwhile):
        change_person(db, chris, pat, 1, {"name": "Other"})
    assert (pat.name, pat.version) == ("pat", 2)


def test_logs_in_hand_are_given_with_an_event_each_and_their_answers_stay_in_step(
    db: Session, people: dict[str, Account], chris: Person
) -> None:
    pat, sky = people["pat"], people["sky"]
    mine = [_log(db, pat), _log(db, pat, "invalid")]
    started = _log(db, pat)
    started.assigned_to_id = None
    kept = [_log(db, pat, "valid"), _log(db, pat, "dropped"), _log(db, pat, place=3)]
    nowhere = _log(db, pat, place=None)
    passed_on = _log(db, sky)
    passed_on.created_by_id = pat.id
    db.commit()
    which = logs_to_hand_over(db, pat)
    assert count_logs(db, which) == {"saved": 3, "invalid": 1}
    assert [one.user_name for one in takers_for(db, pat)] == ["chris", "sky"]
    assert deactivate(db, chris, pat, which, sky) == 4
    db.commit()
    for log in (*mine, started, nowhere):
        assert (log.assigned_to_id, log.version) == (sky.id, 2)
        assert log.answers == {"assigned_to_id": sky.id, "hhmemb": 2}
        (event,) = history(db, ("log", log.id))
        assert event.action == "log_assigned"
        assert event.detail["changes"]["assigned_to_id"][1] == sky.id
    assert {log.assigned_to_id for log in kept} == {pat.id}
    assert passed_on.version == 1
    assert not pat.active
    assert deactivate(db, chris, pat, which, sky) is None


def test_a_page_of_a_log_saved_meanwhile_is_not_lost_when_the_log_is_given(
    db: Session, other: Session, people: dict[str, Account], chris: Person
) -> None:
    log = _log(db, people["pat"])
    changed = other.get_one(Log, log.id)
    changed.answers = {**changed.answers, "hhmemb": 3}
    changed.version = 2
    other.commit()
    # This session has read the log before the other one saved.
    assert log.answers["hhmemb"] == 2
    people["pat"].extension = "1"
    db.flush()
    assert give_logs(db, chris, Log.id == log.id, people["sky"]) == 1
    db.commit()
    assert log.answers == {"assigned_to_id": people["sky"].id, "hhmemb": 3}
    assert log.version == 3


def test_a_leaver_has_nothing_left_that_opens_the_account(
    db: Session, people: dict[str, Account], chris: Person
) -> None:
    pat = people["pat"]
    token = start_session(db, pat)
    link = make_link(db, pat.id, INVITATION)
    db.commit()
    deactivate(db, chris, pat, logs_to_hand_over(db, pat))
    db.commit()
    assert person_for_token(db, token) is None
    assert not use_link(db, link)
    assert activate(db, chris, pat)
    db.commit()
    assert not activate(db, chris, pat)
    assert person_for_token(db, token) is None
    assert (pat.active, pat.password_hash) == (True, "")
    former = db.scalars(select(FormerPassword.password_hash)).one()
    assert former == HASH


def test_a_user_with_logs_is_not_deleted_and_nothing_is_changed(
    db: Session, people: dict[str, Account], chris: Person
) -> None:
    pat = people["pat"]
    token = start_session(db, pat)
    log = _log(db, people["sky"], "dropped")
    log.created_by_id = pat.id
    db.commit()
    with pytest.raises(NotDeleted, match="has 1 log, dropped ones included"):
        delete_person(db, chris, pat)
    db.refresh(pat)
    assert (pat.user_name, pat.active, pat.version) == ("pat", True, 1)
    assert person_for_token(db, token) is not None


def test_a_deleted_user_leaves_a_name_that_is_free_again(
    db: Session, people: dict[str, Account], chris: Person
) -> None:
    far, pat = people["far"], people["pat"]
    for account in (far, pat):
        assert delete_person(db, chris, account)
    db.commit()
    assert not delete_person(db, chris, pat)
    values = {"name": "New", "user_name": "pat", "email": "pat@example.com", "role": "provider"}
    new = add_person(db, chris, values)
    db.commit()
    assert delete_person(db, chris, new)
    db.commit()
    assert pat.name == "pat"
    assert "pat" not in {row.account.user_name for row in list_people(db, true(), Wanted())}


def test_who_can_be_managed_is_told_by_role_and_relation(
    db: Session, people: dict[str, Account], chris: Person
) -> None:
    def addable() -> list[str]:
        found, total = providers_to_add(db, chris, true())
        assert total == len(found)
        return [provider.account.user_name for provider in found]

    assert addable() == ["kit", "pat", "sky"]
    # A provider of the child who is a co-ordinator here, and one of another who is a provider here.
    db.add(Membership(account_id=people["kit"].id, institution_id=1, role="coordinator"))
    db.add(Membership(account_id=people["far"].id, institution_id=1, role="provider"))
    people["sky"].active = False
    db.commit()
    assert addable() == ["far", "pat"]
    db.execute(delete(Membership))
    db.execute(delete(InstitutionLink))
    db.commit()
    assert addable() == ["pat"]
    found, _ = providers_to_add(db, chris, true(), "institution 1")
    assert [provider.account.user_name for provider in found] == ["pat"]


def test_two_tabs_adding_and_removing_at_once_lose_nothing(
    db: Session, engine: Engine, people: dict[str, Account], chris: Person
) -> None:
    add_to_list(db, chris, [people["kit"].id])
    db.commit()

    def work(user_name: str, adds: bool) -> None:
        with session_factory(engine)() as session:
            number = people[user_name].id
            if adds:
                add_to_list(session, chris, [number])
            else:
                remove_from_list(session, chris, number)
            session.commit()

    moves = [("pat", True), ("pat", True), ("sky", True), ("kit", False), ("kit", False)]
    threads = [Thread(target=work, args=move) for move in moves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    listed = [provider.account.user_name for provider in managed_providers(db, chris, true())]
    assert listed == ["pat", "sky"]
    actions = [event.action for event in history(db, ("user", people["pat"].id))]
    assert actions == ["user_managed"]
    actions = [event.action for event in history(db, ("user", people["kit"].id))]
    assert actions == ["user_managed", "user_no_longer_managed"]


def test_a_membership_is_given_once_and_its_end_leaves_the_account(
    db: Session, people: dict[str, Account], chris: Person
) -> None:
    pat = people["pat"]
    third = db.get_one(Institution, 3)
    membership = give_membership(db, chris, pat, third, "coordinator")
    db.commit()
    for place in (1, 3):
        with pytest.raises(WorksThereAlready):
            give_membership(db, chris, pat, db.get_one(Institution, place), "provider")
    token, at_home = start_session(db, pat), start_session(db, pat)
    session = db.scalars(select(AccountSession).order_by(AccountSession.created_at)).first()
    assert session is not None
    session.institution_id = 3
    db.add(ManagedProvider(institution_id=3, coordinator_id=pat.id, provider_id=people["far"].id))
    db.add(ManagedProvider(institution_id=1, coordinator_id=chris.id, provider_id=pat.id))
    db.commit()
    assert end_membership(db, chris, membership)
    db.commit()
    assert not end_membership(db, chris, membership)
    assert person_for_token(db, token) is None
    assert person_for_token(db, at_home) is not None
    assert [row.institution_id for row in db.scalars(select(ManagedProvider))] == [1]
    assert give_membership(db, chris, pat, third, "provider").role == "provider"


def test_of_two_administrators_giving_one_membership_one_is_told(
    db: Session, other: Session, people: dict[str, Account], chris: Person
) -> None:
    pat = people["pat"]
    give_membership(
        other, chris, other.get_one(Account, pat.id), other.get_one(Institution, 3), "provider"
    )
    third = db.get_one(Institution, 3)
    found: list[str] = []

    def second() -> None:
        try:
            give_membership(db, chris, pat, third, "coordinator")
        except WorksThereAlready:
            found.append("told")

    thread = Thread(target=second)
    thread.start()
    thread.join(timeout=0.3)
    other.commit()
    thread.join(timeout=20)
    assert found == ["told"]
    db.rollback()
    assert [row.role for row in db.scalars(select(Membership))] == ["provider"]
