"""Files of every kind are read to the same table, or refused with words that help."""

import csv
import io
import random
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from odf.office import Annotation
from odf.opendocument import OpenDocumentSpreadsheet, OpenDocumentText
from odf.table import Table, TableCell, TableRow
from odf.text import P
from openpyxl import Workbook

from submission.collection import COLLECTIONS, YEARS, load
from submission.columns import EVENT_DATES
from submission.uploads import reading
from submission.uploads.laying_out import table_of_rows
from submission.uploads.layout import layout
from submission.uploads.reading import UploadRefused, UploadTable, read_upload
from submission.uploads.registry import Registry, resolve
from submission.uploads.rows import check_rows
from submission.uploads.template import blank_template, blank_workbook

LAYOUTS = [(name, year) for name in COLLECTIONS for year in YEARS]
Row = dict[int, Any]
# A letting as people write it: 41 is an age, 142 to 145 are amounts.
LETTING: Row = {
    **{1: "ORG1", 2: "ORG1", 4: "1", 7: "2", 8: "5", 9: "6", 10: "26", 11: "1", 13: "T-1"},
    **{14: "007", 15: "1", 16: "5", 17: "1", 19: "1 Café Row", 21: "Leeds", 23: "LS1", 24: "4AP"},
    **{26: "1", 27: "2", 28: "2", 29: "1", 30: "6", 31: "26", 36: "2", 37: "2", 38: "2", 41: "34"},
    **{42: "F", 43: "1", 45: "1", 46: "826", 47: "1", 90: "2", 93: "2", 98: "1", 100: "2"},
    **{111: "7", 112: "2", 113: "9", 115: "28", 116: "1", 117: "2", 121: "2", 127: "1", 128: "2"},
    **{129: "1", 130: "2", 132: "6", 133: "4", 135: "2", 138: "9", 139: "3", 141: "1"},
    **{142: "1200.50", 143: "0", 144: "0", 145: "0"},
}


def date_fields(name: str, year: int) -> tuple[int, int, int]:
    parts = {
        column.part: column.field
        for column in load(name, year).upload_columns
        if column.variables[:1] == (EVENT_DATES[name],)
    }
    return parts["day"], parts["month"], parts["year"]


def width(name: str, year: int) -> int:
    return len(load(name, year).upload_columns)


def records(name: str, year: int, count: int = 3, dated: int | None = None) -> list[list[str]]:
    """Records without the first, empty column, all on 5 June of `dated`."""
    day, month, of = date_fields(name, year)
    found = []
    for number in range(1, count + 1):
        row = dict.fromkeys(range(1, width(name, year) + 1), "1")
        row |= {
            day: "5",
            month: "6",
            of: str((dated or year) % 100),
            width(name, year): f"n{number}",
        }
        found.append([row[field] for field in sorted(row)])
    return found


def headed(name: str, year: int, rows: list[list[str]]) -> list[list[str]]:
    numbers = [str(number) for number in range(1, width(name, year) + 1)]
    return [["Question", *["?"] * len(numbers)], ["Field number", *numbers]] + [
        ["", *row] for row in rows
    ]


def letting(**changed: Any) -> list[Any]:
    row = LETTING | {int(key[1:]): value for key, value in changed.items()}
    return ["", *(row.get(number, "") for number in range(1, 148))]


def a_file(*rows: list[Any]) -> list[list[Any]]:
    """Header rows and lettings of 2026/27."""
    return [["Question"], ["Field number", *(str(n) for n in range(1, 148))], *rows]


def as_csv(rows: list[list[Any]], separator: str = ",", end: str = "\r\n") -> bytes:
    made = io.StringIO(newline="")
    csv.writer(made, delimiter=separator, lineterminator=end).writerows(rows)
    return made.getvalue().encode()


