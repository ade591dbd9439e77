"""Reading an uploaded file: from bytes to a table by field number, or a refusal that helps.

Files come from spreadsheets of every age: with a byte order mark, in Windows encoding, with blank
rows, extra columns, columns in another order, or as something that is not a CSV file at all.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from data_access.reference.periods import year_label
from submission.answers import real_date
from submission.collection import COLLECTIONS, YEARS, load

LARGEST = 50 * 1024 * 1024
READABLE = tuple((name, year) for year in YEARS for name in COLLECTIONS)
_MEND = "In your spreadsheet choose Save as, then CSV (comma delimited) or CSV UTF-8."
_MAGIC = {
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a spreadsheet workbook (such as XLSX or ODS) or a ZIP file",
    b"\xd0\xcf\x11\xe0": "an older Excel workbook (XLS) or another Office document",
    b"\x1f\x8b": "a compressed file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"{\\rtf": "a word-processor document",
}
_HEADER = re.compile(r"field\s*number", re.IGNORECASE)
_OTHER_SEPARATOR = re.compile(r'^"?\W*field\s*number[^,;|\t\r\n]*([;|\t])', re.IGNORECASE | re.M)
_NUMBER = re.compile(r"(?:field\s*)?0*([1-9]\d{0,3})(?:\.0+)?", re.IGNORECASE)
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Control characters, and the marks without width that copying from a web page or Word leaves.
_UNSEEN = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200e\u200f\u2060\ufeff]")


class UploadRefused(Exception):
    """The file as a whole cannot be used. The message says why and how to mend it."""


@dataclass(frozen=True)
class UploadTable:
    """The records of a file: a column of text for each field number.

    `rows` has the spreadsheet's row numbers as its index; cells left empty are "".
    """

    collection: str
    year: int
    rows: pd.DataFrame

    @property
    def row_numbers(self) -> list[int]:
        """Where each record stands in the file: the first line of the spreadsheet is 1."""
        return [int(number) for number in self.rows.index]


def read_upload(data: bytes, file_name: str) -> UploadTable:
    """The table that a file holds. Raises UploadRefused, and nothing else, for a bad file."""
    if len(data) > LARGEST:
        raise UploadRefused(
            f"The file is larger than {LARGEST // 1024**2} MB. Split it into smaller files, each "
            "with the header rows."
        )
    text = _text_of(data)
    # The lines are gone through once and not kept: a file of 50 MB has some 200,000 of 148 cells.
    lines = _lines_of(text)
    number, header = next(
        ((number, line) for number, line in lines if line and _HEADER.search(line[0])), (0, None)
    )
    if header is None:
        raise UploadRefused(_no_header(text))
    places = _places(header)
    collection, year = _layout_of(places)
    fields = sorted(places)
    columns = [places[field] for field in fields]
    width = max(columns) + 1
    records: list[list[str]] = []
    numbers: list[int] = []
    for number, line in lines:
        if len(line) < width:
            line.extend([""] * (width - len(line)))
        record = [line[column].strip() for column in columns]
        if any(record):
            records.append(record)
            numbers.append(number)
    if not records:
        raise UploadRefused(
            "The file has the header rows but no records below them. Fill in one row for each "
            "letting, starting directly below the row with the field numbers."
        )
    rows = pd.DataFrame(
        records, columns=pd.Index(fields), index=pd.Index(numbers, name="row"), dtype=object
    )
    _refuse_other_years(rows, collection, year)
    return UploadTable(collection, year, rows)


def _text_of(data: bytes) -> str:
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise UploadRefused("The file is empty. Check that you chose the right file.")
    for start, kind in _MAGIC.items():
        if data.startswith(start):
            raise UploadRefused(f"The file is {kind}, not a CSV file. {_MEND}")
    if data[:1024].lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise UploadRefused(f"The file is a web page or XML, not a CSV file. {_MEND}")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", errors="replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
    sample = text[:200_000]
    if "\x00" in text or len(_CONTROL.findall(sample)) > len(sample) // 200:
        raise UploadRefused(
            f"The file holds data that is not text, so it is not a CSV file. {_MEND}"
        )
    return _UNSEEN.sub("", text)


def _lines_of(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each line of cells with the number that a spreadsheet shows beside it."""
    try:
        yield from enumerate(csv.reader(io.StringIO(text, newline="")), start=1)
    except csv.Error as problem:
        raise UploadRefused(
            "The file's cells could not be told apart, most likely because of a double quote mark "
            f"without its partner. Look for one, take it out and save again. {_MEND}"
        ) from problem


