"""Files are taken in whole, or refused with words that say how to mend them."""

import csv
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P
from openpyxl import Workbook, load_workbook
from sqlalchemy import delete, select, update

from data_access.logs import Log
from data_access.uploads import Upload, UploadFile
from submission.documents.source import own_source
from submission.uploads.reading import read_upload
from submission.uploads.report import causes_in, report_csv, rows_of
from submission.uploads.returned import returned_workbook
from submission.uploads.template import as_csv, header_rows
from tests.portal.conftest import sign_in_as
from tests.support.sales_rows import sales_rows

SAMPLE = Path(__file__).parents[3] / "shared" / "samples" / "lettings_2026_27.csv"


@pytest.fixture
def provider(demonstration: TestClient) -> TestClient:
    sign_in_as(demonstration, "provider")
    return demonstration


def _upload(client: TestClient, data: bytes, name: str = "lettings.csv") -> str:
    answer = client.post("/uploads", files={"file": (name, data, "text/csv")})
    assert answer.status_code == 303, answer.text
    return client.get(answer.headers["location"]).text


@pytest.fixture
def file(provider: TestClient) -> bytes:
    """The demonstration's file of 500 lettings."""
    return provider.get("/uploads/demonstration.csv").content


def _rows(file: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline="")))


def _file(rows: list[list[str]], encoding: str = "utf-8") -> bytes:
    made = io.StringIO(newline="")
    csv.writer(made).writerows(rows)
    return made.getvalue().encode(encoding)


def _xlsx() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return made.getvalue()


def test_the_demonstration_file_is_valid_but_for_a_tenth(provider: TestClient, file: bytes) -> None:
    text = _upload(provider, file)
    assert "500 rows: 450 valid" in text
    assert "50 rows with errors" in text
    report = provider.get(re.findall(r'href="(/uploads/\d+/report\.csv)"', text)[0])
    lines = list(csv.DictReader(io.StringIO(report.content.decode("utf-8-sig"))))
    wrong = {line["row"] for line in lines if line["what_to_do"]}
    assert len(wrong) == 50
    assert all(line["field_numbers"] and line["question"] for line in lines if line["what_to_do"])
    again = provider.post("/uploads", files={"file": ("again.csv", file, "text/csv")})
    assert again.status_code == 422
    assert "uploaded already" in again.text


def test_a_country_code_gives_the_broad_nationality_too(provider: TestClient, file: bytes) -> None:
    _upload(provider, file)
    app: Any = provider.app
    with app.state.session_factory() as db:
        logs = list(db.scalars(select(Log).where(Log.upload_id.is_not(None))))
    given = {log.answers.get("nationality_all_group") for log in logs}
    assert given == {826, 12}
    assert sum(log.answers.get("nationality_all_group") == 826 for log in logs) > len(logs) / 2


def test_an_uploaded_log_is_listed_and_can_be_put_right(provider: TestClient, file: bytes) -> None:
    text = _upload(provider, file)
    answers = re.findall(r'href="(/logs/\d+/answers)"', text)[0]
    page = provider.get(answers).text
    assert "to put right" in page
    assert "Change" in page


@pytest.mark.skipif(not SAMPLE.exists(), reason="the official sample lies beside the project")
def test_the_official_sample_is_read_with_its_errors_named(provider: TestClient) -> None:
    text = _upload(provider, SAMPLE.read_bytes())
    assert "1 row: 0 valid, 1 invalid" in text
    assert "Row 9" in text
    assert re.search(r"<td[^>]*>46</td>\s*<td[^>]*>Lead tenant: nationality, country</td>", text)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 rest", "PDF"),
        (_xlsx(), "spreadsheet|Excel"),
        (b"<!doctype html><p>Sign in", "web page"),
        (b"a,b,c\n1,2,3\n", "header|field numbers"),
        (b"\x00\x01\x02\x03" * 500, "not text|empty"),
    ],
)
def test_a_wrong_file_is_refused_whole_and_says_why(
    provider: TestClient, data: bytes, words: str
) -> None:
    text = _upload(provider, data)
    assert "was not taken in" in text
    assert re.search(words, text)
    assert "Nothing was saved" in text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_files_in_every_encoding_that_excel_writes_are_read(
    provider: TestClient, file: bytes, encoding: str
) -> None:
    rows = _rows(file)[:12]
    at = rows[7].index("19")  # first line of the address
    rows[8][at] = "Café Row"
    text = _upload(provider, _file(rows, encoding))
    assert "4 rows:" in text
    log = re.findall(r'href="(/logs/\d+)', provider.get(_last(provider) + "?show=all").text)[0]
    assert "Café Row" in provider.get(f"{log}/answers").text


