"""Reading official tables of usual rents and sale prices, and saying all that is wrong with one.

Two layouts, told apart by their header (layouts as the Ministry publishes them):
rents: lettype, la, beds, soft_min, soft_max, hard_min, hard_max (also ranges_rent_id, unused);
sales: la, bedrooms, soft_min, soft_max (also la_name, unused).
Either may have a column year; without one the year is the caller's, or stands in the file's name.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sqlalchemy.orm import Session

from data_access.reference.local_authorities import (
    current_code,
    local_authorities,
    predecessors,
)
from data_access.reference.periods import year_label
from data_access.reference.ranges import (
    LARGEST,
    LETTING_TYPES,
    MOST_BEDS,
    Kind,
    RangeRow,
    RentRow,
    Replaced,
    SaleRow,
    codes_of_year,
    lettings_without,
    replace_ranges,
    sizes_of,
)

FIRST_YEAR, LAST_YEAR = 2023, 2099
_KEYS: dict[Kind, tuple[str, ...]] = {"rent": ("lettype", "la", "beds"), "sale": ("la", "bedrooms")}
_LIMITS: dict[Kind, tuple[str, ...]] = {
    "rent": ("soft_min", "soft_max", "hard_min", "hard_max"),
    "sale": ("soft_min", "soft_max"),
}
# Of the usual and of the accepted amounts, and no usual amount may be refused as a whole.
_LOW_AND_HIGH = (
    ("soft_min", "soft_max"),
    ("hard_min", "hard_max"),
    ("soft_min", "hard_max"),
    ("hard_min", "soft_max"),
)
_UNUSED: dict[Kind, tuple[str, ...]] = {"rent": ("ranges_rent_id",), "sale": ("la_name",)}
_AMOUNT = re.compile(r"\d+(\.\d+)?", re.ASCII)
_YEAR_IN_NAME = re.compile(r"(?<!\d)20\d\d(?!\d)")
_HEADERS = (
    "a file of rents has lettype, la, beds, soft_min, soft_max, hard_min and hard_max; "
    "a file of sale prices has la, bedrooms, soft_min and soft_max"
)


class RangeFileProblems(Exception):
    """The file cannot be loaded. The message lists every problem, one a line."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class RangeFile:
    """A sound file: its rows by year, and what its reader should know though it can be loaded."""

    name: str
    kind: Kind
    years: dict[int, list[RangeRow]]
    notes: tuple[str, ...]


def load_range_file(
    db: Session, path: Path, year: int | None = None
) -> tuple[RangeFile, list[Replaced]]:
    """Puts a file's rows in the place of their years' rows: every row or, on any problem, none.

    Commits. Raises RangeFileProblems.
    """
    read = read_range_file(path, year)
    done = [
        replace_ranges(db, read.kind, found, rows, f"file {read.name}")
        for found, rows in sorted(read.years.items())
    ]
    db.commit()
    return read, done


def read_range_file(path: Path, year: int | None = None) -> RangeFile:
    """Reads a file. With a column year, `year` takes that year's rows alone.

    Where a key comes twice with other amounts the later row counts: the official file of rents of
    2023 has 325 such keys, and the official table of all years holds the later of each. Usual
    limits that reach past the accepted ones are kept too: 125 official rows of 2025 do. Both are
    among the notes. Raises RangeFileProblems.
    """
    lines = _lines(path)
    header = [name.strip().lower() for name in lines[0]] if lines else []
    kind = _kind(path.name, header)
    needs_year = "year" not in header
    years_named = sorted({*_YEAR_IN_NAME.findall(path.stem)})
    if year is None and needs_year:
        if len(years_named) != 1:
            raise RangeFileProblems(
                [
                    f"{path.name} has no column year and its name does not say one year: "
                    "give the collection year, for example --year 2026."
                ]
            )
        year = int(years_named[0])
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        raise RangeFileProblems(
            [f"{year} is not a collection year from {FIRST_YEAR} to {LAST_YEAR}."]
        )
    reader = _Reader(path.name, kind, header, year)
    if needs_year and years_named and years_named != [str(year)]:
        reader.notes.append(f"The file's name says {' and '.join(years_named)}, not {year}.")
    for number, cells in enumerate(lines[1:], start=2):
        if any(cell.strip() for cell in cells):
            reader.take(number, cells)
    return reader.finish()


