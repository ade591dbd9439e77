"""Definition tables in memory with damage of every kind done to them, for tests.

Damage is done to rows that are drawn, so that no row is known to be the one; each kind says which
row and column is to be named, and some words of what is to be told.
"""

import random
import re
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cache

from submission.collection import COLLECTIONS, YEARS
from submission.questionnaire import is_confirmation
from submission.tables import DEFINITIONS, TableRow, Tables, examine_tables, examples_of

# How many rows each kind of damage is done to, at once.
ROWS = 3
FIRST, LAST = YEARS[0], YEARS[-1]


@cache
def own() -> Tables:
    """The project's own tables, read once."""
    tables, problems = examine_tables(DEFINITIONS, COLLECTIONS, YEARS)
    assert not problems
    return tables


@dataclass
class Bench:
    """A copy of the tables to damage, and what is to be said of the damage."""

    random: random.Random
    rows: int = ROWS
    tables: Tables = field(default_factory=lambda: _copied(own()))
    expected: list[tuple[str, int, str, str]] = field(default_factory=list)
    used: set[tuple[str, int]] = field(default_factory=set)

    def table(self, name: str) -> list[TableRow]:
        """A table's rows, those of examples by the name of their file."""
        found: list[TableRow] = (
            self.tables.examples[name] if "/" in name else getattr(self.tables, name)
        )
        return found

    def draw(
        self, table: str, fits: Callable[[TableRow], object], rows: int | None = None
    ) -> list[TableRow]:
        """Some rows that fit and are not damaged yet."""
        listed = [
            row
            for row in self.table(table)
            if (row.file, row.number) not in self.used and fits(row)
        ]
        wanted = rows or self.rows
        assert listed, f"no row of {table} can be damaged so"
        drawn = self.random.sample(listed, min(wanted, len(listed)))
        self.used |= {(row.file, row.number) for row in drawn}
        return drawn

    def change(self, table: str, row: TableRow, **cells: str) -> TableRow:
        """Writes cells of a row."""
        listed = self.table(table)
        at = next(n for n, each in enumerate(listed) if each.number == row.number)
        listed[at] = replace(listed[at], values={**listed[at].values, **cells})
        return listed[at]

    def add(self, table: str, row: TableRow, **cells: str) -> TableRow:
        """Adds a row like another at the end of the table."""
        listed = self.table(table)
        last = max(each.number for each in listed) + 1
        listed.append(replace(row, number=last, values={**row.values, **cells}))
        self.used.add((row.file, last))
        return listed[-1]

    def drop(self, table: str, fits: Callable[[TableRow], object]) -> None:
        """Takes rows out of a table."""
        listed = self.table(table)
        listed[:] = [row for row in listed if not fits(row)]

    def expect(self, row: TableRow, column: str, words: str) -> None:
        """Says what is to be told of a row."""
        self.expected.append((row.file, row.number, column, words))

    def spoil(
        self,
        table: str,
        column: str,
        new: str | Callable[[TableRow], str],
        words: str,
        fits: Callable[[TableRow], object] = lambda _: True,
        told: str = "",
    ) -> None:
        """Writes something wrong into a column of some rows that fit."""
        for row in self.draw(table, fits):
            text = new if isinstance(new, str) else new(row)
            assert text != row[column]
            self.expect(self.change(table, row, **{column: text}), told or column, words)


def _copied(tables: Tables) -> Tables:
    copied = copy(tables)
    for name, rows in vars(tables).items():
        if isinstance(rows, list):
            setattr(copied, name, list(rows))
    copied.examples = {name: list(rows) for name, rows in tables.examples.items()}
    return copied


def _replaced(column: str, pattern: str, new: str) -> Callable[[TableRow], str]:
    return lambda row: re.sub(pattern, new, row[column], count=1)


def _has(column: str, pattern: str) -> Callable[[TableRow], object]:
    return lambda row: re.search(pattern, row[column])


def _question(tables: Tables, collection: str, variable: str) -> TableRow:
    return next(
        row
        for row in tables.questions
        if (row["collection"], row["variable"]) == (collection, variable)
    )


def years_held(row: TableRow) -> list[int]:
    return [year for year in YEARS if row.holds(year)]


# Expressions

EXPRESSIONS = [
    ("questions", "asked_if"),
    ("placements", "asked_if"),
    ("codes", "offered_if"),
    ("sections", "asked_if"),
    ("rules", "applies_if"),
    ("rules", "fails_if"),
    ("derivations", "applies_if"),
    ("derivations", "expression"),
]


def does_not_parse(bench: Bench) -> None:
    for table, column in EXPRESSIONS:
        new = _replaced(column, " = ", " = = ")
        bench.spoil(table, column, new, "does not parse", _has(column, r"\w = \w"))


def unknown_variable(bench: Bench) -> None:
    known = r"\b(renewal|ownershipsch|needstype|startdate|saledate|staircase|jointpur)\b(?= )"
    for table, column in EXPRESSIONS:
        new = _replaced(column, known, r"\1x")
        fits = _has(column, rf"(?<!\.){known}")
        bench.spoil(table, column, new, "x; did you mean", fits)


