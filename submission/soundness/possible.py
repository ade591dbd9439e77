"""Whether a condition can ever hold, as far as its constants decide.

A condition is taken apart into cases: in each, every answer has a domain, such as "no answer" or
"a number above 3". What AND joins must hold together, so that the domains of one answer are cut;
a case in which nothing is left of one cannot be. A condition without a case can never hold.

Every step errs to one side. A part of a kind that is not known here (most functions, one answer
against another) leaves all answers open. So what is called impossible is, and much that is
impossible is not found.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import duckdb

from submission.documents.names import PREDICATES
from submission.expressions import nodes, text_of
from submission.soundness.domains import (
    ANSWER,
    ANYTHING,
    NO_ANSWER,
    OPEN,
    Case,
    Domain,
    joined,
    limited,
)

Wanted = bool | None
# Beyond so many cases a condition is taken for possible.
MOST_CASES = 400
_OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_TURNED = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_SIGNS = {
    "COMPARE_EQUAL": "=",
    "COMPARE_NOTEQUAL": "<>",
    "COMPARE_LESSTHAN": "<",
    "COMPARE_GREATERTHAN": ">",
    "COMPARE_LESSTHANOREQUALTO": "<=",
    "COMPARE_GREATERTHANOREQUALTO": ">=",
}
_LITERALS: Mapping[str, Callable[[str], Any]] = {
    "INTEGER": Decimal,
    "NUMERIC": Decimal,
    "STRING": str,
    "BOOLEAN": lambda text: text == "true",
    "NULL_LITERAL": lambda _: None,
}
# With one argument NULL these are NULL.
_STRICT = frozenset(
    "+ - * / % abs floor ceil round trunc sign year month day trim upper lower len length "
    "date_diff days_between split_part regexp_full_match regexp_matches regexp_replace "
    "to_days to_years to_months is_uk_postcode is_number fits".split()
)


class Conditions:
    """Conditions over answers, of some of which more is known: `given`, by name.

    `value` works out an expression without names.
    """

    def __init__(self, given: Mapping[str, Domain], value: Callable[[str], object]) -> None:
        self._given = given
        self._value = value

    def can_hold(self, *conditions: Any) -> bool:
        """Whether parsed conditions can all be true together."""
        cases = OPEN
        for condition in conditions:
            try:
                cases = self._both(cases, self._cases(condition, True))
            except TypeError:
                # A number against a text: said elsewhere, and decides nothing here.
                continue
        return bool(cases)

    # Cases in which a node is true, false or (None) NULL

    def _cases(self, node: dict[str, Any], want: Wanted) -> list[Case]:
        kind, form = node["class"], node["type"]
        if _is_constant(node):
            return self._constant(node, want)
        if kind == "CONJUNCTION":
            parts = node["children"]
            if want is None:
                return self._any(self._cases(part, None) for part in parts)
            together = (form == "CONJUNCTION_AND") == want
            found = [self._cases(part, want) for part in parts]
            return self._all(found) if together else self._any(found)
        if form == "OPERATOR_NOT":
            return self._cases(node["children"][0], None if want is None else not want)
        if form in ("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"):
            if want is None:
                return []
            is_lacking = (form == "OPERATOR_IS_NULL") == want
            return self._lacks(node["children"][0]) if is_lacking else self._has(node["children"])
        if kind == "COMPARISON":
            return self._compared(node, want)
        if kind == "BETWEEN":
            return self._between(node, want)
        if form in ("COMPARE_IN", "COMPARE_NOT_IN"):
            return self._among(node, want)
        if form == "OPERATOR_COALESCE":
            return self._first_of(node["children"], want)
        if kind == "CASE":
            return self._by_case(node, want)
        if kind == "COLUMN_REF":
            domain = NO_ANSWER if want is None else Domain(empty=False, only=frozenset([want]))
            return self._one(_name(node), domain)
        return self._open_but_for([node], want)

    def _constant(self, node: dict[str, Any], want: Wanted) -> list[Case]:
        found = self._known(node)
        if found is _UNKNOWN:
            return OPEN
        return OPEN if found is want or (want is not None and found == want) else []

    def _known(self, node: dict[str, Any]) -> Any:
        """The value of a node without names; _UNKNOWN when it has names or cannot be had."""
        if node["class"] == "CONSTANT":
            return _LITERALS[node["literal"]["kind"]](node["literal"]["text"])
        if not _is_constant(node):
            return _UNKNOWN
        try:
            found = self._value(text_of(node))
        except duckdb.Error:
            return _UNKNOWN
        if isinstance(found, bool) or found is None or isinstance(found, str):
            return found
        if isinstance(found, int | Decimal):
            return Decimal(found)
        if isinstance(found, float):
            return Decimal(str(found))
        if isinstance(found, datetime):
            return found.date() if found.time() == time() else _UNKNOWN
        return found if isinstance(found, date) else _UNKNOWN

    def _compared(self, node: dict[str, Any], want: Wanted) -> list[Case]:
        left, right, form = node["left"], node["right"], node["type"]
        value = self._known(right)
        sign = _SIGNS.get(form, "")
        if value is _UNKNOWN:
            value = self._known(left)
            left, right, sign = right, left, _TURNED.get(sign, "")
        if value is _UNKNOWN:
            return self._two(left, right, sign, form, want)
        if sign:
            return self._valued(left, sign, value, want)
        if want is None:
            return []
        is_same = (form == "COMPARE_NOT_DISTINCT_FROM") == want
        if value is None:
            return self._lacks(left) if is_same else self._has([left])
        same = self._valued(left, "=", value, True)
        if is_same:
            return same
        return self._any([self._valued(left, "<>", value, True), self._lacks(left)])

    def _valued(self, left: dict[str, Any], sign: str, value: Any, want: Wanted) -> list[Case]:
        """Something against a value: is it so (True), not so (False) or not known (None)."""
        if value is None:
            return OPEN if want is None else []
        if want is None:
            return self._lacks(left)
        if not want:
            sign = _OPPOSITE[sign]
        left = _bare(left)
        if left["type"] == "OPERATOR_COALESCE":
            first, *others = left["children"]
            rest = others[0] if len(others) == 1 else {**left, "children": others}
            return self._any(
                [
                    self._valued(first, sign, value, True),
                    self._both(self._lacks(first), self._valued(rest, sign, value, True)),
                ]
            )
        known = self._known(left)
        if known is not _UNKNOWN:
            holds = known is not None and _holds(known, sign, value)
            return OPEN if holds else []
        if isinstance(value, bool) and sign in ("=", "<>"):
            return self._cases(left, value == (sign == "="))
        if left["class"] == "COLUMN_REF":
            return self._one(_name(left), limited(sign, value))
        return self._has([left])

    def _two(
        self, left: dict[str, Any], right: dict[str, Any], sign: str, form: str, want: Wanted
    ) -> list[Case]:
        """One answer against another."""
        if not sign:
            if want is None:
                return []
            differs = (form == "COMPARE_DISTINCT_FROM") == want
            if not differs:
                return OPEN
            return self._any([self._has([left]), self._has([right])])
        if want is None:
            return self._any([self._lacks(left), self._lacks(right)])
        if not want:
            sign = _OPPOSITE[sign]
        is_same = left["class"] == right["class"] == "COLUMN_REF" and _name(left) == _name(right)
        if is_same and sign in ("<", ">", "<>"):
            return []
        return self._has([left, right])

    def _between(self, node: dict[str, Any], want: Wanted) -> list[Case]:
        parts = [
            {"class": "COMPARISON", "type": form, "left": node["input"], "right": node[limit]}
            for form, limit in (
                ("COMPARE_GREATERTHANOREQUALTO", "lower"),
                ("COMPARE_LESSTHANOREQUALTO", "upper"),
            )
        ]
        found = [self._compared(part, want) for part in parts]
        return self._all(found) if want else self._any(found)

    def _among(self, node: dict[str, Any], want: Wanted) -> list[Case]:
        first, *others = node["children"]
        values = [self._known(other) for other in others]
        if want is not None and node["type"] == "COMPARE_NOT_IN":
            want = not want
        if want is None:
            return OPEN if None in values or _UNKNOWN in values else self._lacks(first)
        first = _bare(first)
        if first["class"] != "COLUMN_REF" or _UNKNOWN in values:
            return self._has([first])
        given = frozenset(value for value in values if value is not None)
        if want:
            return self._one(_name(first), Domain(empty=False, only=given))
        if None in values:
            return []
        return self._one(_name(first), Domain(empty=False, other=given))

    def _first_of(self, children: Sequence[dict[str, Any]], want: Wanted) -> list[Case]:
        first, *others = children
        if not others:
            return self._cases(first, want)
        rest = self._first_of(others, want)
        without = self._both(self._cases(first, None), rest)
        return without if want is None else self._any([self._cases(first, want), without])

    def _by_case(self, node: dict[str, Any], want: Wanted) -> list[Case]:
        found: list[list[Case]] = []
        before = OPEN
        for check in node["case_checks"]:
            when = check["when_expr"]
            here = self._both(before, self._cases(when, True))
            found.append(self._both(here, self._cases(check["then_expr"], want)))
            passed = self._any([self._cases(when, False), self._cases(when, None)])
            before = self._both(before, passed)
        found.append(self._both(before, self._cases(node["else_expr"], want)))
        return self._any(found)

    # Answers that are there or not

    def _has(self, parts: Sequence[dict[str, Any]]) -> list[Case]:
        """Cases in which none of these is NULL."""
        return self._open_but_for(parts, True)

    def _open_but_for(self, parts: Sequence[dict[str, Any]], want: Wanted) -> list[Case]:
        if want is None:
            return OPEN
        cases = OPEN
        for name in {name for part in parts for name in _needed(part)}:
            cases = self._both(cases, self._one(name, ANSWER))
        for part in parts:
            if self._known(part) is None:
                return []
        return cases

    def _lacks(self, node: dict[str, Any]) -> list[Case]:
        """Cases in which this is NULL."""
        node = _bare(node)
        if node["class"] == "COLUMN_REF":
            return self._one(_name(node), NO_ANSWER)
        known = self._known(node)
        if known is not _UNKNOWN:
            return OPEN if known is None else []
        if node["type"] == "OPERATOR_COALESCE":
            return self._all([self._lacks(child) for child in node["children"]])
        if node["class"] in ("COMPARISON", "CONJUNCTION", "BETWEEN"):
            return self._cases(node, None)
        return OPEN

    # Joining cases

    def _one(self, name: str, domain: Domain) -> list[Case]:
        found = self._given.get(name, ANYTHING).cut(domain)
        return [] if found.is_nothing else [{name: found}]

    def _both(self, one: list[Case], two: list[Case]) -> list[Case]:
        found: list[Case] = []
        for first in one:
            for second in two:
                case = joined(first, second)
                if case is not None and case not in found:
                    found.append(case)
                if len(found) > MOST_CASES:
                    # What holds without the second holds more often than with it.
                    return one if len(one) <= MOST_CASES else OPEN
        return OPEN if {} in found else found

    def _all(self, parts: Sequence[list[Case]]) -> list[Case]:
        cases = OPEN
        # Short ones first: what cannot be is then found before cases multiply.
        for part in sorted(parts, key=len):
            cases = self._both(cases, part)
        return cases

    def _any(self, parts: Any) -> list[Case]:
        found: list[Case] = []
        for part in parts:
            found += [case for case in part if case not in found]
        return OPEN if {} in found or len(found) > MOST_CASES else found


class _Unknown:
    """What is no value."""


_UNKNOWN = _Unknown()


def _holds(one: Any, sign: str, two: Any) -> bool:
    return {
        "=": one == two,
        "<>": one != two,
        "<": one < two,
        "<=": one <= two,
        ">": one > two,
        ">=": one >= two,
    }[sign]


def _is_constant(node: dict[str, Any]) -> bool:
    """Whether a node names nothing, not by a predicate of the documentation either."""
    return not any(nodes(node, "COLUMN_REF")) and not any(
        called["function_name"] in PREDICATES for called in nodes(node, "FUNCTION")
    )


def _name(node: dict[str, Any]) -> str:
    return ".".join(node["column_names"])


def _bare(node: dict[str, Any]) -> dict[str, Any]:
    """What a cast to a truth value is of: IS TRUE is written with one."""
    if node["class"] == "CAST" and node["type_expr"]["type_name"] == "BOOLEAN":
        child: dict[str, Any] = node["child"]
        return child
    return node


def _needed(node: dict[str, Any]) -> set[str]:
    """Answers without which an expression is NULL."""
    if node["class"] == "COLUMN_REF":
        return {_name(node)}
    if node["class"] == "CAST":
        return _needed(node["child"])
    if node["class"] == "FUNCTION" and node["function_name"] in _STRICT:
        parts = (argument["expression"] for argument in node["arguments"])
        return {name for part in parts for name in _needed(part)}
    if node["class"] == "COMPARISON" and "DISTINCT" not in node["type"]:
        return _needed(node["left"]) | _needed(node["right"])
    return set()
