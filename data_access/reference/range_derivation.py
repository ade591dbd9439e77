"""Making usual rents and sale prices for a year from the valid logs of an earlier one.

The method and the reason for each constant are in docs/ranges.md. In short: soft limits are the
5th and 95th percentile of the same kind of home in the same place, 10% wider; where too few homes
stand behind them, those of the region, of England, or of a similar letting type are taken; hard
limits are a third of the lower and three times the upper soft limit.

Homes are sorted by what the checker sorts logs by: the rent tested is the weekly basic rent, and a
home with a location lies where the location does.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import duckdb
import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.logs import Log
from data_access.reference.local_authorities import (
    ENGLAND,
    LocalAuthority,
    local_authorities,
    predecessors,
)
from data_access.reference.periods import year_label
from data_access.reference.ranges import (
    LARGEST,
    LETTING_TYPES,
    MOST_BEDS,
    Kind,
    RangeRow,
    RentRow,
    Replaced,
    SaleRow,
    codes_of_year,
    replace_ranges,
)
from data_access.schemes import Location

BATCH = 20_000
# The year from which the checker takes a log's own authority before that of its location.
OWN_AUTHORITY_FIRST = 2026
# One in twenty homes lies beyond each limit before it is widened: unusual, and few enough to ask.
LOW_SHARE, HIGH_SHARE = "0.05", "0.95"
# The official limits rose by 5% from 2025 to 2026; twice that, so that a usual rise alone is not
# queried.
SOFT_MARGIN = Decimal("0.10")
# Where even England has too few, the limits are a guess and must not query much.
FEW_MARGIN = Decimal("0.50")
# With 50 homes two lie beyond each percentile, so that one mistake cannot set a limit.
MINIMUM_RENTS = 50
# With 25 one does. England has some ten lettings for each sale, and 50 would leave few places
# limits of their own.
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


class YearsRefused(Exception):
    """The logs are not of a year before the one that is to be judged."""


# Answers that are read. One that is not a number was kept as it was typed: it is no rent, no price.
_ANSWERS: dict[Kind, dict[str, str]] = {
    "rent": {
        "lettype": "INTEGER",
        "needstype": "INTEGER",
        "beds": "INTEGER",
        "la": "VARCHAR",
        "location_id": "BIGINT",
        "brent": "DECIMAL(12, 2)",
        "period": "INTEGER",
        "wrent": "DECIMAL(12, 2)",
    },
    "sale": {
        "beds": "INTEGER",
        "la": "VARCHAR",
        "location_id": "BIGINT",
        "value": "DECIMAL(12, 2)",
    },
}
# Type, size and amount from these. DuckDB's least() passes over NULL: a home whose size is not
# known must not become one of four bedrooms. A weekly rent stays in a log when its basic rent or
# period is emptied, as in a care home's; it is then not the rent that is tested.
_CAPPED = f"CASE WHEN beds > {MOST_BEDS} THEN {MOST_BEDS} ELSE beds END"
_HOMES: dict[Kind, str] = {
    "rent": f"CASE WHEN needstype = 2 THEN 0 ELSE {_CAPPED} END AS size, "
    "CASE WHEN brent IS NOT NULL AND period IS NOT NULL THEN wrent END AS amount",
    "sale": f"{_CAPPED} AS size, {_ANY} AS lettype, value AS amount",
}
# A letting type is even for supported housing, which alone has no bedrooms of its own.
_SOUND: dict[Kind, str] = {
    "rent": f"h.lettype BETWEEN {LETTING_TYPES[0]} AND {LETTING_TYPES[-1]} "
    "AND (h.lettype % 2 = 0) = (h.size = 0)",
    "sale": "h.size > 0",
}


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
    among what is returned. The same logs give the same tables. Raises NothingToDerive and
    YearsRefused.
    """
    if from_year >= for_year:
        raise YearsRefused(
            f"The logs' year ({year_label(from_year)}) must be before the year that is judged by "
            f"them ({year_label(for_year)}): no year may be judged by itself. Nothing was changed."
        )
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
    places = {code: local_authorities()[now] for code, now in codes_of_year(for_year).items()}
    sizes = sorted({(lettype, beds) for lettype, beds, _ in cells if lettype or kind == "sale"})
    for lettype, beds in sizes:
        for code, place in places.items():
            low, high, basis = _limits(cells, kind, lettype, beds, place)
            bases[basis] += 1
            if kind == "sale":
                rows.append(SaleRow(code, beds, low, high))
                continue
            hard_min = max(_pence(low / HARD_MULTIPLE), _PENNY)
            hard_max = min(_pence(high * HARD_MULTIPLE), LARGEST[kind])
            rows.append(RentRow(lettype, code, beds, low, high, hard_min, hard_max))
    return Derived(kind, homes, rows, bases)


