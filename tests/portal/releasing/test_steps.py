"""The life of a release: each step is taken once, by who may take it, and is kept for good."""

import json
import os
import signal
import subprocess
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy.orm import Session

from data_access.audit import history
from data_access.clock import present
from data_access.database import make_engine, session_factory
from data_access.release_records import (
    APPROVED,
    CHECKED,
    DISCARDED,
    DRAFT,
    FAILED,
    PUBLISHED,
    SCHEDULED,
    SUPERSEDED,
    WITHDRAWN,
    ReleaseRecord,
    WrongStep,
)
from data_access.releases import Release
from data_access.releases.status import read_status
from data_access.settings import Settings
from portal.publishing import PublishingStopped
from portal.releasing import building, locks, steps
from portal.releasing.building import (
    ANOTHER,
    INTERRUPTED,
    Wish,
    begin,
    build_now,
    how_far,
    lock_path,
    notice_interrupted,
    start,
)
from portal.releasing.folders import contents_dir, draft_dir
from portal.releasing.given_out import current_number
from portal.releasing.refusals import ReleaseRefused
from portal.releasing.scheduler import PublishingWork
from tests.portal.releasing.conftest import FIRST, ISSUED, SECOND, checked
from tests.support.quick_release import PERIOD


def _approved(db: Session, settings: Settings) -> ReleaseRecord:
    record = checked(db, settings)
    steps.approve(db, settings, SECOND, record)
    return record


def _published(db: Session, settings: Settings) -> ReleaseRecord:
    record = _approved(db, settings)
    steps.publish_now(db, settings, SECOND, record)
    return record


def _actions(db: Session, record: ReleaseRecord) -> list[str]:
    return [event.action for event in history(db, ("release", record.id))]


def _states(settings: Settings) -> dict[str, str]:
    return {number: found.status for number, found in read_status(settings.releases_dir).items()}


# Building


def test_a_build_ends_checked_with_its_number_verdict_and_times(
    db: Session, settings: Settings
) -> None:
    record = checked(db, settings)
    assert (record.state, record.number, record.verdict["passed"]) == (CHECKED, "1.0.0", True)
    assert set(record.timings) == {stage.name for stage in building.STAGES}
    assert Release(contents_dir(settings, record)).id == "1.0.0"
    assert _actions(db, record) == ["release_started", "release_checked"]
    assert current_number(settings) == ""


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (PublishingStopped("A leak", {"passed": False, "breaches": {"x": 1}}), "A leak"),
        (MemoryError(), "Something went wrong while the logs were counted (MemoryError"),
    ],
)
def test_a_build_that_fails_says_why_and_leaves_the_current_release(
    db: Session,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
    words: str,
) -> None:
    _published(db, settings)

    def fail(settings: Settings, ordered: object, folder: Path, progress: object) -> None:
        (folder / "contents").mkdir(parents=True)
        progress("count", 0, 0)  # type: ignore[operator]
        raise failure

    monkeypatch.setattr(building, "build_draft", fail)
    record = checked(db, settings)
    assert record.state == FAILED
    assert record.message.startswith(words)
    assert record.verdict == getattr(failure, "verdict", {})
    assert current_number(settings) == "1.0.0"
    assert not contents_dir(settings, record).exists(), "what may leak is not kept"
    assert _actions(db, record) == ["release_started", "release_failed"]


def test_one_release_is_built_at_a_time(db: Session, settings: Settings) -> None:
    record, lock = begin(db, settings, FIRST, Wish((PERIOD,), ISSUED))
    with pytest.raises(ReleaseRefused, match=ANOTHER):
        build_now(db, settings, SECOND, Wish((PERIOD,), ISSUED))
    assert notice_interrupted(db, settings) == 0, "it is being built"
    os.close(lock)
    assert notice_interrupted(db, settings) == 1
    db.refresh(record)
    assert (record.state, record.message) == (FAILED, INTERRUPTED)
    assert checked(db, settings).state == CHECKED


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wish((), ISSUED), "at least one period"),
        (Wish(("1999",), ISSUED), "no valid logs of '1999'"),
        (Wish((PERIOD,), date(2020, 1, 1)), "today or later"),
    ],
)
def test_what_cannot_be_built_is_refused(
    db: Session, settings: Settings, wish: Wish, words: str
) -> None:
    with pytest.raises(ReleaseRefused, match=words):
        build_now(db, settings, FIRST, wish)
    lock = locks.take(lock_path(settings))
    assert lock is not None, "the lock is free again"
    os.close(lock)


