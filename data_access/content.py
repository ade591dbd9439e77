"""Alerts on the public pages."""

from datetime import datetime

from sqlalchemy import String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from data_access.clock import now
from data_access.database import Base, Instant


class Alert(Base):
    """A message to everybody, shown from one instant to another."""

    __tablename__ = "alerts"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime] = mapped_column(Instant, default=now)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)


def latest_alerts(db: Session, at: datetime | None = None, limit: int = 3) -> list[Alert]:
    """Alerts in force, newest first."""
    at = at or now()
    query = (
        select(Alert)
        .where(Alert.starts_at <= at, (Alert.ends_at.is_(None)) | (Alert.ends_at > at))
        .order_by(Alert.starts_at.desc(), Alert.id.desc())
        .limit(limit)
    )
    return list(db.scalars(query))
