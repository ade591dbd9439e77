"""Deactivating a user, with the logs in hand given to somebody else, and deleting one."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import ColumnElement, and_

from data_access.accounts import Account, Person, memberships_of
from data_access.people.changing import NotDeleted, deactivate, delete_person, why_not_deleted
from data_access.people.open_logs import (
    INVALID,
    SAVED,
    count_logs,
    logs_to_hand_over,
    takers_for,
)
from portal.forms import Posted
from portal.people.actions import BY_NAME
from portal.people.pages import address_of, find_user, number, page
from portal.permissions import may_do, scope
from portal.sessions import Database, SignedIn

router = APIRouter()
LEAVE = "leave"
CHOOSE = "Choose who takes the logs over, or that they stay"
GONE = "This person can no longer take the logs over. Choose somebody else"


@router.get("/people/{identifier:int}/deactivate")
def deactivate_page(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """What will happen, and who could take over the logs."""
    account = find_user(db, person, "user.deactivate", identifier)
    if not account.active:
        return RedirectResponse(f"{address_of(account.id)}?done=not-deactivate", 303)
    return _deactivate_page(request, db, person, account)


@router.post("/people/{identifier:int}/deactivate")
def deactivate_user(
    request: Request, db: Database, person: SignedIn, identifier: int, posted: Posted
) -> Response:
    """Shuts the user out and gives the logs to whoever was chosen, in one step."""
    account = find_user(db, person, "user.deactivate", identifier)
    if not account.active:
        return RedirectResponse(f"{address_of(account.id)}?done=not-deactivate", 303)
    logs = _logs(db, person, account)
    chosen = posted.get("taker", "")
    takers = takers_for(db, account)
    taker = next((one for one in takers if one.id == number(chosen)), None)
    if taker is None and chosen != LEAVE and takers and count_logs(db, logs):
        wrong = GONE if chosen else CHOOSE
        return _deactivate_page(request, db, person, account, 422, {"taker": wrong})
    given = deactivate(db, person, account, logs, taker)
    db.commit()
    here = address_of(account.id)
    if given is None:
        return RedirectResponse(f"{here}?done=not-deactivate", 303)
    details = f"&given={given}&to={taker.id}" if taker is not None and given else ""
    return RedirectResponse(f"{here}?done=deactivate{details}", 303)


def _logs(db: Database, person: Person, account: Account) -> ColumnElement[bool]:
    """The saved and invalid logs in the user's hand that this person may give to others."""
    return and_(logs_to_hand_over(db, account), scope(person, "log.assign"))


def _deactivate_page(
    request: Request,
    db: Database,
    person: Person,
    account: Account,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response:
    counts = count_logs(db, _logs(db, person, account))
    return page(
        request,
        "deactivate.html",
        status,
        account=account,
        user_address=address_of(account.id),
        saved=counts.get(SAVED, 0),
        invalid=counts.get(INVALID, 0),
        takers=takers_for(db, account),
        leave=LEAVE,
        works_elsewhere=len(memberships_of(db, account)) > 1,
        errors=errors or {},
        error=bool(errors),
    )


@router.get("/people/{identifier:int}/delete")
def delete_page(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """Asks before deleting, or says why it cannot be done and what can."""
    account = find_user(db, person, "user.delete", identifier)
    return _delete_page(request, db, person, account, why_not_deleted(db, account))


@router.post("/people/{identifier:int}/delete")
def delete_user(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """Deletes a user who has no logs and has signed nothing."""
    account = find_user(db, person, "user.delete", identifier)
    try:
        delete_person(db, person, account)
    except NotDeleted as refused:
        db.refresh(account)
        return _delete_page(request, db, person, account, str(refused), 409)
    db.commit()
    return RedirectResponse("/people?deleted=yes", 303)


def _delete_page(
    request: Request,
    db: Database,
    person: Person,
    account: Account,
    refusal: str,
    status: int = 200,
) -> Response:
    may_deactivate = account.active and may_do(db, person, "user.deactivate", account)
    return page(
        request,
        "delete.html",
        status,
        account=account,
        user_address=address_of(account.id),
        title=BY_NAME["delete"].title.format(name=account.name),
        refusal=refusal,
        may_deactivate=may_deactivate,
        button=BY_NAME["delete"].button,
    )
