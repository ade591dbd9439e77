"""What opens an account beside its password: one-time links, recovery codes, tokens of the API."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from data_access.account_sessions import token_hash
from data_access.accounts import Account
from data_access.clock import now
from data_access.database import Base, Instant

LINK_LASTS = timedelta(hours=24)
EXPIRED_LINKS_KEPT = timedelta(days=90)
INVITATION = "invitation"
RESET = "reset"
NEW_EMAIL = "new-email"
SETS_PASSWORD = (INVITATION, RESET)


class FormerPassword(Base):
    """A password that an account had, so that it is not chosen again too soon."""

    __tablename__ = "former_passwords"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime] = mapped_column(Instant, default=now)


class OneTimeLink(Base):
    """A link sent by e-mail: it works once, within 24 hours. Only a hash of it is kept."""

    __tablename__ = "one_time_links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    purpose: Mapped[str] = mapped_column(String(20))
    # The new address, for a link that confirms one.
    detail: Mapped[str] = mapped_column(String(254), default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (Index("ix_one_time_links_account", "account_id", "purpose"),)


class RecoveryCode(Base):
    """A code that stands in once for an authenticator app that was lost. Only a hash is kept."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class ApiToken(Base):
    """A token with which a program reads what its person may see, for one institution."""

    __tablename__ = "api_tokens"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    handle: Mapped[str] = mapped_column(String(16), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    institution_id: Mapped[int | None] = mapped_column(ForeignKey("institutions.id"))
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)


def make_link(
    db: Session, account_id: int, purpose: str, detail: str = "", at: datetime | None = None
) -> str:
    """A new token for a link, in the caller's transaction; earlier ones of its kind stop working.

    Purposes: INVITATION and RESET set a password, NEW_EMAIL confirms an address.
    """
    at = at or now()
    end_links(db, account_id, (purpose,), at)
    token = secrets.token_urlsafe(32)
    db.add(
        OneTimeLink(
            token_hash=token_hash(token),
            account_id=account_id,
            purpose=purpose,
            detail=detail,
            created_at=at,
            expires_at=at + LINK_LASTS,
        )
    )
    return token


def link_of(db: Session, token: str) -> tuple[OneTimeLink, Account] | None:
    """The link of a token and its account, used or expired ones too, or None."""
    found = db.execute(
        select(OneTimeLink, Account)
        .join(Account, Account.id == OneTimeLink.account_id)
        .where(OneTimeLink.token_hash == token_hash(token))
    ).first()
    return (found[0], found[1]) if found else None


def working_link(
    db: Session, token: str, purposes: tuple[str, ...], at: datetime | None = None
) -> tuple[OneTimeLink, Account] | None:
    """The link of a token and its active account, while it works for one of these purposes."""
    found = link_of(db, token)
    if found is None:
        return None
    link, account = found
    works = link.used_at is None and link.expires_at > (at or now())
    return found if works and account.active and link.purpose in purposes else None


def pending_email(db: Session, account_id: int, at: datetime | None = None) -> str:
    """The new e-mail address that an account has still to confirm; empty when there is none."""
    query = select(OneTimeLink.detail).where(
        OneTimeLink.account_id == account_id,
        OneTimeLink.purpose == NEW_EMAIL,
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > (at or now()),
    )
    return db.scalar(query.limit(1)) or ""


def end_links(
    db: Session, account_id: int, purposes: tuple[str, ...], at: datetime | None = None
) -> None:
    """Makes an account's links for these purposes stop working, in the caller's transaction."""
    db.execute(
        update(OneTimeLink)
        .where(
            OneTimeLink.account_id == account_id,
            OneTimeLink.purpose.in_(purposes),
            OneTimeLink.used_at.is_(None),
        )
        .values(used_at=at or now())
        .execution_options(synchronize_session=False)
    )


def use_link(db: Session, token: str, at: datetime | None = None) -> bool:
    """Marks a link as used, in the caller's transaction; False when it no longer works.

    Of two requests with one link, one gets True.
    """
    at = at or now()
    used = db.execute(
        update(OneTimeLink)
        .where(
            OneTimeLink.token_hash == token_hash(token),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > at,
        )
        .values(used_at=at)
        .execution_options(synchronize_session=False)
    )
    return getattr(used, "rowcount", 0) == 1


def forget_old_links(db: Session, at: datetime | None = None) -> int:
    """Deletes links that expired long ago, in the caller's transaction; returns how many.

    Until then whoever follows one is told that it has expired and can ask for another.
    """
    old = OneTimeLink.expires_at < (at or now()) - EXPIRED_LINKS_KEPT
    if db.scalar(select(OneTimeLink.token_hash).where(old).limit(1)) is None:
        return 0
    done = db.execute(delete(OneTimeLink).where(old))
    return getattr(done, "rowcount", 0)
