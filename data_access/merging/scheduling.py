"""Deciding on a merger and taking the decision back, before it is carried out."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy.orm import Session

from data_access.accounts import Actor
from data_access.audit import record
from data_access.institutions import Institution, lock
from data_access.mergers import CANCELLED, FAILED, SCHEDULED, Merger, change_state, why_not
from data_access.merging.doing import MergerRefused, dry_run
from data_access.merging.founding import NewInstitution, found_institution
from data_access.merging.parties import Parties


def schedule_merger(
    db: Session,
    by: Actor,
    merging: Iterable[int],
    absorbing: int | NewInstitution,
    day: date,
    today: date,
) -> Merger:
    """A merger that waits for its day, with the counts of its dry run. Commits.

    `absorbing` is an institution there is, or one to be made. Raises MergerRefused when something
    stands in the way, and AlreadyTaken for a new institution whose name or number another has;
    nothing is written then.
    """
    numbers = tuple(merging)
    concerned = [*numbers, absorbing] if isinstance(absorbing, int) else numbers
    # In one order, so that two who decide about the same institutions wait and do not block.
    for number in sorted(set(concerned)):
        lock(db, number)
    try:
        if isinstance(absorbing, int):
            into = db.get(Institution, absorbing)
            if into is None:
                raise MergerRefused(["The institution that the others go into is not known."])
            reasons = why_not(db, numbers, into)
        else:
            reasons = why_not(db, numbers, None)
            into = None if reasons else found_institution(db, by, absorbing, day, today)
        if reasons or into is None:
            raise MergerRefused(reasons)
    except Exception:
        db.rollback()
        raise
    merger = Merger(
        absorbing_id=into.id,
        merging=list(numbers),
        merges_on=day,
        counts=dry_run(db, Parties(numbers, into.id, day, into.available_from)),
        created_by_id=by.id,
    )
    db.add(merger)
    db.flush()
    _tell(db, by, merger, "merger_scheduled")
    db.commit()
    return merger


def cancel_merger(db: Session, by: Actor, merger: Merger) -> bool:
    """Cancels a merger that waits or has failed; False when it is neither any more. Commits."""
    before = FAILED if merger.state == FAILED else SCHEDULED
    return _take(db, by, merger, before, CANCELLED, "merger_cancelled")


def schedule_again(db: Session, by: Actor, merger: Merger) -> bool:
    """Lets a merger that has failed be tried again; False when it is not failed any more."""
    return _take(db, by, merger, FAILED, SCHEDULED, "merger_scheduled")


def _take(db: Session, by: Actor, merger: Merger, before: str, after: str, action: str) -> bool:
    if not change_state(db, merger, before, after):
        db.rollback()
        return False
    _tell(db, by, merger, action)
    db.commit()
    db.refresh(merger)
    return True


def _tell(db: Session, by: Actor, merger: Merger, action: str) -> None:
    detail = {"merger": merger.id, "on": merger.merges_on}
    record(db, by.id, action, ("merger", merger.id), detail)
    for number in (*merger.merging, merger.absorbing_id):
        record(db, by.id, action, ("institution", number), detail)
