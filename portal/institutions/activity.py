"""Deactivating and reactivating an institution: first what it touches, then the decision."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from data_access.institution_activity import (
    Merged,
    affected_by_deactivation,
    come_back,
    deactivate,
    reactivate,
)
from data_access.versions import ChangedMeanwhile
from portal.forms import Posted
from portal.institutions.frame import MERGED, Subject, private, subject, version_in
from portal.layout.pages import render
from portal.sessions import Database, SignedIn
from submission.windows import in_words

router = APIRouter(prefix="/institutions/{identifier:int}")
ACTION = "institution.deactivate"


def _subject(request: Request, db: Database, person: SignedIn, identifier: int) -> Subject:
    found = subject(request, db, person, identifier, ACTION)
    if found.institution.merged_into_id is not None:
        raise HTTPException(403, MERGED)
    return found


@router.get("/deactivate")
def deactivate_form(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """What deactivating touches."""
    found = _subject(request, db, person, identifier)
    if not found.institution.active:
        return RedirectResponse(f"{found.address}/reactivate", 303)
    return _preview(request, db, found)


@router.post("/deactivate")
def deactivate_page(
    request: Request, db: Database, person: SignedIn, identifier: int, posted: Posted
) -> Response:
    """Deactivates the institution and its users."""
    found = _subject(request, db, person, identifier)
    try:
        deactivate(db, person.id, found.institution, version_in(posted))
    except ChangedMeanwhile:
        db.rollback()
        return _changed(request, db, found)
    db.commit()
    return RedirectResponse(f"{found.address}?done=deactivated", 303)


@router.get("/reactivate")
def reactivate_form(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """Who comes back with it."""
    found = _subject(request, db, person, identifier)
    if found.institution.active:
        return RedirectResponse(f"{found.address}/deactivate", 303)
    return _preview(request, db, found)


@router.post("/reactivate")
def reactivate_page(
    request: Request, db: Database, person: SignedIn, identifier: int, posted: Posted
) -> Response:
    """Reactivates the institution, and the users who were deactivated with it."""
    found = _subject(request, db, person, identifier)
    try:
        reactivate(db, person.id, found.institution, version_in(posted))
    except Merged as merged:
        db.rollback()
        raise HTTPException(403, str(merged)) from merged
    except ChangedMeanwhile:
        db.rollback()
        return _changed(request, db, found)
    db.commit()
    return RedirectResponse(f"{found.address}?done=reactivated", 303)


def _changed(request: Request, db: Database, found: Subject) -> Response:
    """Somebody else changed the record, or did the same, since the preview was shown."""
    db.refresh(found.institution)
    return _preview(request, db, found, 409)


def _preview(request: Request, db: Database, found: Subject, status: int = 200) -> Response:
    institution = found.institution
    context = {
        "subject": found,
        "institution": institution,
        "back": found.address,
        "changed": status == 409,
    }
    if not institution.active:
        users = come_back(db, institution)
        return private(
            render(request, "institutions/reactivate.html", status, **context, users=users)
        )
    affected = affected_by_deactivation(db, institution, found.day)
    return private(
        render(
            request,
            "institutions/deactivate.html",
            status,
            **context,
            affected=affected,
            mergers=[in_words(merger.merges_on) for merger in affected.mergers],
        )
    )
