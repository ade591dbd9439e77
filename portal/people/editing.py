"""Changing a user's details, contact priority and role."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from data_access.accounts import CONTACT_PRIORITIES, ROLE_LABELS, Account, Person
from data_access.people.changing import change_person
from data_access.people.listing import INVITED, status_of
from data_access.settings import Settings
from data_access.versions import ChangedMeanwhile
from portal.accounts.details import EDIT as OWN_DETAILS
from portal.accounts.links import send_invitation
from portal.forms import Posted
from portal.mail import write_mail
from portal.people.pages import address_of, find_user, number, page
from portal.people.particulars import LABELS, read_changes, roles_to_change_to
from portal.people.viewing import frame
from portal.permissions import may_do
from portal.sessions import Database, SignedIn

router = APIRouter()
_DETAILS = ("name", "user_name", "email", "telephone", "extension", "contact_priority", "role")


@router.get("/people/{identifier:int}/edit")
def edit_page(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """The form with the details as they are; one's own are under Your details."""
    account = find_user(db, person, "user.change", identifier)
    if account.id == person.id:
        return RedirectResponse(OWN_DETAILS, 303)
    return _form(request, db, person, account, _stored(account), account.version)


@router.post("/people/{identifier:int}/edit")
def edit(
    request: Request, db: Database, person: SignedIn, identifier: int, posted: Posted
) -> Response:
    """Saves the details, or says what is wrong, or shows what somebody else saved meanwhile."""
    account = find_user(db, person, "user.change", identifier)
    if account.id == person.id:
        return RedirectResponse(OWN_DETAILS, 303)
    typed = {name: posted.get(name, "") for name in _DETAILS}
    opened = number(posted.get("version", ""))
    was = {name: posted.get(f"was-{name}", "") for name in _DETAILS}
    values, errors = read_changes(db, person, account, typed)
    if errors:
        return _form(request, db, person, account, typed, opened, was, 422, errors)
    try:
        changes = change_person(db, person, account, opened, values)
        tell_of_changes(db, request.app.state.settings, person, account, changes)
        db.commit()
    except ChangedMeanwhile:
        # Deleted or moved meanwhile, the user is out of reach.
        find_user(db, person, "user.change", identifier)
        return _conflict(request, db, person, account, values, was)
    except IntegrityError:
        db.rollback()
        db.refresh(account)
        _, errors = read_changes(db, person, account, typed)
        if not errors:
            raise
        return _form(request, db, person, account, typed, opened, was, 422, errors)
    request.app.state.postman.ring()
    return RedirectResponse(f"{address_of(account.id)}?done={'saved' if changes else 'same'}", 303)


def _stored(account: Account) -> dict[str, str]:
    return {name: getattr(account, name) for name in _DETAILS}


def tell_of_changes(
    db: Session,
    settings: Settings,
    by: Person,
    account: Account,
    changes: Mapping[str, list[Any]],
) -> None:
    """Tells both addresses of a new one; to somebody still without a password, invites anew."""
    before, _ = changes.get("email", ("", ""))
    if "email" in changes and status_of(account) == INVITED:
        send_invitation(db, settings, account, by)
        return
    if not {"email", "user_name"} & set(changes) or not account.active:
        return
    for address in dict.fromkeys([before or account.email, account.email]):
        write_mail(
            db,
            settings,
            account,
            "user_changed",
            to_address=address,
            changed_by=by.name,
            new_email="email" in changes,
            new_user_name="user_name" in changes,
        )


def _conflict(
    request: Request,
    db: Database,
    person: Person,
    account: Account,
    yours: Mapping[str, Any],
    was: Mapping[str, str],
) -> Response:
    """Both persons' values, and a form of the saved ones with this person's changes put in.

    What this person left as it was when the form was opened is nobody's quarrel.
    """
    theirs = _stored(account)
    differing = [
        name for name in _DETAILS if name in yours and yours[name] not in (theirs[name], was[name])
    ]
    if not differing:
        return RedirectResponse(f"{address_of(account.id)}?done=same", 303)
    together = {name: yours[name] if name in differing else theirs[name] for name in _DETAILS}
    return _form(
        request,
        db,
        person,
        account,
        together,
        account.version,
        status=409,
        differences=[
            (LABELS[name], _shown(name, theirs[name]), _shown(name, yours[name]))
            for name in differing
        ],
    )


def _shown(name: str, value: str) -> str:
    return ROLE_LABELS[value] if name == "role" else value


def _form(
    request: Request,
    db: Database,
    person: Person,
    account: Account,
    typed: Mapping[str, str],
    version: int,
    was: Mapping[str, str] | None = None,
    status: int = 200,
    errors: dict[str, str] | None = None,
    **context: Any,
) -> Response:
    return page(
        request,
        "edit.html",
        status,
        account=account,
        **frame(db, person, account),
        typed=typed,
        was=was or _stored(account),
        version=version,
        errors=errors or {},
        error=bool(errors),
        may_change_address=may_do(db, person, "user.change_address", account),
        roles=[
            (role, ROLE_LABELS[role].capitalize())
            for role in roles_to_change_to(db, person, account)
        ],
        priority_options=[(priority, priority) for priority in CONTACT_PRIORITIES],
        **context,
    )
