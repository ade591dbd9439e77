"""What is wrong with the tables of rules and derivations, named by file, row and column."""

import re
from collections.abc import Iterable, Sequence

from submission.expressions import names_in, parse_problem
from submission.tables import Problem, TableRow

SEVERITIES = frozenset(["hard", "soft"])
_PERSONS = re.compile(r"([1-8])-([1-8])")


def rule_problems(
    rules: Sequence[TableRow], known: set[str], asked: Iterable[str], year: int
) -> list[Problem]:
    """Problems of a collection's rules in force in a year.

    `known` are the names that expressions may use: variables of any year, kept values and helpers.
    `asked` are the variables of the year. A name of no year is a misspelling, and would silently
    keep its rule from ever firing.
    """
    problems: list[Problem] = []
    there = set(asked)
    seen: dict[str, int] = {}
    for row in rules:
        if row["id"] in seen:
            words = f"{row['id']} stands in row {seen[row['id']]} for the same years"
            problems.append(row.problem("id", words))
        seen[row["id"]] = row.number
        if row["severity"] not in SEVERITIES:
            problems.append(row.problem("severity", f"'{row['severity']}' is not hard or soft"))
        if row["severity"] == "soft" and not row["confirm_field"]:
            problems.append(row.problem("confirm_field", "a soft rule names what confirms it"))
        if not row["message"].strip():
            problems.append(row.problem("message", "a rule says how to mend what it finds"))
        for column in ("applies_if", "fails_if"):
            problems += _expression_problems(row, column, known)
        fields = _fields(row)
        unknown = sorted(set(fields) - known)
        if unknown:
            problems.append(row.problem("fields", f"no question is called {', '.join(unknown)}"))
        elif not there & set(fields):
            words = f"none of its questions is there in {year}, so it can never fire"
            problems.append(row.problem("fields", words))
    return problems


def derivation_problems(
    derivations: Sequence[TableRow], known: set[str], variables: set[str]
) -> list[Problem]:
    """Problems of a collection's derivations in force in a year.

    A helper (a value that no question has) may be used only after it is worked out, which leaves
    no room for a cycle.
    """
    problems: list[Problem] = []
    in_order = sorted(derivations, key=lambda row: int(row["order"]))
    names = {row["variable"] for row in derivations}
    helpers = {name for name in names if name not in variables and "{n}" not in name}
    ready: set[str] = set()
    for row in in_order:
        for column in ("applies_if", "expression"):
            problems += _expression_problems(row, column, known)
            text = _first_person(row, row[column])
            if parse_problem(text):
                continue
            early = sorted((names_in(text) & helpers) - ready - {row["variable"]})
            if early:
                words = f"{', '.join(early)} is worked out only after this, or from it"
                problems.append(row.problem(column, words))
        ready.add(row["variable"])
    return problems


def _fields(row: TableRow) -> list[str]:
    return [_first_person(row, field) for field in row["fields"].split(";")]


def _first_person(row: TableRow, text: str) -> str:
    found = _PERSONS.fullmatch(row["persons"])
    return text.replace("{n}", found[1]) if found else text


def _expression_problems(row: TableRow, column: str, known: set[str]) -> list[Problem]:
    if row["persons"] and not _PERSONS.fullmatch(row["persons"]):
        return [row.problem("persons", f"'{row['persons']}' is not a range such as 2-8")]
    text = _first_person(row, row[column])
    wrong = parse_problem(text)
    if wrong:
        return [row.problem(column, wrong)]
    unknown = sorted(names_in(text) - known)
    if unknown:
        return [row.problem(column, f"no question is called {', '.join(unknown)}")]
    return []