def as_xlsx(*sheets: list[list[Any]]) -> bytes:
    book = Workbook(write_only=True)
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(["" if cell is None else cell for cell in row])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def as_ods(*sheets: list[list[Any]]) -> bytes:
    document = OpenDocumentSpreadsheet()
    for number, rows in enumerate(sheets, start=1):
        sheet = Table(name=f"Sheet {number}")
        for row in rows:
            line = TableRow()
            for value in row:
                line.addElement(_ods_cell(value))
            sheet.addElement(line)
        document.spreadsheet.addElement(sheet)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _ods_cell(value: Any) -> TableCell:
    if value in ("", None):
        return TableCell()
    if isinstance(value, bool):
        return TableCell(valuetype="boolean", booleanvalue=str(value).lower())
    if isinstance(value, int | float):
        return TableCell(valuetype="float", value=str(value))
    if isinstance(value, date):
        return TableCell(valuetype="date", datevalue=value.isoformat())
    cell = TableCell(valuetype="string")
    cell.addElement(P(text=value))
    return cell


KINDS: dict[str, Callable[..., bytes]] = {"csv": as_csv, "xlsx": as_xlsx, "ods": as_ods}


def cells(table: UploadTable) -> dict[int, str]:
    """The filled cells of a table's first record."""
    return {int(n): text for n, text in table.rows.iloc[0].items() if text}  # type: ignore[call-overload]


def refusal(data: bytes, **expected: Any) -> str:
    with pytest.raises(UploadRefused) as refused:
        read_upload(data, "file.csv", **expected)
    return str(refused.value)


# Every kind of file, every layout


