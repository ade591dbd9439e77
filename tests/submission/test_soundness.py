"""Each kind of damage to a definition table is named by file, row and column, all of it at once."""

import csv
import random
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from submission.collection import YEARS, build
from submission.expressions import tree
from submission.soundness.domains import Domain
from submission.soundness.every import every_problem, problems_of
from submission.soundness.functions import functions_of
from submission.soundness.possible import Conditions
from submission.tables import DEFINITIONS, DefinitionProblems, Problem, read_tables
from tests.support.damaged_tables import (
    QUIETENING,
    TOGETHER,
    Bench,
    Damage,
    lettings_derivation,
    own,
    years_held,
)

SEED = 20260401


def _not_named(expected: Iterable[tuple[str, int, str, str]], found: list[Problem]) -> list[str]:
    told: dict[tuple[str, int, str], list[str]] = {}
    for problem in found:
        told.setdefault((problem.file, problem.row, problem.column), []).append(problem.message)
    return [
        f"{file}, row {row}, column {column}: no word of '{words}', but "
        f"{[str(p) for p in found if (p.file, p.row) == (file, row)]}"
        for file, row, column, words in expected
        if not any(words in message for message in told.get((file, row, column), ()))
    ]


def test_the_own_tables_are_sound() -> None:
    assert [str(problem) for problem in problems_of(own())] == []


@pytest.mark.parametrize("damages", TOGETHER.values(), ids=TOGETHER)
def test_damage_is_named_with_its_file_row_and_column(damages: tuple[Damage, ...]) -> None:
    bench = Bench(random.Random(SEED))
    for damage in damages:
        before = len(bench.expected)
        damage(bench)
        assert len(bench.expected) > before
    lacking = _not_named(bench.expected, problems_of(bench.tables))
    assert not lacking, "\n".join(lacking)


def test_damage_of_every_kind_is_named_at_once() -> None:
    bench = Bench(random.Random(SEED), rows=1)
    for name, damages in TOGETHER.items():
        if name not in QUIETENING:
            for damage in damages:
                damage(bench)
    lacking = _not_named(bench.expected, problems_of(bench.tables))
    assert len(bench.expected) > 100
    assert not lacking, "\n".join(lacking)


# What is well


def test_a_variable_may_be_derived_again_from_itself_in_a_later_step() -> None:
    bench = Bench(random.Random(SEED))
    row = lettings_derivation(bench, "totchild")
    bench.add("derivations", row, order=str(int(row["order"]) + 1), expression="totchild + 1")
    assert [str(problem) for problem in problems_of(bench.tables)] == []


def test_two_steps_of_one_order_may_each_say_when_the_other_is_empty() -> None:
    """Nought where another charge is given: conditions that name one another settle."""
    names = ("brent", "scharge")
    [brent, scharge] = (
        next(
            row for row in own().derivations if (row["variable"], row["expression"]) == (name, "0")
        )
        for name in names
    )
    assert brent["order"] == scharge["order"]
    assert "scharge" in brent["applies_if"]
    assert "brent" in scharge["applies_if"]


def test_a_code_that_one_year_of_the_row_offers_may_be_named() -> None:
    bench = Bench(random.Random(SEED))
    [row] = bench.draw(
        "rules", lambda r: r["collection"] == "lettings" and years_held(r) == [*YEARS], 1
    )
    bench.change("rules", row, applies_if="rent_type = 6", fails_if="age1 > 3")
    assert [str(problem) for problem in problems_of(bench.tables)] == []


_NAMES = ("a", "b", "c")


def _some_condition(draw: random.Random, depth: int) -> str:
    name, other, figure = draw.choice(_NAMES), draw.choice(_NAMES), draw.randint(0, 4)
    sign = draw.choice(("=", "<>", "<", "<=", ">", ">="))
    if depth == 0:
        return draw.choice(
            (
                f"{name} {sign} {figure}",
                f"{name} {sign} {other}",
                f"{name} IN ({figure}, {draw.randint(0, 4)})",
                f"{name} NOT IN ({figure}, {draw.randint(0, 4)})",
                f"{name} BETWEEN {figure} AND {draw.randint(0, 4)}",
                f"{name} IS NULL",
                f"{name} IS NOT NULL",
                f"{name} IS DISTINCT FROM {figure}",
                f"{name} IS NOT DISTINCT FROM {figure}",
                f"COALESCE({name}, {figure}) {sign} {draw.randint(0, 4)}",
                f"{name} + {figure} {sign} {other}",
            )
        )
    one, two, three = (_some_condition(draw, depth - 1) for _ in range(3))
    return draw.choice(
        (
            f"({one} AND {two})",
            f"({one} AND {two})",
            f"({one} OR {two})",
            f"NOT ({one})",
            f"COALESCE({one}, {draw.choice(('TRUE', 'FALSE'))})",
            f"(({one}) IS DISTINCT FROM TRUE)",
            f"CASE WHEN {one} THEN {two} ELSE {three} END",
        )
    )


