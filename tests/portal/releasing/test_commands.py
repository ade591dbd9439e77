"""core-portal release: the same life of a release, by the same rules, from the command line."""

from datetime import timedelta

import pytest
from click.testing import Result
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from data_access.accounts import Account, hash_password
from data_access.clock import LONDON, present
from data_access.database import session_factory
from data_access.release_records import ReleaseRecord, access_to
from data_access.settings import Settings
from portal.cli import app
from portal.daily import do_what_is_due
from portal.releasing import steps
from portal.releasing.at_once import publish
from portal.releasing.folders import contents_dir
from portal.releasing.given_out import current_number
from portal.releasing.refusals import ReleaseRefused
from tests.portal.releasing.conftest import FIRST, READER, SECOND, checked

PASSWORD = "Correct-horse-9"


@pytest.fixture
def terminal(db: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> "Terminal":
    monkeypatch.setenv("DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("SECOND_FACTOR_REQUIRED", "false")
    hashed = hash_password(PASSWORD)
    for number in (FIRST, SECOND, READER):
        db.get_one(Account, number).password_hash = hashed
    db.commit()
    return Terminal(db)


class Terminal:
    """Runs commands of core-portal release."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def run(self, *words: str, password: str = PASSWORD) -> Result:
        answer = CliRunner().invoke(app, ["release", *words], input=f"{password}\n")
        self._db.rollback()
        self._db.expire_all()
        return answer

    def says(self, *words: str) -> str:
        """What a command that is done prints."""
        answer = self.run(*words)
        assert answer.exit_code == 0, answer.output
        return answer.output

    def refuses(self, *words: str, password: str = PASSWORD) -> str:
        """What a command that is refused prints."""
        answer = self.run(*words, password=password)
        assert answer.exit_code == 1, answer.output
        return answer.output


def _in_words(days: int) -> str:
    return f"{present().astimezone(LONDON) + timedelta(days=days):%Y-%m-%d %H:%M}"


def test_a_release_lives_by_commands(terminal: Terminal, db: Session, settings: Settings) -> None:
    assert "No release has been built" in terminal.says("list")
    told = terminal.says("build", "--by", "first", "--period", "2025", "--issued", "2099-06-01")
    assert "Checking the written files" in told and "Release 1.0.0 (record 1) is checked" in told
    assert "somebody else has to approve" in terminal.refuses("approve", "1", "--by", "first")
    assert "is approved" in terminal.says("approve", "1", "--by", "second")
    assert "is published on" in terminal.says(
        "schedule", "1", "--by", "first", "--at", _in_words(3)
    )
    assert "Releases published: 0" in terminal.says("publish-due")
    assert "is approved" in terminal.says("unschedule", "1", "--by", "first")
    window = ("--user", "reader", "--start", _in_words(0), "--end", _in_words(1))
    assert "reader may look until" in terminal.says("access", "1", "--by", "first", *window)
    assert [account.id for _, account in access_to(db, db.get_one(ReleaseRecord, 1))] == [READER]
    assert "is published" in terminal.says("publish", "1", "--by", "first")
    assert current_number(settings) == "1.0.0"
    told = terminal.says("correct", "1", "--by", "first", "--note", "Rents put right.")
    assert "Release 1.1.0 (record 2) is checked" in told
    told = terminal.says("withdraw", "1", "--by", "second", "--notice", "Wrong.")
    assert "No release is published now" in told
    shown = terminal.says("show", "1")
    for words in (
        "is withdrawn",
        "Notice: Wrong.",
        "Withheld: Social rent: general needs, Local authorities: 2 of 6 cells, 3.0% of records",
        "Removed: Social rent: general needs: 1 of 3 authorities",
        "Approved the release, The second person",
        "May look: The reader person",
        "Looks before publication: 0",
    ):
        assert words in shown, words
    assert terminal.says("list").splitlines() == [
        "2\tRelease 1.1.0\tchecked",
        "1\tRelease 1.0.0\twithdrawn",
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "7"), "There is no release 7"),
        (("approve", "7", "--by", "second"), "There is no release 7"),
        (("approve", "1", "--by", "reader"), "There is no release 1"),
        (("build", "--by", "reader"), "may not build"),
        (("build", "--by", "first", "--issued", "soon"), "Write the day like 2026-11-25"),
        (("build", "--by", "first", "--period", "1999"), "no valid logs of '1999'"),
        (("schedule", "1", "--by", "first", "--at", "noon"), "Write the time like"),
        (("schedule", "1", "--by", "first", "--at", "2099-03-29 01:30"), "clocks go forward"),
        (("schedule", "1", "--by", "first", "--at", "2020-01-01 09:30"), "in the future"),
        (("publish", "1", "--by", "first"), "has to approve it first"),
        (("schedule", "1", "--by", "first", "--at", "2099-01-05 09:30"), "has to approve it"),
        (("withdraw", "1", "--by", "first", "--notice", "x"), "Release 1 is checked now"),
        (("correct", "1", "--by", "first", "--note", "x"), "Only the release that is published"),
    ],
)
def test_a_step_that_cannot_be_taken_is_refused(
    terminal: Terminal, db: Session, settings: Settings, words: tuple[str, ...], told: str
) -> None:
    checked(db, settings)
    assert told in terminal.refuses(*words)


def test_a_release_is_discarded_and_one_that_is_scheduled_or_published_is_not(
    terminal: Terminal, db: Session, settings: Settings
) -> None:
    record = checked(db, settings)
    assert "There is no release 1" in terminal.refuses("discard", "1", "--by", "reader")
    assert "(record 1) is discarded" in terminal.says("discard", "1", "--by", "first")
    assert "Discarded the release, The first person" in terminal.says("show", "1")
    assert not contents_dir(settings, record).exists()
    record = checked(db, settings)
    steps.approve(db, settings, SECOND, record)
    steps.schedule(db, settings, SECOND, record, present() + timedelta(days=1))
    assert "off the schedule first" in terminal.refuses("discard", "2", "--by", "first")
    steps.publish_now(db, settings, SECOND, db.get_one(ReleaseRecord, 2))
    assert "only be withdrawn" in terminal.refuses("discard", "2", "--by", "first")


def test_a_wrong_password_takes_no_step_and_is_counted(
    terminal: Terminal, db: Session, settings: Settings
) -> None:
    checked(db, settings)
    told = terminal.refuses("approve", "1", "--by", "second", password="wrong")
    assert "user name or password is not right" in told
    assert db.get_one(ReleaseRecord, 1).state == "checked"
    assert db.get_one(Account, SECOND).failed_attempts == 1


def test_who_lacks_a_second_factor_that_is_required_takes_no_step(
    terminal: Terminal, db: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECOND_FACTOR_REQUIRED", "true")
    checked(db, settings)
    assert "Sign in to the portal first" in terminal.refuses("approve", "1", "--by", "second")


def test_what_is_due_is_published_by_the_daily_work_too(
    db: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = checked(db, settings)
    steps.approve(db, settings, SECOND, record)
    at = present() + timedelta(hours=1)
    steps.schedule(db, settings, FIRST, record, at)
    monkeypatch.setattr(steps, "present", lambda settings: at)
    done = do_what_is_due(session_factory(db.get_bind()), settings, at.date())  # type: ignore[arg-type]
    assert done["releases published"] == 1
    assert current_number(settings) == "1.0.0"


def test_a_release_is_published_in_one_step_in_a_demonstration_alone(
    terminal: Terminal, db: Session, settings: Settings
) -> None:
    answer = CliRunner().invoke(app, ["publish"])
    assert answer.exit_code == 1 and "a second person approves" in answer.output
    with pytest.raises(ReleaseRefused):
        publish(settings)
    assert db.get(ReleaseRecord, 1) is None
    settings.demonstration = True
    told: list[str] = []
    assert publish(settings, told.append).id == "1.0.0"
    assert told[-1].startswith("Published release 1.0.0")
