"""The collections of every year load from the project's own tables."""

import pytest

from submission.collection import COLLECTIONS, YEARS, load


@pytest.mark.parametrize("name", COLLECTIONS)
@pytest.mark.parametrize("year", YEARS)
def test_every_collection_and_year_loads(name: str, year: int) -> None:
    loaded = load(name, year)
    assert len(loaded.pages) > 200
    assert {p.variable for page in loaded.pages for p in page.placements} <= set(loaded.variables)


@pytest.mark.parametrize(
    ("name", "year", "columns"),
    [
        ("lettings", 2023, 134),
        ("lettings", 2024, 130),
        ("lettings", 2025, 129),
        ("lettings", 2026, 147),
        ("sales", 2023, 135),
        ("sales", 2024, 131),
        ("sales", 2025, 121),
        ("sales", 2026, 136),
    ],
)
def test_upload_layouts_have_the_official_number_of_columns(
    name: str, year: int, columns: int
) -> None:
    assert [column.field for column in load(name, year).upload_columns] == list(
        range(1, columns + 1)
    )


def test_codes_are_those_of_the_year() -> None:
    assert "6" not in [code.code for code in load("lettings", 2024).codes("rent_type")]
    assert "6" in [code.code for code in load("lettings", 2026).codes("rent_type")]
    assert "sex1" not in load("lettings", 2026).variables
