"""Releases as the public finds them: put in place, made current, or taken back.

Each function may be called again after an interruption and ends in the same state.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.release_records import (
    GIVEN_OUT,
    PUBLISHED,
    SUPERSEDED,
    ReleaseRecord,
    record_of_number,
)
from data_access.releases.sealing import CURRENT, BrokenRelease, verified_manifest
from data_access.releases.status import State, VersionStatus, read_status, write_status
from data_access.releases.writing import make_current, publish_folder
from data_access.settings import Settings
from portal.releasing.folders import draft_dir, forget_preview
from portal.releasing.refusals import ReleaseRefused


def current_number(settings: Settings) -> str:
    """The number of the release that is current; empty when there is none."""
    pointer = settings.releases_dir / CURRENT
    return pointer.resolve().name if pointer.exists() else ""


def newest_given_out(db: Session, settings: Settings) -> str:
    """The number of the newest release that was ever published, withdrawn or not; or empty."""
    query = select(ReleaseRecord.number).where(ReleaseRecord.state.in_(GIVEN_OUT))
    newest = db.scalars(
        query.order_by(ReleaseRecord.published_at.desc(), ReleaseRecord.id.desc()).limit(1)
    ).first()
    return newest or current_number(settings)


def give_out(settings: Settings, record: ReleaseRecord) -> None:
    """Verifies a draft's contents, moves them to where releases are, and makes them current.

    Raises ReleaseRefused when files are missing or are not those that were sealed.
    """
    forget_preview(settings, record.id)
    target = settings.releases_dir / record.number
    draft = draft_dir(settings, record.id) / "contents"
    try:
        verified_manifest(draft if draft.exists() else target)
    except (BrokenRelease, OSError) as broken:
        raise ReleaseRefused(
            "The files of the release are not those that were checked, so it was not published. "
            "Build it again."
        ) from broken
    if not draft.exists():
        make_current(settings.releases_dir, record.number)
        return
    try:
        publish_folder(settings.releases_dir, draft, record.number)
    except FileExistsError as taken:
        raise ReleaseRefused(
            f"There is a release {record.number} already, so this one was not published. "
            "Build it again."
        ) from taken


def tell_public(
    settings: Settings, states: Mapping[str, State], at: datetime, note: str = "", notice: str = ""
) -> None:
    """Writes what became of versions, all in one step.

    `note` goes with what is published at `at` for the first time, `notice` with what is withdrawn.
    """
    statuses = read_status(settings.releases_dir)
    for number, state in states.items():
        known = statuses.get(number) or VersionStatus("published", at.isoformat(), note)
        statuses[number] = replace(
            known, status=state, notice=notice if state == "withdrawn" else known.notice
        )
    write_status(settings.releases_dir, statuses)


def show_current(settings: Settings, number: str) -> None:
    """Makes a release in place current, in one step; with an empty number, none is."""
    if number:
        make_current(settings.releases_dir, number)
    else:
        (settings.releases_dir / CURRENT).unlink(missing_ok=True)


def one_before(db: Session, settings: Settings, record: ReleaseRecord) -> str:
    """The number of the release that becomes current again without this one; empty for none."""
    number = record.previous
    while number:
        found = record_of_number(db, number)
        if found is None:
            return number if (settings.releases_dir / number).is_dir() else ""
        if found.state in (PUBLISHED, SUPERSEDED):
            return number
        number = found.previous
    return ""
