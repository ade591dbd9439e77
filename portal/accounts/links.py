"""One-time links, sent by e-mail: invitations, resets, new e-mail addresses."""

from sqlalchemy.orm import Session

from data_access.account_sessions import end_sessions
from data_access.accounts import Account, Actor
from data_access.api_tokens import end_tokens
from data_access.audit import record
from data_access.credentials import INVITATION, NEW_EMAIL, RESET, make_link
from data_access.passwords import void_password
from data_access.people.changing import holder_of
from data_access.settings import Settings
from data_access.signing_in import unlock
from portal.mail import write_mail

SET_PASSWORD = "/set-password"  # noqa: S105
CONFIRM_EMAIL = "/confirm-email"
FORGOTTEN = "/forgotten-password"


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

    By somebody else (`by`), it also ends the account's sessions and API tokens, lifts a lock, and
    the present password stops working; asked for by its owner, who need not be the one who asks, it
    changes nothing until the link is used.
    """
    token = make_link(db, account.id, RESET)
    write_mail(
        db,
        settings,
        account,
        "reset",
        link=f"{settings.address}{SET_PASSWORD}/{token}",
        reset_by=by.name if by else "",
        has_password=bool(account.password_hash),
    )
    if by is not None:
        void_password(db, account)
        unlock(db, account, by)
        end_sessions(db, account.id)
        end_tokens(db, account.id)
    record(db, by.id if by else None, "user_reset", ("user", account.id))


def send_new_email(db: Session, settings: Settings, account: Account, email: str) -> None:
    """Asks a new address to confirm itself and tells the old one, in the caller's transaction.

    When somebody has that address already, it is told so instead; whoever asked cannot tell.
    """
    token = make_link(db, account.id, NEW_EMAIL, email)
    holder = holder_of(db, email, account.id)
    if holder is None:
        link = f"{settings.address}{CONFIRM_EMAIL}/{token}"
        write_mail(db, settings, account, "new_email", to_address=email, link=link)
    elif holder.active:
        write_mail(db, settings, holder, "email_taken", forgotten=FORGOTTEN)
    write_mail(db, settings, account, "email_asked", email=email)
    record(db, account.id, "email_change_asked", ("user", account.id), {"email": email})
