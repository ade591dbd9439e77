"""The audit trail: who did what to which thing, and when."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from data_access.clock import now
from data_access.database import JSON_DOCUMENT, Base, Instant


class AuditEvent(Base):
    """One change. `detail` holds what changed: field, from, to."""

    __tablename__ = "audit_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, default=now)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    action: Mapped[str] = mapped_column(String(40))
    subject_type: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column(Integer)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON_DOCUMENT, default=dict)

    __table_args__ = (Index("ix_audit_events_subject", "subject_type", "subject_id"),)


def record(
    db: Session,
    account_id: int | None,
    action: str,
    subject: tuple[str, int],
    detail: dict[str, Any] | None = None,
) -> None:
    """Adds an event to the caller's transaction. `subject` is a type and an identifier."""
    db.add(
        AuditEvent(
            account_id=account_id,
            action=action,
            subject_type=subject[0],
            subject_id=subject[1],
            detail=detail or {},
        )
    )


def history(db: Session, subject: tuple[str, int]) -> list[AuditEvent]:
    """Events of one thing, oldest first."""
    query = (
        select(AuditEvent)
        .where(AuditEvent.subject_type == subject[0], AuditEvent.subject_id == subject[1])
        .order_by(AuditEvent.id)
    )
    return list(db.scalars(query))
