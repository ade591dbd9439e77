"""Questions as they are counted and published, and tables of their answers at one place."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

RECORDS = "records"
TOTAL = "total"
NOT_ANSWERED = "not_answered"
ANSWERED = "answered"

Level = Literal["england", "region", "local_authority"]


@dataclass(frozen=True)
class TabulatedQuestion:
    """One question that figures are made of.

    `kind` is "category" (counted by code) or "number" (number answering and mean, in `unit`).
    `codes` are pairs of code and label in the order of the collection; codes are text.
    `variable` is the answer's name in a log, where the question's own name differs.
    `sensitive` questions never have a row below national level.

    `lowest_level` is the finest geography that has rows of it. `groups` are pairs of a code and the
    code of its group: at local authority level such codes are shown only as their group, every
    other code as itself; `group_labels` are pairs of a group's code and label. England and regions
    have the fine codes and never a group. `personal` and `commercial` say which rules of disclosure
    control apply; a `crossable` category question may stand in two-way tables of England.

    With a `rest_label` the records that gave none of the codes, whether asked or not, are an answer
    of that label and not a gap: a box not ticked, or a "no" together with those who were not asked
    (their number alone would give away another question). They are counted as "not_answered" all
    the same. Exactly the records that answer the question `answered_with`, with one of
    `answered_codes` where there are some, answer this one: who knows one number knows the other.
    `years` are the collection years (2025 is 2025/26) that have the question; none means all.
    Raises ValueError where these contradict one another.
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
    personal: bool = True
    commercial: bool = False
    lowest_level: Level = "local_authority"
    groups: tuple[tuple[str, str], ...] = ()
    group_labels: tuple[tuple[str, str], ...] = ()
    crossable: bool = True
    rest_label: str = ""
    answered_with: str = ""
    answered_codes: tuple[str, ...] = ()
    years: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        codes = {code for code, _ in self.codes}
        of = dict(self.groups)
        labels = dict(self.group_labels)
        if len(of) != len(self.groups) or len(labels) != len(self.group_labels):
            raise ValueError(f"{self.name}: a code or group stands twice")
        if not set(of) <= codes:
            raise ValueError(f"{self.name}: a group holds a code that the question has not")
        if set(of.values()) != set(labels):
            raise ValueError(f"{self.name}: groups and their labels differ")
        if set(labels) & (codes | {NOT_ANSWERED}):
            raise ValueError(f"{self.name}: a group has the name of a code")

    @property
    def lowest(self) -> Level:
        """The finest level that has rows of it: a sensitive question has none below England."""
        return "england" if self.sensitive else self.lowest_level

    def shown_at(self, level: str) -> bool:
        """Whether it may have rows at a level."""
        order = ("england", "region", "local_authority")
        return order.index(level) <= order.index(self.lowest)

    def asked_in(self, period: str) -> bool:
        """Whether the collection year of a period, such as "2025" or "2025-Q1", has it."""
        return not self.years or int(period[:4]) in self.years

    def codes_at(self, level: str) -> tuple[tuple[str, str], ...]:
        """Pairs of code and label as shown at a level: groups stand where their first code does.

        The rest, where it is an answer, is the last of them.
        """
        of, labels = dict(self.groups), dict(self.group_labels)
        grouped = of if level == "local_authority" else {}
        shown = {
            grouped.get(code, code): labels[grouped[code]] if code in grouped else label
            for code, label in self.codes
        }
        if self.rest_label:
            shown[NOT_ANSWERED] = self.rest_label
        return tuple(shown.items())

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
                **{
                    pairs: tuple((code, label) for code, label in values.get(pairs, ()))
                    for pairs in ("codes", "groups", "group_labels")
                },
                "log_types": tuple(values["log_types"]),
                "answered_codes": tuple(values.get("answered_codes", ())),
                "years": tuple(values.get("years", ())),
            }
        )


@dataclass(frozen=True)
class Row:
    """One answer: how many records gave it, and its share (per cent) of those that answered.

    `count` is None where it is withheld; `share` where that or the number answering is, and where
    nobody answered.
    """

    code: str
    label: str
    count: int | None
    share: float | None


@dataclass(frozen=True)
class QuestionTable:
    """The answers to one question. `mean` is of a number question; `rows` of a category one.

    What is None is withheld, but the mean of nobody, when `answered` is 0.
    """

    question: TabulatedQuestion
    rows: tuple[Row, ...]
    answered: int | None
    not_answered: int | None
    mean: float | None = None

    @property
    def withholds(self) -> bool:
        """Whether any figure of it is withheld."""
        counts = [self.answered, self.not_answered, *(row.count for row in self.rows)]
        return any(count is None for count in counts)


@dataclass(frozen=True)
class PlaceTable:
    """What may be shown of one place, period and log type. `records` None: withheld."""

    level: str
    area: str
    log_type: str
    period: str
    records: int | None
    questions: dict[str, QuestionTable] = field(default_factory=dict)


# A cell of a question: count and mean, both None where they are withheld.
Cell = tuple[int | None, float | None]


def question_table(
    question: TabulatedQuestion,
    cells: Mapping[str, Cell],
    level: str = "england",
    records: int | None = None,
) -> QuestionTable:
    """A table from a level's cells by code. A code without a cell is a true zero.

    `records` is the number of records of the place, where it is known: less those that did not
    answer it gives the number answering, even where an answer is withheld.
    """
    not_answered = 0 if question.rest_label else cells.get(NOT_ANSWERED, (0, None))[0]
    if question.kind == "number":
        answered, mean = cells.get(ANSWERED, (0, None))
        return QuestionTable(question, (), answered, not_answered, mean)
    shown = question.codes_at(level)
    counts = [(code, label, cells.get(code, (0, None))[0]) for code, label in shown]
    known = [count for _, _, count in counts if count is not None]
    if len(known) == len(counts):
        answered = sum(known)
    elif records is not None and not_answered is not None:
        answered = records - not_answered
    else:
        answered = None
    rows = tuple(
        Row(code, label, count, 100 * count / answered if answered and count is not None else None)
        for code, label, count in counts
    )
    return QuestionTable(question, rows, answered, not_answered)
