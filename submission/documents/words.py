"""Conditions of the definition tables in words.

A condition is SQL over answers. Most conditions are of a few kinds (an answer is one of these
codes, an amount lies in a range, a question has an answer), joined by AND and OR; those are told
with the labels of the tables. A condition of another kind is not told at all: its SQL stands
beside the words everywhere, and no words are better than wrong ones.

Words are those of one collection year. What names the year is worked out, and a question that the
year does not have counts as unanswered, as it does for the checker; so "asked in 2023, or from 2024
when the address is typed" becomes "when the address is typed".
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from submission.collection import Collection, Variable
from submission.documents.names import (
    COUNTED,
    FLAGS,
    HELPERS,
    PARTICULARS,
    PREDICATES,
    QUALITIES,
    SINGLE_FACTS,
)
from submission.documents.phrases import (
    HAS,
    LACKS,
    Phrase,
    Said,
    Truth,
    joined,
    listed,
    quoted,
    truth,
)
from submission.expressions import tree
from submission.facts import FACTS, REFERENCES
from submission.rules import persons_of
from submission.tables import Tables

_YEARS = ("collection_year", "form_year")
_FILLS = frozenset(["infer", "derive", "normalise", "lookup", "helper"])
_LONG_FIGURE = re.compile(r"-?\d{4,}(\.\d+)?")
_FALSE_OF = {
    "COMPARE_EQUAL": "COMPARE_NOTEQUAL",
    "COMPARE_NOTEQUAL": "COMPARE_EQUAL",
    "COMPARE_GREATERTHAN": "COMPARE_LESSTHANOREQUALTO",
    "COMPARE_LESSTHANOREQUALTO": "COMPARE_GREATERTHAN",
    "COMPARE_LESSTHAN": "COMPARE_GREATERTHANOREQUALTO",
    "COMPARE_GREATERTHANOREQUALTO": "COMPARE_LESSTHAN",
    "COMPARE_DISTINCT_FROM": "COMPARE_NOT_DISTINCT_FROM",
    "COMPARE_NOT_DISTINCT_FROM": "COMPARE_DISTINCT_FROM",
}
_TURNED = {
    "COMPARE_GREATERTHAN": "COMPARE_LESSTHAN",
    "COMPARE_LESSTHAN": "COMPARE_GREATERTHAN",
    "COMPARE_GREATERTHANOREQUALTO": "COMPARE_LESSTHANOREQUALTO",
    "COMPARE_LESSTHANOREQUALTO": "COMPARE_GREATERTHANOREQUALTO",
}
_NUMBERS = {
    "COMPARE_EQUAL": "is {}",
    "COMPARE_NOTEQUAL": "has an answer other than {}",
    "COMPARE_GREATERTHAN": "is more than {}",
    "COMPARE_GREATERTHANOREQUALTO": "is {} or more",
    "COMPARE_LESSTHAN": "is less than {}",
    "COMPARE_LESSTHANOREQUALTO": "is {} or less",
    "COMPARE_DISTINCT_FROM": "is not {}",
    "COMPARE_NOT_DISTINCT_FROM": "is {}",
}
_TWO = {
    "COMPARE_EQUAL": "is the same as {}",
    "COMPARE_NOTEQUAL": "is not the same as {}",
    "COMPARE_DISTINCT_FROM": "is not the same as {}",
}
_DATES = {
    "COMPARE_EQUAL": "is the same day as {}",
    "COMPARE_GREATERTHAN": "is after {}",
    "COMPARE_GREATERTHANOREQUALTO": "is on or after {}",
    "COMPARE_LESSTHAN": "is before {}",
    "COMPARE_LESSTHANOREQUALTO": "is on or before {}",
}


class _CannotSay(Exception):
    """The condition is of a kind that has no words here."""


@dataclass(frozen=True)
class Words:
    """A condition in words: in one sentence, and as the parts that `word` (and, or) joins."""

    text: str
    word: str = ""
    parts: tuple[str, ...] = ()


ALWAYS = Words(Truth.YES.value)
NEVER = Words(Truth.NO.value)


class Conditions:
    """Tells conditions of one collection and year."""

    def __init__(self, tables: Tables, collection: Collection) -> None:
        self._collection = collection
        self._of_any_year = frozenset(
            row["variable"] for row in tables.questions if row["collection"] == collection.name
        )
        self._filled = frozenset(
            name.strip().replace("{n}", person)
            for row in tables.derivations
            if row["collection"] == collection.name and row.holds(collection.year)
            for name in row["variable"].split(";")
            for person in persons_of(row["persons"])
            if row["kind"] in _FILLS
        )
        # Helpers that count people say so in their meaning, which may differ between years.
        self._counts = {
            row["variable"]: f"the number of {row['meaning']}"
            for row in tables.derivations
            if row["collection"] == collection.name
            and row.holds(collection.year)
            and row["kind"] == "helper"
            and row["meaning"].startswith(COUNTED)
        }

    def words(self, condition: str, persons: str = "") -> Words | None:
        """The condition in words, or None where there are none for it.

        `persons` is a range such as 2-8 for which `{n}` stands in the condition.
        """
        if not condition:
            return ALWAYS
        person = persons_of(persons)[-1]
        if re.search(r"(?<!\w)\{n\}", condition):
            return None
        try:
            said = self._say(tree(condition.replace("{n}", person)), True)
        except _CannotSay:
            return None
        if isinstance(said, Truth):
            return ALWAYS if said is Truth.YES else NEVER
        if isinstance(said, Phrase):
            return Words(any_person(said.text, persons))
        parts = tuple(any_person(part.text, persons) for part in said.parts)
        return Words(any_person(said.text, persons), said.word, parts)

    def label(self, name: str) -> str:
        """The words for a variable; those of a value worked out on the way are its name."""
        variable = self._collection.variables.get(name)
        return variable.label if variable else name.replace("_", " ")

    def subject(self, name: str) -> str:
        """A value as it stands in a sentence: a question's label in quotation marks."""
        return self._subject(name)

    # From a node to words. `wanted` is False inside a NOT: the words then tell the contrary.

    def _say(self, node: dict[str, Any], wanted: bool) -> Said:
        kind, form = node["class"], node["type"]
        if kind == "CONJUNCTION":
            all_of = (form == "CONJUNCTION_AND") == wanted
            return joined([self._say(child, wanted) for child in node["children"]], all_of)
        if form == "OPERATOR_NOT":
            return self._say(node["children"][0], not wanted)
        if form in ("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"):
            return self._given(node["children"][0], (form == "OPERATOR_IS_NOT_NULL") == wanted)
        if kind == "COMPARISON":
            return self._compared(node, wanted)
        if kind == "BETWEEN":
            return self._between(node, wanted)
        if form in ("COMPARE_IN", "COMPARE_NOT_IN"):
            return self._among(node, (form == "COMPARE_IN") == wanted)
        if form == "OPERATOR_COALESCE":
            return self._coalesced(node["children"], wanted)
        if kind == "FUNCTION":
            return self._function(node, wanted)
        if kind == "COLUMN_REF":
            return self._flag(node, wanted)
        if kind == "CONSTANT" or form == "OPERATOR_CAST":
            return truth(_constant(node) == "true", wanted)
        raise _CannotSay

    def _name(self, node: dict[str, Any]) -> str:
        if node["class"] != "COLUMN_REF":
            raise _CannotSay
        return ".".join(node["column_names"])

    def _is_there(self, name: str) -> bool:
        """Whether the year has it: a question, a value that is worked out, or a fact."""
        if name in self._collection.variables or name in self._filled:
            return True
        return name not in self._of_any_year

    def _subject(self, name: str) -> str:
        for known in (SINGLE_FACTS, HELPERS, self._counts):
            if name in known:
                return known[name]
        first, _, rest = name.partition(".")
        if first == "saved":
            return f"{quoted(self.label(rest))} as saved before"
        if first == "entered":
            return f"what is typed for {quoted(self.label(rest))}"
        if rest:
            told = PARTICULARS.get(rest, f"the {rest.replace('_', ' ')} of the {{}}")
            return told.format(first.replace("_", " "))
        return quoted(self.label(name))

    def _given(self, node: dict[str, Any], wanted: bool) -> Said:
        name = self._name(node)
        if not self._is_there(name):
            return truth(False, wanted)
        if name.startswith("entered."):
            subject = quoted(self.label(name.removeprefix("entered.")))
            return Phrase(subject, "has something typed in it" if wanted else "is left empty")
        if name in self._collection.variables:
            return Phrase(self._subject(name), HAS if wanted else LACKS)
        whose, _, quality = name.partition(".")
        if quality in QUALITIES:
            told = f"it is known whether the {whose.replace('_', ' ')} {QUALITIES[quality][0]}"
            return Phrase("", told if wanted else told.replace("is known", "is not known"))
        return Phrase(self._subject(name), "is known" if wanted else "is not known")

    def _flag(self, node: dict[str, Any], wanted: bool) -> Said:
        name = self._name(node)
        if not self._is_there(name):
            return Truth.NO
        if name in FLAGS:
            return Phrase("", FLAGS[name] if wanted else f"it is not so that {FLAGS[name]}")
        whose, _, quality = name.partition(".")
        if quality in QUALITIES:
            told = QUALITIES[quality][0 if wanted else 1]
            return Phrase(f"the {whose.replace('_', ' ')}", told)
        if not quality and name not in self._collection.variables:
            return Phrase(quoted(self.label(name)), "holds" if wanted else "does not hold")
        return Phrase(self._subject(name), "is yes" if wanted else "is no")

    def _compared(self, node: dict[str, Any], wanted: bool) -> Said:
        left, right, form = node["left"], node["right"], node["type"]
        if left["class"] == "CONSTANT":
            left, right, form = right, left, _TURNED.get(form, form)
        if _is_trimmed_text(left) and form == "COMPARE_NOTEQUAL" and _constant(right) == "":
            return self._given(left["arguments"][0]["expression"], wanted)
        if left.get("type") == "OPERATOR_COALESCE" and right["class"] == "CONSTANT":
            return self._coalesced_value(left, right, form, wanted)
        if not wanted:
            form = _FALSE_OF[form]
        if left["class"] == "FUNCTION" and left["function_name"] == "scheme_location_count":
            return Phrase("the number of open locations of the scheme", _number(form, right))
        if left["class"] == "FUNCTION" and left["function_name"] == "days_between":
            return self._days_apart(left, _NUMBERS[form].format(_constant(right)))
        name = self._name(left)
        if name in _YEARS:
            return truth(_holds(self._collection.year, form, int(_constant(right))), True)
        if right["class"] == "COLUMN_REF":
            return self._against(name, form, self._name(right))
        if not self._is_there(name):
            return truth(form == "COMPARE_DISTINCT_FROM", True)
        return self._valued(name, form, right)

    def _valued(self, name: str, form: str, right: dict[str, Any]) -> Said:
        value = _constant(right)
        if value in ("true", "false"):
            quality = name.partition(".")[2]
            if quality in QUALITIES and value == "true":
                # A quality that is not known counts as lacking, as it does for the checker.
                if form not in ("COMPARE_EQUAL", "COMPARE_NOT_DISTINCT_FROM"):
                    known = self._given(_reference(name), False)
                    return joined([self._flag(_reference(name), False), known], False)
                return self._flag(_reference(name), True)
            if form not in ("COMPARE_EQUAL", "COMPARE_NOT_DISTINCT_FROM"):
                is_yes = f"is not {'yes' if value == 'true' else 'no'}"
                return Phrase(self._subject(name), is_yes)
            return Phrase(self._subject(name), f"is {'yes' if value == 'true' else 'no'}")
        variable = self._collection.variables.get(name)
        if variable is None or not self._collection.codes(name):
            return Phrase(self._subject(name), _number(form, right))
        labels = self._labels(variable)
        if value not in labels and form in ("COMPARE_EQUAL", "COMPARE_NOT_DISTINCT_FROM"):
            return Truth.NO
        if variable.kind == "checkbox" and value == "1":
            ticked = form in ("COMPARE_EQUAL", "COMPARE_NOT_DISTINCT_FROM")
            return Phrase(self._subject(name), "is ticked" if ticked else "is not ticked")
        if value not in labels:
            return Truth.YES if form == "COMPARE_DISTINCT_FROM" else self._has(name)
        if form not in ("COMPARE_EQUAL", "COMPARE_NOT_DISTINCT_FROM", "COMPARE_DISTINCT_FROM"):
            if form != "COMPARE_NOTEQUAL":
                raise _CannotSay
            return Phrase(self._subject(name), f"has an answer other than {labels[value]}")
        negation = "not " if form == "COMPARE_DISTINCT_FROM" else ""
        return Phrase(self._subject(name), f"is {negation}{labels[value]}")

    def _has(self, name: str) -> Phrase:
        return Phrase(self._subject(name), HAS)

    def _labels(self, variable: Variable) -> dict[str, str]:
        codes = self._collection.codes(variable.id)
        return {code.code: quoted(code.label) for code in codes}

    def _against(self, name: str, form: str, other: str) -> Said:
        if not (self._is_there(name) and self._is_there(other)):
            return truth(form == "COMPARE_DISTINCT_FROM", True)
        if other == f"saved.{name}" and form == "COMPARE_DISTINCT_FROM":
            return Phrase(self._subject(name), "has just changed")
        variable = self._collection.variables.get(name)
        known = FACTS.get(name) or REFERENCES.get(name)
        if variable.kind == "date" if variable else known == "DATE":
            told = _DATES.get(form)
        else:
            told = _TWO.get(form) or _NUMBERS.get(form)
        if told is None:
            raise _CannotSay
        return Phrase(self._subject(name), told.format(self._subject(other)))

    def _between(self, node: dict[str, Any], wanted: bool) -> Said:
        lower, upper = _figure(_constant(node["lower"])), _figure(_constant(node["upper"]))
        told = f"is from {lower} to {upper}" if wanted else f"is below {lower} or above {upper}"
        if node["input"]["class"] == "FUNCTION":
            return self._days_apart(node["input"], told)
        name = self._name(node["input"])
        if not self._is_there(name):
            return Truth.NO
        return Phrase(self._subject(name), told)

    def _days_apart(self, call: dict[str, Any], told: str) -> Said:
        if call["function_name"] != "days_between":
            raise _CannotSay
        first, second = (self._name(found["expression"]) for found in call["arguments"])
        if not (self._is_there(first) and self._is_there(second)):
            return Truth.NO
        days = f"the number of days from {self._subject(first)} to {self._subject(second)}"
        return Phrase(days, told)

    def _among(self, node: dict[str, Any], wanted: bool) -> Said:
        name = self._name(node["children"][0])
        values = [_constant(child) for child in node["children"][1:]]
        if not self._is_there(name):
            return Truth.NO
        variable = self._collection.variables.get(name)
        if variable is None or not self._collection.codes(name):
            told = [_figure(value) for value in values]
        else:
            labels = self._labels(variable)
            told = [labels[value] for value in values if value in labels]
            if not told:
                return self._has(name) if not wanted else Truth.NO
            if wanted and len(told) == len(labels):
                return self._has(name)
        if wanted:
            return Phrase(self._subject(name), f"is {listed(told, 'or')}")
        return Phrase(self._subject(name), f"has an answer other than {listed(told, 'or')}")

    def _coalesced(self, children: list[dict[str, Any]], wanted: bool) -> Said:
        """COALESCE(condition, FALSE) is the condition; with TRUE an unknown one counts too."""
        condition, instead = children
        if _constant(instead) == "false":
            if not wanted:
                raise _CannotSay
            return self._say(condition, True)
        if condition.get("type") in ("COMPARE_NOT_IN", "COMPARE_IN") and wanted:
            lacking = self._given(condition["children"][0], False)
            return joined([self._say(condition, True), lacking], False)
        if condition.get("type") == "OPERATOR_NOT" and wanted:
            inner = condition["children"][0]
            if inner.get("type") == "COMPARE_IN":
                lacking = self._given(inner["children"][0], False)
                return joined([self._say(condition, True), lacking], False)
        raise _CannotSay

    def _coalesced_value(
        self, left: dict[str, Any], right: dict[str, Any], form: str, wanted: bool
    ) -> Said:
        answer, instead = left["children"]
        if form != "COMPARE_EQUAL" or not wanted:
            raise _CannotSay
        name = self._name(answer)
        equal = self._valued(name, "COMPARE_EQUAL", right)
        if _constant(instead) != _constant(right):
            return equal if self._is_there(name) else Truth.NO
        if not self._is_there(name):
            return Truth.YES
        return joined([equal, self._given(answer, False)], False)

    def _function(self, node: dict[str, Any], wanted: bool) -> Said:
        called = node["function_name"]
        negation = "" if wanted else "it is not so that "
        if called in PREDICATES:
            return Phrase("", negation + PREDICATES[called])
        if called == "is_london":
            name = self._name(node["arguments"][0]["expression"])
            return Phrase(self._subject(name), "is in London" if wanted else "is outside London")
        raise _CannotSay


