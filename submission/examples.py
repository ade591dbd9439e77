"""Worked examples of rules and derivations: what statisticians agree on, run as tests.

An example names a rule or a derived variable, gives answers and facts, and says what comes of them.
The tables lie in `definitions/examples`; they are shown in the rule list and run by `tests/spec`.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from submission.tables import DEFINITIONS

FOLDER = DEFINITIONS / "examples"
FIRES, PASSES = "fires", "passes"
_LISTS = frozenset(
    ["rent_periods", "local_authorities", "possible_owner_ids", "absorbed_organisation_ids"]
)
_RANGES = {"lettings": "rent_range", "sales": "sale_range"}
_LETTING_TYPES = range(1, 17)
_MOST_BEDS = 4


@dataclass(frozen=True)
class Example:
    """One example. `subject` is a rule's identifier or a variable; `line` is that of the table.

    `outcome` is "fires" or "passes" for a rule, and empty for a derivation, whose `expected` says
    what becomes of variables (None: no answer). `at_limit`: the last case on its side of a limit.
    """

    collection: str
    line: int
    subject: str
    year: int
    mode: str
    today: date
    answers: dict[str, str]
    facts: dict[str, str]
    saved: dict[str, str]
    because: str
    outcome: str = ""
    at_limit: bool = False
    expected: tuple[tuple[str, str | None], ...] = ()

    def request(self) -> dict[str, Any]:
        """The example as a request to the checker."""
        return {
            "id": self.line,
            "mode": self.mode,
            "collection": self.collection,
            "year": self.year,
            "today": self.today.isoformat(),
            "answers": dict(self.answers),
            "saved": dict(self.saved),
            "context": self._context(),
        }

    def _context(self) -> dict[str, Any]:
        context: dict[str, Any] = {}
        limits: dict[str, str] = {}
        for name, text in self.facts.items():
            group, _, part = name.partition(".")
            value: Any = text.split("|") if part in _LISTS else text
            if group == _RANGES[self.collection]:
                limits[part] = text
            elif part:
                context.setdefault(group, {})[part] = value
            else:
                context[group] = value
        if limits:
            context[f"{_RANGES[self.collection]}s"] = [
                {"la": self.answers.get("la"), "lettype": lettype, "beds": beds, **limits}
                for lettype in (_LETTING_TYPES if self.collection == "lettings" else (0,))
                for beds in range(_MOST_BEDS + 1)
            ]
        return context


@cache
def rule_examples(collection: str) -> tuple[Example, ...]:
    """Examples of a collection's rules, in the order of their table."""
    return tuple(
        _example(
            collection,
            line,
            row,
            row["rule"],
            "as_given",
            outcome=row["outcome"],
            at_limit=row["at_limit"] == "yes",
        )
        for line, row in _rows(f"{collection}_rules.csv")
    )


@cache
def derivation_examples(collection: str) -> tuple[Example, ...]:
    """Examples of a collection's derivations, in the order of their table."""
    return tuple(
        _example(
            collection,
            line,
            row,
            row["variable"],
            row["mode"] or "as_given",
            expected=tuple((n, text or None) for n, text in _pairs(row["expected"]).items()),
        )
        for line, row in _rows(f"{collection}_derivations.csv")
    )


def _rows(name: str) -> Iterator[tuple[int, dict[str, str]]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            yield reader.line_num, row


def _example(
    collection: str, line: int, row: dict[str, str], subject: str, mode: str, **more: Any
) -> Example:
    year = int(row["year"])
    # A day late in the year, when every date of it may be given.
    day = date.fromisoformat(row["today"]) if row["today"] else date(year + 1, 3, 31)
    answers = _pairs(row["answers"])
    event = "startdate" if collection == "lettings" else "saledate"
    if event not in answers:
        answers[event] = (date(year, 4, 1) + timedelta(days=180)).isoformat()
    return Example(
        collection, line, subject, year, mode, day, {k: v for k, v in answers.items() if v},
        _pairs(row["facts"]), _pairs(row["saved"]), row["because"], **more,
    )  # fmt: skip


def _pairs(text: str) -> dict[str, str]:
    """Of "age1 = 15; ecstat1 = 1" the values by name; a name without a value has "" ."""
    found = {}
    for part in text.split(";"):
        name, _, value = part.partition("=")
        if name.strip():
            found[name.strip()] = value.strip()
    return found
