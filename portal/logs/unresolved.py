"""Why a log must have its scheme chosen again, and where that is done."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from data_access.accounts import Person
from data_access.audit import history
from data_access.logs import Log
from data_access.schemes import Location, Scheme
from portal.permissions import may_do
from submission.collection import load
from submission.log_life import OPEN


@dataclass(frozen=True)
class Unresolved:
    """What was taken out of a log: the scheme's name, its page if it may be seen, the location.

    `page` is where another is chosen, by whoever may while the log is open.
    """

    page: str
    may_choose: bool
    scheme: str = ""
    address: str = ""
    location: str = ""


def unresolved_of(db: Session, person: Person, log: Log) -> Unresolved | None:
    """What an unresolved log lost, from its history; None for any other log."""
    if not log.unresolved:
        return None
    pages = load(log.collection, log.collection_year).pages
    slug = next(
        page.slug for page in pages if any(at.variable == "scheme_id" for at in page.placements)
    )
    here = f"/logs/{log.id}/pages/{slug}"
    may_choose = log.status in OPEN and may_do(db, person, "log.change", log)
    scheme = db.get(Scheme, _taken_out(db, log, "scheme_id"))
    location = db.get(Location, _taken_out(db, log, "location_id"))
    if scheme is None:
        return Unresolved(here, may_choose)
    may_see = may_do(db, person, "scheme.view", scheme)
    return Unresolved(
        here,
        may_choose,
        f"{scheme.code}: {scheme.name}" if scheme.code else scheme.name,
        f"/schemes/{scheme.id}" if may_see else "",
        location.name or location.postcode if location is not None else "",
    )


def _taken_out(db: Session, log: Log, name: str) -> int:
    """The identifier that the log had last for an answer; 0 when its history knows of none."""
    for event in reversed(history(db, ("log", log.id))):
        before, after = (event.detail.get("changes") or {}).get(name) or (None, None)
        if isinstance(before, int) and after is None:
            return before
    return 0