def _last(client: TestClient) -> str:
    return re.findall(r'href="(/uploads/\d+)"', client.get("/uploads").text)[0]


def test_blank_rows_and_extra_columns_are_passed_over(provider: TestClient, file: bytes) -> None:
    rows = _rows(file)[:11]
    rows = [[*row, "", "my note"] for row in rows]
    rows.insert(9, [""] * len(rows[0]))
    assert "3 rows:" in _upload(provider, _file(rows))


def test_last_years_layout_is_recognised(provider: TestClient, file: bytes) -> None:
    rows = _rows(file)[:10]
    missing = {"148", "147", "146", "145", "144", "143", "142", "141", "140", "139", "138"}
    keep = [at for at, cell in enumerate(rows[7]) if cell not in missing]
    text = _upload(provider, _file([[row[at] for at in keep] for row in rows]))
    assert "was not taken in" in text
    assert re.search("layout|fields", text)


def test_a_file_too_large_is_refused_before_it_is_read(provider: TestClient) -> None:
    answer = provider.post(
        "/uploads", content=b"x", headers={"content-length": str(60 * 1024 * 1024)}
    )
    assert answer.status_code == 413


def test_a_form_without_a_file_asks_for_one(provider: TestClient) -> None:
    answer = provider.post("/uploads", files={"file": ("", b"")})
    assert answer.status_code == 422
    assert "Choose a file first" in answer.text


def test_an_upload_is_seen_by_its_sender_and_the_institutions_coordinators(
    provider: TestClient, file: bytes
) -> None:
    _upload(provider, _file(_rows(file)[:10]))
    address = _last(provider)
    for name in ("support", "coordinator2", "provider2"):
        sign_in_as(provider, name)
        assert provider.get(address).status_code == 404
        assert provider.get(f"{address}/report.csv").status_code == 404
    sign_in_as(provider, "coordinator")
    assert provider.get(address).status_code == 200
    sign_in_as(provider, "statistician")
    assert provider.get("/uploads").status_code == 404


def test_the_blank_template_is_taken_for_one_without_records(provider: TestClient) -> None:
    template = provider.get("/uploads/template.csv").content
    assert "no records" in _upload(provider, template)


def test_templates_of_every_open_year_are_offered_as_csv_and_workbook(
    provider: TestClient,
) -> None:
    page = provider.get("/uploads").text
    found = re.findall(r'href="(/uploads/templates/[^"]+)"', page)
    assert found == [
        f"/uploads/templates/{name}-2026.{kind}"
        for name in ("lettings", "sales")
        for kind in ("csv", "xlsx")
    ]
    assert 'accept=".csv,.xlsx,.ods"' in page
    for address in found:
        answer = provider.get(address)
        assert "template" in answer.headers["content-disposition"]
        assert "no records" in _upload(provider, answer.content, "template")
    for wrong in ("lettings-2024.csv", "lettings-2026.pdf", "houses-2026.csv", "sales-2099.xlsx"):
        assert provider.get(f"/uploads/templates/{wrong}").status_code == 404


