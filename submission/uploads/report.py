"""What came of each row of a file: its log, and every error by row, field number and question."""

import csv
import io
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


@dataclass(frozen=True)
class RowError:
    """One error: where it stands in the layout, what is asked there, what was given, what to do."""

    fields: list[int]
    question: str
    given: str
    severity: str
    message: str


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
    """The report as it is kept with the upload; each row's hard errors stand first."""
    for row in rows:
        row.errors.sort(key=lambda error: (error.severity == "soft", error.fields[:1]))
    return [asdict(row) for row in rows]


def rows_of(upload: Upload) -> list[RowReport]:
    """The kept report of an upload, in the order of the file."""
    return [
        RowReport(**{**row, "errors": [RowError(**error) for error in row["errors"]]})
        for row in upload.report
    ]


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
