"""Mergers of institutions: the list, each of them, and what is to be checked after one."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from data_access.accounts import Account
from data_access.clock import today
from data_access.institutions import Institution
from data_access.mergers import CANCELLED, DONE, FAILED, SCHEDULED, Merger, all_mergers
from data_access.merging.alike import groups_alike, schemes_alike
from data_access.merging.records import institutions_of
from data_access.merging.scheduling import cancel_merger, schedule_again
from portal.forms import Posted
from portal.history import history_of
from portal.history import in_words as instant_in_words
from portal.layout.pages import render
from portal.mergers.carrying_out import carry_out
from portal.mergers.frame import HERE, private, to_merger
from portal.mergers.steps import router as steps
from portal.mergers.words import counts_in_words
from portal.permissions import find, may, require
from portal.sessions import Database, SignedIn
from submission.windows import in_words

router = APIRouter()
router.include_router(steps)
_WORDS = {
    "merger_scheduled": "The merger was decided",
    "merger_cancelled": "The merger was cancelled",
    "merger_failed": "The merger failed; nothing was moved",
    "merger_done": "The institutions were merged",
}
_DONE = {
    "scheduled": "The merger is scheduled.",
    "done": "The institutions are merged.",
    "cancelled": "The merger is cancelled. Nothing was moved.",
    "changed": "Somebody else changed this merger meanwhile. This is how it stands now.",
}


@router.get(HERE)
def mergers_page(request: Request, db: Database, person: SignedIn) -> Response:
    """Every merger, newest first."""
    require(person, "institution.merge")
    rows = [(merger, *_names(db, merger), in_words(merger.merges_on)) for merger in all_mergers(db)]
    return private(render(request, "mergers/list.html", rows=rows))


def _names(db: Database, merger: Merger) -> tuple[list[str], str]:
    absorbing = db.get(Institution, merger.absorbing_id)
    merging = [institution.name for institution in institutions_of(db, merger.merging)]
    return merging, absorbing.name if absorbing else ""


def _merger(db: Database, identifier: int) -> Merger:
    merger = db.get(Merger, identifier) if 0 < identifier < 2**31 else None
    if merger is None:
        raise HTTPException(404)
    return merger


@router.get(f"{HERE}/{{identifier:int}}")
def merger_page(
    request: Request, db: Database, person: SignedIn, identifier: int, done: str = ""
) -> Response:
    """One merger: what it moved or would move, and what can still be done about it."""
    require(person, "institution.merge")
    merger = _merger(db, identifier)
    author = db.get(Account, merger.created_by_id) if merger.created_by_id else None
    return private(
        render(
            request,
            "mergers/merger.html",
            merger=merger,
            merging=institutions_of(db, merger.merging),
            absorbing=db.get(Institution, merger.absorbing_id),
            day=in_words(merger.merges_on),
            author=author.name if author else "",
            created=instant_in_words(merger.created_at),
            done_at=instant_in_words(merger.done_at) if merger.done_at else "",
            counts=counts_in_words(merger.counts),
            is_open=merger.state in (SCHEDULED, FAILED),
            is_failed=merger.state == FAILED,
            is_done=merger.state == DONE,
            history=history_of(db, ("merger", merger.id), _WORDS, {}),
            done=_DONE.get(done, "") if done != "done" or merger.state == DONE else "",
        )
    )


@router.post(f"{HERE}/{{identifier:int}}")
def change_merger(
    request: Request, db: Database, person: SignedIn, identifier: int, posted: Posted
) -> Response:
    """Cancels a merger, or tries one that has failed again."""
    require(person, "institution.merge")
    settings = request.app.state.settings
    merger = _merger(db, identifier)
    if posted.get("version") != str(merger.version):
        return to_merger(merger, "changed")
    if posted.get("go") == "cancel":
        return to_merger(merger, CANCELLED if cancel_merger(db, person, merger) else "changed")
    if not schedule_again(db, person, merger):
        return to_merger(merger, "changed")
    done = "scheduled"
    if merger.merges_on <= today(settings):
        done = "done" if carry_out(db, settings, merger) else ""
        request.app.state.postman.ring()
    return to_merger(merger, done)


@router.get("/institutions/{identifier:int}/schemes-alike")
def alike_page(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """Groups of one name, and schemes that share a name or postcode, to check after a merger."""
    institution: Institution = find(db, person, "institution.history", identifier)
    require(person, "scheme.history")
    found: list[dict[str, Any]] = [
        {"shared": alike.shared, "is_postcode": alike.is_postcode, "schemes": alike.schemes}
        for alike in schemes_alike(db, institution.id)
    ]
    return private(
        render(
            request,
            "mergers/alike.html",
            institution=institution,
            found=found,
            groups=groups_alike(db, institution.id),
            may_rename=may(person, "group.change"),
        )
    )
