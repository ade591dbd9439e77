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


def _rule_that_does_not_parse(tables: Tables) -> tuple[str, int, str, str]:
    row = _changed(tables, "rules", "fails_if", "voiddate > startdate", "voiddate > > startdate")
    return "rules.csv", row, "fails_if", "does not parse"


def _misspelt_variable_in_a_rule(tables: Tables) -> tuple[str, int, str, str]:
    row = _changed(tables, "rules", "fails_if", "voiddate > startdate", "voidate > startdate")
    return "rules.csv", row, "fails_if", "no question is called voidate"


def _severity_of_neither_kind(tables: Tables) -> tuple[str, int, str, str]:
    row = _changed(tables, "rules", "severity", "hard", "firm")
    return "rules.csv", row, "severity", "'firm' is not hard or soft"


def _rule_on_a_question_that_is_not(tables: Tables) -> tuple[str, int, str, str]:
    row = _changed(tables, "rules", "fields", "voiddate;startdate", "voiddates")
    return "rules.csv", row, "fields", "no question is called voiddates"


def _rule_that_can_never_fire(tables: Tables) -> tuple[str, int, str, str]:
    row = _changed(tables, "rules", "fields", "voiddate;startdate", "builtype")
    return "rules.csv", row, "fields", "can never fire"


def _rule_twice(tables: Tables) -> tuple[str, int, str, str]:
    row = _changed(tables, "rules", "id", "void_date_after_start", "repairs_date_after_start")
    return "rules.csv", row, "id", "for the same years"


def _soft_rule_without_confirmation(tables: Tables) -> tuple[str, int, str, str]:
    row = _changed(tables, "rules", "confirm_field", "retirement_value_check", "")
    return "rules.csv", row, "confirm_field", "names what confirms it"


def _rule_without_a_message(tables: Tables) -> tuple[str, int, str, str]:
    for at, row in enumerate(tables.rules):
        if row["id"] == "void_date_after_start":
            tables.rules[at] = replace(row, values={**row.values, "message": " "})
            return "rules.csv", row.number, "message", "how to mend"
    raise AssertionError


def _persons_that_are_no_range(tables: Tables) -> tuple[str, int, str, str]:
    row = _changed(tables, "rules", "persons", "2-8", "all")
    return "rules.csv", row, "persons", "not a range"


def _cycle_among_helpers(tables: Tables) -> tuple[str, int, str, str]:
    found: list[int] = []
    pair = {"income_soft_min": "income_soft_max + 1", "income_soft_max": "income_soft_min + 1"}
    for at, row in enumerate(tables.derivations):
        if row["collection"] == "lettings" and row.holds(2026) and row["variable"] in pair:
            values = {**row.values, "expression": pair[row["variable"]]}
            tables.derivations[at] = replace(row, values=values)
            found.append(row.number)
    return "derivations.csv", found[0], "expression", "only after this, or from it"


@pytest.mark.parametrize(
    "damage",
    [
        _rule_that_does_not_parse,
        _misspelt_variable_in_a_rule,
        _severity_of_neither_kind,
        _rule_on_a_question_that_is_not,
        _rule_that_can_never_fire,
        _rule_twice,
        _soft_rule_without_confirmation,
        _rule_without_a_message,
        _persons_that_are_no_range,
        _cycle_among_helpers,
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
