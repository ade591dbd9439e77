"""Messages leave once, wait when the mail server is away, and keep no secret behind."""

import email
import stat
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.policy import default
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.database import session_factory
from data_access.messages import MOST_ATTEMPTS, Message, due_messages
from data_access.settings import Settings
from portal.accounts.links import send_invitation
from portal.mail.sending import Postman, file_of, send_due
from portal.mail.writing import write_mail
from tests.support.mail_server import MailServer, mail_server

HOSTILE = "Eve\r\nBcc: everybody@example.com\r\n\r\n<script>\u202ealert(1)"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as listening:
        yield listening


def _settings(folder: Path, server: MailServer | None = None, port: int = 0) -> Settings:
    host = "127.0.0.1" if server or port else ""
    return Settings(
        data_dir=folder,
        database_url="",
        smtp_host=host,
        smtp_port=server.port if server else port or 25,
        smtp_security="none",
        mail_from="CORE <core@example.com>",
        public_url="https://core.example.com",
    )


def _account(db: Session, name: str = "Ann Example", address: str = "ann@example.com") -> Account:
    account = Account(user_name=address, email=address, name=name, role="provider")
    db.add(account)
    db.commit()
    return account


def _invite(db: Session, settings: Settings, name: str = "Ann Example") -> Message:
    send_invitation(db, settings, _account(db, name), None)
    db.commit()
    return db.scalars(select(Message)).one()


def _sent(server: MailServer) -> list[email.message.EmailMessage]:
    return [email.message_from_bytes(raw, policy=default) for raw in server.received]


def test_a_message_goes_to_the_mail_server_and_its_body_is_not_kept(
    db: Session, tmp_path: Path, server: MailServer
) -> None:
    settings = _settings(tmp_path, server)
    message = _invite(db, settings)
    body = message.body
    assert "https://core.example.com/set-password/" in body
    assert send_due(db, settings) == 1
    [sent] = _sent(server)
    assert sent["To"] == "ann@example.com"
    assert sent["From"] == "CORE <core@example.com>"
    assert sent["Subject"] == message.subject
    assert sent.get_content().replace("\r\n", "\n") == body
    db.refresh(message)
    assert message.body == ""
    assert message.sent_at is not None
    assert send_due(db, settings) == 0
    assert len(server.received) == 1


def test_without_a_mail_server_a_message_is_a_file_for_its_owner_alone(
    db: Session, tmp_path: Path
) -> None:
    settings = _settings(tmp_path)
    message = _invite(db, settings)
    assert send_due(db, settings) == 1
    path = file_of(settings.outbox_dir, message.id)
    assert (
        "set-password" in email.message_from_bytes(path.read_bytes(), policy=default).get_content()
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.outbox_dir.stat().st_mode) == 0o700
    assert [found.name for found in settings.outbox_dir.iterdir()] == [path.name]
    db.refresh(message)
    assert message.body == ""


def test_what_was_not_committed_is_not_sent(db: Session, tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    send_invitation(db, settings, _account(db), None)
    db.rollback()
    assert send_due(db, settings) == 0
    assert not settings.outbox_dir.exists()


def test_when_the_mail_server_is_away_the_waits_grow_and_then_it_gives_up(
    db: Session, tmp_path: Path
) -> None:
    settings = _settings(tmp_path, port=1)
    message = _invite(db, settings)
    at = datetime(2026, 11, 24, 9, tzinfo=UTC)
    waits = []
    message.next_attempt_at = at
    db.commit()
    while not message.has_failed:
        assert send_due(db, settings, at) == 0
        db.refresh(message)
        assert message.error == "ConnectionRefusedError"
        waits.append(message.next_attempt_at - at)
        assert due_messages(db, message.next_attempt_at - timedelta(seconds=1)) == []
        at = message.next_attempt_at
    assert waits[:4] == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)]
    assert waits[-2] == timedelta(hours=4)
    assert len(waits) == MOST_ATTEMPTS
    assert timedelta(days=1) < sum(waits[:-1], timedelta()) < timedelta(days=3)
    assert message.body, "what could not be sent is kept"


