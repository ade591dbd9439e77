"""What the checker says of logs, as documents: the answers to keep, findings, and a verdict."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from data_access.reference.postcodes import default_store
from submission.answer_types import IDENTIFIERS
from submission.authorities import code_in_year
from submission.checker import NO_RANGES, CheckResult, Ranges, Wanted, checker
from submission.rules import SOFT
from submission.statements import Mode, statements

# The postcodes of a log that a directory is asked for, beside its location's.
POSTCODES = ("postcode_full", "ppostcode_full")


@dataclass(frozen=True)
class Checked:
    """One log after checking. `asked` are the variables that its questionnaire asks.

    `lost` are variables that were given and are not kept.
    """

    answers: dict[str, Any]
    findings: list[dict[str, Any]]
    asked: frozenset[str]
    pages: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()


def verdict(findings: Iterable[Mapping[str, Any]]) -> str:
    """Valid when nothing is left to put right and each soft finding is confirmed; else invalid."""
    left = any(
        finding["severity"] != SOFT or finding.get("confirmed") is None for finding in findings
    )
    return "invalid" if left else "valid"


def check_logs(
    collection: str,
    year: int,
    answers: pd.DataFrame,
    context: pd.DataFrame,
    day: date,
    with_pages: bool = False,
    saved: Mapping[str, Sequence[Any]] | None = None,
    ranges: Ranges = NO_RANGES,
) -> list[Checked]:
    """Checks logs together, in order. `answers` has a column for each variable given.

    `context` has a column for each fact (see `submission.facts`). The pages of the form that are
    asked come with it only when they are wanted. Answers that no question of the year asks for are
    not kept.
    """
    frame = answers.reset_index(drop=True)
    facts = facts_about(frame, context, day, year, ranges)
    result = checker(collection, year).check(
        frame, facts, Mode.SUBMIT, ranges, Wanted(asked=True, pages=with_pages), saved
    )
    documents = answer_documents(collection, year, result)
    return [
        Checked(
            document,
            [finding.as_document() for finding in found],
            asked,
            result.pages[row] if with_pages else frozenset(),
            result.lost[row],
        )
        for row, (document, found, asked) in enumerate(
            zip(documents, result.findings, result.asked, strict=True)
        )
    ]


def facts_about(
    frame: pd.DataFrame, context: pd.DataFrame, day: date, year: int, ranges: Ranges
) -> dict[str, list[Any]]:
    """The facts of logs by name, as the checker takes them."""
    facts = {str(name): context[name].tolist() for name in context.columns}
    facts["today"] = [day] * len(frame)
    facts |= directory_columns(frame, facts, year)
    if len(ranges.frame):
        facts["ranges"] = [0] * len(frame)
    return facts


def directory_columns(
    frame: pd.DataFrame, facts: Mapping[str, Sequence[Any]], year: int
) -> dict[str, list[Any]]:
    """The authorities that the directory of postcodes gives for a frame's postcodes."""
    found: dict[str, list[Any]] = {}
    wanted: list[Sequence[Any] | None] = [
        frame[name].tolist() if name in frame.columns else None for name in POSTCODES
    ]
    wanted.append(facts.get("location.postcode"))
    for number, values in enumerate(wanted, start=1):
        if values is None:
            continue
        texts = pd.Series([value or "" for value in values], dtype=object)
        codes = default_store().look_up_many(texts)["local_authority"]
        there = codes.notna().tolist()
        plain = ["".join(str(text).upper().split()) for text in texts]
        found[f"directory.postcode{number}"] = [
            f"{text[:-3]} {text[-3:]}" if known else None
            for text, known in zip(plain, there, strict=True)
        ]
        found[f"directory.la{number}"] = [
            code_in_year(str(code), year) if known else None
            for code, known in zip(codes, there, strict=True)
        ]
    return found


def answer_documents(collection: str, year: int, result: CheckResult) -> list[dict[str, Any]]:
    """The answers of each row as a document: values that are there, identifiers as numbers."""
    rows: list[dict[str, Any]] = [{} for _ in result.findings]
    for name in statements(collection, year).types:
        is_identifier = name in IDENTIFIERS
        for row, value in zip(rows, result.answers[name], strict=True):
            if value is None:
                continue
            if is_identifier and str(value).isdecimal():
                row[name] = int(value)
            else:
                row[name] = value
    return rows
