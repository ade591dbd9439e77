"""The project's own tables are sound, and each kind of damage to a table is named."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from submission.collection import COLLECTIONS, YEARS, build, load
from submission.tables import DEFINITIONS, DefinitionProblems, TableRow, Tables, read_tables


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


def _changed(tables: Tables, table: str, column: str, old: str, new: str) -> int:
    """Changes the first row of lettings 2026 that has `old` in the column; returns its row."""
    rows: list[TableRow] = getattr(tables, table)
    for at, row in enumerate(rows):
        if row[column] == old and row.holds(2026) and row.values.get("collection") == "lettings":
            rows[at] = replace(row, values={**row.values, column: new})
            return row.number
    raise AssertionError(f"{table} has no row with {old} in {column}")


Damage = Callable[[Tables], tuple[str, int, str, str]]


def _unknown_code_list(tables: Tables) -> tuple[str, int, str, str]:
    row = _changed(tables, "questions", "codes", "rent_type", "rent_tpye")
    return "questions.csv", row, "codes", "no code list rent_tpye"


def _unknown_kind(tables: Tables) -> tuple[str, int, str, str]:
    row = _changed(tables, "questions", "kind", "money", "cash")
    return "questions.csv", row, "kind", "'cash' is not a kind"


def _expression_that_does_not_parse(tables: Tables) -> tuple[str, int, str, str]:
    row = _changed(tables, "questions", "asked_if", "true", "needstype = = 1")
    return "questions.csv", row, "asked_if", "does not parse"


def _unknown_variable_in_a_condition(tables: Tables) -> tuple[str, int, str, str]:
    row = _changed(tables, "questions", "asked_if", "true", "needstpye = 1")
    return "questions.csv", row, "asked_if", "no question is called needstpye"


def _unknown_variable_on_a_page(tables: Tables) -> tuple[str, int, str, str]:
    row = _changed(tables, "placements", "variable", "tenancycode", "tenancycoed")
    return "placements.csv", row, "variable", "no question is called tenancycoed"


def _two_questions_on_one_column(tables: Tables) -> tuple[str, int, str, str]:
    row = _changed(tables, "upload_columns", "field", "4", "3")
    return "upload_columns.csv", row, "field", "column 3 is described twice"


def _unknown_variable_in_a_column(tables: Tables) -> tuple[str, int, str, str]:
    row = _changed(tables, "upload_columns", "variables", "needstype", "needs")
    return "upload_columns.csv", row, "variables", "no question is called needs"


def _limit_that_is_no_number(tables: Tables) -> tuple[str, int, str, str]:
    row = _changed(tables, "questions", "max", "120", "old")
    return "questions.csv", row, "max", "'old' is not a number"


def _question_that_no_page_asks(tables: Tables) -> tuple[str, int, str, str]:
    tables.placements[:] = [row for row in tables.placements if row["variable"] != "tenancycode"]
    for row in tables.questions:
        if row["variable"] == "tenancycode" and row["collection"] == "lettings":
            return "questions.csv", row.number, "variable", "no page of 2026 asks it"
    raise AssertionError


@pytest.mark.parametrize(
    "damage",
    [
        _unknown_code_list,
        _unknown_kind,
        _expression_that_does_not_parse,
        _unknown_variable_in_a_condition,
        _unknown_variable_on_a_page,
        _two_questions_on_one_column,
        _unknown_variable_in_a_column,
        _limit_that_is_no_number,
        _question_that_no_page_asks,
    ],
)
def test_damage_is_named_with_its_file_row_and_column(damage: Damage) -> None:
    tables = read_tables(DEFINITIONS)
    file, row, column, message = damage(tables)
    with pytest.raises(DefinitionProblems) as refused:
        build(tables, "lettings", 2026)
    named = [p for p in refused.value.problems if (p.file, p.row, p.column) == (file, row, column)]
    assert named, str(refused.value)
    assert message in named[0].message


def test_all_problems_are_reported_at_once() -> None:
    tables = read_tables(DEFINITIONS)
    _unknown_kind(tables)
    _unknown_code_list(tables)
    with pytest.raises(DefinitionProblems) as refused:
        build(tables, "lettings", 2026)
    assert len(refused.value.problems) == 2
