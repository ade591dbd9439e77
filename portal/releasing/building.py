"""Building a release in a process of its own: one at a time, seen from every page.

The builder holds a lock for as long as it lives, so a draft without a held lock is one whose
builder was killed: whoever notices first marks it failed. Nothing of a build touches what is
published.

    python -m portal.releasing.building NUMBER
"""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from data_access import audit
from data_access.clock import LONDON, present
from data_access.database import make_engine, session_factory
from data_access.reference.periods import Period, quarter, year
from data_access.release_records import (
    CHECKED,
    DRAFT,
    FAILED,
    GIVEN_OUT,
    ReleaseRecord,
    WrongStep,
    change_state,
    days_of_valid_logs,
    record_of_number,
    records_in,
)
from data_access.settings import Settings
from portal.publishing import COUNTED, STAGES, Ordered, PublishingStopped, build_draft
from portal.releasing import locks
from portal.releasing.folders import draft_dir, drafts_dir, forget_contents
from portal.releasing.given_out import current_number, newest_given_out
from portal.releasing.refusals import ReleaseRefused

_log = structlog.get_logger()
# A page looks every two seconds; writing more often would only make others wait for the database.
_TELL_EVERY = 1.0
INTERRUPTED = (
    "The build was interrupted: its process ended before it was done, as when the portal is "
    "stopped. Build it again."
)
ANOTHER = "Another release is being built. Wait until it is done, or look at how far it is."


def lock_path(settings: Settings) -> Path:
    """The file whose lock a builder holds."""
    return drafts_dir(settings) / ".building"


@dataclass(frozen=True)
class Wish:
    """What somebody wants to have built: slugs of periods, and the day it is meant for.

    A correction also names the record of the release that it corrects, and has a note.
    """

    periods: tuple[str, ...]
    issued: date
    corrects_id: int | None = None
    note: str = ""


