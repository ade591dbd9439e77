"""Institutions: the list, the records and what is done to them."""

from fastapi import APIRouter

from portal.institutions.activity import router as activity
from portal.institutions.changing import router as changing
from portal.institutions.creating import router as creating
from portal.institutions.listing import router as listing
from portal.institutions.mistakes import router as mistakes
from portal.institutions.names import router as names
from portal.institutions.record import router as record
from portal.institutions.relations import router as relations

router = APIRouter()
for part in (listing, creating, record, changing, relations, names, activity, mistakes):
    router.include_router(part)
