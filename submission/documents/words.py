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
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from submission.collection import Collection, Variable
from submission.expressions import tree
from submission.rules import persons_of
from submission.tables import Tables

# Predicates that the tables use as functions. Source: the collection's notes on predicates.
_PREDICATES = {
    "is_owner_la": "the owner is a local authority",
    "is_owner_prp": "the owner is a private registered provider",
    "owner_choice_needed": "the person may report homes of more than one owner",
    "manager_choice_needed": "more than one organisation may manage the home",
    "assignee_choice_needed": "the person may assign logs to others",
    "setup_completed": "the set-up questions are answered",
    "setup_completed_except_location": "the set-up questions other than the location are answered",
    "rent_outside_expected_range": "the rent is outside the usual range for such a home there",
    "net_income_outside_expected_range": "the income is unusual for the people described",
    "scharge_above_expected": "the service charge is unusually high",
    "pscharge_above_expected": "the personal service charge is unusually high",
    "supcharg_above_expected": "the support charge is unusually high",
    "reasonother_matches_listed_reason": "the reason typed is like one of the listed reasons",
    "tenancyother_mentions_starter_period": "the tenancy type typed is like a starter tenancy",
    "more_than_one_partner": "more than one person is a partner",
    "sickness_reported_without_illness": "somebody is long-term sick but nobody has an illness",
    "pregnancy_in_all_male_household": "somebody is pregnant but everybody is male",
    "pregnancy_outside_usual_age_range": "somebody is pregnant but nobody is of a usual age",
    "pregnancy_unlikely_in_household": "a pregnancy is unlikely in this household",
    "buyers_too_young_for_older_persons_scheme": (
        "the buyers are younger than an older persons' scheme is for"
    ),
    "income1_above_discounted_sale_limit": "the income of buyer 1 is above the limit",
    "income2_above_discounted_sale_limit": "the income of buyer 2 is above the limit",
    "combined_income_above_discounted_sale_limit": "the incomes together are above the limit",
    "income1_outside_expected_range": "the income of buyer 1 is unusual",
    "income2_outside_expected_range": "the income of buyer 2 is unusual",
    "mortgage_above_five_times_income": "the mortgage is more than five times the income",
    "deposit_high_for_savings": "the deposit is high for the savings",
    "savings_above_expected": "the savings are unusually high",
    "price_outside_expected_range": "the price is outside the usual range for such a home there",
    "funding_below_discounted_price": "mortgage and deposit are below the discounted price",
    "monthly_charges_above_expected": "the monthly charges are unusually high",
    "manager_uses_rent_period": "the managing organisation lets with this payment period",
}
_FACTS = {"address_service": "addresses can be looked up"}
# Facts about what a log names, such as owning_organisation.merge_date.
_PARTICULARS = {
    "merge_date": "the day on which the {} merged into another",
    "available_from": "the first day of the {}",
    "provider_type": "the kind of landlord of the {}",
    "code": "the {}",
    "organisation_id": "the organisation of the person it is {}",
    "soft_min": "the usual {}",
    "postcode": "the postcode of the {}",
}
_QUALITIES = {
    "has_absorbed_organisations": ("was formed by a merger", "was not formed by a merger"),
    "data_protection_confirmed": (
        "has accepted the data sharing agreement",
        "has not accepted the data sharing agreement",
    ),
    "in_england": ("is in England", "is not in England"),
}
_YEARS = ("collection_year", "form_year")
_FILLS = frozenset(["infer", "derive", "normalise", "lookup", "helper"])
_HAS, _LACKS = "has an answer", "has no answer"
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
_DATES = {
    "COMPARE_EQUAL": "is the same day as {}",
    "COMPARE_GREATERTHAN": "is after {}",
    "COMPARE_GREATERTHANOREQUALTO": "is on or after {}",
    "COMPARE_LESSTHAN": "is before {}",
    "COMPARE_LESSTHANOREQUALTO": "is on or before {}",
}


class _CannotSay(Exception):
    """The condition is of a kind that has no words here."""


class _Truth(Enum):
    """A part that is decided by the year alone. NULL is never true, like FALSE."""

    YES = "always"
    NO = "never"


@dataclass(frozen=True)
class _Phrase:
    subject: str
    predicate: str

    @property
    def text(self) -> str:
        return f"{self.subject} {self.predicate}".strip()


