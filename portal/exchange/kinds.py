"""What can be imported and exported: its columns, and what becomes of a row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from data_access.accounts import Person
from data_access.settings import Settings
from portal.tables.reading import Column
from portal.tables.writing import Cell

NEW, CHANGED, SAME, WRONG = "new", "changed", "same", "wrong"


@dataclass(frozen=True)
class Setting:
    """Where rows are taken in: the database, who does it, and today."""

    db: Session
    settings: Settings
    by: Person
    day: date


class RowWrong(Exception):
    """A row that cannot be taken in. `errors` says why, by the name of the column."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = dict(errors)


class TakenMeanwhile(Exception):
    """Somebody else stored the same at this very moment: to be tried again from the start."""


@dataclass(frozen=True)
class Done:
    """What became of a row: the thing's name and page, and its changes as label, before, after."""

    outcome: str
    what: str
    address: str = ""
    changes: list[tuple[str, str, str]] = field(default_factory=list)


# Takes in one row, in the caller's transaction. Raises RowWrong, having written nothing that the
# caller keeps. Rows come in the file's order: each meets what those before it made.
Taker = Callable[[Mapping[str, str]], Done]


@dataclass(frozen=True)
class Kind:
    """Something that is imported and exported as a table of these columns.

    `informing` are columns of an export that an import passes over. `begin` makes what takes in
    the rows of one file; `rows` are those that a person may export, columns first. No two rows of a
    file may have the same in one of the `once` columns, whatever the case of letters.
    """

    name: str
    title: str
    one: str
    several: str
    columns: tuple[Column, ...]
    informing: tuple[str, ...]
    explanations: tuple[str, ...]
    begin: Callable[[Setting], Taker]
    rows: Callable[[Session, Person, date], Sequence[Sequence[Cell]]]
    once: tuple[str, ...] = ()

    @property
    def headings(self) -> dict[str, str]:
        """The headings by column name."""
        return {column.name: column.heading for column in self.columns}

    @property
    def import_action(self) -> str:
        """The permission to import."""
        return f"{_SUBJECTS[self.name]}.import"

    @property
    def export_action(self) -> str:
        """The permission to export."""
        return f"{_SUBJECTS[self.name]}.export"


_SUBJECTS = {"institutions": "institution", "users": "user", "schemes": "scheme"}
