"""Codes that expressions name although no list offers them in the years of their row."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from submission.expressions import nodes, tree
from submission.soundness.forms import Form, in_years, names_of, suggestion
from submission.soundness.spots import Spot
from submission.tables import Problem

_EQUAL = frozenset(
    [
        *("COMPARE_EQUAL", "COMPARE_NOTEQUAL"),
        *("COMPARE_DISTINCT_FROM", "COMPARE_NOT_DISTINCT_FROM"),
    ]
)


def codes_not_offered(spots: Iterable[Spot]) -> Iterator[Problem]:
    """Codes that a variable is compared with, or made, and never has while the row holds.

    A row often holds for years in some of which a code is not offered, and says nothing then. So
    a code is wrong when no year of the row has it. A file may give to one person what is offered
    for another; a rule that says so is right.
    """
    for spot in spots:
        named: dict[tuple[str, str], list[bool]] = {}
        for form in spot.forms:
            for person in spot.people:
                sql = spot.sql(form, person)
                pairs = [*_compared(sql)]
                if spot.row.file == "derivations.csv" and not spot.is_condition:
                    names = names_of(spot.row["variable"].replace("{n}", person))
                    pairs += [(name, code) for name in names for code in _made(sql)]
                for variable, code in pairs:
                    if form.list_of(variable):
                        is_there = any(code in form.offered[n] for n in form.lists_of(variable))
                        named.setdefault((variable, code), []).append(is_there)
        told: set[str] = set()
        for (variable, code), there in named.items():
            # What is wrong for one person is so for the others.
            if not any(there) and not (len(spot.people) > 1 and code in told):
                told.add(code)
                yield spot.row.problem(spot.column, _words(spot.forms, variable, code))


def _words(forms: tuple[Form, ...], variable: str, code: str) -> str:
    name = forms[-1].list_of(variable)
    listed = sorted({each for form in forms for each in form.offered[name]}, key=_in_order)
    years = in_years(form.year for form in forms)
    few = ", ".join(listed) if len(listed) <= 20 else f"{len(listed)} others"
    meant = suggestion(code, listed) if len(listed) > 20 else ""
    has = f"it has {few}" if listed else "it has none then"
    return f"the list {name} of {variable} has no code {code} in {years}{meant or f'; {has}'}"


def _in_order(code: str) -> tuple[int, str]:
    return (int(code) if code.isdecimal() else 0, code)


@cache
def _compared(sql: str) -> tuple[tuple[str, str], ...]:
    """Names and the constants that they are equal to or differ from."""
    return tuple(_pairs(tree(sql)))


def _pairs(whole: Any) -> Iterator[tuple[str, str]]:
    for node in nodes(whole):
        if node["class"] == "COMPARISON" and node["type"] in _EQUAL:
            for one, other in (("left", "right"), ("right", "left")):
                yield from _pair(node[one], node[other])
        elif node["type"] in ("COMPARE_IN", "COMPARE_NOT_IN"):
            for other in node["children"][1:]:
                yield from _pair(node["children"][0], other)


def _pair(one: dict[str, Any], other: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if one["type"] == "OPERATOR_COALESCE":
        one = one["children"][0]
    code = _constant(other)
    if one["class"] == "COLUMN_REF" and code is not None:
        yield ".".join(one["column_names"]), code


def _constant(node: dict[str, Any]) -> str | None:
    if node["class"] != "CONSTANT" or node["literal"]["kind"] == "NULL_LITERAL":
        return None
    return str(node["literal"]["text"])


@cache
def _made(sql: str) -> tuple[str, ...]:
    """What an expression may come to, as far as that is constant."""
    return tuple(_results(tree(sql)))


def _results(node: dict[str, Any]) -> Iterator[str]:
    if node["class"] == "CASE":
        for check in node["case_checks"]:
            yield from _results(check["then_expr"])
        yield from _results(node["else_expr"])
    elif node["type"] == "OPERATOR_COALESCE":
        for child in node["children"]:
            yield from _results(child)
    else:
        code = _constant(node)
        if code is not None:
            yield code
