"""Taking in the rows of a file: tried out first, then done.

Trying out is doing it and rolling back, so that what is foretold is what will happen: a name that
two rows of a file want, or that somebody has, is found in the same way both times.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy.exc import IntegrityError

from data_access.audit import record
from data_access.imports import ImportFile, begin_writing, claim
from data_access.versions import ChangedMeanwhile
from portal.exchange.kinds import CHANGED, NEW, SAME, WRONG, Kind, RowWrong, Setting, TakenMeanwhile
from portal.plain_text import tidy
from portal.tables.reading import TableRow

_TRIES = 3
# Rows that are named where several are at fault.
_ROWS_NAMED = 5
OUTCOMES = (NEW, CHANGED, SAME, WRONG)


class ChangedSince(Exception):
    """What the file would do has changed since somebody looked at it; nothing was imported."""


class ImportedAlready(Exception):
    """The file's right rows are imported already."""


@dataclass(frozen=True)
class RowReport:
    """What becomes of a row. `errors` are pairs of a heading and a message."""

    number: int
    outcome: str
    what: str
    address: str = ""
    changes: list[list[str]] = field(default_factory=list)
    errors: list[list[str]] = field(default_factory=list)


def as_stored(report: Sequence[RowReport]) -> list[Any]:
    """A report as JSON can hold it."""
    stored: list[Any] = json.loads(json.dumps([asdict(row) for row in report]))
    return stored


def report_of(file: ImportFile) -> list[RowReport]:
    """The report of a stored file."""
    return [RowReport(**row) for row in file.report]


def counts_of(report: Sequence[RowReport]) -> dict[str, int]:
    """How many rows have each outcome."""
    return {name: sum(row.outcome == name for row in report) for name in OUTCOMES}


def try_out(setting: Setting, kind: Kind, rows: Sequence[TableRow]) -> list[RowReport]:
    """What importing the rows would do. Nothing is kept."""
    for attempt in range(_TRIES):
        begin_writing(setting.db)
        try:
            report = _take_in(setting, kind, rows)
        except (IntegrityError, ChangedMeanwhile, TakenMeanwhile):
            setting.db.rollback()
            if attempt == _TRIES - 1:
                raise
        else:
            setting.db.rollback()
            return [_without_new_address(row) for row in report]
    raise AssertionError("The last try returns or raises")


def import_right_rows(
    setting: Setting, kind: Kind, file: ImportFile, seen_version: int
) -> list[RowReport]:
    """Imports the rows of a file that are right, all in one transaction, and commits.

    Every row is checked anew. Raises ImportedAlready, and ChangedSince when the rows would do
    something else by now than the report said that somebody has seen; the new report is stored.
    """
    db, number = setting.db, file.id
    rows = [TableRow(at, values) for at, values in file.rows]
    for attempt in range(_TRIES):
        # Read before the claim, which counts the version up.
        seen, version = report_of(file), file.version
        if not claim(db, file):
            db.rollback()
            raise ImportedAlready
        try:
            report = _take_in(setting, kind, rows)
        except (IntegrityError, ChangedMeanwhile, TakenMeanwhile):
            db.rollback()
            if attempt == _TRIES - 1:
                raise
            file = db.get_one(ImportFile, number)
            continue
        if version != seen_version or _bare(report) != _bare(seen):
            db.rollback()
            file = db.get_one(ImportFile, number)
            file.report = as_stored([_without_new_address(row) for row in report])
            file.version += 1
            db.commit()
            raise ChangedSince
        file.report = as_stored(report)
        detail = {"kind": kind.name, "file": file.file_name, **counts_of(report)}
        record(db, setting.by.id, "file_imported", ("import", number), detail)
        db.commit()
        return report
    raise AssertionError("The last try returns or raises")


def _bare(report: Sequence[RowReport]) -> list[Any]:
    """A report without addresses: a new thing has one only once it is there."""
    return [(row.number, row.outcome, row.what, row.changes, row.errors) for row in report]


def _without_new_address(row: RowReport) -> RowReport:
    if row.outcome != NEW:
        return row
    return RowReport(row.number, row.outcome, row.what, "", row.changes, row.errors)


def _take_in(setting: Setting, kind: Kind, rows: Sequence[TableRow]) -> list[RowReport]:
    take = kind.begin(setting)
    first: dict[tuple[str, ...], int] = {}
    twice = _standing_twice(kind, rows)
    report = []
    for row in rows:
        texts = tuple(row.values.values())
        if texts in first:
            words = f"This row is the same as row {first[texts]:,}. Take one of them out"
            report.append(_wrong(kind, row, {"": words}))
            continue
        first[texts] = row.number
        if row.number in twice:
            report.append(_wrong(kind, row, twice[row.number]))
            continue
        try:
            with setting.db.begin_nested():
                done = take(row.values)
        except RowWrong as wrong:
            report.append(_wrong(kind, row, wrong.errors))
        else:
            changes = [list(change) for change in done.changes]
            report.append(RowReport(row.number, done.outcome, done.what, done.address, changes))
    return report


def _standing_twice(kind: Kind, rows: Sequence[TableRow]) -> dict[int, dict[str, str]]:
    """What is wrong with rows that share what only one may have, by row number and column.

    Each of them would undo what the one before did, and nobody can tell which was meant. Of rows
    that are the same throughout the first counts: the others are told so anyway.
    """
    different = {tuple(row.values.values()): row for row in reversed(rows)}.values()
    wrong: dict[int, dict[str, str]] = {}
    for column in kind.once:
        found: dict[str, list[TableRow]] = {}
        for row in sorted(different, key=lambda row: row.number):
            text = tidy(row.values.get(column, "")).casefold()
            if text:
                found.setdefault(text, []).append(row)
        for shared in found.values():
            if len(shared) < 2:
                continue
            text = tidy(shared[0].values[column])[:100]
            words = (
                f"{text} stands in the file {'twice' if len(shared) == 2 else 'several times'}, "
                f"rows {_listed([row.number for row in shared])}. Keep one of these rows, or make "
                "them different"
            )
            for row in shared:
                wrong.setdefault(row.number, {})[column] = words
    return wrong


def _listed(numbers: Sequence[int]) -> str:
    """Numbers of rows in words: the first few, and how many more there are."""
    shown = [f"{number:,}" for number in numbers[:_ROWS_NAMED]]
    more = len(numbers) - len(shown)
    last = f"{more:,} more" if more else shown.pop()
    return f"{', '.join(shown)} and {last}"


def _wrong(kind: Kind, row: TableRow, errors: Mapping[str, str]) -> RowReport:
    headings = kind.headings
    named = [[headings.get(name, ""), message] for name, message in errors.items()]
    return RowReport(row.number, WRONG, _first_text(row), errors=named)


def _first_text(row: TableRow) -> str:
    """How a row that is wrong is called: by its name, or whatever it has."""
    texts = [row.values.get("name", ""), row.values.get("scheme_name", ""), *row.values.values()]
    return next((text for text in texts if text), "")[:200]