def _lines(path: Path) -> list[list[str]]:
    try:
        data = path.read_bytes()
    except OSError as failure:
        raise RangeFileProblems([f"{path} cannot be read: {failure.strerror}."]) from failure
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Spreadsheets on Windows write this one. Five bytes are no letter of it; they can only
        # stand in the name of an authority, which is not read, or make a cell that is refused.
        text = data.decode("cp1252", errors="replace")
    if "\0" in text:
        raise RangeFileProblems(
            [f"{path.name} is not a CSV file: save the table as CSV (comma separated) first."]
        )
    found: list[list[str]] = []
    try:
        found.extend(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as failure:
        raise RangeFileProblems(
            [
                f"{path.name}, row {len(found) + 1}: the file is damaged from here on; look for a "
                f"quotation mark that is not closed."
            ]
        ) from failure
    return found


def _kind(file: str, header: list[str]) -> Kind:
    kind: Kind = "rent" if "lettype" in header or "hard_min" in header else "sale"
    needed = (*_KEYS[kind], *_LIMITS[kind])
    missing = [name for name in needed if name not in header]
    if not any(header):
        raise RangeFileProblems(
            [f"{file}, row 1: there are no column names; they must stand in the first row."]
        )
    if len(missing) > len(needed) // 2:
        raise RangeFileProblems(
            [f"{file}, row 1: this is neither of the official layouts: {_HEADERS}."]
        )
    problems = [f"{file}, row 1, column {name}: the column is missing." for name in missing]
    problems += [
        f"{file}, row 1, column {name}: there are two columns of this name."
        for name in sorted({name for name in header if name and header.count(name) > 1})
    ]
    known = {*needed, *_UNUSED[kind], "year"}
    problems += [
        f"{file}, row 1, column {at}: '{name}' is not a column of this layout."
        for at, name in enumerate(header, start=1)
        if name not in known
    ]
    if problems:
        raise RangeFileProblems(problems)
    return kind


class _Reader:
    """Takes rows one by one, and remembers what is wrong with them."""

    def __init__(self, file: str, kind: Kind, header: list[str], year: int | None) -> None:
        self._file, self._kind, self._header, self._year = file, kind, header, year
        self.notes: list[str] = []
        self._problems: list[str] = []
        self._rows: dict[int, dict[tuple[int, str, int], RangeRow]] = {}
        self._repeated: list[int] = []

    def _refuse(self, number: int, column: str, message: str) -> None:
        self._problems.append(f"{self._file}, row {number}, column {column}: {message}")

    def take(self, number: int, cells: list[str]) -> None:
        """Reads a row. `number` is the spreadsheet's."""
        if len(cells) != len(self._header):
            self._problems.append(
                f"{self._file}, row {number}: the row has {len(cells)} cells and the header "
                f"{len(self._header)}."
            )
            return
        row = {name: cell.strip() for name, cell in zip(self._header, cells, strict=True)}
        before = len(self._problems)
        year = self._year_of(number, row)
        if year is not None and self._year is not None and year != self._year:
            return
        key = self._key(number, row)
        limits = self._limits(number, row)
        if len(self._problems) > before or year is None:
            return
        made: RangeRow = (
            RentRow(
                *key,
                limits["soft_min"],
                limits["soft_max"],
                limits["hard_min"],
                limits["hard_max"],
            )
            if self._kind == "rent"
            else SaleRow(*key[1:], limits["soft_min"], limits["soft_max"])
        )
        of_year = self._rows.setdefault(year, {})
        if of_year.get(key, made) != made:
            self._repeated.append(number)
        of_year[key] = made

    def _year_of(self, number: int, row: dict[str, str]) -> int | None:
        if "year" not in row:
            return self._year
        text = row["year"]
        if re.fullmatch(r"\d{4}", text) and FIRST_YEAR <= int(text) <= LAST_YEAR:
            return int(text)
        wanted = f"a collection year from {FIRST_YEAR} to {LAST_YEAR}"
        self._refuse(number, "year", f"{_quoted(text)} is not {wanted}.")
        return None

    def _key(self, number: int, row: dict[str, str]) -> tuple[int, str, int]:
        """Letting type (0 for sales), authority and bedrooms."""
        lettype = 0
        if self._kind == "rent":
            text = row["lettype"]
            lettype = int(text) if re.fullmatch(r"\d{1,2}", text) else 0
            if lettype not in LETTING_TYPES:
                self._refuse(number, "lettype", f"{_quoted(text)} is not a letting type, 1 to 16.")
        if current_code(row["la"]) is None:
            self._refuse(
                number, "la", f"{_quoted(row['la'])} is not the code of an English local authority."
            )
        column = "beds" if self._kind == "rent" else "bedrooms"
        text = row[column]
        beds = int(text) if re.fullmatch(r"\d", text) else -1
        # Even letting types are supported housing, which has no bedrooms of its own.
        supported = lettype in LETTING_TYPES and lettype % 2 == 0
        allowed = sizes_of(lettype) if lettype in LETTING_TYPES else range(1, MOST_BEDS + 1)
        if self._kind == "rent" and lettype not in LETTING_TYPES:
            allowed = range(MOST_BEDS + 1)
        if beds not in allowed:
            wanted = (
                "must be 0, because this letting type is supported housing"
                if supported
                else f"is not a number of bedrooms from {allowed[0]} to {MOST_BEDS}"
            )
            self._refuse(number, column, f"{_quoted(text)} {wanted}.")
        return lettype, row["la"], beds

    def _limits(self, number: int, row: dict[str, str]) -> dict[str, Decimal]:
        found = {}
        for name in _LIMITS[self._kind]:
            text = row[name]
            if not _AMOUNT.fullmatch(text):
                wanted = "is not an amount in pounds such as 57.21"
                self._refuse(number, name, f"{_quoted(text)} {wanted}.")
                continue
            amount = Decimal(text)
            if amount > LARGEST[self._kind]:
                self._refuse(number, name, f"{_quoted(text)} is more than any rent or price.")
            elif amount != round(amount, 2):
                self._refuse(number, name, f"{_quoted(text)} has more than two decimals.")
            else:
                found[name] = amount
        for low, high in _LOW_AND_HIGH:
            if low in found and high in found and found[low] > found[high]:
                self._refuse(
                    number, low, f"{found[low]} is more than {high}, which is {found[high]}."
                )
        return found

    def finish(self) -> RangeFile:
        """The file as read. Raises RangeFileProblems."""
        if not self._problems and not self._rows:
            of = f" of {year_label(self._year)}" if self._year is not None else ""
            self._problems.append(f"{self._file} has no rows{of} under its header.")
        if self._problems:
            raise RangeFileProblems(self._problems)
        years = {year: list(rows.values()) for year, rows in self._rows.items()}
        self._note_repeated()
        self._note_crossed()
        for year, rows in sorted(self._rows.items()):
            self._note_gaps(year, rows)
        return RangeFile(self._file, self._kind, years, tuple(self.notes))

    def _note_repeated(self) -> None:
        if self._repeated:
            self.notes.append(
                f"{_rows(len(self._repeated), 'repeats', 'repeat')} the place and kind of home of "
                "an earlier row with other amounts; the later row counts "
                f"(rows {_some([str(number) for number in self._repeated])})."
            )

    def _note_crossed(self) -> None:
        rents = [
            row for rows in self._rows.values() for row in rows.values() if isinstance(row, RentRow)
        ]
        high = sum(row.soft_max > row.hard_max for row in rents)
        if high:
            self.notes.append(
                f"{_rows(high, 'has', 'have')} a soft_max above hard_max: high rents there are "
                "refused and never queried. Kept as published."
            )
        low = sum(row.soft_min < row.hard_min for row in rents)
        if low:
            self.notes.append(
                f"{_rows(low, 'has', 'have')} a soft_min below hard_min: low rents there are "
                "refused and never queried. Kept as published."
            )

    def _note_gaps(self, year: int, rows: dict[tuple[int, str, int], RangeRow]) -> None:
        """What logs of the year will find no row for, and which rows no log will find."""
        codes, label = codes_of_year(year), year_label(year)
        given = Counter(la for _, la, _ in rows)
        absent = [code for code in codes if code not in given]
        if absent:
            self.notes.append(
                f"{label} has no row for {len(absent)} of {len(codes)} authorities: "
                f"{_some(_named(absent))}. Logs there are not held against a range."
            )
        sizes = len({(lettype, beds) for lettype, _, beds in rows})
        gaps = [code for code in codes if 0 < given[code] < sizes]
        if gaps:
            lacking = sum(sizes - given[code] for code in gaps)
            self.notes.append(
                f"{label} has kinds of home that some authorities have no row for, "
                f"{lacking:,} rows in all: {_some(_named(gaps))}. Is the file whole?"
            )
        if self._kind == "rent" and (without := lettings_without(rows.values())):
            self.notes.append(
                f"{label} has no row for letting types {without}. Such lettings are not held "
                "against a range."
            )
        gone = [code for code in given if code not in codes]
        if gone:
            self.notes.append(
                f"{_rows(sum(given[code] for code in gone), 'is', 'are')} of codes that are not "
                f"those of {label}: {_some(_named(gone))}. No log of the year has such a code."
            )


def _quoted(text: str) -> str:
    return f"'{text[:40]}'" if text else "the empty cell"


def _rows(count: int, one: str, many: str) -> str:
    return f"1 row {one}" if count == 1 else f"{count:,} rows {many}"


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    return f"{shown} and others" if len(names) > 5 else shown


def _named(codes: Sequence[str]) -> list[str]:
    names = {code: past.name for code, past in predecessors().items()}
    names |= {code: place.name for code, place in local_authorities().items()}
    return [f"{names[code]} ({code})" for code in sorted(codes)]