def test_what_is_called_impossible_never_holds() -> None:
    """Held against every combination of small answers, of which some would make it hold."""
    draw = random.Random(SEED)
    duck = duckdb.connect(config={"threads": 1})
    answers = "(SELECT unnest([NULL, -1, 0, 1, 2, 3, 4, 5]) AS {0})"
    tables = ", ".join(answers.format(name) for name in _NAMES)
    duck.execute(f"CREATE TABLE logs AS SELECT a, b, c FROM {tables}")
    given = {name: Domain(whole=True) for name in _NAMES}
    conditions = Conditions(given, functions_of(own().functions).value)
    impossible = 0
    for _ in range(1000):
        condition = _some_condition(draw, draw.randint(1, 3))
        found = duck.execute(f"SELECT count(*) FROM logs WHERE {condition}").fetchone()
        if not conditions.can_hold(tree(condition)):
            impossible += 1
            assert found == (0,), condition
    assert impossible > 40


# Files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the tables' files."""
    shutil.copytree(DEFINITIONS, tmp_path / "definitions")
    return tmp_path / "definitions"


def _rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_missing_table_and_column_is_named(folder: Path) -> None:
    (folder / "codes.csv").unlink()
    (folder / "functions.sql").unlink()
    (folder / "examples" / "sales_rules.csv").unlink()
    _rewrite(folder / "rules.csv", "fails_if", "fails")
    _rewrite(folder / "windows.csv", "deadline", "end")
    assert [str(problem) for problem in every_problem(folder)] == [
        "codes.csv is missing",
        "rules.csv, row 1, column fails_if: the column is missing",
        "windows.csv, row 1, column deadline: the column is missing",
        "examples/sales_rules.csv is missing",
        "functions.sql is missing",
    ]


def test_unreadable_rows_are_named_beside_other_faults(folder: Path) -> None:
    with (folder / "questions.csv").open(encoding="utf-8", newline="") as opened:
        rows = list(csv.reader(opened))
    heading = rows[0]
    rows[10][heading.index("first_year")] = "MMXXIII"
    rows[20][heading.index("last_year")] = "2001"
    rows[30].append("one too many")
    rows[40][heading.index("label")] = "A label,\nand a second line"
    rows[50][heading.index("kind")] = "whole"
    with (folder / "questions.csv").open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened, lineterminator="\n").writerows(rows)
    expected = [
        (11, "first_year", "'MMXXIII' is not a year"),
        (21, "last_year", "before it begins"),
        (31, "figures_note", "34 cells and the table 33 columns"),
        (41, "label", "close its quotation mark"),
        (51, "kind", "'whole' is not a kind of question"),
    ]
    found = every_problem(folder)
    assert [(p.file, p.row, p.column) for p in found] == [
        ("questions.csv", row, column) for row, column, _ in expected
    ]
    for problem, (_, _, words) in zip(found, expected, strict=True):
        assert words in problem.message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("AS la LIKE 'E09%'", "AS la = = 'E09%'", "is_london: the expression does not parse"),
        ("AS la LIKE 'E09%'", "AS place LIKE 'E09%'", "is_london: it uses place, which is none of"),
        ("date_diff('day', a, b)", "date_dif('day', a, b)", "did you mean date_diff?"),
        ("CREATE MACRO is_london", "CREATE TABLE is_london", "this is no CREATE MACRO"),
        ("MACRO is_london(la)", "MACRO days_between(la)", "days_between is there already"),
    ],
)
def test_a_damaged_function_is_named_by_its_line(
    folder: Path, old: str, new: str, words: str
) -> None:
    file = folder / "functions.sql"
    before = file.read_text(encoding="utf-8")
    _rewrite(file, old, new)
    line = before[: before.index(old)].count("\n") + 1
    named = [p for p in every_problem(folder) if (p.file, p.row) == ("functions.sql", line)]
    assert any(words in problem.message for problem in named), named


