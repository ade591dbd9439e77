"""Every expression of the tables with where it stands, and whether it can be read at all."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache, cached_property

from submission.expressions import (
    functions_in,
    nodes,
    parse_problem,
    references_in,
    rewrite,
    tree,
)
from submission.facts import REFERENCES
from submission.program import NOTHING, quoted
from submission.questionnaire import is_confirmation, spelt_out
from submission.soundness.forms import YEAR_NAMES, Form, persons
from submission.soundness.functions import Functions, Question
from submission.tables import Problem, TableRow, Tables


class Use(Enum):
    """What becomes of an expression."""

    # Run by the checker to route through a form.
    ROUTE = "route"
    # Told in words; the checker shows what it is about otherwise.
    TOLD = "told"
    # Run by the checker as part of a rule or derivation.
    WORKED = "worked"


@dataclass(frozen=True)
class Spot:
    """One cell with an expression, as the forms that its row is for see it.

    `people` are the numbers for which `{n}` stands; one empty text where it stands for none.
    """

    row: TableRow
    column: str
    use: Use
    forms: tuple[Form, ...]
    people: tuple[str, ...] = ("",)
    is_condition: bool = True

    @cached_property
    def texts(self) -> dict[str, str]:
        """The expression by person, with the documentation's predicates written out."""
        text = self.row[self.column]
        return {person: spelt_out(text.replace("{n}", person)) for person in self.people}

    @property
    def is_late(self) -> bool:
        """Whether it is worked out when the authority and the usual range have been looked up."""
        return self.row["kind"] in ("helper", "output") or "rent_range." in self.row["applies_if"]

    def sql(self, form: Form, person: str) -> str:
        """The expression with each name quoted, NULL for names that no year has."""
        return prepared(self.texts[person], form)


def prepared(text: str, form: Form) -> str:
    """An expression with each name quoted, NULL for names that no year has.

    A name is then one name, whatever dots it has.
    """
    return _named(text, frozenset(references_in(text) - form.known))


@cache
def _named(text: str, unknown: frozenset[str]) -> str:
    return rewrite(text, lambda name: NOTHING if name in unknown else quoted(name))


def asking(sql: str, types: Mapping[str, str]) -> Question:
    """SQL over quoted names as a question to DuckDB; names without a type count as NULL."""
    names = references_in(sql)
    free = frozenset(name for name in names if name not in types)
    if free:
        sql = rewrite(sql, lambda name: NOTHING if name in free else quoted(name))
    columns = tuple(sorted((name, types[name]) for name in names - free))
    return Question(sql, columns)


def spots_of(tables: Tables, forms: Sequence[Form]) -> list[Spot]:
    """Every expression of the tables that is not empty."""
    by_collection = {name: [f for f in forms if f.collection == name] for name in _names(forms)}

    def of(row: TableRow) -> tuple[Form, ...]:
        return tuple(f for f in by_collection.get(row["collection"], ()) if row.holds(f.year))

    found: list[Spot] = []
    for row in tables.questions:
        found.append(Spot(row, "asked_if", Use.TOLD, of(row)))
        found.append(Spot(row, "optional_if", Use.ROUTE, of(row)))
    for row in tables.placements:
        use = Use.TOLD if is_confirmation(row["variable"]) else Use.ROUTE
        found.append(Spot(row, "asked_if", use, of(row)))
    for row in tables.sections:
        found += [Spot(row, column, Use.TOLD, of(row)) for column in ("asked_if", "listed_if")]
    found += _offers(tables, forms)
    for row in tables.derivations:
        people = tuple(persons(row))
        found.append(Spot(row, "applies_if", Use.WORKED, of(row), people))
        found.append(Spot(row, "expression", Use.WORKED, of(row), people, False))
    for row in tables.rules:
        people = tuple(persons(row))
        found += [
            Spot(row, column, Use.WORKED, of(row), people) for column in ("applies_if", "fails_if")
        ]
    return [spot for spot in found if spot.row[spot.column].strip() and spot.forms]


def _names(forms: Iterable[Form]) -> list[str]:
    return list(dict.fromkeys(form.collection for form in forms))


def _offers(tables: Tables, forms: Sequence[Form]) -> Iterator[Spot]:
    """Conditions on which an answer is offered, as the forms with questions of its list see it."""
    users: dict[str, dict[str, set[str]]] = {}
    for row in tables.questions:
        people = users.setdefault(row["codes"], {}).setdefault(row["collection"], set())
        people.add(row["person"])
    for row in tables.codes:
        using = users.get(row["list"], {})
        for collection, people in using.items():
            mine = tuple(f for f in forms if f.collection == collection and row.holds(f.year))
            has_person = "{n}" in row["offered_if"]
            yield Spot(
                row,
                "offered_if",
                Use.TOLD,
                mine,
                tuple(sorted(people - {""})) or ("1",) if has_person else ("",),
            )


def unreadable(spot: Spot, functions: Functions) -> list[Problem]:
    """Why an expression cannot be parsed, or what it names that is not there."""
    row, column = spot.row, spot.column
    text = row[column]
    if "{n}" in text and spot.people == ("",):
        words = "{n} stands for a person, but the row is for none"
        return [row.problem(column, words)]
    problems: list[str] = []
    for person in spot.people:
        text = spot.texts[person]
        wrong = parse_problem(text)
        if wrong:
            return [row.problem(column, wrong)]
        told = spot.use is Use.TOLD
        problems += functions.unknown(functions_in(text), told)
        problems += _wrong_arguments(spot, person, functions)
        problems += _strange_names(spot, person)
        # What is wrong for one person is so for the others.
        if problems:
            break
    return [row.problem(column, words) for words in dict.fromkeys(problems)]


def _strange_names(spot: Spot, person: str) -> Iterator[str]:
    form = spot.forms[0]
    named = references_in(spot.texts[person])
    if spot.use is not Use.WORKED:
        helpers = {name for name in named if form.worked_out.get(name)} - YEAR_NAMES
        for name in sorted(helpers):
            yield f"{name} is worked out for rules and derivations; a page cannot ask by it"
    if spot.row.file == "derivations.csv" and not spot.is_late:
        for name in sorted(named & set(REFERENCES)):
            yield f"{name} is looked up after derivations and has no value here yet"
    for name in sorted(named - form.known):
        group, _, part = name.partition(".")
        if not part:
            yield f"no question is called {name}{form.suggestion(name, form.known)}"
        elif group in ("saved", "entered"):
            yield f"no question is called {part}{form.suggestion(part, form.kept)}"
        else:
            yield f"nothing is known by the name {name}{form.suggestion(name)}"


def _wrong_arguments(spot: Spot, person: str, functions: Functions) -> Iterator[str]:
    for name, given in _calls(spot.texts[person]):
        wanted = functions.arguments.get(name)
        if wanted is not None and len(wanted) != given:
            takes = ", ".join(wanted) or "nothing"
            yield f"{name} takes {takes} between its brackets, and is given {given}"


@cache
def _calls(text: str) -> tuple[tuple[str, int], ...]:
    """The functions that an expression calls, each with the number of its arguments."""
    called = nodes(tree(text), "FUNCTION")
    return tuple((node["function_name"], len(node["arguments"])) for node in called)
