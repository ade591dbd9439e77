"""What the checker says of logs, as documents: the answers to keep, findings, and a verdict."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from submission.checker import Checker
from submission.collection import Collection, load

MISSING = "missing"


@dataclass(frozen=True)
class Checked:
    """One log after checking. `asked` are the variables that its questionnaire asks."""

    answers: dict[str, Any]
    findings: list[dict[str, Any]]
    asked: frozenset[str]
    pages: frozenset[str] = frozenset()


def verdict(findings: Iterable[Mapping[str, Any]]) -> str:
    """Valid when no hard finding is left and each soft one has been confirmed; else invalid."""
    left = any(
        finding["severity"] == "hard" or finding.get("confirmed") is None for finding in findings
    )
    return "invalid" if left else "valid"


def check_logs(
    collection: str,
    year: int,
    answers: pd.DataFrame,
    context: pd.DataFrame,
    day: date,
    with_pages: bool = False,
) -> list[Checked]:
    """Checks logs together, in order. `answers` has a column for each variable given.

    The pages of the form that are asked come with it only when they are wanted.

    Every unanswered question that must be answered becomes a finding of the rule "missing".
    """
    definition = load(collection, year)
    frame = answers.reset_index(drop=True)
    result = _checker(collection, year).check(
        frame, context.reset_index(drop=True), day, with_pages
    )
    findings: list[list[dict[str, Any]]] = [[] for _ in range(len(frame))]
    for row, variable in result.missing[["row", "variable"]].itertuples(index=False):
        findings[int(row)].append(missing_finding(definition, str(variable)))
    columns = ["row", "rule", "severity", "fields", "message"]
    for row, rule, severity, fields, message in result.findings[columns].itertuples(index=False):
        findings[int(row)].append(
            {
                "rule": str(rule),
                "severity": str(severity),
                "fields": [str(name) for name in fields],
                "message": str(message),
            }
        )
    given = [documents(frame), documents(result.answers)]
    checked_columns = set(map(str, result.answers.columns))
    asked = _asked(result.asked)
    return [
        Checked(
            {name: value for name, value in before.items() if name not in checked_columns} | after,
            found,
            names,
            pages,
        )
        for before, after, found, names, pages in zip(
            *given, findings, asked, result.pages or [frozenset()] * len(frame), strict=True
        )
    ]


def missing_finding(collection: Collection, variable: str) -> dict[str, Any]:
    """The finding for a question without an answer."""
    known = collection.variables.get(variable)
    label = known.label if known else variable
    return {
        "rule": MISSING,
        "severity": "hard",
        "fields": [variable],
        "message": f"Answer this question: {label}.",
    }


_CHECKERS: dict[tuple[str, int], Checker] = {}


def _checker(collection: str, year: int) -> Checker:
    key = (collection, year)
    if key not in _CHECKERS:
        _CHECKERS[key] = Checker(load(collection, year))
    return _CHECKERS[key]


def _asked(frame: pd.DataFrame) -> list[frozenset[str]]:
    names = np.array([str(name) for name in frame.columns], dtype=object)
    table = frame.fillna(False).to_numpy(dtype=bool)
    return [frozenset(names[row]) for row in table]


def documents(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as documents of plain values, without those that are not there."""
    rows: list[dict[str, Any]] = [{} for _ in range(len(frame))]
    for name in frame.columns:
        column = frame[name].astype(object)
        for row, value, is_there in zip(
            rows, column.tolist(), column.notna().tolist(), strict=True
        ):
            if is_there:
                row[str(name)] = plain(value)
    return rows


def plain(value: Any) -> Any:
    """A value as it stands in a stored log."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, float | np.floating):
        return int(value) if float(value).is_integer() else f"{value}"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value
