"""Setting up, renewing and turning off the second factor."""

from typing import Any

import segno
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from data_access.accounts import Account, Person, password_matches
from data_access.audit import record
from data_access.second_factor import (
    app_address,
    are_recovery_codes,
    begin,
    confirm,
    has_second_factor,
    new_recovery_codes,
    recovery_codes_left,
    turn_off,
    use_code,
)
from portal.accounts.links import FORGOTTEN
from portal.accounts.pages import PRIVATE, account_of, local_address, page
from portal.accounts.rate_limits import WRONG_CODES, WRONG_PASSWORDS, limits_of
from portal.forms import Posted
from portal.mail import write_mail
from portal.permissions import may
from portal.sessions import SET_UP_SECOND_FACTOR, Database, SignedIn

router = APIRouter(prefix=SET_UP_SECOND_FACTOR)
_NO_CODE = "Enter the 6 digits that your authenticator app shows now"
_WRONG = "The code is not right. Wait for the next one in your app and enter that"
_NO_RECOVERY = "Enter a code of your authenticator app, or a recovery code"


@router.get("")
def second_factor_page(
    request: Request, db: Database, person: SignedIn, next: str = ""
) -> Response:
    """What to put into the app, or how the second factor stands."""
    return _page(request, db, person, going=local_address(next) if next else "")


@router.post("")
def set_up(request: Request, db: Database, person: SignedIn, posted: Posted) -> Response:
    """Puts it in force by a first code, and shows the recovery codes, this once."""
    account = account_of(db, person)
    going = local_address(posted["next"]) if posted.get("next") else ""
    if has_second_factor(account):
        return RedirectResponse(SET_UP_SECOND_FACTOR, 303)
    code = posted.get("code", "")
    if not code.strip():
        return _page(request, db, person, 422, {"code": _NO_CODE}, going)
    limits_of(request).look(WRONG_CODES, str(person.id))
    codes = confirm(db, account, code)
    if not codes:
        limits_of(request).note(WRONG_CODES, str(person.id))
        return _page(request, db, person, 422, {"code": _WRONG}, going)
    _tell(request, db, account, "second_factor_on")
    return _codes(request, codes, "Your second factor is set up.", going)


@router.post("/codes")
def renew_codes(request: Request, db: Database, person: SignedIn, posted: Posted) -> Response:
    """New recovery codes in place of the old ones, for a code of the app."""
    account = _with_second_factor(db, person)
    wrong = _wrong_code(request, db, account, posted.get("code", ""))
    if wrong:
        return _page(request, db, person, 422, {"code": wrong})
    codes = new_recovery_codes(db, account)
    record(db, account.id, "recovery_codes_renewed", ("user", account.id))
    _tell(request, db, account, "recovery_codes_new")
    return _codes(request, codes, "These are your new recovery codes.", "")


@router.post("/codes.txt")
def codes_as_text(db: Database, person: SignedIn, posted: Posted) -> Response:
    """The codes that the page showed, as a file. They are not stored: the page sends them back."""
    codes = posted.get("codes", "").split()
    if not are_recovery_codes(db, account_of(db, person), codes):
        raise HTTPException(404)
    lines = [
        f"Recovery codes of {person.user_name} for CORE. Each works once.",
        "",
        *codes,
    ]
    return PlainTextResponse(
        "\n".join(lines) + "\n",
        headers={
            **PRIVATE,
            "Content-Disposition": 'attachment; filename="core-recovery-codes.txt"',
        },
    )


@router.post("/off")
def turn_it_off(request: Request, db: Database, person: SignedIn, posted: Posted) -> Response:
    """Takes it away, for the password and a code."""
    account = _with_second_factor(db, person)
    if _is_needed(request, person):
        raise HTTPException(403, "People of your role must sign in with an authenticator app.")
    errors: dict[str, str] = {}
    limits_of(request).look(WRONG_PASSWORDS, str(person.id))
    if not password_matches(account.password_hash, posted.get("password", "")):
        limits_of(request).note(WRONG_PASSWORDS, str(person.id))
        errors |= {"password": "Enter your present password; this was not it"}
    else:
        wrong = _wrong_code(request, db, account, posted.get("off-code", ""))
        if wrong:
            errors["off-code"] = wrong
    if errors:
        return _page(request, db, person, 422, errors)
    turn_off(db, account)
    _tell(request, db, account, "second_factor_off")
    return RedirectResponse("/account?done=second-factor-off", 303)


def _with_second_factor(db: Database, person: Person) -> Account:
    account = account_of(db, person)
    if not has_second_factor(account):
        raise HTTPException(404)
    return account


def _wrong_code(request: Request, db: Database, account: Account, code: str) -> str:
    """What is wrong with a code; a right one is used up."""
    if not code.strip():
        return _NO_RECOVERY
    limits_of(request).look(WRONG_CODES, str(account.id))
    if use_code(db, account, code):
        return ""
    limits_of(request).note(WRONG_CODES, str(account.id))
    return _WRONG


def _is_needed(request: Request, person: Person) -> bool:
    required: bool = request.app.state.settings.second_factor_is_required
    return required and may(person, "account.need_second_factor")


def _tell(request: Request, db: Database, account: Account, kind: str) -> None:
    write_mail(db, request.app.state.settings, account, kind, forgotten=FORGOTTEN)
    db.commit()
    request.app.state.postman.ring()


def _codes(request: Request, codes: list[str], done: str, going: str) -> Response:
    return page(request, "recovery_codes.html", codes=codes, done=done, next_address=going)


def _page(
    request: Request,
    db: Database,
    person: Person,
    status: int = 200,
    errors: dict[str, str] | None = None,
    going: str = "",
) -> Response:
    account = account_of(db, person)
    context: dict[str, Any] = {
        "errors": errors or {},
        "error": bool(errors),
        "is_needed": _is_needed(request, person),
        "next_address": going,
    }
    if has_second_factor(account):
        context["codes_left"] = recovery_codes_left(db, account)
        return page(request, "second_factor.html", status, **context)
    secret = begin(db, account)
    db.commit()
    context["secret"] = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    context["picture"] = segno.make_qr(app_address(account)).svg_inline(
        scale=5, border=4, light="white", omitsize=True
    )
    return page(request, "second_factor_set_up.html", status, **context)
