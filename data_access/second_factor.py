"""The second factor: six digits from an authenticator app, or a recovery code in its place.

Time-based one-time passwords of RFC 6238: a new code every 30 seconds. The one before and the one
after are taken too, for clocks that are not quite right. No code is taken twice.
"""

import base64
import secrets
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from data_access.account_sessions import end_sessions, token_hash
from data_access.accounts import Account, Actor
from data_access.audit import record
from data_access.clock import now
from data_access.credentials import RecoveryCode
from data_access.signing_in import WRONG_CODE, complete, hold_entry, refuse

ISSUER = "CORE"
RECOVERY_CODES = 10
_STEP = 30
_STEPS_BESIDE = 1


def has_second_factor(account: Account) -> bool:
    """Whether signing in to this account takes a code."""
    return account.totp_confirmed_at is not None


def begin(db: Session, account: Account) -> str:
    """The secret to put into an app, made when there is none yet, in the caller's transaction."""
    if not account.totp_secret:
        account.totp_secret = pyotp.random_base32()
        db.flush()
    return account.totp_secret


def app_address(account: Account) -> str:
    """What a QR code tells the app: whose secret this is, and of what service."""
    return pyotp.TOTP(account.totp_secret, name=account.user_name, issuer=ISSUER).provisioning_uri()


def confirm(db: Session, account: Account, code: str, at: datetime | None = None) -> list[str]:
    """Puts the second factor in force by a first code; returns the recovery codes, or none.

    None when the code is not right, in the caller's transaction.
    """
    at = at or now()
    if has_second_factor(account) or not _use_app_code(db, account, code, at):
        return []
    account.totp_confirmed_at = at
    record(db, account.id, "second_factor_set_up", ("user", account.id))
    return new_recovery_codes(db, account)


def new_recovery_codes(db: Session, account: Account) -> list[str]:
    """Recovery codes in place of all earlier ones, in the caller's transaction."""
    db.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    db.add_all(
        RecoveryCode(account_id=account.id, code_hash=token_hash(_bare(code))) for code in codes
    )
    db.flush()
    return codes


def _recovery_code() -> str:
    letters = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def _bare(code: str) -> str:
    return "".join(character for character in code.lower() if character.isalnum())


def recovery_codes_left(db: Session, account: Account) -> int:
    """How many recovery codes have not been used."""
    query = select(func.count()).select_from(RecoveryCode)
    return (
        db.scalar(
            query.where(RecoveryCode.account_id == account.id, RecoveryCode.used_at.is_(None))
        )
        or 0
    )


def are_recovery_codes(db: Session, account: Account, codes: list[str]) -> bool:
    """Whether these are just the recovery codes of an account, used ones too."""
    stored = set(
        db.scalars(select(RecoveryCode.code_hash).where(RecoveryCode.account_id == account.id))
    )
    return {token_hash(_bare(code)) for code in codes} == stored


def use_code(db: Session, account: Account, code: str, at: datetime | None = None) -> bool:
    """Whether a code of the app, or a recovery code, is right; it is then used up.

    In the caller's transaction; of two requests with one code, one gets True.
    """
    at = at or now()
    return _use_app_code(db, account, code, at) or _use_recovery_code(db, account, code, at)


def _use_app_code(db: Session, account: Account, code: str, at: datetime) -> bool:
    digits = "".join(code.split())
    if not account.totp_secret or not (digits.isascii() and digits.isdecimal()):
        return False
    totp = pyotp.TOTP(account.totp_secret)
    for beside in range(-_STEPS_BESIDE, _STEPS_BESIDE + 1):
        then = at + timedelta(seconds=beside * _STEP)
        if not secrets.compare_digest(totp.at(then), digits):
            continue
        step = int(then.timestamp()) // _STEP
        used = db.execute(
            update(Account)
            .where(
                Account.id == account.id,
                or_(Account.totp_last_step.is_(None), Account.totp_last_step < step),
            )
            .values(totp_last_step=step)
            .execution_options(synchronize_session=False)
        )
        if getattr(used, "rowcount", 0) == 1:
            db.refresh(account)
            return True
    return False


def _use_recovery_code(db: Session, account: Account, code: str, at: datetime) -> bool:
    used = db.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account.id,
            RecoveryCode.code_hash == token_hash(_bare(code)),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=at)
        .execution_options(synchronize_session=False)
    )
    if getattr(used, "rowcount", 0) != 1:
        return False
    record(db, account.id, "recovery_code_used", ("user", account.id))
    return True


def finish_sign_in(db: Session, account: Account, code: str, at: datetime | None = None) -> None:
    """The second step of signing in. A wrong code is a wrong entry: the 4th in a row locks.

    Raises SignInRefused.
    """
    at = at or now()
    held = hold_entry(db, account, at)
    if not (held and use_code(db, account, code, at)):
        refuse(db, account, "code", held, WRONG_CODE)
    complete(db, account, at)


def turn_off(db: Session, account: Account) -> None:
    """Takes the second factor away, in the caller's transaction, for its owner."""
    _forget(db, account)
    record(db, account.id, "second_factor_turned_off", ("user", account.id))


def forget_second_factor(db: Session, account: Account, by: Actor) -> bool:
    """Takes away the second factor of somebody who lost it, in the caller's transaction.

    Ends the account's sessions. False when there was none.
    """
    if not has_second_factor(account):
        return False
    _forget(db, account)
    end_sessions(db, account.id)
    record(db, by.id, "second_factor_forgotten", ("user", account.id))
    return True


def _forget(db: Session, account: Account) -> None:
    account.totp_secret = ""
    account.totp_confirmed_at = None
    account.totp_last_step = None
    db.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    db.flush()
