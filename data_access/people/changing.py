"""Changes of accounts by others: made, changed, deactivated, activated, deleted."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from data_access.account_sessions import end_sessions
from data_access.accounts import Account, Actor, ManagedProvider, Membership
from data_access.agreements import AgreementSignature
from data_access.api_tokens import end_tokens
from data_access.audit import record
from data_access.clock import now
from data_access.credentials import FormerPassword, OneTimeLink, RecoveryCode
from data_access.institutions import Institution
from data_access.logs import Log
from data_access.people.open_logs import give_logs, logs_of
from data_access.versions import save_changes

# What an event about a new account tells of it.
_TOLD = (
    "name",
    "user_name",
    "email",
    "telephone",
    "extension",
    "role",
    "contact_priority",
    "institution_id",
)


class NotDeleted(Exception):
    """A user cannot be deleted; the message says why, and what can be done instead."""


def name_is_taken(db: Session, user_name: str, but_for: int | None = None) -> bool:
    """Whether an account has this user name, in any letter case."""
    query = select(Account.id).where(func.lower(Account.user_name) == user_name.lower())
    return db.scalar(query.where(Account.id != but_for) if but_for else query) is not None


def holder_of(db: Session, email: str, but_for: int | None = None) -> Account | None:
    """The account of an e-mail address, in any letter case."""
    query = select(Account).where(func.lower(Account.email) == email.lower())
    return db.scalar(query.where(Account.id != but_for) if but_for else query)


def add_person(db: Session, by: Actor | None, values: Mapping[str, Any]) -> Account:
    """A new account that waits for its first password, in the caller's transaction.

    `values` are columns of Account. Raises sqlalchemy's IntegrityError when the user name or
    e-mail address was taken at this very moment.
    """
    account = Account(**values, created_by_id=by.id if by else None)
    db.add(account)
    db.flush()
    changes = {name: [None, values[name]] for name in _TOLD if values.get(name)}
    record(db, by.id if by else None, "user_created", ("user", account.id), {"changes": changes})
    return account


def change_person(
    db: Session, by: Actor, account: Account, expected_version: int, changes: Mapping[str, Any]
) -> dict[str, list[Any]]:
    """Writes columns of an account, in the caller's transaction; returns what changed.

    Who becomes a co-ordinator is on no list of managed providers any more. With a new e-mail
    address, links that were sent to the old one stop working. Raises ChangedMeanwhile, and
    IntegrityError as `add_person` does.
    """
    done = save_changes(db, account, expected_version, changes)
    if not done:
        return {}
    if "email" in done:
        end_links(db, account.id)
    if done.get("role", ["", ""])[1] == "coordinator":
        places = select(Membership.institution_id).where(
            Membership.account_id == account.id, Membership.active, Membership.role == "provider"
        )
        db.execute(
            delete(ManagedProvider).where(
                ManagedProvider.provider_id == account.id,
                ManagedProvider.institution_id.not_in(places),
            )
        )
    record(db, by.id, "user_changed", ("user", account.id), {"changes": done})
    return done


def end_links(db: Session, account_id: int) -> None:
    """Makes every one-time link of an account stop working, in the caller's transaction."""
    db.execute(
        update(OneTimeLink)
        .where(OneTimeLink.account_id == account_id, OneTimeLink.used_at.is_(None))
        .values(used_at=now())
        .execution_options(synchronize_session=False)
    )


def _shut_out(db: Session, account_id: int) -> None:
    """Ends whatever opens an account: sessions, tokens and links."""
    end_sessions(db, account_id)
    end_tokens(db, account_id)
    end_links(db, account_id)


def _claim(db: Session, account: Account, active: bool) -> bool:
    """Changes whether an account is active; False when somebody else has done so already."""
    claimed = db.execute(
        update(Account)
        .where(
            Account.id == account.id,
            Account.active.is_(not active),
            Account.deleted_at.is_(None),
        )
        .values(active=active, version=Account.version + 1)
        .execution_options(synchronize_session=False)
    )
    return getattr(claimed, "rowcount", 0) == 1


