"""Sheffield was given a new code on 1 April 2025: its page, files and map go back further."""

import csv
import io
from pathlib import Path

import duckdb
import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader

from data_access.releases import Release
from data_access.releases.sealing import read_manifest, seal
from portal.public.areas import by_code_now, periods_of, table_of

NOW, THEN = "E08000039", "E08000019"
TYPE = "social-rent-general-needs"


@pytest.fixture(autouse=True)
def release(client: TestClient, tmp_path: Path) -> Release:
    """The made release with its figures of 2025 moved to 2024, and so to the former code."""
    folder = (tmp_path / "releases" / "current").resolve()
    for name in ("cells", "cells_by_question"):
        path = folder / f"{name}.parquet"
        duckdb.execute(f"CREATE OR REPLACE TABLE held AS FROM read_parquet('{path}')")
        duckdb.execute(
            f"UPDATE held SET period = replace(period, '2025', '2024'), "
            f"area = CASE area WHEN '{NOW}' THEN '{THEN}' ELSE area END WHERE period LIKE '2025%'"
        )
        duckdb.execute(f"COPY held TO '{path}' (FORMAT parquet)")
    manifest = read_manifest(folder)
    manifest["periods"] = [slug.replace("2025", "2024") for slug in manifest["periods"]]
    seal(folder, manifest)
    return Release.open_current(folder.parent)


def test_the_page_of_an_authority_shows_a_year_in_which_it_had_another_code(
    client: TestClient,
) -> None:
    page = client.get(f"/local-authorities/{NOW}?period=2024&log_type={TYPE}")
    assert page.status_code == 200
    assert "Sheffield" in page.text and "Records" in page.text
    assert f"In 2024/25 Sheffield had the code {THEN}; it has {NOW} now." in page.text
    assert THEN not in client.get(f"/local-authorities/{NOW}?period=2026").text


def test_periods_with_figures_are_those_under_either_code(release: Release) -> None:
    found = periods_of(release, NOW, TYPE)
    assert {"2024", "2024-q4", "2026", "2026-q1"} <= set(found)
    assert found == sorted(found, reverse=True)


def test_the_address_of_a_former_code_leads_to_the_page(client: TestClient) -> None:
    answer = client.get(f"/local-authorities/{THEN}")
    assert (answer.status_code, answer.headers["location"]) == (301, f"/local-authorities/{NOW}")


def test_downloads_and_reports_of_that_year_name_the_place_by_its_code_of_then(
    client: TestClient,
) -> None:
    query = f"period=2024&log_type={TYPE}"
    text = client.get(f"/downloads/local-authorities/{NOW}.csv?{query}").text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {(row["lad_code"], row["lad_name"], row["region_name"]) for row in rows} == {
        (THEN, "Sheffield", "Yorkshire and The Humber")
    }
    report = client.get(f"/reports/local-authorities/{NOW}.pdf?{query}")
    assert "Sheffield" in PdfReader(io.BytesIO(report.content)).pages[0].extract_text()


def test_the_map_has_a_figure_where_the_code_has_changed_since(release: Release) -> None:
    values = release.map_values(TYPE, "2024", "records")
    assert NOW not in values
    assert by_code_now(values, "2024")[NOW] == values[THEN]
    assert by_code_now(values, "2024").keys() == {*values} - {THEN} | {NOW}
    newer = release.map_values(TYPE, "2026", "records")
    assert by_code_now(newer, "2026") == newer
    shown = table_of(release, "local_authority", NOW, TYPE, "2024")
    assert shown is not None and shown.records == values[THEN]
