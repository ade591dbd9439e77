"""Signing in, being locked out, and sessions."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.account_sessions import (
    IDLE_LASTS,
    AccountSession,
    end_session,
    person_for_token,
    start_session,
)
from data_access.accounts import Account, SignInRefused, hash_password, sign_in
from data_access.clock import now

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


def test_a_person_signs_in_by_user_name_or_email_in_any_letter_case(
    db: Session, account: Account
) -> None:
    assert sign_in(db, " pat ", PASSWORD).id == account.id
    assert sign_in(db, "PAT@Example.com", PASSWORD).id == account.id


def test_the_fourth_wrong_entry_locks_for_30_minutes_and_then_the_password_works_again(
    db: Session, account: Account
) -> None:
    at = now()
    for _ in range(3):
        with pytest.raises(SignInRefused):
            sign_in(db, "pat", "wrong", at)
    assert sign_in(db, "pat", PASSWORD, at).id == account.id
    for _ in range(4):
        with pytest.raises(SignInRefused):
            sign_in(db, "pat", "wrong", at)
    with pytest.raises(SignInRefused):
        sign_in(db, "pat", PASSWORD, at + timedelta(minutes=29))
    assert sign_in(db, "pat", PASSWORD, at + timedelta(minutes=31)).id == account.id


def test_unknown_inactive_and_wrong_get_the_same_message(db: Session, account: Account) -> None:
    messages = set()
    for name, password in (("nobody", PASSWORD), ("pat", "wrong")):
        with pytest.raises(SignInRefused) as refused:
            sign_in(db, name, password)
        messages.add(str(refused.value))
    account.active = False
    db.commit()
    with pytest.raises(SignInRefused) as refused:
        sign_in(db, "pat", PASSWORD)
    assert messages | {str(refused.value)} == {str(refused.value)}


def test_a_session_opens_until_it_ends_or_runs_out(db: Session, account: Account) -> None:
    token = start_session(db, account)
    found = person_for_token(db, token)
    assert found is not None and found.id == account.id
    assert person_for_token(db, token, now() + IDLE_LASTS) is None
    assert db.scalars(select(AccountSession.token_hash)).one() != token
    end_session(db, token)
    assert person_for_token(db, token) is None
