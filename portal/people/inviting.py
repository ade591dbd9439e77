"""Inviting a user: nothing is created unless everything that is needed is there."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from data_access.accounts import CONTACT_PRIORITIES, ROLE_LABELS, Account, Person
from data_access.institutions import Institution
from data_access.people.changing import add_person
from data_access.people.managed import add_to_list
from data_access.settings import Settings
from portal.accounts.links import send_invitation
from portal.forms import Posted
from portal.people.pages import page
from portal.people.particulars import FIELDS, OF_INSTITUTIONS, read_new_person, roles_to_give
from portal.permissions import may, require
from portal.sessions import Database, SignedIn

router = APIRouter()


def create_person(
    db: Session, settings: Settings, by: Person, values: Mapping[str, Any]
) -> Account:
    """A new user with an invitation on its way, in the caller's transaction.

    `values` are those of `read_new_person`. A data provider whom a co-ordinator creates is put on
    the co-ordinator's list of managed providers (source: guide, managed providers). Raises
    IntegrityError when the user name or e-mail address was taken meanwhile. Whoever commits rings
    the postman.
    """
    account = add_person(db, by, values)
    send_invitation(db, settings, account, by)
    if may(by, "user.manage") and account.role == "provider":
        add_to_list(db, by, [account.id])
    return account


@router.get("/people/new")
def invite_page(
    request: Request, db: Database, person: SignedIn, contact_priority: str = ""
) -> Response:
    """The form for a new user."""
    require(person, "user.create")
    roles = roles_to_give(person)
    known = contact_priority in CONTACT_PRIORITIES
    typed = {
        "contact_priority": contact_priority if known else "None",
        "role": "provider" if "provider" in roles and not may(person, "institution.list") else "",
    }
    return _form(request, db, person, typed)


@router.post("/people/new")
def invite(request: Request, db: Database, person: SignedIn, posted: Posted) -> Response:
    """Creates the user and sends the invitation, or says what is wrong."""
    require(person, "user.create")
    typed = {name: posted.get(name, "") for name in FIELDS}
    values, errors = read_new_person(db, person, typed)
    if not errors:
        try:
            account = create_person(db, request.app.state.settings, person, values)
            db.commit()
        except IntegrityError:
            # Somebody took the name or address a moment ago: now it is found.
            db.rollback()
            _, errors = read_new_person(db, person, typed)
            if not errors:
                raise
        else:
            request.app.state.postman.ring()
            return RedirectResponse(f"/people?invited={account.id}", 303)
    return _form(request, db, person, typed, 422, errors)


def _form(
    request: Request,
    db: Database,
    person: Person,
    typed: dict[str, str],
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response:
    own = db.get(Institution, person.institution_id) if person.institution_id is not None else None
    return page(
        request,
        "new.html",
        status,
        typed=typed,
        errors=errors or {},
        error=bool(errors),
        roles=[(role, ROLE_LABELS[role].capitalize()) for role in roles_to_give(person)],
        has_central_roles=any(role not in OF_INSTITUTIONS for role in roles_to_give(person)),
        priority_options=[(priority, priority) for priority in CONTACT_PRIORITIES],
        own=own,
        institutions=[] if own else active_institutions(db),
    )


def active_institutions(db: Session) -> list[tuple[str, str]]:
    """Identifier and name of each active institution, by name."""
    query = select(Institution.id, Institution.name).where(Institution.active)
    return [(str(n), name) for n, name in db.execute(query.order_by(Institution.name))]
