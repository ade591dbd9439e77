"""The audit trail: who did what to which thing, when, and from what address.

Events are only ever added: triggers in the database refuse to change or delete one.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Integer, String, func, or_, select, true
from sqlalchemy.orm import Mapped, Session, mapped_column

from data_access.accounts import Account
from data_access.clock import now
from data_access.database import JSON_DOCUMENT, Base, Instant

# The network address of the request that is being answered; empty for the command line.
request_address: ContextVar[str] = ContextVar("request_address", default="")
PAGE_LENGTH = 50


class AuditEvent(Base):
    """One change. `detail` holds what changed; under `changes`, each field as [before, after]."""

    __tablename__ = "audit_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, default=now)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    action: Mapped[str] = mapped_column(String(40))
    subject_type: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column(Integer)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON_DOCUMENT, default=dict)

    __table_args__ = (
        Index("ix_audit_events_subject", "subject_type", "subject_id"),
        Index("ix_audit_events_at", "at"),
        Index("ix_audit_events_action", "action", "id"),
    )


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
            address=request_address.get()[:45],
            action=action,
            subject_type=subject[0],
            subject_id=subject[1],
            detail=plain(detail or {}),
        )
    )


def plain(value: Any) -> Any:
    """A value as JSON can hold it: dates, instants and decimals as text."""
    if isinstance(value, dict):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(part) for part in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def history(db: Session, subject: tuple[str, int]) -> list[AuditEvent]:
    """Events of one thing, oldest first."""
    query = (
        select(AuditEvent)
        .where(AuditEvent.subject_type == subject[0], AuditEvent.subject_id == subject[1])
        .order_by(AuditEvent.id)
    )
    return list(db.scalars(query))


@dataclass(frozen=True)
class Search:
    """What a list of events is narrowed to; an empty field does not narrow.

    `person` is part of a name, or a user name or e-mail address. From `first` on, before `before`.
    """

    person: str = ""
    action: str = ""
    subject_type: str = ""
    subject_id: int | None = None
    address: str = ""
    first: datetime | None = None
    before: datetime | None = None


def search(
    db: Session, wanted: Search, page: int = 1, length: int = PAGE_LENGTH
) -> list[tuple[AuditEvent, Account | None]]:
    """One page of events with who caused them, newest first."""
    chosen = (
        select(AuditEvent.id)
        .where(*_conditions(wanted))
        .order_by(AuditEvent.id.desc())
        .limit(length)
        .offset((page - 1) * length)
    )
    query = (
        select(AuditEvent, Account)
        .outerjoin(Account, Account.id == AuditEvent.account_id)
        .where(AuditEvent.id.in_(chosen))
        .order_by(AuditEvent.id.desc())
    )
    return [(event, account) for event, account in db.execute(query)]


def count_events(db: Session, wanted: Search) -> int:
    """How many events are wanted."""
    return db.scalar(select(func.count(AuditEvent.id)).where(*_conditions(wanted))) or 0


def _conditions(wanted: Search) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [true()]
    text = wanted.person.strip()
    if text:
        # SQLite makes only the letters of ASCII small: other names are also compared as typed.
        named = or_(
            func.lower(Account.name).contains(text.lower(), autoescape=True),
            Account.name.contains(text, autoescape=True),
            func.lower(Account.user_name) == text.lower(),
            func.lower(Account.email) == text.lower(),
        )
        found.append(AuditEvent.account_id.in_(select(Account.id).where(named)))
    for column, value in (
        (AuditEvent.action, wanted.action),
        (AuditEvent.subject_type, wanted.subject_type),
        (AuditEvent.address, wanted.address.strip()),
    ):
        if value:
            found.append(column == value)
    if wanted.subject_id is not None:
        found.append(AuditEvent.subject_id == wanted.subject_id)
    if wanted.first is not None:
        found.append(AuditEvent.at >= wanted.first)
    if wanted.before is not None:
        found.append(AuditEvent.at < wanted.before)
    return found