def _as_xlsx(rows: list[list[str]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        # As a spreadsheet does with what is typed into it.
        sheet.append([int(cell) if cell.isdecimal() else cell or None for cell in row])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _as_ods(rows: list[list[str]]) -> bytes:
    document = OpenDocumentSpreadsheet()
    sheet = Table(name="Lettings")
    for row in rows:
        line = TableRow()
        for text in row:
            cell = TableCell(valuetype="string") if text else TableCell()
            if text:
                cell.addElement(P(text=text))
            line.addElement(cell)
        sheet.addElement(line)
    document.spreadsheet.addElement(sheet)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _with_mistakes(file: bytes) -> list[list[str]]:
    """Eight header rows and 20 rows: row 9 has a code that is none, 10 a formula for a code."""
    rows = _rows(file)
    known = [row for row in rows[8:] if row[13].startswith("DEMO-T") and row[16] != "99"]
    good = known[:20]
    good[0][16] = "99"
    good[1][13] = '=HYPERLINK("http://example.com","code")'
    good[2][16] = "99"
    return rows[:8] + good


@pytest.mark.parametrize("kind", ["csv", "xlsx", "ods"])
def test_the_file_comes_back_with_its_faulty_cells_marked(
    provider: TestClient, file: bytes, kind: str
) -> None:
    rows = _with_mistakes(file)
    data = {"csv": _file, "xlsx": _as_xlsx, "ods": _as_ods}[kind](rows)
    page = _upload(provider, data, f"Café {kind}.{kind}")
    assert "20 rows" in page
    address = _last(provider)
    assert f'href="{address}/returned.xlsx"' in page
    original = provider.get(f"{address}/original")
    assert original.content == data
    assert original.headers["content-type"] == "application/octet-stream"
    named = original.headers["content-disposition"]
    assert named.startswith("attachment;")
    assert f"filename*=UTF-8''Caf%C3%A9%20{kind}.{kind}" in named

    answer = provider.get(f"{address}/returned.xlsx")
    book = load_workbook(io.BytesIO(answer.content))
    sheet, findings = book.worksheets
    assert sheet.freeze_panes == "B9"
    # xlsx lost the zeros before these numbers when it was typed, and is given back as it was sent.
    if kind != "xlsx":
        given = [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
        assert given == rows
    assert all(cell.data_type in ("s", "n") for row in sheet.iter_rows() for cell in row)
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(answer.content)).read(
        "xl/worksheets/sheet1.xml"
    )
    wrong = sheet.cell(9, 17)
    assert (wrong.value, wrong.fill.fgColor.rgb[-6:]) == ("99", "FFC7CE")
    assert wrong.comment is not None
    assert (
        "Must be put right: Reason for vacancy: '99' is not one of the codes" in wrong.comment.text
    )
    assert sheet.cell(9, 20).fill.fill_type is None
    assert sheet.cell(10, 14).value == '=HYPERLINK("http://example.com","code")'
    lines = list(findings.iter_rows(min_row=6, values_only=True))
    report = list(csv.DictReader(_text_of(provider, f"{address}/report.csv")))
    assert len(lines) == sum(bool(line["what_to_do"]) for line in report)
    assert [line[2] for line in lines] == sorted(line[2] for line in lines)
    assert [line[0] for line in lines if line[3] == "16"] == ["9", "11"]

    again = provider.get(f"{address}/returned.xlsx").content
    assert "20 rows" in _upload(provider, again, "returned.xlsx")


def _text_of(client: TestClient, address: str) -> io.StringIO:
    return io.StringIO(client.get(address).content.decode("utf-8-sig"), newline="")


def test_a_file_in_another_order_without_headings_is_marked_where_its_cells_stand(
    provider: TestClient, file: bytes
) -> None:
    rows = [row[1:] for row in _with_mistakes(file)[8:]]
    _upload(provider, _file(rows))
    book = load_workbook(io.BytesIO(provider.get(f"{_last(provider)}/returned.xlsx").content))
    sheet = book.worksheets[0]
    assert sheet.freeze_panes is None
    assert sheet.cell(1, 16).value == "99"
    assert sheet.cell(1, 16).comment is not None


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "@SUM(A1)",
        "<b>&amp; 'quoted' \"twice\"",
        "_x0041_ and _x000D_",
        "two\nlines",
        "Zoë 🏠 ﷽",
        "007",
        "1e5",
        "TRUE",
        "1/4/2026",
        "x" * 32_767,
    ],
)
def test_every_text_comes_back_as_it_was_sent(file: bytes, text: str) -> None:
    rows = _rows(file)[:9]
    rows[8][14] = text
    made = returned_workbook(_file(rows), "file.csv", [])
    assert read_upload(made, "returned.xlsx").rows[14].tolist() == [text]
    book = load_workbook(io.BytesIO(made))
    cell = book.worksheets[0].cell(9, 15)
    assert (cell.data_type, cell.number_format) == ("s", "@")
    assert book.worksheets[1]["A6"].value == "Nothing was found."


