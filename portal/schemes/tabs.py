"""The pages of one scheme that somebody may open."""

from sqlalchemy.orm import Session

from data_access.accounts import Person
from data_access.schemes import APPROVED, Scheme
from portal.permissions import may_do


def tabs_of(db: Session, person: Person, scheme: Scheme) -> list[tuple[str, str]]:
    """Addresses and words, in order. Only an approved scheme can be deactivated, or be in logs."""
    here = f"/schemes/{scheme.id}"
    found = [(here, "Scheme")]
    if scheme.status == APPROVED:
        found += [(f"{here}/availability", "Availability"), (f"{here}/logs", "Unresolved logs")]
    if may_do(db, person, "scheme.history", scheme):
        found.append((f"{here}/history", "History"))
    return found
