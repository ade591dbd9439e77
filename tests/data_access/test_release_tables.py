"""Ready-made tables, item by item against what statisticians and screen readers expect of them.

The items are those of the Analysis Function's "Releasing statistics in spreadsheets" and "Using
symbols and shorthand", and of the CSV on the Web profile of the Government Statistical Service.
Workbooks are read back with openpyxl and odfpy, which did not write them.
"""

import csv
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from odf.opendocument import load
from odf.style import Style
from odf.table import DatabaseRange, Table, TableCell, TableRow
from odf.teletype import extractText
from odf.text import A
from openpyxl.worksheet.worksheet import Worksheet

from data_access.questions import TabulatedQuestion
from data_access.releases import Release, write_contents
from data_access.releases.themes import OTHER, themes_of
from submission.published import tabulated_questions
from tests.support.made_release import WITHHELD_AREA, make_release

STEM = "social-housing-lettings_{}_{}_2025_v1.0.0"
PROPERTIES = STEM.format("england-and-regions", "properties")
RENTS_OF_AREAS = STEM.format("local-authorities", "rents")
SHORTHAND = (
    "Some shorthand is used in this table, [c] = confidential, [x] = not available, "
    "[z] = not applicable."
)
MARKER = re.compile(r"\[[a-z]\]")
# gptables puts a heading's note on a line of its own.
NOTE = "\n[note 2]"
# Rows above the table: title, subtitle, one table, shorthand, link back, source, coverage.
ABOVE = 7

Rows = list[list[object]]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return make_release(tmp_path_factory.mktemp("releases"), withheld=True)


def _ods_rows(sheet: Table) -> Rows:
    rows: Rows = []
    for row in sheet.getElementsByType(TableRow):
        cells: list[object] = []
        for cell in row.getElementsByType(TableCell):
            value = cell.getAttribute("value")
            cells.append(float(value) if value is not None else extractText(cell))
        rows.append(cells)
    return rows


def _xlsx_rows(sheet: Worksheet) -> Rows:
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    return [[cell for cell in row if cell is not None] for row in rows]


def _books(release: Release, stem: str) -> Iterator[tuple[str, dict[str, Rows]]]:
    """Rows by sheet, of the ODS and of the XLSX."""
    path = release.folder / "tables" / stem
    sheets = load(f"{path}.ods").getElementsByType(Table)
    yield "ods", {str(sheet.getAttribute("name")): _ods_rows(sheet) for sheet in sheets}
    if "_local-authorities_" in stem:
        return
    book = openpyxl.load_workbook(f"{path}.xlsx")
    yield "xlsx", {sheet.title: _xlsx_rows(sheet) for sheet in book.worksheets}


def test_every_theme_is_an_ods_an_xlsx_and_a_csv_with_metadata(release: Release) -> None:
    files = set(release.manifest["files"])
    stems = {name.removeprefix("tables/")[:-4] for name in files if name.endswith(".ods")}
    assert PROPERTIES in stems and RENTS_OF_AREAS in stems
    for stem in stems:
        assert re.fullmatch(
            r"social-housing-(lettings|sales)_(england-and-regions|local-authorities)_[a-z-]+_\d{4}"
            r"_v1\.0\.0",
            stem,
        )
        assert f"data/{stem}.csv" in files and f"data/{stem}.csv-metadata.json" in files
        assert (f"tables/{stem}.xlsx" in files) == ("_england-and-regions_" in stem)


def test_every_published_question_has_a_theme_of_its_own() -> None:
    assert OTHER not in {theme for _, theme in themes_of(tabulated_questions())}


@pytest.mark.parametrize("stem", [PROPERTIES, RENTS_OF_AREAS])
def test_cover_then_contents_then_notes_then_one_table_a_sheet(release: Release, stem: str) -> None:
    for kind, sheets in _books(release, stem):
        names = list(sheets)
        assert names[:3] == ["Cover", "Contents", "Notes"]
        assert names[3:] == [f"Table_{n}" for n in range(1, len(names) - 2)]
        assert all(len(name) <= 31 for name in names)
        cover = [str(row[0]) for row in sheets["Cover"]]
        for words in (
            "Published: 2026-11-24",
            "Version: 1.0.0",
            "Next update:",
            "Organisation: CORE",
            "/releases/1.0.0",
            "Designation:",
            "Open Government Licence v3.0",
            "Contact",
            "unweighted",
        ):
            assert any(words in line for line in cover), (kind, words)
        listed = [str(row[0]) for row in sheets["Contents"]]
        assert set(names[3:]) <= set(listed)
        notes = [row for row in sheets["Notes"] if isinstance(row[0], int | float)]
        assert [row[0] for row in notes] == list(range(1, len(notes) + 1))
        text = json.dumps(sheets)
        referred = {int(n) for n in re.findall(r"\[note (\d)\]", text)}
        assert referred == {row[0] for row in notes}
        for name in names[3:]:
            rows = sheets[name]
            title, subtitle, one, shorthand, back, source, coverage = (r[0] for r in rows[:ABOVE])
            assert str(title).endswith("2025/26 [note 1]")
            assert str(subtitle).startswith("By log type")
            assert one == "This worksheet contains one table."
            assert shorthand == SHORTHAND
            assert back == "Back to contents"
            assert str(source).startswith("Source: CORE")
            assert "Unweighted" in str(coverage)


