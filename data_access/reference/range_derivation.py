"""Making usual rents and sale prices for a year from the valid logs of an earlier one.

The method and the reason for each constant are in docs/ranges.md. In short: soft limits are the
5th and 95th percentile of the same kind of home in the same place, 10% wider; where too few homes
stand behind them, those of the region, of England, or of a similar letting type are taken; hard
limits are a third of the lower and three times the upper soft limit.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import duckdb
import pyarrow as pa
from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from data_access.logs import Log
from data_access.reference.local_authorities import (
    ENGLAND,
    LocalAuthority,
    code_on,
    local_authorities,
    predecessors,
)
from data_access.reference.periods import year, year_label
from data_access.reference.ranges import (
    LARGEST,
    LETTING_TYPES,
    MOST_BEDS,
    Kind,
    RangeRow,
    RentRow,
    Replaced,
    SaleRow,
    replace_ranges,
)

BATCH = 20_000
# One in twenty homes lies beyond each limit before it is widened: unusual, and few enough to ask.
LOW_SHARE, HIGH_SHARE = "0.05", "0.95"
# Two years' usual growth: rents rise by about 5% from the year of the logs to the year they judge.
SOFT_MARGIN = Decimal("0.10")
# Where even England has too few, the limits are a guess and must not query much.
FEW_MARGIN = Decimal("0.50")
# With 50 homes two lie beyond each percentile, so that one mistake cannot set a limit.
MINIMUM_RENTS = 50
# With 25 one does. England has 13 lettings for each sale; 50 would leave almost no place its own.
MINIMUM_PRICES = 25
# A monthly rent given as a weekly one is 52/12 = 4.3 times too high, a weekly one given as monthly
# 4.3 times too low. Three times beyond what is usual already finds most of these, and hardly a
# rent that is right.
HARD_MULTIPLE = 3

SOCIAL, AFFORDABLE, INTERMEDIATE, SPECIFIED = range(4)
# Rent groups from the most alike to the least; specified accommodation is let at social rents.
_ALIKE = {
    SOCIAL: (SOCIAL, AFFORDABLE),
    AFFORDABLE: (AFFORDABLE, INTERMEDIATE, SOCIAL),
    INTERMEDIATE: (INTERMEDIATE, AFFORDABLE, SOCIAL),
    SPECIFIED: (SPECIFIED, SOCIAL),
}
_PENNY = Decimal("0.01")
# Sales have one type; 0 stands for it, and for "any type" among rents.
_ANY = 0


class NothingToDerive(Exception):
    """There are no valid logs to make ranges of."""


@dataclass(frozen=True)
class Derived:
    """What was made of one kind: rows, how many homes they rest on, and on what they are based.

    `bases` counts rows by basis: authority, region, England, similar type, few.
    """

    kind: Kind
    homes: int
    rows: list[RangeRow]
    bases: Counter[str]


@dataclass(frozen=True)
class _Cell:
    """The homes of one type and size in one place: how many, and their outer amounts."""

    count: int
    low: Decimal
    high: Decimal


_Cells = dict[tuple[int, int, str], _Cell]


def derive_ranges(db: Session, from_year: int, for_year: int) -> list[tuple[Derived, Replaced]]:
    """Makes both tables of `for_year` from the valid logs of `from_year` and puts them in place.

    Within the caller's transaction. A table that has no logs behind it is left as it is and is not
    among what is returned. The same logs give the same tables. Raises NothingToDerive.
    """
    kinds: tuple[Kind, ...] = ("rent", "sale")
    made = [found for kind in kinds if (found := _derive(db, kind, from_year, for_year)).rows]
    if not made:
        raise NothingToDerive(
            f"There are no valid logs of {year_label(from_year)} with a rent or a price to make "
            "ranges of; nothing was changed."
        )
    source = f"valid logs of {year_label(from_year)}"
    return [(found, replace_ranges(db, found.kind, for_year, found.rows, source)) for found in made]


def _derive(db: Session, kind: Kind, from_year: int, for_year: int) -> Derived:
    with duckdb.connect() as duck:
        homes = _read_homes(duck, db, kind, from_year)
        cells = _cells(duck)
    bases: Counter[str] = Counter()
    rows: list[RangeRow] = []
    sizes = sorted({(lettype, beds) for lettype, beds, _ in cells if lettype or kind == "sale"})
    for lettype, beds in sizes:
        for place in local_authorities().values():
            low, high, basis = _limits(cells, kind, lettype, beds, place)
            bases[basis] += 1
            code = code_on(place.code, year(for_year).start) or place.code
            if kind == "sale":
                rows.append(SaleRow(code, beds, low, high))
                continue
            hard_min = max(_pence(low / HARD_MULTIPLE), _PENNY)
            hard_max = min(_pence(high * HARD_MULTIPLE), LARGEST[kind])
            rows.append(RentRow(lettype, code, beds, low, high, hard_min, hard_max))
    return Derived(kind, homes, rows, bases)


def _read_homes(duck: duckdb.DuckDBPyConnection, db: Session, kind: Kind, from_year: int) -> int:
    """Fills the table `homes` and returns how many there are; logs are read 20,000 at a time."""
    duck.execute(
        "CREATE TABLE homes "
        "(lettype INTEGER, beds INTEGER, la VARCHAR, region VARCHAR, amount DECIMAL(12, 2))"
    )
    places = local_authorities()
    now_called = {code: code for code in places}
    now_called |= {past.code: past.successor_code for past in predecessors().values()}
    known = pa.table(  # noqa: F841 (DuckDB reads it by its name)
        {
            "code": list(now_called),
            "la": list(now_called.values()),
            "region": [places[code].region_code for code in now_called.values()],
        }
    )
    duck.execute("CREATE TABLE places AS SELECT * FROM known")
    # An answer that is not a number was kept as it was typed; it is no rent and no price.
    amount = f"TRY_CAST(answers ->> '$.{'wrent' if kind == 'rent' else 'value'}' AS DECIMAL(12, 2))"
    if kind == "rent":
        lettype = "TRY_CAST(answers ->> '$.lettype' AS INTEGER)"
        bedrooms = "IF(answers ->> '$.needstype' = '2', 0, TRY_CAST(answers ->> '$.beds' AS INT))"
    else:
        lettype, bedrooms = f"{_ANY}", "TRY_CAST(answers ->> '$.beds' AS INTEGER)"
    # A letting type is even for supported housing, which alone has no bedrooms of its own.
    sound = (
        f"lettype BETWEEN {LETTING_TYPES[0]} AND {LETTING_TYPES[-1]} "
        "AND (lettype % 2 = 0) = (beds = 0)"
        if kind == "rent"
        else "beds > 0"
    )
    for batch in _batches(db, "lettings" if kind == "rent" else "sales", from_year):
        duck.register("batch", batch)
        duck.execute(
            f"INSERT INTO homes SELECT lettype, beds, p.la, p.region, amount FROM ("
            f" SELECT {lettype} AS lettype, least({bedrooms}, {MOST_BEDS}) AS beds,"
            f" coalesce(answers ->> '$.la', place) AS given, {amount} AS amount"
            f" FROM (SELECT place, answers::JSON AS answers FROM batch)"
            f") JOIN places p ON p.code = given WHERE amount > 0 AND {sound}"
        )
        duck.unregister("batch")
    counted = duck.execute("SELECT count(*) FROM homes").fetchone()
    return int(counted[0]) if counted else 0


def _batches(db: Session, collection: str, from_year: int) -> Iterator[pa.Table]:
    query = (
        select(Log.local_authority, cast(Log.answers, Text))
        .where(
            Log.collection == collection,
            Log.collection_year == from_year,
            Log.status == "valid",
        )
        .order_by(Log.id)
        .execution_options(yield_per=BATCH)
    )
    for rows in db.execute(query).partitions():
        places, answers = zip(*rows, strict=True)
        yield pa.table(
            {"place": pa.array(places, pa.string()), "answers": pa.array(answers, pa.string())}
        )


def _cells(duck: duckdb.DuckDBPyConnection) -> _Cells:
    """Counts and percentiles by type, size and place; type 0 is all types of the same size.

    Percentiles are discrete: an amount that somebody pays, so that they are exact in pence.
    """
    found = duck.execute(
        f"SELECT coalesce(lettype, {_ANY}), beds, coalesce(la, region, '{ENGLAND}'), count(*), "
        f"quantile_disc(amount, {LOW_SHARE}), quantile_disc(amount, {HIGH_SHARE}) FROM homes "
        "GROUP BY GROUPING SETS "
        "((lettype, beds, la), (lettype, beds, region), (lettype, beds), (beds))"
    ).fetchall()
    return {
        (lettype, beds, place): _Cell(count, low, high)
        for lettype, beds, place, count, low, high in found
    }


def _limits(
    cells: _Cells, kind: Kind, lettype: int, beds: int, place: LocalAuthority
) -> tuple[Decimal, Decimal, str]:
    """The soft limits of one kind of home in one place, and what they are based on."""
    minimum = MINIMUM_RENTS if kind == "rent" else MINIMUM_PRICES
    ladder = ((place.code, "authority"), (place.region_code, "region"), (ENGLAND, "England"))
    for candidate in (lettype, *_similar_types(lettype)):
        for area, basis in ladder:
            cell = cells.get((candidate, beds, area))
            if cell is not None and cell.count >= minimum:
                if candidate == lettype:
                    return *_widened(kind, [cell], SOFT_MARGIN), basis
                # The few homes of the type itself must not all be queried for being of it.
                own = cells[lettype, beds, ENGLAND]
                return *_widened(kind, [cell, own], SOFT_MARGIN), "similar type"
    few = [cells[_ANY, beds, ENGLAND], cells[lettype, beds, ENGLAND]]
    return *_widened(kind, few, FEW_MARGIN), "few"


def _similar_types(lettype: int) -> list[int]:
    """Letting types to stand in, the most alike first: the other kind of landlord before others.

    Types count up by rent group, then landlord (PRP, LA), then needs (general, supported).
    """
    if lettype == _ANY:
        return []
    group, rest = divmod(lettype - 1, 4)
    landlord, needs = divmod(rest, 2)
    return [
        1 + 4 * other + 2 * owner + needs
        for other in _ALIKE[group]
        for owner in (landlord, 1 - landlord)
        if (other, owner) != (group, landlord)
    ]


def _widened(kind: Kind, cells: list[_Cell], margin: Decimal) -> tuple[Decimal, Decimal]:
    low = min(cell.low for cell in cells) * (1 - margin)
    high = max(cell.high for cell in cells) * (1 + margin)
    return max(_pence(low), _PENNY), min(_pence(high), LARGEST[kind])


def _pence(amount: Decimal) -> Decimal:
    return amount.quantize(_PENNY, ROUND_HALF_UP)
