"""Tokens with which programs read: made, listed, ended, and what each opens."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from data_access.account_sessions import person_of, token_hash
from data_access.accounts import Account, Person
from data_access.audit import record
from data_access.clock import now
from data_access.credentials import ApiToken

# So that a token that went where it should not is known for what it is, by people and scanners.
BEGINS = "core_"
LONGEST = timedelta(days=365)
MOST = 20
# How exact the time of the last use is: it is not written at each.
_USED_EVERY = timedelta(minutes=1)


class TokenRefused(Exception):
    """There is a token of this name already, or there are too many; the message says which."""


@dataclass(frozen=True)
class Reader:
    """Whom a token stands for, acting for the institution that it was made for."""

    person: Person
    handle: str
    name: str
    expires_at: datetime


def make_token(
    db: Session, person: Person, name: str, lasts: timedelta, at: datetime | None = None
) -> str:
    """A new token, in the caller's transaction. Only a hash is kept: it cannot be shown again.

    Raises TokenRefused, and ValueError for one that would last longer than a year.
    """
    if not timedelta() < lasts <= LONGEST:
        raise ValueError("A token lasts a year at most")
    at = at or now()
    _lock(db, person.id)
    db.execute(delete(ApiToken).where(ApiToken.account_id == person.id, ApiToken.expires_at <= at))
    others = tokens_of(db, person.id, at)
    if any(other.name.lower() == name.lower() for other in others):
        raise TokenRefused("You have a token of this name already. Choose another name")
    if len(others) >= MOST:
        raise TokenRefused(f"You have {MOST} tokens, which is the most. Take one away first")
    token = BEGINS + secrets.token_urlsafe(32)
    db.add(
        ApiToken(
            token_hash=token_hash(token),
            handle=secrets.token_hex(8),
            account_id=person.id,
            institution_id=person.institution_id,
            name=name,
            created_at=at,
            expires_at=at + lasts,
        )
    )
    changes = {"api_token": [None, name]}
    record(db, person.id, "api_token_made", ("user", person.id), {"changes": changes})
    return token


def _lock(db: Session, account_id: int) -> None:
    """Lets one at a time make tokens of an account, so that a name is given once."""
    db.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(version=Account.version)
        .execution_options(synchronize_session=False)
    )


def tokens_of(db: Session, account_id: int, at: datetime | None = None) -> list[ApiToken]:
    """The tokens of an account that have not expired, newest first."""
    query = select(ApiToken).where(
        ApiToken.account_id == account_id, ApiToken.expires_at > (at or now())
    )
    return list(db.scalars(query.order_by(ApiToken.created_at.desc(), ApiToken.handle)))


def end_token(db: Session, account_id: int, handle: str) -> bool:
    """Ends one of an account's tokens, in the caller's transaction; False when it had ended."""
    found = db.scalar(
        select(ApiToken).where(ApiToken.account_id == account_id, ApiToken.handle == handle)
    )
    if found is None:
        return False
    name = found.name
    ended = db.execute(delete(ApiToken).where(ApiToken.handle == handle))
    if getattr(ended, "rowcount", 0) != 1:
        return False
    changes = {"api_token": [name, None]}
    record(db, account_id, "api_token_ended", ("user", account_id), {"changes": changes})
    return True


def end_tokens(db: Session, account_id: int) -> None:
    """Ends every token of an account, in the caller's transaction."""
    db.execute(delete(ApiToken).where(ApiToken.account_id == account_id))


def reader_for_token(db: Session, token: str, at: datetime | None = None) -> Reader | None:
    """Whom a token stands for, or None when it opens nothing.

    It opens nothing once it has expired, the account is not active, or the person no longer works
    for the institution that it was made for. Notes the use; commits when it does.
    """
    at = at or now()
    found = db.execute(
        select(ApiToken, Account)
        .join(Account, Account.id == ApiToken.account_id)
        .where(
            ApiToken.token_hash == token_hash(token),
            ApiToken.expires_at > at,
            Account.active,
            Account.deleted_at.is_(None),
        )
    ).first()
    if found is None:
        return None
    kept, account = found
    person = person_of(db, account, kept.institution_id)
    if person.institution_id != kept.institution_id:
        return None
    if kept.last_used_at is None or at - kept.last_used_at > _USED_EVERY:
        db.execute(update(ApiToken).where(ApiToken.handle == kept.handle).values(last_used_at=at))
        db.commit()
    return Reader(person, kept.handle, kept.name, kept.expires_at)


def forget_expired_tokens(db: Session, at: datetime | None = None) -> int:
    """Deletes tokens that have expired, in the caller's transaction; how many."""
    expired = ApiToken.expires_at <= (at or now())
    # Asked first: without any, nobody has to wait for a write.
    count = db.scalar(select(func.count()).select_from(ApiToken).where(expired)) or 0
    if count:
        db.execute(delete(ApiToken).where(expired))
    return count
