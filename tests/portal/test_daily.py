"""What is due is done once, however many processes look for it, and one failure stops nothing."""

import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from data_access.account_sessions import AccountSession, forget_ended_sessions, start_session
from data_access.accounts import Account
from data_access.audit import AuditEvent
from data_access.credentials import (
    INVITATION,
    OneTimeLink,
    forget_old_links,
    link_of,
    make_link,
)
from data_access.database import session_factory
from data_access.imports import ImportFile, forget_expired_imports
from data_access.institution_names import InstitutionName
from data_access.institutions import Institution
from data_access.mergers import Merger
from data_access.settings import Settings
from portal import daily
from portal.cli import app
from portal.daily import JOBS, DailyWork, do_what_is_due
from tests.support.databases import migrated_engine

DAY = date(2026, 11, 24)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, database_url="", today=DAY)


def _prepare(db: Session) -> None:
    """A name and a merger that are due, and one of each that is not."""
    for number, name in enumerate(("First", "Second", "Third", "Fourth"), start=1):
        db.add(Institution(id=number, code=f"ORG{number}", name=name, provider_type="PRP"))
    db.flush()
    for number, starts_on in ((1, DAY), (2, DAY + timedelta(days=1))):
        db.add(InstitutionName(institution_id=number, name=f"New {number}", starts_on=starts_on))
    db.add(Merger(absorbing_id=1, merging=[3], merges_on=DAY))
    db.add(Merger(absorbing_id=4, merging=[2], merges_on=DAY + timedelta(days=1)))
    db.commit()


def _account(db: Session) -> Account:
    account = Account(user_name="ann", email="ann@example.com", name="Ann", role="provider")
    db.add(account)
    db.commit()
    return account


def test_names_and_mergers_whose_day_has_come_are_carried_out(
    engine: Engine, settings: Settings
) -> None:
    sessions = session_factory(engine)
    with sessions() as db:
        _prepare(db)
    done = do_what_is_due(sessions, settings, DAY)
    assert (done["names put in use"], done["mergers carried out"]) == (1, 1)
    with sessions() as db:
        names = list(db.scalars(select(Institution.name).order_by(Institution.id)))
        assert names[:2] == ["New 1", "Second"]
        assert db.get_one(Institution, 3).merged_into_id == 1
        assert list(db.scalars(select(Merger.state).order_by(Merger.id))) == ["done", "scheduled"]
    assert do_what_is_due(sessions, settings, DAY)["mergers carried out"] == 0


def test_of_two_processes_one_does_each_thing(engine: Engine, settings: Settings) -> None:
    sessions = session_factory(engine)
    with sessions() as db:
        _prepare(db)
    start, found = Barrier(2), []

    def work() -> None:
        start.wait()
        found.append(do_what_is_due(sessions, settings, DAY))

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(done["names put in use"] or 0 for done in found) == 1
    assert sum(done["mergers carried out"] or 0 for done in found) == 1
    with sessions() as db:
        for action in ("institution_renamed", "merger_done"):
            count = select(func.count()).where(AuditEvent.action == action)
            assert db.scalar(count) == 1, action


def test_sessions_that_have_ended_are_forgotten(db: Session) -> None:
    account = _account(db)
    at = datetime(2026, 11, 24, 9, tzinfo=UTC)
    for hours in (0, 11):
        start_session(db, account, at + timedelta(hours=hours))
    assert forget_ended_sessions(db, at + timedelta(minutes=30)) == 0
    assert forget_ended_sessions(db, at + timedelta(hours=11, minutes=30)) == 1
    assert forget_ended_sessions(db, at + timedelta(hours=30)) == 1
    assert db.scalar(select(func.count()).select_from(AccountSession)) == 0


def test_a_link_that_has_expired_is_known_for_90_days(db: Session) -> None:
    account = _account(db)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    token = make_link(db, account.id, INVITATION, at=at)
    db.commit()
    assert forget_old_links(db, at + timedelta(days=90)) == 0
    assert link_of(db, token) is not None, "whoever follows it is told that it has expired"
    assert forget_old_links(db, at + timedelta(days=92)) == 1
    assert db.scalar(select(func.count()).select_from(OneTimeLink)) == 0


def test_files_for_import_are_forgotten_when_their_time_is_over(db: Session) -> None:
    account = _account(db)
    at = datetime(2026, 11, 24, 9, tzinfo=UTC)
    empty: list[str] = []
    db.add(
        ImportFile(
            kind="users",
            account_id=account.id,
            file_name="x.csv",
            given=empty,
            unknown=empty,
            rows=empty,
            report=empty,
            expires_at=at,
        )
    )
    db.commit()
    assert forget_expired_imports(db, at - timedelta(seconds=1)) == 0
    assert forget_expired_imports(db, at) == 1


def test_a_job_that_fails_stops_none_of_the_others(
    engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object) -> int:
        raise RuntimeError("broken")

    sessions = session_factory(engine)
    with sessions() as db:
        _prepare(db)
    monkeypatch.setattr(daily, "JOBS", {"broken": fail, **JOBS})
    done = do_what_is_due(sessions, settings, DAY)
    assert done["broken"] is None
    assert done["names put in use"] == 1


def test_a_running_portal_does_what_is_due_and_lets_messages_go(
    engine: Engine, settings: Settings
) -> None:
    sessions = session_factory(engine)
    with sessions() as db:
        _prepare(db)
    rung = Event()
    work = DailyWork(settings, sessions, after=rung.set)
    work.start()
    assert rung.wait(20)
    began = time.monotonic()
    work.stop()
    assert time.monotonic() - began < 5, "it does not wait out the hour"
    with sessions() as db:
        assert db.get_one(Institution, 1).name == "New 1"


def test_the_command_says_what_was_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("TODAY", DAY.isoformat())
    engine = migrated_engine(Settings().database)
    with session_factory(engine)() as db:
        _prepare(db)
    answer = CliRunner().invoke(app, ["daily"])
    assert answer.exit_code == 0, answer.output
    assert "Names put in use: 1" in answer.output
    assert "Mergers carried out: 1" in answer.output
    monkeypatch.setattr(daily, "JOBS", {"broken": lambda *given: 1 // 0})
    answer = CliRunner().invoke(app, ["daily"])
    assert answer.exit_code == 1
    assert "Broken: failed, see the log" in answer.output
