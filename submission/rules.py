"""Rules and derivations of a collection and year, written out for each person they apply to."""

from dataclasses import dataclass
from functools import cache

from submission.tables import TableRow, Tables, own_tables

SETUP, HARD, SOFT, MISSING = "setup", "hard", "soft", "missing"


@dataclass(frozen=True)
class Derivation:
    """A value worked out from others, where `applies_if` holds; equal orders run together.

    `kind`: helper (worked out whenever it is read), infer, derive, normalise, lookup, clear
    (takes an answer away) or output (only in data handed on).
    """

    variable: str
    order: int
    kind: str
    applies_if: str
    expression: str
    meaning: str = ""


@dataclass(frozen=True)
class Rule:
    """A rule is broken when `applies_if` and `fails_if` are both true; NULL never breaks one.

    `online_only` are those of `fields` that a report on an uploaded file leaves out.
    """

    id: str
    severity: str
    fields: tuple[str, ...]
    applies_if: str
    fails_if: str
    message: str
    confirm_field: str
    online_only: frozenset[str] = frozenset()
    category: str = ""


def persons_of(text: str) -> list[str]:
    """The person numbers of a range such as 2-8; one empty text for a row without persons."""
    if not text:
        return [""]
    first, last = text.split("-")
    return [str(number) for number in range(int(first), int(last) + 1)]


def written_out_derivations(tables: Tables, collection: str, year: int) -> list[Derivation]:
    """Derivations in force in these tables, in the order in which they run."""
    found = [
        Derivation(
            variable.strip().replace("{n}", person),
            int(row["order"]),
            row["kind"],
            row["applies_if"].replace("{n}", person),
            row["expression"].replace("{n}", person),
            row["meaning"].replace("{n}", person),
        )
        for row in tables.derivations
        if row["collection"] == collection and row.holds(year)
        for variable in row["variable"].split(";")
        for person in persons_of(row["persons"])
    ]
    return sorted(found, key=lambda derivation: derivation.order)


def _rule(row: TableRow, person: str) -> Rule:
    def names(column: str) -> tuple[str, ...]:
        return tuple(
            name.strip().replace("{n}", person) for name in row[column].split(";") if name.strip()
        )

    return Rule(
        row["id"],
        row["severity"],
        names("fields"),
        row["applies_if"].replace("{n}", person),
        row["fails_if"].replace("{n}", person),
        row["message"].replace("{n}", person),
        row["confirm_field"].replace("{n}", person),
        frozenset(names("fields_online_only")),
        row["category"],
    )


@cache
def derivations(collection: str, year: int) -> tuple[Derivation, ...]:
    """Derivations in force, in the order in which they run."""
    return tuple(written_out_derivations(own_tables(), collection, year))


@cache
def rules(collection: str, year: int) -> tuple[Rule, ...]:
    """Rules in force."""
    return tuple(
        _rule(row, person)
        for row in own_tables().rules
        if row["collection"] == collection and row.holds(year)
        for person in persons_of(row["persons"])
    )
