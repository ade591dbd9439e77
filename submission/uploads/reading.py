"""Reading an uploaded file: from bytes to a table by field number, or a refusal that helps.

A file is recognised by what stands in it: its sheet and the row with the field numbers, the layout
that has exactly these fields, and the dates of its records. A file without header rows is read when
its number of columns and its dates leave one layout only.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from itertools import islice
from operator import itemgetter

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_access.reference.periods import collection_year_of, year_label
from submission.answers import read_date, real_date
from submission.collection import COLLECTIONS, YEARS, load
from submission.columns import EVENT_DATES
from submission.uploads.files import LARGEST, sheets_of
from submission.uploads.header import is_header, listed, places_of, says_field_number
from submission.uploads.sheets import Row, Sheet, UploadRefused

MOST_ROWS = 200_000
# The header row is looked for by its numbers so far down; a row that says so is seen anywhere.
_HEADER_WITHIN = 2_000
_SAMPLE = 1_000
_CHUNK = 4_096
_START = {"lettings": "its lettings start", "sales": "its sales were completed"}

Key = tuple[str, int]


@dataclass(frozen=True)
class UploadTable:
    """The records of a file: a column of text for each field number.

    `rows` has the spreadsheet's row numbers as its index; cells left empty are "".
    """

    collection: str
    year: int
    rows: pd.DataFrame

    @cached_property
    def row_numbers(self) -> list[int]:
        """Where each record stands in the file: the first line of the spreadsheet is 1."""
        return [int(number) for number in self.rows.index]


@dataclass(frozen=True)
class Recognised:
    """Where the records of a file stand. `header` is the number of its row, 0 when there is none.

    `places`: the column of each field number, from 0.
    """

    sheet: Sheet
    header: int
    places: Mapping[int, int]
    collection: str
    year: int


def read_upload(
    data: bytes, file_name: str, collection: str | None = None, year: int | None = None
) -> UploadTable:
    """The table that a file holds; `collection` and `year` are what it should be, when given.

    Raises UploadRefused, and nothing else, for a file that cannot be used or is another.
    """
    found = recognise(data, file_name)
    _refuse_unexpected(found, collection, year)
    rows = _records(found)
    _refuse_other_years(rows, found)
    return UploadTable(found.collection, found.year, rows)


def recognise(data: bytes, file_name: str) -> Recognised:
    """Where the records of a file stand, and of which layout they are. Raises UploadRefused."""
    scans = [_scan(sheet) for sheet in sheets_of(data)]
    headed = [scan for scan in scans if scan.header]
    filled = [scan for scan in headed if scan.sample]
    if len(filled) > 1:
        names = " and ".join(f"'{scan.sheet.name}'" for scan in filled[:2])
        raise UploadRefused(
            f"The workbook has records on more than one sheet: {names}. Upload one sheet at a "
            "time: save each as a file of its own."
        )
    if filled:
        return _headed(filled[0])
    if headed:
        # A layout that cannot be read is the first thing to say, also of a file without records.
        _headed(headed[0])
        raise UploadRefused(
            "The file has the header rows but no records below them. Fill in one row for each "
            "letting or sale, starting directly below the row with the field numbers."
        )
    return _headless(scans)


# What stands where


@dataclass
class _Scan:
    """What was seen of a sheet: its header row and first records, or of all rows without one."""

    sheet: Sheet
    header: int = 0
    cells: list[str] = field(default_factory=list)
    sample: list[list[str]] = field(default_factory=list)
    widths: Counter[int] = field(default_factory=Counter)
    filled_width: int = 0
    first_is_empty: bool = True
    says: bool = False


def _scan(sheet: Sheet) -> _Scan:
    scan = _Scan(sheet)
    rows = _filled(sheet.rows())
    for seen, (number, cells) in enumerate(rows):
        if seen > MOST_ROWS + _HEADER_WITHIN:
            raise _too_many_rows()
        says = says_field_number(cells)
        if (says or seen < _HEADER_WITHIN) and is_header(cells):
            scan.header, scan.cells = number, cells
            scan.sample = [record for _, record in islice(rows, _SAMPLE)]
            return scan
        scan.says = scan.says or says
        scan.widths[len(cells)] += 1
        scan.filled_width = max(scan.filled_width, _filled_width(cells))
        scan.first_is_empty = scan.first_is_empty and not cells[0].strip()
        if seen < _SAMPLE:
            scan.sample.append(cells)
    return scan


def _filled(rows: Iterator[Row]) -> Iterator[Row]:
    return (row for row in rows if any(row[1]) and any(map(str.strip, row[1])))


def _filled_width(cells: list[str]) -> int:
    width = len(cells)
    while width and not cells[width - 1].strip():
        width -= 1
    return width


# Which layout


@cache
def _layouts() -> dict[Key, int]:
    """How many fields each layout has."""
    return {
        (name, year): len(load(name, year).upload_columns) for year in YEARS for name in COLLECTIONS
    }


@cache
def _date_fields(key: Key) -> tuple[int, int, int]:
    """The fields with the day, month and year of the letting or sale."""
    name, year = key
    parts = {
        column.part: column.field
        for column in load(name, year).upload_columns
        if column.variables[:1] == (EVENT_DATES[name],)
    }
    return parts["day"], parts["month"], parts["year"]


def title(collection: str, year: int) -> str:
    """The name of a layout's template, such as "Lettings 2026/27"."""
    return f"{collection.capitalize()} {year_label(year)}"


