"""Questions as they are counted and published, and tables of their answers at one place."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

RECORDS = "records"
TOTAL = "total"
NOT_ANSWERED = "not_answered"
ANSWERED = "answered"


@dataclass(frozen=True)
class TabulatedQuestion:
    """One question that figures are made of.

    `kind` is "category" (counted by code) or "number" (number answering and mean, in `unit`).
    `codes` are pairs of code and label in the order of the collection; codes are text.
    `variable` is the answer's name in a log, where the question's own name differs.
    `sensitive` questions never have a row below national level.
    """

    name: str
    label: str
    kind: Literal["category", "number"]
    unit: str
    codes: tuple[tuple[str, str], ...]
    log_types: tuple[str, ...]
    sensitive: bool
    headline: bool
    section: str
    variable: str = ""

    @property
    def answer(self) -> str:
        """The variable of a log that answers it: `variable`, or the question's own name."""
        return self.variable or self.name

    def as_json(self) -> dict[str, Any]:
        """Plain values for a release's dictionary."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "TabulatedQuestion":
        """The question that `as_json` wrote."""
        return cls(
            **{
                **values,
                "codes": tuple((code, label) for code, label in values["codes"]),
                "log_types": tuple(values["log_types"]),
            }
        )


@dataclass(frozen=True)
class Row:
    """One answer: how many records gave it, and its share (per cent) of those that answered."""

    code: str
    label: str
    count: int
    share: float | None


@dataclass(frozen=True)
class QuestionTable:
    """The answers to one question. `mean` is of a number question; `rows` of a category one."""

    question: TabulatedQuestion
    rows: tuple[Row, ...]
    answered: int
    not_answered: int
    mean: float | None = None


@dataclass(frozen=True)
class PlaceTable:
    """What may be shown of one place, period and log type."""

    level: str
    area: str
    log_type: str
    period: str
    records: int
    questions: dict[str, QuestionTable] = field(default_factory=dict)


def question_table(
    question: TabulatedQuestion, cells: dict[str, tuple[int, float | None]]
) -> QuestionTable:
    """A table from cells by code (count, mean). A code without a cell is a true zero."""
    not_answered = cells.get(NOT_ANSWERED, (0, None))[0]
    if question.kind == "number":
        answered, mean = cells.get(ANSWERED, (0, None))
        return QuestionTable(question, (), answered, not_answered, mean)
    counts = [(code, label, cells.get(code, (0, None))[0]) for code, label in question.codes]
    answered = sum(count for _, _, count in counts)
    rows = tuple(
        Row(code, label, count, 100 * count / answered if answered else None)
        for code, label, count in counts
    )
    return QuestionTable(question, rows, answered, not_answered)
