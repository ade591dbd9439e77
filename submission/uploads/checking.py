"""Checking a file without storing anything: for a person at a terminal or another program.

The form of the document is a contract: docs/checking-from-outside.md describes it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

import pandas as pd

from data_access.reference.log_types import LOG_TYPES, log_type_of
from data_access.reference.periods import year_label
from submission.collection import Collection, load
from submission.findings import Finding
from submission.requests import (
    Request,
    directory_facts,
    facts_of,
    finding_as_json,
    shown_rows,
)
from submission.rules import SOFT
from submission.statements import statements
from submission.uploads.column_requests import columns_in_row
from submission.uploads.given_registry import registry_of_context
from submission.uploads.laying_out import table_of_rows
from submission.uploads.layout import fields_of, layout
from submission.uploads.reading import UploadTable
from submission.uploads.repeats import stored_of_context
from submission.uploads.rows import CheckedRows, Directory, check_in_parts
from submission.verdicts import directory_columns, verdict

SETUP_STATUS = "refused"


@dataclass
class CheckedRow:
    """One row. `status`: valid, invalid, or refused (no log can be made of it)."""

    row: int
    status: str
    log_type: str | None
    findings: list[Finding]
    given: dict[int, str]
    log: dict[str, Any] | None


@dataclass
class CheckedFile:
    """A file after checking. `file_findings` concern the file as a whole."""

    definition: Collection
    rows: list[CheckedRow]
    file_findings: list[str] = field(default_factory=list)

    @property
    def log_types(self) -> list[str]:
        """The log types that the file has rows of."""
        return sorted({row.log_type for row in self.rows if row.log_type})

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to mend and nothing to confirm."""
        return not self.file_findings and not any(row.findings for row in self.rows)


def check_file(
    table: UploadTable,
    context: Mapping[str, Any],
    today: date,
    log_type: str | None = None,
    with_logs: bool = True,
) -> CheckedFile:
    """Checks a file's rows against what `context` says (see docs/checking-from-outside.md).

    Postcodes are looked up in the context's directory when it has one, else in the portal's own.
    """
    definition = load(table.collection, table.year)
    one = Request.read(
        {
            "collection": table.collection,
            "year": table.year,
            "today": today.isoformat(),
            "columns": {},
            "context": dict(context),
        }
    )
    facts, ranges = facts_of([one], table.year)
    directory: Directory = directory_columns
    if "postcodes" in context:
        directory = partial(_looked_up, context["postcodes"] or {})
    existing = stored_of_context(table.collection, table.year, context)
    found = CheckedFile(definition, [])
    kept = statements(table.collection, table.year).types
    for places, checked in check_in_parts(
        table.collection,
        table.year,
        table_of_rows(table.rows, len(definition.upload_columns)),
        table.row_numbers,
        registry_of_context(context),
        {name: values[0] for name, values in facts.items()},
        ranges,
        directory,
        lambda _: existing,
    ):
        types = _log_types(table.collection, checked)
        logs = shown_rows(definition, checked.result) if with_logs else None
        for at, place in enumerate(places):
            found.rows.append(
                CheckedRow(
                    table.row_numbers[place],
                    _status(checked, at),
                    types[at],
                    [finding for finding in checked.findings[at] if not finding.confirmed],
                    _given(table, place) if checked.findings[at] else {},
                    None if logs is None else {n: logs[at][n] for n in kept},
                )
            )
    if log_type is not None:
        found.file_findings += _of_another_type(log_type, found.rows)
    return found


def _given(table: UploadTable, place: int) -> dict[int, str]:
    return {int(str(n)): str(text) for n, text in table.rows.iloc[place].items() if text}


def _status(checked: CheckedRows, at: int) -> str:
    if not checked.can_become_a_log(at):
        return SETUP_STATUS
    return verdict([finding.as_document() for finding in checked.findings[at]])


