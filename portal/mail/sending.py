"""Sending what is in the outbox: to a mail server, or into a folder when there is none."""

import smtplib
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from threading import Event, Thread

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from data_access.clock import LONDON, now
from data_access.messages import MOST_ATTEMPTS, Message, due_messages
from data_access.settings import Settings

_log = structlog.get_logger()
# A mail server that is away is asked again after 1, 2, 4 ... minutes, for about two days.
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=4)
_LOOK_EVERY = 20.0
# Whoever sends has claimed a message for so long; another process leaves it alone meanwhile.
_CLAIM = timedelta(minutes=2)


def send_due(db: Session, settings: Settings, at: datetime | None = None) -> int:
    """Sends the messages that are due; returns how many went. Each is a transaction of its own."""
    at = at or now()
    sent = 0
    for message in due_messages(db, at):
        claimed = db.execute(
            update(Message)
            .where(
                Message.id == message.id,
                Message.sent_at.is_(None),
                Message.attempts == message.attempts,
            )
            .values(attempts=Message.attempts + 1, next_attempt_at=at + _CLAIM)
            .execution_options(synchronize_session=False)
        )
        db.commit()
        if getattr(claimed, "rowcount", 0) != 1:
            continue
        db.refresh(message)
        try:
            _send(settings, message)
        except (OSError, smtplib.SMTPException, ValueError) as failure:
            # ValueError: what cannot be a header or an address. It must not hold up the others.
            wait = min(_FIRST_WAIT * 2 ** (message.attempts - 1), _LONGEST_WAIT)
            message.next_attempt_at = (
                at + wait if message.attempts < MOST_ATTEMPTS else at + timedelta(days=3650)
            )
            message.error = type(failure).__name__
            _log.warning("mail_not_sent", kind=message.kind, error=message.error)
        else:
            message.sent_at = now()
            message.body = ""
            message.error = ""
            sent += 1
        db.commit()
    return sent


def _send(settings: Settings, message: Message) -> None:
    mail = EmailMessage()
    mail["From"] = settings.mail_from
    mail["To"] = message.to_address
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(message.created_at.astimezone(LONDON))
    mail["Message-ID"] = make_msgid(idstring=str(message.id), domain="core.invalid")
    mail["X-Core-Kind"] = message.kind
    mail.set_content(message.body)
    if settings.smtp_host:
        _to_server(settings, mail)
    else:
        _to_folder(settings.outbox_dir, message, mail)


def _to_server(settings: Settings, mail: EmailMessage) -> None:
    kind = smtplib.SMTP_SSL if settings.smtp_security == "tls" else smtplib.SMTP
    with kind(settings.smtp_host, settings.smtp_port, timeout=20) as server:
        if settings.smtp_security == "starttls":
            server.starttls()
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        server.send_message(mail)


def is_being_sent(message: Message, at: datetime) -> bool:
    """Whether a postman may have the message in hand, or will take it within the next minutes."""
    return message.sent_at is None and message.next_attempt_at <= at + _CLAIM


def file_of(folder: Path, message_id: int) -> Path:
    """The file of a message in the folder of messages."""
    return folder / f"{message_id:08d}.eml"


def _to_folder(folder: Path, message: Message, mail: EmailMessage) -> None:
    """One file a message, written whole or not at all, for its owner's eyes only."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = file_of(folder, message.id)
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_bytes(bytes(mail))
    part.replace(path)


class Postman:
    """Sends the outbox from a thread of its own, so that no request waits for a mail server."""

    def __init__(self, settings: Settings, sessions: sessionmaker[Session]) -> None:
        self._settings = settings
        self._sessions = sessions
        self._ring = Event()
        self._over = False
        self._thread = Thread()

    def start(self) -> None:
        """Begins to send."""
        self._over = False
        self._thread = Thread(target=self._work, daemon=True, name="postman")
        self._thread.start()

    def ring(self) -> None:
        """Says that there may be something to send now."""
        self._ring.set()

    def stop(self) -> None:
        """Ends after the message in hand."""
        self._over = True
        self._ring.set()
        self._thread.join(timeout=25)

    def _work(self) -> None:
        while not self._over:
            try:
                with self._sessions() as db:
                    send_due(db, self._settings)
            except Exception as failure:
                # The outbox stays as it is; the next round tries again.
                _log.error("postman", kind=type(failure).__name__)
            self._ring.wait(_LOOK_EVERY)
            self._ring.clear()
