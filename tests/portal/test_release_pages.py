"""The pages of releases: permanent addresses, files, what leads to the latest, and withdrawal."""

import csv
import html
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader

from data_access.releases.status import VersionStatus, write_status
from data_access.releases.writing import publish_folder
from data_access.settings import Settings
from portal.app import create_app
from tests.support.databases import migrated_engine
from tests.support.made_release import WITHHELD_AREA, make_release

TYPE = "social-rent-general-needs"


def _releases(client: TestClient) -> Path:
    settings: Settings = client.app.state.settings  # type: ignore[attr-defined]
    return settings.releases_dir


def _published_again(client: TestClient, version: str) -> Path:
    releases = _releases(client)
    draft = releases / ".draft"
    shutil.copytree(releases / "1.0.0", draft)
    return publish_folder(releases, draft, version)


def _in_words(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def test_a_version_has_an_address_of_its_own_and_latest_leads_to_the_current_one(
    client: TestClient,
) -> None:
    assert client.get("/releases/1.0.0").status_code == 200
    leads = client.get("/releases/latest")
    assert (leads.status_code, leads.headers["location"]) == (302, "/releases/1.0.0")
    _published_again(client, "1.0.1")
    status = VersionStatus("superseded", "2026-11-24T09:30:00+00:00")
    write_status(_releases(client), {"1.0.0": status})
    assert client.get("/releases/latest").headers["location"] == "/releases/1.0.1"
    file = client.get("/releases/latest/codes/areas.csv").headers["location"]
    assert file == "/releases/1.0.1/codes/areas.csv"
    earlier = client.get("/releases/1.0.0")
    assert earlier.status_code == 200 and "This is not the current release" in earlier.text
    listed = _in_words(client.get("/releases").text)
    assert listed.index("1.0.1") < listed.index("1.0.0")
    assert "Superseded" in listed and "24 November 2026" in listed


def test_every_file_that_a_page_names_is_there_and_is_the_one_that_was_sealed(
    client: TestClient,
) -> None:
    page = client.get("/releases/1.0.0").text
    links = set(re.findall(r'href="(/releases/1\.0\.0/[^"]+)"', page))
    assert len(links) > 40
    folder = _releases(client) / "1.0.0"
    for link in links:
        answer = client.get(link)
        name = link.removeprefix("/releases/1.0.0/")
        assert answer.status_code == 200
        assert answer.content == (folder / name).read_bytes()
        assert "attachment" in answer.headers["content-disposition"]
    manifest = json.loads((folder / "manifest.json").read_text())
    tables = {name for name in manifest["files"] if name.startswith("tables/")}
    assert {f"/releases/1.0.0/{name}" for name in tables} <= links


def test_the_page_describes_its_data_set_for_search_engines(client: TestClient) -> None:
    page = client.get("/releases/1.0.0").text
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    described = json.loads(found[1])
    assert (described["@type"], described["version"]) == ("Dataset", "1.0.0")
    assert described["temporalCoverage"] == "2025-04-01/2027-03-31"
    assert any("sha256" in part for part in described["distribution"])


@pytest.mark.parametrize(
    "address",
    [
        "/releases/2.0.0",
        "/releases/newest",
        "/releases/.draft",
        "/releases/current",
        "/releases/status.json",
        "/releases/1.0.0/nothing.csv",
        "/releases/1.0.0/%2e%2e/status.json",
        "/releases/1.0.0/%2e%2e/%2e%2e/core.sqlite3",
        "/releases/1.0.0//etc/passwd",
    ],
)
def test_what_is_no_release_or_no_file_of_one_is_not_found(
    client: TestClient, address: str
) -> None:
    assert client.get(address).status_code == 404


def test_a_folder_that_was_not_published_is_not_found(client: TestClient) -> None:
    releases = _releases(client)
    shutil.copytree(releases / "1.0.0", releases / "1.1.0")
    assert client.get("/releases/1.1.0").status_code == 404
    assert client.get("/releases/1.1.0/cells.parquet").status_code == 404
    assert "1.1.0" not in client.get("/releases").text


def test_a_withdrawn_version_says_why_and_its_files_are_gone(client: TestClient) -> None:
    _published_again(client, "1.0.1")
    status = VersionStatus("withdrawn", "2026-11-24", notice="Rents were <wrong>.")
    write_status(_releases(client), {"1.0.0": status})
    page = client.get("/releases/1.0.0")
    assert page.status_code == 410
    assert "Rents were &lt;wrong&gt;." in page.text and "/releases/1.0.1" in page.text
    file = client.get("/releases/1.0.0/cells.parquet")
    assert file.status_code == 410 and "Rents were" in file.text
    assert "Withdrawn" in client.get("/releases").text


@pytest.mark.parametrize(
    "address", ["/", "/national", "/releases", "/releases/1.0.0", "/releases/1.0.0/cells.parquet"]
)
def test_what_is_public_can_be_asked_for_without_its_body(client: TestClient, address: str) -> None:
    whole, head = client.get(address), client.head(address)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length"):
        assert head.headers[name] == whole.headers[name]
    assert client.head("/releases/latest").headers["location"] == "/releases/1.0.0"


def test_before_the_first_release_the_pages_say_so(client: TestClient) -> None:
    (_releases(client) / "current").unlink()
    assert "Nothing has been published yet" in client.get("/releases").text
    assert client.get("/releases/latest").status_code == 404


@pytest.fixture
def withholding(tmp_path: Path) -> Iterator[TestClient]:
    """The portal over a release some of whose figures are withheld."""
    settings = Settings(data_dir=tmp_path, database_url="", second_factor_required=False)
    engine = migrated_engine(settings.database)
    engine.dispose()
    make_release(settings.releases_dir, withheld=True)
    with TestClient(
        create_app(settings), raise_server_exceptions=False, follow_redirects=False
    ) as opened:
        yield opened


def test_a_page_says_withheld_where_a_figure_is_and_draws_none(withholding: TestClient) -> None:
    page = withholding.get(f"/local-authorities/{WITHHELD_AREA}?period=2025&log_type={TYPE}").text
    words = _in_words(page)
    assert "Not homeless withheld withheld" in words
    assert "Assessed as homeless withheld withheld" in words
    assert "2 bedrooms 12 withheld" in words and "3 bedrooms 0 withheld" in words
    assert "Mean withheld" in words and "Number answering withheld" in words
    assert "Weekly rent: withheld" in words
    assert "Homelessness: all figures are withheld" in words
    assert "They are not drawn." in words
    assert "nobody answered" not in words and "None" not in words
    assert 'class="core-chart__row"' not in page


def test_a_download_has_the_marker_and_no_value_where_a_figure_is_withheld(
    withholding: TestClient,
) -> None:
    answer = withholding.get(
        f"/downloads/local-authorities/{WITHHELD_AREA}.csv?period=2025&log_type={TYPE}"
    )
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    figures = {
        (row["question_code"], row["category_code"], row["measure"]): (row["value"], row["marker"])
        for row in rows
    }
    assert figures["records", "total", "count"] == ("32", "")
    assert figures["homeless", "1", "count"] == ("", "c")
    assert figures["beds", "2", "count"] == ("12", "")
    assert figures["beds", "3", "count"] == ("0", "")
    assert figures["wrent", "answered", "mean"] == ("", "c")
    assert figures["wrent", "answered", "count"] == ("", "c")
    query = f"period=2025&log_type={TYPE}&question=homeless&question2=beds"
    crossed = list(
        csv.DictReader(io.StringIO(withholding.get(f"/downloads/crosses.csv?{query}").text))
    )
    pairs = {
        (row["category_code"], row["category_2_code"]): (row["value"], row["marker"])
        for row in crossed
    }
    assert pairs["1", "1"] == ("", "c")
    assert pairs["11", "2"] == ("14", "")
    assert pairs["not_answered", "1"] == ("0", "")


def test_a_report_says_withheld_where_a_figure_is(withholding: TestClient) -> None:
    answer = withholding.get(
        f"/reports/local-authorities/{WITHHELD_AREA}.pdf?period=2025&log_type={TYPE}"
    )
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    assert re.search(r"Mean\s+withheld", text)
    assert re.search(r"Not homeless\s+withheld\s+withheld", text)
    assert "None" not in text
