"""Memberships of a user: given and ended by administrators."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import and_

from data_access.accounts import ROLE_LABELS, Account, Membership, Person
from data_access.institutions import Institution
from data_access.logs import Log
from data_access.people.memberships import (
    MEMBER_ROLES,
    WorksThereAlready,
    end_membership,
    give_membership,
    memberships_listed,
)
from data_access.people.open_logs import OPEN, count_logs, has_in_hand
from portal.forms import Posted
from portal.mail import write_mail
from portal.people.inviting import active_institutions
from portal.people.pages import address_of, find_user, page
from portal.people.particulars import institution_of
from portal.plain_text import tidy
from portal.scopes import logs_of_institution
from portal.sessions import Database, SignedIn

router = APIRouter()
ALREADY = "{name} works for {institution} already. Choose another institution"
CENTRAL = (
    "Administrators and statisticians belong to no institution, so they can have no memberships."
)


def _user(db: Database, person: Person, identifier: int) -> Account:
    account = find_user(db, person, "user.give_membership", identifier)
    if account.institution_id is None:
        raise HTTPException(403, CENTRAL)
    return account


@router.get("/people/{identifier:int}/memberships/new")
def membership_page(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """The form for a further institution."""
    return _form(request, db, _user(db, person, identifier), {})


@router.post("/people/{identifier:int}/memberships/new")
def give(
    request: Request, db: Database, person: SignedIn, identifier: int, posted: Posted
) -> Response:
    """Gives the membership, or says what is wrong."""
    account = _user(db, person, identifier)
    typed = {name: posted.get(name, "") for name in ("institution", "role")}
    institution, role, errors = _read(db, typed)
    if institution is not None and not errors:
        try:
            give_membership(db, person, account, institution, role)
            _tell(request, db, person, account, institution, role)
            db.commit()
        except WorksThereAlready:
            db.rollback()
            errors["institution"] = ALREADY.format(name=account.name, institution=institution.name)
        else:
            request.app.state.postman.ring()
            return RedirectResponse(f"{address_of(account.id)}?done=membership", 303)
    return _form(request, db, account, typed, 422, errors)


def _tell(
    request: Request,
    db: Database,
    by: Person,
    account: Account,
    institution: Institution,
    role: str = "",
) -> None:
    """Tells somebody by e-mail of a membership: given with a role, ended without one."""
    write_mail(
        db,
        request.app.state.settings,
        account,
        "membership",
        by=by.name,
        institution=institution.name,
        role=ROLE_LABELS[role].lower() if role else "",
    )


def _read(db: Database, typed: dict[str, str]) -> tuple[Institution | None, str, dict[str, str]]:
    errors = {}
    text, role = tidy(typed["institution"]), tidy(typed["role"])
    institution = institution_of(db, text) if text else None
    if institution is None:
        errors["institution"] = "Choose the institution"
    elif not institution.active:
        errors["institution"] = f"{institution.name} is not active. Choose another institution"
    if role not in MEMBER_ROLES:
        errors["role"] = "Choose a role: data provider or co-ordinator"
    return institution, role, errors


def _form(
    request: Request,
    db: Database,
    account: Account,
    typed: dict[str, str],
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response:
    taken = {account.institution_id} | {
        institution.id for _, institution in memberships_listed(db, account.id)
    }
    return page(
        request,
        "membership.html",
        status,
        account=account,
        user_address=address_of(account.id),
        typed=typed,
        errors=errors or {},
        error=bool(errors),
        institutions=[
            (value, name) for value, name in active_institutions(db) if int(value) not in taken
        ],
        roles=[(role, ROLE_LABELS[role].capitalize()) for role in MEMBER_ROLES],
    )


def _membership(db: Database, account: Account, identifier: int) -> Membership:
    membership = db.get(Membership, identifier) if identifier < 2**31 else None
    if membership is None or membership.account_id != account.id:
        raise HTTPException(404)
    return membership


@router.get("/people/{identifier:int}/memberships/{membership_id:int}/end")
def end_page(
    request: Request, db: Database, person: SignedIn, identifier: int, membership_id: int
) -> Response:
    """Asks before ending a membership, and says what stays behind."""
    account = _user(db, person, identifier)
    membership = _membership(db, account, membership_id)
    institution = db.get_one(Institution, membership.institution_id)
    there = logs_of_institution(institution.id)
    logs = sum(count_logs(db, and_(has_in_hand(account.id), Log.status.in_(OPEN), there)).values())
    lines = [
        f"{account.name} can no longer act for {institution.name}. Sessions that act for it end at "
        "once. The account and other memberships stay as they are.",
    ]
    if logs:
        have = "1 saved or invalid log" if logs == 1 else f"{logs:,} saved or invalid logs"
        lines.append(
            f"{account.name} has {have} there, which stay as they are. A co-ordinator of the "
            "institution can give them to somebody else."
        )
    return page(
        request,
        "confirm.html",
        account=account,
        user_address=address_of(account.id),
        title=f"End the membership of {institution.name}?",
        lines=lines,
        button="End the membership",
        action=f"{address_of(account.id)}/memberships/{membership.id}/end",
    )


@router.post("/people/{identifier:int}/memberships/{membership_id:int}/end")
def end(
    request: Request, db: Database, person: SignedIn, identifier: int, membership_id: int
) -> Response:
    """Ends a membership; one that has ended already stays so."""
    account = _user(db, person, identifier)
    membership = _membership(db, account, membership_id)
    institution = db.get_one(Institution, membership.institution_id)
    if end_membership(db, person, membership):
        _tell(request, db, person, account, institution)
    db.commit()
    request.app.state.postman.ring()
    return RedirectResponse(f"{address_of(account.id)}?done=membership-ended", 303)
