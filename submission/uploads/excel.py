"""Excel workbooks (XLSX): each sheet as rows of text, values as a person typed them.

Read straight from the XML in one pass, because a library that makes an object of every cell takes
ten times as long. Standard: ECMA-376, part 1, chapter 18 (SpreadsheetML).
"""

import re
from collections.abc import Iterator
from functools import partial
from posixpath import join, normpath
from typing import Any

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from submission.uploads.archives import LARGEST_SHEET, Archive, Elements, damaged
from submission.uploads.separated import without_unseen
from submission.uploads.sheets import MOST_COLUMNS, Row, Sheet
from submission.uploads.typed import date_text, number_text

_MOST_SHEETS = 50
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ZEROS = re.compile(r"0{2,}")
_DIGITS = "0123456789"
# Number formats that Excel knows by number alone and shows as dates, beside those of openpyxl.
_MORE_DATES = frozenset([*range(27, 37), *range(50, 59)])
_NUMBER, _DATE, _PERCENT = "number", "date", "percent"


def excel_sheets(archive: Archive) -> list[Sheet]:
    """The sheets of a workbook, in its order. Raises UploadRefused, also while they are read."""
    start = _Links.of(archive, "_rels/.rels").of_kind("officeDocument") or "xl/workbook.xml"
    book = _Book()
    archive.parse_whole(start, book)
    folder, _, name = start.rpartition("/")
    links = _Links.of(archive, join(folder, "_rels", f"{name}.rels"), folder)
    formats = _Formats(CALENDAR_MAC_1904 if book.from_1904 else CALENDAR_WINDOWS_1900)
    styles = links.of_kind("styles")
    if styles in archive.names:
        archive.parse_whole(styles, formats)
    texts = _Texts()
    shared = links.of_kind("sharedStrings")
    if shared in archive.names:
        archive.parse_whole(shared, texts)
    return [
        Sheet(title, partial(_rows, archive, links.targets[key], texts.found, formats))
        for title, key in book.sheets[:_MOST_SHEETS]
        if "worksheet" in links.kinds.get(key, "")
    ]


def _rows(archive: Archive, part: str, shared: list[str], formats: "_Formats") -> Iterator[Row]:
    cells = _Cells(shared, formats)
    for _ in archive.parse(part, cells, LARGEST_SHEET):
        yield from cells.rows
        cells.rows.clear()


class _Links(Elements):
    """What a part refers to, by identifier."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder = folder
        self.targets: dict[str, str] = {}
        self.kinds: dict[str, str] = {}

    @classmethod
    def of(cls, archive: Archive, part: str, folder: str = "") -> "_Links":
        found = cls(folder)
        if part in archive.names:
            archive.parse_whole(part, found)
        return found

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name.endswith("|Relationship") and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            path = target if target.startswith("/") else join(self._folder, target)
            self.targets[attributes.get("Id", "")] = normpath(path).lstrip("/")
            self.kinds[attributes.get("Id", "")] = attributes.get("Type", "").rpartition("/")[2]

    def of_kind(self, kind: str) -> str:
        """The first target of a kind, or nothing."""
        return next((self.targets[key] for key, found in self.kinds.items() if found == kind), "")


class _Book(Elements):
    """The sheets of a workbook as (title, identifier), and where its dates start."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str]] = []
        self.from_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name.endswith("|sheet"):
            key = next((v for k, v in attributes.items() if k.endswith("|id")), "")
            self.sheets.append((attributes.get("name", ""), key))
        elif name.endswith("|workbookPr"):
            self.from_1904 = attributes.get("date1904", "0") in ("1", "true")


