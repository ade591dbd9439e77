"""Files are taken in whole, or refused with words that say how to mend them."""

import csv
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from data_access.logs import Log
from tests.portal.conftest import sign_in_as

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


def test_an_upload_is_seen_only_by_its_sender(provider: TestClient, file: bytes) -> None:
    _upload(provider, _file(_rows(file)[:10]))
    address = _last(provider)
    sign_in_as(provider, "coordinator")
    assert provider.get(address).status_code == 404
    assert provider.get(f"{address}/report.csv").status_code == 404
    sign_in_as(provider, "statistician")
    assert provider.get("/uploads").status_code == 403


def test_the_blank_template_is_taken_for_one_without_records(provider: TestClient) -> None:
    template = provider.get("/uploads/template.csv").content
    assert "no records" in _upload(provider, template)