def periods_with_logs(db: Session) -> list[tuple[Period, int]]:
    """Years and quarters that have valid logs, with how many: newest year first, then quarters."""
    counts: dict[Period, int] = {}
    for day, count in days_of_valid_logs(db).items():
        start = day.year if day.month >= 4 else day.year - 1
        for found in (year(start), quarter(start, ((day.month - 4) % 12) // 3 + 1)):
            counts[found] = counts.get(found, 0) + count
    return sorted(counts.items(), key=lambda pair: (-pair[0].collection_year, pair[0].slug))


def begin(db: Session, settings: Settings, by: int | None, wish: Wish) -> tuple[ReleaseRecord, int]:
    """Makes the record of a build and takes the lock for it; commits.

    Returns the record and the lock's descriptor, which the caller hands to the builder and closes.
    Raises ReleaseRefused when another build runs or a period has no logs.
    """
    known = {found.slug for found, _ in periods_with_logs(db)}
    if not wish.periods:
        raise ReleaseRefused("Choose at least one period.")
    if wish.issued < present(settings).astimezone(LONDON).date():
        raise ReleaseRefused("The date of publication must be today or later.")
    for slug in wish.periods:
        if slug not in known:
            raise ReleaseRefused(f"There are no valid logs of '{slug[:20]}'.")
    lock = locks.take(lock_path(settings))
    if lock is None:
        raise ReleaseRefused(ANOTHER)
    try:
        _fail_left_over(db, settings)
        record = ReleaseRecord(
            periods=list(wish.periods),
            issued=wish.issued,
            corrects_id=wish.corrects_id,
            note=wish.note,
            created_by_id=by,
            created_at=present(settings),
            progress=_progress(0, 0, 0, ""),
        )
        db.add(record)
        db.flush()
        detail = {"periods": wish.periods, "corrects": wish.corrects_id, "note": wish.note}
        audit.record(db, by, "release_started", ("release", record.id), detail)
        db.commit()
    except BaseException:
        os.close(lock)
        raise
    return record, lock


def start(db: Session, settings: Settings, by: int | None, wish: Wish) -> ReleaseRecord:
    """Begins a build in a process of its own and returns its record. Raises ReleaseRefused."""
    record, lock = begin(db, settings, by, wish)
    try:
        folder = draft_dir(settings, record.id)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "build.log").open("wb") as output:
            # The child inherits the lock, so that there is no moment at which nobody holds it.
            subprocess.Popen(
                [sys.executable, "-m", "portal.releasing.building", str(record.id)],
                env=_environment(settings),
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                pass_fds=(lock,),
            )
    finally:
        os.close(lock)
    return record


def _environment(settings: Settings) -> dict[str, str]:
    chosen = {
        "DATA_DIR": str(settings.data_dir.resolve()),
        "DATABASE_URL": settings.database_url,
        "DEMONSTRATION": str(settings.demonstration),
    }
    if settings.today is not None:
        chosen["TODAY"] = settings.today.isoformat()
    if not settings.database_url:
        chosen["DATABASE_URL"] = ""
    root = str(Path(__file__).parents[2])
    paths = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
    return {**os.environ, **chosen, "PYTHONPATH": paths}


def build_now(
    db: Session,
    settings: Settings,
    by: int | None,
    wish: Wish,
    tell: Callable[[str], None] = lambda _: None,
) -> ReleaseRecord:
    """Builds in this process and returns the record, checked or failed. Raises ReleaseRefused.

    `tell` is called with the words of each stage as it begins.
    """
    record, lock = begin(db, settings, by, wish)
    try:
        run(db, settings, record, tell)
    finally:
        os.close(lock)
    return record


def run(
    db: Session,
    settings: Settings,
    record: ReleaseRecord,
    tell: Callable[[str], None] = lambda _: None,
) -> None:
    """Builds a draft, with the lock held: afterwards it is checked, or failed with the reason."""
    number = record.id
    telling = _Telling(db, number, tell)
    based_on = newest_given_out(db, settings)
    ordered = Ordered(
        tuple(record.periods),
        record.note,
        _number_of(db, record.corrects_id),
        current_number(settings),
        record.issued,
        frozenset(one.number for one in records_in(db, GIVEN_OUT)),
        *_before(db, settings, record, based_on),
    )
    # Nothing is read from here on until it is written: no transaction stands open for minutes.
    db.rollback()
    try:
        built = build_draft(settings, ordered, draft_dir(settings, number), telling)
    except PublishingStopped as stopped:
        _fail(db, settings, number, str(stopped), stopped.verdict)
        return
    except Exception as failure:
        reference = secrets.token_hex(4).upper()
        kind = type(failure).__name__
        _log.error("release_failed", release=number, kind=kind, reference=reference)
        told = STAGES[telling.stage].doing
        message = f"Something went wrong while {told} ({kind}, reference {reference})."
        _fail(db, settings, number, message, {})
        return
    db.refresh(record)
    change_state(
        db,
        record,
        [DRAFT],
        CHECKED,
        number=built.version,
        based_on=based_on,
        verdict=built.verdict,
        timings=telling.finish(),
        checked_at=present(settings),
    )
    audit.record(db, None, "release_checked", ("release", number), {"release": built.version})
    db.commit()


def _before(
    db: Session, settings: Settings, record: ReleaseRecord, based_on: str
) -> tuple[tuple[Path, ...], Path | None]:
    """Folders of what was given out of the same years, and of the logs that `based_on` counted."""
    years = {slug[:4] for slug in record.periods}
    earlier = tuple(
        settings.releases_dir / one.number
        for one in records_in(db, GIVEN_OUT)
        if years & {slug[:4] for slug in one.periods}
    )
    last = record_of_number(db, based_on)
    counted = draft_dir(settings, last.id) / COUNTED if last is not None else None
    there = tuple(folder for folder in earlier if folder.is_dir())
    return there, counted if counted is not None and counted.is_dir() else None


def _number_of(db: Session, number: int | None) -> str:
    corrected = db.get(ReleaseRecord, number) if number is not None else None
    return corrected.number if corrected is not None else ""


def _fail(
    db: Session, settings: Settings, number: int, message: str, verdict: dict[str, Any]
) -> None:
    """Notes, in a transaction of its own, that a build failed and why."""
    db.rollback()
    record = db.get(ReleaseRecord, number, populate_existing=True)
    if record is None:
        return
    try:
        change_state(db, record, [DRAFT], FAILED, message=message, verdict=verdict)
    except WrongStep:
        db.rollback()
        return
    audit.record(db, None, "release_failed", ("release", number), {"reason": message})
    db.commit()
    forget_contents(settings, number)


def _fail_left_over(db: Session, settings: Settings) -> int:
    left = records_in(db, [DRAFT])
    for record in left:
        _fail(db, settings, record.id, INTERRUPTED, {})
    return len(left)


def notice_interrupted(db: Session, settings: Settings) -> int:
    """Marks drafts failed whose builder is gone; returns how many there were. Commits."""
    if not records_in(db, [DRAFT]):
        return 0
    lock = locks.take(lock_path(settings))
    if lock is None:
        return 0
    try:
        # Read anew: a builder may have finished between the look and the lock.
        db.rollback()
        db.expire_all()
        return _fail_left_over(db, settings)
    finally:
        os.close(lock)


def _progress(stage: int, done: int, total: int, detail: str) -> dict[str, Any]:
    """`at` is when the stage began, in seconds since 1970."""
    return {"stage": stage, "done": done, "total": total, "detail": detail, "at": time.time()}


class _Telling:
    """Writes how far a build is into its record, at most once a second within a stage."""

    def __init__(self, db: Session, number: int, tell: Callable[[str], None]) -> None:
        self._number = number
        self._tell = tell
        # A session of its own: what is told is seen at once, whatever the build does.
        self._sessions = sessionmaker(db.get_bind(), expire_on_commit=False)
        self.stage = 0
        self._began = time.monotonic()
        self._began_at = time.time()
        self._told = float("-inf")
        self._seconds: dict[str, float] = {}
        tell(STAGES[0].words)

    def __call__(self, stage: str, done: int, total: int, detail: str = "") -> None:
        """Tells that a stage has done so much of so much; 0 of 0 when it cannot be counted."""
        index = next(at for at, known in enumerate(STAGES) if known.name == stage)
        at = time.monotonic()
        if index != self.stage:
            self._close(at)
            self.stage = index
            self._tell(STAGES[index].words)
        elif at - self._told < _TELL_EVERY:
            return
        self._told = at
        progress = {**_progress(index, done, total, detail), "at": self._began_at}
        with self._sessions() as db:
            db.execute(
                update(ReleaseRecord)
                .where(ReleaseRecord.id == self._number)
                .values(progress=progress)
            )
            db.commit()

    def _close(self, at: float) -> None:
        self._seconds[STAGES[self.stage].name] = round(at - self._began, 2)
        self._began, self._began_at = at, time.time()

    def finish(self) -> dict[str, float]:
        """Seconds by stage, of the whole build."""
        self._close(time.monotonic())
        return dict(self._seconds)


@dataclass(frozen=True)
class HowFar:
    """How far a build is, in words and numbers; `seconds_left` is None when not known."""

    stage: int
    stages: int
    words: str
    done: int
    total: int
    detail: str
    seconds_left: int | None


def how_far(record: ReleaseRecord, before: dict[str, float], at: float | None = None) -> HowFar:
    """How far a draft is. `before` are the seconds by stage of the last build that was done."""
    progress = record.progress
    index, done, total = progress["stage"], progress["done"], progress["total"]
    left: int | None = None
    if all(stage.name in before for stage in STAGES):
        spent = max(0.0, (at if at is not None else time.time()) - progress["at"])
        this = before[STAGES[index].name]
        # A stage that is counted tells better than the last build how long it takes.
        if total and done:
            this = spent * total / done
        rest = sum(before[stage.name] for stage in STAGES[index + 1 :])
        left = round(max(0.0, this - spent) + rest)
    stage = STAGES[index]
    return HowFar(index + 1, len(STAGES), stage.words, done, total, progress["detail"], left)


def main(arguments: Sequence[str]) -> None:
    """Builds the draft of this number; the process that started this one took the lock."""
    settings = Settings()
    engine = make_engine(settings.database)
    with session_factory(engine)() as db:
        record = db.get(ReleaseRecord, int(arguments[0]))
        if record is not None and record.state == DRAFT:
            run(db, settings, record)
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1:])