def any_person(text: str, persons: str) -> str:
    """Words about the last person of a range as words about any person of it."""
    if not persons:
        return text
    last = persons_of(persons)[-1]
    return re.sub(rf"\b([Pp]erson|[Bb]uyer) {last}\b", r"\1 n", text)


def _constant(node: dict[str, Any]) -> str:
    if node["class"] == "CONSTANT" and node.get("literal"):
        return str(node["literal"]["text"])
    raise _CannotSay


def _number(form: str, right: dict[str, Any]) -> str:
    return _NUMBERS[form].format(_figure(_constant(right)))


def _figure(text: str) -> str:
    """A figure of a condition with commas between its thousands; any other text as it is."""
    return f"{Decimal(text):,f}" if _LONG_FIGURE.fullmatch(text) else text.replace("_", " ")


def _reference(name: str) -> dict[str, Any]:
    """A node that names a value."""
    return {"class": "COLUMN_REF", "type": "COLUMN_REF", "column_names": name.split(".")}


def _is_trimmed_text(node: dict[str, Any]) -> bool:
    return node["class"] == "FUNCTION" and node["function_name"] == "trim"


def _holds(year: int, form: str, other: int) -> bool:
    return {
        "COMPARE_EQUAL": year == other,
        "COMPARE_NOTEQUAL": year != other,
        "COMPARE_GREATERTHAN": year > other,
        "COMPARE_GREATERTHANOREQUALTO": year >= other,
        "COMPARE_LESSTHAN": year < other,
        "COMPARE_LESSTHANOREQUALTO": year <= other,
        "COMPARE_DISTINCT_FROM": year != other,
        "COMPARE_NOT_DISTINCT_FROM": year == other,
    }[form]
