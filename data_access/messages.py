"""Messages to people by e-mail: written with the change they tell of, sent after it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from data_access.clock import now
from data_access.database import Base, Instant


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


def due_messages(db: Session, at: datetime | None = None, limit: int = 50) -> list[Message]:
    """Messages that wait to be sent, oldest first."""
    query = (
        select(Message)
        .where(Message.sent_at.is_(None), Message.next_attempt_at <= (at or now()))
        .order_by(Message.id)
        .limit(limit)
    )
    return list(db.scalars(query))