def test_a_refused_message_is_sent_when_the_server_takes_it(
    db: Session, tmp_path: Path, server: MailServer
) -> None:
    settings = _settings(tmp_path, server)
    server.refusals.append(b"451 try again later")
    message = _invite(db, settings)
    at = message.next_attempt_at
    assert send_due(db, settings, at) == 0
    db.refresh(message)
    assert message.error == "SMTPDataError"
    assert send_due(db, settings, at + timedelta(seconds=59)) == 0
    assert send_due(db, settings, at + timedelta(seconds=60)) == 1
    db.refresh(message)
    assert (message.error, message.attempts, len(server.received)) == ("", 2, 1)


def test_a_message_that_cannot_be_written_does_not_hold_up_the_others(
    db: Session, tmp_path: Path, server: MailServer
) -> None:
    settings = _settings(tmp_path, server)
    account = _account(db)
    for subject in ("Broken\r\nBcc: all@example.com", "Whole"):
        db.add(
            Message(
                account_id=account.id,
                to_address=account.email,
                kind="reset",
                subject=subject,
                body="Hello\n",
            )
        )
    db.commit()
    assert send_due(db, settings) == 1
    assert [sent["Subject"] for sent in _sent(server)] == ["Whole"]
    broken = db.scalars(select(Message).where(Message.sent_at.is_(None))).one()
    assert broken.error == "ValueError"


def test_a_hostile_name_adds_no_header_and_no_recipient(
    db: Session, tmp_path: Path, server: MailServer
) -> None:
    settings = _settings(tmp_path, server)
    hostile = _account(db, HOSTILE)
    write_mail(db, settings, hostile, "reset", link="https://core.example.com/x", reset_by=HOSTILE)
    db.commit()
    assert send_due(db, settings) == 1
    [sent] = _sent(server)
    assert sent["Bcc"] is None
    assert sent.get_all("To") == ["ann@example.com"]
    assert server.recipients == ["rcpt TO:<ann@example.com>"]


def test_a_line_of_one_dot_does_not_end_a_message(
    db: Session, tmp_path: Path, server: MailServer
) -> None:
    settings = _settings(tmp_path, server)
    db.add(Message(to_address="ann@example.com", kind="x", subject="s", body="a\n.\nb £\n"))
    db.commit()
    send_due(db, settings)
    assert _sent(server)[0].get_content().replace("\r\n", "\n") == "a\n.\nb £\n"


def test_of_two_postmen_at_once_one_sends(
    engine: Engine, tmp_path: Path, server: MailServer
) -> None:
    settings = _settings(tmp_path, server)
    sessions = session_factory(engine)
    with sessions() as db:
        for number in range(12):
            db.add(Message(to_address="ann@example.com", kind="x", subject=str(number), body="b"))
        db.commit()
    start, sent = Barrier(2), []

    def work() -> None:
        with sessions() as db:
            start.wait()
            sent.append(send_due(db, settings))

    postmen = [Thread(target=work) for _ in range(2)]
    for postman in postmen:
        postman.start()
    for postman in postmen:
        postman.join()
    assert sum(sent) == 12
    assert sorted(int(mail["Subject"]) for mail in _sent(server)) == list(range(12))


def test_the_postman_sends_when_it_is_rung(
    engine: Engine, tmp_path: Path, server: MailServer
) -> None:
    settings = _settings(tmp_path, server)
    sessions = session_factory(engine)
    postman = Postman(settings, sessions)
    postman.start()
    with sessions() as db:
        _invite(db, settings)
    postman.ring()
    patience = time.monotonic() + 10
    while not server.received and time.monotonic() < patience:
        time.sleep(0.01)
    postman.stop()
    assert [mail["To"] for mail in _sent(server)] == ["ann@example.com"]
