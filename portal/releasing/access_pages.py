"""Who may look at a release before it is published: naming people, and what they looked at."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from data_access.clock import present
from data_access.release_records import SHOWN_BEFORE, ReleaseAccess, ReleaseRecord, access_to
from data_access.settings import Settings
from data_access.signing_in import account_named
from portal.forms import Posted
from portal.history import in_words
from portal.layout.pages import render
from portal.permissions import find
from portal.releasing import london_time
from portal.releasing.access import end_access, give_access, is_over, looks_at
from portal.releasing.frame import HERE, address_of, private
from portal.releasing.refusals import ReleaseRefused
from portal.releasing.words import DONE, title_of
from portal.releasing.working_days import usual_time
from portal.sessions import Database, SignedIn

router = APIRouter()
ONE = f"{HERE}/{{identifier:int}}/access"


@router.get(ONE)
def access_page(
    request: Request, db: Database, person: SignedIn, identifier: int, done: str = ""
) -> Response:
    """Who may look, the form to name somebody, and every look that was taken."""
    record: ReleaseRecord = find(db, person, "release.give_access", identifier)
    at = present(request.app.state.settings)
    ends = record.publishes_at or usual_time(record.issued, at)
    return _page(
        request,
        db,
        record,
        {"starts": london_time.parts_of(at), "ends": london_time.parts_of(ends)},
        done=DONE.get(done, ""),
    )


@router.post(ONE)
def name_somebody(
    request: Request, db: Database, person: SignedIn, identifier: int, posted: Posted
) -> Response:
    """Names somebody for a time."""
    record: ReleaseRecord = find(db, person, "release.give_access", identifier)
    settings: Settings = request.app.state.settings
    typed = {name: london_time.typed(posted, name) for name in ("starts", "ends")}
    name = posted.get("who", "").strip()
    starts = london_time.read(typed["starts"], "starts", "the day it starts")
    ends = london_time.read(typed["ends"], "ends", "the day it ends")
    account = account_named(db, name) if name else None
    errors: dict[str, str] = {}
    if not name:
        errors["who"] = "Enter a user name or e-mail address"
    elif account is None:
        errors["who"] = "There is no active account with this user name or e-mail address"
    errors |= starts.errors | ends.errors
    if not errors and starts.found and ends.found:
        try:
            give_access(
                db, settings, person.id, record, account, starts.found.instant, ends.found.instant
            )
        except ReleaseRefused as refused:
            db.rollback()
            errors[_place(str(refused))] = str(refused)
    if errors:
        return _page(request, db, record, typed, errors, name)
    request.app.state.postman.ring()
    return RedirectResponse(f"{address_of(record)}/access?done=given", 303)


def _place(message: str) -> str:
    """The input that a refusal is about."""
    return "ends-day" if message.startswith("The end") else "who"


@router.post(f"{ONE}/{{access_id:int}}/end")
def end_somebodys_access(
    request: Request, db: Database, person: SignedIn, identifier: int, access_id: int
) -> Response:
    """Ends an access now."""
    record: ReleaseRecord = find(db, person, "release.give_access", identifier)
    access = db.get(ReleaseAccess, access_id) if 0 < access_id < 2**31 else None
    if access is None or access.release_id != record.id:
        raise HTTPException(404)
    end_access(db, request.app.state.settings, person.id, access)
    return RedirectResponse(f"{address_of(record)}/access?done=ended", 303)


def _page(
    request: Request,
    db: Session,
    record: ReleaseRecord,
    typed: dict[str, dict[str, list[str]]],
    errors: dict[str, str] | None = None,
    who: str = "",
    done: str = "",
) -> Response:
    at = present(request.app.state.settings)
    named = [
        (
            access,
            account,
            in_words(access.starts_at),
            in_words(access.ends_at),
            "over" if is_over(access, at) else "open" if access.starts_at <= at else "to come",
        )
        for access, account in access_to(db, record)
    ]
    return private(
        render(
            request,
            "releasing/access.html",
            422 if errors else 200,
            record=record,
            title=title_of(record),
            here=address_of(record),
            is_open=record.state in SHOWN_BEFORE,
            named=named,
            looks=[(look, in_words(look.at)) for look in looks_at(db, record)],
            typed=typed,
            who=who,
            errors=errors or {},
            error=bool(errors),
            done=done,
        )
    )