def _read_homes(duck: duckdb.DuckDBPyConnection, db: Session, kind: Kind, from_year: int) -> int:
    """Fills the table `homes` and returns how many there are; logs are read 20,000 at a time."""
    _take_places(duck, db)
    duck.execute(
        "CREATE TABLE homes "
        "(lettype INTEGER, beds INTEGER, la VARCHAR, region VARCHAR, amount DECIMAL(12, 2))"
    )
    typed = ", ".join(
        f"TRY_CAST({name} AS {sql_type}) AS {name}" for name, sql_type in _ANSWERS[kind].items()
    )
    for batch in _batches(db, kind, from_year):
        duck.register("batch", batch)
        duck.execute(
            "INSERT INTO homes SELECT h.lettype, h.size, p.la, p.region, h.amount"
            f" FROM (SELECT *, {_HOMES[kind]} FROM (SELECT place, {typed} FROM batch)) h"
            " LEFT JOIN locations l ON l.id = h.location_id"
            f" JOIN places p ON p.code = {_given(from_year)} WHERE h.amount > 0 AND {_SOUND[kind]}"
        )
        duck.unregister("batch")
    counted = duck.execute("SELECT count(*) FROM homes").fetchone()
    return int(counted[0]) if counted else 0


def _take_places(duck: duckdb.DuckDBPyConnection, db: Session) -> None:
    """Fills `places`, past and present authorities by what they are now, and `locations`."""
    in_force = local_authorities()
    now_called = {code: code for code in in_force}
    now_called |= {past.code: past.successor_code for past in predecessors().values()}
    known = pa.table(  # noqa: F841 (DuckDB reads it by its name)
        {
            "code": list(now_called),
            "la": list(now_called.values()),
            "region": [in_force[code].region_code for code in now_called.values()],
        }
    )
    duck.execute("CREATE TABLE places AS SELECT * FROM known")
    located = list(db.execute(select(Location.id, Location.local_authority)))
    stored = pa.table(  # noqa: F841
        {
            "id": pa.array([number for number, _ in located], pa.int64()),
            "la": pa.array([code for _, code in located], pa.string()),
        }
    )
    duck.execute("CREATE TABLE locations AS SELECT * FROM stored")


def _given(from_year: int) -> str:
    """Where a home is: the authority by which its log was judged."""
    if from_year < OWN_AUTHORITY_FIRST:
        return "coalesce(l.la, h.la, h.place)"
    return "coalesce(h.la, l.la, h.place)"


def _batches(db: Session, kind: Kind, from_year: int) -> Iterator[pa.Table]:
    """Column place and the answers that are read, as text, of valid logs.

    The database takes the answers out of their documents: a document has some hundred of them.
    """
    names = list(_ANSWERS[kind])
    query = (
        select(Log.local_authority, *(Log.answers[name].as_string() for name in names))
        .where(
            Log.collection == ("lettings" if kind == "rent" else "sales"),
            Log.collection_year == from_year,
            Log.status == "valid",
        )
        .order_by(Log.id)
        .execution_options(yield_per=BATCH)
    )
    for rows in db.execute(query).partitions():
        columns = zip(*rows, strict=True)
        yield pa.table([pa.array(column, pa.string()) for column in columns], ["place", *names])


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
    for candidate in (lettype, *similar_types(lettype)):
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


def similar_types(lettype: int) -> list[int]:
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
