"""Sessions of signed-in browsers: in the database, so that each can be seen and ended."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Boolean, ColumnElement, ForeignKey, String, and_, delete, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Database

from data_access.accounts import DATA_PROTECTION_OFFICER, Account, Person, memberships_of
from data_access.clock import now
from data_access.database import Base, Instant
from data_access.mergers import absorbed_by

SESSION_LASTS = timedelta(hours=12)
IDLE_LASTS = timedelta(minutes=60)
# Between the password and the code of the second factor.
WAITING_LASTS = timedelta(minutes=10)
# How exact the time of the last request is: it is not written at each.
_SEEN_EVERY = timedelta(minutes=1)


class AccountSession(Base):
    """A signed-in browser. Only a hash of its token is kept.

    `handle` names the session where the token must not be shown. `institution_id` is the one that
    the person acts for; without it, the account's own. A session that waits for its second factor
    opens nothing.
    """

    __tablename__ = "account_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    handle: Mapped[str] = mapped_column(String(16), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    institution_id: Mapped[int | None] = mapped_column(ForeignKey("institutions.id"))
    awaits_second_factor: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    address: Mapped[str] = mapped_column(String(45), default="")
    browser: Mapped[str] = mapped_column(String(200), default="")


def token_hash(token: str) -> str:
    """What is kept of a token: its SHA-256."""
    return hashlib.sha256(token.encode()).hexdigest()


def start_session(
    db: Database,
    account: Account,
    at: datetime | None = None,
    address: str = "",
    browser: str = "",
    awaits_second_factor: bool = False,
) -> str:
    """A new token for the browser's cookie; clears away sessions that have ended. Commits."""
    at = at or now()
    token = secrets.token_urlsafe(32)
    db.execute(delete(AccountSession).where(AccountSession.expires_at < at))
    db.add(
        AccountSession(
            token_hash=token_hash(token),
            handle=secrets.token_hex(8),
            account_id=account.id,
            awaits_second_factor=awaits_second_factor,
            created_at=at,
            last_seen_at=at,
            expires_at=at + (WAITING_LASTS if awaits_second_factor else SESSION_LASTS),
            address=address[:45],
            browser=browser[:200],
        )
    )
    db.commit()
    return token


def session_for_token(
    db: Database, token: str, at: datetime | None = None
) -> tuple[AccountSession, Account] | None:
    """The session that a token opens and its active account, or None when it has ended."""
    at = at or now()
    found = db.execute(
        select(AccountSession, Account)
        .join(Account, AccountSession.account_id == Account.id)
        .where(AccountSession.token_hash == token_hash(token), _is_open(at), Account.active)
    ).first()
    return (found[0], found[1]) if found else None


def _is_open(at: datetime) -> ColumnElement[bool]:
    return and_(AccountSession.expires_at > at, AccountSession.last_seen_at > at - IDLE_LASTS)


def waiting_for_token(
    db: Database, token: str, at: datetime | None = None
) -> tuple[AccountSession, Account] | None:
    """The session of a token that waits for its second factor, and its account, or None."""
    found = session_for_token(db, token, at)
    return found if found is not None and found[0].awaits_second_factor else None


def time_left(session: AccountSession, at: datetime | None = None) -> tuple[int, bool]:
    """Seconds until a session ends if nothing is done, and whether using it puts that off."""
    at = at or now()
    idle, whole = session.last_seen_at + IDLE_LASTS - at, session.expires_at - at
    return max(0, int(min(idle, whole).total_seconds())), idle < whole


def sessions_of(db: Database, account_id: int, at: datetime | None = None) -> list[AccountSession]:
    """The open sessions of an account, the one used last first."""
    query = select(AccountSession).where(
        AccountSession.account_id == account_id,
        _is_open(at or now()),
        AccountSession.awaits_second_factor.is_(False),
    )
    return list(db.scalars(query.order_by(AccountSession.last_seen_at.desc())))


def act_for(db: Database, handle: str, institution_id: int) -> None:
    """Makes a session act for an institution, in the caller's transaction."""
    db.execute(
        update(AccountSession)
        .where(AccountSession.handle == handle)
        .values(institution_id=institution_id)
    )


def person_for_token(
    db: Database, token: str, at: datetime | None = None, seen: bool = True
) -> Person | None:
    """Who is signed in with a token, acting for the institution that the session chose, or None.

    With `seen` the session's idle time starts anew.
    """
    at = at or now()
    found = session_for_token(db, token, at)
    if found is None or found[0].awaits_second_factor:
        return None
    session, account = found
    if seen and at - session.last_seen_at > _SEEN_EVERY:
        db.execute(
            update(AccountSession)
            .where(AccountSession.token_hash == session.token_hash)
            .values(last_seen_at=at)
        )
        db.commit()
    return person_of(db, account, session.institution_id, session.handle)


def person_of(
    db: Database, account: Account, institution_id: int | None = None, session: str = ""
) -> Person:
    """An account acting for one of its institutions: the one given, if it still works there.

    Else its own, or when that is deactivated another one.
    """
    every = memberships_of(db, account)
    chosen = next((row for row in every if row[0] == institution_id), None)
    home = every[0] if every else (account.institution_id, account.role)
    number, role = chosen or home
    return Person(
        id=account.id,
        user_name=account.user_name,
        name=account.name,
        email=account.email,
        role=role,
        institution_id=number,
        at_home=number == account.institution_id,
        several=len(every) > 1,
        must_change_password=account.must_change_password,
        needs_second_factor=account.totp_confirmed_at is None,
        is_data_protection_officer=account.contact_priority == DATA_PROTECTION_OFFICER,
        absorbed=absorbed_by(db, number) if number is not None else (),
        session=session,
    )


def end_session(db: Database, token: str) -> None:
    """Ends the session of a token; a token without one is no error."""
    db.execute(delete(AccountSession).where(AccountSession.token_hash == token_hash(token)))
    db.commit()


def end_one_session(db: Database, account_id: int, handle: str) -> bool:
    """Ends the session of a handle, in the caller's transaction; False when it had ended."""
    ended = db.execute(
        delete(AccountSession).where(
            AccountSession.account_id == account_id, AccountSession.handle == handle
        )
    )
    return getattr(ended, "rowcount", 0) == 1


def end_sessions(db: Database, account_id: int, except_handle: str = "") -> None:
    """Ends every session of an account, in the caller's transaction, but the one of a handle."""
    db.execute(
        delete(AccountSession).where(
            AccountSession.account_id == account_id, AccountSession.handle != except_handle
        )
    )


def forget_ended_sessions(db: Database, at: datetime | None = None) -> int:
    """Deletes sessions that open nothing any more, in the caller's transaction; how many."""
    at = at or now()
    ended = or_(AccountSession.expires_at < at, AccountSession.last_seen_at < at - IDLE_LASTS)
    # Asked first: without any, nobody has to wait for a write.
    if db.scalar(select(AccountSession.handle).where(ended).limit(1)) is None:
        return 0
    done = db.execute(delete(AccountSession).where(ended))
    return getattr(done, "rowcount", 0)
