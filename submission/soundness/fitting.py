"""Whether what an expression puts together fits: numbers with numbers, days with days.

DuckDB's binder refuses much that cannot be worked out, such as a date minus a text. Much else it
lets pass and fails on in the middle of a file, such as a code compared with a word: it turns the
one into the other when it comes to it. So the two sides of every comparison are held against each
other here as well, and what a condition joins must be conditions.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from data_access.reference.periods import year_label
from submission.expressions import nodes, parse_problem, references_in, text_of, tree
from submission.questionnaire import spelt_out
from submission.soundness.forms import Form, names_of
from submission.soundness.functions import Functions, Question
from submission.soundness.spots import Spot, asking, prepared
from submission.tables import Problem

NUMBER, TEXT, DATE, TRUTH, SPAN, LIST = (
    "a number",
    "a text",
    "a date",
    "a yes or no",
    "a length of time",
    "a list",
)
_FAMILIES = (
    (re.compile(r"U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL|DOUBLE|FLOAT"), NUMBER),
    (re.compile(r"VARCHAR$|STRING_LITERAL"), TEXT),
    (re.compile(r"DATE|TIMESTAMP"), DATE),
    (re.compile(r"BOOLEAN$"), TRUTH),
    (re.compile(r"INTERVAL$"), SPAN),
)
_LITERALS = {"INTEGER": NUMBER, "NUMERIC": NUMBER, "STRING": TEXT, "BOOLEAN": TRUTH}
_TESTS = frozenset(
    [
        *("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_NOT"),
        *("COMPARE_IN", "COMPARE_NOT_IN"),
    ]
)
_SUMS = frozenset("+-*/%")
_LONGEST_SHOWN = 60
_MOST_NAMED = 4
_QUOTED_NAME = re.compile(r'"([A-Za-z_]\w*(?:\.\w+)?)"')
_KINDS_GIVEN = re.compile(r"given name and argument types '(\S+?)\((.*?)\)'")


def family(kind: str) -> str:
    """What values of a DuckDB type are, in words; empty for NULL and for what has no words."""
    if kind.endswith("[]"):
        return LIST
    return next((words for pattern, words in _FAMILIES if pattern.match(kind)), "")


class Types:
    """The types of everything that a form's expressions may name."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._known: dict[tuple[str, int], dict[str, str]] = {}

    def of(self, form: Form) -> Mapping[str, str]:
        """Types by name. Those of helpers follow from their expressions."""
        key = (form.collection, form.year)
        if key not in self._known:
            known = self._known[key] = dict(form.types)
            for name in form.helpers:
                self._add_helper(form, name, known, frozenset())
        return self._known[key]

    def _add_helper(
        self, form: Form, name: str, known: dict[str, str], reading: frozenset[str]
    ) -> None:
        """Adds a helper's type, and first of those that it reads. In a circle there is none."""
        if name in known or name in reading:
            return
        for step in form.helpers[name]:
            text = spelt_out(step.expression)
            if parse_problem(text):
                continue
            for other in references_in(text) & set(form.helpers):
                self._add_helper(form, other, known, reading | {name})
            kind = self._functions.bound(asking(prepared(text, form), known)).kind
            if kind and kind != "NULL":
                known.setdefault(name, kind)


def misfits(spots: Iterable[Spot], functions: Functions, types: Types) -> Iterator[Problem]:
    """What does not fit in expressions that can be read."""
    listed = list(spots)
    functions.bind(
        dict.fromkeys(
            asking(spot.sql(form, person), types.of(form))
            for spot in listed
            for form in spot.forms
            for person in spot.people
        )
    )
    for spot in listed:
        found: dict[str, list[int]] = {}
        for form in spot.forms:
            known = types.of(form)
            for person in spot.people:
                question = asking(spot.sql(form, person), known)
                words = list(_inner(question, functions)) or list(
                    _outer(spot, form, person, question, functions, known)
                )
                for each in words:
                    years = found.setdefault(each, [])
                    if form.year not in years:
                        years.append(form.year)
                # What is wrong for one person is so for the others.
                if words:
                    break
        for told, years in found.items():
            when = "" if len(years) == len(spot.forms) else f"in {year_label(years[0])} "
            yield spot.row.problem(spot.column, f"{when}{told}")


def _inner(question: Question, functions: Functions) -> list[str]:
    """What does not fit inside an expression."""
    if question not in functions.misfits:
        functions.misfits[question] = list(dict.fromkeys(_find(question, functions)))
    return functions.misfits[question]


def _find(question: Question, functions: Functions) -> Iterator[str]:
    whole = tree(question.sql)
    sides = _Sides(question, functions)
    for node in nodes(whole):
        yield from _node(node, sides)


