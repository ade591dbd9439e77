"""Tables of text as files: CSV that every spreadsheet reads as UTF-8, and workbooks."""

import csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from submission.documents.sheets import Sheet

_WIDEST, _NARROWEST = 60, 10
_TINT = PatternFill("solid", fgColor="EEF3F8")


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as CSV with a byte order mark. The same rows give the same bytes."""
    made = io.StringIO(newline="")
    csv.writer(made, lineterminator="\n").writerows(rows)
    return made.getvalue().encode("utf-8-sig")


def as_workbook(sheets: Iterable[Sheet]) -> bytes:
    """A workbook with a sheet for each table: headings that stay in view and can be filtered."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for table in sheets:
        sheet = book.create_sheet(table.title)
        for row in table.rows:
            sheet.append(row)
        for line in sheet.iter_rows():
            for cell in line:
                # Everything is text: a value that begins with "=" is no formula.
                if cell.value is not None:
                    cell.data_type = "s"
                cell.alignment = Alignment(wrap_text=True, vertical="top")
        for cell in sheet[1]:
            cell.font, cell.fill = Font(bold=True), _TINT
        for number, values in enumerate(zip(*table.rows, strict=True), start=1):
            longest = max(map(len, values))
            width = min(max(longest + 2, _NARROWEST), _WIDEST)
            sheet.column_dimensions[get_column_letter(number)].width = width
        sheet.freeze_panes = "B2"
        sheet.auto_filter.ref = sheet.dimensions
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
