"""Rows of numbered fields, checked: from texts to answers, parties, findings and logs to keep."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from data_access.reference.periods import collection_year_of, year_label
from submission.checker import NO_RANGES, CheckResult, Ranges, Wanted, checker
from submission.collection import Collection, load
from submission.facts import FACTS
from submission.findings import Finding
from submission.requests import (
    UNSAID,
    Request,
    as_result,
    directory_facts,
    fact_value,
    facts_of,
)
from submission.rules import HARD, MISSING, SETUP
from submission.statements import Mode
from submission.tables import DEFINITIONS
from submission.uploads.layout import UNREADABLE, Layout, fields_of, layout
from submission.uploads.registry import Parties, Registry, registry_of_context, resolve
from submission.verdicts import directory_columns
from submission.windows import window

# Without these a row cannot become a log: whose it is, which year and which log type.
_MAKES_A_LOG = {
    "lettings": frozenset(
        [
            *("owning_organisation_id", "managing_organisation_id", "assigned_to_id"),
            *("startdate", "needstype", "rent_type", "lettype"),
        ]
    ),
    "sales": frozenset(
        [
            *("owning_organisation_id", "managing_organisation_id", "assigned_to_id"),
            *("saledate", "ownershipsch"),
        ]
    ),
}
EVENTS = {"lettings": "startdate", "sales": "saledate"}
_local = threading.local()


@dataclass
class CheckedRows:
    """A file's rows after checking, in its order.

    `texts`: answers by variable as text, before the checker. `findings`: by row, with severity
    setup for what keeps a row from becoming a log.
    """

    definition: Collection
    result: CheckResult
    parties: list[Parties]
    texts: pa.Table
    findings: list[list[Finding]]

    def can_become_a_log(self, row: int) -> bool:
        """Whether it is known whose the row is, which year and which log type."""
        return all(finding.severity != SETUP for finding in self.findings[row])


def table_of_rows(rows: Sequence[Sequence[str]], numbers: Sequence[int], count: int) -> pa.Table:
    """Texts of rows by field number as the table that a layout reads: NULL when empty."""
    given = {
        number: pa.array([text.strip() or None for text in column], pa.string())
        for number, column in zip(numbers, zip(*rows, strict=True), strict=True)
    }
    nothing = pa.nulls(len(rows), pa.string())
    return pa.table({f"f{n}": given.get(n, nothing) for n in range(1, count + 1)})


def check_rows(
    collection: str,
    year: int,
    table: pa.Table,
    parties: list[Parties],
    facts: Mapping[str, Sequence[Any]],
    mode: Mode = Mode.SUBMIT,
    ranges: Ranges = NO_RANGES,
    wanted: Wanted = Wanted(),
    use_directory: bool = True,
) -> CheckedRows:
    """Checks rows of a file. `facts` (with "today") go beside those that parties bring."""
    made = layout(collection, year)
    owner_types = pa.array(
        [
            found.facts.get("owning_organisation.provider_type") or known
            for found, known in zip(
                parties,
                facts.get("owning_organisation.provider_type") or [None] * len(parties),
                strict=True,
            )
        ],
        pa.string(),
    )
    answers, failed = _laid_out(made, table, owner_types)
    answers = _with_parties(answers, parties)
    all_facts: dict[str, Sequence[Any]] = dict(facts)
    for name in {name for found in parties for name in found.facts}:
        if name not in FACTS:
            continue
        before = facts.get(name) or [None] * len(parties)
        all_facts[name] = [
            fact_value(FACTS[name], found.facts[name]) if name in found.facts else other
            for found, other in zip(parties, before, strict=True)
        ]
    if use_directory:
        frame = pd.DataFrame(
            {name: answers[name].to_pylist() for name in ("postcode_full", "ppostcode_full")}
        )
        all_facts |= directory_columns(frame, all_facts, year)
    result = checker(collection, year).check(
        answers, all_facts, mode, ranges, wanted, uploaded=True
    )
    findings = [
        _findings_of_row(made, result, row, answers, parties[row], failed[row], facts["today"][row])
        for row in range(len(parties))
    ]
    return CheckedRows(made.collection, result, parties, answers, findings)


def _duck() -> duckdb.DuckDBPyConnection:
    if not hasattr(_local, "duck"):
        _local.duck = duckdb.connect()
        _local.duck.execute((DEFINITIONS / "functions.sql").read_text(encoding="utf-8"))
    connection: duckdb.DuckDBPyConnection = _local.duck
    return connection


def _laid_out(
    made: Layout, table: pa.Table, owner_types: pa.Array
) -> tuple[pa.Table, list[list[int]]]:
    rows = pa.array(range(table.num_rows), pa.int64())
    up = table.append_column("owner_type", owner_types).append_column("row", rows)  # noqa: F841
    found = _duck().sql(made.query).to_arrow_table()
    return found.drop_columns(["row", "failed"]), found["failed"].to_pylist()


def _with_parties(answers: pa.Table, parties: list[Parties]) -> pa.Table:
    names = dict.fromkeys(name for found in parties for name in found.ids)
    for name in names:
        values = [found.ids.get(name) for found in parties]
        texts = pa.array([None if v is None else str(v) for v in values], pa.string())
        answers = answers.append_column(name, texts)
    return answers


def _findings_of_row(
    made: Layout,
    result: CheckResult,
    row: int,
    answers: pa.Table,
    parties: Parties,
    failed: list[int],
    today: date,
) -> list[Finding]:
    name = made.collection.name
    found: list[Finding] = []
    told: set[str] = set()
    for problem in parties.problems:
        severity = SETUP if problem.stops else MISSING if problem.missing else HARD
        rule = MISSING if problem.missing else f"{problem.variable.removesuffix('_id')}_unknown"
        found.append(Finding(rule, severity, (problem.variable,), problem.message))
        told.add(problem.variable)
    found += _outside_file_year(made, answers, row, today)
    for number in failed:
        check = made.checks[number]
        found.append(Finding(check.id, check.severity, check.variables, check.message))
        told |= set(check.variables)
    for finding in result.findings[row]:
        if finding.severity == MISSING and told & set(finding.fields):
            continue
        if finding.rule == "answer_not_offered" and told & set(finding.fields):
            continue
        is_missing = finding.severity == MISSING or finding.rule.startswith("answer_")
        is_date = finding.rule in ("start_date_not_a_date", "saledate_not_real")
        if (is_missing or is_date) and _MAKES_A_LOG[name] & set(finding.fields):
            found.append(replace(finding, severity=SETUP))
        else:
            found.append(finding)
    unique = dict.fromkeys(found)
    return sorted(unique, key=lambda f: (f.severity == "soft", f.severity != SETUP))


def _outside_file_year(made: Layout, answers: pa.Table, row: int, today: date) -> list[Finding]:
    """A row whose date is not of the year the file is for."""
    variable = EVENTS[made.collection.name]
    text = answers[variable][row].as_py()
    if text is None or text.startswith(UNREADABLE):
        return []
    day = date.fromisoformat(text)
    last = window(made.collection.name, made.year).new_until
    if collection_year_of(day) == made.year or (day >= date(made.year, 4, 1) and day <= last):
        return []
    words = (
        f"This date is not in the collection year {year_label(made.year)}, which this file is "
        "for. Correct it, or put the row into a file of its own year."
    )
    return [Finding("date_outside_file_year", SETUP, (variable,), words)]


def check_columns(
    collection: str, year: int, mode: Mode, part: list[Request]
) -> list[dict[str, Any]]:
    """Results of requests that give upload columns, in their order."""
    definition = load(collection, year)
    made = layout(collection, year)
    count = len(definition.upload_columns)
    numbers = list(range(1, count + 1))
    rows = [[(request.columns or {}).get(n, "") for n in numbers] for request in part]
    table = table_of_rows(rows, numbers, count)
    parties = []
    for at, request in enumerate(part):
        registry = registry_of_context(request.context)
        [found] = resolve(registry, made, table.slice(at, 1))
        parties.append(found)
    facts, ranges = facts_of(part, year)
    for request, found, at in zip(part, parties, range(len(part)), strict=True):
        texts = _laid_out(made, table.slice(at, 1), pa.array([None], pa.string()))[0]
        wanted = [texts["postcode_full"][0].as_py(), texts["ppostcode_full"][0].as_py()]
        wanted.append(found.facts.get("location.postcode"))
        known = directory_facts(request.context.get("postcodes") or {}, wanted, year)
        for name, value in known.items():
            facts.setdefault(name, [None] * len(part))[at] = value
    inner = Mode.SUBMIT if mode is Mode.SAVE else mode
    checked = check_rows(
        collection,
        year,
        table,
        [_with_unsaid(found) for found in parties],
        facts,
        inner,
        ranges,
        Wanted(asked=True),
        use_directory=False,
    )
    fields = fields_of(definition)
    return [
        as_result(definition, request.id, checked.result, row, checked.findings[row], fields)
        for row, request in enumerate(part)
    ]


def _with_unsaid(found: Parties) -> Parties:
    """Whoever is named but not known counts as given: what is wrong has been said already."""
    ids = dict(found.ids)
    for name in ("owning_organisation_id", "managing_organisation_id", "assigned_to_id"):
        ids.setdefault(name, UNSAID)
    return replace(found, ids=ids)


__all__ = ["CheckedRows", "Registry", "check_columns", "check_rows", "table_of_rows"]
