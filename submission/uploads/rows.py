"""Rows of numbered fields, checked: from texts to answers, parties, findings and logs to keep."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa

from submission.checker import NO_RANGES, CheckResult, Ranges, Wanted, checker
from submission.collection import Collection
from submission.columns import EVENT_DATES
from submission.duplicates import Key
from submission.facts import FACTS
from submission.findings import Finding
from submission.requests import fact_value
from submission.rules import SETUP
from submission.statements import Mode
from submission.uploads.laying_out import event_days, laid_out, telling
from submission.uploads.layout import layout
from submission.uploads.registry import Parties, Registry, resolve
from submission.uploads.repeats import STORED, repeated, repeated_finding, tell_stored
from submission.uploads.row_findings import findings_of_row
from submission.verdicts import directory_columns

# Memory grows with the rows of a part; smaller ones cost more for each row.
PART = 10_000
AT_ONCE = 2
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
    answers, failed = laid_out(made, table, owner_types)
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
        findings_of_row(made, result, row, days[row], parties[row], failed[row])
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
    same = repeated(telling(made, table))

    def check_part(start: int) -> CheckedRows:
        part = table.slice(start, PART)
        every = {name: [value] * part.num_rows for name, value in facts.items()}
        parties = resolve(registry, made, part, event_days(made, part))
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
                if at in same:
                    others = [rows[other] for other in same[at] if other != at]
                    found.insert(0, repeated_finding(made, others))
            if stored is not None:
                tell_stored(made, checked.findings, checked.result, stored(checked.result))
            yield places, checked
    checker(collection, year).rest()


def _with_parties(answers: pa.Table, parties: list[Parties]) -> pa.Table:
    names = dict.fromkeys(name for found in parties for name in found.ids)
    for name in names:
        values = [found.ids.get(name) for found in parties]
        texts = pa.array([None if v is None else str(v) for v in values], pa.string())
        answers = answers.append_column(name, texts)
    return answers