def unknown_saved_value(bench: Bench) -> None:
    new = _replaced("applies_if", r"\bsaved\.(\w+)", r"saved.\1_zz")
    fits = _has("applies_if", r"saved\.\w+")
    bench.spoil("derivations", "applies_if", new, "no question is called", fits)


def unknown_fact(bench: Bench) -> None:
    known = r"\b(owning_organisation|scheme|location|acting_user|open_dates)\.(\w+)"
    new = _replaced("fails_if", known, r"\1.\2_zz")
    bench.spoil("rules", "fails_if", new, "nothing is known by the name", _has("fails_if", known))


def unknown_function(bench: Bench) -> None:
    for table, column in (("rules", "fails_if"), ("derivations", "applies_if")):
        new = _replaced(column, r"\b(trim|floor|weekly|abs)\(", r"\1_zz(")
        fits = _has(column, r"\b(trim|floor|weekly|abs)\(")
        bench.spoil(table, column, new, "there is no function", fits)


def predicate_that_cannot_be_run(bench: Bench) -> None:
    def fits(row: TableRow) -> bool:
        return row["asked_if"] == "true" and not is_confirmation(row["variable"])

    words = "stands for words of the documentation"
    bench.spoil("placements", "asked_if", "more_than_one_partner()", words, fits)


def function_that_gives_another_value_each_time(bench: Bench) -> None:
    bench.spoil("rules", "fails_if", "random() > 1", "another value each time")


def function_of_many_logs(bench: Bench) -> None:
    bench.spoil("rules", "fails_if", "count(*) > 1", "an expression sees one")


def wrong_number_of_arguments(bench: Bench) -> None:
    words = "takes amount, p between its brackets, and is given 1"
    for table, column in (("rules", "fails_if"), ("derivations", "expression")):
        new = _replaced(column, r"weekly\((\w+), period\)", r"weekly(\1)")
        bench.spoil(table, column, new, words, _has(column, r"weekly\(\w+, period\)"))


def query_in_an_expression(bench: Bench) -> None:
    words = "holds a subquery"
    bench.spoil("rules", "applies_if", "EXISTS (SELECT 1)", words)


def two_values_in_an_expression(bench: Bench) -> None:
    bench.spoil("derivations", "expression", "1, 2", "must be one condition or value")


def remark_in_an_expression(bench: Bench) -> None:
    def new(row: TableRow) -> str:
        return f"{row['fails_if']} -- as agreed"

    bench.spoil("rules", "fails_if", new, "holds a comment")


def helper_on_a_page(bench: Bench) -> None:
    def fits(row: TableRow) -> bool:
        return row["collection"] == "lettings" and not is_confirmation(row["variable"])

    words = "is worked out for rules and derivations"
    bench.spoil("placements", "asked_if", "partner_count > 1", words, fits)


def value_that_a_derivation_has_not_yet(bench: Bench) -> None:
    def fits(row: TableRow) -> bool:
        return row["kind"] == "infer" and int(row["order"]) < 400

    words = "is looked up after derivations"
    bench.spoil("derivations", "applies_if", "local_authority.in_england", words, fits)


# Kinds of values

CODED = r"\b(needstype|renewal|ownershipsch|staircase|jointpur|mortgageused) (=|<>) (\d)"


def text_for_a_code_that_is_a_number(bench: Bench) -> None:
    for table, column in EXPRESSIONS:
        if table not in ("sections", "codes") and column != "expression":
            new = _replaced(column, CODED, r"\1 \2 '\3'")
            bench.spoil(table, column, new, "stand without quotation marks", _has(column, CODED))


def number_for_a_code_that_is_a_text(bench: Bench) -> None:
    new = _replaced("fails_if", r"(relat\{n\}|relat\d) = '[A-Z]'", r"\1 = 1")
    fits = _has("fails_if", r"(relat\{n\}|relat\d) = '[A-Z]'")
    bench.spoil("rules", "fails_if", new, "with 1 (a number)", fits)


def text_among_codes(bench: Bench) -> None:
    new = _replaced("asked_if", r"\b(\w+) IN \((\d+),", r"\1 IN ('\2',")
    fits = _has("asked_if", r"\b(hb|tenancy|prevten|type|rsnvac) IN \(\d+,")
    bench.spoil("placements", "asked_if", new, "among values such as", fits)


def date_compared_with_a_text(bench: Bench) -> None:
    for collection, day in (("lettings", "startdate"), ("sales", "saledate")):
        condition = f"{day} > '2025-04-01'"
        words = "write a day as DATE '2026-04-01'"
        fits = _in(collection)
        bench.spoil("rules", "fails_if", condition, words, fits)


def date_minus_a_text(bench: Bench) -> None:
    for collection, day in (("lettings", "startdate"), ("sales", "saledate")):
        condition = f"{day} - postcode_full > 14"
        words = "does sums with postcode_full (a text)"
        bench.spoil("rules", "fails_if", condition, words, _in(collection))


def function_of_another_kind_of_value(bench: Bench) -> None:
    words = "trim cannot be worked out with a number"
    bench.spoil("rules", "fails_if", "trim(ecstat1) <> ''", words)


def limit_of_a_limit_that_is_not_there(bench: Bench) -> None:
    new = _replaced("expression", r"\.soft_min", ".soft_least")
    words = 'Could not find key "soft_least"'
    bench.spoil("derivations", "expression", new, words, _has("expression", r"\)\.soft_min"))