def _headed(scan: _Scan) -> Recognised:
    places = places_of(scan.cells)
    of_dates = {key: _share_of_dates(scan, places, key) for key in _layouts()}
    fitting = [
        key for key, length in _layouts().items() if set(places) == set(range(1, length + 1))
    ]
    if fitting:
        name, year = max(fitting, key=lambda key: of_dates[key])
        return Recognised(scan.sheet, scan.header, places, name, year)
    raise _no_such_layout(places, of_dates)


def _share_of_dates(scan: _Scan, places: Mapping[int, int], key: Key) -> float:
    """Which part of the first records has a date of a layout's year where it has its date."""
    columns = [places.get(field, -1) for field in _date_fields(key)]
    if not scan.sample or -1 in columns:
        return 0.0
    days = (_day(*(_cell(record, column) for column in columns)) for record in scan.sample)
    return sum(day is not None and collection_year_of(day) == key[1] for day in days) / len(
        scan.sample
    )


def _cell(record: list[str], column: int) -> str:
    return record[column].strip() if column < len(record) else ""


def _day(*parts: str) -> date | None:
    day, month, year = parts
    return real_date(day, month, year) if month or year else read_date(day)


def _no_such_layout(places: Mapping[int, int], of_dates: Mapping[Key, float]) -> UploadRefused:
    """Names the layout that the file most likely was meant to have, and what differs from it."""
    given = set(places)

    def differs(key: Key) -> int:
        return len(given ^ set(range(1, _layouts()[key] + 1)))

    nearest = min(_layouts(), key=lambda key: (of_dates[key] < 0.5, differs(key), -key[1]))
    length = _layouts()[nearest]
    missing = [field for field in range(1, length + 1) if field not in given]
    unknown = sorted(field for field in given if field > length)
    parts = [
        f"The file has {len(places)} numbered field{'s' * (len(places) != 1)}, but the layout for "
        f"{nearest[0]} {year_label(nearest[1])} has {length}."
    ]
    if missing:
        parts.append(f"Missing: field {listed(missing)}.")
    if unknown:
        parts.append(f"Not in the layout: field {listed(unknown)}.")
    parts.append(
        f"Use the template '{title(*nearest)}' and keep every column of it, also the empty ones."
    )
    return UploadRefused(" ".join(parts))


def _headless(scans: list[_Scan]) -> Recognised:
    """A file of records only: the layout of its number of columns that its dates fall in."""
    fitting: list[tuple[float, _Scan, Key, dict[int, int]]] = []
    counted: set[Key] = set()
    for scan in scans:
        if not scan.sample or not scan.widths:
            continue
        usual = scan.widths.most_common(1)[0][0]
        first = int(scan.first_is_empty)
        for key, length in _layouts().items():
            if length + first not in (usual, scan.filled_width):
                continue
            counted.add(key)
            places = {field: field - 1 + first for field in range(1, length + 1)}
            fitting.append((_share_of_dates(scan, places, key), scan, key, places))
    likely = [found for found in fitting if found[0] > 0.5]
    if likely:
        _, scan, (name, year), places = max(likely, key=itemgetter(0))
        return Recognised(scan.sheet, 0, places, name, year)
    raise UploadRefused(_no_header(scans, sorted(counted)))


def _no_header(scans: list[_Scan], counted: list[Key]) -> str:
    mend = (
        "One row above the records must have 'Field number' in its first cell and the number of "
        "each field in the cells after it: download the template and copy its header rows above "
        "your records."
    )
    if any(scan.says for scan in scans):
        return (
            f"The row that says 'Field number' has no field numbers in the cells after it. {mend}"
        )
    if counted:
        names = " or ".join(f"{name} {year_label(year)}" for name, year in counted)
        return (
            f"The file has no row with the field numbers. It has as many columns as the layout for "
            f"{names}, but few of its dates are where that layout has them and in its year, so "
            f"it cannot be told what each column is. {mend}"
        )
    return f"The file has no row with the field numbers. {mend}"


