"""The report of a local authority, opened again."""

import io

from fastapi.testclient import TestClient
from pypdf import PdfReader

TYPE = "social-rent-general-needs"


def test_a_report_has_contents_sections_and_notes_and_is_tagged(client: TestClient) -> None:
    answer = client.get(f"/reports/local-authorities/E09000011.pdf?period=2025&log_type={TYPE}")
    assert answer.status_code == 200
    pdf = PdfReader(io.BytesIO(answer.content))
    text = "\n".join(page.extract_text() for page in pdf.pages)
    assert "Greenwich" in text
    assert "£110.00 per week" in text
    assert "Notes on method and disclosure" in text
    assert f"1 of {len(pdf.pages)}" not in text
    assert f"2 of {len(pdf.pages)}" in text
    assert "armed forces" not in text
    assert "made up" in text
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert pdf.metadata is not None and pdf.metadata.title is not None
    assert pdf.metadata.title.startswith("Greenwich")


def test_a_removed_authority_has_no_report(client: TestClient) -> None:
    answer = client.get("/reports/local-authorities/E09000001.pdf")
    assert answer.status_code == 404
    assert "too few records" in answer.text
    assert client.get("/reports/local-authorities/nowhere.pdf").status_code == 404
