"""The list of users."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from data_access.accounts import CONTACT_PRIORITIES, ROLE_LABELS, ROLES, Account, Person
from data_access.people.listing import (
    LOCKED,
    PAGE_LENGTH,
    SORTS,
    STATUSES,
    Listed,
    Wanted,
    count_people,
    list_people,
    page_of,
    status_of,
)
from portal.history import in_words
from portal.people.inviting import active_institutions
from portal.people.pages import number, page
from portal.people.particulars import OF_INSTITUTIONS
from portal.permissions import may, require, scope
from portal.plain_text import tidy
from portal.sessions import Database, SignedIn

router = APIRouter()
HEADINGS = {"name": "Name", "role": "Role", "status": "Status", "signed_in": "Last signed in"}


@router.get("/people")
def people_page(
    request: Request,
    db: Database,
    person: SignedIn,
    invited: str = "",
    deleted: str = "",
) -> Response:
    """The users within reach; choices that make no sense do not narrow."""
    require(person, "user.list")
    sees_all = may(person, "institution.list")
    reach = scope(person, "user.view")
    shows_locked = may(person, "user.unlock")
    wanted = read_wanted(person, request.query_params)
    of = wanted.institution_id if sees_all else person.institution_id
    total = count_people(db, reach, wanted, of, shows_locked)
    last = max(1, -(-total // PAGE_LENGTH))
    new = _new(db, person, number(invited))
    here = number(request.query_params.get("page", "")) or 1
    if new is not None and "page" not in request.query_params:
        here = page_of(db, reach, wanted, new.id, of)
    here = min(max(here, 1), last)
    kept = _kept(wanted, sees_all)
    return page(
        request,
        "list.html",
        wanted=wanted,
        rows=[
            _row(found, person, shows_locked, sees_all)
            for found in list_people(db, reach, wanted, of, here, shows_locked)
        ],
        total=total,
        page_number=here,
        last=last,
        query=f"/people?{urlencode(kept | _sorted(wanted))}&",
        export_query=f"?{urlencode(kept | _sorted(wanted))}" if kept else "",
        headings=[_heading(wanted, name, kept) for name in SORTS],
        is_narrowed=bool(kept),
        roles=[(name, ROLE_LABELS[name].capitalize()) for name in _roles(sees_all)],
        statuses=[(name, name.capitalize()) for name in _statuses(shows_locked)],
        priorities=CONTACT_PRIORITIES,
        institutions=active_institutions(db) if sees_all else [],
        shows_institution=sees_all,
        may_invite=may(person, "user.create"),
        may_manage=may(person, "user.manage"),
        new=new,
        deleted=deleted == "yes",
    )


def read_wanted(person: Person, given: Mapping[str, str]) -> Wanted:
    """What the address of the list, or of its export, narrows it to for a person."""
    sees_all = may(person, "institution.list")
    role, status = given.get("role", ""), given.get("status", "")
    contact_priority, sort = given.get("contact_priority", ""), given.get("sort", "")
    return Wanted(
        search=tidy(given.get("search", ""))[:200],
        role=role if role in _roles(sees_all) else "",
        contact_priority=contact_priority if contact_priority in CONTACT_PRIORITIES else "",
        status=status if status in _statuses(may(person, "user.unlock")) else "",
        institution_id=(number(given.get("institution", "")) or None) if sees_all else None,
        sort=sort if sort in SORTS else "name",
        descending=given.get("order", "") == "desc",
    )


def _roles(sees_all: bool) -> tuple[str, ...]:
    return ROLES if sees_all else OF_INSTITUTIONS


def _statuses(shows_locked: bool) -> tuple[str, ...]:
    return tuple(name for name in STATUSES if shows_locked or name != LOCKED)


def _kept(wanted: Wanted, sees_all: bool) -> dict[str, str]:
    """What narrows the list, as its address has it."""
    fields = {
        "search": wanted.search,
        "role": wanted.role,
        "contact_priority": wanted.contact_priority,
        "status": wanted.status,
        "institution": str(wanted.institution_id or "") if sees_all else "",
    }
    return {name: value for name, value in fields.items() if value}


def _sorted(wanted: Wanted) -> dict[str, str]:
    return {"sort": wanted.sort} | ({"order": "desc"} if wanted.descending else {})


def _heading(wanted: Wanted, name: str, kept: dict[str, str]) -> dict[str, str]:
    """A heading that sorts: by it, and the other way round when it is sorted by already."""
    is_sorted = wanted.sort == name
    down = is_sorted and not wanted.descending
    order = {"order": "desc"} if down or (name == "signed_in" and not is_sorted) else {}
    return {
        "words": HEADINGS[name],
        "address": f"/people?{urlencode(kept | {'sort': name} | order)}",
        "sort": ("descending" if wanted.descending else "ascending") if is_sorted else "none",
    }


def _row(found: Listed, person: Person, shows_locked: bool, sees_all: bool) -> dict[str, Any]:
    account = found.account
    status = status_of(account)
    elsewhere = account.institution_id != person.institution_id
    return {
        "account": account,
        "role": ROLE_LABELS[found.role],
        "institution": found.institution if sees_all or elsewhere else "",
        "status": "active" if status == LOCKED and not shows_locked else status,
        "signed_in": in_words(account.last_signed_in_at) if account.last_signed_in_at else "",
    }


def _new(db: Database, person: Person, account_id: int) -> Account | None:
    """The user who was invited just now, to be named above the list."""
    if not account_id:
        return None
    account = db.get(Account, account_id)
    if account is None or account.created_by_id != person.id or account.deleted_at is not None:
        return None
    return account
