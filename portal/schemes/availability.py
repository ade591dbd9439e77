"""When a scheme and its locations are deactivated; reactivating them; the logs that lost one."""

from datetime import date
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from data_access.scheme_changes import NotInThisState
from data_access.scheme_pauses import (
    PauseGone,
    PauseRefused,
    cancel,
    pause_in_words,
    reactivate,
)
from data_access.scheme_states import SchemeRecord, pauses_of
from data_access.schemes import SchemePause
from data_access.unsettled_logs import unresolved_of
from portal.administration import date_input
from portal.forms import Posted
from portal.permissions import may_do, scope
from portal.schemes.answering import (
    day_of,
    find_approved,
    find_location,
    private_page,
    sees_postcodes,
)
from portal.schemes.tabs import tabs_of
from portal.schemes.words import (
    letting_day,
    location_name,
    location_tag,
    scheme_tag,
    what_is_paused,
)
from portal.sessions import Database, SignedIn
from submission.windows import in_words

router = APIRouter()
_DONE = {
    "deactivated": "The deactivation is saved.",
    "reactivated": "The reactivation is saved.",
    "cancelled": "The deactivation is cancelled.",
    "gone": "Somebody else changed this deactivation meanwhile. This is how it stands now.",
}


@router.get("/schemes/{scheme_id}/availability")
def availability_page(
    request: Request, db: Database, person: SignedIn, scheme_id: int, done: str = ""
) -> Response:
    """When a scheme and its locations are deactivated."""
    found = find_approved(db, person, "scheme.view", scheme_id)
    day = day_of(request)
    shows = sees_postcodes(db, person, found.scheme)
    parts: list[dict[str, Any]] = [
        {
            "name": "The whole scheme",
            "query": "",
            "tag": scheme_tag(found, day),
            "pauses": _pauses(found, None, day),
            "is_closed": _is_closed(found, None, day),
        }
    ]
    parts += [
        {
            "name": f"Location {location_name(place, shows)}",
            "query": f"?location={place.id}",
            "tag": location_tag(found, place, day),
            "available_from": in_words(place.available_from) if place.available_from else "",
            "pauses": _pauses(found, place.id, day),
            "is_closed": _is_closed(found, place.id, day),
        }
        for place in found.locations
    ]
    return private_page(
        request,
        "availability.html",
        scheme=found.scheme,
        parts=parts,
        tabs=tabs_of(db, person, found.scheme),
        may_pause=may_do(db, person, "scheme.pause", found.scheme),
        owner=found.owner,
        done=_DONE.get(done, ""),
    )


def _is_closed(found: SchemeRecord, location_id: int | None, day: date) -> bool:
    """Whether it is deactivated until further notice: then it is reactivated before anything."""
    pauses = pauses_of(found, location_id)
    return any(one.ends_on is None and one.starts_on <= day for one in pauses)


@router.get("/schemes/{scheme_id}/availability/{pause_id}/reactivate")
def reactivate_page(
    request: Request, db: Database, person: SignedIn, scheme_id: int, pause_id: int
) -> Response:
    """The form for the day on which something deactivated is let again."""
    found = find_approved(db, person, "scheme.pause", scheme_id)
    return _reactivate_form(request, found, _pause(found, pause_id), ["", "", ""])


@router.post("/schemes/{scheme_id}/availability/{pause_id}/reactivate")
def reactivate_scheme_page(
    request: Request, db: Database, person: SignedIn, scheme_id: int, pause_id: int, posted: Posted
) -> Response:
    """Ends a pause on a day, or says what is wrong."""
    found = find_approved(db, person, "scheme.pause", scheme_id)
    of = _pause(found, pause_id)
    parts = date_input.typed(posted, "ends_on")
    on, wrong = date_input.read(parts, "the reactivation date")
    if on is None:
        return _reactivate_form(request, found, of, parts, {"ends_on": wrong})
    try:
        reactivate(db, person.id, found.scheme, pause_id, on)
    except PauseRefused as refused:
        db.rollback()
        errors = {refused.field: str(refused)}
        return _reactivate_form(request, found, of, parts, errors)
    except (PauseGone, NotInThisState):
        db.rollback()
        return RedirectResponse(f"/schemes/{scheme_id}/availability?done=gone", 303)
    db.commit()
    return RedirectResponse(f"/schemes/{scheme_id}/availability?done=reactivated", 303)


@router.post("/schemes/{scheme_id}/availability/{pause_id}/cancel")
def cancel_page(
    request: Request, db: Database, person: SignedIn, scheme_id: int, pause_id: int
) -> Response:
    """Takes back a deactivation that has not begun."""
    found = find_approved(db, person, "scheme.pause", scheme_id)
    try:
        cancel(db, person.id, found.scheme, pause_id, day_of(request))
    except (PauseGone, NotInThisState):
        db.rollback()
        return RedirectResponse(f"/schemes/{scheme_id}/availability?done=gone", 303)
    db.commit()
    return RedirectResponse(f"/schemes/{scheme_id}/availability?done=cancelled", 303)


@router.get("/schemes/{scheme_id}/logs")
def unresolved_logs_page(
    request: Request, db: Database, person: SignedIn, scheme_id: int
) -> Response:
    """The logs that lost this scheme and need another."""
    found = find_approved(db, person, "scheme.view", scheme_id)
    logs = unresolved_of(db, found.scheme, scope(person, "log.view"))
    return private_page(
        request,
        "logs.html",
        scheme=found.scheme,
        logs=[(log, letting_day(log)) for log in logs],
        tabs=tabs_of(db, person, found.scheme),
    )


def _pause(found: SchemeRecord, pause_id: int) -> SchemePause:
    for one in found.pauses:
        if one.id == pause_id:
            return one
    raise HTTPException(404)


def _pauses(
    found: SchemeRecord, location_id: int | None, day: date
) -> list[tuple[SchemePause, str, bool, bool]]:
    """Each pause in words, whether it can be ended, and whether it can be cancelled."""
    return [
        (one, pause_in_words(one), one.ends_on is None, one.starts_on > day)
        for one in reversed(pauses_of(found, location_id))
    ]


def _reactivate_form(
    request: Request,
    found: SchemeRecord,
    of: SchemePause,
    parts: list[str],
    errors: dict[str, str] | None = None,
) -> Response:
    place = find_location(found, of.location_id) if of.location_id else None
    return private_page(
        request,
        "reactivate.html",
        422 if errors else 200,
        scheme=found.scheme,
        pause=of,
        words=pause_in_words(of),
        what=what_is_paused(found, place),
        parts=parts,
        errors=errors or {},
        error=bool(errors),
    )