@pytest.mark.parametrize("stem", [PROPERTIES, RENTS_OF_AREAS])
def test_tables_have_unique_headings_and_full_rows_and_markers_alone_in_a_cell(
    release: Release, stem: str
) -> None:
    for _, sheets in _books(release, stem):
        for name in list(sheets)[3:]:
            headings, *rows = sheets[name][ABOVE:]
            assert len(set(headings)) == len(headings) and all(headings)
            assert rows and all(len(row) == len(headings) for row in rows)
            for row in rows:
                for heading, cell in zip(headings, row, strict=True):
                    assert cell not in ("", "NA", "N/A", "-", "*", "..", None)
                    if "(" in str(heading):
                        assert isinstance(cell, int | float) or MARKER.fullmatch(str(cell)), cell
                        assert cell == cell


def test_both_formats_hold_the_same_figures(release: Release) -> None:
    (_, ods), (_, xlsx) = _books(release, PROPERTIES)
    for name in list(ods)[3:]:
        assert ods[name][ABOVE + 1 :] == xlsx[name][ABOVE + 1 :]


def test_what_is_withheld_removed_or_nothing_has_its_marker_and_zero_is_zero(
    release: Release,
) -> None:
    sheets = dict(_books(release, RENTS_OF_AREAS))["ods"]
    rows = {(row[0], row[2]): row[4:] for row in sheets["Table_1"][ABOVE + 1 :]}
    kind = "Social rent: general needs"
    assert rows[kind, WITHHELD_AREA] == ["[c]", "[c]", "[c]", 32]
    assert rows[kind, "E09000011"] == [35, 110, 5, 40]
    removed, never = rows[kind, "E09000001"], rows[kind, "E06000002"]
    assert removed == never == ["[x]"] * 4
    sheets = dict(_books(release, PROPERTIES))["xlsx"]
    headings, *rows_of_regions = sheets["Table_1"][ABOVE:]
    england = next(row for row in rows_of_regions if row[:3] == ["2025/26", kind, "E92000001"])
    assert dict(zip(headings[4:], england[4:], strict=True)) == {
        "1 bedroom (number)": 59,
        "2 bedrooms (number)": 44,
        "3 bedrooms (number)": 0,
        "4 or more (number)": 0,
        "Not answered (number)": 14,
        "Records (number)": 117,
        "1 bedroom (% of those answering)" + NOTE: 57.3,
        "2 bedrooms (% of those answering)" + NOTE: 42.7,
        "3 bedrooms (% of those answering)" + NOTE: 0,
        "4 or more (% of those answering)" + NOTE: 0,
    }


