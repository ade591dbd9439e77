"""Reading the definition tables; problems are named with their file, row and column."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

DEFINITIONS = Path(__file__).parent / "definitions"


@dataclass(frozen=True)
class Problem:
    """Something wrong in a table. `row` is the spreadsheet's row: the header is row 1."""

    file: str
    row: int
    column: str
    message: str

    def __str__(self) -> str:
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
    """All definition tables, as read."""

    questions: list[TableRow] = field(default_factory=list)
    codes: list[TableRow] = field(default_factory=list)
    sections: list[TableRow] = field(default_factory=list)
    placements: list[TableRow] = field(default_factory=list)
    upload_columns: list[TableRow] = field(default_factory=list)
    rules: list[TableRow] = field(default_factory=list)
    derivations: list[TableRow] = field(default_factory=list)


COLUMNS = {
    "questions": {"collection", "variable", "kind", "label", "codes", "first_year", "last_year"},
    "codes": {"list", "code", "label", "first_year", "last_year"},
    "sections": {"collection", "section", "subsection", "order", "label"},
    "placements": {"collection", "page", "page_order", "variable", "order", "codes", "options"},
    "upload_columns": {"collection", "field", "variables", "part", "first_year", "last_year"},
    "rules": {"collection", "id", "severity", "fields", "applies_if", "fails_if", "message"},
    "derivations": {"collection", "variable", "order", "applies_if", "expression", "persons"},
}


def read_tables(folder: Path = DEFINITIONS) -> Tables:
    """Reads every table. Raises DefinitionProblems for missing columns and unreadable years."""
    tables = Tables()
    problems: list[Problem] = []
    for name, needed in COLUMNS.items():
        file = f"{name}.csv"
        with (folder / file).open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.DictReader(opened)
            missing = sorted(needed - set(reader.fieldnames or ()))
            if missing:
                problems.extend(
                    Problem(file, 1, column, "the column is missing") for column in missing
                )
                continue
            rows = getattr(tables, name)
            for number, values in enumerate(reader, start=2):
                row = TableRow(file, number, {key: value or "" for key, value in values.items()})
                bad = _years_problem(row)
                if bad:
                    problems.append(bad)
                else:
                    rows.append(row)
    if problems:
        raise DefinitionProblems(problems)
    return tables


def _years_problem(row: TableRow) -> Problem | None:
    first, last = row["first_year"], row["last_year"]
    if not first.isdecimal():
        return row.problem("first_year", f"'{first}' is not a year")
    if last and not last.isdecimal():
        return row.problem("last_year", f"'{last}' is not a year")
    if last and int(last) < int(first):
        return row.problem("last_year", f"ends in {last}, before it begins in {first}")
    return None


@cache
def own_tables() -> Tables:
    """The project's own tables. Raises DefinitionProblems."""
    return read_tables()
