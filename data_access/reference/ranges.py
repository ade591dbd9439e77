"""Usual rents and sale prices by authority, type and bedrooms, one table a collection year.

Rents are weekly basic rents in pounds. `beds` is 0 for supported housing and the number of
bedrooms for general needs and sales, 4 meaning four or more. Whether an amount that equals a limit
is within it is for the rules to say: a rent at a soft limit is queried, a price is not.
How tables come here: `range_files` reads official ones, `range_derivation` makes them from logs.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

import pandas as pd
from sqlalchemy import Integer, Numeric, String, delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from data_access import audit
from data_access.clock import now
from data_access.database import Base, Instant
from data_access.reference.local_authorities import local_authorities, predecessors
from data_access.reference.periods import year as period_of_year

Kind = Literal["rent", "sale"]
MOST_BEDS = 4
LETTING_TYPES = range(1, 17)
# Far above any rent or price, and within what the columns hold.
LARGEST: dict[Kind, Decimal] = {"rent": Decimal("999999.99"), "sale": Decimal("999999999.99")}
# 8,880 rows a year of nine values each; a database driver takes some thousands of values at once.
_ROWS_AT_ONCE = 1_000


class RentRange(Base):
    """Usual (soft) and accepted (hard) weekly basic rents of one kind of letting in one place."""

    __tablename__ = "rent_ranges"

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    lettype: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    la: Mapped[str] = mapped_column(String(9), primary_key=True)
    beds: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    soft_min: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    soft_max: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    hard_min: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    hard_max: Mapped[Decimal] = mapped_column(Numeric(10, 2))


class SaleRange(Base):
    """Usual full prices of homes of one size in one place."""

    __tablename__ = "sale_ranges"

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    la: Mapped[str] = mapped_column(String(9), primary_key=True)
    beds: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    soft_min: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    soft_max: Mapped[Decimal] = mapped_column(Numeric(12, 2))


class RangeTable(Base):
    """Where the rows of a kind and year came from. `digest` is the SHA-256 of their content."""

    __tablename__ = "range_tables"

    kind: Mapped[str] = mapped_column(String(4), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    rows: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Instant, default=now)


@dataclass(frozen=True)
class RentRow:
    """One row of a year's rents, as it is written."""

    lettype: int
    la: str
    beds: int
    soft_min: Decimal
    soft_max: Decimal
    hard_min: Decimal
    hard_max: Decimal


@dataclass(frozen=True)
class SaleRow:
    """One row of a year's sale prices, as it is written."""

    la: str
    beds: int
    soft_min: Decimal
    soft_max: Decimal


RangeRow = RentRow | SaleRow


@dataclass(frozen=True)
class Replaced:
    """What replacing did: rows there before and whence, rows now, and whether anything differs."""

    kind: Kind
    year: int
    before: int
    before_source: str
    rows: int
    changed: bool


_MODELS: dict[Kind, type[RentRange] | type[SaleRange]] = {"rent": RentRange, "sale": SaleRange}
_FIELDS: dict[Kind, tuple[str, ...]] = {
    "rent": ("lettype", "la", "beds", "soft_min", "soft_max", "hard_min", "hard_max"),
    "sale": ("la", "beds", "soft_min", "soft_max"),
}


def replace_ranges(
    db: Session,
    kind: Kind,
    year: int,
    rows: Sequence[RangeRow],
    source: str,
    account_id: int | None = None,
) -> Replaced:
    """Puts `rows` in the place of the year's rows, within the caller's transaction.

    The same rows again change nothing, whatever their order: neither their version nor the note of
    where they came from. `source` says that in words; an audit event keeps it.
    """
    ordered = sorted(rows, key=lambda row: tuple(getattr(row, name) for name in _FIELDS[kind]))
    digest = _digest(kind, ordered)
    known = db.get(RangeTable, (kind, year))
    before, before_source = (known.rows, known.source) if known else (0, "")
    if known is not None and known.digest == digest:
        return Replaced(kind, year, before, before_source, len(ordered), changed=False)
    model = _MODELS[kind]
    db.execute(delete(model).where(model.year == year))
    for start in range(0, len(ordered), _ROWS_AT_ONCE):
        db.execute(
            insert(model),
            [
                {"year": year, **{name: getattr(row, name) for name in _FIELDS[kind]}}
                for row in ordered[start : start + _ROWS_AT_ONCE]
            ],
        )
    if known is None:
        known = RangeTable(kind=kind, year=year)
        db.add(known)
    known.rows, known.source, known.digest = len(ordered), source[:200], digest
    known.made_at = now()
    audit.record(
        db,
        account_id,
        "ranges replaced",
        (f"{kind}_ranges", year),
        {"source": source, "rows": {"from": before, "to": len(ordered)}, "digest": digest},
    )
    db.flush()
    return Replaced(kind, year, before, before_source, len(ordered), changed=True)


