"""Supported housing: management groups, their schemes and the schemes' locations."""

from sqlalchemy import Boolean, ForeignKey, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from data_access.database import Base


class ManagementGroup(Base):
    """Schemes of one owner under one arrangement."""

    __tablename__ = "management_groups"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str | None] = mapped_column(String(20), unique=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("institutions.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))


class Scheme(Base):
    """A supported housing scheme. Codes such as S12 are what providers write in their files."""

    __tablename__ = "schemes"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str | None] = mapped_column(String(20), unique=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("management_groups.id"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("institutions.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    client_group: Mapped[str | None] = mapped_column(String(10))
    support_type: Mapped[str | None] = mapped_column(String(10))
    intended_stay: Mapped[str | None] = mapped_column(String(10))
    approved: Mapped[bool] = mapped_column(Boolean, default=False)


class Location(Base):
    """A place of a scheme: one postcode."""

    __tablename__ = "locations"

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("schemes.id"), index=True)
    postcode: Mapped[str] = mapped_column(String(10))
    local_authority: Mapped[str | None] = mapped_column(String(9))
    units: Mapped[int | None] = mapped_column(Integer)
    type_of_unit: Mapped[str | None] = mapped_column(String(10))
    mobility_type: Mapped[str | None] = mapped_column(String(10))


def approved_schemes(db: Session, owner_ids: list[int]) -> list[Scheme]:
    """Approved schemes of these owners, by name."""
    query = select(Scheme).where(Scheme.approved, Scheme.owner_id.in_(owner_ids))
    return list(db.scalars(query.order_by(Scheme.name)))


def locations_of(db: Session, scheme_id: int) -> list[Location]:
    """The locations of a scheme, by postcode."""
    query = select(Location).where(Location.scheme_id == scheme_id).order_by(Location.postcode)
    return list(db.scalars(query))
