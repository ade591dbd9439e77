"""Institutions that own or manage social homes, and who manages whose."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from data_access.clock import now
from data_access.database import JSON_DOCUMENT, Base, Instant


class Institution(Base):
    """A local authority (LA) or a private registered provider (PRP)."""

    __tablename__ = "institutions"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    provider_type: Mapped[str] = mapped_column(String(3))
    registration_number: Mapped[str | None] = mapped_column(String(20))
    holds_stock: Mapped[bool] = mapped_column(Boolean, default=True)
    general_needs_stock: Mapped[int | None] = mapped_column(Integer)
    supported_stock: Mapped[int | None] = mapped_column(Integer)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    data_sharing_signed: Mapped[bool] = mapped_column(Boolean, default=True)
    rent_periods: Mapped[list[int]] = mapped_column(JSON_DOCUMENT, default=list)
    local_authorities: Mapped[list[str]] = mapped_column(JSON_DOCUMENT, default=list)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)


class InstitutionLink(Base):
    """The manager (child) may submit logs for homes of the owner (parent)."""

    __tablename__ = "institution_links"

    owner_id: Mapped[int] = mapped_column(ForeignKey("institutions.id"), primary_key=True)
    manager_id: Mapped[int] = mapped_column(
        ForeignKey("institutions.id"), primary_key=True, index=True
    )


def by_code(db: Session, code: str) -> Institution | None:
    """The institution of a code such as ORG1, in any letter case."""
    return db.scalar(select(Institution).where(Institution.code == code.strip().upper()))


def owners_for(db: Session, institution_id: int) -> list[Institution]:
    """Institutions whose homes this one may report, by name: itself (with stock) and parents."""
    query = (
        select(Institution)
        .where(
            Institution.holds_stock,
            Institution.active,
            (Institution.id == institution_id)
            | Institution.id.in_(
                select(InstitutionLink.owner_id).where(InstitutionLink.manager_id == institution_id)
            ),
        )
        .order_by(Institution.name)
    )
    return list(db.scalars(query))


def managers_for(db: Session, institution_id: int) -> list[Institution]:
    """Institutions that may manage this one's homes, by name: itself and its children."""
    query = (
        select(Institution)
        .where(
            Institution.active,
            (Institution.id == institution_id)
            | Institution.id.in_(
                select(InstitutionLink.manager_id).where(InstitutionLink.owner_id == institution_id)
            ),
        )
        .order_by(Institution.name)
    )
    return list(db.scalars(query))
