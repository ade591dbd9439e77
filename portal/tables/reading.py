"""Tables that people bring as CSV, XLSX or ODS, read by their headings.

Nothing is lost on the way that a spreadsheet did not lose: marks at the start of the file, other
encodings and separators, cells of several lines and numbers written 1.00 or 5E+2 are all read.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from portal.plain_text import tidy
from portal.tables.harmless import as_it_was
from submission.uploads.files import sheets_of
from submission.uploads.sheets import Row, Sheet, UploadRefused
from submission.uploads.typed import number_text

# Room for every institution there is, and for a large landlord's people and schemes.
MOST_ROWS = 5_000
LARGEST = 5 * 1024 * 1024
# Above the headings there may be a title and notes.
_HEADINGS_WITHIN = 20
_NUMBER = re.compile(r"[+-]?(\d+\.0*|\d+(\.\d+)?[eE]\+?\d{1,2})")
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T].*)?")
# Headings of what is added when a file is given back; they are of no use in it.
WRONG = "What is wrong"
ROW = "Row in your file"


class Holds(Enum):
    """What the cells of a column hold, as far as a spreadsheet may have changed it."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"


@dataclass(frozen=True)
class Column:
    """A column that may be in a file: its name in code, and its heading for people.

    Without a `needed` column a file is refused. `note` says what goes into it.
    """

    name: str
    heading: str
    note: str = ""
    example: str = ""
    needed: bool = False
    holds: Holds = Holds.TEXT


@dataclass(frozen=True)
class TableRow:
    """A row that is not blank: its number in the file and its texts by column name."""

    number: int
    values: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A table as it was read. `given` are the columns that it has, `unknown` its other headings."""

    rows: list[TableRow]
    given: tuple[str, ...]
    unknown: tuple[str, ...]


def read_table(data: bytes, wanted: Sequence[Column], informing: Sequence[str] = ()) -> Table:
    """The rows of a file by the wanted columns, which may stand in any order.

    Headings are matched without regard to case, spaces and signs. `informing` are headings that a
    file may have and that are passed over. Which kind of file it is, its bytes tell and not its
    name. Raises UploadRefused for a file that cannot be used; the message says how to mend it.
    """
    if len(data) > LARGEST:
        raise UploadRefused(
            f"The file is larger than {LARGEST // 1024**2} MB. Split it into smaller files, each "
            "with the row of headings."
        )
    names = _names_of(wanted)
    sheet, number, headings = _heading_row(sheets_of(data, lambda row: _known(row, names)), names)
    places, unknown = _places(headings, names, {plain_heading(text) for text in informing})
    missing = [column.heading for column in wanted if column.needed and column.name not in places]
    if missing:
        raise UploadRefused(
            f"The file has no column {_listed(missing)}. Take the headings from the template, "
            "which you can download from this page."
        )
    kinds = {column.name: column.holds for column in wanted}
    rows: list[TableRow] = []
    for at, cells in sheet.rows():
        if at <= number or not any(map(tidy, cells)):
            continue
        if len(rows) == MOST_ROWS:
            raise UploadRefused(
                f"The file has more than {MOST_ROWS:,} rows. Split it into smaller files, each "
                "with the row of headings."
            )
        values = {
            name: as_read(cells[place] if place < len(cells) else "", kinds[name])
            for name, place in places.items()
        }
        if any(values.values()):
            rows.append(TableRow(at, values))
    if not rows:
        raise UploadRefused("The file has headings and no rows below them. Fill in some rows.")
    given = tuple(column.name for column in wanted if column.name in places)
    return Table(rows, given, tuple(unknown))


def plain_heading(text: str) -> str:
    """A heading for comparing: its letters and digits alone, in small letters."""
    return "".join(character for character in text.casefold() if character.isalnum())


def _names_of(wanted: Sequence[Column]) -> dict[str, str]:
    by_name = {plain_heading(column.name): column.name for column in wanted}
    return by_name | {plain_heading(column.heading): column.name for column in wanted}


def _known(cells: list[str], names: Mapping[str, str]) -> int:
    return len({names[found] for cell in cells if (found := plain_heading(cell)) in names})


def _heading_row(sheets: list[Sheet], names: Mapping[str, str]) -> tuple[Sheet, int, list[str]]:
    """The sheet whose headings are known best, and the row that they stand in."""
    best: tuple[int, Sheet, Row] | None = None
    for sheet in sheets:
        for number, (at, cells) in enumerate(sheet.rows()):
            if number >= _HEADINGS_WITHIN:
                break
            known = _known(cells, names)
            if known and (best is None or known > best[0]):
                best = (known, sheet, (at, cells))
    if best is None:
        raise UploadRefused(
            "The file has no row of headings that are known here. Take them from the template, "
            "which you can download from this page, and keep them in one row above the others."
        )
    return best[1], *best[2]


def _places(
    headings: list[str], names: Mapping[str, str], informing: set[str]
) -> tuple[dict[str, int], list[str]]:
    passed_over = informing | {plain_heading(WRONG), plain_heading(ROW)}
    places: dict[str, int] = {}
    unknown: list[str] = []
    for place, cell in enumerate(headings):
        found = plain_heading(as_it_was(cell))
        name = names.get(found)
        if name is None:
            if found and found not in passed_over:
                unknown.append(tidy(cell)[:60])
        elif name in places:
            raise UploadRefused(
                f"The column {tidy(cell)[:60]} stands in the file twice. Keep one of the two."
            )
        else:
            places[name] = place
    return places, unknown


def as_read(cell: str, holds: Holds) -> str:
    """The text of a cell, without what a spreadsheet did to its number or day."""
    text = as_it_was(cell).strip()
    if holds is Holds.NUMBER and _NUMBER.fullmatch(text):
        return number_text(text)
    found = _DAY.fullmatch(text) if holds is Holds.DAY else None
    return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else text


def _listed(headings: Sequence[str]) -> str:
    return " and ".join(f"“{heading}”" for heading in headings)
