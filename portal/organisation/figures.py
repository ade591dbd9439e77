"""Counting an organisation's own valid logs. Private: nothing here is made safe to publish."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from data_access.questions import (
    ANSWERED,
    NOT_ANSWERED,
    PlaceTable,
    QuestionTable,
    TabulatedQuestion,
    question_table,
)


def own_figures(
    answers: Sequence[dict[str, Any]],
    questions: Iterable[TabulatedQuestion],
    log_type: str,
    period: str,
) -> PlaceTable:
    """Figures of these logs, in the form of a public table; `area` and `level` say they are own."""
    asked = [
        question
        for question in questions
        if log_type in question.log_types and question.asked_in(period)
    ]
    tables = {question.name: _count(answers, question) for question in asked}
    return PlaceTable("organisation", "own", log_type, period, len(answers), tables)


def _count(answers: Sequence[dict[str, Any]], question: TabulatedQuestion) -> QuestionTable:
    values = [given.get(question.answer) for given in answers]
    if question.kind == "number":
        numbers = [Decimal(str(value)) for value in values if value is not None]
        mean = float(round(sum(numbers, Decimal(0)) / len(numbers), 2)) if numbers else None
        cells: dict[str, tuple[int, float | None]] = {
            ANSWERED: (len(numbers), mean),
            NOT_ANSWERED: (len(values) - len(numbers), None),
        }
        return question_table(question, cells)
    known = {code for code, _ in question.codes}
    counted = Counter(str(value) if str(value) in known else NOT_ANSWERED for value in values)
    return question_table(question, {code: (count, None) for code, count in counted.items()})