def _digest(kind: Kind, rows: Sequence[RangeRow]) -> str:
    """Of amounts with two decimals, so that 1000 and 1000.00 are the same."""
    found = hashlib.sha256()
    for row in rows:
        values = (getattr(row, name) for name in _FIELDS[kind])
        line = ",".join(f"{v:.2f}" if isinstance(v, Decimal) else str(v) for v in values)
        found.update(line.encode() + b"\n")
    return found.hexdigest()


def codes_of_year(year: int) -> Mapping[str, str]:
    """Authorities' codes on the first day of a collection year, each with the code in force now.

    Logs of a year have the codes of that year. A change of area always makes a new code, so an
    authority whose predecessors were still there was not.
    """
    start = period_of_year(year).start
    earlier = [past for past in predecessors().values() if past.valid_to >= start]
    came_later = {past.successor_code for past in earlier}
    codes = {code: code for code in local_authorities() if code not in came_later}
    return codes | {past.code: past.successor_code for past in earlier}


def lettings_without(rows: Iterable[RangeRow]) -> str:
    """Types of letting without a row anywhere, such as "13, 15, 9 (bedrooms: 3, 4 or more)"."""
    there = {(row.lettype, row.beds) for row in rows if isinstance(row, RentRow)}
    whole, parts = [], []
    for lettype in LETTING_TYPES:
        sizes = sizes_of(lettype)
        lacking = [beds for beds in sizes if (lettype, beds) not in there]
        if len(lacking) == len(sizes):
            whole.append(str(lettype))
        elif lacking:
            named = ", ".join("4 or more" if beds == MOST_BEDS else str(beds) for beds in lacking)
            parts.append(f"{lettype} (bedrooms: {named})")
    return ", ".join([*whole, *parts])


def sizes_of(lettype: int) -> range:
    """Bedrooms that rows of a letting type have. Even types are supported housing: 0 alone."""
    return range(1) if lettype % 2 == 0 else range(1, MOST_BEDS + 1)


def rent_ranges(db: Session) -> pd.DataFrame:
    """Every rent range: year, lettype, la, beds and the four limits as Decimals; in key order."""
    return _frame(db, "rent")


def sale_ranges(db: Session) -> pd.DataFrame:
    """Every sale price range: year, la, beds, soft_min, soft_max as Decimals; in key order."""
    return _frame(db, "sale")


def _frame(db: Session, kind: Kind) -> pd.DataFrame:
    columns = ("year", *_FIELDS[kind])
    model = _MODELS[kind]
    keys = [getattr(model, name) for name in columns if not name.startswith(("soft", "hard"))]
    query = select(*(getattr(model, name) for name in columns)).order_by(*keys)
    frame = pd.DataFrame([tuple(row) for row in db.execute(query)], columns=list(columns))
    whole = [name for name in columns if name in ("year", "lettype", "beds")]
    return frame.astype(dict.fromkeys(whole, "int64"))


def range_tables(db: Session) -> list[RangeTable]:
    """Which tables there are, rents first, newest year first."""
    return list(db.scalars(select(RangeTable).order_by(RangeTable.kind, RangeTable.year.desc())))


def ranges_version(db: Session) -> str:
    """Names what the ranges hold; differs when any of them does. Reads some eight short rows."""
    query = select(RangeTable.kind, RangeTable.year, RangeTable.digest).order_by(
        RangeTable.kind, RangeTable.year
    )
    held = "".join(f"{kind}{year}:{digest};" for kind, year, digest in db.execute(query))
    return hashlib.sha256(held.encode()).hexdigest()[:16] if held else ""
