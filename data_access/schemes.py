"""Supported housing: management groups, their schemes, the schemes' locations, and their pauses."""

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, Integer, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from data_access.clock import now
from data_access.database import Base, Instant

DRAFT, SUBMITTED, APPROVED, REFUSED = "draft", "submitted", "approved", "refused"
SCHEME_STATUSES = (DRAFT, SUBMITTED, APPROVED, REFUSED)


class ManagementGroup(Base):
    """Schemes of one owner under one arrangement.

    `code` is given with the group's first approved scheme. The agent, when the owner does not
    manage the schemes itself, is a known institution or a name.
    """

    __tablename__ = "management_groups"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str | None] = mapped_column(String(20), unique=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("institutions.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    arrangement_type: Mapped[str] = mapped_column(String(1), default="")
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("institutions.id"))
    agent_name: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime | None] = mapped_column(Instant, default=now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    version: Mapped[int] = mapped_column(Integer, default=1)


class Scheme(Base):
    """A supported housing scheme. Codes such as S12 are what providers write in their files.

    Logs and files can name approved schemes only. `confidential` hides its postcodes from lists.
    """

    __tablename__ = "schemes"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str | None] = mapped_column(String(20), unique=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("management_groups.id"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("institutions.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    confidential: Mapped[bool] = mapped_column(Boolean, default=False)
    scheme_type: Mapped[str | None] = mapped_column(String(10))
    registered_care: Mapped[str | None] = mapped_column(String(10))
    client_group: Mapped[str | None] = mapped_column(String(10))
    secondary_client_group: Mapped[str | None] = mapped_column(String(10))
    support_type: Mapped[str | None] = mapped_column(String(10))
    intended_stay: Mapped[str | None] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(10), default=DRAFT, index=True)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    refusal_reason: Mapped[str] = mapped_column(Text, default="")
    # The scheme that this one continues under another owner after a merger.
    continues_id: Mapped[int | None] = mapped_column(ForeignKey("schemes.id"))
    created_at: Mapped[datetime | None] = mapped_column(Instant, default=now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    version: Mapped[int] = mapped_column(Integer, default=1)


class Location(Base):
    """A place of a scheme: one postcode. Its identifier is its code in files."""

    __tablename__ = "locations"

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("schemes.id"), index=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    postcode: Mapped[str] = mapped_column(String(10))
    local_authority: Mapped[str | None] = mapped_column(String(9))
    units: Mapped[int | None] = mapped_column(Integer)
    type_of_unit: Mapped[str | None] = mapped_column(String(10))
    mobility_type: Mapped[str | None] = mapped_column(String(10))
    # The first day on which it can be let; None: since ever.
    available_from: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer, default=1)


class SchemePause(Base):
    """A time in which a scheme, or one location of it, is deactivated.

    `starts_on` is the first day on which it cannot be let, `ends_on` the day it is let again; until
    there is one, it stays deactivated. Pauses of one scheme or location do not overlap.
    """

    __tablename__ = "scheme_pauses"

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("schemes.id"), index=True)
    location_id: Mapped[int | None] = mapped_column(ForeignKey("locations.id"), index=True)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))


def approved_schemes(db: Session, owner_ids: list[int]) -> list[Scheme]:
    """Approved schemes of these owners, by name."""
    query = select(Scheme).where(Scheme.status == APPROVED, Scheme.owner_id.in_(owner_ids))
    return list(db.scalars(query.order_by(Scheme.name)))


def locations_of(db: Session, scheme_id: int) -> list[Location]:
    """The locations of a scheme, by postcode."""
    query = select(Location).where(Location.scheme_id == scheme_id).order_by(Location.postcode)
    return list(db.scalars(query))
