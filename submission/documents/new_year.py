"""A rehearsal of the next collection year: the tables carried forward, and what is left to decide.

Nearly everything of a year is asked again in the next. So the tables are copied with every row that
holds in the old year carried on into the new one, and what people must decide is listed: what was
to end, what names the old year, which dates and ranges are needed. Nothing is taken from anywhere
but the tables, and the project's own tables are not touched.
"""

import csv
import io
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from data_access.reference.periods import year_label
from submission.collection import COLLECTIONS, Collection, build
from submission.documents.decisions import HEADINGS, WINDOWS, Decision, decisions_of, rows_of
from submission.tables import (
    COLUMNS,
    DEFINITIONS,
    DefinitionProblems,
    Problem,
    Tables,
    read_tables,
)

# What is told of a long list of decisions; decisions.csv has all of it.
MOST_TOLD = 30
# A whole number of weeks, so that a deadline stays on its day of the week.
A_YEAR_OF_WEEKS = timedelta(weeks=52)
_WHOLE_NUMBERS = {
    "questions": ("order", "person"),
    "sections": ("order",),
    "placements": ("order", "page_order"),
    "upload_columns": ("field",),
    "derivations": ("order",),
}


class NotTheNextYear(Exception):
    """The tables do not end in the year before. The message says which year is next."""


@dataclass(frozen=True)
class Rehearsal:
    """What came of a rehearsal. By file: rows carried on or added, and rows of the new year."""

    year: int
    folder: Path
    carried: dict[str, int]
    held: dict[str, int]
    decisions: tuple[Decision, ...]
    problems: tuple[Problem, ...]
    collections: tuple[Collection, ...]

    def under(self, heading: str) -> list[Decision]:
        """The decisions under one heading."""
        return [decision for decision in self.decisions if decision.heading == heading]


def years_of(tables: Tables) -> range:
    """The years that the tables hold, by their questions."""
    firsts = [int(row["first_year"]) for row in tables.questions]
    lasts = [int(row["last_year"] or row["first_year"]) for row in tables.questions]
    return range(min(firsts), max(lasts) + 1)


def all_problems(folder: Path = DEFINITIONS) -> list[Problem]:
    """Every problem that the loader finds in a folder's tables, in every collection and year."""
    try:
        tables = read_tables(folder)
    except DefinitionProblems as found:
        return list(found.problems)
    problems = _number_problems(tables)
    if problems:
        return problems
    for name in COLLECTIONS:
        for year in years_of(tables):
            problems += _problems_of(tables, name, year)
    return list(dict.fromkeys(problems))


def rehearse(year: int, folder: Path, own: Path = DEFINITIONS) -> Rehearsal:
    """Writes tables that hold a year more into an empty folder. Raises NotTheNextYear."""
    tables = read_tables(own)
    newest = years_of(tables)[-1]
    if year != newest + 1:
        raise NotTheNextYear(
            f"The tables hold {year_label(newest)} and no later year, so the next is {newest + 1}, "
            f"not {year}."
        )
    shutil.copytree(own, folder, dirs_exist_ok=True)
    carried = {f"{name}.csv": _carry_on(folder / f"{name}.csv", newest) for name in COLUMNS}
    carried[WINDOWS] = _add_windows(folder / WINDOWS, newest)
    problems = all_problems(folder)
    new = read_tables(folder)
    held = {f"{name}.csv": sum(r.holds(year) for r in getattr(new, name)) for name in COLUMNS}
    made = () if problems else tuple(build(new, name, year) for name in COLLECTIONS)
    decisions = decisions_of(tables, new, made, folder, newest)
    return Rehearsal(year, folder, carried, held, tuple(decisions), tuple(problems), made)


def decisions_csv(rehearsal: Rehearsal) -> str:
    """All decisions as a table to work through."""
    made = io.StringIO(newline="")
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(["heading", "file", "row", "subject", "to decide", "SQL"])
    for heading in HEADINGS:
        for found in rehearsal.under(heading):
            row = found.row or ""
            writer.writerow(
                [heading, found.file, row, found.subject, found.words, found.expression]
            )
    return made.getvalue()


def in_words(rehearsal: Rehearsal, folder: str) -> str:
    """What came of a rehearsal, to be read. `folder` is where its files are."""
    year = year_label(rehearsal.year)
    told = [f"A rehearsal of {year}. Tables: {folder}/{rehearsal.folder.name}"]
    for file, count in rehearsal.carried.items():
        held = rehearsal.held.get(file)
        rows = (
            f"{held:,} rows hold, {count:,} of them carried on" if held else f"{count} rows added"
        )
        told.append(f"- {file}: {rows}")
    for heading in HEADINGS:
        found = rehearsal.under(heading)
        told += ["", f"{heading}: {len(found)}"]
        for decision in found[:MOST_TOLD]:
            where = f"{decision.file}, row {decision.row}: " if decision.row else ""
            told.append(f"- {where}{decision.subject}: {decision.words}")
        if len(found) > MOST_TOLD:
            told.append(f"- and {len(found) - MOST_TOLD} more")
    told += ["", f"All of them, with the SQL: {folder}/decisions.csv", ""]
    if rehearsal.problems:
        told.append(f"The copied tables do not load for {year}:")
        told += [f"- {problem}" for problem in rehearsal.problems]
        return "\n".join(told)
    told.append(f"The copied tables load clean for {year}:")
    told += [
        f"- {made.name}: {len(made.variables)} variables, {len(made.pages)} pages, "
        f"{len(made.upload_columns)} upload fields"
        for made in rehearsal.collections
    ]
    return "\n".join(told)


# The copy


def _carry_on(file: Path, newest: int) -> int:
    """Lets rows that end in the newest year end a year later; returns how many."""
    rows = rows_of(file)
    last = rows[0].index("last_year")
    carried = 0
    for row in rows[1:]:
        if row[last] == str(newest):
            row[last] = str(newest + 1)
            carried += 1
    _write(file, rows)
    return carried


def _add_windows(file: Path, newest: int) -> int:
    rows = rows_of(file)
    heading = rows[0]
    made: list[list[str]] = []
    for row in rows[1:]:
        made.append(row)
        if row[heading.index("year")] == str(newest):
            named = dict(zip(heading, row, strict=True))
            made.append([_a_year_on(column, named[column]) for column in heading])
    _write(file, [heading, *made])
    return len(made) + 1 - len(rows)


def _a_year_on(column: str, text: str) -> str:
    if column == "year":
        return str(int(text) + 1)
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return text
    day = date.fromisoformat(text)
    # Collection years begin on 1 April; other dates fall on a day of the week.
    moved = day.replace(year=day.year + 1) if (day.month, day.day) == (4, 1) else None
    return (moved or day + A_YEAR_OF_WEEKS).isoformat()


def _write(file: Path, rows: Iterable[Sequence[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened, lineterminator="\n").writerows(rows)


# Problems


def _problems_of(tables: Tables, name: str, year: int) -> Sequence[Problem]:
    try:
        build(tables, name, year)
    except DefinitionProblems as found:
        return found.problems
    return ()


def _number_problems(tables: Tables) -> list[Problem]:
    return [
        row.problem(column, f"'{row[column]}' is not a whole number")
        for table, columns in _WHOLE_NUMBERS.items()
        for row in getattr(tables, table)
        for column in columns
        if row[column] and not row[column].isdecimal()
    ]
