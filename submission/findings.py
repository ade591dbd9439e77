"""What the checker found, in words: what is wrong, what was given, and how to mend it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa

from submission.answer_types import IDENTIFIERS, codes_of, known_variable
from submission.collection import Collection, Variable
from submission.rules import HARD, MISSING, Rule

# A message names at most so many of the answers concerned.
MOST_VALUES = 6
MOST_CODES = 12
LONGEST_VALUE = 60
_PERSON = re.compile(r"\D([2-8])(?:_known)?$")


@dataclass(frozen=True)
class Finding:
    """One rule broken by one log. `severity`: setup, hard, soft or missing."""

    rule: str
    severity: str
    fields: tuple[str, ...]
    message: str
    confirm_field: str = ""
    confirmed: bool = False

    def as_document(self) -> dict[str, Any]:
        """The finding as it is kept with a log; a soft one says how it is confirmed."""
        found: dict[str, Any] = {
            "rule": self.rule,
            "severity": self.severity,
            "fields": list(self.fields),
            "message": self.message,
        }
        if self.confirm_field:
            found["confirm_field"] = self.confirm_field
        if self.confirmed:
            found["confirmed"] = True
        return found


class Teller:
    """Puts findings of one frame into words."""

    def __init__(
        self,
        collection: Collection,
        answers: dict[str, list[Any]],
        given: pa.Table,
        uploaded: bool,
    ) -> None:
        self._collection = collection
        self._columns = answers
        self._given = given
        self._texts: dict[str, list[str | None]] = {}
        self._uploaded = uploaded
        self._order = {
            name: (variable.order, number)
            for number, (name, variable) in enumerate(collection.variables.items())
        }

    def place(self, finding: Finding) -> tuple[Any, ...]:
        """Findings in the order of the questionnaire, those to be put right first."""
        first = min(
            (self._order.get(name, (9999, 9999)) for name in finding.fields), default=(0, 0)
        )
        return (finding.severity == "soft", first, finding.rule, finding.fields)

    def broken(self, row: int, rule: Rule, confirmed: bool = False) -> Finding:
        """A rule that a log breaks."""
        fields = tuple(name for name in rule.fields if self._concerns(row, name))
        if self._uploaded:
            fields = tuple(name for name in fields if name not in rule.online_only) or fields
        return Finding(
            rule.id,
            rule.severity,
            fields or rule.fields,
            self._with_values(row, rule, fields),
            rule.confirm_field,
            confirmed,
        )

    def missing(self, row: int, name: str) -> Finding:
        """A question that must be answered and is not."""
        variable = self._collection.variables[name]
        given = self._text(row, name)
        words = f"Answer this question: {variable.label}."
        if given is not None and self._columns[name][row] is None:
            words = (
                f"{variable.label}: '{given}' does not go with the other answers, so it was not "
                "kept. Give an answer that does, or change the others."
            )
        return Finding(MISSING, MISSING, (name,), words)

    def unreadable(self, row: int, name: str, kind: str) -> Finding:
        """Text that is no answer of its question."""
        variable = self._collection.variables[name]
        given = self._text(row, name) or ""
        words = f"{variable.label}: '{given}' {self._wanted(variable, kind)}"
        return Finding(f"answer_{kind}", HARD, (name,), words)

    def _wanted(self, variable: Variable, kind: str) -> str:
        if kind == "not_a_date":
            return "is not a real date. Enter day, month and year, such as 5 4 2026."
        if kind == "not_a_tick":
            return "is neither 1 (yes) nor 0 (no). Enter 1 or leave it empty."
        if kind == "too_long":
            return "has more digits than any answer. Check it; a point may be missing."
        if kind == "not_a_number":
            return "is not a number. Enter digits only, such as 101.50."
        codes = codes_of(self._collection, variable)
        if len(codes) > MOST_CODES:
            return "is not one of the codes of this question. See the list in its specification."
        return f"is not one of the answers offered. Enter one of: {', '.join(codes)}."

    def was_given(self, row: int, name: str) -> bool:
        """Whether the log has any text for a variable."""
        return self._text(row, name) is not None

    def _text(self, row: int, name: str) -> str | None:
        if name not in self._texts:
            there = name in self._given.column_names
            nothing: list[str | None] = [None] * self._given.num_rows
            self._texts[name] = self._given[name].to_pylist() if there else nothing
        text = self._texts[name][row]
        return text.removeprefix("\x01")[:LONGEST_VALUE] if text is not None else None

    def _concerns(self, row: int, name: str) -> bool:
        """Of several people only those described are named."""
        person = _PERSON.search(name)
        if person is None or "hhmemb" not in self._columns:
            return True
        members = self._columns["hhmemb"][row]
        return not isinstance(members, int) or int(person[1]) <= members

    def _with_values(self, row: int, rule: Rule, fields: Iterable[str]) -> str:
        told = []
        for name in fields:
            variable = self._collection.variables.get(name)
            value = self._columns[name][row] if name in self._columns else None
            shown = None if value is None else words_for(self._collection, name, value)
            if shown is None:
                shown = self._text(row, name)
            if variable is None or shown is None or name in IDENTIFIERS:
                continue
            told.append(f"{variable.label}: {shown}")
        if not told:
            return rule.message
        rest = f" and {len(told) - MOST_VALUES} more" if len(told) > MOST_VALUES else ""
        return f"{rule.message} Given: {'; '.join(told[:MOST_VALUES])}{rest}."


def words_for(collection: Collection, name: str, value: Any) -> str:
    """A kept value as a person reads it: labels for codes, pounds, dates in words."""
    variable = known_variable(collection, name)
    if variable is None:
        return str(value)
    for code in collection.code_lists.get(variable.codes, ()):
        if code.code == str(value):
            return code.label
    if variable.kind == "date":
        try:
            day = date.fromisoformat(str(value))
        except ValueError:
            return str(value)
        return f"{day.day} {day:%B %Y}"
    if variable.unit.startswith("GBP") or variable.kind == "money":
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            return str(value)
        sign = "-" if amount < 0 else ""
        return f"{sign}£{abs(amount):,.2f}".removesuffix(".00")
    if variable.unit == "%":
        return f"{value}%"
    return str(value)[:LONGEST_VALUE]
