"""Words for figures: titles that state the finding, amounts with their unit, headlines."""

from data_access.questions import PlaceTable, QuestionTable


def finding(table: QuestionTable) -> str:
    """What a chart's title says: the mean, or the commonest answer."""
    if table.question.kind == "number":
        if table.mean is None:
            return f"{table.question.label}: nobody answered"
        return f"{table.question.label}: {amount(table.mean, table.question.unit)} on average"
    top = max(table.rows, key=lambda row: row.count, default=None)
    if top is None or top.share is None:
        return f"{table.question.label}: nobody answered"
    return f"{table.question.label}: most often '{top.label}' ({top.share:.0f}%)"


def amount(value: float, unit: str) -> str:
    """A mean with its unit: £ before, other units after."""
    if unit.startswith("£"):
        figure = f"£{value:,.2f}" if value < 10_000 else f"£{value:,.0f}"
        return f"{figure}{unit[1:]}"
    return f"{value:,.1f} {unit}".strip()


def headlines(table: PlaceTable) -> list[tuple[str, str]]:
    """Label and figure of what a reader wants first."""
    found = [("Records", f"{table.records:,}")]
    for question in table.questions.values():
        if question.question.headline and question.mean is not None:
            found.append((question.question.label, amount(question.mean, question.question.unit)))
    return found[:5]
