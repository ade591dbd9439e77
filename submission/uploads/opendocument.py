"""OpenDocument spreadsheets (ODS): each sheet as rows of text, values as a person typed them.

Read from content.xml in one pass. Standard: OpenDocument 1.3, part 3, chapters 9 (tables) and 19.
"""

from collections.abc import Iterator
from functools import partial

from submission.uploads.archives import LARGEST_SHEET, Archive, Elements
from submission.uploads.separated import without_unseen
from submission.uploads.sheets import LONGEST_CELL, MOST_COLUMNS, Row, Sheet
from submission.uploads.typed import date_text, number_text

CONTENT = "content.xml"
_OPEN = "urn:oasis:names:tc:opendocument:xmlns:"
_TABLE, _TEXT, _OFFICE = f"{_OPEN}table:1.0|", f"{_OPEN}text:1.0|", f"{_OPEN}office:1.0|"
_SHEET, _ROW = f"{_TABLE}table", f"{_TABLE}table-row"
_CELLS = frozenset([f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"])
_PARAGRAPH = f"{_TEXT}p"
_NOTE = f"{_OFFICE}annotation"
_SPACES = {f"{_TEXT}s": " ", f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_SPACES_ALIKE = f"{_TEXT}c"
_KIND, _VALUE = f"{_OFFICE}value-type", f"{_OFFICE}value"
_ROWS_ALIKE, _CELLS_ALIKE = (
    f"{_TABLE}number-rows-repeated",
    f"{_TABLE}number-columns-repeated",
)
# One row of text can stand for a million: a reader that counts its records stops long before.
_MOST_ALIKE = 2**20


def opendocument_sheets(archive: Archive) -> list[Sheet]:
    """The sheets of a document, in its order. Raises UploadRefused, also while they are read."""
    names = _Names()
    archive.parse_whole(CONTENT, names, LARGEST_SHEET)
    return [Sheet(name, partial(_rows, archive, at)) for at, name in enumerate(names.found)]


def _rows(archive: Archive, at: int) -> Iterator[Row]:
    cells = _Cells(at)
    for _ in archive.parse(CONTENT, cells, LARGEST_SHEET):
        for number, row, alike in cells.rows:
            for more in range(alike):
                yield number + more, row.copy()
        cells.rows.clear()


class _Names(Elements):
    """The names of the sheets; tables within cells are none."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._depth = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == _SHEET:
            if self._depth == 0:
                self.found.append(attributes.get(f"{_TABLE}name", ""))
            self._depth += 1

    def end(self, name: str) -> None:
        if name == _SHEET:
            self._depth -= 1


class _Cells(Elements):
    """The rows of one sheet: (number, cells, how many rows are alike)."""

    def __init__(self, sheet: int) -> None:
        super().__init__()
        self.rows: list[tuple[int, list[str], int]] = []
        self._before = sheet
        self._depth = 0
        self._number = 1
        self._alike = 1
        self._cells: list[str] = []
        self._cell: dict[str, str] = {}
        self._paragraphs = 0
        self._notes = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == _SHEET:
            self._depth += 1
        elif self._before or self._depth != 1:
            return
        elif name in _CELLS:
            self._cell = attributes
            self._paragraphs = 0
        elif name == _ROW:
            self._alike = _alike(attributes.get(_ROWS_ALIKE))
            self._cells = []
        elif name == _NOTE:
            self._notes += 1
            self.listening = False
        elif self._notes:
            return
        elif name == _PARAGRAPH:
            self.listening = True
            if self._paragraphs:
                self.said("\n")
            self._paragraphs += 1
        elif name in _SPACES:
            self.said(_SPACES[name] * min(_alike(attributes.get(_SPACES_ALIKE)), LONGEST_CELL))

    def end(self, name: str) -> None:
        if name == _SHEET:
            self._depth -= 1
            if self._depth == 0:
                self.done = self._before == 0
                self._before -= 1
        elif self._before or self._depth != 1:
            return
        elif name in _CELLS:
            cell = self._cell
            shown = self.heard() if self._paragraphs else ""
            text = self._text(shown) if shown or _KIND in cell else ""
            alike = _alike(cell[_CELLS_ALIKE]) if _CELLS_ALIKE in cell else 1
            if alike == 1 and len(self._cells) < MOST_COLUMNS:
                self._cells.append(text)
            else:
                self._cells.extend([text] * min(alike, MOST_COLUMNS - len(self._cells)))
        elif name == _ROW:
            while self._cells and not self._cells[-1]:
                self._cells.pop()
            if self._cells:
                self.rows.append((self._number, self._cells, self._alike))
            self._number += self._alike
        elif name == _NOTE:
            self._notes -= 1
        elif name == _PARAGRAPH and not self._notes:
            self.listening = False

    def _text(self, shown: str) -> str:
        kind = self._cell.get(_KIND)
        if kind in ("float", "currency"):
            value = number_text(self._cell.get(_VALUE, ""))
            # Zeros before a number are shown and not kept.
            return shown if shown.isdecimal() and shown.lstrip("0") == value else value or shown
        if kind == "percentage":
            value = self._cell.get(_VALUE, "")
            try:
                return number_text(f"{float(value) * 100:.12g}") + "%"
            except ValueError:
                return shown
        if kind == "date":
            return date_text(self._cell.get(f"{_OFFICE}date-value", shown))
        if kind == "boolean":
            return self._cell.get(f"{_OFFICE}boolean-value", shown).upper()
        return without_unseen(shown or self._cell.get(f"{_OFFICE}string-value", ""))


def _alike(text: str | None) -> int:
    if not text or not text.isdecimal():
        return 1
    return min(int(text[:8]), _MOST_ALIKE)
