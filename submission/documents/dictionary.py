"""The data dictionary: every variable of a collection and year, with all that is known of it."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from submission.collection import Placement, Variable
from submission.documents.levels import Publication, publication
from submission.documents.source import Source
from submission.documents.words import NEVER, Words
from submission.rules import persons_of
from submission.tables import TableRow

CONFIRMATIONS = "confirm"
KINDS = {
    "choice": "One answer of a list",
    "checkbox": "Tick box",
    "integer": "Whole number",
    "decimal": "Number",
    "money": "Amount of money",
    "date": "Date",
    "text": "Text",
    "postcode": "Postcode",
    "lookup": "Chosen from a register",
    "derived": "Worked out by the service",
}
_UNITS = {
    "GBP": "pounds",
    "GBP/week": "pounds a week",
    "GBP/month": "pounds a month",
    "GBP/year": "pounds a year",
    "GBP per rent period": "pounds for each rent period",
    "GBP per income period": "pounds for each income period",
    "%": "per cent",
}
WORKED_OUT = "Worked out from the answers"


@dataclass(frozen=True)
class CodeEntry:
    """One answer of a list. `offered` is None where there are no words for the condition."""

    code: str
    label: str
    offered_if: str
    offered: Words | None
    is_unknown: bool
    is_refused: bool
    other_specify: str
    authority_group: str
    authority_group_label: str
    first_year: int
    last_year: int


@dataclass(frozen=True)
class Filling:
    """A way in which the service itself fills a variable in, or empties it."""

    kind: str
    meaning: str
    applies_if: str
    expression: str


@dataclass(frozen=True)
class Entry:
    """One variable. `asked` is None where there are no words for the condition."""

    variable: Variable
    kind: str
    unit: str
    section: str
    subsection: str
    question_numbers: tuple[str, ...]
    limits: str
    codes: tuple[CodeEntry, ...]
    asked: Words | None
    optional_when: Words | None
    fillings: tuple[Filling, ...]
    inferred_from: tuple[str, ...]
    upload_fields: tuple[int, ...]
    rules: tuple[str, ...]
    published: Publication
    first_year: int
    last_year: int

    @property
    def is_asked(self) -> bool:
        """Whether a form of the year asks it of anybody."""
        return bool(self.section) and self.asked is not NEVER


def number_text(number: Decimal) -> str:
    """A limit as people write it: 9999.99, 15,000."""
    return f"{number.normalize():,f}"


@cache
def dictionary(source: Source) -> tuple[Entry, ...]:
    """Every variable of the collection and year: in the order of the form, then what is derived."""
    collection = source.collection
    placed: dict[str, list[tuple[str, Placement]]] = {}
    for page in collection.pages:
        for placement in page.placements:
            placed.setdefault(placement.variable, []).append((page.subsection, placement))
    rows: dict[str, list[TableRow]] = {}
    for row in source.tables.questions:
        if row["collection"] == collection.name:
            rows.setdefault(row["variable"], []).append(row)
    fillings = _fillings(source)
    rules = _rules(source)
    fields: dict[str, list[int]] = {}
    for column in collection.upload_columns:
        for name in column.variables:
            fields.setdefault(name, []).append(column.field)
    entries = [
        _entry(
            source,
            variable,
            placed.get(name, []),
            rows[name],
            tuple(fillings.get(name, ())),
            tuple(fields.get(name, ())),
            tuple(rules.get(name, ())),
        )
        for name, variable in collection.variables.items()
    ]
    order = {name: number for number, name in enumerate(placed)}
    last = len(order)
    return tuple(sorted(entries, key=lambda entry: order.get(entry.variable.id, last)))


def _entry(
    source: Source,
    variable: Variable,
    places: list[tuple[str, Placement]],
    rows: list[TableRow],
    fillings: tuple[Filling, ...],
    fields: tuple[int, ...],
    rules: tuple[str, ...],
) -> Entry:
    subsections = {part.slug: part for part in source.collection.subsections}
    part = subsections.get(places[0][0]) if places else None
    of_year = next(row for row in rows if row.holds(source.collection.year))
    kind = "Confirmation of a soft check" if variable.codes == CONFIRMATIONS else ""
    words = source.conditions.words
    return Entry(
        variable,
        kind or KINDS[variable.kind],
        _UNITS.get(variable.unit, variable.unit),
        part.section if part else "",
        part.label if part else WORKED_OUT,
        tuple(dict.fromkeys(p.question_number for _, p in places if p.question_number)),
        limits_of(variable, [placement for _, placement in places]),
        _codes(source, variable),
        words(variable.asked_if) if places else NEVER,
        words(variable.optional_if) if variable.optional_if else None,
        fillings,
        tuple(name.strip() for name in of_year["inferred_from"].split(";") if name.strip()),
        fields,
        rules,
        publication(source.collection, variable),
        min(int(row["first_year"]) for row in rows),
        max(int(row["last_year"] or source.collection.year) for row in rows),
    )


def limits_of(variable: Variable, placements: list[Placement]) -> str:
    """The limits of a number on these pages; they differ by the page that asks.

    A price, for example, is held to other limits on each kind of sale.
    """
    pairs = [(placement.minimum, placement.maximum) for placement in placements]
    known = list(dict.fromkeys(pair for pair in pairs if pair != (None, None)))
    if not known:
        known = [(variable.minimum, variable.maximum)]
    texts = []
    for low, high in known:
        if low is not None and high is not None:
            texts.append(f"{number_text(low)} to {number_text(high)}")
        elif low is not None:
            texts.append(f"{number_text(low)} or more")
        elif high is not None:
            texts.append(f"up to {number_text(high)}")
    limits = "; on other pages ".join(texts)
    if limits and variable.step is not None and variable.step != 1:
        limits += f", in steps of {number_text(variable.step)}"
    return limits


def _codes(source: Source, variable: Variable) -> tuple[CodeEntry, ...]:
    if not variable.codes:
        return ()
    person = str(variable.person or "")
    found = []
    for row in source.tables.codes:
        if row["list"] != variable.codes or not row.holds(source.collection.year):
            continue
        same = [
            other
            for other in source.tables.codes
            if other["list"] == variable.codes and other["code"] == row["code"]
        ]
        condition = row["offered_if"].replace("{n}", person)
        found.append(
            CodeEntry(
                row["code"],
                row["label"],
                condition,
                source.conditions.words(condition),
                row["is_unknown"] == "yes",
                row["is_refused"] == "yes",
                row["other_specify"].replace("{n}", person),
                row["authority_group"],
                row["authority_group_label"],
                min(int(other["first_year"]) for other in same),
                max(int(other["last_year"] or source.collection.year) for other in same),
            )
        )
    return tuple(found)


def _fillings(source: Source) -> dict[str, list[Filling]]:
    found: dict[str, list[Filling]] = {}
    for row in source.tables.derivations:
        if row["collection"] != source.collection.name or not row.holds(source.collection.year):
            continue
        for person in persons_of(row["persons"]):
            values = [
                row[column].replace("{n}", person)
                for column in ("kind", "meaning", "applies_if", "expression")
            ]
            for name in row["variable"].split(";"):
                found.setdefault(name.strip().replace("{n}", person), []).append(Filling(*values))
    return found


def _rules(source: Source) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in source.tables.rules:
        if row["collection"] != source.collection.name or not row.holds(source.collection.year):
            continue
        for person in persons_of(row["persons"]):
            for name in row["fields"].replace("{n}", person).split(";"):
                listed = found.setdefault(name.strip(), [])
                if row["id"] not in listed:
                    listed.append(row["id"])
    return found
