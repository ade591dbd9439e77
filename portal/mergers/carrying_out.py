"""Carrying mergers out: at once when their day has come, else by the daily job."""

import secrets
from datetime import date

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.audit import record
from data_access.mergers import DONE, FAILED, SCHEDULED, Merger, change_state, due_mergers
from data_access.merging import Merged, MergerRefused, merge
from data_access.settings import Settings
from portal.mail import write_mail
from submission.windows import in_words

_log = structlog.get_logger()


def apply_due_mergers(db: Session, settings: Settings, day: date) -> int:
    """Carries out the scheduled mergers whose day has come; returns how many were done.

    For the daily job, and safe when two processes call it: each merger is claimed by its state and
    version in the transaction that does it.
    """
    return sum(carry_out(db, settings, merger) for merger in due_mergers(db, day))


def carry_out(db: Session, settings: Settings, merger: Merger) -> bool:
    """Does a scheduled merger in one transaction; False when it was not done.

    Whatever goes wrong leaves everything as it was; the merger then is "failed" with the reason,
    and whoever decided on it is told by e-mail.
    """
    number = merger.id
    try:
        claimed = change_state(db, merger, SCHEDULED, DONE)
    except OperationalError:
        # Another process writes for longer than we wait: the next call tries again.
        db.rollback()
        _log.warning("merger_not_claimed", merger=number)
        return False
    if not claimed:
        db.rollback()
        db.refresh(merger)
        return False
    try:
        merged = merge(db, merger)
        _tell_people(db, settings, merger, merged)
        record(db, merger.created_by_id, "merger_done", ("merger", merger.id), merged.counts)
        db.commit()
    except MergerRefused as refused:
        db.rollback()
        _fail(db, settings, number, str(refused))
        return False
    except Exception as failure:
        db.rollback()
        reference = secrets.token_hex(4).upper()
        _log.error("merger_failed", merger=number, kind=type(failure).__name__, reference=reference)
        _fail(
            db,
            settings,
            number,
            f"Something went wrong while the institutions were merged (reference {reference}).",
        )
        return False
    db.refresh(merger)
    return True


def _tell_people(db: Session, settings: Settings, merger: Merger, merged: Merged) -> None:
    names = [institution.name for institution in merged.merged]
    for account in merged.people:
        write_mail(
            db,
            settings,
            account,
            "merged",
            merged=names,
            absorbing=merged.absorbing.name,
            day=in_words(merger.merges_on),
        )


def _fail(db: Session, settings: Settings, number: int, reason: str) -> None:
    """Notes, in a transaction of its own, that a merger failed and why."""
    merger = db.get(Merger, number, populate_existing=True)
    if merger is None or not change_state(db, merger, SCHEDULED, FAILED):
        db.rollback()
        return
    merger.message = f"{reason} Nothing was moved: everything is as it was before."
    record(db, merger.created_by_id, "merger_failed", ("merger", number), {"reason": reason})
    author = db.get(Account, merger.created_by_id) if merger.created_by_id else None
    if author is not None and author.active:
        write_mail(
            db,
            settings,
            author,
            "merger_failed",
            reason=reason,
            link=f"{settings.address}/administration/mergers/{number}",
        )
    db.commit()
    db.refresh(merger)