def condition_that_is_none(bench: Bench) -> None:
    words = "must be a condition"
    bench.spoil("rules", "fails_if", "ecstat1 + 1", words)
    bench.spoil("derivations", "applies_if", "'yes'", words)


def number_taken_for_a_condition(bench: Bench) -> None:
    words = "for a condition; compare it with something"
    bench.spoil("rules", "applies_if", "ecstat1 AND age1 > 3", words)


def derivation_of_another_kind_than_its_variable(bench: Bench) -> None:
    def fits(row: TableRow) -> bool:
        return row["kind"] == "derive" and row["expression"].isdecimal()

    bench.spoil("derivations", "expression", "'none'", "gives a text, and", fits)


# Codes


def code_of_no_list(bench: Bench) -> None:
    for table, column in EXPRESSIONS:
        if column != "expression":
            new = _replaced(column, CODED, r"\1 \2 77")
            bench.spoil(table, column, new, "has no code 77", _has(column, CODED))


def code_that_a_derivation_makes(bench: Bench) -> None:
    def fits(row: TableRow) -> bool:
        names = row["variable"].replace("{n}", "2").split(";")
        return row["expression"].isdecimal() and all(
            any(q["variable"] == name and q["codes"] for q in bench.tables.questions)
            for name in names
        )

    bench.spoil("derivations", "expression", "77", "has no code 77", fits)


def code_of_other_years(bench: Bench) -> None:
    """A code is named in a page's condition for a year in which it is not offered."""
    for collection, variable, code, year in (
        ("lettings", "rsnvac", "21", 2023),
        ("lettings", "rent_type", "6", 2024),
        ("sales", "ownershipsch", "3", 2025),
        ("sales", "staircase", "3", 2026),
    ):

        def fits(row: TableRow, collection: str = collection, year: int = year) -> bool:
            return row["collection"] == collection and years_held(row) == [year]

        words = f"of {variable} has no code {code} in {year}"
        bench.spoil("placements", "asked_if", f"{variable} = {code}", words, fits)


def page_option_of_no_list(bench: Bench) -> None:
    def new(row: TableRow) -> str:
        return f"{row['options']};77"

    bench.spoil("placements", "options", new, "has no code 77", _has("options", r"\d"))


# What another table lacks


def code_of_another_kind_than_the_list_has(bench: Bench) -> None:
    words = "a list has one kind of codes"
    few = ("rent_type", "tenancy", "prevten_lettings", "country", "local_authority_any")
    bench.spoil("codes", "code", "QQ", words, lambda row: row["list"] in few[:3])
    bench.spoil("codes", "code", "4711", words, lambda row: row["list"] == few[4])
    bench.spoil("codes", "code", "1.5", "is no code", lambda row: row["list"] == few[3])


def unknown_code_list(bench: Bench) -> None:
    for table in ("questions", "placements"):

        def new(row: TableRow) -> str:
            return f"{row['codes']}_zz"

        bench.spoil(table, "codes", new, "there is no code list", _has("codes", r"^\w{5,}"))


def code_list_that_nothing_uses(bench: Bench) -> None:
    for number, row in enumerate(bench.draw("codes", _has("list", r"^\w{6,}"))):
        added = bench.add("codes", row, list=f"{row['list']}_{number}")
        bench.expect(added, "list", "no question has the code list")


def list_without_an_answer_in_a_year(bench: Bench) -> None:
    for row in bench.draw("questions", lambda row: row["codes"] == "needstype"):
        bench.drop("codes", lambda each, row=row: each["list"] == row["codes"])
        only = next(each for each in own().codes if each["list"] == row["codes"])
        bench.add("codes", only, last_year=str(FIRST))
        bench.expect(row, "codes", "has no answer in 2024/25 to 2026/27")


def unknown_names_of_questions(bench: Bench) -> None:
    words = "no question is called"
    long = r"^\w{6,}"
    for table, column in (
        ("placements", "variable"),
        ("placements", "checks"),
        ("questions", "inferred_from"),
        ("upload_columns", "variables"),
        ("rules", "fields"),
        ("codes", "other_specify"),
    ):
        new = _replaced(column, r"^([a-z]\w*)", r"\1_zz")
        bench.spoil(table, column, new, words, _has(column, long))


def derivation_of_nothing(bench: Bench) -> None:
    def fits(row: TableRow) -> bool:
        return row["kind"] in ("derive", "infer", "clear") and len(row["variable"]) > 5

    new = _replaced("variable", r"^(\w+)", r"\1_zz")
    bench.spoil("derivations", "variable", new, "no question is called", fits)


def unknown_section(bench: Bench) -> None:
    def new(row: TableRow) -> str:
        return f"{row['subsection']}_zz"

    bench.spoil("questions", "subsection", new, "has no subsection")
    bench.spoil("placements", "subsection", new, "see sections.csv")
    words = "the pages of"
    bench.spoil("sections", "section", "section_zz", words)


def kind_that_the_question_has_not(bench: Bench) -> None:
    words = "is not what the question has: choice"
    bench.spoil("placements", "kind", "integer", words, lambda row: row["kind"] == "choice")


