"""A person's own spreadsheet given back: faulty cells coloured, each with what to do in a note.

openpyxl makes the workbook, its styles and its notes; the cells are written as XML straight into
it, because a library that makes an object of every cell takes ten times as long. Every cell is
text (an inline string), so no formula can come into being whatever a file holds.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from submission.uploads.reading import Recognised, recognise
from submission.uploads.report import SEVERITIES, SOFT, RowError, RowReport
from submission.uploads.sheets import LONGEST_CELL

FINDINGS = "Findings"
# Excel's own colours for bad and for neutral, which are told apart in every kind of colour sight.
_RED, _RED_WORDS = "FFC7CE", "9C0006"
_AMBER, _AMBER_WORDS = "FFEB9C", "7F4F00"
# Spreadsheets grow slow with many notes; the colour and the sheet of findings are always there.
MOST_NOTES = 20_000
_MOST_LINES = 1_000_000
# Rows of headings that leave room for records below them on a screen.
_MOST_FROZEN = 20
_COLUMNS = ("Row", "Log", "Severity", "Field numbers", "Question", "Given", "What to do")
_WIDTHS = (8, 10, 20, 16, 40, 30, 90)
_DATA = re.compile(r"<sheetData\s*/>|<sheetData>.*</sheetData>", re.DOTALL)
_DIMENSION = re.compile(r"<dimension [^>]*/>")
# What XML cannot hold, and what a spreadsheet would read as an escaped character.
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LIKE_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")

# A cell: its column from 0, its text, its style.
Cell = tuple[int, str, int]


@dataclass
class _Mark:
    """A faulty cell: whether it must be put right, and what is said of it."""

    must: bool = False
    errors: list[RowError] = field(default_factory=list)


@dataclass(frozen=True)
class _Styles:
    """The numbers of the cell styles."""

    text: int
    must: int
    check: int
    heading: int
    wrapped: int


def returned_workbook(data: bytes, file_name: str, rows: list[RowReport]) -> bytes:
    """The file as XLSX with its findings marked, and a second sheet that lists each finding once.

    `rows` is the file's report. Raises UploadRefused when the file cannot be read (any more).
    """
    found = recognise(data, file_name)
    faulty = [row for row in rows if row.errors]
    book = Workbook()
    sheet, findings = book.active, book.create_sheet(FINDINGS)
    assert isinstance(sheet, Worksheet)
    sheet.title = _title(found.sheet.name)
    styles = _styles(findings)
    if 0 < found.header <= _MOST_FROZEN:
        sheet.freeze_panes = f"B{found.header + 1}"
    for column in range(1, max(found.places.values()) + 2):
        sheet.column_dimensions[get_column_letter(column)].width = 16
    for at, width in enumerate(_WIDTHS, start=1):
        findings.column_dimensions[get_column_letter(at)].width = width
    top = _top_of_legend(styles, all_noted=_add_notes(sheet, found, faulty))
    findings.freeze_panes = f"A{len(top) + 1}"
    made = io.BytesIO()
    book.save(made)
    return _with_cells(
        made.getvalue(),
        {
            "xl/worksheets/sheet1.xml": _own_cells(found, faulty, styles),
            "xl/worksheets/sheet2.xml": _numbered(chain(top, _finding_lines(faulty, styles))),
        },
    )


def _marks(found: Recognised, row: RowReport) -> dict[int, _Mark]:
    """A row's faulty cells by column; an error of the row as a whole is in its first column."""
    marks: dict[int, _Mark] = {}
    for error in row.errors:
        for column in [found.places[n] for n in error.fields if n in found.places] or [0]:
            mark = marks.setdefault(column, _Mark())
            mark.must = mark.must or error.severity != SOFT
            mark.errors.append(error)
    return marks


def _title(name: str) -> str:
    plain = re.sub(r"[\[\]:*?/\\']", " ", name).strip()[:31]
    return plain if plain and plain.lower() != FINDINGS.lower() else "Your file"


def _styles(sheet: Worksheet) -> _Styles:
    """Makes the styles known to the workbook; the cells that carry them are written over."""

    def style(fill: str = "", words: str = "", bold: bool = False, wrap: bool = False) -> int:
        cell = sheet.cell(1, 1)
        cell.style = "Normal"
        cell.number_format = "@"
        cell.font = Font(bold=bold, color=words or None)
        cell.alignment = Alignment(wrap_text=wrap or None, vertical="top" if wrap else None)
        cell.fill = PatternFill("solid", fgColor=fill) if fill else PatternFill()
        return int(cell.style_id)

    return _Styles(
        style(),
        style(_RED, _RED_WORDS),
        style(_AMBER, _AMBER_WORDS),
        style(bold=True),
        style(wrap=True),
    )


