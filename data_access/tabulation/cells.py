"""One-way counts: each question by period, log type and place, as expressions."""

from collections.abc import Sequence

import ibis
from ibis import Table, Value

from data_access.questions import RECORDS, TabulatedQuestion
from data_access.reference.log_types import LOG_TYPES
from data_access.tabulation.coding import Codebook, shown_locally
from data_access.tabulation.spreading import Spread

KEYS = ["period", "log_type", "area", "question", "code"]
# Exact: a sum of amounts does not depend on the order that an engine adds them in.
_SUM = "decimal(38, 2)"


def finest(logs: Table, questions: Sequence[TabulatedQuestion], book: Codebook) -> Table:
    """Counts by quarter and local authority, which all wider ones are made of.

    Columns quarter, log_type, region, area, question, code, local_code (the number of the code that
    local authority level shows it as), count, sum (null where nobody answered in numbers).
    """
    return ibis.union(*(_counted(logs, question, book) for question in questions))


def records(logs: Table, book: Codebook) -> Table:
    """The number of logs, with the columns of `finest`."""
    return _by_code(logs, ibis.literal(0, "int16"), None, book.questions.index(RECORDS))


def asked_of(logs: Table, log_types: Sequence[str], book: Codebook) -> Table:
    """The logs of some log types, untouched where those are all of a collection."""
    collections = {LOG_TYPES[slug].collection for slug in log_types}
    if all(slug in log_types for slug, kind in LOG_TYPES.items() if kind.collection in collections):
        return logs
    return logs.filter(logs.log_type.isin([book.log_types.index(slug) for slug in log_types]))


def _counted(logs: Table, question: TabulatedQuestion, book: Codebook) -> Table:
    asked = asked_of(logs, question.log_types, book)
    answer, number = asked[question.name], book.questions.index(question.name)
    if question.kind == "number":
        return _by_code(asked, answer.isnull().cast("int16"), answer, number)
    counted = _by_code(asked, answer, None, number)
    return counted.mutate(local_code=shown_locally(question, counted.code))


def _by_code(logs: Table, code: Value, amount: Value | None, question: int) -> Table:
    counted = logs.group_by("quarter", "log_type", "region", "area", code=code).aggregate(
        count=logs.count(), sum=ibis.null(_SUM) if amount is None else amount.sum().cast(_SUM)
    )
    return counted.select(
        "quarter",
        "log_type",
        "region",
        "area",
        "code",
        "count",
        "sum",
        question=ibis.literal(question, "int16"),
        local_code=counted.code,
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