def page_in_two_places(bench: Bench) -> None:
    for row in bench.draw("placements", lambda row: row["page"] == "address"):
        bench.expect(bench.change("placements", row, page_order="999"), "page_order", "one place")


def two_questions_in_one_place(bench: Bench) -> None:
    for row in bench.draw("placements", lambda row: int(row["order"]) > 5):
        year = int(row["first_year"])
        other = next(
            each
            for each in bench.table("placements")
            if each["collection"] == row["collection"]
            and each.holds(year)
            and each.number < row.number
        )
        changed = bench.change("placements", row, order=other["order"])
        bench.expect(changed, "order", "already in row")


def fields_left_out_that_are_none(bench: Bench) -> None:
    words = "is not among fields"
    bench.spoil("rules", "fields_online_only", "declaration", words, _in("lettings"))


# Upload layouts


def two_questions_on_one_column(bench: Bench) -> None:
    for row in bench.draw("upload_columns", lambda row: 5 < int(row["field"]) < 100):
        other = next(
            each
            for each in bench.table("upload_columns")
            if each["collection"] == row["collection"]
            and each.holds(int(row["first_year"]))
            and each.number < row.number
        )
        changed = bench.change("upload_columns", row, field=other["field"])
        bench.expect(changed, "field", "is described twice")


def field_left_out(bench: Bench) -> None:
    for row in bench.draw("upload_columns", lambda row: 20 < int(row["field"]) < 100):
        year = int(row["first_year"])
        bench.drop("upload_columns", lambda each, row=row: each is row)
        after = next(
            each
            for each in bench.table("upload_columns")
            if each["collection"] == row["collection"]
            and each.holds(year)
            and int(each["field"]) == int(row["field"]) + 1
        )
        bench.expect(after, "field", f"field {row['field']} of {year}")


def required_question_that_no_field_feeds(bench: Bench) -> None:
    filled = {
        (row["collection"], name)
        for row in bench.tables.derivations
        if row["kind"] in ("infer", "derive", "normalise", "lookup")
        for name in row["variable"].replace("{n}", "2").split(";")
    }
    placed = {(row["collection"], row["variable"]) for row in bench.tables.placements}

    def fits(row: TableRow) -> bool:
        name = (row["collection"], row["variable"])
        return (
            row["optional"] == row["derived"] == "no"
            and name in placed
            and name not in filled
            and row["variable"] != "hhmemb"
            and not re.search(r"_check$|\d$", row["variable"])
        )

    for row in bench.draw("questions", fits):
        for column in bench.table("upload_columns"):
            names = column["variables"].split(";")
            if column["collection"] == row["collection"] and row["variable"] in names:
                rest = ";".join(name for name in names if name != row["variable"])
                bench.change("upload_columns", column, variables=rest)
        bench.expect(row, "variable", "no field of the upload layout feeds it")


def part_of_a_date_twice(bench: Bench) -> None:
    words = "is read from field"
    for row in bench.draw("upload_columns", lambda row: row["part"] == "month"):
        bench.expect(bench.change("upload_columns", row, part="day"), "part", words)
    for row in bench.draw("upload_columns", lambda row: row["part"] == "outcode"):
        changed = bench.change("upload_columns", row, part="month")
        bench.expect(changed, "part", "has no month, for it is a postcode")


# Circles


def circle_of_helpers(bench: Bench) -> None:
    pair = {"income_soft_min": "income_soft_max + 1", "income_soft_max": "income_soft_min + 1"}
    for name, expression in pair.items():
        for row in bench.draw("derivations", lambda row, name=name: row["variable"] == name):
            changed = bench.change("derivations", row, expression=expression)
            bench.expect(changed, "expression", "go round in a circle")


def helper_of_itself(bench: Bench) -> None:
    for row in bench.draw("derivations", lambda row: row["variable"] == "partner_count"):
        changed = bench.change("derivations", row, expression="partner_count + 1")
        bench.expect(changed, "expression", "is worked out from itself")


def lettings_derivation(bench: Bench, variable: str) -> TableRow:
    return bench.draw(
        "derivations",
        lambda row: (
            (row["collection"], row["variable"]) == ("lettings", variable)
            and row["kind"] == "derive"
        ),
        1,
    )[0]


def circle_of_two_derivations(bench: Bench) -> None:
    for one, other in (("totchild", "totadult"), ("totadult", "totchild")):
        row = lettings_derivation(bench, one)
        changed = bench.change("derivations", row, expression=f"{other} + 1")
        bench.expect(changed, "expression", "go round in a circle")


def circle_through_a_helper(bench: Bench) -> None:
    [helper] = bench.draw("derivations", lambda row: row["variable"] == "sickness_count", 1)
    bench.change("derivations", helper, expression="totelder + 1")
    row = lettings_derivation(bench, "totelder")
    changed = bench.change("derivations", row, expression="sickness_count + 1")
    bench.expect(changed, "expression", "totelder is worked out from itself")


# Routes and rules that lead nowhere


def page_that_is_never_asked(bench: Bench) -> None:
    def fits(row: TableRow) -> bool:
        variable = row["variable"]
        question = _question(bench.tables, row["collection"], variable)
        return not is_confirmation(variable) and question["derived"] == "no"

    for condition in ("false", "beds > 3 AND beds < 2", "beds IN (1, 2) AND beds NOT IN (1, 2, 3)"):
        bench.spoil("placements", "asked_if", condition, "can never be true", fits)


