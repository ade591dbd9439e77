"""Changing the own password, at any time or because it is demanded."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from data_access.account_sessions import end_sessions
from data_access.accounts import password_matches
from data_access.credentials import SETS_PASSWORD, end_links
from data_access.passwords import DEMANDS, is_common, names_of, problem, set_password
from portal.accounts.pages import PRIVATE, account_of, local_address, page
from portal.accounts.rate_limits import CHECKS, WRONG_PASSWORDS, limits_of, network_of
from portal.accounts.set_password import password_was_set
from portal.forms import Posted
from portal.sessions import CHANGE_PASSWORD, Database, MaybeSignedIn, SignedIn

router = APIRouter()
DONE = "/account?done=password"


def _form(
    request: Request,
    person: SignedIn,
    going: str,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response:
    return page(
        request,
        "password.html",
        status,
        demands=DEMANDS,
        first=person.must_change_password,
        next_address=going,
        errors=errors or {},
        error=bool(errors),
    )


@router.get(CHANGE_PASSWORD)
def password_form(request: Request, person: SignedIn, next: str = "") -> Response:
    """The form, with what a password must be."""
    return _form(request, person, local_address(next) if next else "")


@router.post(CHANGE_PASSWORD)
def change_password(request: Request, db: Database, person: SignedIn, posted: Posted) -> Response:
    """Changes it, ends the account's other sessions, and confirms on screen and by e-mail."""
    going = local_address(posted["next"]) if posted.get("next") else ""
    present, chosen = posted.get("present", ""), posted.get("password", "")
    account = account_of(db, person)
    limits, who = limits_of(request), str(person.id)
    limits.look(WRONG_PASSWORDS, who)
    errors = {}
    if not present:
        errors["present"] = "Enter your present password"
    elif not password_matches(account.password_hash, present):
        limits.note(WRONG_PASSWORDS, who)
        errors["present"] = "This is not your present password"
    else:
        wrong = problem(db, account, chosen)
        if wrong:
            errors["password"] = wrong
    if errors:
        return _form(request, person, going, 422, errors)
    if not set_password(db, account, chosen):
        db.rollback()
        errors["present"] = "Your password was changed a moment ago from another window"
        return _form(request, person, going, 409, errors)
    end_links(db, account.id, SETS_PASSWORD)
    end_sessions(db, account.id, except_handle=person.session)
    password_was_set(request, db, account)
    db.commit()
    request.app.state.postman.ring()
    return RedirectResponse(going or DONE, 303)


@router.post("/password-check")
def check_password(
    request: Request, db: Database, person: MaybeSignedIn, posted: Posted
) -> Response:
    """Whether a password is too common, while it is typed; nothing is kept of it."""
    limits_of(request).count(CHECKS, network_of(request))
    names = names_of(account_of(db, person)) if person is not None else []
    common = is_common(posted.get("password", ""), names)
    return JSONResponse({"common": common}, headers=PRIVATE)
