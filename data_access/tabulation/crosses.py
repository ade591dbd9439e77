"""Two-way counts for England: each pair of crossable questions, as expressions."""

from collections.abc import Sequence
from itertools import combinations

import ibis
from ibis import Table

from data_access.questions import TabulatedQuestion
from data_access.tabulation.cells import asked_of
from data_access.tabulation.coding import Codebook
from data_access.tabulation.spreading import Spread

KEYS = ["period", "log_type", "question", "code", "question2", "code2"]
Pair = tuple[TabulatedQuestion, TabulatedQuestion]


def pairs(questions: Sequence[TabulatedQuestion]) -> list[Pair]:
    """The pairs that some log type is asked both of, first before second in the alphabet."""
    crossable = sorted(
        (question for question in questions if question.crossable and question.kind == "category"),
        key=lambda question: question.name,
    )
    return [
        (first, second)
        for first, second in combinations(crossable, 2)
        if set(first.log_types) & set(second.log_types)
    ]


def by_quarter(logs: Table, crossed: Sequence[Pair], book: Codebook) -> Table:
    """Columns quarter, log_type, question, code, question2, code2, count."""
    # Writing a query takes longer the more columns its table has, so the others are left out.
    named = sorted({question.name for pair in crossed for question in pair})
    narrow = logs.select("quarter", "log_type", *named)
    return ibis.union(*(_counted(narrow, first, second, book) for first, second in crossed))


def _counted(
    logs: Table, first: TabulatedQuestion, second: TabulatedQuestion, book: Codebook
) -> Table:
    both = sorted(set(first.log_types) & set(second.log_types))
    asked = asked_of(logs, both, book)
    counted = asked.aggregate(
        by=[
            asked.quarter,
            asked.log_type,
            asked[first.name].name("code"),
            asked[second.name].name("code2"),
        ],
        count=asked.count(),
    )
    # Not among the keys: with two more of them, if constant, an engine counts at half the speed.
    return counted.mutate(
        question=ibis.literal(book.questions.index(first.name), "int16"),
        question2=ibis.literal(book.questions.index(second.name), "int16"),
    )


def everywhen(quarters: Table, spread: Spread) -> Table:
    """The counts of every period: KEYS (as numbers), count."""
    parts = []
    for table, period in spread.periods(quarters):
        dated = table.mutate(period=period)
        parts.append(dated.group_by(*KEYS).aggregate(count=dated["count"].sum().cast("int64")))
    return ibis.union(*parts)
