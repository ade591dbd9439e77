"""Adding, changing and removing relations of an institution, by administrators."""

from collections.abc import Mapping
from datetime import date

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from data_access.institution_list import active_by_words, active_institutions
from data_access.institution_relations import (
    RelationRefused,
    add_relation,
    change_relation,
    logs_of_pair,
    remove_relation,
    time_in_words,
)
from data_access.institutions import Institution, InstitutionLink
from data_access.versions import ChangedMeanwhile
from portal.administration import date_input
from portal.forms import Posted
from portal.institutions.frame import Subject, private, subject
from portal.institutions.record_form import NO_SUCH_INSTITUTION
from portal.layout.pages import render
from portal.sessions import Database, SignedIn

router = APIRouter(prefix="/institutions/{identifier:int}/relations")
SIDES = ("child", "parent")
FIRST, LAST = "the first day", "the last day"
GONE = "Somebody else has removed this relation."


@router.get("/new")
def new_page(
    request: Request, db: Database, person: SignedIn, identifier: int, other: str = "child"
) -> Response:
    """The form for a new child or parent."""
    found = subject(request, db, person, identifier, "institution.change")
    today = date_input.parts_of(found.day)
    return _new_form(request, db, found, _side(other), "", today, ["", "", ""], {})


def _side(text: str) -> str:
    if text not in SIDES:
        raise HTTPException(404)
    return text


@router.post("/new")
def add_page(
    request: Request, db: Database, person: SignedIn, identifier: int, posted: Posted
) -> Response:
    """Adds the relation, or says why not."""
    found = subject(request, db, person, identifier, "institution.change")
    side = _side(posted.get("other", ""))
    words = posted.get("institution", "")
    first, last = (date_input.typed(posted, name) for name in ("starts_on", "ends_on"))
    starts_on, ends_on, errors = _read_time(first, last, needed=True)
    chosen = active_by_words(db, words)
    if not words.strip():
        errors = {"institution": f"Enter the institution that is its {side}"} | errors
    elif chosen is None:
        errors = {"institution": NO_SUCH_INSTITUTION} | errors
    if not errors and chosen is not None:
        pair = (found.institution, chosen) if side == "child" else (chosen, found.institution)
        try:
            add_relation(db, person.id, *pair, (starts_on, ends_on))
            db.commit()
        except RelationRefused as refused:
            errors = {_place(refused, "institution"): str(refused)}
        else:
            return RedirectResponse(f"{found.address}/relations?done=related", 303)
        db.rollback()
    return _new_form(request, db, found, side, words, first, last, errors, 422)


def _place(refused: RelationRefused, institution: str) -> str:
    """Where on the form the message belongs."""
    return {"manager": institution, "starts_on": "starts_on-day", "ends_on": "ends_on-day"}[
        refused.field
    ]


def _read_time(
    first: list[str], last: list[str], needed: bool
) -> tuple[date | None, date | None, dict[str, str]]:
    starts_on, wrong_first = date_input.read(first, FIRST, needed=needed)
    ends_on, wrong_last = date_input.read(last, LAST, needed=False)
    errors = {"starts_on-day": wrong_first, "ends_on-day": wrong_last}
    return starts_on, ends_on, {name: text for name, text in errors.items() if text}


def _new_form(
    request: Request,
    db: Database,
    found: Subject,
    side: str,
    words: str,
    first: list[str],
    last: list[str],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    return private(
        render(
            request,
            "institutions/relation_new.html",
            status,
            subject=found,
            institution=found.institution,
            back=f"{found.address}/relations",
            side=side,
            words=words,
            first=first,
            last=last,
            errors=errors,
            error=bool(errors),
            institutions=[
                one
                for one in active_institutions(db)
                if (side == "child" or one.holds_stock)
                and (one.id != found.institution.id or side == "child")
            ],
        )
    )


@router.get("/{link_id:int}")
def relation_page(
    request: Request, db: Database, person: SignedIn, identifier: int, link_id: int
) -> Response:
    """The dates of a relation, to change, and its removal."""
    found = subject(request, db, person, identifier, "institution.change")
    link = _link(db, found, link_id)
    return _form(
        request,
        db,
        found,
        link,
        date_input.parts_of(link.starts_on),
        date_input.parts_of(link.ends_on),
        {},
    )


def _link(db: Database, found: Subject, link_id: int) -> InstitutionLink:
    link = db.get(InstitutionLink, link_id) if 0 < link_id < 2**31 else None
    if link is None or found.institution.id not in (link.owner_id, link.manager_id):
        raise HTTPException(404)
    return link


@router.post("/{link_id:int}")
def change_page(
    request: Request,
    db: Database,
    person: SignedIn,
    identifier: int,
    link_id: int,
    posted: Posted,
) -> Response:
    """Saves other dates, or removes the relation; or says why not."""
    found = subject(request, db, person, identifier, "institution.change")
    link = _link(db, found, link_id)
    first, last = (date_input.typed(posted, name) for name in ("starts_on", "ends_on"))
    opened = _opened(posted, "first"), _opened(posted, "last")
    removes = posted.get("go") == "remove"
    errors: dict[str, str] = {}
    done = "removed"
    try:
        if removes:
            remove_relation(db, person.id, link.id, opened, found.day)
        else:
            starts_on, ends_on, errors = _read_time(first, last, needed=False)
            if not errors:
                time = (starts_on, ends_on)
                changed = change_relation(db, person.id, link.id, opened, time, found.day)
                done = "dates" if changed else "unchanged"
        if not errors:
            db.commit()
            return RedirectResponse(f"{found.address}/relations?done={done}", 303)
    except RelationRefused as refused:
        db.rollback()
        place = "remove" if removes else _place(refused, "starts_on-day")
        errors = {place: str(refused)}
    except ChangedMeanwhile as meanwhile:
        if meanwhile.current is None:
            raise HTTPException(409, GONE) from meanwhile
        if removes:
            first, last = (date_input.parts_of(day) for day in (link.starts_on, link.ends_on))
        return _form(request, db, found, meanwhile.current, first, last, {}, 409)
    if removes:
        first, last = (date_input.parts_of(day) for day in opened)
    return _form(request, db, found, link, first, last, errors, 422, opened)


def _opened(posted: Mapping[str, str], name: str) -> date | None:
    """A date that the form was opened with; one that cannot be read is none that was ever saved."""
    text = posted.get(f"opened-{name}", "unknown")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.max


def _form(
    request: Request,
    db: Database,
    found: Subject,
    link: InstitutionLink,
    first: list[str],
    last: list[str],
    errors: dict[str, str],
    status: int = 200,
    opened: tuple[date | None, date | None] | None = None,
) -> Response:
    owner = db.get_one(Institution, link.owner_id)
    manager = db.get_one(Institution, link.manager_id)
    begin, end = opened or (link.starts_on, link.ends_on)
    return private(
        render(
            request,
            "institutions/relation.html",
            status,
            subject=found,
            institution=found.institution,
            back=f"{found.address}/relations",
            here=f"{found.address}/relations/{link.id}",
            owner=owner,
            manager=manager,
            saved=time_in_words((link.starts_on, link.ends_on)),
            opened_first=begin.isoformat() if begin else "",
            opened_last=end.isoformat() if end else "",
            first=first,
            last=last,
            logs=logs_of_pair(db, owner.id, manager.id),
            errors=errors,
            error=bool(errors),
            changed=status == 409,
        )
    )