def question_that_no_page_asks(bench: Bench) -> None:
    def fits(row: TableRow) -> bool:
        return row["kind"] != "derived" and row["derived"] == "no"

    for row in bench.draw("questions", fits):
        key = (row["collection"], row["variable"])
        bench.drop(
            "placements", lambda each, key=key: (each["collection"], each["variable"]) == key
        )
        bench.expect(row, "variable", f"no page asks it in {row['first_year']}")


def question_that_no_route_reaches(bench: Bench) -> None:
    def fits(row: TableRow) -> bool:
        is_typed = row["kind"] != "derived" and row["derived"] == "no"
        return is_typed and not is_confirmation(row["variable"])

    for row in bench.draw("questions", fits):
        for place in bench.table("placements"):
            if (place["collection"], place["variable"]) == (row["collection"], row["variable"]):
                asked_if = "age1 > 16 AND age1 <= 16"
                bench.change("placements", place, asked_if=asked_if)
        bench.expect(row, "variable", f"no route reaches it in {row['first_year']}")


def question_whose_own_condition_never_holds(bench: Bench) -> None:
    def fits(row: TableRow) -> bool:
        return row["asked_if"] == "true"

    words = "can never be true"
    bench.spoil("questions", "asked_if", "age1 = 3 AND age1 IS NULL", words, fits)


def rule_that_can_never_fire(bench: Bench) -> None:
    for condition in (
        "FALSE",
        "NULL",
        "age1 BETWEEN 40 AND 20",
        "age1 > 16 AND age1 < 16",
        "age1 IS NULL AND age1 >= 0",
        "NOT (age1 = 3 OR age1 IS DISTINCT FROM 3)",
        "COALESCE(age1 > 5, FALSE) AND NOT COALESCE(age1 > 4, FALSE)",
    ):
        bench.spoil("rules", "fails_if", condition, "can never fire")


def rule_that_never_applies(bench: Bench) -> None:
    words = "can never fire"
    bench.spoil("rules", "applies_if", "age1 = 1 AND age1 = 2", words)


def rule_whose_conditions_contradict_each_other(bench: Bench) -> None:
    words = "limits in applies_if and fails_if that contradict each other"
    for row in bench.draw("rules", _in("lettings")):
        cells = {"applies_if": "age1 >= 16", "fails_if": "age1 < 16"}
        bench.expect(bench.change("rules", row, **cells), "fails_if", words)


def rule_that_needs_an_answer_of_other_years(bench: Bench) -> None:
    def fits(row: TableRow) -> bool:
        return row["collection"] == "lettings" and LAST in years_held(row)

    words = "sex1 has no answer then"
    bench.spoil("rules", "applies_if", "sex1 = 'M'", words, fits)


def derivation_that_never_applies(bench: Bench) -> None:
    words = "the derivation can never apply"
    bench.spoil("derivations", "applies_if", "age1 > 16 AND age1 < 10", words)


def rule_on_questions_of_other_years(bench: Bench) -> None:
    def fits(row: TableRow) -> bool:
        return row["collection"] == "lettings" and LAST in years_held(row)

    words = f"none of its questions is there in {LAST}"
    bench.spoil("rules", "fields", "sex1;sex2", words, fits)


def rule_with_one_field_of_other_years(bench: Bench) -> None:
    def fits(row: TableRow) -> bool:
        return years_held(row) == [LAST] and row["collection"] == "sales"

    def new(row: TableRow) -> str:
        return f"{row['fields']};companybuy"

    bench.spoil("rules", "fields", new, "companybuy is asked in no year of the rule", fits)


# Years

TABLES = ("questions", "codes", "sections", "placements", "upload_columns", "rules", "derivations")


def rows_that_overlap(bench: Bench) -> None:
    for table in TABLES:

        def fits(row: TableRow) -> bool:
            return len(years_held(row)) > 1

        for row in bench.draw(table, fits, 2):
            added = bench.add(table, row, first_year=str(years_held(row)[-1]))
            column = "field" if table == "upload_columns" else "first_year"
            words = "described twice" if table == "upload_columns" else "let one end before"
            bench.expect(added, column, words)


def year_left_out_between_two_rows(bench: Bench) -> None:
    for table in TABLES:
        if table == "upload_columns":
            continue

        def fits(row: TableRow) -> bool:
            return len(years_held(row)) > 2

        if table == "placements":
            bench.used |= {
                (row.file, row.number) for row in bench.table(table) if row["variable"] == "la"
            }
        for row in bench.draw(table, fits, 2):
            last = str(years_held(row)[-1])
            bench.change(table, row, last_year=row["first_year"])
            added = bench.add(table, row, first_year=last, last_year="")
            bench.expect(added, "first_year", "is missing in")


def rows_of_no_year(bench: Bench) -> None:
    for table in TABLES:
        added = bench.add(table, bench.draw(table, lambda _: True, 1)[0], first_year="2062",
                          last_year="")  # fmt: skip
        bench.expect(added, "first_year", "later than the last collection year")
        bench.spoil(
            table,
            "first_year",
            "2002",
            "earlier than the first",
            lambda row: FIRST in years_held(row),
        )


# Cells