class _Sides:
    """What the parts of one expression are."""

    def __init__(self, question: Question, functions: Functions) -> None:
        self._types = dict(question.columns)
        self._functions = functions

    def family(self, node: dict[str, Any]) -> str:
        if node["class"] == "CONSTANT":
            return _LITERALS.get(node["literal"]["kind"], "")
        if node["class"] == "COLUMN_REF":
            return family(self._types.get(".".join(node["column_names"]), ""))
        if node["class"] in ("COMPARISON", "CONJUNCTION", "BETWEEN") or node["type"] in _TESTS:
            return TRUTH
        return family(self._functions.bound(asking(text_of(node), self._types)).kind)

    def shown(self, node: dict[str, Any]) -> str:
        """A part as it is named in a sentence, with what it is."""
        if node["class"] == "CONSTANT" and node["literal"]["kind"] == "STRING":
            text = f"'{node['literal']['text']}'"
        else:
            text = _QUOTED_NAME.sub(r"\1", text_of(node))
        if text.startswith("(") and text.endswith(")"):
            text = text[1:-1]
        if len(text) > _LONGEST_SHOWN:
            text = f"{text[:_LONGEST_SHOWN]}…"
        return f"{text} ({self.family(node) or 'of no kind'})"


def _node(node: dict[str, Any], sides: _Sides) -> Iterator[str]:
    kind, form = node["class"], node["type"]
    if kind == "COMPARISON":
        yield from _alike(sides, "compares", "with", node["left"], node["right"])
    elif kind == "BETWEEN":
        for limit in (node["lower"], node["upper"]):
            yield from _alike(sides, "compares", "with", node["input"], limit)
    elif form in ("COMPARE_IN", "COMPARE_NOT_IN"):
        first, *others = node["children"]
        for other in others:
            yield from _alike(sides, "looks for", "among values such as", first, other)
    elif form == "OPERATOR_COALESCE":
        first, *others = node["children"]
        for other in others:
            yield from _alike(sides, "takes", "or else", first, other)
    elif kind == "CASE":
        results = [check["then_expr"] for check in node["case_checks"]] + [node["else_expr"]]
        first = next((each for each in results if sides.family(each)), results[0])
        for other in results:
            yield from _alike(sides, "gives", "in one case and in another", first, other)
        for check in node["case_checks"]:
            yield from _condition(sides, check["when_expr"])
    elif kind == "CONJUNCTION" or form == "OPERATOR_NOT":
        for child in node["children"]:
            yield from _condition(sides, child)
    elif kind == "FUNCTION" and node["function_name"] in _SUMS:
        for argument in node["arguments"]:
            part = argument["expression"]
            if sides.family(part) in (TEXT, TRUTH):
                yield f"does sums with {sides.shown(part)}; name a number or a date"


def _alike(
    sides: _Sides, verb: str, joins: str, one: dict[str, Any], other: dict[str, Any]
) -> Iterator[str]:
    first, second = sides.family(one), sides.family(other)
    if not first or not second or first == second:
        return
    words = f"{verb} {sides.shown(one)} {joins} {sides.shown(other)}"
    if {first, second} == {TEXT, NUMBER}:
        words += "; codes that are numbers stand without quotation marks, all others within them"
    elif {first, second} == {TEXT, DATE}:
        words += "; write a day as DATE '2026-04-01'"
    else:
        words += "; the two must be of one kind"
    yield words


def _condition(sides: _Sides, node: dict[str, Any]) -> Iterator[str]:
    found = sides.family(node)
    if found and found != TRUTH:
        yield f"takes {sides.shown(node)} for a condition; compare it with something"


def _outer(
    spot: Spot,
    form: Form,
    person: str,
    question: Question,
    functions: Functions,
    types: Mapping[str, str],
) -> Iterator[str]:
    """What DuckDB refuses, or a whole that is not what its column is for."""
    bound = functions.bound(question)
    if bound.wrong:
        yield _in_words(bound.wrong, question)
        return
    found = family(bound.kind)
    if not found:
        return
    if spot.is_condition:
        if found != TRUTH:
            yield f"is {found}, and must be a condition: true or false"
        return
    # What only stands in data handed on is of the type that it has.
    if spot.row["kind"] != "output":
        for name in names_of(spot.row["variable"].replace("{n}", person)):
            wanted = family(types.get(name, ""))
            if wanted and found != wanted:
                yield f"gives {found}, and {name} is {wanted}"


def _in_words(refused: str, question: Question) -> str:
    """DuckDB's words, as far as they help somebody who writes tables."""
    kinds = dict(question.columns)
    found = _KINDS_GIVEN.search(refused)
    held = ""
    if len(kinds) <= _MOST_NAMED:
        held = "; ".join(f"{name} is {family(kinds[name]) or kinds[name]}" for name in kinds)
    if found:
        given = " and ".join(
            family(part.strip()) or part.strip().lower() for part in found[2].split(", ")
        )
        what = f"{found[1]} cannot be worked out with {given}"
    else:
        first = refused.split("\n", maxsplit=1)[0]
        what = re.sub(r"^(\w+ )+Error: ", "", first).rstrip(". ")
    return f"{what} ({held})" if held else what
