"""What people must decide before a new collection year, as far as the tables can tell."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from data_access.reference.periods import year_label
from submission.collection import COLLECTIONS, Collection, build
from submission.documents.words import Conditions
from submission.tables import TableRow, Tables

WINDOWS = "windows.csv"
FUNCTIONS = "functions.sql"
# Tables in which an open row has an empty last year; elsewhere the newest year stands in it.
_LEFT_OPEN = ("rules", "derivations")
_WORDS = {
    "questions": ("label", "public_label"),
    "codes": ("label",),
    "sections": ("label",),
    "placements": (),
    "upload_columns": ("normalisation",),
    "rules": ("message", "note"),
    "derivations": ("meaning",),
}
_EXPRESSIONS = {
    "questions": ("asked_if", "optional_if"),
    "codes": ("offered_if",),
    "sections": ("asked_if", "listed_if"),
    "placements": ("asked_if",),
    "upload_columns": (),
    "rules": ("applies_if", "fails_if"),
    "derivations": ("applies_if", "expression"),
}
ENDS, ANSWERS, OLD_YEAR, CONDITIONS, DATES, RANGES, LAYOUT, QUESTIONS = (
    "What was to end",
    "Answers carried on",
    "Words that name the old year",
    "Conditions that name the old or the new year",
    "Dates to confirm",
    "Ranges to load or derive",
    "Upload layouts carried on",
    "Questions carried on",
)
HEADINGS = (ENDS, CONDITIONS, OLD_YEAR, DATES, RANGES, LAYOUT, QUESTIONS, ANSWERS)


@dataclass(frozen=True)
class Decision:
    """Something that people must decide. `row` is that of the new table, 0 for none.

    `expression` is the SQL that `words` are about, where they are about some.
    """

    heading: str
    file: str
    row: int
    subject: str
    words: str
    expression: str = ""


def rows_of(file: Path) -> list[list[str]]:
    """The rows of a table as they stand, headings first."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.reader(opened))


def decisions_of(
    old: Tables, new: Tables, made: Sequence[Collection], folder: Path, newest: int
) -> list[Decision]:
    """All decisions. `new` are tables in `folder` that hold one year more than `old`.

    `made` are their collections of the new year; without them, because the tables are not sound,
    nothing is told of conditions and layouts.
    """
    found = [*_endings(old, newest), *_dates(folder / WINDOWS, newest + 1), *_ranges(newest)]
    found += _old_words(old, newest)
    if made:
        found += [*_conditions(old, new, newest), *_layouts(made, newest)]
    return found + _functions(folder / FUNCTIONS, newest)


def _endings(tables: Tables, newest: int) -> list[Decision]:
    """Rules and derivations with a last year, and how many answers and questions go on."""
    found = [
        Decision(
            ENDS,
            row.file,
            row.number,
            _subject(row),
            f"The table lets it end with {year_label(newest)}; in the copy it goes on. Let it end, "
            "or leave its last year empty.",
        )
        for table in _LEFT_OPEN
        for row in getattr(tables, table)
        if row["last_year"] == str(newest)
    ]
    lists: dict[str, list[TableRow]] = {}
    for row in tables.codes:
        if row["last_year"] == str(newest):
            lists.setdefault(row["list"], []).append(row)
    for name, rows in lists.items():
        new = sum(row["first_year"] == str(newest) for row in rows)
        told = f"{len(rows)} answers end with {year_label(newest)} in the table and go on"
        told += f"; {new} of them came in {year_label(newest)}" if new else ""
        found.append(
            Decision(ANSWERS, "codes.csv", rows[0].number, name, f"{told}. Are they still offered?")
        )
    for collection in COLLECTIONS:
        rows = [row for row in tables.questions if row["collection"] == collection]
        counts = Counter(row["last_year"] == str(newest) for row in rows)
        found.append(
            Decision(
                QUESTIONS,
                "questions.csv",
                0,
                collection,
                f"{counts[True]} questions go on with their wording, order and question numbers. "
                "Hold them against the questionnaire of the new year.",
            )
        )
    return found