@pytest.mark.parametrize(("name", "year"), LAYOUTS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_layout_is_recognised_in_every_kind_of_file(kind: str, name: str, year: int) -> None:
    table = read_upload(KINDS[kind](headed(name, year, records(name, year))), f"file.{kind}")
    assert (table.collection, table.year) == (name, year)
    assert table.row_numbers == [3, 4, 5]
    assert list(table.rows.columns) == list(range(1, width(name, year) + 1))
    assert table.rows[width(name, year)].tolist() == ["n1", "n2", "n3"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_gives_the_same_text(kind: str) -> None:
    table = read_upload(KINDS[kind](a_file(letting())), "file")
    assert cells(table) == {number: text for number, text in LETTING.items() if text}


@pytest.mark.parametrize("first_column", [True, False], ids=["empty first column", "none"])
@pytest.mark.parametrize(("name", "year"), LAYOUTS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_without_header_rows_is_told_by_its_columns_and_dates(
    kind: str, name: str, year: int, first_column: bool
) -> None:
    rows = [[*([""] if first_column else []), *row] for row in records(name, year)]
    table = read_upload(KINDS[kind](rows), "file")
    assert (table.collection, table.year) == (name, year)
    assert table.row_numbers == [1, 2, 3]
    assert table.rows[width(name, year)].tolist() == ["n1", "n2", "n3"]


def test_a_file_without_header_rows_and_with_dates_of_no_layout_is_refused() -> None:
    words = refusal(as_csv(records("lettings", 2026, dated=2025)))
    assert "lettings 2026/27" in words
    assert "Field number" in words
    assert "template" in words


def test_the_same_number_of_fields_is_told_apart_by_the_dates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        reading, "_layouts", lambda: {("lettings", 2025): 129, ("sales", 2025): 129}
    )
    rows = headed("lettings", 2025, records("lettings", 2025))
    assert read_upload(as_csv(rows), "file").collection == "lettings"


def test_the_blank_templates_have_no_records() -> None:
    for name, year in LAYOUTS:
        assert "no records" in refusal(blank_template(name, year))
    assert "no records" in refusal(blank_workbook("lettings", 2026))


# Where things stand


@pytest.mark.parametrize("kind", KINDS)
def test_columns_in_any_order_extra_columns_and_blank_rows_change_nothing(kind: str) -> None:
    rows = a_file(letting(), [""], letting(f13="T-2"), ["", " "], letting(f13="T-3"))
    rows = [[*row, *[""] * (148 - len(row))] for row in rows]
    order = list(range(148))
    random.Random(1).shuffle(order)
    mixed = [[*(row[at] for at in order), "", "my note", ""] for row in rows]
    mixed[1][-2] = "Notes"
    table = read_upload(KINDS[kind](mixed), "file")
    assert table.rows[13].tolist() == ["T-1", "T-2", "T-3"]
    assert cells(table) == {number: text for number, text in LETTING.items() if text}


def test_blank_rows_keep_the_numbers_that_a_spreadsheet_shows() -> None:
    rows = a_file(letting(), [], [""] * 148, letting(f13="T-2"))
    for make in KINDS.values():
        table = read_upload(make(rows), "file")
        assert table.row_numbers == [3, 6]


@pytest.mark.parametrize("first", ["Field number", "FIELD NUMBER ", "Field no.", "", "Number"])
def test_the_header_row_is_known_by_its_words_or_its_numbers(first: str) -> None:
    rows = a_file(letting())
    rows[1][0] = first
    assert cells(read_upload(as_csv(rows), "file"))[13] == "T-1"


def test_numbers_in_the_header_may_be_written_as_spreadsheets_write_them() -> None:
    for write in ("{}.0", "0{}", "Field {}", "field number {}", " {} "):
        rows = a_file(letting())
        rows[1] = ["Field number", *(write.format(n) for n in range(1, 148))]
        assert cells(read_upload(as_csv(rows), "file"))[13] == "T-1"


def test_the_header_row_may_stand_anywhere_above_the_records() -> None:
    notes = [["Please fill in by Friday; field numbers are below"], ["1", "2", "3"], []] * 50
    table = read_upload(as_csv([*notes, *a_file(letting())]), "file")
    assert table.row_numbers == [153]


def test_the_first_column_may_be_missing() -> None:
    rows = [row[1:] for row in a_file(letting())]
    assert cells(read_upload(as_csv(rows), "file"))[1] == "ORG1"


def test_records_may_stand_on_a_later_sheet_but_on_one_only() -> None:
    for make in (as_xlsx, as_ods):
        table = read_upload(make([["Read me first"]], a_file(letting())), "file")
        assert cells(table)[13] == "T-1"
        words = refusal(make(a_file(letting()), [["Notes"]], a_file(letting())))
        assert "'Sheet 1' and 'Sheet 3'" in words


def test_a_field_twice_is_refused() -> None:
    rows = a_file(letting())
    rows[1][20] = "19"
    words = refusal(as_csv(rows))
    assert "Field number 19 stands in more than one column" in words


def test_missing_and_unknown_fields_are_named_with_the_template_to_use() -> None:
    rows = a_file(letting())
    words = refusal(as_csv([row[:141] for row in rows]))
    assert "Missing: field 141, 142" in words
    assert "'Lettings 2026/27'" in words
    rows = [[*row, "9"] for row in rows]
    rows[1][-1] = "148"
    words = refusal(as_csv(rows))
    assert "Not in the layout: field 148" in words
    assert "'Lettings 2026/27'" in words


# Separators, encodings, line ends


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_separators_and_line_ends_are_told_from_the_file(separator: str, end: str) -> None:
    rows = a_file(letting(f19="1, High; Street | East"), letting(f19='The "Old" Mill'))
    rows[0] = ["Question; or, as we say | heading"]
    table = read_upload(as_csv(rows, separator, end), "file")
    assert table.rows[19].tolist() == ["1, High; Street | East", 'The "Old" Mill']


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_separators_are_told_without_header_rows_too(separator: str) -> None:
    table = read_upload(as_csv(records("sales", 2024), separator), "file")
    assert (table.collection, table.year) == ("sales", 2024)


def test_a_line_that_names_the_separator_is_no_row() -> None:
    data = b"sep=;\r\n" + as_csv(a_file(letting()), ";")
    assert read_upload(data, "file").row_numbers == [3]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"],
)
def test_every_encoding_that_spreadsheets_write_is_read(encoding: str) -> None:
    data = as_csv(a_file(letting(f19="Café Row – £5"))).decode().encode(encoding)
    assert cells(read_upload(data, "file"))[19] == "Café Row – £5"


def test_bytes_that_are_no_letters_harm_only_their_cell() -> None:
    data = as_csv(a_file(letting(f19="Café Row", f21="@@", f22="Größe")))
    table = read_upload(data.replace(b"@@", b"\xff\x81"), "file")
    found = cells(table)
    assert found[19] == "Café Row"
    assert found[22] == "Größe"
    assert found[21] == "\ufffd\ufffd"


def test_marks_without_width_and_control_characters_are_taken_out() -> None:
    for make in KINDS.values():
        rows = a_file(letting(f13="\u200bT\ufeff-1\u2060", f19=" 1 High\u00a0Street "))
        found = cells(read_upload(make(rows), "file"))
        assert found[13] == "T-1"
        assert found[19] == "1 High\u00a0Street"
    data = as_csv(a_file(letting(f13="T-@1"))).replace(b"@", b"\x00\x07")
    assert cells(read_upload(data, "file"))[13] == "T-1"


def test_line_breaks_within_a_cell_stay_within_its_row() -> None:
    rows = a_file(letting(f19="1 High\nStreet"), letting(f13="T-2"))
    rows[0] = ["Question", "Which of these?\n1, 2, 3, 4, 5,\n6, 7, 8"]
    for make in KINDS.values():
        table = read_upload(make(rows), "file")
        assert table.row_numbers == [3, 4]
        assert table.rows[19].tolist()[0] == "1 High\nStreet"


def test_a_quote_mark_without_its_partner_is_named_by_its_row() -> None:
    rows = a_file(letting(), letting(f13="@T"), letting(), letting())
    words = refusal(as_csv(rows).replace(b"@", b'"'))
    assert "row 4" in words
    assert "double quote" in words


# What spreadsheets make of what people type


@pytest.mark.parametrize("make", [as_xlsx, as_ods], ids=["xlsx", "ods"])
@pytest.mark.parametrize(
    ("typed", "text"),
    [
        (1, "1"),
        (1.0, "1"),
        (-2.0, "-2"),
        (12.5, "12.5"),
        (0.1 + 0.2, "0.3"),
        (1e-5, "0.00001"),
        (100023336956, "100023336956"),
        (True, "TRUE"),
        (False, "FALSE"),
        (date(2026, 4, 1), "1/4/2026"),
        (datetime.combine(date(2026, 12, 25), time(12)), "25/12/2026"),
        ("007", "007"),
        ("£1,200.50", "£1,200.50"),
        (" R ", "R"),
        ("#N/A", "#N/A"),
    ],
)
def test_typed_cells_become_the_text_that_was_typed(
    make: Callable[..., bytes], typed: Any, text: str
) -> None:
    assert cells(read_upload(make(a_file(letting(f14=typed))), "file"))[14] == text


def test_zeros_and_percentages_that_excel_only_shows_are_read_as_shown() -> None:
    book = Workbook()
    for row in a_file(letting(f14=7, f13=0.25, f8=46178, f9="", f10="")):
        book.active.append(row)
    for column, code in ((15, "0000"), (14, "0%"), (9, "dd/mm/yyyy")):
        book.active.cell(3, column).number_format = code
    made = io.BytesIO()
    book.save(made)
    found = cells(read_upload(made.getvalue(), "file"))
    assert (found[14], found[13], found[8]) == ("0007", "25%", "5/6/2026")


def test_a_workbook_with_shared_and_rich_text_is_read() -> None:
    """As Excel writes it: texts in a table of their own, some in several runs."""
    plain = as_xlsx(a_file(letting(f19="SHARED")))
    shared = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>other</t>'
        "</si><si><r><t>1 High </t></r><r><t>Street_x0041_</t></r><rPh><t>aside</t></rPh></si>"
        "</sst>"
    )

    def change(name: str, data: bytes) -> bytes:
        if name.endswith("sheet1.xml"):
            inline = b't="inlineStr"><is><t>SHARED</t></is>'
            assert inline in data
            return data.replace(inline, b't="s"><v>1</v>')
        if name.endswith("workbook.xml.rels"):
            link = (
                b'<Relationship Id="rIdS" Target="sharedStrings.xml" Type="http://schemas.openxml'
                b'formats.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>'
            )
            return data.replace(b"</Relationships>", link)
        return data

    data = _rewritten(plain, change, {"xl/sharedStrings.xml": shared.encode()})
    assert cells(read_upload(data, "file"))[19] == "1 High StreetA"


