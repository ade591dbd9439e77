"""Who may look at a release before it is published, until when, and when they did."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from data_access import audit
from data_access.accounts import Account, Person
from data_access.clock import present
from data_access.release_records import SHOWN_BEFORE, ReleaseAccess, ReleaseRecord
from data_access.settings import Settings
from portal.mail import write_mail
from portal.releasing.london_time import instant_in_words
from portal.releasing.refusals import ReleaseRefused
from portal.releasing.words import title_of

PREVIEWED = "release_previewed"


def give_access(
    db: Session,
    settings: Settings,
    by: int | None,
    record: ReleaseRecord,
    account: Account | None,
    starts_at: datetime,
    ends_at: datetime,
) -> None:
    """Lets somebody look at an approved release for a time, and tells them by e-mail. Commits.

    Raises ReleaseRefused.
    """
    if record.state not in SHOWN_BEFORE:
        raise ReleaseRefused("People can be named for a release that is approved or scheduled.")
    if account is None or not account.active or account.deleted_at is not None:
        raise ReleaseRefused("There is no active account with this user name or e-mail address")
    if ends_at <= starts_at:
        raise ReleaseRefused("The end must be after the start")
    if ends_at <= present(settings):
        raise ReleaseRefused("The end must be in the future")
    db.add(
        ReleaseAccess(
            release_id=record.id,
            account_id=account.id,
            starts_at=starts_at,
            ends_at=ends_at,
            given_at=present(settings),
            given_by_id=by,
        )
    )
    detail = {"user": account.user_name, "from": starts_at, "until": ends_at}
    audit.record(db, by, "release_access_given", ("release", record.id), detail)
    write_mail(
        db,
        settings,
        account,
        "release_access",
        title=title_of(record),
        starts=instant_in_words(starts_at),
        ends=instant_in_words(ends_at),
        link=f"{settings.address}/preview/{record.id}/",
    )
    db.commit()


def end_access(db: Session, settings: Settings, by: int | None, access: ReleaseAccess) -> None:
    """Ends somebody's access now, if it has not ended already. Commits."""
    at = present(settings)
    if is_over(access, at):
        return
    account = db.get_one(Account, access.account_id)
    # One that has not begun never will.
    access.ends_at = max(access.starts_at, at) if access.starts_at <= at else access.starts_at
    detail = {"user": account.user_name}
    audit.record(db, by, "release_access_ended", ("release", access.release_id), detail)
    db.commit()


def is_over(access: ReleaseAccess, at: datetime) -> bool:
    """Whether an access has ended, or was ended before it began."""
    return access.ends_at <= max(at, access.starts_at)


def note_look(db: Session, person: Person, record: ReleaseRecord, page: str) -> None:
    """Records, for good, that somebody looked at a page of a release. Commits."""
    audit.record(db, person.id, "release_previewed", ("release", record.id), {"page": page[:300]})
    db.commit()


@dataclass(frozen=True)
class Look:
    """Somebody's look at a page of a release before it was published."""

    at: datetime
    name: str
    page: str


def looks_at(db: Session, record: ReleaseRecord) -> list[Look]:
    """Every recorded look at a release, newest first."""
    events = [
        event for event in audit.history(db, ("release", record.id)) if event.action == PREVIEWED
    ]
    numbers = {event.account_id for event in events if event.account_id is not None}
    names = {number: account.name for number in numbers if (account := db.get(Account, number))}
    return [
        Look(event.at, names.get(event.account_id or 0, ""), str(event.detail.get("page", "")))
        for event in reversed(events)
    ]
