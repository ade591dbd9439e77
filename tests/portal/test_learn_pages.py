"""What everybody may read of the collection: pages, searches in them, and files."""

import csv
import html
import io
import re

import openpyxl
import pytest
from fastapi.testclient import TestClient

from submission.collection import COLLECTIONS, YEARS, load
from submission.documents.dictionary import dictionary
from submission.documents.rule_list import rule_list
from submission.documents.sheets import DOCUMENTS, sheets_of
from submission.documents.source import own_source
from submission.uploads.template import blank_template

EVERY = [(name, year) for name in COLLECTIONS for year in YEARS]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _page(client: TestClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.text


def _text(page: str) -> str:
    """The words of a page as they are read."""
    within_words = re.sub(r"</?(?:a|b|code|strong|wbr)\b[^>]*>", "", page)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", within_words)))


def _ids(page: str) -> list[str]:
    return re.findall(r'\bid="([^"]+)"', page)


def test_the_navigation_leads_to_every_document_of_every_year(client: TestClient) -> None:
    assert '<a class="govuk-service-navigation__link" href="/learn"' in _page(client, "/")
    index = _page(client, "/learn")
    assert 'href="/learn" aria-current="true"' in index
    links = set(re.findall(r'href="(/learn/[^"]+)"', index))
    names = [*DOCUMENTS, "template.csv", "template.xlsx"]
    assert links == {
        f"/learn/{collection}/{year}/{name}" for collection, year in EVERY for name in names
    }


def test_the_index_counts_what_is_asked_and_checked(client: TestClient) -> None:
    rules = rule_list(own_source("sales", YEARS[-1]))
    hard = sum(rule.severity == "hard" for rule in rules)
    text = _text(_page(client, "/learn"))
    assert f"{hard} hard and {len(rules) - hard} soft checks" in text
    assert "Household situation before the letting:" in text


@pytest.mark.parametrize(("collection", "year"), EVERY)
def test_every_link_between_the_documents_arrives_somewhere(
    client: TestClient, collection: str, year: int
) -> None:
    base = f"/learn/{collection}/{year}"
    pages = {f"{base}/{name}": _page(client, f"{base}/{name}") for name in DOCUMENTS}
    ids = {address: _ids(page) for address, page in pages.items()}
    for address, page in pages.items():
        assert len(ids[address]) == len(set(ids[address])), address
        for to, anchor in re.findall(r'href="([^"#?]*)#([^"]+)"', page):
            assert anchor in ids[to or address], f"{address} leads to {to}#{anchor}"
    assert {rule.id for rule in rule_list(own_source(collection, year))} <= set(
        ids[f"{base}/rules"]
    )
    assert set(load(collection, year).variables) <= set(ids[f"{base}/dictionary"])
    fields = {f"field-{column.field}" for column in load(collection, year).upload_columns}
    assert fields <= set(ids[f"{base}/upload"])


def test_a_rule_is_shown_with_all_there_is_to_know(client: TestClient) -> None:
    page = _page(client, "/learn/lettings/2026/rules")
    shown = _text(page.split('id="start_date_too_far_ahead"')[1].split("</section>")[0])
    for told in (
        "Hard check",
        "Set-up",
        "The tenancy starts over two weeks in the future",
        "Tenancy start date (startdate)",
        "“Tenancy start date” has an answer",
        "“Tenancy start date” is more than 14 days after today",
        "Exactly 14 days ahead is accepted.",
        "All years",
        "startdate > today() + 14",
        "Breaks the rule",
        "startdate = 2026-09-16",
        "15 days ahead is one too many",
    ):
        assert told in shown


def test_a_rule_on_each_person_leads_to_the_first(client: TestClient) -> None:
    page = _page(client, "/learn/lettings/2026/rules")
    shown = page.split('id="person_age_out_of_range"')[1].split("</section>")[0]
    assert 'href="/learn/lettings/2026/dictionary#age2"' in shown
    assert "(age2 to age8)" in _text(shown)


def test_a_rule_says_since_when_it_is_in_force(client: TestClient) -> None:
    page = _page(client, "/learn/sales/2025/rules")
    for rule, years in (
        ("discount_range", "From 2024/25"),
        ("value_range_2025", "In 2025/26 only"),
    ):
        shown = _text(page.split(f'id="{rule}"')[1].split("</section>")[0])
        assert f"Years {years}" in shown


def test_a_variable_is_shown_with_all_there_is_to_know(client: TestClient) -> None:
    page = _page(client, "/learn/lettings/2026/dictionary")
    shown = _text(page.split('<tr class="govuk-table__row" id="rsnvac"')[1].split("</tr>")[0])
    for told in (
        "Reason for vacancy rsnvac",
        "Questions 13 and 15",
        "17 answers",
        "When “First social letting of the property” is “No”: 14 Fixed-term tenancy renewed",
        "When “Renewal: same tenant in same property” is not “Yes”",
        "renewal IS DISTINCT FROM 1",
        "vacancy_reason_renewal_on_non_renewal",
    ):
        assert told in shown


def test_a_field_is_shown_with_all_there_is_to_know(client: TestClient) -> None:
    page = _page(client, "/learn/lettings/2026/upload")
    shown = _text(page.split('id="field-11"')[1].split("</tr>")[0])
    for told in ("Rent product rent_type", "1 Social rent", "stored code = upload code - 1", "Yes"):
        assert told.casefold() in shown.casefold()
    sales = _page(client, "/learn/sales/2026/upload")
    shown = _text(sales.split('id="field-136"')[1].split("</tr>")[0])
    assert (
        "Read when “Sale kind: shared, discounted or outright” is “Discounted ownership”" in shown
    )


def test_a_search_shows_what_holds_all_its_words(client: TestClient) -> None:
    page = _page(client, "/learn/lettings/2026/dictionary?q=Weekly++RENT")
    shown = re.findall(r'<tr class="govuk-table__row" id="(\w+)"', page)
    assert "wrent" in shown and "hhmemb" not in shown
    total = len(dictionary(own_source("lettings", 2026)))
    assert f"{len(shown)} of {total} variables hold “Weekly RENT”" in _text(page)
    # Another year is searched for the same.
    assert 'href="/learn/lettings/2025/dictionary?q=Weekly' in page


@pytest.mark.parametrize(
    ("address", "one"),
    [
        ("lettings/2026/rules?q=startdate 14 days", "start_date_too_far_ahead"),
        ("lettings/2026/upload?q=field 41", "field-41"),
        ("lettings/2026/dictionary?q=question 29", "hhmemb"),
    ],
)
def test_a_search_finds_names_numbers_and_words(client: TestClient, address: str, one: str) -> None:
    assert one in _ids(_page(client, f"/learn/{address}"))


def test_a_search_for_nothing_that_is_there_says_so(client: TestClient) -> None:
    text = _text(_page(client, "/learn/sales/2023/rules?q=unicorn"))
    total = len(rule_list(own_source("sales", 2023)))
    assert f"None of the {total} rules holds “unicorn”" in text
    assert "Show all rules" in text


def test_a_search_is_shown_as_text_and_cut_short(client: TestClient) -> None:
    page = _page(client, "/learn/sales/2023/rules?q=<script>alert(1)</script>")
    assert "<script>alert" not in page
    assert "“<script>alert(1)</script>”" in html.unescape(page)
    long = _page(client, "/learn/sales/2023/rules?q=" + "x" * 5000)
    assert "x" * 101 not in long


@pytest.mark.parametrize(
    "address",
    [
        "homes/2026/rules",
        "lettings/2022/rules",
        "lettings/2026.0/rules",
        "lettings/twenty/rules",
        "lettings/2026/questions",
        "lettings/2026/rules.pdf",
        "lettings/2026/secret.csv",
        "lettings/2026/.csv",
        "lettings/1999",
    ],
)
def test_what_is_not_there_is_not_found(client: TestClient, address: str) -> None:
    assert client.get(f"/learn/{address}").status_code == 404


def test_a_shortened_address_leads_back_to_the_collection(client: TestClient) -> None:
    answer = client.get("/learn/sales/2024")
    assert (answer.status_code, answer.headers["location"]) == (303, "/learn#sales")
    assert "sales" in _ids(_page(client, "/learn"))


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize(("collection", "year"), [("lettings", 2026), ("sales", 2023)])
def test_a_document_can_be_taken_home(
    client: TestClient, collection: str, year: int, document: str
) -> None:
    base = f"/learn/{collection}/{year}/{document}"
    sheets = sheets_of(own_source(collection, year), document)
    name = f"{own_source(collection, year).slug}-{document}"
    text = client.get(f"{base}.csv")
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    assert text.headers["content-disposition"] == f'attachment; filename="{name}.csv"'
    assert text.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(text.content.decode("utf-8-sig"), newline="")))
    assert rows == [list(row) for row in sheets[0].rows]
    book = client.get(f"{base}.xlsx")
    assert book.headers["content-type"] == XLSX
    assert book.headers["content-disposition"] == f'attachment; filename="{name}.xlsx"'
    opened = openpyxl.load_workbook(io.BytesIO(book.content))
    assert [(s.title, s.max_row) for s in opened] == [(s.title, len(s.rows)) for s in sheets]


@pytest.mark.parametrize(("collection", "year"), EVERY)
def test_a_blank_template_is_there_for_every_year(
    client: TestClient, collection: str, year: int
) -> None:
    base = f"/learn/{collection}/{year}/template"
    assert client.get(f"{base}.csv").content == blank_template(collection, year)
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{base}.xlsx").content))
    numbers = [cell.value for cell in book.worksheets[0][8]][1:]
    fields = [str(column.field) for column in load(collection, year).upload_columns]
    assert [str(number) for number in numbers] == fields
