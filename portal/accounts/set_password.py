"""Setting a password by a one-time link: of an invitation, a reset or a forgotten password."""

import time

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from data_access.account_sessions import end_sessions
from data_access.accounts import Account
from data_access.api_tokens import end_tokens
from data_access.audit import record
from data_access.clock import now
from data_access.credentials import (
    SETS_PASSWORD,
    end_links,
    link_of,
    use_link,
    working_link,
)
from data_access.passwords import DEMANDS, problem, set_password
from data_access.second_factor import has_second_factor
from data_access.settings import Settings
from data_access.signing_in import account_named, complete, unlock
from portal.accounts.even_time import wait_from
from portal.accounts.letting_in import let_in
from portal.accounts.links import FORGOTTEN, SET_PASSWORD, send_invitation, send_reset
from portal.accounts.pages import page
from portal.accounts.rate_limits import (
    LINKS,
    LINKS_OF_NAME,
    TRIES,
    limits_of,
    name_key,
    network_of,
)
from portal.forms import Posted
from portal.mail import write_mail
from portal.sessions import Database

router = APIRouter()
WELCOME = "/account?done=password-set"
# The address of these pages is a secret: nothing that is asked for from them may name it.
_SECRET = {"Referrer-Policy": "no-referrer"}


@router.get(SET_PASSWORD + "/{token}")
def set_password_form(request: Request, db: Database, token: str) -> Response:
    """The form. Opening it uses nothing up: mail programs open links before people do."""
    found = working_link(db, token, SETS_PASSWORD)
    return _ended(request) if found is None else _form(request, found[1])


@router.post(SET_PASSWORD + "/{token}")
def set_password_by_link(request: Request, db: Database, token: str, posted: Posted) -> Response:
    """Sets the password and signs in; a second factor is still asked for.

    Whatever opened the account before, sessions and API tokens, ends: somebody else may have it.

    Whoever has the link could set the password and sign in with it. Signing in at once lets an
    owner in even while somebody else goes on locking the account with wrong entries.
    """
    limits_of(request).count(TRIES, network_of(request))
    found = working_link(db, token, SETS_PASSWORD)
    if found is None:
        return _ended(request)
    _, account = found
    password = posted.get("password", "")
    wrong = problem(db, account, password)
    if wrong:
        return _form(request, account, 422, wrong)
    if not (use_link(db, token) and set_password(db, account, password)):
        db.rollback()
        return _ended(request)
    end_links(db, account.id, SETS_PASSWORD)
    end_sessions(db, account.id)
    end_tokens(db, account.id)
    waits = has_second_factor(account)
    # The link proves nothing about the second factor: whoever guesses at codes gains no tries.
    unlock(db, account, account, forgives=not waits)
    password_was_set(request, db, account)
    if not waits:
        complete(db, account, now())
    answer = let_in(request, db, account, WELCOME, waits)
    request.app.state.postman.ring()
    answer.headers.update(_SECRET)
    return answer


def password_was_set(request: Request, db: Session, account: Account) -> None:
    """Records a new password and confirms it by e-mail, in the caller's transaction."""
    record(db, account.id, "password_changed", ("user", account.id))
    settings = request.app.state.settings
    write_mail(db, settings, account, "password_changed", forgotten=FORGOTTEN)


def _form(request: Request, account: Account, status: int = 200, error: str = "") -> Response:
    answer = page(
        request, "set_password.html", status, account=account, demands=DEMANDS, error=error
    )
    answer.headers.update(_SECRET)
    return answer


def _ended(request: Request) -> Response:
    answer = page(request, "link_ended.html", 410, action=f"{request.url.path}/new")
    answer.headers.update(_SECRET)
    return answer


@router.post(SET_PASSWORD + "/{token}/new")
def new_link(request: Request, db: Database, token: str) -> Response:
    """Sends a new link to the account that an old one was for. Every token gets the same answer."""
    limits_of(request).count(LINKS, network_of(request))
    started = time.monotonic()
    found = link_of(db, token)
    if found is not None and found[0].purpose in SETS_PASSWORD and found[1].active:
        limits_of(request).count(LINKS_OF_NAME, name_key(found[1].user_name))
        _send(db, request.app.state.settings, found[1])
        db.commit()
        request.app.state.postman.ring()
    wait_from(started)
    answer = page(request, "link_sent.html", of_name=False)
    answer.headers.update(_SECRET)
    return answer


def _send(db: Session, settings: Settings, account: Account) -> None:
    """A link for somebody who has not yet had a password is an invitation again."""
    if account.password_hash or account.must_change_password:
        send_reset(db, settings, account)
    else:
        send_invitation(db, settings, account, None)


@router.get(FORGOTTEN)
def forgotten_form(request: Request) -> Response:
    """Asks for the user name."""
    return page(request, "forgotten.html")


@router.post(FORGOTTEN)
def forgotten(request: Request, db: Database, posted: Posted) -> Response:
    """Sends a link, if there is such a user. The answer and its time are the same if not."""
    name = posted.get("user_name", "")
    if not name.strip():
        error = "Enter your user name"
        return page(request, "forgotten.html", 422, error=error)
    limits_of(request).count(LINKS, network_of(request))
    limits_of(request).count(LINKS_OF_NAME, name_key(name))
    started = time.monotonic()
    account = account_named(db, name)
    if account is not None and account.active:
        _send(db, request.app.state.settings, account)
        db.commit()
        request.app.state.postman.ring()
    wait_from(started)
    return page(request, "link_sent.html", of_name=True)
