"""Accounts: who can sign in, as what, and for which institutions."""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import (
    Boolean,
    ColumnElement,
    ForeignKey,
    Integer,
    String,
    UniqueConstraint,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Database

from data_access.clock import now
from data_access.database import Base, Instant
from data_access.institutions import Institution

ROLES = ("administrator", "statistician", "coordinator", "provider")
ROLE_LABELS = {
    "administrator": "administrator",
    "statistician": "statistician",
    "coordinator": "co-ordinator",
    "provider": "data provider",
}
# The guide's nine, one a person; whoever sends messages chooses people by them.
CONTACT_PRIORITIES = (
    "Duplicate Account",
    "eCORE contact",
    "Key performance contact",
    "Performance and eCORE contact",
    "Senior stakeholder",
    "Data Protection Officer",
    "Private Data Downloader",
    "None",
    "Other",
)
DATA_PROTECTION_OFFICER = "Data Protection Officer"

_hasher = PasswordHasher()


class Actor(Protocol):
    """Somebody who acts: an account, or a person acting for one of several institutions."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def institution_id(self) -> int | None: ...


class Account(Base):
    """A person who can sign in.

    `role` and `institution_id` are those of the institution that the account was made for;
    further ones are memberships. An account that waits for its first password has an empty
    `password_hash`. A deleted account is kept for the audit trail, inactive and out of every list.
    """

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_name: Mapped[str] = mapped_column(String(100), unique=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    telephone: Mapped[str] = mapped_column(String(30), default="")
    extension: Mapped[str] = mapped_column(String(10), default="")
    contact_priority: Mapped[str] = mapped_column(String(40), default="None")
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=False)
    role: Mapped[str] = mapped_column(String(20))
    institution_id: Mapped[int | None] = mapped_column(ForeignKey("institutions.id"), index=True)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    failed_attempts: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None] = mapped_column(Instant)
    totp_secret: Mapped[str] = mapped_column(String(64), default="")
    totp_confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    # The last time step whose code was used: a code opens one session and no second one.
    totp_last_step: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    created_by_id: Mapped[int | None] = mapped_column(Integer)
    last_signed_in_at: Mapped[datetime | None] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)


class Membership(Base):
    """A further institution that a person works for, beside the one of the account."""

    __tablename__ = "memberships"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    institution_id: Mapped[int] = mapped_column(ForeignKey("institutions.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)

    __table_args__ = (UniqueConstraint("account_id", "institution_id"),)


class ManagedProvider(Base):
    """A data provider on the list of a co-ordinator, as the co-ordinator of one institution."""

    __tablename__ = "managed_providers"

    institution_id: Mapped[int] = mapped_column(ForeignKey("institutions.id"), primary_key=True)
    coordinator_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    provider_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id"), primary_key=True, index=True
    )
    added_at: Mapped[datetime] = mapped_column(Instant, default=now)


@dataclass(frozen=True)
class Person:
    """Somebody signed in, acting for one institution (or for none)."""

    id: int
    user_name: str
    name: str
    email: str
    role: str
    institution_id: int | None
    # Whether logs without owner and manager are this institution's: they are the account's own's.
    at_home: bool = True
    # Institutions to switch between; one, or none, needs no switch.
    several: bool = False
    must_change_password: bool = False
    needs_second_factor: bool = False
    is_data_protection_officer: bool = False
    # Institutions that went into the one acted for: their records and logs count as its own.
    absorbed: tuple[int, ...] = ()
    session: str = ""


def hash_password(password: str) -> str:
    """The argon2id hash of a password."""
    return _hasher.hash(_as_typed_anywhere(password))


def hash_is_old(stored: str) -> bool:
    """Whether a hash was made with other parameters than those of today."""
    return _hasher.check_needs_rehash(stored)


def _as_typed_anywhere(password: str) -> str:
    # One keyboard sends é as a letter, another as e and an accent: both are the same password.
    return unicodedata.normalize("NFC", password)


@lru_cache(maxsize=1)
def _hash_of_nobody() -> str:
    return hash_password(secrets.token_urlsafe(16))


def password_matches(stored: str, password: str) -> bool:
    """Whether this is the password of a stored hash. An empty hash costs as much as any."""
    if not stored:
        password_matches(_hash_of_nobody(), password)
        return False
    try:
        return _hasher.verify(stored, _as_typed_anywhere(password))
    except (VerifyMismatchError, InvalidHashError):
        return False


def by_email(db: Database, email: str) -> Account | None:
    """The account of an e-mail address, in any letter case."""
    return db.scalar(select(Account).where(Account.email == email.strip().lower()))


def works_for(institution_id: int | ColumnElement[int]) -> ColumnElement[bool]:
    """Accounts of an institution, by their own record or by a membership, as a condition."""
    member = select(Membership.account_id).where(
        Membership.institution_id == institution_id, Membership.active
    )
    return or_(Account.institution_id == institution_id, Account.id.in_(member))


def works_for_any(institution_ids: set[int]) -> ColumnElement[bool]:
    """Accounts of any of these institutions, as a condition."""
    member = select(Membership.account_id).where(
        Membership.institution_id.in_(institution_ids), Membership.active
    )
    return or_(Account.institution_id.in_(institution_ids), Account.id.in_(member))


def memberships_of(db: Database, account: Account) -> list[tuple[int, str]]:
    """Institution and role of each that a person works for, the account's own first.

    Of several, those that are deactivated are left out: nobody acts for them.
    """
    own = [(account.institution_id, account.role)] if account.institution_id is not None else []
    rows = db.execute(
        select(Membership.institution_id, Membership.role)
        .where(Membership.account_id == account.id, Membership.active)
        .order_by(Membership.id)
    )
    found = own + [(institution_id, role) for institution_id, role in rows]
    if len(found) < 2:
        return found
    numbers = [institution_id for institution_id, _ in found]
    active = set(
        db.scalars(select(Institution.id).where(Institution.id.in_(numbers), Institution.active))
    )
    return [row for row in found if row[0] in active] or found