def cells_that_hold_no_such_word(bench: Bench) -> None:
    for table, column in (
        ("questions", "kind"),
        ("questions", "optional"),
        ("questions", "published"),
        ("questions", "person"),
        ("codes", "is_unknown"),
        ("placements", "kind"),
        ("upload_columns", "part"),
        ("upload_columns", "value_type"),
        ("derivations", "kind"),
        ("rules", "collection"),
    ):
        bench.spoil(table, column, "maybe", "'maybe' is not")


def figures_that_are_none(bench: Bench) -> None:
    for table, column in (
        ("sections", "order"),
        ("placements", "order"),
        ("placements", "page_order"),
        ("upload_columns", "field"),
        ("derivations", "order"),
    ):
        bench.spoil(table, column, "one", "'one' is not a whole number")
    for table in ("questions", "placements"):
        bench.spoil(table, "max", "old", "'old' is not a number", _has("max", r"\d"))
        bench.spoil(table, "max", "-1", "is less than min", _has("min", r"\d"))
        bench.spoil(table, "step", "0", "must be more than 0", _has("step", r"\d"))


def cells_that_are_empty(bench: Bench) -> None:
    for table, column in (
        ("questions", "label"),
        ("codes", "label"),
        ("sections", "label"),
        ("placements", "page"),
        ("placements", "asked_if"),
        ("rules", "applies_if"),
        ("rules", "fails_if"),
        ("rules", "category"),
        ("derivations", "expression"),
        ("upload_columns", "field"),
    ):
        bench.spoil(table, column, "", "is empty")


def names_that_are_none(bench: Bench) -> None:
    for table, column in (("rules", "id"), ("placements", "page"), ("questions", "variable")):

        def new(row: TableRow, column: str = column) -> str:
            return f"{row[column]} 2"

        bench.spoil(table, column, new, "is no name")


def published_question_without_words(bench: Bench) -> None:
    words = "needs words for the public"
    bench.spoil("questions", "public_label", "", words, lambda row: row["published"] == "yes")


def headline_that_is_not_published(bench: Bench) -> None:
    def fits(row: TableRow) -> bool:
        return row["published"] == "no"

    bench.spoil("questions", "headline", "yes", "cannot be a headline", fits)


def _counted(row: TableRow) -> bool:
    return row["published"] == "yes" and not row["answered_with"]


def question_left_out_without_a_reason(bench: Bench) -> None:
    words = "say why no figures are made"
    bench.spoil("questions", "figures_note", "", words, lambda row: row["published"] == "no")


def question_left_out_with_details_of_figures(bench: Bench) -> None:
    def fits(row: TableRow) -> bool:
        return row["published"] == "no"

    bench.spoil("questions", "personal", "yes", "no figures are made of the question", fits)


def levels_and_marks_that_are_none(bench: Bench) -> None:
    def local(row: TableRow) -> bool:
        return _counted(row) and row["lowest_level"] == "local_authority"

    def sensitive(row: TableRow) -> bool:
        return _counted(row) and row["sensitive"] == "yes"

    bench.spoil("questions", "lowest_level", "ward", "'ward' is not a level", local)
    bench.spoil("questions", "lowest_level", "region", "of England alone", sensitive)
    bench.spoil(
        "questions", "lowest_level", "region", "say why local authorities", local, "figures_note"
    )
    bench.spoil("questions", "commercial", "", "'' is not one of yes, no", _counted)

    def number(row: TableRow) -> bool:
        return _counted(row) and not row["codes"]

    bench.spoil("questions", "crossable", "yes", "only a question with codes", number)


def figures_of_what_is_not_there(bench: Bench) -> None:
    def some(row: TableRow) -> bool:
        return _counted(row) and bool(row["counted_codes"])

    bench.spoil("questions", "counted_for", "rent-free", "no log type rent-free", _counted)
    bench.spoil("questions", "counted_codes", "99", "no code 99", some)
    bench.spoil("questions", "rest_label", "", "go together", some)
    bench.spoil("questions", "answered_with", "nobody", "no figures of another", _counted)

    def of_lettings(row: TableRow) -> bool:
        other = row["variable"] != "tenancy"
        return _counted(row) and row["collection"] == "lettings" and other

    bench.spoil("questions", "answered_with", "tenancy=77", "no code 77", of_lettings)


def groups_of_answers_that_do_not_fit(bench: Bench) -> None:
    def grouped(row: TableRow) -> bool:
        return bool(row["authority_group"])

    def ungrouped(row: TableRow) -> bool:
        return row["list"] == "needstype"

    bench.spoil("codes", "authority_group", "Two words", "'Two words' is no name", grouped)
    bench.spoil("codes", "authority_group_label", "", "a group needs words", grouped)
    bench.spoil("codes", "authority_group_label", "Anything", "is called", _second_of_group)
    bench.spoil("codes", "authority_group_label", "A label", "is no name", ungrouped,
                "authority_group")  # fmt: skip


def _second_of_group(row: TableRow) -> bool:
    """An answer whose group the one before it has as well, so that the first label is right."""
    before = next((r for r in own().codes if r.number == row.number - 1), None)
    return (
        before is not None
        and bool(row["authority_group"])
        and all(before[column] == row[column] for column in ("list", "authority_group"))
    )