def _dates(file: Path, year: int) -> list[Decision]:
    rows = rows_of(file)
    heading = rows[0]
    found = []
    for number, row in enumerate(rows[1:], start=2):
        named = dict(zip(heading, row, strict=True))
        if named["year"] != str(year):
            continue
        told = ", ".join(
            f"{column} {text}" for column, text in named.items() if re.match(r"\d{4}-", text)
        )
        words = f"Proposed, 52 weeks after those of the year before: {told}."
        subject = f"{named['collection']} {year_label(year)}"
        found.append(Decision(DATES, WINDOWS, number, subject, words))
    return found


def _ranges(newest: int) -> list[Decision]:
    year = newest + 1
    commands = (
        f"Load the official table (core-portal ranges load FILE --year {year}), or derive one "
        f"(core-portal ranges derive --from {newest} --for {year}). Until then logs are held "
        "against none."
    )
    return [Decision(RANGES, "", 0, kind, commands) for kind in ("usual rents", "usual prices")]


def _old_words(tables: Tables, newest: int) -> list[Decision]:
    named = re.compile(rf"\b{newest}\b")
    return [
        Decision(OLD_YEAR, row.file, row.number, f"{_subject(row)}, {column}", row[column])
        for table, columns in _WORDS.items()
        for row in getattr(tables, table)
        if row.holds(newest)
        for column in columns
        if named.search(row[column])
    ]


def _conditions(old: Tables, new: Tables, newest: int) -> list[Decision]:
    """Conditions that name the years, with what becomes of them; first those that change."""
    before, after = _tellers(old, newest), _tellers(new, newest + 1)
    named = re.compile(rf"\b({newest}|{newest + 1})\b")
    found: list[tuple[int, Decision]] = []
    for table, columns in _EXPRESSIONS.items():
        for row in getattr(new, table):
            if not row.holds(newest + 1):
                continue
            for column in columns:
                if not named.search(row[column]):
                    continue
                order, told = _effect(row, column, before, after, newest)
                where = f"{_subject(row)}, {column}"
                decision = Decision(CONDITIONS, row.file, row.number, where, told, row[column])
                found.append((order, decision))
    return [decision for _, decision in sorted(found, key=lambda pair: pair[0])]


def _tellers(tables: Tables, year: int) -> dict[str, Conditions]:
    return {name: Conditions(tables, build(tables, name, year)) for name in COLLECTIONS}


def _effect(
    row: TableRow,
    column: str,
    before: dict[str, Conditions],
    after: dict[str, Conditions],
    newest: int,
) -> tuple[int, str]:
    """What becomes of a condition, and where it comes in the list."""
    year = newest + 1
    # Code lists are of no one collection; their conditions are told with the words of the first.
    name = row.values.get("collection") or COLLECTIONS[0]
    persons = row.values.get("persons", "")
    old = before[name].words(row[column], persons) if column != "expression" else None
    new = after[name].words(row[column], persons) if column != "expression" else None
    if old is None or new is None:
        return 1, f"Read what it comes to in {year_label(year)}: {row[column]}"
    if old == new:
        return 2, f"Means the same in both years: {old.text}."
    return 0, f"In {year_label(newest)}: {old.text}. In {year_label(year)}: {new.text}."


def _functions(file: Path, newest: int) -> list[Decision]:
    named = re.compile(rf"\b({newest}|{newest + 1})\b")
    lines = file.read_text(encoding="utf-8").splitlines()
    return [
        Decision(CONDITIONS, FUNCTIONS, number, "function", line.strip())
        for number, line in enumerate(lines, start=1)
        if named.search(line) and not line.startswith("--")
    ]


def _layouts(made: Iterable[Collection], newest: int) -> list[Decision]:
    return [
        Decision(
            LAYOUT,
            "upload_columns.csv",
            0,
            collection.name,
            f"{len(collection.upload_columns)} fields, numbered as in {year_label(newest)}. Hold "
            "their number, order and accepted values against the new year's specification.",
        )
        for collection in made
    ]


def _subject(row: TableRow) -> str:
    """A row by what people call it."""
    names = [
        row.values[column]
        for column in ("collection", "id", "list", "code", "subsection", "variable", "field")
        if row.values.get(column)
    ]
    if row.file in ("questions.csv", "placements.csv"):
        names = [row["collection"], row["variable"]]
    return " ".join(names)
