"""Uploaded files and what came of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from data_access.clock import now
from data_access.database import JSON_DOCUMENT, Base, Instant


class Upload(Base):
    """One file, received whole: its logs are all kept or none is."""

    __tablename__ = "uploads"

    id: Mapped[int] = mapped_column(primary_key=True)
    institution_id: Mapped[int | None] = mapped_column(ForeignKey("institutions.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    collection: Mapped[str] = mapped_column(String(10))
    collection_year: Mapped[int] = mapped_column(Integer)
    file_name: Mapped[str] = mapped_column(String(255))
    file_hash: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    rows: Mapped[int] = mapped_column(Integer, default=0)
    valid: Mapped[int] = mapped_column(Integer, default=0)
    invalid: Mapped[int] = mapped_column(Integer, default=0)
    message: Mapped[str] = mapped_column(Text, default="")
    report: Mapped[list[dict[str, Any]]] = mapped_column(JSON_DOCUMENT, default=list)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)


def uploads_of(db: Session, account_id: int, limit: int = 50) -> list[Upload]:
    """A person's uploads, newest first."""
    query = select(Upload).where(Upload.account_id == account_id)
    return list(db.scalars(query.order_by(Upload.id.desc()).limit(limit)))


def upload_of(db: Session, upload_id: int, account_id: int) -> Upload | None:
    """A person's own upload, or None."""
    return db.scalar(select(Upload).where(Upload.id == upload_id, Upload.account_id == account_id))
