"""Your details: seen and changed by their owner."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from data_access.account_sessions import sessions_of
from data_access.accounts import CONTACT_PRIORITIES, ROLE_LABELS, Account
from data_access.api_tokens import tokens_of
from data_access.audit import record
from data_access.credentials import NEW_EMAIL, end_links, pending_email
from data_access.institutions import Institution
from data_access.people.changing import change_person
from data_access.second_factor import has_second_factor, recovery_codes_left
from data_access.versions import ChangedMeanwhile
from portal.accounts.links import send_new_email
from portal.accounts.pages import account_of, page
from portal.accounts.rate_limits import NEW_ADDRESSES, limits_of
from portal.forms import Posted
from portal.people.particulars import LABELS, read_own_details
from portal.plain_text import read_email, tidy
from portal.sessions import Database, SignedIn

router = APIRouter()
EDIT = "/account/edit"
_FIELDS = ("name", "email", "telephone", "extension", "contact_priority")
_DONE = {
    "saved": ("Your details are saved.", ""),
    "same": ("Nothing was changed.", "These were your details already."),
    "asked": (
        "Your new e-mail address is not in use yet.",
        "We have sent a message to it. Open the link in it within 24 hours to confirm the address.",
    ),
    "not-asked": ("Your e-mail address stays as it is.", ""),
    "password": (
        "Your password is changed.",
        "We have confirmed it by e-mail. Everywhere else you have been signed out.",
    ),
    "password-set": (
        "Your password is set and you are signed in.",
        "We have confirmed it by e-mail. Here are your details: check that they are right.",
    ),
    "second-factor-off": ("Your second factor is turned off.", "We have confirmed it by e-mail."),
}


@router.get("/account")
def account_page(request: Request, db: Database, person: SignedIn, done: str = "") -> Response:
    """What is known of who is signed in, with the ways to change it."""
    account = account_of(db, person)
    institution = (
        db.get(Institution, person.institution_id) if person.institution_id is not None else None
    )
    return page(
        request,
        "account.html",
        account=account,
        role=ROLE_LABELS[person.role].capitalize(),
        institution=institution.name if institution else "",
        pending=pending_email(db, account.id),
        has_second_factor=has_second_factor(account),
        codes_left=recovery_codes_left(db, account),
        sessions=len(sessions_of(db, account.id)),
        tokens=len(tokens_of(db, account.id)),
        done=_DONE.get(done, ("", "")),
    )


@router.get(EDIT)
def edit_form(request: Request, db: Database, person: SignedIn) -> Response:
    """The form with the details as they are."""
    account = account_of(db, person)
    return _form(request, account, _stored(account), account.version)


@router.post(EDIT)
def edit(request: Request, db: Database, person: SignedIn, posted: Posted) -> Response:
    """Saves the details; a new e-mail address is first asked to confirm itself."""
    account = account_of(db, person)
    typed = {name: posted.get(name, "") for name in _FIELDS}
    was = {name: posted.get(f"was-{name}", "") for name in _FIELDS}
    opened = _number(posted.get("version", ""))
    values, errors = read_own_details(db, person, account, typed)
    if not tidy(typed["name"]):
        errors["name"] = "Enter your name"
    email, errors["email"] = read_email(typed["email"], "your e-mail address")
    errors = {name: errors[name] for name in _FIELDS if errors.get(name)}
    if errors:
        return _form(request, account, typed, opened, was, 422, errors)
    is_new = email != account.email and email != was["email"]
    if is_new:
        limits_of(request).count(NEW_ADDRESSES, str(account.id))
    try:
        changes = change_person(db, person, account, opened, values)
    except ChangedMeanwhile:
        return _conflict(request, account, {**values, "email": email}, was)
    if is_new:
        send_new_email(db, request.app.state.settings, account, email)
    db.commit()
    request.app.state.postman.ring()
    done = "asked" if is_new else "saved" if changes else "same"
    return RedirectResponse(f"/account?done={done}", 303)


@router.post("/account/email/cancel")
def cancel_new_email(request: Request, db: Database, person: SignedIn) -> Response:
    """Takes back a new address that has not been confirmed yet."""
    if pending_email(db, person.id):
        end_links(db, person.id, (NEW_EMAIL,))
        record(db, person.id, "email_change_taken_back", ("user", person.id))
    db.commit()
    return RedirectResponse("/account?done=not-asked", 303)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _stored(account: Account) -> dict[str, str]:
    return {name: getattr(account, name) for name in _FIELDS}


def _conflict(
    request: Request, account: Account, yours: Mapping[str, str], was: Mapping[str, str]
) -> Response:
    """Both values of what somebody else has changed too, and a form with this person's put in."""
    theirs = _stored(account)
    differing = [name for name in _FIELDS if yours[name] not in (theirs[name], was[name])]
    if not differing:
        return RedirectResponse("/account?done=same", 303)
    together = {name: yours[name] if name in differing else theirs[name] for name in _FIELDS}
    rows = [(LABELS[name], theirs[name], yours[name]) for name in differing]
    return _form(request, account, together, account.version, status=409, differences=rows)


def _form(
    request: Request,
    account: Account,
    typed: Mapping[str, str],
    version: int,
    was: Mapping[str, str] | None = None,
    status: int = 200,
    errors: Mapping[str, str] | None = None,
    differences: list[tuple[str, str, str]] | None = None,
) -> Response:
    return page(
        request,
        "edit.html",
        status,
        typed=typed,
        was=was or _stored(account),
        version=version,
        errors=errors or {},
        error=bool(errors),
        differences=differences or [],
        priority_options=[(priority, priority) for priority in CONTACT_PRIORITIES],
    )
