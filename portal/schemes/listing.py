"""The list of management groups and schemes that somebody may see."""

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select

from data_access.accounts import Person
from data_access.institutions import Institution
from data_access.scheme_list import (
    PAGE_LENGTH,
    SHOWN_STATUSES,
    Reach,
    Wanted,
    list_groups,
    owners_with_groups,
)
from portal.permissions import may, require, scope
from portal.plain_text import tidy
from portal.schemes.answering import day_of, number_of, private_page
from portal.schemes.words import STATE_TAGS, STATUS_TAGS, scheme_tag
from portal.scopes import parents_of
from portal.sessions import Database, SignedIn

router = APIRouter()
_STATUS_WORDS = {
    status: (STATUS_TAGS.get(status) or STATE_TAGS[status])[0] for status in SHOWN_STATUSES
}


@router.get("/schemes")
def schemes_page(
    request: Request,
    db: Database,
    person: SignedIn,
    search: str = "",
    status: str = "",
    owner: str = "",
    page: str = "1",
) -> Response:
    """Groups with their schemes, narrowed; choices that make no sense do not narrow."""
    require(person, "scheme.view")
    sees_all = may(person, "institution.list")
    owners = owners_with_groups(db, scope(person, "group.view"))
    wanted = Wanted(
        search=tidy(search)[:200],
        status=status if status in SHOWN_STATUSES else "",
        owner_id=next((one.id for one in owners if str(one.id) == owner), None),
    )
    reach = Reach(
        scope(person, "group.view"), scope(person, "scheme.view"), scope(person, "scheme.change")
    )
    day, number = day_of(request), max(number_of(page), 1)
    listed, total = list_groups(db, reach, wanted, day, number)
    pages = max(1, -(-total // PAGE_LENGTH))
    if number > pages:
        number = pages
        listed, total = list_groups(db, reach, wanted, day, number)
    own = db.get(Institution, person.institution_id) if person.institution_id else None
    return private_page(
        request,
        "list.html",
        listed=[
            (group.group, group.owner, [(one, scheme_tag(one, day)) for one in group.schemes])
            for group in listed
        ],
        total=total,
        page=number,
        pages=pages,
        wanted=wanted,
        is_narrowed=wanted != Wanted(),
        statuses=_STATUS_WORDS,
        owners=owners if len(owners) > 1 else [],
        address=f"/schemes?{_kept(wanted)}",
        own=own,
        sees_all=sees_all,
        parents=_parents(db, person),
        may_create=may_create_group(person, own),
        is_agent_only=may(person, "group.create") and own is not None and not own.holds_stock,
        may_decide=may(person, "administration.open"),
    )


def may_create_group(person: Person, own: Institution | None) -> bool:
    """Whether somebody may make a group: the owner of homes only. Source: guide, schemes."""
    return may(person, "group.create") and own is not None and own.holds_stock and own.active


def _parents(db: Database, person: Person) -> list[str]:
    if person.institution_id is None:
        return []
    query = select(Institution.name).where(Institution.id.in_(parents_of(person.institution_id)))
    return list(db.scalars(query.order_by(Institution.name)))


def _kept(wanted: Wanted) -> str:
    chosen: dict[str, Any] = {
        "search": wanted.search,
        "status": wanted.status,
        "owner": wanted.owner_id or "",
    }
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"{query}&" if query else ""