def test_an_ods_is_marked_up_for_screen_readers(release: Release) -> None:
    path = release.folder / "tables" / f"{PROPERTIES}.ods"
    book = load(path)
    with zipfile.ZipFile(path) as parts:
        assert parts.infolist()[0].filename == "mimetype"
        assert parts.infolist()[0].compress_type == zipfile.ZIP_STORED
        content = parts.read("content.xml").decode()
        meta, settings = parts.read("meta.xml").decode(), parts.read("settings.xml").decode()
        styles = parts.read("styles.xml").decode()
    for tag in ("number-columns-spanned", "number-rows-spanned", "draw:", "display-filter-buttons",
                "visibility", "office:script", "background-color"):  # fmt: skip
        assert tag not in content
    assert "<dc:language>en-GB</dc:language>" in meta and "<dc:title>Social housing" in meta
    assert "<dc:creator>CORE" in meta and "<meta:keyword>" in meta
    assert '"ActiveTable" config:type="string">Cover<' in settings
    assert 'font-family="Arial" fo:font-size="12pt" fo:language="en" fo:country="GB"' in styles
    named = {str(style.getAttribute("name")) for style in book.styles.getElementsByType(Style)}
    assert {"Heading_20_1", "Heading_20_2"} <= named
    ranges = {
        str(found.getAttribute("name")): str(found.getAttribute("targetrangeaddress"))
        for found in book.getElementsByType(DatabaseRange)
    }
    tables = book.getElementsByType(Table)
    for sheet in tables[3:]:
        rows = sheet.getElementsByType(TableRow)
        first = rows[0].getElementsByType(TableCell)[0]
        assert first.getAttribute("stylename") == "Heading_20_1"
        name = sheet.getAttribute("name")
        last = chr(ord("A") + len(rows[-1].getElementsByType(TableCell)) - 1)
        address = f"'{name}'.A{ABOVE + 1}:'{name}'.{last}{len(rows)}"
        assert address in ranges.values()
    links = {str(link.getAttribute("href")) for link in book.getElementsByType(A)}
    assert {"#Contents.A1", "#Table_1.A1", "#Notes.A1"} <= links


def test_an_xlsx_is_marked_up_for_screen_readers(release: Release) -> None:
    path = release.folder / "tables" / f"{PROPERTIES}.xlsx"
    book = openpyxl.load_workbook(path)
    properties = book.properties
    assert properties.language == "en-GB" and properties.title.startswith("Social housing")
    assert properties.creator.startswith("CORE") and "social housing" in properties.keywords
    assert book.active is book["Cover"]
    with zipfile.ZipFile(path) as parts:
        assert not [name for name in parts.namelist() if re.search("vba|media|drawing", name)]
    assert book["Contents"]["A4"].hyperlink.location == "'Table_1'!A1"
    for sheet in book.worksheets:
        assert sheet.sheet_state == "visible" and sheet.freeze_panes is None
        assert not sheet.merged_cells.ranges and sheet.auto_filter.ref is None
        assert sheet.sheet_view.selection[0].activeCell in (None, "A1")
        assert not any(side.hidden for side in sheet.row_dimensions.values())
        assert not any(side.hidden for side in sheet.column_dimensions.values())
        assert not sheet.oddHeader.center.text and not sheet.oddFooter.center.text
        assert (sheet["A1"].font.name, sheet["A1"].font.size) == ("Arial", 16)
        assert sheet["A1"].font.bold
    for sheet in book.worksheets[3:]:
        (table,) = sheet.tables.values()
        assert table.autoFilter is None
        assert table.tableStyleInfo is None or table.tableStyleInfo.name is None
        assert table.ref.startswith(f"A{ABOVE + 1}:") and str(sheet.max_row) in table.ref
        assert sheet["A2"].font.size == 14
        heading, figure = sheet.cell(ABOVE + 1, 5), sheet.cell(ABOVE + 2, 5)
        assert heading.font.bold and heading.alignment.wrap_text
        assert figure.number_format == "#,##0" and figure.alignment.horizontal == "right"
        assert figure.font.name == "Arial" and figure.fill.fill_type is None
        assert sheet.cell(ABOVE + 2, 1).alignment.horizontal == "left"


def test_csv_is_tidy_and_csvw_describes_each_column(release: Release) -> None:
    for name in (PROPERTIES, RENTS_OF_AREAS):
        path = release.folder / "data" / f"{name}.csv"
        raw = path.read_bytes()
        assert not raw.startswith(b"\xef\xbb\xbf")
        rows = list(csv.DictReader(raw.decode("utf-8").splitlines()))
        header = list(rows[0])
        assert all(re.fullmatch(r"[a-z][a-z0-9_]*", column) for column in header)
        assert {
            "time_period", "time_identifier", "geographic_level", "region_code", "region_name",
            "lad_code", "lad_name", "dataset", "category", "category_code", "measure", "unit",
            "value", "marker", "weighted", "n_valid",
        } <= set(header)  # fmt: skip
        described = json.loads((path.parent / f"{name}.csv-metadata.json").read_text())
        assert described["@context"] == "http://www.w3.org/ns/csvw"
        assert described["url"] == path.name
        for key in ("dc:title", "dc:description", "dc:publisher", "dc:license"):
            assert described[key]
        assert described["dc:issued"] == described["dc:modified"] == "2026-11-24"
        schema = described["tableSchema"]
        assert [column["name"] for column in schema["columns"]] == header
        for column in schema["columns"]:
            assert {"titles", "datatype", "propertyUrl", "required"} <= set(column)
            if column["required"]:
                assert all(row[column["name"]] for row in rows), column["name"]
        keys = [tuple(row[part] for part in schema["primaryKey"]) for row in rows]
        assert len(set(keys)) == len(keys) == release.manifest["rows"][f"data/{name}.csv"]
        for foreign in schema["foreignKeys"]:
            reference = foreign["reference"]
            listed = csv.DictReader((path.parent / reference["resource"]).open(encoding="utf-8"))
            known = {tuple(row[c] for c in reference["columnReference"]) for row in listed}
            used = {tuple(row[c] for c in foreign["columnReference"]) for row in rows}
            assert {key for key in used if all(key)} <= known
        for row in rows:
            assert re.fullmatch(r"\d{4}-\d{2}-01/P(1Y|3M)", row["time_period"])
            assert row["marker"] in ("", "c", "z")
            assert (row["value"] == "") == (row["marker"] != "")
            if row["value"]:
                float(row["value"])
        assert {row["category"] for row in rows} >= {"Total", "Not answered"}
        assert {row["weighted"] for row in rows} == {"unweighted"}


