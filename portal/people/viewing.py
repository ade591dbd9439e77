"""One user: the record with what can be done about it, and its history."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.accounts import ROLE_LABELS, Account, Person, works_for
from data_access.clock import now
from data_access.credentials import INVITATION, RESET, OneTimeLink
from data_access.institutions import Institution
from data_access.people.listing import (
    INVITED,
    LOCKED,
    awaits_new_password,
    role_at,
    status_of,
)
from data_access.people.memberships import memberships_listed
from data_access.second_factor import has_second_factor
from portal.history import history_of, in_words, plain_value
from portal.people.actions import ACTS, done_words
from portal.people.pages import address_of, page
from portal.people.particulars import LABELS
from portal.permissions import find, may, may_do
from portal.sessions import Database, SignedIn

router = APIRouter()
WORDS = {
    "user_created": "The user was created.",
    "user_invited": "An invitation was sent.",
    "user_reset": "The password was reset: a link to choose a new one was sent.",
    "user_changed": "Details were changed.",
    "user_deactivated": "The user was deactivated.",
    "user_activated": "The user was activated.",
    "user_deleted": "The user was deleted.",
    "password_changed": "The password was changed.",
    "email_change_asked": "A new e-mail address was asked for.",
    "user_locked": "The user was locked after wrong entries.",
    "user_unlocked": "The user was unlocked.",
    "second_factor_set_up": "A second factor was set up.",
    "second_factor_turned_off": "The second factor was turned off.",
    "second_factor_forgotten": "The second factor was taken away.",
    "recovery_code_used": "A recovery code was used to sign in.",
    "api_token_made": "A token for programs was made.",
    "api_token_ended": "A token for programs was taken away.",
    "user_managed": "The user was put on a list of managed providers.",
    "user_no_longer_managed": "The user was taken off a list of managed providers.",
    "user_moved_by_merger": "The user was moved by a merger of institutions.",
    "membership_given": "A membership of a further institution was given.",
    "membership_ended": "A membership of a further institution was ended.",
}
FIELD_LABELS = {
    **LABELS,
    "institution_id": "Institution",
    "active": "Active",
    "membership": "Membership",
    "api_token": "Token for programs",
    "managed_by": "Managed by",
}


@router.get("/people/{identifier:int}")
def user_page(
    request: Request,
    db: Database,
    person: SignedIn,
    identifier: int,
    done: str = "",
    given: str = "",
    to: str = "",
) -> Response:
    """The record of a user; what cannot be done now, or by this person, is not offered."""
    account: Account = find(db, person, "user.view", identifier)
    status = status_of(account)
    sees_locked = may_do(db, person, "user.unlock", account)
    is_own = account.id == person.id
    return page(
        request,
        "user.html",
        account=account,
        **frame(db, person, account),
        role=ROLE_LABELS[_role_here(db, person, account)],
        own_institution=_own(db, person, account),
        standing="active" if status == LOCKED and not sees_locked else status,
        locked_until=in_words(account.locked_until)
        if status == LOCKED and sees_locked and account.locked_until
        else "",
        invitation=_invitation(db, account) if status == INVITED else "",
        reset=_reset(db, account) if awaits_new_password(account) else "",
        signed_in=in_words(account.last_signed_in_at) if account.last_signed_in_at else "",
        created=in_words(account.created_at),
        has_second_factor=has_second_factor(account),
        is_own=is_own,
        may_change=not is_own and may_do(db, person, "user.change", account),
        acts=[act for act in ACTS if _is_offered(db, person, account, act)],
        shows_memberships=may_do(db, person, "user.give_membership", account)
        and account.institution_id is not None,
        memberships=[
            (membership, institution, ROLE_LABELS[membership.role])
            for membership, institution in memberships_listed(db, account.id)
        ],
        done=done_words(db, person, account, done, given, to),
    )


def frame(db: Session, person: Person, account: Account) -> dict[str, Any]:
    """What the pages of one user have in common: the tabs, and whose user it is."""
    here = address_of(account.id)
    tabs = [(here, "Details")]
    if may_do(db, person, "user.history", account):
        tabs.append((f"{here}/history", "History"))
    return {
        "tab_list": tabs,
        "user_address": here,
        "institution": _place(db, person, account),
        "has_list": may(person, "user.list"),
    }


def _place(db: Session, person: Person, account: Account) -> Institution | None:
    """The institution that the pages of a user are headed with, and that the role shown is at.

    It is the one that the reader acts for, when the user works there, or else the user's own.
    """
    number = person.institution_id
    if number is not None and number != account.institution_id:
        query = select(Account.id).where(Account.id == account.id, works_for(number))
        if db.scalar(query) is None:
            number = account.institution_id
    number = number if number is not None else account.institution_id
    return db.get(Institution, number) if number is not None else None


def _own(db: Session, person: Person, account: Account) -> str:
    """The own institution of a user, where the page is of another one; with the role, of oneself.

    The role of somebody else there is that institution's matter.
    """
    place = _place(db, person, account)
    if place is None or account.institution_id in (None, place.id):
        return ""
    name = db.get_one(Institution, account.institution_id).name
    return f"{name}, as {ROLE_LABELS[account.role]}" if account.id == person.id else name


def _role_here(db: Session, person: Person, account: Account) -> str:
    query = select(role_at(person.institution_id)).select_from(Account)
    return db.scalar(query.where(Account.id == account.id)) or account.role


def _is_offered(db: Session, person: Person, account: Account, act: Any) -> bool:
    return bool(act.applies(account)) and may_do(db, person, act.action, account)


def _invitation(db: Session, account: Account, at: datetime | None = None) -> str:
    """How the newest invitation stands, in a sentence."""
    link = _newest_link(db, account, INVITATION)
    if link is None:
        return "No invitation has been sent."
    sent = f"The invitation was sent on {in_words(link.created_at)}."
    if link.used_at is not None or link.expires_at <= (at or now()):
        return f"{sent} Its link no longer works. Invite again to send a new one."
    return f"{sent} Its link works until {in_words(link.expires_at)}."


def _reset(db: Session, account: Account, at: datetime | None = None) -> str:
    """How the reset of a password stands for which no new one was chosen, in a sentence."""
    link = _newest_link(db, account, RESET)
    if link is None:
        return "The password was reset, and there is no link to choose a new one."
    sent = f"Password reset on {in_words(link.created_at)}"
    if link.used_at is not None or link.expires_at <= (at or now()):
        return f"{sent}; no new one was chosen, and the link no longer works."
    return f"{sent}; the link works until {in_words(link.expires_at)}, not used yet."


def _newest_link(db: Session, account: Account, purpose: str) -> OneTimeLink | None:
    return db.scalar(
        select(OneTimeLink)
        .where(OneTimeLink.account_id == account.id, OneTimeLink.purpose == purpose)
        .order_by(OneTimeLink.created_at.desc())
        .limit(1)
    )


@router.get("/people/{identifier:int}/history")
def history_page(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """Every change of a user, newest first."""
    account: Account = find(db, person, "user.history", identifier)

    def show(name: str, value: Any) -> str:
        return _in_words(db, person, name, value)

    return page(
        request,
        "history.html",
        account=account,
        **frame(db, person, account),
        events=history_of(db, ("user", account.id), WORDS, FIELD_LABELS, show),
    )


def _in_words(db: Session, person: Person, name: str, value: Any) -> str:
    if name == "role":
        return ROLE_LABELS.get(value, plain_value(name, value))
    if name == "institution_id" and isinstance(value, int):
        return _institution(db, person, value)
    if name == "membership" and isinstance(value, dict):
        role = ROLE_LABELS[value["role"]]
        return f"{_institution(db, person, value['institution'])}, {role}"
    if name == "membership" and isinstance(value, list):
        return ", ".join(_institution(db, person, number) for number in value)
    return plain_value(name, value)


def _institution(db: Session, person: Person, institution_id: int) -> str:
    """The name, for whoever may see that institution: what it has to do with whom is its own."""
    institution = db.get(Institution, institution_id)
    if institution is None or not may_do(db, person, "institution.view", institution):
        return "another institution"
    return institution.name
