"""Reading the definition tables; problems are named with their file, row and column."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

DEFINITIONS = Path(__file__).parent / "definitions"
FUNCTIONS = "functions.sql"


@dataclass(frozen=True)
class Problem:
    """Something wrong in a table. `row` is the spreadsheet's row: the header is row 1.

    Row 0 is the file as a whole.
    """

    file: str
    row: int
    column: str
    message: str

    def __str__(self) -> str:
        if not self.row:
            return f"{self.file} {self.message}"
        if not self.column:
            return f"{self.file}, row {self.row}: {self.message}"
        return f"{self.file}, row {self.row}, column {self.column}: {self.message}"


class DefinitionProblems(Exception):
    """The tables are not sound. The message lists every problem, one a line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class TableRow:
    """One row of a table as text, with where it stands."""

    file: str
    number: int
    values: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values[column]

    def problem(self, column: str, message: str) -> Problem:
        """A problem in a column of this row."""
        return Problem(self.file, self.number, column, message)

    def holds(self, year: int) -> bool:
        """Whether the row is in force in a collection year."""
        last = self["last_year"]
        return int(self["first_year"]) <= year and (not last or year <= int(last))


@dataclass
class Tables:
    """All definition tables, as read. `examples` are their tables by name; `functions` is SQL."""

    questions: list[TableRow] = field(default_factory=list)
    codes: list[TableRow] = field(default_factory=list)
    sections: list[TableRow] = field(default_factory=list)
    placements: list[TableRow] = field(default_factory=list)
    upload_columns: list[TableRow] = field(default_factory=list)
    rules: list[TableRow] = field(default_factory=list)
    derivations: list[TableRow] = field(default_factory=list)
    windows: list[TableRow] = field(default_factory=list)
    examples: dict[str, list[TableRow]] = field(default_factory=dict)
    functions: str = ""


# The tables whose rows hold from a first to a last year, and the columns that each must have.
COLUMNS = {
    "questions": set(
        "collection variable kind label unit min max step codes asked_if optional optional_if "
        "derived inferred_from person first_year last_year section subsection order public_label "
        "published headline sensitive lowest_level personal commercial crossable counted_for "
        "counted_codes rest_label answered_with figures_note".split()
    ),
    "codes": set(
        "list code label first_year last_year is_unknown is_refused other_specify offered_if "
        "authority_group authority_group_label".split()
    ),
    "sections": set(
        "collection section subsection order label first_year last_year asked_if listed_if".split()
    ),
    "placements": set(
        "collection first_year last_year section subsection page page_order variable order "
        "question_number kind min max step codes options asked_if checks".split()
    ),
    "upload_columns": set(
        "collection first_year last_year field variables part normalisation required_for_setup "
        "value_type".split()
    ),
    "rules": set(
        "collection id severity fields applies_if fails_if first_year last_year message category "
        "persons confirm_field fields_online_only".split()
    ),
    "derivations": set(
        "collection variable order kind applies_if expression persons first_year last_year "
        "meaning".split()
    ),
}
_WINDOWS = set("collection year opens quarter1 quarter2 quarter3 deadline new_until".split())
_WINDOWS.add("edit_until")
_EXAMPLES = {
    "rules": set("rule year outcome at_limit answers facts saved today because".split()),
    "derivations": set("variable year mode answers facts saved today expected because".split()),
}


def examples_of(collection: str, kind: str) -> str:
    """The file with the examples of a collection's "rules" or "derivations"."""
    return f"examples/{collection}_{kind}.csv"


def read_tables(folder: Path = DEFINITIONS) -> Tables:
    """Reads every table that makes a collection: not windows, examples and functions.

    Raises DefinitionProblems for missing columns and unreadable years, FileNotFoundError.
    """
    tables = Tables()
    problems: list[Problem] = []
    for name, needed in COLUMNS.items():
        rows, found = _read(folder, f"{name}.csv", needed)
        getattr(tables, name).extend(rows)
        problems += [*found, *(bad for row in rows for bad in _years_problems(row))]
    if problems:
        raise DefinitionProblems(problems)
    return tables


def examine_tables(
    folder: Path, collections: Iterable[str], years: range
) -> tuple[Tables, list[Problem]]:
    """Reads all there is in a folder, whatever is wrong with it, and says what is wrong.

    A row whose years cannot be read is taken to hold in all `years`, so that what names it is not
    called unknown besides.
    """
    tables = Tables()
    problems: list[Problem] = []

    def read(file: str, needed: set[str]) -> list[TableRow]:
        if not (folder / file).is_file():
            problems.append(Problem(file, 0, "", "is missing"))
            return []
        rows, found = _read(folder, file, needed)
        problems.extend(found)
        return rows

    for name, needed in COLUMNS.items():
        for row in read(f"{name}.csv", needed):
            bad = _years_problems(row)
            problems += bad
            in_force = {"first_year": str(years[0]), "last_year": str(years[-1])}
            getattr(tables, name).append(
                replace(row, values={**row.values, **in_force}) if bad else row
            )
    tables.windows = read("windows.csv", _WINDOWS)
    for collection in collections:
        for kind, needed in _EXAMPLES.items():
            file = examples_of(collection, kind)
            tables.examples[file] = read(file, needed)
    if (folder / FUNCTIONS).is_file():
        tables.functions = (folder / FUNCTIONS).read_text(encoding="utf-8")
    else:
        problems.append(Problem(FUNCTIONS, 0, "", "is missing"))
    return tables, problems


def _read(folder: Path, file: str, needed: set[str]) -> tuple[list[TableRow], list[Problem]]:
    """Rows of a table; none when a column is missing, because nothing can be said of them then."""
    with (folder / file).open(encoding="utf-8-sig", newline="") as opened:
        reader = csv.reader(opened)
        heading = next(reader, [])
        missing = sorted(needed - set(heading))
        if missing:
            return [], [Problem(file, 1, column, "the column is missing") for column in missing]
        problems: list[Problem] = []
        rows: list[TableRow] = []
        for number, cells in enumerate(reader, start=2):
            if not cells:
                continue
            row = TableRow(file, number, dict(zip(heading, cells, strict=False)))
            if len(cells) != len(heading):
                column = heading[min(len(cells), len(heading)) - 1]
                words = (
                    f"the row has {len(cells)} cells and the table {len(heading)} columns; put "
                    "a text with commas in quotation marks, and leave no cell out"
                )
                problems.append(row.problem(column, words))
                row.values.update({name: row.values.get(name, "") for name in heading})
            for column, cell in row.values.items():
                if "\n" in cell:
                    words = "the text goes on into the next line; close its quotation mark"
                    problems.append(row.problem(column, words))
            rows.append(row)
    return rows, problems


def _years_problems(row: TableRow) -> list[Problem]:
    first, last = row["first_year"], row["last_year"]
    problems = []
    if not first.isdecimal():
        problems.append(row.problem("first_year", f"'{first}' is not a year"))
    if last and not last.isdecimal():
        problems.append(row.problem("last_year", f"'{last}' is not a year"))
    if not problems and last and int(last) < int(first):
        words = f"ends in {last}, before it begins in {first}"
        problems.append(row.problem("last_year", words))
    return problems


@cache
def own_tables() -> Tables:
    """The project's own tables. Raises DefinitionProblems."""
    return read_tables()
