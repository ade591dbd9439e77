"""Accounts, their passwords and their sessions."""

import hashlib
import secrets
from datetime import datetime, timedelta
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Boolean, ForeignKey, Integer, String, delete, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Database

from data_access.clock import now
from data_access.database import Base, Instant

WRONG_ENTRIES_ALLOWED = 3
LOCKED_FOR = timedelta(minutes=30)
SESSION_LASTS = timedelta(hours=12)
REFUSAL = (
    "Your user name or password is not right. "
    "After 4 wrong entries an account is locked for 30 minutes."
)

_hasher = PasswordHasher()


class SignInRefused(Exception):
    """Sign-in was refused. The message is the same whatever the reason: it tells nothing."""

    def __init__(self) -> None:
        super().__init__(REFUSAL)


class Account(Base):
    """A person who can sign in: administrator, statistician, coordinator or provider."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_name: Mapped[str] = mapped_column(String(100), unique=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    institution_id: Mapped[int | None] = mapped_column(ForeignKey("institutions.id"), index=True)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    failed_attempts: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)


class AccountSession(Base):
    """A signed-in browser. Only a hash of its token is kept."""

    __tablename__ = "account_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)


def hash_password(password: str) -> str:
    """The argon2id hash of a password."""
    return _hasher.hash(password)


@lru_cache(maxsize=1)
def _hash_of_nobody() -> str:
    return hash_password(secrets.token_urlsafe(16))


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def by_email(db: Database, email: str) -> Account | None:
    """The account of an e-mail address, in any letter case."""
    return db.scalar(select(Account).where(Account.email == email.strip().lower()))


def sign_in(db: Database, name: str, password: str, at: datetime | None = None) -> Account:
    """The account of a user name or e-mail address and its password.

    The 4th wrong entry in a row locks the account for 30 minutes; afterwards the same password
    works. An unknown name costs the same hash and gets the same message. Raises SignInRefused.
    """
    at = at or now()
    given = name.strip().lower()
    account = db.scalar(
        select(Account).where(or_(func.lower(Account.user_name) == given, Account.email == given))
    )
    right = _matches(account.password_hash if account else _hash_of_nobody(), password)
    if account is None or not account.active:
        raise SignInRefused
    if account.locked_until is not None:
        if account.locked_until > at:
            raise SignInRefused
        account.locked_until = None
        account.failed_attempts = 0
    if not right:
        account.failed_attempts += 1
        if account.failed_attempts > WRONG_ENTRIES_ALLOWED:
            account.locked_until = at + LOCKED_FOR
        db.commit()
        raise SignInRefused
    account.failed_attempts = 0
    db.commit()
    return account


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def start_session(db: Database, account: Account, at: datetime | None = None) -> str:
    """A new token for the browser's cookie; clears away sessions that have ended."""
    at = at or now()
    token = secrets.token_urlsafe(32)
    db.execute(delete(AccountSession).where(AccountSession.expires_at < at))
    db.add(
        AccountSession(
            token_hash=_token_hash(token),
            account_id=account.id,
            created_at=at,
            expires_at=at + SESSION_LASTS,
        )
    )
    db.commit()
    return token


def account_for_token(db: Database, token: str, at: datetime | None = None) -> Account | None:
    """The active account whose session the token opens, or None."""
    query = (
        select(Account)
        .join(AccountSession, AccountSession.account_id == Account.id)
        .where(
            AccountSession.token_hash == _token_hash(token),
            AccountSession.expires_at > (at or now()),
            Account.active,
        )
    )
    return db.scalar(query)


def end_session(db: Database, token: str) -> None:
    """Ends the session of a token; a token without one is no error."""
    db.execute(delete(AccountSession).where(AccountSession.token_hash == _token_hash(token)))
    db.commit()