def test_a_formula_counts_with_its_result_and_is_shown_when_it_has_none() -> None:
    data = as_xlsx(a_file(letting(f14="=1+1", f13="=A1", f19='=""')))

    def change(name: str, part: bytes) -> bytes:
        part = part.replace(b"<v/>", b"<v />")
        part = part.replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")
        return part.replace(b'><f>""</f>', b' t="str"><f>""</f>')

    found = cells(read_upload(_rewritten(data, change), "file"))
    assert (found[14], found[13]) == ("2", "=A1")
    assert 19 not in found


def test_repeated_and_covered_cells_notes_and_spaces_of_a_document_are_read() -> None:
    document = OpenDocumentSpreadsheet()
    sheet = Table(name="A")
    rows = a_file(letting(f13="", f14="", f19=""))
    for row in rows:
        line = TableRow(numberrowsrepeated="2") if row is rows[2] else TableRow()
        for at, value in enumerate(row):
            cell = _ods_cell(value)
            if row is rows[2] and at == 19:
                cell = TableCell(valuetype="string")
                note = Annotation()
                note.addElement(P(text="not an answer"))
                cell.addElement(note)
                cell.addElement(P(text="1 High"))
                cell.addElement(P(text="Street"))
            line.addElement(cell)
        sheet.addElement(line)
    end = TableRow(numberrowsrepeated="1048000")
    end.addElement(TableCell(numbercolumnsrepeated="16384"))
    sheet.addElement(end)
    document.spreadsheet.addElement(sheet)
    made = io.BytesIO()
    document.save(made)
    table = read_upload(made.getvalue(), "file")
    assert table.row_numbers == [3, 4]
    assert table.rows[19].tolist() == ["1 High\nStreet"] * 2


