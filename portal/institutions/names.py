"""Giving an institution a new name, today or from a later day, and cancelling that."""

from datetime import date, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from data_access.institution_names import NameRefused, cancel_name, give_name
from data_access.institutions import AlreadyTaken
from data_access.versions import ChangedMeanwhile
from portal.administration import date_input
from portal.forms import Posted
from portal.institutions.frame import Subject, private, subject, version_in
from portal.layout.pages import render
from portal.plain_text import read_text
from portal.sessions import Database, SignedIn
from submission.windows import in_words

router = APIRouter(prefix="/institutions/{identifier:int}/names")
PHRASE = "the day from which it has the name"
LATEST = timedelta(days=731)


@router.get("/new")
def new_page(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """The form for a new name, from today."""
    found = subject(request, db, person, identifier, "institution.change")
    return _form(request, found, "", date_input.parts_of(found.day), {})


@router.post("/new")
def give_page(
    request: Request, db: Database, person: SignedIn, identifier: int, posted: Posted
) -> Response:
    """Gives the name, or says what is wrong with it."""
    found = subject(request, db, person, identifier, "institution.change")
    parts = date_input.typed(posted, "starts_on")
    name, wrong_name = read_text(posted.get("name", ""), "the new name")
    day, wrong_day = date_input.read(parts, PHRASE)
    if day is not None and day > found.day + LATEST:
        wrong_day = f"The day must be {in_words(found.day + LATEST)} or earlier"
    errors = {
        place: text for place, text in (("name", wrong_name), ("starts_on-day", wrong_day)) if text
    }
    if not errors and day is not None:
        try:
            applied = give_name(
                db, person.id, found.institution, name, day, found.day, version_in(posted)
            )
            db.commit()
        except AlreadyTaken as taken:
            errors = {"name": str(taken)}
        except NameRefused as refused:
            errors = {"name" if refused.field == "name" else "starts_on-day": str(refused)}
        except ChangedMeanwhile:
            return _form(request, found, posted.get("name", ""), parts, {}, 409, name, day)
        else:
            done = "renamed" if applied else "scheduled"
            return RedirectResponse(f"{found.address}/names?done={done}", 303)
        db.rollback()
    return _form(request, found, posted.get("name", ""), parts, errors, 422)


def _form(
    request: Request,
    found: Subject,
    name: str,
    parts: list[str],
    errors: dict[str, str],
    status: int = 200,
    mine: str = "",
    from_day: date | None = None,
) -> Response:
    yours = f"{mine}, from {in_words(from_day)}" if from_day else mine
    return private(
        render(
            request,
            "institutions/name_new.html",
            status,
            subject=found,
            institution=found.institution,
            back=f"{found.address}/names",
            name=name,
            parts=parts,
            errors=errors,
            error=bool(errors),
            differences=[("Name", found.institution.name, yours)] if status == 409 else [],
        )
    )


@router.post("/{row_id:int}/cancel")
def cancel_page(
    request: Request, db: Database, person: SignedIn, identifier: int, row_id: int
) -> Response:
    """Cancels a name that has not begun."""
    found = subject(request, db, person, identifier, "institution.change")
    try:
        cancel_name(db, person.id, found.institution, row_id if row_id < 2**31 else 0)
    except NameRefused as refused:
        db.rollback()
        return private(
            render(
                request,
                "institutions/refused.html",
                409,
                subject=found,
                institution=found.institution,
                heading="The name is not cancelled",
                reason=str(refused),
                back=f"{found.address}/names",
                back_words="Names",
            )
        )
    db.commit()
    return RedirectResponse(f"{found.address}/names?done=cancelled", 303)
