"""The rule list: every check of a collection and year, with its identifier."""

from dataclasses import dataclass
from functools import cache

from submission.documents.failures import what_breaks
from submission.documents.source import Source
from submission.documents.words import Words, any_person
from submission.rules import persons_of

SEVERITIES = {"hard": "Hard check", "soft": "Soft check"}
SET_UP = "setup"


@dataclass(frozen=True)
class Question:
    """A question that a rule concerns. In a rule for several people, `{n}` is any of them."""

    variable: str
    label: str
    first_variable: str


@dataclass(frozen=True)
class RuleEntry:
    """One rule. `applies` and `fails` are None where there are no words for the condition.

    `questions` are those of the year. `last_year` is None while the rule is in force.
    """

    id: str
    severity: str
    category: str
    questions: tuple[Question, ...]
    persons: str
    message: str
    applies: Words | None
    fails: Words | None
    applies_if: str
    fails_if: str
    confirm_field: str
    note: str
    first_year: int
    last_year: int | None

    @property
    def set_up(self) -> bool:
        """Whether it checks the set-up questions, without which no log is made."""
        return self.category == SET_UP

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables concerned, written out for each person."""
        return tuple(
            dict.fromkeys(
                question.variable.replace("{n}", person)
                for person in persons_of(self.persons)
                for question in self.questions
            )
        )


@cache
def rule_list(source: Source) -> tuple[RuleEntry, ...]:
    """The rules in force, in the order of the tables."""
    found = []
    for row in source.tables.rules:
        if row["collection"] != source.collection.name or not row.holds(source.collection.year):
            continue
        persons = row["persons"]
        first, last = persons_of(persons)[0], persons_of(persons)[-1]
        questions = tuple(
            Question(
                name.strip(),
                any_person(source.conditions.label(name.strip().replace("{n}", last)), persons),
                name.strip().replace("{n}", first),
            )
            for name in row["fields"].split(";")
            if name.strip().replace("{n}", last) in source.collection.variables
        )
        found.append(
            RuleEntry(
                row["id"],
                row["severity"],
                row["category"],
                questions,
                persons,
                row["message"].replace("{n}", "n"),
                source.conditions.words(row["applies_if"], persons),
                what_breaks(source.conditions, row["applies_if"], row["fails_if"], persons),
                row["applies_if"],
                row["fails_if"],
                row["confirm_field"],
                row["note"],
                int(row["first_year"]),
                int(row["last_year"]) if row["last_year"] else None,
            )
        )
    return tuple(found)


def category_label(category: str) -> str:
    """The words for a group of rules."""
    return "Set-up" if category == SET_UP else category.replace("_", " ").capitalize()
