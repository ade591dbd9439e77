"""What the pages of schemes share: private answers, posted numbers, who may see a postcode."""

from datetime import date
from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.accounts import Person
from data_access.clock import today
from data_access.scheme_states import SchemeRecord, records_of
from data_access.schemes import APPROVED, Location, ManagementGroup, Scheme
from portal.layout.pages import render
from portal.permissions import find, may_do

PRIVATE = {"Cache-Control": "private, no-store"}


def private_page(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """A page that no cache keeps."""
    answer = render(request, f"schemes/{template}", status, **context)
    answer.headers.update(PRIVATE)
    return answer


def number_of(text: str) -> int:
    """A posted whole number; -1, which none has, for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


def day_of(request: Request) -> date:
    """The day in London, or the one that the setting names."""
    return today(request.app.state.settings)


def find_record(db: Session, person: Person, action: str, scheme_id: int) -> SchemeRecord:
    """A scheme with its locations, owner and pauses, for somebody who may do this to it."""
    scheme: Scheme = find(db, person, action, scheme_id)
    [found] = records_of(db, [scheme])
    return found


def find_approved(db: Session, person: Person, action: str, scheme_id: int) -> SchemeRecord:
    """An approved scheme, for somebody who may do this to it: no other can be deactivated."""
    found = find_record(db, person, action, scheme_id)
    if found.scheme.status != APPROVED:
        raise HTTPException(404)
    return found


def find_location(found: SchemeRecord, location_id: int) -> Location:
    """A location of this very scheme; any other is not found."""
    for place in found.locations:
        if place.id == location_id:
            return place
    raise HTTPException(404)


def group_of(db: Session, scheme: Scheme) -> ManagementGroup:
    """The group of a scheme."""
    return db.scalars(select(ManagementGroup).where(ManagementGroup.id == scheme.group_id)).one()


def sees_postcodes(db: Session, person: Person, scheme: Scheme) -> bool:
    """Whether postcodes are shown: those of a confidential scheme to whoever may change it."""
    return not scheme.confidential or may_do(db, person, "scheme.change", scheme)
