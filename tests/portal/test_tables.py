"""Tables come back as they were taken away, and run nothing in any spreadsheet."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook

from portal.tables.harmless import as_it_was, harmless
from portal.tables.reading import MOST_ROWS, Column, Holds, Table, read_table
from portal.tables.writing import write_csv, write_xlsx
from submission.uploads.sheets import UploadRefused

COLUMNS = (
    Column("name", "Name", needed=True),
    Column("email", "E-mail address"),
    Column("units", "Units", holds=Holds.NUMBER),
    Column("since", "Available from", holds=Holds.DAY),
)
AWKWARD = [
    "=1+1",
    '=HYPERLINK("http://example.com";"x")',
    "+44 1632 960001",
    "-2+3",
    "@SUM(A1)",
    " =1+1",
    "＝1+1",
    "'=1+1",
    "''=1",
    "'tis",
    "-5",
    "-5.25",
    "plain",
    "a;b,c\td",
    "two\nlines",
    '"quoted"',
    "Zoë Łukasz 山",
    "<script>alert(1)</script>",
    "#N/A",
    "x_x0041_y",
    "0012",
]


def _texts(table: Table) -> list[dict[str, str]]:
    return [dict(row.values) for row in table.rows]


def _csv(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def _xlsx(rows: list[list[object]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", " =", "'="])
def test_no_cell_of_a_csv_file_begins_like_a_formula(start: str) -> None:
    [[_], [cell]] = _csv(write_csv(["Name"], [[f"{start}cmd|' /C calc'!A0"]]))
    assert cell.startswith("'")
    assert as_it_was(cell) == f"{start}cmd|' /C calc'!A0"


def test_numbers_stay_numbers_in_a_csv_file() -> None:
    rows = [[-5, Decimal("-5.25"), "-5", 1200, None, True, False]]
    assert _csv(write_csv(list("abcdefg"), rows))[1] == [
        "-5", "-5.25", "-5", "1200", "", "yes", "no",
    ]  # fmt: skip


def test_days_and_instants_are_written_as_spreadsheets_read_them() -> None:
    at = datetime(2026, 7, 1, 8, 5, tzinfo=UTC)
    rows = [[date(2026, 6, 27), at]]
    assert _csv(write_csv(["a", "b"], rows))[1] == ["2026-06-27", "2026-07-01 09:05"]


def test_a_csv_file_begins_with_the_mark_that_excel_knows_utf8_by() -> None:
    assert write_csv(["a"], [["£"]]).startswith(b"\xef\xbb\xbf")


def test_every_text_of_a_workbook_is_text_and_no_formula() -> None:
    book = load_workbook(io.BytesIO(write_xlsx("T", ["Name"], [[text] for text in AWKWARD])))
    cells = [cell for (cell,) in book["T"].iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}
    xml = zipfile.ZipFile(io.BytesIO(write_xlsx("T", ["Name"], [["=1+1"]]))).read(
        "xl/worksheets/sheet1.xml"
    )
    assert b"<f>" not in xml


def test_the_headings_of_a_workbook_stay_in_sight_and_notes_have_their_sheet() -> None:
    made = write_xlsx("Users: all/of [them]", ["=Name"], [["Ann"]], [("Name", "Who it is")])
    book = load_workbook(io.BytesIO(made))
    first, notes = book.worksheets
    assert first.title == "Users- all-of -them-"
    assert first.freeze_panes == "A2"
    assert first["A1"].value == "=Name" and first["A1"].data_type == "s"
    assert [cell.value for cell in notes[2]] == ["Name", "Who it is"]


def test_characters_that_a_workbook_cannot_hold_are_left_out() -> None:
    book = load_workbook(io.BytesIO(write_xlsx("T", ["a"], [["a\x00b\x1fc\ufffe"]])))
    assert book["T"]["A2"].value == "abc"


@pytest.mark.parametrize("text", AWKWARD)
def test_what_is_taken_away_as_csv_comes_back_unchanged(text: str) -> None:
    [row] = read_table(write_csv(["Name"], [[text]]), COLUMNS).rows
    assert row.values["name"] == text.strip()


@pytest.mark.parametrize("text", AWKWARD)
def test_what_is_taken_away_as_a_workbook_comes_back_unchanged(text: str) -> None:
    [row] = read_table(write_xlsx("T", ["Name"], [[text]]), COLUMNS).rows
    assert row.values["name"] == text.strip()


def test_taking_the_apostrophe_off_undoes_putting_it_on() -> None:
    for text in AWKWARD:
        assert as_it_was(harmless(text)) == text


@pytest.mark.parametrize(
    "data",
    [
        "Name,E-mail address\nAnn,ann@example.com\n".encode("utf-8-sig"),
        b"Name;E-mail address\r\nAnn;ann@example.com\r\n",
        b"Name\tE-mail address\rAnn\tann@example.com\r",
        b"sep=;\nName;E-mail address\nAnn;ann@example.com\n",
        "Name,E-mail address\nAnn,ann@example.com\n".encode("utf-16"),
        b"e_mail_address,NAME,Status\nann@example.com,Ann,x\n",
        b"email;  na me \nann@example.com;Ann\n",
        b'"Name","E-mail address",,\n"Ann","ann@example.com",,\n,,,\n   ,  ,,\n',
        b"Users of 2026,\n,\nName,E-mail address\nAnn,ann@example.com\n",
        _xlsx([["Name", "E-mail address"], ["Ann", "ann@example.com"], [None, None]]),
        _xlsx([[], ["A title"], ["Name", None, "E-mail address"], ["Ann", 1, "ann@example.com"]]),
    ],
)
def test_every_spreadsheets_way_of_writing_a_table_is_read(data: bytes) -> None:
    assert _texts(read_table(data, COLUMNS)) == [{"name": "Ann", "email": "ann@example.com"}]


def test_commas_in_the_cells_do_not_hide_that_semicolons_stand_between_them() -> None:
    data = b"Name;Units\n" + b"A, B, C, D;1\n" * 20
    assert _texts(read_table(data, COLUMNS))[0] == {"name": "A, B, C, D", "units": "1"}


def test_letters_of_windows_are_read() -> None:
    data = "Name,E-mail address\nZoë O’Brien,z@example.com\n".encode("cp1252")
    assert read_table(data, COLUMNS).rows[0].values["name"] == "Zoë O’Brien"


def test_a_line_break_within_quotes_is_part_of_the_cell() -> None:
    [row] = read_table(b'Name,Units\n"Long\r\nHouse",3\n', COLUMNS).rows
    assert row.values == {"name": "Long\r\nHouse", "units": "3"}


def test_numbers_that_a_spreadsheet_changed_are_whole_again() -> None:
    data = b"Name,Units\na,1.00\nb,5E+2\nc,1.5\nd,12\ne,1e99\nf,twelve\n"
    found = [row.values["units"] for row in read_table(data, COLUMNS).rows]
    assert found == ["1", "500", "1.5", "12", "1e99", "twelve"]


def test_days_are_read_in_each_form() -> None:
    book = _xlsx([["Name", "Available from"], ["a", date(2026, 6, 7)], ["b", "7.6.2026"]])
    data = b"Name,Available from\nc,2026-06-07\nd,07/06/2026 00:00\ne,soon\n"
    rows = [*read_table(book, COLUMNS).rows, *read_table(data, COLUMNS).rows]
    assert [row.values["since"] for row in rows] == ["2026-06-07"] * 4 + ["soon"]


def test_rows_keep_the_numbers_that_the_spreadsheet_shows() -> None:
    table = read_table(b"Notes\n\nName\n\nAnn\n,\nBob\n", COLUMNS)
    assert [row.number for row in table.rows] == [5, 7]


def test_columns_that_are_not_known_are_named_and_those_that_inform_passed_over() -> None:
    table = read_table(b"Name,Shoe size,Status,What is wrong\nAnn,39,x,y\n", COLUMNS, ["Status"])
    assert table.unknown == ("Shoe size",)
    assert table.given == ("name",)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 600, "older Excel workbook"),
        (b"<html><table><tr><td>Name</td></tr></table></html>", "a web page or XML"),
        (b"\x00\x01\x02\x03" * 100, "not text"),
        (b"Shoe size,Hat\n39,4\n", "no row of headings that are known here"),
        (b"E-mail address\nann@example.com\n", "no column “Name”"),
        (b"Name,name\nAnn,Bob\n", "stands in the file twice"),
        (b"Name\n", "no rows below them"),
        (b"Name\n,\n  \n", "no rows below them"),
        (b"Name\n" + b"Ann\n" * (MOST_ROWS + 1), "more than 5,000 rows"),
        (b"Name\n" + b"A" * (5 * 1024 * 1024), "larger than 5 MB"),
        (b"PK\x03\x04 broken", "damaged"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_what_to_do(data: bytes, words: str) -> None:
    with pytest.raises(UploadRefused) as refused:
        read_table(data, COLUMNS)
    assert words in str(refused.value)