def _looked_up(
    known: Mapping[str, str],
    postcodes: pd.DataFrame,
    facts: Mapping[str, Sequence[Any]],
    year: int,
) -> dict[str, list[Any]]:
    rows = len(postcodes)
    places = facts.get("location.postcode") or [None] * rows
    found: dict[str, list[Any]] = {}
    for at, texts in enumerate(postcodes.itertuples(index=False, name=None)):
        for name, value in directory_facts(known, [*texts, places[at]], year).items():
            found.setdefault(name, [None] * rows)[at] = value
    return found


def _log_types(collection: str, checked: CheckedRows) -> list[str | None]:
    answers = checked.result.answers
    if collection == "sales":
        return [log_type_of("sales", None, None)] * len(checked.findings)
    kinds = zip(answers["rent_type"], answers["needstype"], strict=True)
    return [log_type_of("lettings", rent, needs) for rent, needs in kinds]


def _of_another_type(wanted: str, rows: Sequence[CheckedRow]) -> list[str]:
    others = [row for row in rows if row.log_type not in (None, wanted)]
    found = []
    for kind, count in Counter(row.log_type for row in others).most_common():
        first = next(row.row for row in others if row.log_type == kind)
        what = "1 row is" if count == 1 else f"{count:,} rows are"
        found.append(
            f"{what} of another log type, {LOG_TYPES[kind or ''].label} (first in row {first}), "
            f"though the file should hold {LOG_TYPES[wanted].label} only. Move them to a file of "
            "their own, or correct their needs type and rent type."
        )
    return found


def as_document(found: CheckedFile) -> dict[str, Any]:
    """The file's findings and logs, ready for JSON."""
    fields = fields_of(found.definition)
    made = layout(found.definition.name, found.definition.year)
    return {
        "collection": found.definition.name,
        "year": found.definition.year,
        "log_types": found.log_types,
        "file_findings": [{"message": words} for words in found.file_findings],
        "rows": [
            {
                "row": row.row,
                "status": row.status,
                "findings": [
                    {
                        **finding_as_json(finding, fields),
                        "columns": columns_in_row(made, finding.fields, row.given),
                    }
                    for finding in row.findings
                ],
                "log": row.log,
            }
            for row in found.rows
        ],
    }


def in_words(found: CheckedFile, most: int = 20) -> str:
    """The findings as lines of text: what is told of the file, then causes, most frequent first."""
    counts = Counter(row.status for row in found.rows)
    rows = len(found.rows)
    lines = [
        f"{found.definition.name.capitalize()} {year_label(found.definition.year)}: "
        f"{rows:,} {'row' if rows == 1 else 'rows'}: {counts['valid']:,} valid, "
        f"{counts['invalid']:,} invalid, {counts[SETUP_STATUS]:,} that cannot become a log.",
        *found.file_findings,
    ]
    causes: dict[tuple[bool, str, tuple[str, ...]], list[tuple[int, str]]] = {}
    fields = fields_of(found.definition)
    for row in found.rows:
        for finding in row.findings:
            key = (finding.severity == SOFT, finding.rule, finding.fields)
            causes.setdefault(key, []).append((row.row, finding.message))
    order = sorted(causes.items(), key=lambda item: (item[0][0], -len(item[1]), item[1][0][0]))
    for (soft, rule, names), places in order:
        numbers = sorted({n for name in names for n in fields.get(name, ())})
        where = f"field {', '.join(map(str, numbers[:8]))}" if numbers else "the row"
        shown = ", ".join(str(row) for row, _ in places[:most])
        more = f" and {len(places) - most:,} more" if len(places) > most else ""
        lines.append(
            f"{'Please check' if soft else 'Must be put right'}: {where} ({rule}), "
            f"{len(places):,} {'row' if len(places) == 1 else 'rows'}: {places[0][1]}\n"
            f"    rows {shown}{more}"
        )
    return "\n".join(lines)
