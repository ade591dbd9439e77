"""What is done to a user's account in one step, each after a page that asks for confirmation."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from data_access.accounts import Account, Person
from data_access.institutions import Institution
from data_access.people.changing import activate
from data_access.people.listing import (
    ACTIVE,
    INACTIVE,
    INVITED,
    LOCKED,
    awaits_new_password,
    status_of,
)
from data_access.second_factor import forget_second_factor, has_second_factor
from data_access.settings import Settings
from data_access.signing_in import unlock
from portal.accounts.links import send_invitation, send_reset
from portal.mail import write_mail
from portal.people.pages import address_of, find_user, number, page
from portal.permissions import may_do
from portal.sessions import Database, SignedIn

router = APIRouter()
Do = Callable[[Session, Settings, Person, Account], None]


@dataclass(frozen=True)
class Act:
    """Something that can be done to an account.

    `title` and `done` are templates for the user's name, `lines` say what happens. `applies` says
    whether the account is in a state for it, and `do` does it in the caller's transaction. An act
    without `do` has pages of its own.
    """

    name: str
    action: str
    link: str
    title: str
    lines: tuple[str, ...]
    button: str
    done: str
    applies: Callable[[Account], bool]
    do: Do | None = None


def _in(*statuses: str) -> Callable[[Account], bool]:
    return lambda account: status_of(account) in statuses


def _reset(db: Session, settings: Settings, by: Person, account: Account) -> None:
    send_reset(db, settings, account, by)


def _invite(db: Session, settings: Settings, by: Person, account: Account) -> None:
    send_invitation(db, settings, account, by)


def _activate(db: Session, settings: Settings, by: Person, account: Account) -> None:
    if activate(db, by, account):
        send_invitation(db, settings, account, by)


def _unlock(db: Session, settings: Settings, by: Person, account: Account) -> None:
    unlock(db, account, by)


def _forget(db: Session, settings: Settings, by: Person, account: Account) -> None:
    if forget_second_factor(db, account, by):
        write_mail(db, settings, account, "second_factor_forgotten", forgotten_by=by.name)


ACTS = (
    Act(
        "invite",
        "user.reset",
        "Invite again",
        "Invite {name} again?",
        (
            "We send a new invitation to {email}. Its link works for 24 hours, and earlier links "
            "stop working.",
        ),
        "Send a new invitation",
        "A new invitation is on its way to {email}.",
        _in(INVITED),
        _invite,
    ),
    Act(
        "reset",
        "user.reset",
        "Reset the password",
        "Reset the password of {name}?",
        (
            "We send a link to {email}. It works for 24 hours and sets a new password.",
            "The user is signed out everywhere at once, and cannot go on until the new password is "
            "chosen. API tokens of the user stop working.",
        ),
        "Reset the password",
        "The password was reset. A link to choose a new one is on its way to {email}.",
        lambda account: status_of(account) in (ACTIVE, LOCKED) and not awaits_new_password(account),
        _reset,
    ),
    Act(
        "reset-again",
        "user.reset",
        "Send the link again",
        "Send {name} the link again?",
        (
            "We send a new link to {email}. It works for 24 hours and sets a new password, and "
            "earlier links stop working.",
        ),
        "Send a new link",
        "A new link to choose a password is on its way to {email}.",
        awaits_new_password,
        _reset,
    ),
    Act(
        "unlock",
        "user.unlock",
        "Unlock",
        "Unlock {name}?",
        ("The user can sign in again at once, with the same password.",),
        "Unlock this user",
        "{name} can sign in again.",
        _in(LOCKED),
        _unlock,
    ),
    Act(
        "forget-second-factor",
        "user.forget_second_factor",
        "Take away the second factor",
        "Take away the second factor of {name}?",
        (
            "Do this for somebody who has lost the authenticator app and the recovery codes. Make "
            "sure that it is this person who asks.",
            "The user is signed out everywhere, and signs in with the password alone until a new "
            "authenticator app is set up. Administrators and statisticians must set one up.",
        ),
        "Take away the second factor",
        "{name} has no second factor any more.",
        has_second_factor,
        _forget,
    ),
    Act(
        "activate",
        "user.deactivate",
        "Activate",
        "Activate {name}?",
        (
            "The user can sign in again. For that we send an invitation to {email}, with which a "
            "new password is chosen: the old one no longer works.",
        ),
        "Activate this user",
        "{name} is active again. An invitation is on its way to {email}.",
        _in(INACTIVE),
        _activate,
    ),
    Act(
        "deactivate",
        "user.deactivate",
        "Deactivate",
        "Deactivate {name}?",
        (),
        "Deactivate this user",
        "{name} is deactivated and signed out everywhere.",
        _in(ACTIVE, INVITED, LOCKED),
    ),
    Act(
        "delete",
        "user.delete",
        "Delete",
        "Delete {name}?",
        (),
        "Delete this user",
        "",
        lambda account: True,
    ),
)
BY_NAME = {act.name: act for act in ACTS}
WRONG_STATE = {
    "invite": "{name} does not wait for an invitation any more. Nothing was changed.",
    "reset": "{name} has no password to reset. Activate the user, invite again or send the link "
    "again instead.",
    "reset-again": "{name} does not wait for a link any more. Nothing was changed.",
    "activate": "{name} is active already. Nothing was changed.",
    "deactivate": "{name} is deactivated already. Nothing was changed.",
    "unlock": "{name} is not locked any more. Nothing was changed.",
    "forget-second-factor": "{name} has no second factor. Nothing was changed.",
}


def done_words(
    db: Session, person: Person, account: Account, done: str, given: str, to: str
) -> tuple[str, str]:
    """What was just done to a user, as a sentence and its detail; empty for anything unknown."""
    if done == "saved":
        return "The changes are saved.", ""
    if done == "same":
        return "Nothing was changed.", "These were the details already."
    if done == "membership":
        return "The membership is given.", ""
    if done == "membership-ended":
        return "The membership has ended.", "The user's account stays as it is."
    if done.startswith("not-") and done.removeprefix("not-") in WRONG_STATE:
        return WRONG_STATE[done.removeprefix("not-")].format(name=account.name), ""
    act = BY_NAME.get(done)
    if act is None or not act.done:
        return "", ""
    detail = _given(db, person, given, to) if done == "deactivate" else ""
    return act.done.format(name=account.name, email=account.email), detail


def _given(db: Session, person: Person, given: str, to: str) -> str:
    taker = db.get(Account, number(to))
    if not number(given) or taker is None or not may_do(db, person, "user.view", taker):
        return ""
    logs = "1 log was" if given == "1" else f"{number(given):,} logs were"
    return f"{logs} given to {taker.name}."


@router.get("/people/{identifier:int}/{name}")
def confirm_page(
    request: Request, db: Database, person: SignedIn, identifier: int, name: str
) -> Response:
    """Asks before it is done: a link must not change anything."""
    act = _act(name)
    account = find_user(db, person, act.action, identifier)
    if not act.applies(account):
        return _back(account, f"not-{act.name}")
    return page(
        request,
        "confirm.html",
        account=account,
        user_address=address_of(account.id),
        title=act.title.format(name=account.name),
        lines=[line.format(name=account.name, email=account.email) for line in act.lines],
        problem=_problem(db, act, account),
        button=act.button,
        action=f"{address_of(account.id)}/{act.name}",
    )


@router.post("/people/{identifier:int}/{name}")
def do(request: Request, db: Database, person: SignedIn, identifier: int, name: str) -> Response:
    """Does it, if the account is still in a state for it."""
    act = _act(name)
    account = find_user(db, person, act.action, identifier)
    if not act.applies(account) or act.do is None:
        return _back(account, f"not-{act.name}")
    problem = _problem(db, act, account)
    if problem:
        raise HTTPException(409, problem)
    act.do(db, request.app.state.settings, person, account)
    db.commit()
    request.app.state.postman.ring()
    return _back(account, act.name)


def _act(name: str) -> Act:
    act = BY_NAME.get(name)
    if act is None or act.do is None:
        raise HTTPException(404)
    return act


def _back(account: Account, done: str) -> Response:
    return RedirectResponse(f"{address_of(account.id)}?done={done}", 303)


def _problem(db: Session, act: Act, account: Account) -> str:
    """Why it cannot be done although the account is in a state for it."""
    if act.name != "activate" or account.institution_id is None:
        return ""
    institution = db.get_one(Institution, account.institution_id)
    if institution.active:
        return ""
    return (
        f"{institution.name} is not active, so its users cannot be activated. An administrator can "
        "reactivate the institution first."
    )
