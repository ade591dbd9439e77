"""What protection must know of a question, and how linked questions become one table."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Protocol

from disclosure.protection.components import Answers

LEVELS = ("local_authority", "region", "england")
NOT_ANSWERED = "not_answered"
ANSWERED = "answered"


class Question(Protocol):
    """A tabulated question (data_access.questions.TabulatedQuestion is one)."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def codes(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def groups(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def log_types(self) -> tuple[str, ...]: ...
    @property
    def lowest(self) -> str: ...
    @property
    def personal(self) -> bool: ...
    @property
    def commercial(self) -> bool: ...
    @property
    def crossable(self) -> bool: ...
    @property
    def answered_with(self) -> str: ...
    @property
    def answered_codes(self) -> tuple[str, ...]: ...
    def asked_in(self, period: str) -> bool: ...


def asked(questions: Iterable[Question], log_type: str, year: str) -> list[Question]:
    """The questions that a log type is asked in a collection year."""
    return [q for q in questions if log_type in q.log_types and q.asked_in(year)]


def linked(questions: Sequence[Question]) -> list[list[Question]]:
    """Questions in groups that are answered together, in the order given."""
    by_name = {question.name: question for question in questions}

    def first(name: str) -> str:
        above = by_name[name].answered_with
        return first(above) if above in by_name and above != name else name

    groups: dict[str, list[Question]] = {}
    for question in questions:
        groups.setdefault(first(question.name), []).append(question)
    return list(groups.values())


def answers_of(group: Sequence[Question], size: Mapping[tuple[str, str], int]) -> list[Answers]:
    """What moves must know of linked questions. `size`: records of a question and code."""
    return [
        Answers(
            question.name,
            tuple(
                sorted(
                    codes_of(question), key=lambda code: (-size.get((question.name, code), 0), code)
                )
            ),
            NOT_ANSWERED,
            dict(question.groups),
            question.answered_with,
            frozenset(question.answered_codes),
        )
        for question in group
    ]


def codes_of(question: Question) -> tuple[str, ...]:
    """Its codes above the lowest level, without that of no answer."""
    if question.kind == "number":
        return (ANSWERED,)
    return tuple(code for code, _ in question.codes)


@cache
def height_of(level: str) -> int:
    """0 at local authority level, 2 at England."""
    return LEVELS.index(level)