def test_a_query_is_amber_and_a_fault_of_the_whole_row_stands_in_its_first_cell(
    provider: TestClient, file: bytes
) -> None:
    _upload(provider, _file(_with_mistakes(file)))
    soft = {"fields": [20], "question": "Q", "given": "", "severity": "soft", "message": "Check."}
    whole = {"fields": [], "question": "", "given": "", "severity": "setup", "message": "Twice."}
    _change_report(provider, [{"row": 12, "verdict": "refused", "errors": [soft, whole]}])
    book = load_workbook(io.BytesIO(provider.get(f"{_last(provider)}/returned.xlsx").content))
    sheet, findings = book.worksheets
    query, first = sheet.cell(12, 21), sheet.cell(12, 1)
    assert (query.fill.fgColor.rgb[-6:], query.comment.text) == ("FFEB9C", "Please check: Check.")
    assert (first.fill.fgColor.rgb[-6:], first.comment.text) == (
        "FFC7CE",
        "Must be put right: Twice.",
    )
    assert [line[6] for line in findings.iter_rows(min_row=6, values_only=True)] == [
        "Twice.",
        "Check.",
    ]


def _change_report(client: TestClient, rows: list[dict[str, Any]]) -> Upload:
    """Puts a report in the place of the last upload's, and hands the upload out."""
    app: Any = client.app
    number = int(_last(client).rsplit("/", 1)[1])
    with app.state.session_factory() as db:
        db.execute(update(Upload).where(Upload.id == number).values(report=rows))
        db.commit()
        upload = db.get(Upload, number)
        assert upload is not None
        return upload


def _error(fields: list[int], severity: str, message: str) -> dict[str, Any]:
    return {
        "fields": fields,
        "question": "Q",
        "given": "",
        "severity": severity,
        "message": message,
    }


def test_rows_are_in_the_order_in_which_a_person_counts(provider: TestClient, file: bytes) -> None:
    _upload(provider, _file(_rows(file)[:10]))
    errors = [
        _error([10], "hard", "ten"),
        _error([3], "soft", "soft"),
        _error([2], "missing", "two"),
    ]
    rows = [{"row": n, "verdict": "invalid", "errors": errors} for n in (100, 10, 9)]
    upload = _change_report(provider, rows)
    page = provider.get(_last(provider)).text
    assert re.findall(r"Row (\d+):", page) == ["9", "10", "100"]
    lines = list(csv.DictReader(io.StringIO(report_csv(upload).decode("utf-8-sig"))))
    assert [line["row"] for line in lines[::3]] == ["9", "10", "100"]
    assert [line["what_to_do"] for line in lines[:3]] == ["two", "ten", "soft"]


def test_the_same_cause_in_many_rows_is_told_once_with_its_count(
    provider: TestClient, file: bytes
) -> None:
    _upload(provider, _file(_rows(file)[:10]))
    rows = [
        {
            "row": n,
            "verdict": "invalid",
            "errors": [
                _error([16], "hard", f"Tenant's reason: '{n}' is not one of the codes."),
                _error([142], "soft", f"The rent is high; check it. Given: Rent: £{n}."),
                *(
                    [_error([13], "setup", f"Row {n + 1} describes the same letting: x.")]
                    * (n < 12)
                ),
                *([_error([1], "missing", "Answer this question: Owner.")] * (n < 11)),
            ],
        }
        for n in range(9, 19)
    ]
    upload = _change_report(provider, rows)
    causes = causes_in(rows_of(upload))
    assert [(c.count, c.severity, c.fields, c.message) for c in causes] == [
        (10, "hard", (16,), "Tenant's reason: what was given is not one of the codes."),
        (10, "soft", (142,), "The rent is high; check it."),
        (3, "setup", (13,), "Another row describes the same letting: x."),
        (2, "missing", (1,), "Answer this question: Owner."),
    ]
    assert causes[0].first_rows == (9, 10, 11, 12, 13)
    page = provider.get(_last(provider)).text
    assert "Most frequent causes of errors" in page
    assert "9, 10, 11, 12, 13 and 5 more" in page
    page = provider.get(f"{_last(provider)}?show=causes").text
    assert "All causes of errors" in page
    assert "Row 9:" not in page


