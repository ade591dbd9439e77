"""What came of each row of a file: its log, and every error by row, field number and question."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from data_access.uploads import Upload
from submission.collection import Collection
from submission.uploads.layout import fields_of

VERDICTS = {
    "valid": "Valid",
    "invalid": "Invalid",
    "refused": "No log made",
}
SEVERITIES = {
    "setup": "Must be put right",
    "hard": "Must be put right",
    "missing": "Must be put right",
    "soft": "Please check",
}
COLUMNS = (
    "row",
    "log",
    "result",
    "tenancy_code",
    "property_reference",
    "field_numbers",
    "question",
    "value_given",
    "severity",
    "what_to_do",
)


# Of the rows that share a cause so many are named.
FIRST_ROWS = 5
SOFT = "soft"
# What a message says of one row only: the value given, other rows, a log.
_GIVEN = re.compile(r": '.*' (?=is |does )", re.DOTALL)
_OTHER_ROWS = re.compile(r"^Rows? \d[\d, ]*(?: and \d+ more)? describes?\b")
_LOG = re.compile(r"\bLog \d+ is\b")


@dataclass(frozen=True)
class RowError:
    """One error: where it stands in the layout, what is asked there, what was given, what to do."""

    fields: list[int]
    question: str
    given: str
    severity: str
    message: str

    @property
    def order(self) -> tuple[bool, list[int]]:
        """Must-fix before please-check, then by field number."""
        return self.severity == SOFT, self.fields


@dataclass
class RowReport:
    """One record of the file. `row` is the spreadsheet's; a refused row has no log."""

    row: int
    verdict: str
    tenancy_code: str = ""
    property_reference: str = ""
    log_id: int | None = None
    errors: list[RowError] = field(default_factory=list)


def row_error(
    collection: Collection,
    variables: Iterable[str],
    raw: Mapping[int, str],
    severity: str,
    message: str,
    fields: Iterable[int] = (),
) -> RowError:
    """An error told in the terms of the file; `raw` has the row's values by field number."""
    places = fields_of(collection)
    names = [name for name in variables if name in collection.variables]
    numbers = list(fields) or list(dict.fromkeys(n for name in names for n in places.get(name, ())))
    labels = list(dict.fromkeys(collection.variables[name].label for name in names))
    given = [f"{raw[number]}" for number in numbers if raw.get(number)]
    return RowError(numbers, "; ".join(labels), " / ".join(given[:8]), severity, message)


def as_document(rows: Iterable[RowReport]) -> list[dict[str, Any]]:
    """The report as it is kept with the upload; what must be put right stands first in each row."""
    for row in rows:
        row.errors.sort(key=lambda error: error.order)
    return [asdict(row) for row in rows]


def rows_of(upload: Upload) -> list[RowReport]:
    """The kept report of an upload by row number; in each row must-fix before please-check."""
    found = [
        RowReport(
            **{
                **row,
                "errors": sorted(
                    (RowError(**error) for error in row["errors"]), key=lambda error: error.order
                ),
            }
        )
        for row in upload.report
    ]
    return sorted(found, key=lambda row: row.row)


@dataclass(frozen=True)
class Cause:
    """The same error in one row or many: `count` rows, the first of them named."""

    severity: str
    fields: tuple[int, ...]
    question: str
    message: str
    count: int
    first_rows: tuple[int, ...]


def causes_in(rows: Iterable[RowReport]) -> list[Cause]:
    """Every cause of errors once, most frequent first; of equally frequent ones must-fix first.

    Errors have one cause when they stand in the same fields and say the same apart from what was
    given.
    """
    found: dict[tuple[bool, tuple[int, ...], str], tuple[RowError, list[int]]] = {}
    for row in rows:
        for error in row.errors:
            key = (error.severity == SOFT, tuple(error.fields), without_values(error.message))
            _, places = found.setdefault(key, (error, []))
            if places[-1:] != [row.row]:
                places.append(row.row)
    causes = [
        Cause(
            error.severity, fields, error.question, words, len(places), tuple(places[:FIRST_ROWS])
        )
        for (_, fields, words), (error, places) in found.items()
    ]
    return sorted(causes, key=lambda c: (-c.count, c.severity == SOFT, c.fields, c.message))


def without_values(message: str) -> str:
    """A message without what is true of one row only."""
    words = message.partition(" Given: ")[0]
    words = _GIVEN.sub(": what was given ", words)
    words = _OTHER_ROWS.sub("Another row describes", words)
    return _LOG.sub("A log is", words)


def report_csv(upload: Upload) -> bytes:
    """The report as a CSV file with a byte order mark, so that Excel reads it as UTF-8.

    One line for each error, and one for each row without any.
    """
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow(COLUMNS)
    for row in rows_of(upload):
        start = [
            row.row,
            row.log_id or "",
            VERDICTS[row.verdict],
            _plain(row.tenancy_code),
            _plain(row.property_reference),
        ]
        for error in row.errors:
            numbers = " ".join(str(number) for number in error.fields)
            writer.writerow(
                [
                    *start,
                    numbers,
                    error.question,
                    _plain(error.given),
                    SEVERITIES[error.severity],
                    error.message,
                ]
            )
        if not row.errors:
            writer.writerow([*start, "", "", "", "", ""])
    return made.getvalue().encode("utf-8-sig")


def _plain(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text