def test_a_function_that_the_checker_reads_with_must_be_there(folder: Path) -> None:
    _rewrite(folder / "functions.sql", "MACRO read_date(", "MACRO read_a_date(")
    assert (
        "functions.sql, row 1: there is no function read_date, with which the checker"
        in "\n".join(str(problem) for problem in every_problem(folder))
    )


# What a collection refuses as it is made


@pytest.mark.parametrize(
    ("table", "column", "old", "new", "words"),
    [
        ("questions", "codes", "rent_type", "rent_tpye", "no code list rent_tpye"),
        ("questions", "kind", "money", "cash", "'cash' is not a kind"),
        ("questions", "asked_if", "true", "needstype = = 1", "does not parse"),
        ("questions", "asked_if", "true", "needstpye = 1", "no question is called needstpye"),
        ("questions", "max", "120", "old", "'old' is not a number"),
        ("placements", "variable", "tenancycode", "tenancycoed", "is called tenancycoed"),
        ("upload_columns", "field", "4", "3", "column 3 is described twice"),
        ("upload_columns", "variables", "needstype", "needs", "no question is called needs"),
        ("rules", "fails_if", "voiddate > startdate", "voiddate > > startdate", "does not parse"),
        ("rules", "fails_if", "voiddate > startdate", "voidate > startdate", "is called voidate"),
        ("rules", "severity", "hard", "firm", "'firm' is not hard or soft"),
        ("rules", "fields", "voiddate;startdate", "voiddates", "is called voiddates"),
        ("rules", "fields", "voiddate;startdate", "builtype", "can never fire"),
        ("rules", "id", "void_date_after_start", "repairs_date_after_start", "the same years"),
        ("rules", "confirm_field", "retirement_value_check", "", "names what confirms it"),
        ("rules", "confirm_field", "", "retirement_value_check", "cannot be confirmed"),
        ("rules", "persons", "2-8", "all", "not a range"),
        ("derivations", "expression", "weekly(brent, period)", "weekly((", "does not parse"),
    ],
)
def test_a_collection_is_not_made_from_damaged_tables(
    table: str, column: str, old: str, new: str, words: str
) -> None:
    tables = read_tables(DEFINITIONS)
    rows = getattr(tables, table)
    at, row = next(
        (at, row)
        for at, row in enumerate(rows)
        if row[column] == old and row["collection"] == "lettings" and row.holds(2026)
    )
    rows[at] = replace(row, values={**row.values, column: new})
    with pytest.raises(DefinitionProblems) as refused:
        build(tables, "lettings", 2026)
    place = (row.file, row.number, column)
    told = [p.message for p in refused.value.problems if (p.file, p.row, p.column) == place]
    assert any(words in message for message in told), str(refused.value)


def test_a_collection_without_a_page_for_a_question_is_not_made() -> None:
    tables = read_tables(DEFINITIONS)
    tables.placements[:] = [row for row in tables.placements if row["variable"] != "tenancycode"]
    with pytest.raises(DefinitionProblems, match="no page of 2026 asks it"):
        build(tables, "lettings", 2026)


def test_a_helper_that_reads_a_later_one_is_refused() -> None:
    tables = read_tables(DEFINITIONS)
    at, row = next(
        (at, row)
        for at, row in enumerate(tables.derivations)
        if row["variable"] == "income_soft_min"
    )
    values = {**row.values, "expression": "income_soft_max + 1"}
    tables.derivations[at] = replace(row, values=values)
    with pytest.raises(DefinitionProblems, match="only after this, or from it"):
        build(tables, "lettings", 2026)


def test_all_that_keeps_a_collection_from_being_made_is_named() -> None:
    tables = read_tables(DEFINITIONS)
    for at, column in ((10, "kind"), (20, "codes")):
        row = tables.questions[at]
        tables.questions[at] = replace(row, values={**row.values, column: "nothing"})
    with pytest.raises(DefinitionProblems) as refused:
        build(tables, "lettings", 2026)
    assert len(refused.value.problems) == 2
