"""Signing in by user name and password, then by a code; signing out."""

import time

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from data_access.account_sessions import end_session, session_for_token, waiting_for_token
from data_access.accounts import ROLE_LABELS, Account
from data_access.audit import record
from data_access.second_factor import finish_sign_in, has_second_factor
from data_access.signing_in import LOCKED_FOR, SignInRefused, sign_in
from portal.accounts.even_time import wait_from
from portal.accounts.letting_in import let_in, let_out
from portal.accounts.links import FORGOTTEN
from portal.accounts.pages import local_address, page
from portal.accounts.rate_limits import (
    REFUSED,
    REFUSED_NAME,
    TRIES,
    limits_of,
    name_key,
    network_of,
)
from portal.forms import Posted
from portal.mail import write_mail
from portal.sessions import COOKIE, ENTER_CODE, Database, MaybeSignedIn, SignedIn

router = APIRouter()


def _page(request: Request, status: int = 200, **context: str | bool) -> Response:
    accounts: dict[str, str] = {}
    password = ""
    if request.app.state.settings.demonstration:
        from portal.demonstration.people import ACCOUNTS, PASSWORD

        accounts = {name: ROLE_LABELS[role] for name, (role, _) in ACCOUNTS.items()}
        password = PASSWORD
    return page(
        request,
        "sign_in.html",
        status,
        forgotten=FORGOTTEN,
        demonstration_accounts=accounts,
        demonstration_password=password,
        **context,
    )


@router.get("/sign-in")
def sign_in_form(
    request: Request, person: MaybeSignedIn, next: str = "/account", ended: str = ""
) -> Response:
    """The form; somebody who is signed in already goes on."""
    going = local_address(next)
    if person is not None:
        return RedirectResponse(going, 303)
    return _page(request, next_address=going, ended=ended if ended in ("yes", "locked") else "")


@router.post("/sign-in")
def sign_in_with_password(request: Request, db: Database, posted: Posted) -> Response:
    """Starts a session, or shows the form again with what was wrong."""
    user_name, password = posted.get("user_name", ""), posted.get("password", "")
    going = local_address(posted.get("next", ""))
    limits, network, name = limits_of(request), network_of(request), name_key(user_name)
    limits.count(TRIES, network)
    limits.look(REFUSED, network)
    shown = {"next_address": going, "user_name": user_name}
    if not user_name.strip() or not password:
        limits.note(REFUSED, network)
        first = not user_name.strip()
        missing = "Enter your user name" if first else "Enter your password"
        field = "user-name" if first else "password"
        return _page(request, 422, **shown, error=missing, field=field)
    limits.look(REFUSED_NAME, name)
    try:
        account = _judge(request, db, user_name, password)
    except SignInRefused as refused:
        limits.note(REFUSED, network)
        limits.note(REFUSED_NAME, name)
        return _page(request, 422, **shown, error=str(refused), field="user-name")
    return let_in(request, db, account, going, has_second_factor(account))


def _judge(request: Request, db: Session, user_name: str, password: str) -> Account:
    """The account, if the password is right. A refusal takes the same time whatever its reason."""
    started = time.monotonic()
    try:
        return sign_in(db, user_name, password)
    except SignInRefused as refused:
        tell_of_lock(request, db, refused)
        wait_from(started)
        raise


def tell_of_lock(request: Request, db: Session, refused: SignInRefused) -> None:
    """Keeps the record of a refusal, and tells an account's owner that it was just locked."""
    if refused.locked is not None:
        minutes = int(LOCKED_FOR.total_seconds()) // 60
        settings = request.app.state.settings
        write_mail(db, settings, refused.locked, "locked", minutes=minutes, forgotten=FORGOTTEN)
    db.commit()
    request.app.state.postman.ring()


@router.get(ENTER_CODE)
def code_form(request: Request, db: Database, next: str = "/account") -> Response:
    """Asks for a code of the second factor, of whoever has given the password."""
    if waiting_for_token(db, request.cookies.get(COOKIE, "")) is None:
        return RedirectResponse("/sign-in", 303)
    return page(request, "code.html", next_address=local_address(next))


@router.post(ENTER_CODE)
def sign_in_with_code(request: Request, db: Database, posted: Posted) -> Response:
    """The second step; the 4th wrong entry in a row locks the account and starts from the top."""
    limits_of(request).count(TRIES, network_of(request))
    limits_of(request).look(REFUSED, network_of(request))
    found = waiting_for_token(db, request.cookies.get(COOKIE, ""))
    if found is None:
        return RedirectResponse("/sign-in", 303)
    _, account = found
    going, code = local_address(posted.get("next", "")), posted.get("code", "")
    if not code.strip():
        error = "Enter the 6 digits that your authenticator app shows, or a recovery code"
        return page(request, "code.html", 422, next_address=going, error=error)
    try:
        finish_sign_in(db, account, code)
    except SignInRefused as refused:
        tell_of_lock(request, db, refused)
        limits_of(request).note(REFUSED, network_of(request))
        if refused.locked is not None:
            return let_out(RedirectResponse("/sign-in?ended=locked", 303))
        return page(request, "code.html", 422, next_address=going, error=str(refused))
    return let_in(request, db, account, going)


@router.get("/sign-out")
def sign_out_form(request: Request, person: SignedIn) -> Response:
    """Asks before signing out, because a link must not change anything."""
    return page(request, "sign_out.html")


@router.post("/sign-out")
def sign_out(request: Request, db: Database) -> Response:
    """Ends the session."""
    token = request.cookies.get(COOKIE, "")
    found = session_for_token(db, token)
    if found is not None:
        record(db, found[1].id, "signed_out", ("session", found[1].id))
        end_session(db, token)
    return let_out(RedirectResponse("/", 303))
