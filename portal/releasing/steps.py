"""The steps of a release after its build: approve, schedule, publish, withdraw.

Pages and commands alike go through here. Each step is one transaction, recorded in the audit
trail; of two people who take the same step at once one does, and the other is told.
"""

from datetime import date, datetime

import structlog
from sqlalchemy.orm import Session

from data_access import audit
from data_access.clock import present
from data_access.release_records import (
    APPROVED,
    CHECKED,
    DISCARDED,
    FAILED,
    GIVEN_OUT,
    PUBLISHED,
    SCHEDULED,
    SUPERSEDED,
    WITHDRAWN,
    ReleaseRecord,
    WrongStep,
    change_state,
    due_records,
    record_of_number,
    records_in,
)
from data_access.releases.status import State
from data_access.releases.versions import is_version
from data_access.settings import Settings
from portal.plain_text import tidy_lines
from portal.releasing import locks
from portal.releasing.building import Wish
from portal.releasing.folders import drafts_dir, forget_contents, manifest_of
from portal.releasing.given_out import (
    current_number,
    give_out,
    newest_given_out,
    one_before,
    show_current,
    tell_public,
)
from portal.releasing.london_time import instant_in_words
from portal.releasing.refusals import ReleaseRefused

_log = structlog.get_logger()
SELF = (
    "You had this release built, so somebody else has to approve it. Ask another statistician or "
    "an administrator."
)


def approve(db: Session, settings: Settings, by: int | None, record: ReleaseRecord) -> None:
    """A second person has looked at a checked release. Commits.

    Only in a demonstration can it be nobody. Raises ReleaseRefused for whoever had it built, and
    WrongStep.
    """
    if by is None and not settings.demonstration:
        raise ReleaseRefused("A person has to approve a release.")
    if by is not None and record.created_by_id == by:
        raise ReleaseRefused(SELF)
    _refuse_outdated(db, settings, record)
    change_state(db, record, [CHECKED], APPROVED, approved_at=present(settings), approved_by_id=by)
    audit.record(db, by, "release_approved", ("release", record.id), {"release": record.number})
    db.commit()


def schedule(
    db: Session, settings: Settings, by: int | None, record: ReleaseRecord, at: datetime
) -> None:
    """Sets the time at which an approved release is published. Commits.

    Raises ReleaseRefused for a time that is over or when another release is scheduled, and
    WrongStep.
    """
    if at <= present(settings):
        raise ReleaseRefused("The time of publication must be in the future")
    _refuse_unapproved(record)
    _refuse_outdated(db, settings, record)
    others = [other for other in records_in(db, [SCHEDULED]) if other.id != record.id]
    if others and others[0].publishes_at:
        raise ReleaseRefused(
            f"Release {others[0].number} is scheduled for "
            f"{instant_in_words(others[0].publishes_at)}. Take it off the schedule first."
        )
    change_state(db, record, [APPROVED], SCHEDULED, publishes_at=at, scheduled_by_id=by)
    audit.record(db, by, "release_scheduled", ("release", record.id), {"publishes_at": at})
    db.commit()


def unschedule(db: Session, by: int | None, record: ReleaseRecord) -> None:
    """Takes a release off the schedule; it stays approved. Commits. Raises WrongStep."""
    was = record.publishes_at
    change_state(db, record, [SCHEDULED], APPROVED, publishes_at=None, scheduled_by_id=None)
    audit.record(db, by, "release_unscheduled", ("release", record.id), {"publishes_at": was})
    db.commit()


def publish_now(db: Session, settings: Settings, by: int | None, record: ReleaseRecord) -> None:
    """Publishes an approved or scheduled release at once; the former one is superseded. Commits.

    Raises ReleaseRefused, then the release has failed and the current one stays, unless it was
    never approved; and WrongStep.
    """
    _refuse_unapproved(record)
    number = record.id
    with locks.held(drafts_dir(settings) / ".publishing"):
        try:
            _publish(db, settings, by, record)
        except ReleaseRefused as refused:
            db.rollback()
            db.refresh(record)
            change_state(db, record, [APPROVED, SCHEDULED], FAILED, message=str(refused))
            reason = {"reason": str(refused)}
            audit.record(db, None, "release_failed", ("release", number), reason)
            db.commit()
            raise


def _publish(db: Session, settings: Settings, by: int | None, record: ReleaseRecord) -> None:
    at = present(settings)
    previous = current_number(settings)
    if previous == record.number and record_of_number(db, previous) is None:
        # A process gave it out and ended before it could say so.
        previous = _public_before(db, settings, record)
    else:
        _refuse_outdated(db, settings, record)
    change_state(
        db,
        record,
        [APPROVED, SCHEDULED],
        PUBLISHED,
        published_at=at,
        published_by_id=by,
        previous=previous,
    )
    give_out(settings, record)
    states: dict[str, State] = {previous: "superseded"} if previous else {}
    tell_public(settings, {**states, record.number: "published"}, at, record.note)
    former = record_of_number(db, previous) if previous else None
    if former is not None and former.state == PUBLISHED:
        change_state(db, former, [PUBLISHED], SUPERSEDED)
        detail = {"by": record.number}
        audit.record(db, by, "release_superseded", ("release", former.id), detail)
    detail = {"release": record.number, "supersedes": previous}
    audit.record(db, by, "release_published", ("release", record.id), detail)
    db.commit()