def test_causes_beyond_the_first_five_are_a_click_away(provider: TestClient, file: bytes) -> None:
    _upload(provider, _file(_rows(file)[:10]))
    rows = [
        {
            "row": 9,
            "verdict": "invalid",
            "errors": [_error([n], "hard", f"Put {n} right.") for n in range(1, 9)],
        }
    ]
    _change_report(provider, rows)
    address = _last(provider)
    page = provider.get(address).text
    assert "Show all 8 causes" in page
    assert len(re.findall(r"Put \d right", provider.get(f"{address}?show=causes").text)) == 8


def test_the_file_is_out_of_reach_of_others_and_goes_with_its_upload(
    provider: TestClient, file: bytes
) -> None:
    _upload(provider, _file(_rows(file)[:10]))
    address = _last(provider)
    for name in ("support", "coordinator2", "statistician"):
        sign_in_as(provider, name)
        assert provider.get(f"{address}/original").status_code == 404
        assert provider.get(f"{address}/returned.xlsx").status_code == 404
    sign_in_as(provider, "provider")
    assert provider.get(f"{address}/original").status_code == 200
    app: Any = provider.app
    number = int(address.rsplit("/", 1)[1])
    with app.state.session_factory() as db:
        db.execute(delete(Log).where(Log.upload_id == number))
        db.execute(delete(Upload).where(Upload.id == number))
        db.commit()
        assert db.get(UploadFile, number) is None
    assert provider.get(f"{address}/original").status_code == 404


def test_an_upload_whose_file_was_not_kept_has_no_links_to_it(
    provider: TestClient, file: bytes
) -> None:
    _upload(provider, _file(_rows(file)[:10]))
    app: Any = provider.app
    with app.state.session_factory() as db:
        db.execute(delete(UploadFile))
        db.commit()
    address = _last(provider)
    page = provider.get(address).text
    assert "returned.xlsx" not in page
    assert "/original" not in page
    assert provider.get(f"{address}/returned.xlsx").status_code == 404


def test_a_refused_file_is_not_kept(provider: TestClient) -> None:
    _upload(provider, b"%PDF-1.7")
    assert provider.get(f"{_last(provider)}/original").status_code == 404


def test_a_file_of_sales_becomes_logs_and_sent_again_names_those_it_made(
    provider: TestClient,
) -> None:
    source = own_source("sales", 2026)
    rows = [[*row[:7], f"P{number}", *row[8:]] for number, row in enumerate(sales_rows()[:12])]
    data = as_csv([*header_rows(source), *rows])
    first = _upload(provider, data, "sales.csv")
    assert "12 rows: 10 valid, 2 invalid" in first
    rows[0][26] = "2"  # the first row's bedrooms, put right
    again = _upload(provider, as_csv([*header_rows(source), *rows]), "sales-again.csv")
    assert "12 rows: 0 valid, 0 invalid, 12 without a log" in again
    assert re.search(r"Log \d+ is of this sale already", again)


def test_rows_of_one_letting_in_a_file_name_each_other(provider: TestClient, file: bytes) -> None:
    rows = _rows(file)
    twin = [*rows[8]]
    twin[142] = f"{float(twin[142]) + 1:.2f}"  # the rent differs, so this is another letting
    page = _upload(provider, _file([*rows[:9], rows[8], twin]))
    assert "Row 10 describes the same letting" in page
    assert "Row 9 describes the same letting" in page
    assert "Row 11 describes" not in page