class _Texts(Elements):
    """The strings that cells share; of rich text its runs together, without reading aids."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._aside = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name.endswith("|t"):
            self.listening = not self._aside
        elif name.endswith("|rPh"):
            self._aside += 1

    def end(self, name: str) -> None:
        if name.endswith("|t"):
            self.listening = False
        elif name.endswith("|rPh"):
            self._aside -= 1
        elif name.endswith("|si"):
            self.found.append(_text(self.heard()))


class _Formats(Elements):
    """How numbers are shown, by the style of a cell: as a number, a date, or with zeros before."""

    def __init__(self, epoch: Any) -> None:
        super().__init__()
        self.epoch = epoch
        self.shown: list[str | int] = []
        self._codes: dict[int, str] = {}
        self._in_cells = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name.endswith("|numFmt"):
            self._codes[_whole(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif name.endswith("|cellXfs"):
            self._in_cells = True
        elif name.endswith("|xf") and self._in_cells:
            self.shown.append(self._as_shown(_whole(attributes.get("numFmtId"))))

    def end(self, name: str) -> None:
        if name.endswith("|cellXfs"):
            self._in_cells = False

    def _as_shown(self, number: int) -> str | int:
        code = self._codes.get(number) or BUILTIN_FORMATS.get(number, "")
        if number in _MORE_DATES and number not in self._codes:
            return _DATE
        if _ZEROS.fullmatch(code):
            return len(code)
        if code.split(";")[0].rstrip().endswith("%"):
            return _PERCENT
        return _DATE if code and is_date_format(code) else _NUMBER

    def text(self, raw: str, style: str | None) -> str:
        """A number as a person would type it into a cell of this style."""
        at = _whole(style)
        shown = self.shown[at] if at < len(self.shown) else _NUMBER
        if shown == _NUMBER:
            return number_text(raw)
        try:
            value = float(raw)
            if shown == _DATE:
                return date_text(from_excel(value, self.epoch))
        except (ValueError, OverflowError):
            return raw
        if shown == _PERCENT:
            return number_text(f"{value * 100:.12g}") + "%"
        return number_text(raw).zfill(int(shown))


class _Cells(Elements):
    """The rows of a sheet, as far as they have gone by."""

    def __init__(self, shared: list[str], formats: _Formats) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self._shared = shared
        self._formats = formats
        self._number = 0
        self._cells: list[str] = []
        self._kind: str | None = None
        self._style: str | None = None
        self._formula = ""
        self._aside = False
        self._value = ""
        self._columns: dict[str, int] = {}
        self._local: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        element = self._local.get(name)
        if element is None:
            element = self._local[name] = name.rpartition("|")[2]
        if element == "c":
            self._kind = attributes.get("t")
            self._style = attributes.get("s")
            self._formula = ""
            self._value = ""
            place = attributes.get("r")
            if place is not None:
                self._go_to(place.rstrip(_DIGITS))
        elif element in ("v", "t"):
            self.listening = not self._aside
        elif element == "f":
            self.listening = True
        elif element == "rPh":
            self._aside = True
        elif element == "row":
            self._number = max(_whole(attributes.get("r")), self._number + 1)
            self._cells = []

    def end(self, name: str) -> None:
        element = self._local[name]
        if element in ("v", "t"):
            self.listening = False
            self._value += self.heard()
        elif element == "f":
            self.listening = False
            self._formula = f"={self.heard()}"
        elif element == "rPh":
            self._aside = False
        elif element == "c":
            if len(self._cells) < MOST_COLUMNS:
                self._cells.append(self._text() if self._value or self._formula else "")
        elif element == "row":
            if self._cells:
                self.rows.append((self._number, self._cells))
        elif element == "sheetData":
            self.done = True

    def _go_to(self, letters: str) -> None:
        """Makes the cells before this one, which the file leaves out when they are empty."""
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = _column(letters)
        missing = min(column, MOST_COLUMNS) - len(self._cells)
        if missing > 0:
            self._cells.extend([""] * missing)

    def _text(self) -> str:
        value, kind = self._value, self._kind
        if not value:
            # Either the result is no text, or no spreadsheet has worked it out yet: then the
            # formula itself is shown, so that it is not lost.
            return "" if kind == "str" else without_unseen(self._formula)
        if kind == "s":
            place = _whole(value, -1)
            if not 0 <= place < len(self._shared):
                raise damaged()
            return self._shared[place]
        if kind in (None, "n"):
            return self._formats.text(value, self._style)
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind == "d":
            return date_text(value)
        return _text(value)


def _text(value: str) -> str:
    if "_x" in value:
        value = _ESCAPED.sub(_unescaped, value)
    return without_unseen(value)


def _unescaped(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return "" if 0xD800 <= code < 0xE000 else chr(code)


def _whole(text: str | None, otherwise: int = 0) -> int:
    return (
        int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else otherwise
    )


def _column(letters: str) -> int:
    """The place of a column from 0: A is 0, Z 25, AA 26."""
    place = 0
    for letter in letters[:4].upper():
        place = place * 26 + ord(letter) - 64
    return max(place - 1, 0)