def _no_header(text: str) -> str:
    if _OTHER_SEPARATOR.search(text):
        return f"The file's cells are not separated by commas. {_MEND}"
    return (
        "The file has no row with the field numbers. One row above the records must have 'Field "
        "number' in its first cell and the number of each field in the cells after it: download "
        "the template and copy its header rows above your records."
    )


def _places(line: list[str]) -> dict[int, int]:
    """Where each field stands; cells without a number are skipped."""
    found: dict[int, int] = {}
    twice: list[int] = []
    for column, cell in enumerate(line[1:], start=1):
        number = _NUMBER.fullmatch(cell.strip())
        if number is None:
            continue
        field = int(number[1])
        if field in found:
            twice.append(field)
        found[field] = column
    if twice:
        raise UploadRefused(
            f"Field number {_listed(twice)} stands in more than one column. Keep one column for "
            "each field number."
        )
    return found


def _layouts() -> dict[tuple[str, int], int]:
    return {
        (name, year): len(load(name, year).upload_columns) for name in COLLECTIONS for year in YEARS
    }


def _layout_of(places: dict[int, int]) -> tuple[str, int]:
    """The collection and year whose layout this is. Raises UploadRefused unless it can be read."""
    count = len(places)
    wanted = [f"{name} {year_label(year)}" for name, year in READABLE]
    for (name, year), length in _layouts().items():
        if set(places) != set(range(1, length + 1)):
            continue
        if (name, year) in READABLE:
            return name, year
        raise UploadRefused(
            f"This file has the {year_label(year)} layout for {name} ({length} fields). "
            f"Upload a file in the layout for {' or '.join(wanted)}: download its template and "
            "copy your records into its columns."
        )
    name, year = READABLE[-1]
    length = _layouts()[name, year]
    missing = [field for field in range(1, length + 1) if field not in places]
    unknown = [field for field in sorted(places) if field > length]
    parts = [
        f"The file has {count} numbered field{'s' * (count != 1)}, but the layout for {name} "
        f"{year_label(year)} has {length}."
    ]
    if missing:
        parts.append(f"Missing: field {_listed(missing)}.")
    if unknown:
        parts.append(f"Not in the layout: field {_listed(unknown)}.")
    parts.append("Keep every column of the template, also the empty ones.")
    raise UploadRefused(" ".join(parts))


def _listed(numbers: list[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:10])
    return f"{shown} and {len(numbers) - 10} more" if len(numbers) > 10 else shown


def _refuse_other_years(rows: pd.DataFrame, collection: str, year: int) -> None:
    """Refuses a file most of whose start dates lie in one other collection year.

    A single wrong date is an error of its row; a file of them is last year's file.
    """
    variable = "startdate" if collection == "lettings" else "saledate"
    columns = load(collection, year).upload_columns
    fields = {
        column.part: column.field for column in columns if column.variables[:1] == (variable,)
    }
    parts = rows[[fields["day"], fields["month"], fields["year"]]]
    counts = Counter(
        day.year if day.month >= 4 else day.year - 1
        for day in (real_date(*map(str, line)) for line in parts.itertuples(index=False))
        if day is not None
    )
    if not counts:
        return
    [(found, times)] = counts.most_common(1)
    if found != year and times * 2 > sum(counts.values()):
        raise UploadRefused(
            f"The dates in this file are in the collection year {year_label(found)} ({times:,} of "
            f"{sum(counts.values()):,} rows), but the file has the {year_label(year)} layout. "
            f"Check the years in fields {fields['day']} to {fields['year']}, or upload the file of "
            f"{year_label(year)}."
        )