def severity_of_neither_kind(bench: Bench) -> None:
    bench.spoil("rules", "severity", "firm", "'firm' is not hard or soft")


def soft_rule_that_nobody_can_confirm(bench: Bench) -> None:
    def soft(row: TableRow) -> bool:
        return row["severity"] == "soft"

    bench.spoil("rules", "confirm_field", "", "names what confirms it", soft)
    bench.spoil("rules", "confirm_field", "rent_value_chekc", "no question is called", soft)
    bench.spoil("rules", "confirm_field", "uprn", "confirms nothing", soft)


def confirmation_of_other_years(bench: Bench) -> None:
    def fits(row: TableRow) -> bool:
        return (
            row["severity"] == "soft" and row["collection"] == "sales" and LAST in years_held(row)
        )

    name = "student_not_child_value_check"
    bench.spoil("rules", "confirm_field", name, "nobody could confirm it then", fits)


def hard_rule_with_a_confirmation(bench: Bench) -> None:
    def fits(row: TableRow) -> bool:
        return row["severity"] == "hard" and row["collection"] == "lettings"

    words = "a hard rule cannot be confirmed"
    bench.spoil("rules", "confirm_field", "rent_value_check", words, fits)


def persons_that_are_no_range(bench: Bench) -> None:
    for table in ("rules", "derivations"):
        for text, words in (("all", "not a range"), ("6-2", "write 2-6"), ("2-9", "not a range")):
            bench.spoil(table, "persons", text, words, lambda row: "{n}" in str(row.values))


def persons_without_a_number(bench: Bench) -> None:
    for row in bench.draw("rules", lambda row: row["persons"]):
        column = next(name for name, cell in row.values.items() if "{n}" in cell)
        bench.expect(bench.change("rules", row, persons=""), column, "say in persons for which")
    words = "no cell has {n}"
    bench.spoil("rules", "persons", "2-8", words, lambda row: "{n}" not in str(row.values))


# Words


def message_that_names_an_identifier(bench: Bench) -> None:
    for text, collection in (
        ("Correct hhmemb or the number of bedrooms.", "lettings"),
        ("Check ecstat1 and confirm that it is right.", "lettings"),
        ("The mortgageused answer does not go with the price.", "sales"),
    ):
        words = "by its identifier"
        bench.spoil("rules", "message", text, words, _in(collection))


def message_that_says_nothing(bench: Bench) -> None:
    bench.spoil("rules", "message", " ", "how to mend")
    bench.spoil("rules", "message", "Wrong.", "too short")


def label_that_is_an_identifier(bench: Bench) -> None:
    bench.spoil("questions", "label", "details_known_2", "by its identifier")


# One thing twice


def identifiers_twice(bench: Bench) -> None:
    for table, column in (
        ("questions", "variable"),
        ("codes", "code"),
        ("sections", "subsection"),
        ("placements", "variable"),
        ("rules", "id"),
        ("derivations", "variable"),
    ):
        for row in bench.draw(table, lambda _: True, 2):
            bench.expect(bench.add(table, row), column, "for the same years")


def rule_with_the_name_of_another(bench: Bench) -> None:
    for row in bench.draw("rules", lambda row: row.number > 100):
        other = next(
            each
            for each in bench.table("rules")
            if each["collection"] == row["collection"]
            and (each["first_year"], each["last_year"]) == (row["first_year"], row["last_year"])
        )
        bench.expect(bench.change("rules", row, id=other["id"]), "id", "rename it")


# Dates


def dates_out_of_order(bench: Bench) -> None:
    for row in bench.draw("windows", lambda row: row["year"] == "2026", 1):
        changed = bench.change("windows", row, quarter2="2026-07-01")
        bench.expect(changed, "quarter2", "must be after 30 September 2026")
    for row in bench.draw("windows", lambda row: row["year"] == "2025", 1):
        changed = bench.change("windows", row, edit_until="2026-06-30")
        bench.expect(changed, "edit_until", "must be")
    for row in bench.draw("windows", lambda row: row["year"] == "2024", 1):
        changed = bench.change("windows", row, opens="2023-04-01")
        bench.expect(changed, "opens", "must lie in 2024/25")


def dates_that_are_none(bench: Bench) -> None:
    bench.spoil("windows", "new_until", "2026-02-30", "is not a day")
    for row in bench.draw("windows", lambda _: True, 1):
        bench.expect(bench.change("windows", row, deadline=""), "deadline", "is empty")


def year_without_dates(bench: Bench) -> None:
    [row] = bench.draw("windows", lambda row: row["year"] == "2025", 1)
    bench.expect(bench.add("windows", row), "year", "has dates for 2025 already")
    [row] = bench.draw("windows", lambda row: row["year"] == "2024", 1)
    bench.drop("windows", lambda each: each is row)
    words = f"no row has the dates of {row['collection']} 2024/25"
    bench.expect(bench.table("windows")[-1], "year", words)


# Examples


