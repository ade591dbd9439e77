"""Official tables of usual rents and prices: what is read, what is said, and what is refused."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from data_access.reference.range_files import (
    RangeFile,
    RangeFileProblems,
    load_range_file,
    read_range_file,
)
from data_access.reference.ranges import (
    RentRow,
    SaleRow,
    codes_of_year,
    range_tables,
    ranges_version,
    rent_ranges,
    sale_ranges,
)

OFFICIAL = Path(__file__).parents[4] / "shared" / "reference" / "ranges"
official = pytest.mark.skipif(not OFFICIAL.exists(), reason="the official tables are not here")

RENTS = "ranges_rent_id,lettype,la,beds,soft_min,soft_max,hard_min,hard_max\n"
SALES = "la_name,la,bedrooms,soft_min,soft_max\n"
RENT = "1,1,E07000223,1,57.21,123.09,25.84,1000\n"
SALE = "Adur,E07000223,1,126000,447000\n"


def _file(folder: Path, text: str | bytes, name: str = "rent_2026.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def _problems(path: Path, year: int | None = None) -> tuple[str, ...]:
    with pytest.raises(RangeFileProblems) as refused:
        read_range_file(path, year)
    return refused.value.problems


def _rows(read: RangeFile, year: int = 2026) -> Sequence[RentRow | SaleRow]:
    return read.years[year]


def _notes(read: RangeFile, word: str) -> list[str]:
    return [note for note in read.notes if word in note]


# The official files


@official
@pytest.mark.parametrize(
    ("name", "kind", "year", "rows"),
    [
        ("rent_2023", "rent", 2023, 7_400),
        ("rent_2024", "rent", 2024, 8_880),
        ("rent_2025", "rent", 2025, 8_880),
        ("rent_2026", "rent", 2026, 8_880),
        ("sale_2023", "sale", 2023, 1_184),
        ("sale_2024", "sale", 2024, 1_184),
        ("sale_2025", "sale", 2025, 1_184),
        ("sale_2026", "sale", 2026, 1_184),
    ],
)
def test_an_official_file_is_loaded_whole_and_a_second_time_changes_nothing(
    db: Session, name: str, kind: str, year: int, rows: int
) -> None:
    path = OFFICIAL / f"{name}.csv"
    read, [first] = load_range_file(db, path)
    assert (read.kind, first.year, first.before, first.rows) == (kind, year, 0, rows)
    assert first.changed
    version, frame = ranges_version(db), (rent_ranges if kind == "rent" else sale_ranges)(db)
    assert len(frame) == rows
    [table] = range_tables(db)
    made_at = table.made_at
    _, [second] = load_range_file(db, path)
    assert (second.before, second.rows, second.changed) == (rows, rows, False)
    assert ranges_version(db) == version
    db.expire_all()
    assert [found.made_at for found in range_tables(db)] == [made_at]


@official
def test_figures_of_official_files_are_kept_to_the_penny(db: Session) -> None:
    load_range_file(db, OFFICIAL / "rent_2026.csv")
    load_range_file(db, OFFICIAL / "sale_2026.csv")
    rents = rent_ranges(db).set_index(["year", "lettype", "la", "beds"])
    assert rents.loc[2026, 1, "E07000223", 2].tolist() == [
        Decimal("74.68"),
        Decimal("165.75"),
        Decimal("25.84"),
        Decimal("1000.00"),
    ]
    prices = sale_ranges(db).set_index(["year", "la", "beds"])
    assert prices.loc[2026, "E07000223", 2].tolist() == [Decimal("210125"), Decimal("458072")]


@official
def test_the_table_of_all_years_is_what_the_four_files_are(db: Session) -> None:
    for year in range(2023, 2027):
        load_range_file(db, OFFICIAL / f"rent_{year}.csv")
    _, done = load_range_file(db, OFFICIAL / "rent_all_years.csv")
    assert [(found.year, found.changed) for found in done] == [
        (year, False) for year in range(2023, 2027)
    ]
    _, one = load_range_file(db, OFFICIAL / "rent_all_years.csv", 2025)
    assert [(found.year, found.rows) for found in one] == [(2025, 8_880)]


@official
def test_what_is_odd_in_official_files_is_said() -> None:
    rents = read_range_file(OFFICIAL / "rent_2023.csv")
    assert _notes(rents, "325 rows repeat") and "rows 7402, 7403," in _notes(rents, "repeat")[0]
    assert _notes(rents, "22 rows have a soft_max above hard_max")
    assert _notes(rents, "no row for letting types 11, 12, 13, 14, 15, 16")
    assert not _notes(rents, "authorities")
    prices = read_range_file(OFFICIAL / "sale_2026.csv")
    assert _notes(prices, "1 of 296 authorities: Isles of Scilly (E06000053)")
    assert _notes(prices, "4 rows are of codes that are not those of 2026/27: Mendip (E07000187)")


# Ways of writing a file


@pytest.mark.parametrize(
    "encoded",
    [
        (SALES + SALE).encode("utf-8-sig"),
        (SALES + SALE).replace("\n", "\r\n").encode(),
        (SALES + SALE).replace("\n", "\r").encode(),
        (SALES + SALE).replace("Adur", "Adûr – “Adur”").encode("cp1252"),
        (SALES + SALE).replace("Adur", "Ad\x81ur").encode("latin-1"),
        (SALES + SALE.replace("Adur", '"Adur, the\ndistrict"')).encode(),
        (SALES.upper() + SALE.replace(",", " , ") + "\n , ,,,\n\n").encode(),
        b"soft_max,bedrooms,la,soft_min\n447000,1,E07000223,126000.00",
    ],
    ids=["BOM", "CRLF", "CR", "cp1252", "not-cp1252", "quoted", "spaces", "other-order"],
)
def test_a_table_is_read_however_a_spreadsheet_wrote_it(tmp_path: Path, encoded: bytes) -> None:
    read = read_range_file(_file(tmp_path, encoded, "sale 2026-27.csv"))
    assert _rows(read) == [SaleRow("E07000223", 1, Decimal(126000), Decimal(447000))]


def test_row_numbers_are_those_of_the_spreadsheet(tmp_path: Path) -> None:
    text = SALES + '"Adur,\nwest",E07000223,1,1,2\n\nAdur,E07000223,2,x,2\n'
    [problem] = _problems(_file(tmp_path, text, "sale_2026.csv"))
    assert problem == (
        "sale_2026.csv, row 4, column soft_min: 'x' is not an amount in pounds such as 57.21."
    )


def test_the_year_comes_from_the_column_the_option_or_the_name(tmp_path: Path) -> None:
    assert list(read_range_file(_file(tmp_path, RENTS + RENT)).years) == [2026]
    given_year = read_range_file(_file(tmp_path, RENTS + RENT), 2027)
    assert list(given_year.years) == [2027]
    assert _notes(given_year, "The file's name says 2026, not 2027.")
    unnamed = _file(tmp_path, RENTS + RENT, "rents.csv")
    assert "give the collection year, for example --year 2026" in _problems(unnamed)[0]
    assert _problems(_file(tmp_path, RENTS + RENT, "rents 2025 to 2026.csv"))
    assert list(read_range_file(unnamed, 2026).years) == [2026]
    with_column = "year," + SALES + "2025," + SALE + "2026," + SALE
    assert sorted(read_range_file(_file(tmp_path, with_column, "sales.csv")).years) == [2025, 2026]
    assert list(read_range_file(_file(tmp_path, with_column, "sales.csv"), 2025).years) == [2025]
    [none] = _problems(_file(tmp_path, with_column, "sales.csv"), 2027)
    assert none == "sales.csv has no rows of 2027/28 under its header."
    [early] = _problems(_file(tmp_path, RENTS + RENT, "rent_2021.csv"))
    assert early == "2021 is not a collection year from 2023 to 2099."


# What is refused


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "rent_2026.csv, row 1: there are no column names"),
        (b"\n\n" + RENTS.encode() + RENT.encode(), "row 1: there are no column names"),
        (b"code,name\nE07000223,Adur\n", "row 1: this is neither of the official layouts"),
        (RENTS.replace(",", ";").encode(), "row 1: this is neither of the official layouts"),
        (b"PK\x03\x04\0\0", "is not a CSV file: save the table as CSV"),
        ((RENTS + RENT).encode("utf-16"), "is not a CSV file: save the table as CSV"),
        (RENTS.encode(), "rent_2026.csv has no rows of 2026/27 under its header."),
        (
            f'{RENTS}{RENT}1,1,E07000223,2,"57.21,123.09,25.84,1000\n{"a" * 140_000}'.encode(),
            "row 3: the file is damaged from here on; look for a quotation mark",
        ),
    ],
    ids=["empty", "blank", "other", "semicolons", "xlsx", "utf-16", "no-rows", "open-quote"],
)
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, text: bytes, message: str) -> None:
    [problem] = _problems(_file(tmp_path, text))
    assert message in problem


def test_a_file_that_is_not_there_is_said_to_be_unreadable(tmp_path: Path) -> None:
    [problem] = _problems(tmp_path / "rent_2026.csv")
    assert "rent_2026.csv cannot be read: No such file" in problem
    [folder] = _problems(tmp_path)
    assert "cannot be read" in folder


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (RENTS.replace(",hard_max", ""), "column hard_max: the column is missing"),
        (RENTS.replace("lettype,", ""), "column lettype: the column is missing"),
        (RENTS.replace("ranges_rent_id", "beds"), "column beds: there are two columns of this"),
        (RENTS.replace("ranges_rent_id", "id"), "column 1: 'id' is not a column of this layout"),
        (SALES.replace("soft_min", "soft_minimum"), "column soft_min: the column is missing"),
        (SALES.replace("bedrooms", "beds"), "column bedrooms: the column is missing"),
    ],
)
def test_a_wrong_header_is_named_by_row_and_column(
    tmp_path: Path, header: str, message: str
) -> None:
    problems = _problems(_file(tmp_path, header + RENT, "rent_2026.csv"))
    assert any(f"rent_2026.csv, row 1, {message}" in problem for problem in problems)


@pytest.mark.parametrize(
    ("cells", "column", "message"),
    [
        ("1,17,E07000223,1,1,2,1,2", "lettype", "'17' is not a letting type, 1 to 16"),
        ("1,,E07000223,1,1,2,1,2", "lettype", "the empty cell is not a letting type"),
        ("1,1,E07000999,1,1,2,1,2", "la", "'E07000999' is not the code of an English"),
        ("1,1,W06000015,1,1,2,1,2", "la", "'W06000015' is not the code of an English"),
        ("1,1,Adur,1,1,2,1,2", "la", "'Adur' is not the code of an English"),
        ("1,1,E07000223,5,1,2,1,2", "beds", "'5' is not a number of bedrooms from 1 to 4"),
        ("1,1,E07000223,0,1,2,1,2", "beds", "'0' is not a number of bedrooms from 1 to 4"),
        ("1,2,E07000223,1,1,2,1,2", "beds", "'1' must be 0, because this letting type is"),
        ("1,1,E07000223,1,£57,99,1,99", "soft_min", "'£57' is not an amount in pounds"),
        ("1,1,E07000223,1,1,1e3,1,99", "soft_max", "'1e3' is not an amount in pounds"),
        ("1,1,E07000223,1,1,2,-1,99", "hard_min", "'-1' is not an amount in pounds"),
        ("1,1,E07000223,1,1,2,1,", "hard_max", "the empty cell is not an amount in pounds"),
        ("1,1,E07000223,1,1.001,2,1,2", "soft_min", "'1.001' has more than two decimals"),
        ("1,1,E07000223,1,1,2,1,1000000", "hard_max", "is more than any rent or price"),
        (f"1,1,E07000223,1,1,{'9' * 60},1,2", "soft_max", "is more than any rent or price"),
        ("1,1,E07000223,1,٣,4,1,4", "soft_min", "'٣' is not an amount in pounds"),
        ("1,1,E07000223,1,3,2,1,4", "soft_min", "3 is more than soft_max, which is 2."),
        ("1,1,E07000223,1,2,3,5,4", "hard_min", "5 is more than hard_max, which is 4."),
        ("1,1,E07000223,1,5,6,1,4", "soft_min", "5 is more than hard_max, which is 4."),
        ("1,1,E07000223,1,1,2,3,4", "hard_min", "3 is more than soft_max, which is 2."),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(
    tmp_path: Path, cells: str, column: str, message: str
) -> None:
    problems = _problems(_file(tmp_path, RENTS + RENT + cells + "\n"))
    named = [p for p in problems if p.startswith(f"rent_2026.csv, row 3, column {column}: ")]
    assert any(message in problem for problem in named), problems


def test_every_problem_of_a_file_is_told(tmp_path: Path) -> None:
    text = RENTS + "1,99,E9,9,a,b,c,d\n" + "1,1,E07000223,1,57.21\n" + RENT
    columns = ("lettype", "la", "beds", "soft_min", "soft_max", "hard_min", "hard_max")
    problems = _problems(_file(tmp_path, text))
    assert [problem.split(":")[0] for problem in problems] == [
        *(f"rent_2026.csv, row 2, column {name}" for name in columns),
        "rent_2026.csv, row 3",
    ]
    assert problems[-1].endswith("the row has 5 cells and the header 8.")


def test_a_faulty_file_changes_nothing_not_even_its_sound_years(
    db: Session, tmp_path: Path
) -> None:
    load_range_file(db, _file(tmp_path, SALES + SALE, "sale_2026.csv"))
    version = ranges_version(db)
    text = "year," + SALES + "2025," + SALE + "2026," + SALE.replace("447000", "1")
    with pytest.raises(RangeFileProblems):
        load_range_file(db, _file(tmp_path, text, "sales.csv"))
    db.rollback()
    assert ranges_version(db) == version
    assert len(sale_ranges(db)) == 1


# What is taken, and said


def test_of_two_rows_for_one_home_the_later_counts_and_is_named(tmp_path: Path) -> None:
    text = RENTS + RENT + RENT + RENT.replace("57.21", "60")
    read = read_range_file(_file(tmp_path, text))
    assert [row.soft_min for row in _rows(read)] == [Decimal(60)]
    [note] = _notes(read, "repeat")
    assert note.startswith("1 row repeats") and note.endswith("(rows 4).")


def test_usual_limits_past_the_accepted_ones_are_kept_and_said(tmp_path: Path) -> None:
    text = RENTS + "1,1,E07000223,1,10,200,20,100\n2,1,E07000223,2,20,100,20,100\n"
    read = read_range_file(_file(tmp_path, text))
    assert [row.soft_max for row in _rows(read)] == [Decimal(200), Decimal(100)]
    assert _notes(read, "1 row has a soft_max above hard_max")
    assert _notes(read, "1 row has a soft_min below hard_min")


def test_a_file_cut_short_is_noticed(tmp_path: Path) -> None:
    rows = [f"{la},{beds},1,2\n" for la in codes_of_year(2026) for beds in range(1, 5)]
    header = "la,bedrooms,soft_min,soft_max\n"
    whole = read_range_file(_file(tmp_path, header + "".join(rows), "sale_2026.csv"))
    assert whole.notes == ()
    cut = read_range_file(_file(tmp_path, header + "".join(rows[:-6]), "sale_2026.csv"))
    assert _notes(cut, "no row for 1 of 296 authorities: Westminster")
    [gap] = _notes(cut, "Is the file whole?")
    assert "2 rows in all: Wandsworth" in gap


def test_codes_of_another_year_are_noticed_as_no_log_has_them(tmp_path: Path) -> None:
    text = SALES + "".join(f"x,{la},1,1,2\n" for la in codes_of_year(2024))
    assert read_range_file(_file(tmp_path, text, "sale_2024.csv")).notes == ()
    [absent, gone] = read_range_file(_file(tmp_path, text, "sale_2025.csv")).notes
    assert "2 of 296 authorities: Barnsley (E08000038), Sheffield (E08000039)" in absent
    assert "2 rows are of codes that are not those of 2025/26: Barnsley (E08000016)" in gone


@given(st.lists(st.decimals(0, 999_999, places=2), min_size=4, max_size=4).map(sorted))
def test_whatever_amounts_are_written_are_read_to_the_penny(
    tmp_path_factory: pytest.TempPathFactory, amounts: list[Decimal]
) -> None:
    hard_min, soft_min, soft_max, hard_max = amounts
    text = RENTS + f"1,3,E07000223,4,{soft_min},{soft_max},{hard_min},{hard_max}\n"
    [row] = _rows(read_range_file(_file(tmp_path_factory.mktemp("ranges"), text)))
    assert row == RentRow(3, "E07000223", 4, soft_min, soft_max, hard_min, hard_max)