def _rewritten(
    data: bytes, change: Callable[[str, bytes], bytes], added: dict[str, bytes] | None = None
) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, part in (added or {}).items():
            new.writestr(name, part)
    return made.getvalue()


def _checked(**changed: Any) -> tuple[dict[str, Any], list[str]]:
    """The answers and findings of one letting, read from a workbook."""
    table = read_upload(as_xlsx(a_file(letting(**changed))), "file")
    made = layout("lettings", 2026)
    texts: pa.Table = table_of_rows(table.rows, 147)
    checked = check_rows(
        "lettings", 2026, texts, resolve(Registry(), made, texts), {"today": [date(2026, 11, 24)]}
    )
    answers = {name: column[0] for name, column in checked.result.answers.items()}
    return answers, [finding.message for finding in checked.findings[0]]


def test_what_spreadsheets_do_to_numbers_and_dates_changes_no_answer() -> None:
    plain, told = _checked()
    assert str(plain["startdate"])[:10] == "2026-06-05"
    for changed in (
        {"f4": "1.00", "f7": "2.0", "f8": "05", "f28": "2.00", "f41": "34.0", "f46": "826.00"},
        {"f4": 1.0, "f7": 2, "f8": 5, "f9": 6.0, "f10": 2026, "f142": 1200.5},
        {"f142": "£1,200.50", "f143": "£0", "f144": " 0.00 "},
        {"f8": date(2026, 6, 5), "f9": "", "f10": ""},
        {"f8": "5/6/2026", "f9": "", "f10": ""},
        {"f29": datetime.combine(date(2026, 6, 1), time()), "f30": "", "f31": ""},
    ):
        answers, findings = _checked(**changed)
        assert pd.Series(answers).astype(str).equals(pd.Series(plain).astype(str)), changed
        assert findings == told


def test_a_code_with_a_fraction_is_no_code() -> None:
    _, told = _checked(f16="1.5")
    assert any("'1.5'" in words for words in told)


# The wrong file


def test_a_file_of_another_year_than_its_layout_is_told_which_template_to_use() -> None:
    data = as_csv(headed("lettings", 2025, records("lettings", 2025, dated=2026)))
    words = refusal(data)
    assert words.startswith(
        "This file has the 2025/26 layout, but its lettings start in 2026/27 (3 of 3 rows). Use "
        "the template 'Lettings 2026/27'"
    )
    assert "field 10" in words
    words = refusal(as_csv(headed("sales", 2026, records("sales", 2026, dated=2024))))
    assert "its sales were completed in 2024/25" in words
    assert "'Sales 2024/25'" in words
    words = refusal(as_csv(headed("sales", 2026, records("sales", 2026, dated=2020))))
    assert "no template for that year" in words


