"""Signing in, being locked out, and sessions."""

import threading
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data_access import signing_in
from data_access.account_sessions import (
    IDLE_LASTS,
    SESSION_LASTS,
    AccountSession,
    end_one_session,
    end_session,
    end_sessions,
    person_for_token,
    session_for_token,
    sessions_of,
    start_session,
    time_left,
    waiting_for_token,
)
from data_access.accounts import Account, hash_is_old, hash_password, password_matches
from data_access.audit import AuditEvent
from data_access.clock import now
from data_access.database import session_factory
from data_access.signing_in import LOCKED_FOR, SignInRefused, sign_in, unlock

PASSWORD = "Correct-horse-9"


@pytest.fixture
def account(db: Session) -> Account:
    made = Account(
        user_name="Pat",
        email="pat@example.com",
        name="Pat Example",
        password_hash=hash_password(PASSWORD),
        role="provider",
    )
    db.add(made)
    db.commit()
    return made


def _wrong(
    db: Session, name: str = "pat", password: str = "wrong", **when: object
) -> SignInRefused:
    with pytest.raises(SignInRefused) as refused:
        sign_in(db, name, password, **when)  # type: ignore[arg-type]
    db.commit()
    return refused.value


def _actions(db: Session) -> list[str]:
    return list(db.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def test_a_person_signs_in_by_user_name_or_email_in_any_letter_case(
    db: Session, account: Account
) -> None:
    assert sign_in(db, " pat ", PASSWORD).id == account.id
    assert sign_in(db, "PAT@Example.com", PASSWORD).id == account.id
    assert account.last_signed_in_at is not None


def test_the_fourth_wrong_entry_locks_for_30_minutes_and_then_the_password_works_again(
    db: Session, account: Account
) -> None:
    at = now()
    for _ in range(3):
        assert _wrong(db, at=at).locked is None
    assert sign_in(db, "pat", PASSWORD, at).id == account.id
    assert [_wrong(db, at=at).locked for _ in range(4)] == [None, None, None, account]
    assert _wrong(db, password=PASSWORD, at=at + timedelta(minutes=29)).locked is None
    assert sign_in(db, "pat", PASSWORD, at + timedelta(minutes=31)).id == account.id


def test_entries_while_locked_neither_count_nor_prolong_the_lock(
    db: Session, account: Account
) -> None:
    at = now()
    for _ in range(4):
        _wrong(db, at=at)
    for minute in range(1, 30, 4):
        assert _wrong(db, at=at + timedelta(minutes=minute)).locked is None
    after = at + LOCKED_FOR + timedelta(seconds=1)
    # Counted anew: the first wrong entry after a lock does not lock again.
    assert _wrong(db, at=after).locked is None
    assert sign_in(db, "pat", PASSWORD, after).id == account.id
    assert _actions(db).count("user_locked") == 1


def test_wrong_entries_made_at_once_all_count(engine: Engine, db: Session) -> None:
    db.add(
        Account(
            user_name="pat",
            email="pat@example.com",
            name="Pat",
            role="provider",
            password_hash=hash_password(PASSWORD),
        )
    )
    db.commit()
    refused: list[SignInRefused] = []
    ready = threading.Barrier(6)

    def enter() -> None:
        with session_factory(engine)() as own:
            ready.wait()
            try:
                sign_in(own, "pat", "wrong")
            except SignInRefused as found:
                own.commit()
                refused.append(found)

    threads = [threading.Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 6
    # Of six at once, four are judged; one of them locks, so its owner is told once.
    assert sum(one.locked is not None for one in refused) == 1
    assert _actions(db).count("user_locked") == 1
    db.expire_all()
    assert db.scalars(select(Account.failed_attempts)).one() == 4
    _wrong(db, password=PASSWORD)


def test_unknown_inactive_locked_and_wrong_get_the_same_message_and_cost_one_hash_each(
    db: Session, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []

    def counting(stored: str, password: str) -> bool:
        checked.append(password)
        return password_matches(stored, password)

    monkeypatch.setattr(signing_in, "password_matches", counting)
    messages = {str(_wrong(db, "nobody", "1")), str(_wrong(db, "pat", "2"))}
    for number in ("3", "4", "5", "6"):
        messages.add(str(_wrong(db, "pat", number)))
    account.active = False
    db.commit()
    messages.add(str(_wrong(db, "pat", "7")))
    assert len(messages) == 1
    assert checked == ["1", "2", "3", "4", "5", "6", "7"]


def test_an_empty_hash_costs_as_much_as_any_and_opens_nothing(db: Session) -> None:
    assert not password_matches("", "")
    db.add(Account(user_name="new", email="new@example.com", name="New", role="provider"))
    db.commit()
    _wrong(db, "new", "")


def test_an_administrator_unlocks_and_it_is_recorded_once(db: Session, account: Account) -> None:
    boss = Account(user_name="boss", email="b@example.com", name="Bo", role="administrator")
    db.add(boss)
    db.commit()
    for _ in range(4):
        _wrong(db)
    assert unlock(db, account, boss)
    assert not unlock(db, account, boss)
    db.commit()
    assert sign_in(db, "pat", PASSWORD).id == account.id
    events = db.scalars(select(AuditEvent).where(AuditEvent.action == "user_unlocked")).all()
    assert [event.account_id for event in events] == [boss.id]


def test_a_hash_made_with_weaker_parameters_is_renewed_when_its_owner_signs_in(
    db: Session, account: Account
) -> None:
    account.password_hash = PasswordHasher(time_cost=1, memory_cost=32).hash(PASSWORD)
    db.commit()
    sign_in(db, "pat", PASSWORD)
    db.commit()
    assert not hash_is_old(account.password_hash)
    assert account.password_hash.startswith("$argon2id$")
    assert sign_in(db, "pat", PASSWORD).id == account.id


def test_an_accent_is_the_same_from_every_keyboard() -> None:
    assert password_matches(hash_password("Caf\u00e9-au-Lait"), "Cafe\u0301-au-Lait")


def test_a_session_opens_until_it_ends_or_runs_out(db: Session, account: Account) -> None:
    token = start_session(db, account)
    found = person_for_token(db, token)
    assert found is not None and found.id == account.id
    assert person_for_token(db, token, now() + IDLE_LASTS) is None
    assert db.scalars(select(AccountSession.token_hash)).one() != token
    end_session(db, token)
    assert person_for_token(db, token) is None


def test_a_used_session_lasts_12_hours_at_most(db: Session, account: Account) -> None:
    begun = now()
    token = start_session(db, account, begun)
    at = begun
    while at < begun + SESSION_LASTS - timedelta(minutes=50):
        at += timedelta(minutes=50)
        assert person_for_token(db, token, at) is not None
    assert person_for_token(db, token, begun + SESSION_LASTS) is None


def test_the_time_left_is_of_the_idle_time_until_the_last_hour(
    db: Session, account: Account
) -> None:
    begun = now()
    token = start_session(db, account, begun)
    found = session_for_token(db, token, begun)
    assert found is not None
    assert time_left(found[0], begun) == (3600, True)
    assert time_left(found[0], begun + timedelta(minutes=59)) == (60, True)
    found[0].last_seen_at = begun + SESSION_LASTS - timedelta(minutes=10)
    assert time_left(found[0], found[0].last_seen_at) == (600, False)


def test_a_session_that_waits_for_its_second_factor_opens_nothing(
    db: Session, account: Account
) -> None:
    token = start_session(db, account, awaits_second_factor=True)
    assert person_for_token(db, token) is None
    assert waiting_for_token(db, token) is not None
    assert sessions_of(db, account.id) == []
    assert waiting_for_token(db, token, now() + timedelta(minutes=11)) is None


def test_sessions_are_ended_one_by_one_or_all_but_one(db: Session, account: Account) -> None:
    tokens = [start_session(db, account, browser=f"b{number}") for number in range(3)]
    listed = {session.browser: session for session in sessions_of(db, account.id)}
    assert set(listed) == {"b0", "b1", "b2"}
    assert end_one_session(db, account.id, listed["b0"].handle)
    assert not end_one_session(db, account.id, listed["b0"].handle)
    assert not end_one_session(db, account.id + 1, listed["b1"].handle)
    end_sessions(db, account.id, except_handle=listed["b2"].handle)
    db.commit()
    assert [person_for_token(db, token) is not None for token in tokens] == [False, False, True]


def test_a_deactivated_account_has_no_session_any_more(db: Session, account: Account) -> None:
    token = start_session(db, account)
    account.active = False
    db.commit()
    assert person_for_token(db, token) is None
