"""Mergers of institutions: one or more go into another on a day."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from data_access.clock import now
from data_access.database import JSON_DOCUMENT, Base, Instant

MERGER_STATES = ("scheduled", "done", "cancelled", "failed")


class Merger(Base):
    """What is to be merged, and what came of it. `merging` holds institution identifiers.

    `counts` holds what the dry run, and then the merger, moved: users, relations, schemes, logs.
    """

    __tablename__ = "mergers"

    id: Mapped[int] = mapped_column(primary_key=True)
    absorbing_id: Mapped[int] = mapped_column(ForeignKey("institutions.id"), index=True)
    merging: Mapped[list[int]] = mapped_column(JSON_DOCUMENT)
    merges_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(10), default="scheduled")
    counts: Mapped[dict[str, Any]] = mapped_column(JSON_DOCUMENT, default=dict)
    message: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)