def test_code_lists_have_successors_and_groups_and_periods_their_years(release: Release) -> None:
    def listed(name: str) -> dict[str, dict[str, str]]:
        with (release.folder / "codes" / f"{name}.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return {row.get("code", row.get("question", "")): row for row in rows}

    areas = listed("areas")
    assert areas["E08000019"]["successor"] == "E08000039"
    assert areas["E08000019"]["last_year"] == "2024"
    assert areas["E08000039"]["first_year"] == "2025"
    assert areas["E12000007"]["parent"] == "E92000001"
    periods = listed("periods")
    assert periods["2025-q4"] == {
        "code": "2025-q4", "label": "January to March 2026", "parent": "2025",
        "start": "2026-01-01", "duration": "P3M",
    }  # fmt: skip
    assert periods["2025"]["parent"] == "" and periods["2025"]["duration"] == "P1Y"


def test_parquet_carries_its_description(release: Release) -> None:
    for name in ("cells", "cells_by_question", "crosses"):
        schema = pq.read_schema(release.folder / f"{name}.parquet")
        described = json.loads(schema.metadata[b"csvw"])
        columns = [column["name"] for column in described["tableSchema"]["columns"]]
        assert columns == schema.names


def test_a_question_shows_groups_to_authorities_and_every_answer_to_england(
    tmp_path: Path,
) -> None:
    asked = TabulatedQuestion(
        "reason", "Reason", "category", "", (("1", "Work"), ("2", "Prison"), ("3", "Abuse")),
        ("sales",), False, True, "Household members", groups=(("2", "o"), ("3", "o")),
        group_labels=(("o", "Other"),),
    )  # fmt: skip
    places = (
        ("england", "E92000001"), ("region", "E12000007"), ("local_authority", "E09000011")
    )  # fmt: skip
    rows: list[list[object]] = []
    for level, area in places:
        key = ["2025", "sales", level, area]
        fine = (
            [("1", 5), ("o", 7)] if level == "local_authority" else [("1", 5), ("2", 4), ("3", 3)]
        )
        rows.append([*key, "records", "total", 12, None, ""])
        rows += [[*key, "reason", code, count, None, ""] for code, count in fine]
    cells = "period log_type level area question code count mean marker".split()
    crosses = "period log_type question code question2 code2 count marker".split()
    write_contents(
        tmp_path / "r",
        pd.DataFrame(rows, columns=cells),
        pd.DataFrame(columns=crosses),
        [asked],
        {"issued": "2026-11-24"},
    )
    data = tmp_path / "r" / "data"
    shown = {
        areas: [
            (row["category"], row["value"])
            for row in csv.DictReader(
                (data / f"social-housing-sales_{areas}_buyers_2025_v1.0.0.csv").open()
            )
            if row["geographic_level"] != "Regional"
        ]
        for areas in ("england-and-regions", "local-authorities")
    }
    last = [("Not answered", "0"), ("Total", "12")]
    fine = [("Work", "5"), ("Prison", "4"), ("Abuse", "3")]
    assert shown["england-and-regions"] == [*fine, *last]
    assert shown["local-authorities"] == [("Work", "5"), ("Other", "7"), *last]
    with (tmp_path / "r/codes/codes.csv").open() as file:
        parents = {row["code"]: row["parent"] for row in csv.DictReader(file)}
    assert (parents["2"], parents["o"], parents["1"]) == ("o", "", "")