def _add_notes(sheet: Worksheet, found: Recognised, faulty: Iterable[RowReport]) -> bool:
    """Adds a note to each faulty cell; whether there was room for all."""
    noted = 0
    for row in faulty:
        for column, mark in sorted(_marks(found, row).items()):
            if noted == MOST_NOTES:
                return False
            words = "\n".join(f"{SEVERITIES[e.severity]}: {e.message}" for e in mark.errors)
            height = 40 + 18 * (len(words) // 45 + len(mark.errors))
            note = Comment(_possible(words), "CORE", height=min(height, 400), width=320)
            sheet.cell(row.row, column + 1).comment = note
            noted += 1
    return True


def _own_cells(
    found: Recognised, faulty: Iterable[RowReport], styles: _Styles
) -> Iterator[tuple[int, list[Cell]]]:
    by_number = {row.row: row for row in faulty}
    for number, texts in found.sheet.rows():
        cells = [(at, text, styles.text) for at, text in enumerate(texts) if text]
        if number in by_number:
            marks = _marks(found, by_number[number])
            cells = [cell for cell in cells if cell[0] not in marks]
            for at, mark in marks.items():
                text = texts[at] if at < len(texts) else ""
                cells.append((at, text, styles.must if mark.must else styles.check))
            cells.sort()
        yield number, cells


def _top_of_legend(styles: _Styles, all_noted: bool) -> list[list[tuple[str, int]]]:
    """The lines above the findings as (text, style); the last has the headings of the table."""
    lines = [
        [("What the colours on the first sheet mean", styles.heading)],
        [(SEVERITIES["hard"], styles.must), ("The log is invalid, or none was made.", styles.text)],
        [(SEVERITIES[SOFT], styles.check), ("Unusual, but it may be right.", styles.text)],
    ]
    if not all_noted:
        lines.append([(f"Only the first {MOST_NOTES:,} cells have a note.", styles.text)])
    return [*lines, [], [(heading, styles.heading) for heading in _COLUMNS]]


def _finding_lines(faulty: Iterable[RowReport], styles: _Styles) -> Iterator[list[tuple[str, int]]]:
    """Every finding once, those that must be put right first."""
    findings = [(row, error) for row in faulty for error in row.errors]
    findings.sort(key=lambda found: (found[1].severity == SOFT, found[0].row, found[1].fields))
    for row, error in findings[:_MOST_LINES]:
        yield [
            (str(row.row), styles.text),
            (str(row.log_id or ""), styles.text),
            (SEVERITIES[error.severity], styles.check if error.severity == SOFT else styles.must),
            (", ".join(map(str, error.fields)), styles.text),
            (error.question, styles.wrapped),
            (error.given, styles.wrapped),
            (error.message, styles.wrapped),
        ]
    if not findings:
        yield [("Nothing was found.", styles.text)]


def _numbered(lines: Iterable[list[tuple[str, int]]]) -> Iterator[tuple[int, list[Cell]]]:
    for number, line in enumerate(lines, start=1):
        yield number, [(at, text, style) for at, (text, style) in enumerate(line) if text]


def _with_cells(book: bytes, sheets: Mapping[str, Iterable[tuple[int, list[Cell]]]]) -> bytes:
    """The workbook with these cells in place of those of its sheets."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as new,
    ):
        for name in old.namelist():
            if name not in sheets:
                new.writestr(name, old.read(name))
                continue
            text = _DIMENSION.sub("", old.read(name).decode("utf-8"))
            place = _DATA.search(text)
            assert place is not None
            with new.open(name, "w") as part:
                part.write(text[: place.start()].encode() + b"<sheetData>")
                letters: dict[int, str] = {}
                for number, cells in sheets[name]:
                    part.write(_row_xml(number, cells, letters).encode())
                part.write(b"</sheetData>" + text[place.end() :].encode())
    return made.getvalue()


def _row_xml(number: int, cells: Iterable[Cell], letters: dict[int, str]) -> str:
    parts = [f'<row r="{number}">']
    for at, text, style in cells:
        letter = letters.get(at) or letters.setdefault(at, get_column_letter(at + 1))
        if not text:
            parts.append(f'<c r="{letter}{number}" s="{style}"/>')
            continue
        words = text if text.isalnum() else escape(_possible(text))
        parts.append(
            f'<c r="{letter}{number}" s="{style}" t="inlineStr"><is><t xml:space="preserve">'
            f"{words}</t></is></c>"
        )
    parts.append("</row>")
    return "".join(parts)


def _possible(text: str) -> str:
    return _LIKE_ESCAPE.sub("_x005F_", _IMPOSSIBLE.sub("", text[:LONGEST_CELL]))
