"""A collection of one year: its questions, codes, pages and upload layout, from the tables.

`load` refuses tables that are not sound and names every problem with its file, row and column.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from types import MappingProxyType

from submission.expressions import names_in, parse_problem
from submission.facts import FACTS, REFERENCES
from submission.soundness import derivation_problems, rule_problems
from submission.tables import DefinitionProblems, Problem, TableRow, Tables, own_tables

COLLECTIONS = ("lettings", "sales")
YEARS = range(2023, 2027)
KINDS = frozenset(
    [
        "choice",
        "checkbox",
        "integer",
        "decimal",
        "money",
        "date",
        "text",
        "postcode",
        "lookup",
        "derived",
    ]
)


@dataclass(frozen=True)
class Code:
    """One answer of a code list. `offered_if` is a condition on other answers; empty is always.

    `authority_group` is the code that figures of a local authority show it as; empty is itself.
    """

    code: str
    label: str
    offered_if: str
    is_unknown: bool
    is_refused: bool
    other_specify: str
    authority_group: str
    authority_group_label: str

    @property
    def is_answer(self) -> bool:
        """Whether it tells something: neither "don't know" nor "prefers not to say"."""
        return not (self.is_unknown or self.is_refused)


@dataclass(frozen=True)
class Figures:
    """How figures are made of a variable, and why it is so, or why none are (`note`).

    `log_types` are those whose figures have it; none means all of the collection. `codes` are
    counted one by one and every other record as `rest`, asked or not; none means every answer.
    Exactly the records that answer the variable `answered_with` (with one of `answered_codes`,
    where there are some) answer this one.
    """

    label: str
    headline: bool
    sensitive: bool
    lowest_level: str
    personal: bool
    commercial: bool
    crossable: bool
    log_types: tuple[str, ...]
    codes: tuple[str, ...]
    rest: str
    answered_with: str
    answered_codes: tuple[str, ...]
    note: str
    published: bool


NO_FIGURES = Figures("", False, False, "", False, False, False, (), (), "", "", (), "", False)


@dataclass(frozen=True)
class Variable:
    """One answer of a log. `asked_if` and `optional_if` are SQL conditions over answers."""

    id: str
    kind: str
    label: str
    unit: str
    minimum: Decimal | None
    maximum: Decimal | None
    step: Decimal | None
    codes: str
    asked_if: str
    optional: bool
    optional_if: str
    derived: bool
    person: int | None
    section: str
    subsection: str
    order: int
    figures: Figures


@dataclass(frozen=True)
class Placement:
    """A question on a page; `options` are the codes that this page accepts, in display order."""

    variable: str
    order: int
    question_number: str
    asked_if: str
    options: tuple[str, ...]
    minimum: Decimal | None
    maximum: Decimal | None


@dataclass(frozen=True)
class Page:
    """The questions that a form shows together."""

    slug: str
    section: str
    subsection: str
    order: int
    placements: tuple[Placement, ...]


@dataclass(frozen=True)
class Subsection:
    """A part of a log that is listed by itself."""

    slug: str
    section: str
    label: str
    asked_if: str


@dataclass(frozen=True)
class UploadColumn:
    """A numbered column of the upload layout. `part` says which part of a date or postcode."""

    field: int
    variables: tuple[str, ...]
    part: str
    normalisation: str
    required_for_setup: bool
    value_type: str


@dataclass(frozen=True)
class Collection:
    """What is asked in one collection and year."""

    name: str
    year: int
    variables: Mapping[str, Variable]
    code_lists: Mapping[str, tuple[Code, ...]]
    subsections: tuple[Subsection, ...]
    pages: tuple[Page, ...]
    upload_columns: tuple[UploadColumn, ...]

    def codes(self, variable: str) -> tuple[Code, ...]:
        """The answers of a coded variable, in display order; empty for any other."""
        return self.code_lists.get(self.variables[variable].codes, ())


def _number(row: TableRow, column: str, problems: list[Problem]) -> Decimal | None:
    if not row[column]:
        return None
    try:
        return Decimal(row[column])
    except InvalidOperation:
        problems.append(row.problem(column, f"'{row[column]}' is not a number"))
        return None


def _condition(row: TableRow, column: str, known: set[str], problems: list[Problem]) -> str:
    text = row[column]
    if not text:
        return ""
    wrong = parse_problem(text)
    if wrong:
        problems.append(row.problem(column, wrong))
        return text
    unknown = sorted(names_in(text) - known)
    if unknown:
        problems.append(row.problem(column, f"no question is called {', '.join(unknown)}"))
    return text


# Values kept with a log that no question asks for (see the collection's notes on predicates).
_KEPT = {
    "collection_year",
    "manual_address_entry_selected",
    "address_line1_input",
    "postcode_full_input",
    "is_la_inferred",
    "is_previous_la_inferred",
    "postcode_known",
    "pcodenk",
}


def build(tables: Tables, name: str, year: int) -> Collection:
    """The collection of a year from tables already read. Raises DefinitionProblems."""
    problems: list[Problem] = []
    rows = [row for row in tables.questions if row["collection"] == name]
    known = {row["variable"] for row in rows} | _KEPT
    lists = _code_lists(tables, year)
    placed = [row for row in tables.placements if row["collection"] == name and row.holds(year)]
    variables = _variables([row for row in rows if row.holds(year)], lists, known, problems)
    pages = _pages(placed, variables, known, problems)
    reached = {row["variable"] for row in placed}
    for row in rows:
        filled_in = row["kind"] == "derived" or row["derived"] == "yes"
        if row.holds(year) and not filled_in and row["variable"] not in reached:
            problems.append(row.problem("variable", f"no page of {year} asks it"))
    subsections = tuple(
        Subsection(row["subsection"], row["section"], row["label"], row["asked_if"])
        for row in sorted(tables.sections, key=lambda row: int(row["order"]))
        if row["collection"] == name and row.holds(year)
    )
    columns = _upload_columns(
        [row for row in tables.upload_columns if row["collection"] == name and row.holds(year)],
        known,
        problems,
    )
    problems += _working_problems(tables, name, year, known, variables)
    if problems:
        raise DefinitionProblems(problems)
    return Collection(
        name,
        year,
        MappingProxyType(variables),
        MappingProxyType(lists),
        subsections,
        pages,
        columns,
    )


def _working_problems(
    tables: Tables, name: str, year: int, known: set[str], variables: Mapping[str, Variable]
) -> list[Problem]:
    derivations = [r for r in tables.derivations if r["collection"] == name and r.holds(year)]
    rules = [r for r in tables.rules if r["collection"] == name and r.holds(year)]
    listed = [r for r in tables.derivations if r["collection"] == name]
    of_any_year = {part for r in listed for part in r["variable"].split(";")}
    usable = known | of_any_year | set(FACTS) | set(REFERENCES)
    return [
        *derivation_problems(derivations, usable, known),
        *rule_problems(rules, usable, variables, year),
    ]


def _code_lists(tables: Tables, year: int) -> dict[str, tuple[Code, ...]]:
    lists: dict[str, list[Code]] = {}
    for row in tables.codes:
        found = lists.setdefault(row["list"], [])
        if row.holds(year):
            found.append(
                Code(
                    row["code"],
                    row["label"],
                    row["offered_if"],
                    row["is_unknown"] == "yes",
                    row["is_refused"] == "yes",
                    row["other_specify"],
                    row["authority_group"],
                    row["authority_group_label"],
                )
            )
    return {name: tuple(codes) for name, codes in lists.items()}


def _variables(
    rows: Sequence[TableRow],
    lists: Mapping[str, tuple[Code, ...]],
    known: set[str],
    problems: list[Problem],
) -> dict[str, Variable]:
    variables: dict[str, Variable] = {}
    for row in rows:
        if row["variable"] in variables:
            problems.append(row.problem("variable", f"{row['variable']} stands here twice"))
        if row["kind"] not in KINDS:
            problems.append(row.problem("kind", f"'{row['kind']}' is not a kind of question"))
        if row["codes"] and row["codes"] not in lists:
            problems.append(row.problem("codes", f"there is no code list {row['codes']}"))
        variables[row["variable"]] = Variable(
            id=row["variable"],
            kind=row["kind"],
            label=row["label"],
            unit=row["unit"],
            minimum=_number(row, "min", problems),
            maximum=_number(row, "max", problems),
            step=_number(row, "step", problems),
            codes=row["codes"],
            asked_if=_condition(row, "asked_if", known, problems),
            optional=row["optional"] == "yes",
            optional_if=_condition(row, "optional_if", known, problems),
            derived=row["derived"] == "yes",
            person=int(row["person"]) if row["person"] else None,
            section=row["section"],
            subsection=row["subsection"],
            order=int(row["order"] or 0),
            figures=_figures(row),
        )
    return variables


def _figures(row: TableRow) -> Figures:
    answered_with, _, answered_codes = row["answered_with"].partition("=")
    return Figures(
        label=row["public_label"],
        headline=row["headline"] == "yes",
        sensitive=row["sensitive"] == "yes",
        lowest_level=row["lowest_level"],
        personal=row["personal"] == "yes",
        commercial=row["commercial"] == "yes",
        crossable=row["crossable"] == "yes",
        log_types=_listed(row["counted_for"]),
        codes=_listed(row["counted_codes"]),
        rest=row["rest_label"],
        answered_with=answered_with,
        answered_codes=_listed(answered_codes),
        note=row["figures_note"],
        published=row["published"] == "yes",
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _pages(
    rows: Sequence[TableRow],
    variables: Mapping[str, Variable],
    known: set[str],
    problems: list[Problem],
) -> tuple[Page, ...]:
    by_page: dict[tuple[int, str, str, str], list[Placement]] = {}
    for row in sorted(rows, key=lambda row: (int(row["page_order"]), int(row["order"]))):
        if row["variable"] not in variables:
            problems.append(row.problem("variable", f"no question is called {row['variable']}"))
            continue
        key = (int(row["page_order"]), row["page"], row["section"], row["subsection"])
        by_page.setdefault(key, []).append(
            Placement(
                row["variable"],
                int(row["order"]),
                row["question_number"],
                _condition(row, "asked_if", known, problems),
                _listed(row["options"]),
                _number(row, "min", problems),
                _number(row, "max", problems),
            )
        )
    return tuple(
        Page(slug, section, subsection, order, tuple(placements))
        for (order, slug, section, subsection), placements in by_page.items()
    )


def _upload_columns(
    rows: Sequence[TableRow], known: set[str], problems: list[Problem]
) -> tuple[UploadColumn, ...]:
    columns: dict[int, UploadColumn] = {}
    for row in sorted(rows, key=lambda row: int(row["field"])):
        number = int(row["field"])
        if number in columns:
            problems.append(row.problem("field", f"column {number} is described twice"))
        names = _listed(row["variables"])
        unknown = [name for name in names if name not in known]
        if unknown:
            problems.append(row.problem("variables", f"no question is called {', '.join(unknown)}"))
        columns[number] = UploadColumn(
            number,
            names,
            row["part"],
            row["normalisation"],
            row["required_for_setup"] == "yes",
            row["value_type"],
        )
    return tuple(columns.values())


@cache
def load(name: str, year: int) -> Collection:
    """The collection of a year, from the project's own tables. Raises DefinitionProblems."""
    return build(own_tables(), name, year)