@dataclass(frozen=True)
class _Together:
    word: str
    parts: tuple["_Phrase | _Together", ...]

    @property
    def text(self) -> str:
        texts = [p.text if isinstance(p, _Phrase) else f"({p.text})" for p in self.parts]
        return listed(texts, self.word)


_Said = _Truth | _Phrase | _Together


@dataclass(frozen=True)
class Words:
    """A condition in words: in one sentence, and as the parts that `word` (and, or) joins."""

    text: str
    word: str = ""
    parts: tuple[str, ...] = ()


ALWAYS = Words(_Truth.YES.value)
NEVER = Words(_Truth.NO.value)


def listed(texts: Iterable[str], word: str) -> str:
    """Texts in a row, the last two joined by the word."""
    found = list(texts)
    if len(found) < 2:
        return "".join(found)
    plain = [re.sub("“[^”]*”", "", text) for text in found]
    comma = "," if len(found) > 2 or any("," in text for text in plain) else ""
    return f"{', '.join(found[:-1])}{comma} {word} {found[-1]}"


def quoted(text: str) -> str:
    """A label as it stands in a sentence."""
    return f"“{text}”"


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
        if isinstance(said, _Truth):
            return ALWAYS if said is _Truth.YES else NEVER
        if isinstance(said, _Phrase):
            return Words(any_person(said.text, persons))
        parts = tuple(any_person(part.text, persons) for part in said.parts)
        return Words(any_person(said.text, persons), said.word, parts)

    def label(self, name: str) -> str:
        """The words for a variable; those of a value worked out on the way are its name."""
        variable = self._collection.variables.get(name)
        return variable.label if variable else name.replace("_", " ")

    # From a node to words. `wanted` is False inside a NOT: the words then tell the contrary.

    def _say(self, node: dict[str, Any], wanted: bool) -> _Said:
        kind, form = node["class"], node["type"]
        if kind == "CONJUNCTION":
            all_of = (form == "CONJUNCTION_AND") == wanted
            return _joined([self._say(child, wanted) for child in node["children"]], all_of)
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
            return _truth(_constant(node) == "true", wanted)
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
        first, _, rest = name.partition(".")
        if first == "saved":
            return f"{quoted(self.label(rest))} as saved before"
        if first == "entered":
            return f"what is typed for {quoted(self.label(rest))}"
        if rest:
            told = _PARTICULARS.get(rest, f"the {rest.replace('_', ' ')} of the {{}}")
            return told.format(first.replace("_", " "))
        return quoted(self.label(name))

    def _given(self, node: dict[str, Any], wanted: bool) -> _Said:
        name = self._name(node)
        if not self._is_there(name):
            return _truth(False, wanted)
        if name.startswith("entered."):
            subject = quoted(self.label(name.removeprefix("entered.")))
            return _Phrase(subject, "has something typed in it" if wanted else "is left empty")
        if name in self._collection.variables:
            return _Phrase(self._subject(name), _HAS if wanted else _LACKS)
        return _Phrase(self._subject(name), "is known" if wanted else "is not known")

    def _flag(self, node: dict[str, Any], wanted: bool) -> _Said:
        name = self._name(node)
        if not self._is_there(name):
            return _Truth.NO
        if name in _FACTS:
            return _Phrase("", _FACTS[name] if wanted else f"it is not so that {_FACTS[name]}")
        whose, _, quality = name.partition(".")
        if quality in _QUALITIES:
            told = _QUALITIES[quality][0 if wanted else 1]
            return _Phrase(f"the {whose.replace('_', ' ')}", told)
        if not quality and name not in self._collection.variables:
            return _Phrase(quoted(self.label(name)), "holds" if wanted else "does not hold")
        return _Phrase(self._subject(name), "is yes" if wanted else "is no")

    def _compared(self, node: dict[str, Any], wanted: bool) -> _Said:
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
            return _Phrase("the number of open locations of the scheme", _number(form, right))
        if left["class"] == "FUNCTION" and left["function_name"] == "days_between":
            return self._days_apart(left, _NUMBERS[form].format(_constant(right)))
        name = self._name(left)
        if name in _YEARS:
            return _truth(_holds(self._collection.year, form, int(_constant(right))), True)
        if right["class"] == "COLUMN_REF":
            return self._against(name, form, self._name(right))
        if not self._is_there(name):
            return _truth(form == "COMPARE_DISTINCT_FROM", True)
        return self._valued(name, form, right)

    def _valued(self, name: str, form: str, right: dict[str, Any]) -> _Said:
        value = _constant(right)
        if value in ("true", "false"):
            if form not in ("COMPARE_EQUAL", "COMPARE_NOT_DISTINCT_FROM"):
                is_yes = f"is not {'yes' if value == 'true' else 'no'}"
                return _Phrase(self._subject(name), is_yes)
            return _Phrase(self._subject(name), f"is {'yes' if value == 'true' else 'no'}")
        variable = self._collection.variables.get(name)
        if variable is None or not self._collection.codes(name):
            return _Phrase(self._subject(name), _number(form, right))
        labels = self._labels(variable)
        if value not in labels and form in ("COMPARE_EQUAL", "COMPARE_NOT_DISTINCT_FROM"):
            return _Truth.NO
        if variable.kind == "checkbox" and value == "1":
            ticked = form in ("COMPARE_EQUAL", "COMPARE_NOT_DISTINCT_FROM")
            return _Phrase(self._subject(name), "is ticked" if ticked else "is not ticked")
        if value not in labels:
            return _Truth.YES if form == "COMPARE_DISTINCT_FROM" else self._has(name)
        if form not in ("COMPARE_EQUAL", "COMPARE_NOT_DISTINCT_FROM", "COMPARE_DISTINCT_FROM"):
            if form != "COMPARE_NOTEQUAL":
                raise _CannotSay
            return _Phrase(self._subject(name), f"has an answer other than {labels[value]}")
        negation = "not " if form == "COMPARE_DISTINCT_FROM" else ""
        return _Phrase(self._subject(name), f"is {negation}{labels[value]}")

    def _has(self, name: str) -> _Phrase:
        return _Phrase(self._subject(name), _HAS)

    def _labels(self, variable: Variable) -> dict[str, str]:
        codes = self._collection.codes(variable.id)
        return {code.code: quoted(code.label) for code in codes}

    def _against(self, name: str, form: str, other: str) -> _Said:
        if not (self._is_there(name) and self._is_there(other)):
            return _truth(form == "COMPARE_DISTINCT_FROM", True)
        if other == f"saved.{name}" and form == "COMPARE_DISTINCT_FROM":
            return _Phrase(self._subject(name), "has just changed")
        variable = self._collection.variables.get(name)
        dated = variable is not None and variable.kind == "date"
        told = (_DATES if dated or name.endswith("_date") else _NUMBERS).get(form)
        if told is None:
            raise _CannotSay
        return _Phrase(self._subject(name), told.format(self._subject(other)))

    def _between(self, node: dict[str, Any], wanted: bool) -> _Said:
        lower, upper = _constant(node["lower"]), _constant(node["upper"])
        told = f"is from {lower} to {upper}" if wanted else f"is below {lower} or above {upper}"
        if node["input"]["class"] == "FUNCTION":
            return self._days_apart(node["input"], told)
        name = self._name(node["input"])
        if not self._is_there(name):
            return _Truth.NO
        return _Phrase(self._subject(name), told)

    def _days_apart(self, call: dict[str, Any], told: str) -> _Said:
        if call["function_name"] != "days_between":
            raise _CannotSay
        first, second = (self._name(found["expression"]) for found in call["arguments"])
        if not (self._is_there(first) and self._is_there(second)):
            return _Truth.NO
        days = f"the number of days from {self._subject(first)} to {self._subject(second)}"
        return _Phrase(days, told)

    def _among(self, node: dict[str, Any], wanted: bool) -> _Said:
        name = self._name(node["children"][0])
        values = [_constant(child) for child in node["children"][1:]]
        if not self._is_there(name):
            return _Truth.NO
        variable = self._collection.variables.get(name)
        if variable is None or not self._collection.codes(name):
            told = values
        else:
            labels = self._labels(variable)
            told = [labels[value] for value in values if value in labels]
            if not told:
                return self._has(name) if not wanted else _Truth.NO
            if wanted and len(told) == len(labels):
                return self._has(name)
        if wanted:
            return _Phrase(self._subject(name), f"is {listed(told, 'or')}")
        return _Phrase(self._subject(name), f"has an answer other than {listed(told, 'or')}")

    def _coalesced(self, children: list[dict[str, Any]], wanted: bool) -> _Said:
        """COALESCE(condition, FALSE) is the condition; with TRUE an unknown one counts too."""
        condition, instead = children
        if _constant(instead) == "false":
            if not wanted:
                raise _CannotSay
            return self._say(condition, True)
        if condition.get("type") in ("COMPARE_NOT_IN", "COMPARE_IN") and wanted:
            lacking = self._given(condition["children"][0], False)
            return _joined([self._say(condition, True), lacking], False)
        if condition.get("type") == "OPERATOR_NOT" and wanted:
            inner = condition["children"][0]
            if inner.get("type") == "COMPARE_IN":
                lacking = self._given(inner["children"][0], False)
                return _joined([self._say(condition, True), lacking], False)
        raise _CannotSay

    def _coalesced_value(
        self, left: dict[str, Any], right: dict[str, Any], form: str, wanted: bool
    ) -> _Said:
        answer, instead = left["children"]
        if form != "COMPARE_EQUAL" or not wanted:
            raise _CannotSay
        name = self._name(answer)
        equal = self._valued(name, "COMPARE_EQUAL", right)
        if _constant(instead) != _constant(right):
            return equal if self._is_there(name) else _Truth.NO
        if not self._is_there(name):
            return _Truth.YES
        return _joined([equal, self._given(answer, False)], False)

    def _function(self, node: dict[str, Any], wanted: bool) -> _Said:
        called = node["function_name"]
        negation = "" if wanted else "it is not so that "
        if called in _PREDICATES:
            return _Phrase("", negation + _PREDICATES[called])
        if called == "is_london":
            name = self._name(node["arguments"][0]["expression"])
            return _Phrase(self._subject(name), "is in London" if wanted else "is outside London")
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
    return _NUMBERS[form].format(_constant(right))


