"""windows.csv: the dates of each collection and year, in their order."""

from collections.abc import Iterator
from datetime import date

from data_access.collection_windows import WindowDates
from data_access.reference.periods import year_label
from submission.collection import COLLECTIONS
from submission.soundness.forms import suggestion
from submission.tables import Problem, TableRow, Tables
from submission.window_changes import NAMES, problems

_NEEDED = frozenset(["opens", "deadline", "new_until", "edit_until"])


def window_problems(tables: Tables, years: range) -> Iterator[Problem]:
    """What is wrong with dates, and which collection and year has none."""
    there: dict[tuple[str, str], TableRow] = {}
    for row in tables.windows:
        if row["collection"] not in COLLECTIONS:
            meant = suggestion(row["collection"], COLLECTIONS)
            words = f"'{row['collection']}' is not one of {', '.join(COLLECTIONS)}{meant}"
            yield row.problem("collection", words)
        first = there.setdefault((row["collection"], row["year"]), row)
        if first is not row:
            words = f"{row['collection']} has dates for {row['year']} already in row {first.number}"
            yield row.problem("year", words)
        yield from _dates(row, years)
    for collection in COLLECTIONS:
        for year in years:
            if tables.windows and (collection, str(year)) not in there:
                last = tables.windows[-1]
                words = f"no row has the dates of {collection} {year_label(year)}; add one"
                yield last.problem("year", words)


def _dates(row: TableRow, years: range) -> Iterator[Problem]:
    if not row["year"].isdecimal() or int(row["year"]) not in years:
        words = f"'{row['year']}' is not a collection year; the years are"
        yield row.problem("year", f"{words} {years[0]} to {years[-1]}")
        return
    days: dict[str, date | None] = {}
    wrong = False
    for name in NAMES:
        if not row[name]:
            days[name] = None
            if name in _NEEDED:
                wrong = True
                yield row.problem(name, "is empty; write a day such as 2026-04-01")
            continue
        try:
            days[name] = date.fromisoformat(row[name])
        except ValueError:
            wrong = True
            yield row.problem(name, f"'{row[name]}' is not a day; write it as 2026-04-01")
    if wrong:
        return
    found = problems(int(row["year"]), WindowDates(**days))  # type: ignore[arg-type]
    for name, words in found.items():
        stored = "; the table has the day after it" if name in ("new_until", "edit_until") else ""
        yield row.problem(name, f"{words}{stored}")
