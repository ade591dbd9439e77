"""Messages to people by e-mail: written with the change they tell of, sent after it."""

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Integer, String, Text, func, select, true, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from data_access.clock import now
from data_access.database import Base, Instant

# A mail server that is away is asked again and again for about two days.
MOST_ATTEMPTS = 20


class Message(Base):
    """An e-mail. Once it is sent its body is emptied: it may hold a one-time link."""

    __tablename__ = "messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    to_address: Mapped[str] = mapped_column(String(254))
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(Instant, default=now, index=True)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str] = mapped_column(String(300), default="")

    @property
    def has_failed(self) -> bool:
        """Whether it was not sent and no further try is made."""
        return self.sent_at is None and self.attempts >= MOST_ATTEMPTS


def due_messages(db: Session, at: datetime | None = None, limit: int = 50) -> list[Message]:
    """Messages that wait to be sent, oldest first."""
    query = (
        select(Message)
        .where(Message.sent_at.is_(None), Message.next_attempt_at <= (at or now()))
        .order_by(Message.id)
        .limit(limit)
    )
    return list(db.scalars(query))


def could_not_be_sent() -> ColumnElement[bool]:
    """Messages that were tried at least once and not sent, as a condition."""
    return Message.sent_at.is_(None) & (Message.error != "")


def count_messages(db: Session, only_unsent: bool = False) -> int:
    """How many messages there are, or could not be sent so far."""
    condition = could_not_be_sent() if only_unsent else true()
    return db.scalar(select(func.count(Message.id)).where(condition)) or 0


def messages_page(db: Session, only_unsent: bool, page: int, length: int) -> list[Message]:
    """One page of the messages, newest first; or of those that could not be sent so far."""
    query = (
        select(Message)
        .where(could_not_be_sent() if only_unsent else true())
        .order_by(Message.id.desc())
        .limit(length)
        .offset((page - 1) * length)
    )
    return list(db.scalars(query))


def send_again(db: Session, message: Message, seen_attempts: int) -> bool:
    """Makes a message that could not be sent due at once, in the caller's transaction.

    False when it was sent or tried since somebody saw it with so many attempts.
    """
    done = db.execute(
        update(Message)
        .where(Message.id == message.id, could_not_be_sent(), Message.attempts == seen_attempts)
        .values(attempts=0, next_attempt_at=now())
        .execution_options(synchronize_session=False)
    )
    return getattr(done, "rowcount", 0) == 1
