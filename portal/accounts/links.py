"""Invitations and resets: one-time links, sent by e-mail."""

from sqlalchemy.orm import Session

from data_access.account_sessions import end_sessions
from data_access.accounts import Account, Actor
from data_access.audit import record
from data_access.credentials import INVITATION, RESET, make_link
from data_access.settings import Settings
from portal.mail import write_mail

SET_PASSWORD = "/set-password"  # noqa: S105


def send_invitation(db: Session, settings: Settings, account: Account, by: Actor | None) -> None:
    """Sends a link with which somebody sets the first password, in the caller's transaction."""
    token = make_link(db, account.id, INVITATION)
    write_mail(
        db,
        settings,
        account,
        "invitation",
        link=f"{settings.address}{SET_PASSWORD}/{token}",
        invited_by=by.name if by else "",
    )
    record(db, by.id if by else None, "user_invited", ("user", account.id))


def send_reset(db: Session, settings: Settings, account: Account, by: Actor | None = None) -> None:
    """Sends a link that sets a new password, in the caller's transaction.

    By somebody else (`by`), it also ends the account's sessions and demands the change; asked for
    by its owner, who need not be the one who asks, it changes nothing until the link is used.
    """
    token = make_link(db, account.id, RESET)
    write_mail(
        db,
        settings,
        account,
        "reset",
        link=f"{settings.address}{SET_PASSWORD}/{token}",
        reset_by=by.name if by else "",
    )
    if by is not None:
        account.must_change_password = True
        end_sessions(db, account.id)
    record(db, by.id if by else None, "user_reset", ("user", account.id))