def _is_trimmed_text(node: dict[str, Any]) -> bool:
    return node["class"] == "FUNCTION" and node["function_name"] == "trim"


def _truth(holds: bool, wanted: bool) -> _Truth:
    return _Truth.YES if holds == wanted else _Truth.NO


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


def _joined(said: list[_Said], all_of: bool) -> _Said:
    deciding = _Truth.NO if all_of else _Truth.YES
    if deciding in said:
        return deciding
    word = "and" if all_of else "or"
    parts: list[_Phrase | _Together] = []
    for part in said:
        if isinstance(part, _Together) and part.word == word:
            parts += part.parts
        elif not isinstance(part, _Truth) and part not in parts:
            parts.append(part)
    if not parts:
        return _Truth.YES if all_of else _Truth.NO
    merged = _same_subject(_same_predicate(parts, word), word)
    return merged[0] if len(merged) == 1 else _Together(word, tuple(merged))


def _same_predicate(parts: list["_Phrase | _Together"], word: str) -> list["_Phrase | _Together"]:
    """ "A has an answer and B has an answer" as "A and B have answers"."""
    shared = (_HAS, _LACKS) if word == "and" else ()
    made: list[_Phrase | _Together] = []
    for part in parts:
        if isinstance(part, _Phrase) and (part.predicate in shared or word == "or"):
            same = [
                found
                for found in parts
                if isinstance(found, _Phrase) and found.predicate == part.predicate
            ]
            if len(same) > 1 and part.subject:
                if part is same[0]:
                    subject = listed([found.subject for found in same], word)
                    plural = {_HAS: "have answers", _LACKS: "have no answers"}
                    told = plural[part.predicate] if word == "and" else part.predicate
                    made.append(_Phrase(subject, told))
                continue
        made.append(part)
    return made


def _same_subject(parts: list["_Phrase | _Together"], word: str) -> list["_Phrase | _Together"]:
    """ "A is 1 or A has no answer" as "A is 1 or has no answer"."""
    made: list[_Phrase | _Together] = []
    for part in parts:
        before = made[-1] if made else None
        if (
            isinstance(part, _Phrase)
            and isinstance(before, _Phrase)
            and part.subject
            and part.subject == before.subject
            and not (word == "and" and " or " in before.predicate + part.predicate)
        ):
            made[-1] = _Phrase(part.subject, f"{before.predicate} {word} {part.predicate}")
        else:
            made.append(part)
    return made
