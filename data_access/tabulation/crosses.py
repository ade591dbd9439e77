"""Two-way counts for England: each pair of crossable questions."""

from collections.abc import Sequence
from itertools import combinations

import ibis
from ibis import Table

from data_access.questions import TabulatedQuestion
from data_access.tabulation.coding import Codebook
from data_access.tabulation.counting import constant, of_types, types_of
from data_access.tabulation.spreading import Spread

KEYS = ["period", "log_type", "question", "code", "question2", "code2"]
BY_QUARTER = {**types_of(("quarter", *KEYS[1:])), "count": "int64"}
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


def by_quarter(logs: str, crossed: Sequence[Pair], book: Codebook) -> list[str]:
    """Queries with the columns quarter, log_type, question, code, question2, code2, count.

    `logs` is the name of a table as `Codebook.coded` makes it.
    """
    return [_query(logs, first, second, book) for first, second in crossed]


def _query(logs: str, first: TabulatedQuestion, second: TabulatedQuestion, book: Codebook) -> str:
    one, two = book.column(first), book.column(second)
    asked = of_types(sorted(set(first.log_types) & set(second.log_types)), book)
    # The questions are not among the keys: with two more of them an engine takes twice as long.
    return (
        f"SELECT quarter, log_type, {constant(book.questions.index(first.name))} AS question, "
        f"{one} AS code, {constant(book.questions.index(second.name))} AS question2, "
        f"{two} AS code2, count(*) AS count FROM {logs} {asked} "
        f"GROUP BY quarter, log_type, {one}, {two}"
    )


def everywhen(quarters: Table, spread: Spread) -> Table:
    """The counts of every period: KEYS (as numbers), count."""
    parts = []
    for table, period in spread.periods(quarters):
        dated = table.mutate(period=period)
        parts.append(dated.group_by(*KEYS).aggregate(count=dated["count"].sum().cast("int64")))
    return ibis.union(*parts)