# The records


def _records(found: Recognised) -> pd.DataFrame:
    fields = sorted(found.places)
    columns = [found.places[field] for field in fields]
    cells_of = itemgetter(*columns)
    width = max(columns) + 1
    rows = ((number, cells) for number, cells in found.sheet.rows() if number > found.header)
    numbers: list[pa.Array] = []
    parts: list[list[pa.Array]] = []
    count = 0
    # Held as Arrow columns while reading: as lists of cells a large file takes a gigabyte.
    for chunk in iter(lambda: list(islice(rows, _CHUNK)), []):
        for _, cells in chunk:
            if len(cells) < width:
                cells.extend([""] * (width - len(cells)))
        texts = [
            pc.utf8_trim_whitespace(pa.array(column, pa.string()))
            for column in zip(*(cells_of(cells) for _, cells in chunk), strict=True)
        ]
        places = pa.array([number for number, _ in chunk], pa.int64())
        filled = _any_filled(texts)
        numbers.append(places.filter(filled))
        parts.append([column.filter(filled) for column in texts])
        count += len(numbers[-1])
        if count > MOST_ROWS:
            raise _too_many_rows()
    if not count:
        raise UploadRefused(
            "The file has no records in the columns with field numbers. Fill in one row for each "
            "letting or sale, starting directly below the row with the field numbers."
        )
    values = np.empty((count, len(fields)), dtype=object, order="F")
    for at in range(len(fields)):
        values[:, at] = _as_objects(pa.chunked_array([part[at] for part in parts]))
        for part in parts:
            part[at] = None
    index = pd.Index(pa.chunked_array(numbers).to_numpy(), name="row")
    return pd.DataFrame(values, columns=pd.Index(fields), index=index, dtype=object, copy=False)


def _any_filled(columns: list[pa.Array]) -> pa.Array:
    lengths = pc.binary_length(columns[0])
    for column in columns[1:]:
        lengths = pc.add(lengths, pc.binary_length(column))
    return pc.greater(lengths, 0)


def _as_objects(column: pa.ChunkedArray) -> np.ndarray:
    """Texts as Python strings, equal ones as one: most cells of a field hold the same few codes."""
    encoded = column.combine_chunks().dictionary_encode()
    known = np.empty(len(encoded.dictionary), dtype=object)
    known[:] = encoded.dictionary.to_pylist()
    return known[encoded.indices.to_numpy()]


def _too_many_rows() -> UploadRefused:
    return UploadRefused(
        f"The file has more than {MOST_ROWS:,} rows. Split it into smaller files, each with the "
        "header rows."
    )


# What it should be


def _refuse_unexpected(found: Recognised, collection: str | None, year: int | None) -> None:
    wanted = (collection or found.collection, year if year is not None else found.year)
    if wanted == (found.collection, found.year):
        return
    if wanted not in _layouts():
        raise UploadRefused(
            f"There is no layout for {wanted[0]} {year_label(wanted[1])}. There are layouts for "
            f"{' and '.join(COLLECTIONS)} from {year_label(YEARS[0])} to {year_label(YEARS[-1])}."
        )
    raise UploadRefused(
        f"This file has the layout of {found.collection} {year_label(found.year)}, not of "
        f"{wanted[0]} {year_label(wanted[1])}. Use the template '{title(*wanted)}' and copy your "
        f"records into its columns, or give the file in as {found.collection} "
        f"{year_label(found.year)}."
    )


def _refuse_other_years(rows: pd.DataFrame, found: Recognised) -> None:
    """Refuses a file most of whose dates lie in one other collection year.

    A single wrong date is an error of its row; a file of them is in another year's layout.
    """
    fields = _date_fields((found.collection, found.year))
    counts: Counter[int] = Counter()
    for parts, times in Counter(zip(*(rows[at] for at in fields), strict=True)).items():
        day = _day(*parts)
        if day is not None:
            counts[collection_year_of(day)] += times
    if not counts:
        return
    [(year, times)] = counts.most_common(1)
    if year == found.year or times * 2 <= sum(counts.values()):
        return
    start = (
        f"This file has the {year_label(found.year)} layout, but {_START[found.collection]} in "
        f"{year_label(year)} ({times:,} of {len(rows):,} rows)."
    )
    correct = f"correct the years in field {fields[2]}"
    if (found.collection, year) in _layouts():
        raise UploadRefused(
            f"{start} Use the template '{title(found.collection, year)}' and copy your records "
            f"into its columns, or {correct} if they are wrong."
        )
    raise UploadRefused(f"{start} There is no template for that year: {correct} if they are wrong.")


__all__ = ["LARGEST", "Recognised", "UploadRefused", "UploadTable", "read_upload", "recognise"]
