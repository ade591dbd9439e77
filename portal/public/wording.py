"""Words for figures: titles that state the finding, amounts with their unit, headlines."""

from data_access.questions import PlaceTable, QuestionTable, Row
from portal.layout.pages import WITHHELD, number


def finding(table: QuestionTable) -> str:
    """What a chart's title says: the mean, or the commonest answer."""
    if table.question.kind == "number":
        if table.mean is None:
            return f"{table.question.label}: {no_mean(table)}"
        return f"{table.question.label}: {amount(table.mean, table.question.unit)} on average"
    if table.answered == 0:
        return f"{table.question.label}: nobody answered"
    top = _commonest(table)
    if top is None:
        much = "some" if any(row.count is not None for row in table.rows) else "all"
        return f"{table.question.label}: {much} figures are withheld"
    label, share = top
    return f"{table.question.label}: most often '{label}' ({share:.0f}%)"


def _commonest(table: QuestionTable) -> tuple[str, float] | None:
    """Label and share of the commonest answer; None where one withheld may be commoner."""
    known = [(row.count, row) for row in table.rows if row.count is not None]
    if not known or table.answered is None:
        return None
    count, top = max(known, key=lambda pair: pair[0])
    hidden = table.answered - sum(count for count, _ in known)
    return (top.label, top.share) if count >= hidden and top.share is not None else None


def no_mean(table: QuestionTable) -> str:
    """Why a number question has no mean."""
    return "nobody answered" if table.answered == 0 else WITHHELD


def mean_of(table: QuestionTable) -> str:
    """The mean with its unit, or why there is none."""
    return no_mean(table) if table.mean is None else amount(table.mean, table.question.unit)


def share_of(table: QuestionTable, row: Row) -> str:
    """An answer's share in words, or why it has none."""
    if row.share is not None:
        return f"{row.share:.1f}%"
    return "no answers" if table.answered == 0 else WITHHELD


def amount(value: float, unit: str) -> str:
    """A mean with its unit: £ before, other units after."""
    if unit.startswith("£"):
        figure = f"£{value:,.2f}" if value < 10_000 else f"£{value:,.0f}"
        return f"{figure}{unit[1:]}"
    return f"{value:,.1f} {unit}".strip()


def headlines(table: PlaceTable) -> list[tuple[str, str]]:
    """Label and figure of what a reader wants first."""
    found = [("Records", number(table.records))]
    for question in table.questions.values():
        if question.question.headline and question.mean is not None:
            found.append((question.question.label, amount(question.mean, question.question.unit)))
    return found[:5]
