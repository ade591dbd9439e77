"""Rows of numbered fields, checked: from texts to answers, parties, findings and logs to keep."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_access.reference.periods import collection_year_of, year_label
from submission.checker import NO_RANGES, CheckResult, Ranges, Wanted, checker
from submission.collection import Collection, load
from submission.columns import EVENT_DATES
from submission.duplicates import Key, compared, stored_key
from submission.facts import FACTS
from submission.findings import Finding
from submission.questionnaire import set_up_variables
from submission.requests import (
    UNSAID,
    Request,
    as_results,
    directory_facts,
    fact_value,
    facts_of,
)
from submission.rules import HARD, MISSING, SETUP
from submission.statements import Mode
from submission.tables import DEFINITIONS
from submission.uploads.layout import ACCESS_NEEDS, CHARGES, UNREADABLE, Layout, filled_in, layout
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
# Questions of the set-up that decide nothing about what else is asked.
_OF_NO_WEIGHT = frozenset(
    [
        *("declaration", "privacynotice", "scheme_id", "location_id", "tenancycode", "propcode"),
        *("purchid", "assigned_to_id", "managing_organisation_id", "irproduct_other"),
    ]
)
REPEATED, STORED = "row_repeated", "log_exists_already"
# Memory grows with the rows of a part; smaller ones cost more for each row.
PART = 10_000
AT_ONCE = 2
_SAME = {
    "lettings": "the same codes, date, address, person 1 and amounts",
    "sales": "the same codes, date, address and buyer 1",
}
_local = threading.local()
# Of the postcodes of a frame and its facts, which authorities they lie in.
Directory = Callable[[pd.DataFrame, Mapping[str, Sequence[Any]], int], dict[str, list[Any]]]


@dataclass
class CheckedRows:
    """Rows of a file after checking, in its order.

    `findings`: by row, with severity setup for what keeps a row from becoming a log.
    """

    definition: Collection
    result: CheckResult
    findings: list[list[Finding]]

    def can_become_a_log(self, row: int) -> bool:
        """Whether it is known whose the row is, which year and type, and no log is of it yet."""
        return all(f.severity != SETUP and f.rule != STORED for f in self.findings[row])


def table_of_rows(rows: pd.DataFrame, count: int) -> pa.Table:
    """Texts of rows by field number as the table that a layout reads: NULL when empty."""
    given = {}
    for number in rows.columns:
        texts = pc.utf8_trim_whitespace(pa.array(rows[number], pa.string()))
        given[int(number)] = pc.if_else(pc.equal(texts, ""), None, texts)
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
    directory: Directory = directory_columns,
) -> CheckedRows:
    """Checks rows of a file. `facts` (with "today") go beside those that parties bring.

    `directory` says which authorities postcodes lie in.
    """
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
    postcodes = pd.DataFrame(
        {name: answers[name].to_pylist() for name in ("postcode_full", "ppostcode_full")}
    )
    all_facts |= directory(postcodes, all_facts, year)
    result = checker(collection, year).check(
        answers, all_facts, mode, ranges, wanted, uploaded=True
    )
    days = answers[EVENT_DATES[collection]].to_pylist()
    findings = [
        _findings_of_row(made, result, row, days[row], parties[row], failed[row])
        for row in range(len(parties))
    ]
    return CheckedRows(made.collection, result, findings)


def check_in_parts(
    collection: str,
    year: int,
    table: pa.Table,
    rows: Sequence[int],
    registry: Registry,
    facts: Mapping[str, Any],
    ranges: Ranges = NO_RANGES,
    directory: Directory = directory_columns,
    stored: Callable[[CheckResult], Mapping[Key, Any]] | None = None,
) -> Iterator[tuple[range, CheckedRows]]:
    """Checks a file, so many rows at a time that memory stays bounded: positions and what came.

    `rows`: where each row stands in the file. `facts`: the same for all. `stored`: finds the logs
    that are there by what tells them apart (`submission.duplicates.stored_key`), with what to call
    them.
    """
    made = layout(collection, year)
    repeated = _repeated(_telling(made, table))

    def check_part(start: int) -> CheckedRows:
        part = table.slice(start, PART)
        every = {name: [value] * part.num_rows for name, value in facts.items()}
        parties = resolve(registry, made, part)
        return check_rows(
            collection, year, part, parties, every, ranges=ranges, directory=directory
        )

    starts = range(0, table.num_rows, PART)
    # While one part is judged by the database, another is read from it or put into words.
    with ThreadPoolExecutor(AT_ONCE) as pool:
        under_way = deque(pool.submit(check_part, start) for start in starts[:AT_ONCE])
        for number, start in enumerate(starts):
            checked = under_way.popleft().result()
            if number + AT_ONCE < len(starts):
                under_way.append(pool.submit(check_part, starts[number + AT_ONCE]))
            places = range(start, start + len(checked.findings))
            for at, found in zip(places, checked.findings, strict=True):
                if at in repeated:
                    others = [rows[other] for other in repeated[at] if other != at]
                    found.insert(0, _repeated_finding(made, others))
            if stored is not None:
                _tell_stored(made, checked.findings, checked.result, stored(checked.result))
            yield places, checked
    checker(collection, year).rest()


def _telling(made: Layout, table: pa.Table) -> list[str]:
    up = table.append_column("row", pa.array(range(table.num_rows), pa.int64()))  # noqa: F841
    found = _duck().sql(f"SELECT {made.telling_sql} FROM up ORDER BY row").to_arrow_table()
    return list(found.column(0).to_pylist())


def _repeated(telling: Sequence[str]) -> dict[int, list[int]]:
    """By position the positions of all rows of one letting or sale, where there are several."""
    places: dict[str, list[int]] = {}
    for at, key in enumerate(telling):
        places.setdefault(key, []).append(at)
    return {at: same for same in places.values() if len(same) > 1 for at in same}


def _repeated_finding(made: Layout, others: Sequence[int]) -> Finding:
    what = "letting" if made.is_lettings else "sale"
    words = (
        f"{_rows_in_words(others)} the same {what}: {_SAME[made.collection.name]}. Keep the one "
        "that is right and take the others out."
    )
    return Finding(REPEATED, SETUP, made.telling_variables, words)


def _rows_in_words(rows: Sequence[int]) -> str:
    if len(rows) == 1:
        return f"Row {rows[0]} describes"
    shown = ", ".join(map(str, rows[:5]))
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    return f"Rows {shown}{more} describe"


def _tell_stored(
    made: Layout, findings: list[list[Finding]], result: CheckResult, stored: Mapping[Key, Any]
) -> None:
    """Names the rows that describe a log which is there already."""
    if not stored:
        return
    name, year = made.collection.name, made.year
    names = [n for n in compared(name) if n in result.answers]
    columns = [result.answers[n] for n in names]
    for at, values in enumerate(zip(*columns, strict=True)):
        key = stored_key(name, year, dict(zip(names, values, strict=True)))
        if key is None or key not in stored:
            continue
        what = "letting" if made.is_lettings else "sale"
        words = (
            f"Log {stored[key]} is of this {what} already: {_SAME[name]}. Change that log instead, "
            "or correct what differs here."
        )
        findings[at].insert(0, Finding(STORED, HARD, made.telling_variables, words))


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
    day: str | None,
    parties: Parties,
    failed: list[int],
) -> list[Finding]:
    name = made.collection.name
    found: list[Finding] = []
    told: set[str] = set()
    for problem in parties.problems:
        severity = SETUP if problem.stops else MISSING if problem.missing else HARD
        rule = MISSING if problem.missing else f"{problem.variable.removesuffix('_id')}_unknown"
        found.append(Finding(rule, severity, (problem.variable,), problem.message))
        told.add(problem.variable)
    found += _outside_file_year(made, day)
    for number in failed:
        check = made.checks[number]
        found.append(Finding(check.id, check.severity, check.variables, check.message))
        told |= set(check.variables)
    spoken_for = _spoken_for(made, told, result.findings[row])
    for finding in result.findings[row]:
        if finding.severity == MISSING and spoken_for & set(finding.fields):
            continue
        if finding.rule == "answer_not_offered":
            if told & set(finding.fields):
                continue
            if finding.fields[0] in made.wanted:
                words = finding.message.partition(" Enter one of: ")[0]
                finding = replace(finding, message=f"{words} {made.wanted[finding.fields[0]]}")
        is_missing = finding.severity == MISSING or finding.rule.startswith("answer_")
        is_date = finding.rule in ("start_date_not_a_date", "saledate_not_real")
        if (is_missing or is_date) and _MAKES_A_LOG[name] & set(finding.fields):
            found.append(replace(finding, severity=SETUP))
        else:
            found.append(finding)
    unique = dict.fromkeys(_of_open_questions(made, found))
    return sorted(unique, key=lambda f: (f.severity == "soft", f.severity != SETUP))


def _of_open_questions(made: Layout, found: Sequence[Finding]) -> list[Finding]:
    """Without what lacks beyond a set-up question that has no answer yet: it may not be asked."""
    set_up = set_up_variables(made.collection)
    deciding = set_up - _OF_NO_WEIGHT
    is_open = any(
        deciding & set(finding.fields)
        and (finding.rule == MISSING or finding.rule.startswith("answer_"))
        for finding in found
    )
    if not is_open:
        return list(found)
    return [f for f in found if f.severity != MISSING or set(f.fields) & set_up]


def _spoken_for(made: Layout, told: set[str], findings: Sequence[Finding]) -> set[str]:
    """Variables that have no answer because of something told of the row already.

    What cannot be read in one field is no answer either of what else is read from it, of the tick
    boxes beside it, of the other access needs, or, where it is a charge, of the other charges and
    the total.
    """
    if not told and not findings:
        return told
    unreadable = {
        name
        for finding in findings
        if finding.rule.startswith("answer_") or finding.rule.endswith("_not_a_number")
        for name in finding.fields
    }
    found = told | unreadable
    for name in told | unreadable:
        found |= set(made.boxes.get(name, ()))
    if unreadable & set(CHARGES):
        found |= {*CHARGES, "tcharge"}
    if told & set(ACCESS_NEEDS):
        found |= set(ACCESS_NEEDS)
    if unreadable:
        wrong = {number for name in unreadable for number in made.fields.get(name, ())}
        found |= {name for name, numbers in made.fields.items() if wrong.issuperset(numbers)}
    return found


def _outside_file_year(made: Layout, text: str | None) -> list[Finding]:
    """A row whose date is not of the year the file is for."""
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
    return [Finding("date_outside_file_year", SETUP, (EVENT_DATES[made.collection.name],), words)]


def check_columns(
    collection: str, year: int, mode: Mode, part: list[Request]
) -> list[dict[str, Any]]:
    """Results of requests that give upload columns, in their order."""
    definition = load(collection, year)
    made = layout(collection, year)
    count = len(definition.upload_columns)
    numbers = list(range(1, count + 1))
    rows = [[(request.columns or {}).get(n, "") for n in numbers] for request in part]
    table = table_of_rows(pd.DataFrame(rows, columns=pd.Index(numbers), dtype=object), count)
    registries: dict[str, Registry] = {}
    parties = []
    for at, request in enumerate(part):
        key = json.dumps(request.context.get("registry"), sort_keys=True, default=str)
        if key not in registries:
            registries[key] = registry_of_context(request.context)
        [found] = resolve(registries[key], made, table.slice(at, 1))
        parties.append(_with_unsaid(found))
    facts, ranges = facts_of(part, year)

    def directory(
        postcodes: pd.DataFrame, known: Mapping[str, Sequence[Any]], year: int
    ) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        places = known.get("location.postcode") or [None] * len(part)
        for at, request in enumerate(part):
            wanted = [*postcodes.iloc[at].tolist(), places[at]]
            of_row = directory_facts(request.context.get("postcodes") or {}, wanted, year)
            for name, value in of_row.items():
                found.setdefault(name, [None] * len(part))[at] = value
        return found

    inner = Mode.SUBMIT if mode is Mode.SAVE else mode
    checked = check_rows(
        collection, year, table, parties, facts, inner, ranges, Wanted(asked=True), directory
    )
    for at, request in enumerate(part):
        stored = stored_of_context(collection, year, request.context)
        if stored:
            one = [checked.findings[at]]
            _tell_stored(made, one, checked.result.only(at), stored)
    names = [request.id for request in part]
    results = as_results(definition, names, checked.result, checked.findings, made.fields)
    for request, result in zip(part, results, strict=True):
        for finding in result["findings"]:
            finding["columns"] = columns_in_row(made, finding["fields"], request.columns or {})
    return results


def columns_in_row(made: Layout, names: Iterable[str], given: Mapping[int, str]) -> list[int]:
    """The upload columns that variables have in a row, in order."""
    places = (filled_in(made, name, given) for name in names)
    return sorted({number for numbers in places for number in numbers})


def stored_of_context(collection: str, year: int, context: Mapping[str, Any]) -> dict[Key, Any]:
    """Logs that a program says are there already, by what tells them apart."""
    found: dict[Key, Any] = {}
    for number, log in enumerate(context.get("existing_logs") or (), start=1):
        answers = log.get("answers", log.get("log", log))
        if log.get("status") in ("dropped", "deleted", "pending", 3, 4):
            continue
        key = stored_key(collection, year, answers)
        if key is not None:
            found[key] = log.get("id", number)
    return found


def _with_unsaid(found: Parties) -> Parties:
    """Whoever is named but not known counts as given: what is wrong has been said already."""
    ids = dict(found.ids)
    for name in ("owning_organisation_id", "managing_organisation_id", "assigned_to_id"):
        ids.setdefault(name, UNSAID)
    return replace(found, ids=ids)


__all__ = ["CheckedRows", "Registry", "check_columns", "check_rows", "table_of_rows"]
