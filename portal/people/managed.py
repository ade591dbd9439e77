"""A co-ordinator's managed providers: two lists, and moving people between them one at a time.

Each move is a small change of its own that can be done twice, so that two tabs lose nothing.
"""

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy import select

from data_access.accounts import Account, Person, works_for
from data_access.institutions import Institution
from data_access.people.managed import (
    Provider,
    add_to_list,
    can_be_managed,
    is_on_list,
    managed_providers,
    providers_to_add,
    remove_from_list,
)
from portal.forms import Posted
from portal.people.pages import PRIVATE, number, page
from portal.permissions import require, scope
from portal.plain_text import tidy
from portal.sessions import Database, SignedIn

router = APIRouter(prefix="/people/managed")
HERE = router.prefix
DONE = {
    "added": "{name} is on your list now.",
    "removed": "{name} is no longer on your list.",
}


@router.get("")
def managed_page(
    request: Request,
    db: Database,
    person: SignedIn,
    search: str = "",
    done: str = "",
    who: str = "",
    count: str = "",
) -> Response:
    """Who can be added, and who is on the list."""
    reach = _reach(person)
    wanted = tidy(search)[:200]
    found, total = providers_to_add(db, person, reach, wanted)
    institution = db.get_one(Institution, person.institution_id)
    return page(
        request,
        "managed.html",
        can_be_added=[_row(provider) for provider in found],
        total=total,
        managed=[_row(provider) for provider in managed_providers(db, person, reach)],
        search=wanted,
        institution=institution,
        kept=f"?{urlencode({'search': wanted})}" if wanted else "",
        done=_done(db, person, done, who, count),
    )


def _reach(person: Person) -> Any:
    require(person, "user.manage")
    if person.institution_id is None:
        raise HTTPException(404)
    return scope(person, "user.manage")


def _row(provider: Provider) -> dict[str, Any]:
    account = provider.account
    return {
        "id": account.id,
        "name": account.name,
        "user_name": account.user_name,
        "institution": provider.institution,
        "active": account.active,
    }


def _done(db: Database, person: Person, done: str, who: str, count: str) -> str:
    if done == "everyone":
        added = number(count)
        if added == 0:
            return "Everyone of your institution was on your list already."
        were = "1 data provider was" if added == 1 else f"{added:,} data providers were"
        return f"{were} added to your list."
    account = db.scalar(
        select(Account).where(Account.id == number(who), scope(person, "user.manage"))
    )
    return DONE[done].format(name=account.name) if account is not None and done in DONE else ""


@router.post("/add")
def add(request: Request, db: Database, person: SignedIn, posted: Posted) -> Response:
    """Puts a data provider on the list; who is on it already stays."""
    account = _provider(db, person, posted)
    add_to_list(db, person, [account.id])
    db.commit()
    return _answer(request, posted, "added", account)


@router.post("/remove")
def remove(request: Request, db: Database, person: SignedIn, posted: Posted) -> Response:
    """Takes somebody off the list; who is not on it stays off."""
    account = _provider(db, person, posted)
    remove_from_list(db, person, account.id)
    db.commit()
    return _answer(request, posted, "removed", account)


@router.post("/everyone")
def everyone(db: Database, person: SignedIn, posted: Posted) -> Response:
    """Puts every active data provider of the own institution on the list."""
    reach = _reach(person)
    assert person.institution_id is not None
    own = select(Account.id).where(
        reach,
        can_be_managed(person.institution_id),
        works_for(person.institution_id),
    )
    added = add_to_list(db, person, list(db.scalars(own.order_by(Account.id))))
    db.commit()
    return _back(posted, {"done": "everyone", "count": str(added)})


def _provider(db: Database, person: Person, posted: dict[str, str]) -> Account:
    """Whoever can be added or is on the list; anybody else does not exist."""
    reach = _reach(person)
    assert person.institution_id is not None
    identifier = number(posted.get("provider", ""))
    account = db.scalar(select(Account).where(Account.id == identifier, reach))
    if account is None:
        raise HTTPException(404)
    may_add = db.scalar(
        select(Account.id).where(Account.id == identifier, can_be_managed(person.institution_id))
    )
    if may_add is None and not is_on_list(db, person, identifier):
        raise HTTPException(404)
    return account


def _answer(request: Request, posted: dict[str, str], done: str, account: Account) -> Response:
    if "application/json" in request.headers.get("accept", ""):
        message = DONE[done].format(name=account.name)
        return JSONResponse({"message": message}, headers=PRIVATE)
    return _back(posted, {"done": done, "who": str(account.id)})


def _back(posted: dict[str, str], told: dict[str, str]) -> Response:
    search = tidy(posted.get("search", ""))[:200]
    kept = {"search": search} if search else {}
    return RedirectResponse(f"{HERE}?{urlencode(kept | told)}", 303)
