"""Institutions that own or manage social homes, and who manages whose homes."""

from datetime import date, datetime

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    and_,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from data_access.clock import now, today
from data_access.database import JSON_DOCUMENT, Base, Instant

PROVIDER_TYPES = {"LA": "Local authority", "PRP": "Private registered provider"}


class Institution(Base):
    """A local authority (LA) or a private registered provider (PRP).

    `active` is False for an institution that is deactivated or has been merged into another
    (`merged_into_id`). `data_sharing_signed` says whether it signed the agreement now in force
    itself; whoever adds a signature or puts a new agreement in force keeps it so in the same
    transaction. Of an institution that was merged, see `agreement_cover`.
    Stock figures are numbers of homes; None means that none is known.
    """

    __tablename__ = "institutions"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    provider_type: Mapped[str] = mapped_column(String(3))
    registration_number: Mapped[str | None] = mapped_column(String(20))
    telephone: Mapped[str] = mapped_column(String(30), default="")
    address_line1: Mapped[str] = mapped_column(String(100), default="")
    address_line2: Mapped[str] = mapped_column(String(100), default="")
    town: Mapped[str] = mapped_column(String(100), default="")
    county: Mapped[str] = mapped_column(String(100), default="")
    postcode: Mapped[str] = mapped_column(String(10), default="")
    owns_affordable_rent: Mapped[bool] = mapped_column(Boolean, default=False)
    owns_almshouses: Mapped[bool] = mapped_column(Boolean, default=False)
    holds_stock: Mapped[bool] = mapped_column(Boolean, default=True)
    general_needs_stock: Mapped[int | None] = mapped_column(Integer)
    supported_stock: Mapped[int | None] = mapped_column(Integer)
    unspecified_stock: Mapped[int | None] = mapped_column(Integer)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("institutions.id"))
    merged_on: Mapped[date | None] = mapped_column(Date)
    # The first day on which homes can be let or sold in its name; None: since ever.
    available_from: Mapped[date | None] = mapped_column(Date)
    data_sharing_signed: Mapped[bool] = mapped_column(Boolean, default=False)
    rent_periods: Mapped[list[int]] = mapped_column(JSON_DOCUMENT, default=list)
    local_authorities: Mapped[list[str]] = mapped_column(JSON_DOCUMENT, default=list)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    version: Mapped[int] = mapped_column(Integer, default=1)

    @property
    def stock(self) -> int:
        """How many homes it owns, all kinds together; 0 when no figure is known."""
        figures = (self.general_needs_stock, self.supported_stock, self.unspecified_stock)
        return sum(figure or 0 for figure in figures)

    @property
    def address_lines(self) -> list[str]:
        """The address, a line each, without empty ones."""
        lines = (self.address_line1, self.address_line2, self.town, self.county, self.postcode)
        return [line for line in lines if line]


class InstitutionLink(Base):
    """For some time the manager (child) may submit logs for homes of the owner (parent).

    Without a first day since ever, without a last day until further notice. An owner that reports
    its own homes is its own child. Periods of one pair do not overlap.
    """

    __tablename__ = "institution_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("institutions.id"), index=True)
    manager_id: Mapped[int] = mapped_column(ForeignKey("institutions.id"), index=True)
    starts_on: Mapped[date | None] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)


class AlreadyTaken(Exception):
    """Another institution has this name or registration number. `field` is the column."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


# Two posts at once cannot both have a name or number, whatever the letter case.
Index("ix_institutions_lower_name", func.lower(Institution.name), unique=True)
Index(
    "ix_institutions_lower_registration_number",
    func.lower(Institution.registration_number),
    unique=True,
)


def lock(db: Session, institution_id: int) -> None:
    """Keeps others from changing an institution, or what hangs on it, until the transaction ends.

    What is read before this may be old: read it again after.
    """
    db.execute(
        update(Institution)
        .where(Institution.id == institution_id)
        .values(version=Institution.version)
        .execution_options(synchronize_session=False)
    )


def next_code(db: Session) -> str:
    """A code that no institution has: ORG and a number above every identifier."""
    number = (db.scalar(select(func.max(Institution.id))) or 0) + 1
    while db.scalar(select(Institution.id).where(Institution.code == f"ORG{number}")) is not None:
        number += 1
    return f"ORG{number}"


def by_code(db: Session, code: str) -> Institution | None:
    """The institution of a code such as ORG1, in any letter case."""
    return db.scalar(select(Institution).where(Institution.code == code.strip().upper()))


def in_force(day: date) -> ColumnElement[bool]:
    """Links in force on a day, as a condition."""
    return and_(
        or_(InstitutionLink.starts_on.is_(None), InstitutionLink.starts_on <= day),
        or_(InstitutionLink.ends_on.is_(None), InstitutionLink.ends_on >= day),
    )


def has_stock() -> ColumnElement[bool]:
    """Institutions that hold homes and show a figure for them, as a condition.

    Guide: nobody can submit for an institution that shows no stock figure.
    """
    figures = (
        Institution.general_needs_stock,
        Institution.supported_stock,
        Institution.unspecified_stock,
    )
    return and_(Institution.holds_stock, or_(*(func.coalesce(f, 0) > 0 for f in figures)))


def owners_for(db: Session, institution_id: int, day: date | None = None) -> list[Institution]:
    """Active stock holders whose homes this one may report on a day, by name: itself and parents.

    Those without a stock figure are among them, so that whoever asks can say what is lacking.
    """
    parents = select(InstitutionLink.owner_id).where(
        InstitutionLink.manager_id == institution_id, in_force(day or today())
    )
    query = (
        select(Institution)
        .where(
            Institution.holds_stock,
            Institution.active,
            (Institution.id == institution_id) | Institution.id.in_(parents),
        )
        .order_by(Institution.name)
    )
    return list(db.scalars(query))


def managers_for(db: Session, institution_id: int, day: date | None = None) -> list[Institution]:
    """Active institutions that may manage its homes on a day, by name: itself and children."""
    children = select(InstitutionLink.manager_id).where(
        InstitutionLink.owner_id == institution_id, in_force(day or today())
    )
    query = (
        select(Institution)
        .where(
            Institution.active,
            (Institution.id == institution_id) | Institution.id.in_(children),
        )
        .order_by(Institution.name)
    )
    return list(db.scalars(query))
