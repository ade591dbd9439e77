"""Text files of cells between separators (CSV, TSV), as spreadsheets of every age write them."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice

from submission.uploads.sheets import MOST_COLUMNS, Row, Sheet, UploadRefused

SEPARATORS = ",;\t|"
SAVE_AS = (
    "In your spreadsheet choose Save as, then Excel workbook (XLSX), OpenDocument (ODS) or CSV "
    "UTF-8."
)
# Enough for the header rows of every template, with long questions and many notes above them.
_SAMPLE = 400_000
_SAMPLE_ROWS = 500
# A cell with a line break and this many separators in one of its lines has swallowed other cells.
# Lists of answers in header cells have line breaks too, and commas, but not so many in a line.
_SWALLOWED = 30
_CONTROLS = bytes({*range(32), 127} - {9, 10, 13})
# Control characters, and the marks without width that copying from a web page or Word leaves.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200e\u200f\u2060\ufeff]")
_EXCEL_SEPARATOR = re.compile(r'"?sep=(.)"?\s*$', re.IGNORECASE)


def without_unseen(text: str) -> str:
    """The text without control characters and marks that have no width."""
    return text if text.isprintable() else _UNSEEN.sub("", text)


def separated_sheet(data: bytes, width_of_header: Callable[[list[str]], int]) -> Sheet:
    """The one sheet of a text file.

    `width_of_header` says of a row how many field numbers it has: the separator that gives most is
    the file's. Raises UploadRefused when the bytes are no text.
    """
    text = _decoded(data)
    separator, skip = _separator(text[:_SAMPLE], width_of_header)
    # Bytes take a quarter of what a buffer of text does.
    encoded = text.encode("utf-8", "replace")
    del text

    def rows() -> Iterator[Row]:
        lines = io.TextIOWrapper(io.BytesIO(encoded), "utf-8", newline="")
        if skip:
            lines.readline()
        reader = csv.reader(lines, delimiter=separator)
        last = 0
        number = 0
        try:
            for number, cells in enumerate(reader, start=1):
                if reader.line_num - last > 1:
                    _refuse_swallowed(number, cells, separator)
                last = reader.line_num
                if cells:
                    yield number, cells[:MOST_COLUMNS]
        except csv.Error as problem:
            raise _quote_without_partner(number + 1) from problem

    return Sheet("", rows)


def _decoded(data: bytes) -> str:
    encoding = _encoding(data)
    text = data.decode(encoding, "replace")
    if encoding.startswith("utf-16"):
        unseen = len(_UNSEEN.findall(text))
    else:
        unseen = len(data) - len(data.translate(None, _CONTROLS))
    if unseen > len(text) // 200:
        raise UploadRefused(
            f"The file holds data that is not text, so it is not a CSV file. {SAVE_AS}"
        )
    # Looking for marks is slow in a large text and quick in its bytes.
    if unseen or encoding.startswith("utf-16") or b"\xe2\x80" in data or b"\xe2\x81" in data:
        text = _UNSEEN.sub("", text)
    return text.removeprefix("\ufeff")


def _encoding(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    start = data[:2000]
    # Every other byte of plain words in UTF-16 is zero.
    if start[1::2].count(0) > len(start) // 5:
        return "utf-16-le"
    if start[0::2].count(0) > len(start) // 5:
        return "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        # One damaged letter does not make a file of UTF-8 one of Windows: most of its accents say.
        read = data.decode("utf-8", "replace")
        damaged = read.count("\ufffd")
        sound = sum(len(run) for run in re.findall("[\x80-\ufffc]+", read))
        return "utf-8" if sound > damaged else "cp1252"
    return "utf-8"


def _separator(sample: str, width_of_header: Callable[[list[str]], int]) -> tuple[str, bool]:
    """What stands between cells, and whether the first line only says so, as Excel lets it."""
    first = re.split(r"[\r\n]", sample, maxsplit=1)[0]
    told = _EXCEL_SEPARATOR.match(first)
    if told:
        return told[1], True
    found = {separator: _sample_rows(sample, separator) for separator in SEPARATORS}
    numbers = {
        separator: max(map(width_of_header, rows), default=0) for separator, rows in found.items()
    }
    best = max(numbers, key=lambda separator: numbers[separator])
    if numbers[best]:
        return best, False
    usual = {separator: _usual_width(rows) for separator, rows in found.items()}
    return max(usual, key=lambda separator: usual[separator]), False


def _sample_rows(sample: str, separator: str) -> list[list[str]]:
    rows: list[list[str]] = []
    # A quote mark without its partner is named when the file is read.
    with suppress(csv.Error):
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
        rows += islice(reader, _SAMPLE_ROWS)
    return rows


def _usual_width(rows: list[list[str]]) -> int:
    widths = Counter(len(row) for row in rows if row)
    return widths.most_common(1)[0][0] if widths else 0


def _refuse_swallowed(number: int, cells: list[str], separator: str) -> None:
    for cell in cells:
        lines = cell.splitlines()
        if len(lines) > 1 and max(line.count(separator) for line in lines) >= _SWALLOWED:
            raise _quote_without_partner(number)


def _quote_without_partner(number: int) -> UploadRefused:
    return UploadRefused(
        f"The cells of row {number:,} could not be told apart, most likely because of a double "
        f"quote mark without its partner. Take it out and save the file again. {SAVE_AS}"
    )