def _public_before(db: Session, settings: Settings, record: ReleaseRecord) -> str:
    """The number of what the public had before a release, empty for none; never a withdrawn one."""
    newest = record_of_number(db, record.based_on)
    if newest is not None and newest.state == WITHDRAWN:
        return one_before(db, settings, newest)
    return record.based_on


def publish_due(db: Session, settings: Settings) -> int:
    """Publishes the scheduled releases whose time has come; returns how many. Commits each.

    For the running portal and the daily job alike: each is published once, whoever comes first.
    """
    done = 0
    for record in due_records(db, present(settings)):
        try:
            publish_now(db, settings, record.scheduled_by_id, record)
        except WrongStep:
            db.rollback()
        except ReleaseRefused as refused:
            _log.error("release_not_published", release=record.id, reason=str(refused))
        else:
            done += 1
            _log.info("release_published", release=record.id, number=record.number)
    return done


def withdraw(
    db: Session, settings: Settings, by: int | None, record: ReleaseRecord, notice: str
) -> str:
    """Takes a release back with a notice for the public. Commits.

    Returns the number of the release that is current afterwards, empty for none. Raises
    ReleaseRefused without a notice, and WrongStep.
    """
    notice = tidy_lines(notice)
    if not notice:
        raise ReleaseRefused("Enter a notice that tells the public why it is withdrawn")
    with locks.held(drafts_dir(settings) / ".publishing"):
        was_current = record.state == PUBLISHED
        states: dict[str, State] = {record.number: "withdrawn"}
        change_state(
            db,
            record,
            [PUBLISHED, SUPERSEDED],
            WITHDRAWN,
            withdrawn_at=present(settings),
            withdrawn_by_id=by,
            notice=notice,
        )
        detail = {"notice": notice}
        audit.record(db, by, "release_withdrawn", ("release", record.id), detail)
        if was_current:
            again = one_before(db, settings, record)
            states |= {again: "published"} if again else {}
            restored = record_of_number(db, again) if again else None
            if restored is not None:
                change_state(db, restored, [SUPERSEDED], PUBLISHED)
                audit.record(db, by, "release_restored", ("release", restored.id))
            show_current(settings, again)
        tell_public(settings, states, present(settings), notice=notice)
        db.commit()
    return current_number(settings)


def discard(db: Session, settings: Settings, by: int | None, record: ReleaseRecord) -> None:
    """Gives up a release that was not published, and takes away its files. Commits.

    Raises ReleaseRefused for one that is scheduled or was published, and WrongStep.
    """
    if record.state == SCHEDULED:
        raise ReleaseRefused("It is scheduled. Take it off the schedule first.")
    if record.state in GIVEN_OUT:
        raise ReleaseRefused("It was given out to the public. It can only be withdrawn.")
    change_state(db, record, [CHECKED, APPROVED], DISCARDED)
    audit.record(db, by, "release_discarded", ("release", record.id), {"release": record.number})
    db.commit()
    forget_contents(settings, record.id)


def correction_of(record: ReleaseRecord, issued: date, note: str) -> Wish:
    """The wish to build a release anew with a note that tells the public what was corrected.

    Raises ReleaseRefused without a note, or for a release that is not published.
    """
    if record.state != PUBLISHED:
        raise ReleaseRefused("Only the release that is published can be corrected.")
    note = tidy_lines(note)
    if not note:
        raise ReleaseRefused("Enter a note that tells the public what is corrected")
    return Wish(tuple(record.periods), issued, record.id, note)


def _refuse_unapproved(record: ReleaseRecord) -> None:
    if record.state == CHECKED:
        raise ReleaseRefused("Somebody else than its builder has to approve it first.")


def _refuse_outdated(db: Session, settings: Settings, record: ReleaseRecord) -> None:
    newest = newest_given_out(db, settings)
    if record.based_on != newest:
        raise ReleaseRefused(
            f"Release {newest} was published after this one was built, so what is safe to show "
            "beside it has changed. Build this one again."
        )
    # Its list of changes would tell what a release said that was withdrawn since.
    manifest = manifest_of(settings, record)
    public = current_number(settings)
    if manifest and manifest["previous"] != (public if is_version(public) else ""):
        raise ReleaseRefused(
            "The public has another release now than when this one was built, so its list of "
            "changes is not right any more. Build this one again."
        )