def test_a_single_date_of_another_year_refuses_no_file() -> None:
    rows = records("lettings", 2026) + records("lettings", 2026, 1, dated=2025)
    assert len(read_upload(as_csv(headed("lettings", 2026, rows)), "file").rows) == 4


def test_a_file_that_is_not_what_was_asked_for_is_told_the_template_that_is() -> None:
    data = as_csv(headed("lettings", 2025, records("lettings", 2025)))
    assert read_upload(data, "file", "lettings", 2025).year == 2025
    assert read_upload(data, "file", collection="lettings").year == 2025
    words = refusal(data, year=2026)
    assert "has the layout of lettings 2025/26, not of lettings 2026/27" in words
    assert "'Lettings 2026/27'" in words
    assert "'Sales 2025/26'" in refusal(data, collection="sales")
    assert "from 2023/24 to 2026/27" in refusal(data, year=2019)


def _zip_of(**parts: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), data)
    return made.getvalue()


def _document() -> bytes:
    made = io.BytesIO()
    OpenDocumentText().save(made)
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "empty"),
        (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "older Excel workbook"),
        (b"\xef\xbb\xbf<!DOCTYPE html><p>Sign in", "web page"),
        (b"\x00\x01\x02\x03" * 500, "not text"),
        (b"PK\x03\x04 and then nothing", "damaged"),
        (_zip_of(letters_csv=b"a,b"), "ZIP file"),
        (_zip_of(xl__workbook_bin=b"x"), "XLSB"),
        (_zip_of(word__document_xml=b"<a/>"), "Word document"),
        (_zip_of(xl__workbook_xml=b"<workbook/>"), "no sheet with cells"),
        (_zip_of(xl__workbook_xml=b"<workbook>"), "damaged"),
        (_document(), "not a spreadsheet"),
        (b"a,b,c\n1,2,3\n", "no row with the field numbers"),
        (b"Field number,,\n,1,2\n", "has no field numbers in the cells after it"),
    ],
)
def test_what_is_no_file_of_logs_is_refused_with_what_to_do(data: bytes, words: str) -> None:
    told = refusal(data)
    assert words in told
    assert told.endswith((".", "?"))


def test_a_workbook_that_is_cut_off_or_changed_on_the_way_is_refused() -> None:
    for data in (as_xlsx(a_file(letting())), as_ods(a_file(letting()))):
        assert "damaged" in refusal(data[: len(data) // 2])
        spoilt = bytearray(data)
        for at in range(len(data) // 4, len(data) // 2, 7):
            spoilt[at] ^= 0xFF
        assert refusal(bytes(spoilt))


def test_xml_that_grows_or_names_other_files_is_refused() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>'
    outside = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    for text in (bomb, outside):
        assert "document type" in refusal(_zip_of(xl__workbook_xml=text))
        kind = b"application/vnd.oasis.opendocument.spreadsheet"
        assert "document type" in refusal(_zip_of(mimetype=kind, content_xml=text))


def test_an_archive_that_unpacks_to_a_thousand_times_its_size_is_refused() -> None:
    zeros = b"<a>" + b" " * (40 * 1024**2) + b"</a>"
    assert "unpacks to more" in refusal(_zip_of(xl__workbook_xml=zeros))
    assert "unpacks to more" in refusal(_zip_of(content_xml=zeros))


def test_a_document_that_repeats_its_row_a_million_times_is_refused() -> None:
    document = OpenDocumentSpreadsheet()
    sheet = Table(name="A")
    for row in a_file(letting()):
        line = TableRow(numberrowsrepeated="1000000") if row[1:2] == ["ORG1"] else TableRow()
        for value in row:
            line.addElement(_ods_cell(value))
        sheet.addElement(line)
    document.spreadsheet.addElement(sheet)
    made = io.BytesIO()
    document.save(made)
    assert "more than 200,000 rows" in refusal(made.getvalue())


def test_a_file_of_too_many_rows_or_bytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 3)
    rows = headed("lettings", 2026, records("lettings", 2026, 4))
    assert "more than 3 rows" in refusal(as_csv(rows))
    assert len(read_upload(as_csv(rows[:-1]), "file").rows) == 3
    assert "larger than 50 MB" in refusal(b"," * (50 * 1024**2 + 1))