def deactivate(
    db: Session,
    by: Actor,
    account: Account,
    logs: ColumnElement[bool],
    taker: Account | None = None,
) -> int | None:
    """Shuts somebody out at once and gives their logs to `taker`, in the caller's transaction.

    Without a taker the logs stay. Returns how many were given, and None when the account was
    inactive already.
    """
    if not _claim(db, account, active=False):
        return None
    _shut_out(db, account.id)
    given = give_logs(db, by, logs, taker) if taker is not None else 0
    detail: dict[str, Any] = {"changes": {"active": [True, False]}}
    if taker is not None and given:
        detail |= {"logs_given": given, "logs_given_to": taker.id}
    record(db, by.id, "user_deactivated", ("user", account.id), detail)
    db.flush()
    db.refresh(account)
    return given


def activate(db: Session, by: Actor, account: Account) -> bool:
    """Lets somebody in again with a new password, in the caller's transaction.

    The former password stays known as one not to be chosen again. False when the account was
    active already.
    """
    if not _claim(db, account, active=True):
        return False
    db.refresh(account)
    if account.password_hash:
        db.add(FormerPassword(account_id=account.id, password_hash=account.password_hash))
    account.password_hash = ""
    account.must_change_password = False
    account.failed_attempts = 0
    account.locked_until = None
    record(
        db, by.id, "user_activated", ("user", account.id), {"changes": {"active": [False, True]}}
    )
    db.flush()
    return True


def why_not_deleted(db: Session, account: Account) -> str:
    """Why an account cannot be deleted, in a sentence; empty when it can."""
    count = db.scalar(select(func.count()).select_from(Log).where(logs_of(account.id))) or 0
    if count:
        logs = "1 log" if count == 1 else f"{count:,} logs"
        return (
            f"{account.name} has {logs}, dropped ones included. Deleting a user must never take "
            "logs away, so this user cannot be deleted."
        )
    signed = db.execute(
        select(Institution.name, AgreementSignature.signed_at)
        .join(Institution, Institution.id == AgreementSignature.institution_id)
        .where(AgreementSignature.account_id == account.id)
        .limit(1)
    ).first()
    if signed is not None:
        return (
            f"{account.name} has signed the Data Sharing Agreement of {signed[0]}, so this user "
            "cannot be deleted."
        )
    return ""


def delete_person(db: Session, by: Actor, account: Account) -> bool:
    """Takes an account out of every list, in the caller's transaction; the name stays.

    The user name and e-mail address are free again: what replaces them nobody can choose. False
    when it was deleted already. Raises NotDeleted.
    """
    before = {name: getattr(account, name) for name in ("user_name", "email", "telephone")}
    after = {"user_name": f"deleted:{account.id}", "email": f"deleted:{account.id}"}
    claimed = db.execute(
        update(Account)
        .where(Account.id == account.id, Account.deleted_at.is_(None))
        .values(
            **after,
            deleted_at=now(),
            active=False,
            telephone="",
            extension="",
            contact_priority="None",
            password_hash="",
            totp_secret="",
            totp_confirmed_at=None,
            version=Account.version + 1,
        )
        .execution_options(synchronize_session=False)
    )
    if getattr(claimed, "rowcount", 0) != 1:
        return False
    # Asked only now, when the account is held: a log may have come since the page was opened.
    refusal = why_not_deleted(db, account)
    if refusal:
        db.rollback()
        raise NotDeleted(refusal)
    _shut_out(db, account.id)
    for model in (RecoveryCode, FormerPassword):
        db.execute(delete(model).where(model.account_id == account.id))
    db.execute(
        update(Membership)
        .where(Membership.account_id == account.id, Membership.active)
        .values(active=False)
        .execution_options(synchronize_session=False)
    )
    db.execute(
        delete(ManagedProvider).where(
            or_(
                ManagedProvider.provider_id == account.id,
                ManagedProvider.coordinator_id == account.id,
            )
        )
    )
    changes = {name: [before[name], ""] for name in before if before[name]}
    record(db, by.id, "user_deleted", ("user", account.id), {"changes": changes})
    db.flush()
    db.refresh(account)
    return True
