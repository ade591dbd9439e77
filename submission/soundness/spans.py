"""Rows of one thing that overlap, or leave a year out between them."""

from collections.abc import Iterator

from data_access.reference.periods import year_label
from submission.tables import COLUMNS, Problem, TableRow, Tables

# What makes two rows be of one thing, and the column that names it.
_KEYS = {
    "questions": ("variable", ("collection", "variable")),
    "codes": ("code", ("list", "code")),
    "sections": ("subsection", ("collection", "subsection")),
    "placements": ("variable", ("collection", "page", "variable")),
    "upload_columns": ("field", ("collection", "field")),
    "rules": ("id", ("collection", "id")),
    "derivations": (
        "variable",
        ("collection", "variable", "order", "applies_if", "persons"),
    ),
}
# A field number is only a place: what stood there may end and another thing come later.
_MAY_PAUSE = "upload_columns"


def span_problems(tables: Tables, years: range) -> Iterator[Problem]:
    """Years that rows of one thing share, leave out, or have that no collection has."""
    for table in COLUMNS:
        name, key = _KEYS[table]
        groups: dict[tuple[str, ...], list[TableRow]] = {}
        for row in getattr(tables, table):
            groups.setdefault(tuple(row[column] for column in key), []).append(row)
            yield from _outside(row, years)
        for rows in groups.values():
            if len(rows) > 1:
                yield from _between(table, name, rows, years)


def _between(table: str, name: str, rows: list[TableRow], years: range) -> Iterator[Problem]:
    ordered = sorted(rows, key=lambda row: (int(row["first_year"]), row.number))
    before = ordered[0]
    for row in ordered[1:]:
        first, ended = int(row["first_year"]), _last(before, years)
        if first <= ended:
            yield _twice(table, name, before, row, years)
        elif ended + 1 < first <= years[-1] and table != _MAY_PAUSE:
            gap = year_label(ended + 1)
            if first > ended + 2:
                gap += f" to {year_label(first - 1)}"
            words = (
                f"{row[name]} is missing in {gap}: row {before.number} ends with "
                f"{year_label(ended)}; let this begin in {ended + 1}, or that end in {first - 1}"
            )
            yield row.problem("first_year", words)
        if _last(row, years) >= ended:
            before = row


def _twice(table: str, name: str, one: TableRow, two: TableRow, years: range) -> Problem:
    # Of two rows the later in the file is the one that was added.
    first, second = sorted((one, two), key=lambda row: row.number)
    same = (one["first_year"], one["last_year"]) == (two["first_year"], two["last_year"])
    if table == "upload_columns":
        shared = year_label(max(int(one["first_year"]), int(two["first_year"])))
        words = (
            f"column {second[name]} is described twice in {shared}: in row {first.number} too; "
            "give one of the two another number"
        )
        return second.problem("field", words)
    if same:
        words = f"{second[name]} stands in row {first.number} for the same years"
        return second.problem(name, f"{words}; take one of the two away or rename it")
    last = min(_last(one, years), _last(two, years))
    start = max(int(one["first_year"]), int(two["first_year"]))
    words = (
        f"{second[name]} stands in row {first.number} too for {year_label(start)}"
        f"{'' if start == last else f' to {year_label(last)}'}; let one end before the other begins"
    )
    return second.problem("first_year", words)


def _outside(row: TableRow, years: range) -> Iterator[Problem]:
    first, last = int(row["first_year"]), row["last_year"]
    if first > years[-1]:
        words = f"{first} is later than the last collection year, {years[-1]}"
        yield row.problem("first_year", f"{words}; windows.csv has no dates for it")
    elif first < years[0]:
        words = f"{first} is earlier than the first collection year; write {years[0]}"
        yield row.problem("first_year", words)
    if last and int(last) > years[-1]:
        words = f"{last} is later than the last collection year, {years[-1]}"
        yield row.problem("last_year", f"{words}; windows.csv has no dates for it")


def _last(row: TableRow, years: range) -> int:
    return int(row["last_year"]) if row["last_year"] else max(years[-1], int(row["first_year"]))
