"""What opens an account beside its password: one-time links, recovery codes, tokens of the API."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from data_access.account_sessions import token_hash
from data_access.accounts import Account
from data_access.clock import now
from data_access.database import Base, Instant

LINK_LASTS = timedelta(hours=24)
INVITATION = "invitation"
RESET = "reset"
NEW_EMAIL = "new-email"


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
    db.execute(
        update(OneTimeLink)
        .where(
            OneTimeLink.account_id == account_id,
            OneTimeLink.purpose == purpose,
            OneTimeLink.used_at.is_(None),
        )
        .values(used_at=at)
    )
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