def examples_of_no_rule(bench: Bench) -> None:
    for collection in COLLECTIONS:
        rules, values = (examples_of(collection, kind) for kind in ("rules", "derivations"))
        bench.spoil(rules, "rule", "rule_of_nothing", "no rule of")
        bench.spoil(values, "variable", "value_of_nothing", "no derivation works out")
        bench.spoil(rules, "outcome", "maybe", "'maybe' is not one of fires, passes")
        bench.spoil(rules, "because", "", "say what the example shows")
        bench.spoil(rules, "answers", "agee1 = 3", "no question is called agee1")
        bench.spoil(rules, "saved", "agee1 = 3", "no question is called agee1")
        bench.spoil(rules, "facts", "scheme.colour = 3", "nothing is known by the name")
        bench.spoil(rules, "today", "2026-02-30", "is not a day")
        bench.spoil(values, "expected", "agee1 = 3", "no question is called agee1")
        bench.spoil(values, "year", "2062", "is not a collection year")
        bench.spoil(values, "mode", "guess", "'guess' is not one of")


def example_of_a_rule_of_other_years(bench: Bench) -> None:
    later = {row["id"] for row in bench.tables.rules if FIRST not in years_held(row)} - {
        row["id"] for row in bench.tables.rules if FIRST in years_held(row)
    }

    def fits(row: TableRow) -> bool:
        return row["rule"] in later and row["outcome"] == "fires"

    for collection in COLLECTIONS:
        file = examples_of(collection, "rules")
        bench.spoil(file, "year", str(FIRST), "is not in force in 2023/24", fits)


def _in(collection: str) -> Callable[[TableRow], bool]:
    return lambda row: row["collection"] == collection


Damage = Callable[[Bench], None]
# Kinds of damage that are done together, one run each: they do not hide one another.
TOGETHER: dict[str, tuple[Damage, ...]] = {
    "spelling": (
        does_not_parse,
        query_in_an_expression,
        two_values_in_an_expression,
        remark_in_an_expression,
    ),
    "names": (unknown_variable, unknown_saved_value, unknown_fact),
    "functions": (
        unknown_function,
        predicate_that_cannot_be_run,
        function_that_gives_another_value_each_time,
        function_of_many_logs,
        wrong_number_of_arguments,
    ),
    "values that are not there": (helper_on_a_page, value_that_a_derivation_has_not_yet),
    "codes of another kind": (
        text_for_a_code_that_is_a_number,
        number_for_a_code_that_is_a_text,
        text_among_codes,
    ),
    "kinds of values": (
        date_compared_with_a_text,
        date_minus_a_text,
        function_of_another_kind_of_value,
        limit_of_a_limit_that_is_not_there,
        condition_that_is_none,
        number_taken_for_a_condition,
        derivation_of_another_kind_than_its_variable,
    ),
    "codes": (
        code_of_no_list,
        code_that_a_derivation_makes,
        code_of_other_years,
        page_option_of_no_list,
    ),
    "code lists": (
        code_of_another_kind_than_the_list_has,
        unknown_code_list,
        code_list_that_nothing_uses,
    ),
    "an empty list": (list_without_an_answer_in_a_year,),
    "other tables": (
        unknown_names_of_questions,
        derivation_of_nothing,
        unknown_section,
        kind_that_the_question_has_not,
        fields_left_out_that_are_none,
    ),
    "places of pages": (page_in_two_places, two_questions_in_one_place),
    "fields": (two_questions_on_one_column, field_left_out),
    "what fields feed": (required_question_that_no_field_feeds, part_of_a_date_twice),
    "circles": (
        circle_of_helpers,
        helper_of_itself,
        circle_of_two_derivations,
        circle_through_a_helper,
    ),
    "routes": (
        page_that_is_never_asked,
        question_that_no_page_asks,
        question_that_no_route_reaches,
        question_whose_own_condition_never_holds,
    ),
    "rules that never fire": (
        rule_that_can_never_fire,
        rule_that_never_applies,
        rule_whose_conditions_contradict_each_other,
        rule_that_needs_an_answer_of_other_years,
        derivation_that_never_applies,
        rule_on_questions_of_other_years,
        rule_with_one_field_of_other_years,
    ),
    "years": (rows_that_overlap, year_left_out_between_two_rows, rows_of_no_year),
    "cells": (
        cells_that_hold_no_such_word,
        figures_that_are_none,
        cells_that_are_empty,
        names_that_are_none,
        published_question_without_words,
        headline_that_is_not_published,
    ),
    "figures": (
        question_left_out_without_a_reason,
        question_left_out_with_details_of_figures,
        levels_and_marks_that_are_none,
        figures_of_what_is_not_there,
        groups_of_answers_that_do_not_fit,
    ),
    "confirmations": (
        severity_of_neither_kind,
        soft_rule_that_nobody_can_confirm,
        confirmation_of_other_years,
        hard_rule_with_a_confirmation,
    ),
    "persons": (persons_that_are_no_range, persons_without_a_number),
    "words": (
        message_that_names_an_identifier,
        message_that_says_nothing,
        label_that_is_an_identifier,
    ),
    "one thing twice": (identifiers_twice, rule_with_the_name_of_another),
    "order of dates": (dates_out_of_order,),
    "days": (dates_that_are_none,),
    "years of dates": (year_without_dates,),
    "examples": (examples_of_no_rule, example_of_a_rule_of_other_years),
}
# What makes much else say less: an unknown kind of question, for one, leaves open what it holds.
QUIETENING = frozenset(
    ["an empty list", "code lists", "order of dates", "days", "cells", "circles", "routes"]
)
