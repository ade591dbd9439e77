"""Choosing the institution that somebody who works for several acts for."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select

from data_access.account_sessions import act_for
from data_access.accounts import ROLE_LABELS, memberships_of
from data_access.audit import record
from data_access.institutions import Institution
from portal.accounts.pages import account_of, page
from portal.forms import Posted
from portal.sessions import Database, SignedIn

router = APIRouter()
INSTITUTIONS = "/account/institutions"


def _choices(db: Database, person: SignedIn) -> list[tuple[int, str, str]]:
    """Number, name and role of each institution that the person works for."""
    found = memberships_of(db, account_of(db, person))
    numbers = [number for number, _ in found]
    query = select(Institution).where(Institution.id.in_(numbers))
    names = {institution.id: institution.name for institution in db.scalars(query)}
    return [(number, names[number], ROLE_LABELS[role]) for number, role in found]


@router.get(INSTITUTIONS)
def institutions_page(request: Request, db: Database, person: SignedIn, done: str = "") -> Response:
    """The institutions to choose from, the present one marked."""
    choices = _choices(db, person)
    name = next((name for number, name, _ in choices if number == person.institution_id), "")
    return page(
        request,
        "institutions.html",
        choices=choices,
        present=person.institution_id,
        done=f"You are now acting for {name}." if done and name else "",
    )


@router.post(INSTITUTIONS)
def choose(request: Request, db: Database, person: SignedIn, posted: Posted) -> Response:
    """Acts for the chosen one from now on, in this browser."""
    chosen = posted.get("institution", "")
    found = next((row for row in _choices(db, person) if str(row[0]) == chosen), None)
    if found is None:
        raise HTTPException(404)
    act_for(db, person.session, found[0])
    record(
        db,
        person.id,
        "institution_chosen",
        ("session", person.id),
        {"changes": {"institution_id": [person.institution_id, found[0]]}},
    )
    db.commit()
    return RedirectResponse(f"{INSTITUTIONS}?done=yes", 303)
