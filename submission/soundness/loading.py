"""What a collection refuses as it is made from its tables: the faults of rules and derivations."""

import re
from collections.abc import Iterable, Iterator, Sequence

from submission.expressions import names_in, parse_problem
from submission.tables import Problem, TableRow

SEVERITIES = frozenset(["hard", "soft"])
PERSONS = re.compile(r"([1-8])-([1-8])")


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
        problems += rule_cell_problems(row)
        for column in ("applies_if", "fails_if"):
            problems += _expression_problems(row, column, known)
        fields = _fields(row)
        unknown = sorted(set(fields) - known)
        if unknown:
            problems.append(row.problem("fields", f"no question is called {', '.join(unknown)}"))
        elif not there & set(fields):
            problems.append(row.problem("fields", none_there(year)))
    return problems


def rule_cell_problems(row: TableRow) -> Iterator[Problem]:
    """Problems of one rule's cells that need no other row to be seen."""
    is_soft = row["severity"] == "soft"
    if row["severity"] not in SEVERITIES:
        yield row.problem("severity", f"'{row['severity']}' is not hard or soft")
    elif is_soft and not row["confirm_field"]:
        yield row.problem("confirm_field", "a soft rule names what confirms it")
    elif row["confirm_field"] and not is_soft:
        words = "a hard rule cannot be confirmed; leave this empty, or make the rule soft"
        yield row.problem("confirm_field", words)
    if not row["message"].strip():
        yield row.problem("message", "a rule says how to mend what it finds")


def none_there(year: int) -> str:
    """What is said of a rule without a question of a year."""
    return f"none of its questions is there in {year}, so it can never fire"


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


def persons_problem(row: TableRow) -> str:
    """What is wrong with the range of persons of a row; empty when nothing is."""
    found = PERSONS.fullmatch(row["persons"])
    if row["persons"] and not found:
        return f"'{row['persons']}' is not a range such as 2-8"
    if found and int(found[1]) > int(found[2]):
        return f"'{row['persons']}' ends before it begins; write {found[2]}-{found[1]}"
    return ""


def _fields(row: TableRow) -> list[str]:
    return [_first_person(row, field) for field in row["fields"].split(";")]


def _first_person(row: TableRow, text: str) -> str:
    found = PERSONS.fullmatch(row["persons"])
    return text.replace("{n}", found[1]) if found else text


def _expression_problems(row: TableRow, column: str, known: set[str]) -> list[Problem]:
    wrong = persons_problem(row)
    if wrong:
        return [row.problem("persons", wrong)]
    text = _first_person(row, row[column])
    wrong = parse_problem(text)
    if wrong:
        return [row.problem(column, wrong)]
    unknown = sorted(names_in(text) - known)
    if unknown:
        return [row.problem(column, f"no question is called {', '.join(unknown)}")]
    return []
