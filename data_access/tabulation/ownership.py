"""How much of a sum its largest owners have: what a rule on dominance looks at."""

from collections.abc import Sequence

import ibis
from ibis import Table

from data_access.questions import TabulatedQuestion
from data_access.tabulation.cells import asked_of
from data_access.tabulation.coding import Codebook
from data_access.tabulation.spreading import Spread

KEYS = ["period", "log_type", "area", "question"]
# What tenants pay for their home: rents and service charges have this unit.
RENT_UNIT = "£ a week"


def looked_at(question: TabulatedQuestion) -> bool:
    """Whether owners of its sums are counted: those of commercial questions and of rents."""
    return question.kind == "number" and (question.commercial or question.unit == RENT_UNIT)


def finest(logs: Table, questions: Sequence[TabulatedQuestion], book: Codebook) -> Table:
    """Sums of each owner by quarter and local authority; logs without an owner are one owner.

    Columns quarter, log_type, region, area, owner, question, sum.
    """
    parts = []
    for question in questions:
        asked = asked_of(logs, question.log_types, book)
        answered = asked.filter(asked[question.name].notnull())
        parts.append(
            answered.group_by("quarter", "log_type", "region", "area", "owner").aggregate(
                question=ibis.literal(book.questions.index(question.name), "int16"),
                sum=answered[question.name].sum().cast("decimal(38, 2)"),
            )
        )
    return ibis.union(*parts)


def everywhere(sums: Table, spread: Spread) -> Table:
    """By KEYS (as numbers): top1, top2 (shares of the sum, null where it is zero), owners."""
    return ibis.union(*(_largest(table) for table, _ in spread.everywhere(sums)))


def _largest(table: Table) -> Table:
    by_owner = table.group_by(*KEYS, "owner").aggregate(sum=table["sum"].sum().cast("float64"))
    ranked = by_owner.mutate(
        rank=ibis.row_number().over(
            group_by=KEYS, order_by=[by_owner["sum"].desc(), by_owner.owner]
        )
    )
    found = ranked.group_by(*KEYS).aggregate(
        total=ranked["sum"].sum(),
        first=ranked["sum"].max(where=ranked["rank"] == 0),
        second=ranked["sum"].max(where=ranked["rank"] == 1),
        owners=ranked.count().cast("int32"),
    )
    return found.select(
        *KEYS,
        "owners",
        top1=found.first / found.total.nullif(0),
        top2=found.second.coalesce(0.0) / found.total.nullif(0),
    )
