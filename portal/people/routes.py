"""The people of an institution: invited, changed, managed, deactivated."""

from fastapi import APIRouter

from portal.people import (
    actions,
    editing,
    inviting,
    leaving,
    listing,
    managed,
    membership,
    viewing,
)

router = APIRouter()
# The pages of single steps take any word after a user: they come last.
for part in (listing, inviting, managed, viewing, editing, membership, leaving, actions):
    router.include_router(part.router)
