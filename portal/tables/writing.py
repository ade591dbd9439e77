"""Tables for spreadsheets, as CSV and XLSX. No cell can become a formula, whatever it holds."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell as ExcelCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from data_access.clock import LONDON
from portal.tables.harmless import harmless

Cell = str | int | float | Decimal | date | datetime | None
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# As much as Excel keeps in one cell.
_LONGEST = 32_767
# What XML cannot hold.
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Text that a spreadsheet would read as an escaped character: its underscore is escaped itself.
_LIKE_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_NARROWEST, _WIDEST = 12, 60
_ROWS_MEASURED = 200


def write_csv(headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A CSV file with a byte order mark, so that Excel reads it as UTF-8.

    Yes and no stand for truths, days are written 2026-11-25 and instants 2026-11-25 09:30 in
    London, nothing for None. A cell that a spreadsheet would run as a formula gets an apostrophe.
    """
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow([harmless(header) for header in headers])
    writer.writerows([harmless(_text(cell)) for cell in row] for row in rows)
    return made.getvalue().encode("utf-8-sig", "replace")


def write_xlsx(
    title: str,
    headers: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    notes: Sequence[tuple[str, str]] = (),
) -> bytes:
    """An Excel workbook: a sheet of this title whose headings stay in sight.

    Whole numbers and amounts are numbers, everything else is text and stays it when it is edited,
    so that zeros before a number are kept. `notes`, as pairs of a word and its explanation, go on
    a second sheet.
    """
    book = Workbook(write_only=True)
    kept = [list(row) for row in rows]
    _add_sheet(book, _sheet_title(title), headers, kept)
    if notes:
        _add_sheet(book, "Notes", ("Column", "What it holds"), [list(note) for note in notes])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _add_sheet(book: Workbook, title: str, headers: Sequence[str], rows: list[list[Cell]]) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for at, header in enumerate(headers):
        texts = [_text(row[at]) for row in rows[:_ROWS_MEASURED] if at < len(row)]
        longest = max((len(text) for text in (header, *texts)), default=0)
        column = sheet.column_dimensions[get_column_letter(at + 1)]
        column.width = min(max(longest + 2, _NARROWEST), _WIDEST)
        # What is typed below the last row is text too.
        column.number_format = "@"
    sheet.append([_cell(sheet, header, heading=True) for header in headers])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: WriteOnlyWorksheet, value: Cell, heading: bool = False) -> ExcelCell | None:
    if value is None or value == "":
        return None
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return WriteOnlyCell(sheet, value)
    text = _text(value)
    # An apostrophe of the text's own is doubled, because whoever reads tables takes one off.
    text = harmless(text) if text.startswith("'") else text
    cell: ExcelCell = WriteOnlyCell(sheet, "")
    cell.value = _LIKE_ESCAPE.sub("_x005F_", _IMPOSSIBLE.sub("", text))[:_LONGEST]
    # Text and nothing else, also when it begins with = or reads like an error.
    cell.data_type = "s"
    cell.number_format = "@"
    cell.quotePrefix = True
    if heading:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _text(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(LONDON):%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _sheet_title(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", "-", title)[:31] or "Table"
