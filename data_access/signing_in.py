"""Entries of passwords and codes: judged, counted, and locked after too many wrong ones.

An entry is counted before it is judged, by the database itself, and taken back when it was right.
So of many entries made at once no more are judged than one after the other, and none is lost from
the count. What holds an entry is committed at once; everything else is in the caller's transaction.
"""

from datetime import datetime, timedelta
from typing import NoReturn

from sqlalchemy import case, delete, func, literal, null, or_, select, update
from sqlalchemy.orm import Session

from data_access.account_sessions import AccountSession
from data_access.accounts import Account, Actor, hash_is_old, hash_password, password_matches
from data_access.audit import record
from data_access.clock import now
from data_access.database import Instant

WRONG_ENTRIES_ALLOWED = 3
LOCKED_FOR = timedelta(minutes=30)
_LOCK_WORDS = "After 4 wrong entries an account is locked for 30 minutes."
REFUSAL = f"Your user name or password is not right. {_LOCK_WORDS}"
WRONG_CODE = f"The code is not right, or it was used already. {_LOCK_WORDS}"


class SignInRefused(Exception):
    """Sign-in was refused. The message is the same whatever the reason: it tells nothing.

    `locked` is the account that this very entry locked, so that its owner is told.
    """

    def __init__(self, message: str = REFUSAL, locked: Account | None = None) -> None:
        super().__init__(message)
        self.locked = locked


def account_named(db: Session, name: str) -> Account | None:
    """The account of a user name, in any letter case, or of an e-mail address."""
    given = name.strip().lower()
    found = db.scalar(select(Account).where(func.lower(Account.user_name) == given))
    return found or db.scalar(select(Account).where(Account.email == given))


def is_locked(account: Account, at: datetime | None = None) -> bool:
    """Whether wrong entries keep this account shut now."""
    return account.locked_until is not None and account.locked_until > (at or now())


def sign_in(db: Session, name: str, password: str, at: datetime | None = None) -> Account:
    """The account of a user name or e-mail address and its password.

    The 4th wrong entry in a row locks the account for 30 minutes; afterwards the same password
    works (guide, chapter on logging in). An unknown name costs the same hash and gets the same
    message. For an account with a second factor wrong entries stay counted until its code is
    right. A hash made with weaker parameters than today's is renewed. Raises SignInRefused.
    """
    at = at or now()
    account = account_named(db, name)
    held = hold_entry(db, account, at) if account is not None else 0
    right = password_matches(account.password_hash if account else "", password)
    if account is None:
        raise SignInRefused
    if not (held and right):
        refuse(db, account, "password", held, REFUSAL)
    if hash_is_old(account.password_hash):
        account.password_hash = hash_password(password)
    if account.totp_confirmed_at is not None:
        _give_back(db, account)
    else:
        complete(db, account, at)
    return account


def hold_entry(db: Session, account: Account, at: datetime) -> int:
    """Counts an entry before it is judged; returns its number among the wrong ones in a row.

    0, without counting, for an account that is locked or not active: no entry is taken. Commits.
    """
    # Whoever was locked and is so no longer begins to count anew.
    counted = case((Account.locked_until.is_not(None), 1), else_=Account.failed_attempts + 1)
    lock = case((counted > WRONG_ENTRIES_ALLOWED, literal(at + LOCKED_FOR, Instant)), else_=null())
    held = db.execute(
        update(Account)
        .where(
            Account.id == account.id,
            Account.active,
            or_(Account.locked_until.is_(None), Account.locked_until <= at),
        )
        .values(failed_attempts=counted, locked_until=lock)
        .returning(Account.failed_attempts)
        .execution_options(synchronize_session=False)
    ).scalar()
    db.commit()
    db.refresh(account)
    return held or 0


def refuse(db: Session, account: Account, what: str, held: int, message: str) -> NoReturn:
    """Records a wrong entry and raises SignInRefused; a lock also ends half-finished sign-ins."""
    record(db, account.id, "sign_in_refused", ("session", account.id), {"what": what})
    locked = held > WRONG_ENTRIES_ALLOWED
    if locked:
        record(db, None, "user_locked", ("user", account.id), {"until": account.locked_until})
        db.execute(
            delete(AccountSession).where(
                AccountSession.account_id == account.id, AccountSession.awaits_second_factor
            )
        )
    raise SignInRefused(message, account if locked else None)


def _give_back(db: Session, account: Account) -> None:
    """Takes back a right entry; the wrong ones before it stay counted."""
    db.execute(
        update(Account)
        .where(Account.id == account.id)
        .values(
            failed_attempts=case(
                (Account.failed_attempts > 0, Account.failed_attempts - 1), else_=0
            ),
            locked_until=None,
        )
        .execution_options(synchronize_session=False)
    )
    db.flush()
    db.refresh(account)


def complete(db: Session, account: Account, at: datetime) -> None:
    """Somebody has signed in: nothing is counted any more."""
    account.failed_attempts = 0
    account.locked_until = None
    account.last_signed_in_at = at
    record(db, account.id, "signed_in", ("session", account.id))
    db.flush()


def unlock(db: Session, account: Account, by: Actor, forgives: bool = True) -> bool:
    """Lifts a lock, in the caller's transaction; False when there was none.

    Unless it `forgives`, one more wrong entry locks again.
    """
    was_locked = is_locked(account)
    account.failed_attempts = 0 if forgives else min(account.failed_attempts, WRONG_ENTRIES_ALLOWED)
    account.locked_until = None
    if was_locked:
        record(db, by.id, "user_unlocked", ("user", account.id))
    db.flush()
    return was_locked
