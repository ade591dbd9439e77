"""One-way counts: each question by period, log type and place."""

from collections.abc import Sequence

import ibis
from ibis import Table

from data_access.questions import RECORDS, TabulatedQuestion
from data_access.tabulation.coding import Codebook
from data_access.tabulation.counting import AMOUNT, constant, of_types, types_of
from data_access.tabulation.spreading import Spread

KEYS = ["period", "log_type", "area", "question", "code"]
FINEST = {
    **types_of(("quarter", "log_type", "region", "area", "question", "code", "local_code")),
    "count": "int64",
    "sum": AMOUNT,
}


def finest(logs: str, questions: Sequence[TabulatedQuestion], book: Codebook) -> list[str]:
    """Queries for counts by quarter and local authority, which all wider ones are made of.

    Columns (FINEST) quarter, log_type, region, area, question, code, local_code (the number of the
    code that local authority level shows it as), count, sum (null where nobody answered in
    numbers). `logs` is the name of a table as `Codebook.coded` makes it.
    """
    return [_query(logs, question, book) for question in questions]


def records(logs: str, book: Codebook) -> str:
    """The query for the number of logs, with the columns of `finest`."""
    return _by_code(logs, book.questions.index(RECORDS), constant(0), "code", "NULL", "")


def _query(logs: str, question: TabulatedQuestion, book: Codebook) -> str:
    number, column = book.questions.index(question.name), book.column(question)
    asked = of_types(question.log_types, book)
    if question.kind == "number":
        code = f"CAST(CASE WHEN {column} IS NULL THEN 1 ELSE 0 END AS SMALLINT)"
        return _by_code(logs, number, code, "code", f"sum({column})", asked)
    merged = " ".join(f"WHEN {fine} THEN {group}" for fine, group in book.merged(question))
    local = f"CAST(CASE code {merged} ELSE code END AS SMALLINT)" if merged else "code"
    return _by_code(logs, number, column, local, "NULL", asked)


def _by_code(logs: str, question: int, code: str, local: str, amount: str, asked: str) -> str:
    return (
        f"SELECT quarter, log_type, region, area, {constant(question)} AS question, code, "
        f"{local} AS local_code, count, sum FROM (SELECT quarter, log_type, region, area, "
        f"{code} AS code, count(*) AS count, CAST({amount} AS {AMOUNT}) AS sum "
        f"FROM {logs} {asked} GROUP BY 1, 2, 3, 4, 5) AS counted"
    )


def everywhere(finest_counts: Table, spread: Spread) -> Table:
    """The counts of every period and level: KEYS (as numbers), count, sum (a float)."""
    parts = []
    for table, level in spread.everywhere(finest_counts):
        code = table.local_code if level == "local_authority" else table.code
        keys = [table[key] for key in KEYS if key != "code"]
        counted = table.group_by(*keys, code=code).aggregate(
            count=table["count"].sum(), sum=table["sum"].sum()
        )
        parts.append(
            counted.select(
                *KEYS, count=counted["count"].cast("int64"), sum=counted["sum"].cast("float64")
            )
        )
    return ibis.union(*parts)
