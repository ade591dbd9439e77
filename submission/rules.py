"""Rules and derivations of a collection and year, written out for each person they apply to."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache

from submission.tables import DEFINITIONS, TableRow


@dataclass(frozen=True)
class Derivation:
    """A value worked out from others, where `applies_if` holds; equal orders run together."""

    variable: str
    order: int
    applies_if: str
    expression: str


@dataclass(frozen=True)
class Rule:
    """A rule is broken when `applies_if` and `fails_if` are both true; NULL never breaks one."""

    id: str
    severity: str
    fields: tuple[str, ...]
    applies_if: str
    fails_if: str
    message: str
    confirm_field: str


@dataclass(frozen=True)
class Window:
    """When logs of a collection year may be made and changed; both days are the first without."""

    year: int
    new_until: date
    edit_until: date


def _rows(file: str) -> list[TableRow]:
    with (DEFINITIONS / file).open(encoding="utf-8", newline="") as opened:
        return [
            TableRow(file, number, {key: value or "" for key, value in values.items()})
            for number, values in enumerate(csv.DictReader(opened), start=2)
        ]


def _persons(text: str) -> list[str]:
    if not text:
        return [""]
    first, last = text.split("-")
    return [str(number) for number in range(int(first), int(last) + 1)]


@cache
def derivations(collection: str, year: int) -> tuple[Derivation, ...]:
    """Derivations in force, in the order in which they run."""
    found = [
        Derivation(
            row["variable"].replace("{n}", person),
            int(row["order"]),
            row["applies_if"].replace("{n}", person),
            row["expression"].replace("{n}", person),
        )
        for row in _rows("derivations.csv")
        if row["collection"] == collection and row.holds(year)
        for person in _persons(row["persons"])
    ]
    return tuple(sorted(found, key=lambda derivation: derivation.order))


@cache
def rules(collection: str, year: int) -> tuple[Rule, ...]:
    """Rules in force."""
    return tuple(
        Rule(
            row["id"],
            row["severity"],
            tuple(field.replace("{n}", person) for field in row["fields"].split(";")),
            row["applies_if"].replace("{n}", person),
            row["fails_if"].replace("{n}", person),
            row["message"].replace("{n}", person),
            row["confirm_field"],
        )
        for row in _rows("rules.csv")
        if row["collection"] == collection and row.holds(year)
        for person in _persons(row["persons"])
    )


@cache
def windows(collection: str) -> tuple[Window, ...]:
    """The collection's windows, by year."""
    with (DEFINITIONS / "windows.csv").open(encoding="utf-8", newline="") as opened:
        return tuple(
            Window(
                int(row["year"]),
                date.fromisoformat(row["new_until"]),
                date.fromisoformat(row["edit_until"]),
            )
            for row in csv.DictReader(opened)
            if row["collection"] == collection
        )
