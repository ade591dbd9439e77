"""Worked examples of rules as the rule list shows them."""

from dataclasses import dataclass
from datetime import date, timedelta

from submission.documents.rule_list import RuleEntry
from submission.documents.source import Source
from submission.examples import FIRES, Example, rule_examples

# Examples that give no date are of this day of their collection year (see submission.examples).
USUAL_DAYS = 180


@dataclass(frozen=True)
class RuleCase:
    """One example of a rule. `given` are answers and facts, such as "age1 = 15"."""

    breaks: bool
    year: int
    given: tuple[str, ...]
    because: str

    @property
    def outcome(self) -> str:
        """In words, what comes of it."""
        return "Breaks the rule" if self.breaks else "Passes"


def usual_date(year: int) -> date:
    """The date of the letting or sale in examples that give none."""
    return date(year, 4, 1) + timedelta(days=USUAL_DAYS)


def rule_cases(source: Source, rule: RuleEntry) -> tuple[RuleCase, ...]:
    """The examples of a rule for the years in which it reads as it does in this one."""
    last = rule.last_year or source.collection.year
    return tuple(
        RuleCase(example.outcome == FIRES, example.year, _given(source, example), example.because)
        for example in rule_examples(source.collection.name)
        if example.subject == rule.id and rule.first_year <= example.year <= last
    )


def _given(source: Source, example: Example) -> tuple[str, ...]:
    event = "startdate" if source.collection.name == "lettings" else "saledate"
    usual = usual_date(example.year).isoformat()
    told = [
        f"{name} = {value}{_label(source, name, value)}"
        for name, value in example.answers.items()
        if (name, value) != (event, usual)
    ]
    told += [f"{name} = {value}" for name, value in example.facts.items()]
    told += [f"{name} = {value} before" for name, value in example.saved.items()]
    if example.today != date(example.year + 1, 3, 31):
        told.append(f"checked on {example.today.isoformat()}")
    return tuple(told) or ("no answer",)


def _label(source: Source, name: str, value: str) -> str:
    if name not in source.collection.variables:
        return ""
    labels = {code.code: code.label for code in source.collection.codes(name)}
    return f" ({labels[value]})" if value in labels else ""
