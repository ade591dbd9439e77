"""Uploaded files and what came of them."""

import zlib
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Integer, LargeBinary, String, Text, insert, select
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


class UploadFile(Base):
    """The file of an upload as it was sent, packed with zlib. It goes when its upload goes."""

    __tablename__ = "upload_files"

    upload_id: Mapped[int] = mapped_column(
        ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    packed: Mapped[bytes] = mapped_column(LargeBinary)


def uploads_of(db: Session, scope: ColumnElement[bool], limit: int = 50) -> list[Upload]:
    """The uploads that a person may see, newest first."""
    query = select(Upload).where(scope)
    return list(db.scalars(query.order_by(Upload.id.desc()).limit(limit)))


def keep_file(db: Session, upload_id: int, data: bytes) -> None:
    """Keeps the file of an upload, in the caller's transaction. Text shrinks to about a tenth."""
    db.execute(insert(UploadFile).values(upload_id=upload_id, packed=zlib.compress(data, 3)))


def has_file(db: Session, upload_id: int) -> bool:
    """Whether the file of an upload is kept; of uploads before there was room for it, it is not."""
    found = db.scalar(select(UploadFile.upload_id).where(UploadFile.upload_id == upload_id))
    return found is not None


def file_of(db: Session, upload_id: int) -> bytes | None:
    """The file of an upload as it was sent, or None."""
    packed = db.scalar(select(UploadFile.packed).where(UploadFile.upload_id == upload_id))
    return None if packed is None else zlib.decompress(packed)