def test_a_builder_that_was_killed_is_found_out(
    db: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    really = subprocess.Popen

    def sleeping(command: list[str], **given: object) -> subprocess.Popen[bytes]:
        started.append(really(["sleep", "60"], pass_fds=given["pass_fds"]))  # type: ignore[call-overload]
        return started[0]

    monkeypatch.setattr(subprocess, "Popen", sleeping)
    record = start(db, settings, FIRST, Wish((PERIOD,), ISSUED))
    assert notice_interrupted(db, settings) == 0, "its process holds the lock"
    started[0].send_signal(signal.SIGKILL)
    started[0].wait()
    assert notice_interrupted(db, settings) == 1
    db.refresh(record)
    assert (record.state, record.message) == (FAILED, INTERRUPTED)


def test_the_time_left_is_told_from_the_build_before() -> None:
    before = {stage.name: 10.0 for stage in building.STAGES}
    progress = {"stage": 1, "done": 0, "total": 0, "detail": "", "at": 1000.0}
    record = ReleaseRecord(state=DRAFT, periods=[], progress=progress)
    after = 10 * (len(building.STAGES) - 2)
    assert how_far(record, before, at=1004.0).seconds_left == 6 + after
    assert how_far(record, before, at=1400.0).seconds_left == after, "never less than the rest"
    record.progress = {**progress, "done": 1, "total": 4}
    assert how_far(record, before, at=1004.0).seconds_left == 12 + after
    assert how_far(record, {}, at=1004.0).seconds_left is None


# Approving and scheduling


def test_nobody_approves_what_they_built(db: Session, settings: Settings) -> None:
    record = checked(db, settings)
    with pytest.raises(ReleaseRefused, match="somebody else"):
        steps.approve(db, settings, FIRST, record)
    with pytest.raises(ReleaseRefused, match="A person"):
        steps.approve(db, settings, None, record)
    steps.approve(db, settings, SECOND, record)
    assert (record.state, record.approved_by_id) == (APPROVED, SECOND)


def test_what_is_not_approved_is_not_published(db: Session, settings: Settings) -> None:
    record = checked(db, settings)
    with pytest.raises(ReleaseRefused, match="approve it first"):
        steps.publish_now(db, settings, SECOND, record)
    db.rollback()
    with pytest.raises(ReleaseRefused, match="approve it first"):
        steps.schedule(db, settings, SECOND, record, present(settings) + timedelta(days=1))
    assert current_number(settings) == ""


def test_a_release_that_nobody_wants_is_discarded_with_its_files(
    db: Session, settings: Settings
) -> None:
    record = checked(db, settings)
    steps.approve(db, settings, SECOND, record)
    steps.schedule(db, settings, SECOND, record, present(settings) + timedelta(days=1))
    with pytest.raises(ReleaseRefused, match="off the schedule first"):
        steps.discard(db, settings, FIRST, record)
    steps.unschedule(db, SECOND, record)
    assert contents_dir(settings, record).is_dir()
    steps.discard(db, settings, FIRST, record)
    assert record.state == DISCARDED
    assert not contents_dir(settings, record).exists()
    assert history(db, ("release", record.id))[-1].action == "release_discarded"
    with pytest.raises(WrongStep):
        steps.publish_now(db, settings, SECOND, record)
    # Another takes its number.
    assert checked(db, settings).number == record.number


def test_what_was_published_is_not_discarded(db: Session, settings: Settings) -> None:
    record = _approved(db, settings)
    steps.publish_now(db, settings, SECOND, record)
    with pytest.raises(ReleaseRefused, match="only be withdrawn"):
        steps.discard(db, settings, FIRST, record)
    assert (settings.releases_dir / record.number / "cells.parquet").exists()


def test_a_time_that_is_over_is_refused(db: Session, settings: Settings) -> None:
    record = _approved(db, settings)
    with pytest.raises(ReleaseRefused, match="in the future"):
        steps.schedule(db, settings, FIRST, record, present(settings) - timedelta(seconds=1))


def test_one_release_is_scheduled_at_a_time(db: Session, settings: Settings) -> None:
    first, second = _approved(db, settings), _approved(db, settings)
    at = present(settings) + timedelta(days=1)
    steps.schedule(db, settings, FIRST, first, at)
    with pytest.raises(ReleaseRefused, match=r"Release 1\.0\.0 is scheduled for"):
        steps.schedule(db, settings, FIRST, second, at)
    steps.unschedule(db, FIRST, first)
    assert (first.state, first.publishes_at) == (APPROVED, None)
    steps.schedule(db, settings, FIRST, second, at)
    assert second.state == SCHEDULED


def test_a_scheduled_release_is_published_when_its_time_has_come_also_after_a_restart(
    db: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = _approved(db, settings)
    at = present(settings) + timedelta(hours=1)
    steps.schedule(db, settings, FIRST, record, at)
    assert steps.publish_due(db, settings) == 0
    monkeypatch.setattr(steps, "present", lambda settings: at + timedelta(hours=5))
    work = PublishingWork(settings, session_factory(db.get_bind()))  # type: ignore[arg-type]
    work.start()
    until = time.monotonic() + 10
    while current_number(settings) == "" and time.monotonic() < until:
        time.sleep(0.02)
    work.stop()
    db.refresh(record)
    assert (record.state, record.published_at) == (PUBLISHED, at + timedelta(hours=5))
    assert Release.open_current(settings.releases_dir).id == "1.0.0"
    assert _states(settings) == {"1.0.0": "published"}


# Publishing, superseding and withdrawing


def test_a_release_supersedes_the_one_before(db: Session, settings: Settings) -> None:
    first, second = _published(db, settings), _published(db, settings)
    db.refresh(first)
    assert (first.state, second.state, second.previous) == (SUPERSEDED, PUBLISHED, "1.0.0")
    assert current_number(settings) == "1.1.0"
    assert _states(settings) == {"1.0.0": "superseded", "1.1.0": "published"}
    assert _actions(db, first)[-1] == "release_superseded"


def test_a_draft_built_before_another_was_published_is_outdated(
    db: Session, settings: Settings
) -> None:
    outdated, waiting = checked(db, settings), _approved(db, settings)
    _published(db, settings)
    with pytest.raises(ReleaseRefused, match=r"Release 1\.0\.0 was published after"):
        steps.approve(db, settings, SECOND, outdated)
    with pytest.raises(ReleaseRefused, match="Build this one again"):
        steps.publish_now(db, settings, SECOND, waiting)
    assert waiting.state == FAILED
    assert current_number(settings) == "1.0.0"


def test_files_that_were_changed_after_the_check_are_not_published(
    db: Session, settings: Settings
) -> None:
    record = _approved(db, settings)
    (contents_dir(settings, record) / "dictionary.json").write_text("[]")
    with pytest.raises(ReleaseRefused, match="not those that were checked"):
        steps.publish_now(db, settings, SECOND, record)
    assert (record.state, current_number(settings)) == (FAILED, "")
    assert _states(settings) == {}


def test_the_release_before_is_current_again_once_one_is_withdrawn(
    db: Session, settings: Settings
) -> None:
    first, second = _published(db, settings), _published(db, settings)
    with pytest.raises(ReleaseRefused, match="Enter a notice"):
        steps.withdraw(db, settings, FIRST, second, "  ")
    assert steps.withdraw(db, settings, FIRST, second, "Rents were wrong.") == "1.0.0"
    db.refresh(first)
    assert (first.state, second.state) == (PUBLISHED, WITHDRAWN)
    assert _states(settings) == {"1.0.0": "published", "1.1.0": "withdrawn"}
    assert read_status(settings.releases_dir)["1.1.0"].notice == "Rents were wrong."
    assert steps.withdraw(db, settings, FIRST, first, "These too.") == ""
    assert current_number(settings) == ""
    third = _published(db, settings)
    assert (third.number, third.previous) == ("1.2.0", ""), "no number is given out twice"


def test_what_was_withdrawn_is_not_what_the_next_release_is_compared_with(
    db: Session, settings: Settings
) -> None:
    _published(db, settings)
    second = _published(db, settings)
    waiting = _approved(db, settings)
    steps.withdraw(db, settings, FIRST, second, "A figure too many.")
    with pytest.raises(ReleaseRefused, match="The public has another release now"):
        steps.publish_now(db, settings, SECOND, waiting)
    third = _published(db, settings)
    assert (third.number, third.previous) == ("1.2.0", "1.0.0")
    manifest = json.loads((contents_dir(settings, third) / "manifest.json").read_text())
    assert manifest["previous"] == "1.0.0"


def test_a_superseded_release_can_be_withdrawn_without_the_current_one(
    db: Session, settings: Settings
) -> None:
    first, second, third = (_published(db, settings) for _ in range(3))
    db.refresh(second)
    assert steps.withdraw(db, settings, FIRST, second, "Wrong.") == "1.2.0"
    db.refresh(first)
    assert first.state == SUPERSEDED
    assert steps.withdraw(db, settings, FIRST, third, "Wrong too.") == "1.0.0", "the last that is"


def test_a_correction_is_a_new_release_with_a_note(db: Session, settings: Settings) -> None:
    first = _published(db, settings)
    with pytest.raises(ReleaseRefused, match="Enter a note"):
        steps.correction_of(first, ISSUED, " ")
    made = build_now(db, settings, FIRST, steps.correction_of(first, ISSUED, "Rents put right."))
    steps.approve(db, settings, SECOND, made)
    steps.publish_now(db, settings, SECOND, made)
    manifest = json.loads((settings.releases_dir / "1.1.0" / "manifest.json").read_text())
    assert (manifest["corrects"], manifest["note"]) == ("1.0.0", "Rents put right.")
    assert read_status(settings.releases_dir)["1.1.0"].note == "Rents put right."
    db.refresh(first)
    with pytest.raises(ReleaseRefused, match="Only the release that is published"):
        steps.correction_of(first, ISSUED, "Again.")


def test_of_two_who_publish_at_once_one_does(db: Session, settings: Settings) -> None:
    record = _approved(db, settings)
    begins, found = Barrier(2), []

    def publish() -> None:
        engine = make_engine(settings.database)
        with session_factory(engine)() as own:
            mine = own.get_one(ReleaseRecord, record.id)
            begins.wait()
            try:
                steps.publish_now(own, settings, SECOND, mine)
            except WrongStep:
                found.append("told")
            else:
                found.append("done")
        engine.dispose()

    workers = [Thread(target=publish) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(found) == ["done", "told"]
    db.refresh(record)
    assert _actions(db, record).count("release_published") == 1


def test_a_publication_that_was_interrupted_is_finished(
    db: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, record = _published(db, settings), _approved(db, settings)

    def die(*given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(steps, "tell_public", die)
        with pytest.raises(KeyboardInterrupt):
            steps.publish_now(db, settings, SECOND, record)
    db.rollback()
    db.refresh(record)
    assert (record.state, current_number(settings)) == (APPROVED, "1.1.0"), "not said yet"
    steps.publish_now(db, settings, SECOND, record)
    db.refresh(first)
    assert (record.state, record.previous, first.state) == (PUBLISHED, "1.0.0", SUPERSEDED)
    assert _states(settings) == {"1.0.0": "superseded", "1.1.0": "published"}
    assert not (draft_dir(settings, record.id) / "contents").exists()


def test_a_step_is_never_one_that_the_life_of_a_release_does_not_have() -> None:
    with pytest.raises(ValueError, match="No step leads"):
        steps.change_state(Session(), ReleaseRecord(id=1), [CHECKED], PUBLISHED)


def test_times_are_kept_as_instants(db: Session, settings: Settings) -> None:
    record = _published(db, settings)
    assert isinstance(record.published_at, datetime)
    assert record.published_at.utcoffset() == timedelta(0)
