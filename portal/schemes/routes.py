"""Management groups, schemes and their locations."""

from fastapi import APIRouter

from portal.schemes.availability import router as availability
from portal.schemes.deactivating import router as deactivating
from portal.schemes.groups import router as groups
from portal.schemes.listing import router as listing
from portal.schemes.locations import router as locations
from portal.schemes.one_scheme import router as one_scheme
from portal.schemes.queue import router as queue

router = APIRouter()
for _part in (listing, groups, one_scheme, locations, availability, deactivating, queue):
    router.include_router(_part)
