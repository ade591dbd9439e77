"""Locations of a scheme: added, changed, and removed while the scheme is being made."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from data_access.reference.local_authorities import local_authorities
from data_access.scheme_changes import (
    NotInThisState,
    add_location,
    change_location,
    remove_location,
)
from data_access.scheme_codes import LOCATION_CODES
from data_access.scheme_states import SchemeRecord
from data_access.schemes import DRAFT, REFUSED, Location
from data_access.versions import ChangedMeanwhile
from portal.administration import date_input
from portal.forms import Posted
from portal.schemes.answering import find_location, find_record, number_of, private_page
from portal.schemes.reading import asks_for_authority, read_location
from portal.schemes.words import LOCATION_LABELS, value_in_words
from portal.sessions import Database, SignedIn

router = APIRouter()
FIELDS = ("name", "postcode", "local_authority", "units", *LOCATION_CODES)
DAY = "available_from"


@router.get("/schemes/{scheme_id}/locations/new")
def new_location_page(request: Request, db: Database, person: SignedIn, scheme_id: int) -> Response:
    """The form for a further location."""
    found = find_record(db, person, "scheme.change", scheme_id)
    return _form(request, found, None, dict.fromkeys(FIELDS, ""), ["", "", ""])


@router.post("/schemes/{scheme_id}/locations/new")
def add_location_page(
    request: Request, db: Database, person: SignedIn, scheme_id: int, posted: Posted
) -> Response:
    """Adds a location, or says what is wrong."""
    found = find_record(db, person, "scheme.change", scheme_id)
    typed = {name: posted.get(name, "") for name in FIELDS}
    parts = date_input.typed(posted, DAY)
    values, errors = read_location(typed, parts)
    if errors:
        return _form(request, found, None, typed, parts, 422, errors=errors)
    add_location(db, person.id, found.scheme, values)
    db.commit()
    if posted.get("go") == "another":
        return RedirectResponse(f"/schemes/{scheme_id}/locations/new", 303)
    return RedirectResponse(f"/schemes/{scheme_id}?done=location#locations", 303)


@router.get("/schemes/{scheme_id}/locations/{location_id}")
def location_page(
    request: Request, db: Database, person: SignedIn, scheme_id: int, location_id: int
) -> Response:
    """The form with a location as it is."""
    found = find_record(db, person, "scheme.change", scheme_id)
    place = find_location(found, location_id)
    parts = date_input.parts_of(place.available_from)
    return _form(request, found, place, _texts(place), parts)


@router.post("/schemes/{scheme_id}/locations/{location_id}")
def change_location_page(
    request: Request,
    db: Database,
    person: SignedIn,
    scheme_id: int,
    location_id: int,
    posted: Posted,
) -> Response:
    """Saves a location, or says what is wrong with it or who changed it meanwhile."""
    found = find_record(db, person, "scheme.change", scheme_id)
    place = find_location(found, location_id)
    typed = {name: posted.get(name, "") for name in FIELDS}
    parts = date_input.typed(posted, DAY)
    version = number_of(posted.get("version", ""))
    values, errors = read_location(typed, parts)
    if errors:
        return _form(request, found, place, typed, parts, 422, version=version, errors=errors)
    try:
        change_location(db, person.id, place, version, values)
    except ChangedMeanwhile:
        differences = [
            (label, value_in_words(name, theirs), value_in_words(name, values[name]))
            for name, label in LOCATION_LABELS.items()
            if (theirs := getattr(place, name)) != values[name]
        ]
        return _form(request, found, place, typed, parts, 409, differences=differences)
    db.commit()
    return RedirectResponse(f"/schemes/{scheme_id}?done=location#locations", 303)


@router.post("/schemes/{scheme_id}/locations/{location_id}/remove")
def remove_location_page(
    request: Request, db: Database, person: SignedIn, scheme_id: int, location_id: int
) -> Response:
    """Removes a location of a scheme that was never approved: no log can be of it."""
    found = find_record(db, person, "scheme.change", scheme_id)
    place = find_location(found, location_id)
    try:
        remove_location(db, person.id, found.scheme, place)
    except NotInThisState:
        db.rollback()
        wrong = {
            "remove": "This scheme has been sent for approval or is approved, so its locations "
            "stay. Deactivate the location when the scheme is approved"
        }
        parts = date_input.parts_of(place.available_from)
        return _form(request, found, place, _texts(place), parts, 409, errors=wrong)
    db.commit()
    return RedirectResponse(f"/schemes/{scheme_id}?done=removed#locations", 303)


def _texts(place: Location) -> dict[str, str]:
    return {name: str(value) if (value := getattr(place, name)) else "" for name in FIELDS}


def _form(
    request: Request,
    found: SchemeRecord,
    place: Location | None,
    typed: dict[str, str],
    parts: list[str],
    status: int = 200,
    version: int | None = None,
    errors: dict[str, str] | None = None,
    **context: Any,
) -> Response:
    names = sorted((area.name, code) for code, area in local_authorities().items())
    return private_page(
        request,
        "location_form.html",
        status,
        scheme=found.scheme,
        place=place,
        typed=typed,
        parts=parts,
        version=version if version is not None else place.version if place else 0,
        codes={name: list(codes.items()) for name, codes in LOCATION_CODES.items()},
        labels=LOCATION_LABELS,
        authorities=[(code, name) for name, code in names],
        asks_for_authority=asks_for_authority(typed),
        may_remove=place is not None and found.scheme.status in (DRAFT, REFUSED),
        errors=errors or {},
        error=bool(errors),
        **context,
    )
