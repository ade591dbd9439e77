"""How much of a sum its largest owners have: what a rule on dominance looks at."""

from collections.abc import Sequence

import ibis
from ibis import Table

from data_access.questions import TabulatedQuestion
from data_access.tabulation.coding import Codebook
from data_access.tabulation.counting import AMOUNT, constant, of_types, types_of
from data_access.tabulation.spreading import Spread

KEYS = ["period", "log_type", "area", "question"]
FINEST = {
    **types_of(("quarter", "log_type", "region", "area", "question")),
    "owner": "int64",
    "sum": AMOUNT,
}
# What tenants pay for their home: rents and service charges have this unit.
RENT_UNIT = "£ a week"


def looked_at(question: TabulatedQuestion) -> bool:
    """Whether owners of its sums are counted: those of commercial questions and of rents."""
    return question.kind == "number" and (question.commercial or question.unit == RENT_UNIT)


def finest(logs: str, questions: Sequence[TabulatedQuestion], book: Codebook) -> list[str]:
    """Queries for the sums of each owner by quarter and local authority.

    Logs without an owner count as one owner. Columns (FINEST) quarter, log_type, region, area,
    question, owner, sum. `logs` is the name of a table as `Codebook.coded` makes it.
    """
    parts = []
    for question in questions:
        column = book.column(question)
        parts.append(
            "SELECT quarter, log_type, region, area, "
            f"{constant(book.questions.index(question.name))} AS question, owner, "
            f"CAST(sum({column}) AS {AMOUNT}) AS sum FROM {logs} "
            f"{of_types(question.log_types, book, f'{column} IS NOT NULL')} "
            "GROUP BY quarter, log_type, region, area, owner"
        )
    return parts


def everywhere(sums: Table, spread: Spread) -> Table:
    """By KEYS (as numbers): top1, top2 (shares of the sum, null where it is zero), owners."""
    return ibis.union(*(_largest(table) for table, _ in spread.everywhere(sums)))


def _largest(table: Table) -> Table:
    by_owner = table.group_by(*KEYS, "owner").aggregate(amount=table["sum"].sum())
    ranked = by_owner.mutate(
        rank=ibis.row_number().over(
            group_by=KEYS, order_by=[by_owner.amount.desc(), by_owner.owner]
        )
    )
    # Floats come last: a sum of them depends on the order of adding, and bytes would with it.
    found = ranked.group_by(*KEYS).aggregate(
        total=ranked.amount.sum().cast("float64"),
        first=ranked.amount.max(where=ranked["rank"] == 0).cast("float64"),
        second=ranked.amount.max(where=ranked["rank"] == 1).cast("float64"),
        owners=ranked.count().cast("int32"),
    )
    return found.select(
        *KEYS,
        "owners",
        top1=found.first / found.total.nullif(0),
        top2=found.second.coalesce(0.0) / found.total.nullif(0),
    )
