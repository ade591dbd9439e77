"""What is made from the definition tables: words, documents, files, and next year's rehearsal."""

import csv
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from portal.collection_commands import DOCUMENTS as KEPT
from portal.collection_commands import READ_ME, app
from submission.collection import COLLECTIONS, YEARS, build
from submission.documents.decisions import CONDITIONS, DATES, ENDS, OLD_YEAR
from submission.documents.dictionary import Entry, dictionary
from submission.documents.failures import what_breaks
from submission.documents.files import as_csv, as_workbook
from submission.documents.kept import kept_files
from submission.documents.new_year import NotTheNextYear, rehearse, years_of
from submission.documents.rule_cases import rule_cases
from submission.documents.rule_list import RuleEntry, rule_list
from submission.documents.sheets import DOCUMENTS, sheets_of
from submission.documents.source import own_source
from submission.documents.upload_specification import FieldEntry, upload_specification
from submission.examples import rule_examples
from submission.tables import DEFINITIONS, own_tables, read_tables
from submission.uploads.layout import layout

EVERY = [(name, year) for name in COLLECTIONS for year in YEARS]
NEXT = years_of(own_tables())[-1] + 1


def _variable(collection: str, year: int, name: str) -> Entry:
    return next(e for e in dictionary(own_source(collection, year)) if e.variable.id == name)


def _rule(collection: str, year: int, name: str) -> RuleEntry:
    return next(e for e in rule_list(own_source(collection, year)) if e.id == name)


def _field(collection: str, year: int, number: int) -> FieldEntry:
    return upload_specification(own_source(collection, year))[number - 1]


# Conditions in words

NEEDS = "“Needs type: general needs or supported housing”"
HOUSEHOLD = "“Number of people in household”"


@pytest.mark.parametrize(
    ("condition", "year", "words"),
    [
        ("needstype = 1", 2026, f"{NEEDS} is “General needs”"),
        ("needstype IS DISTINCT FROM 2", 2026, f"{NEEDS} is not “Supported housing”"),
        ("needstype IS NOT NULL", 2026, f"{NEEDS} has an answer"),
        ("needstype IN (1, 2)", 2026, f"{NEEDS} has an answer"),
        ("hhmemb >= 2", 2026, f"{HOUSEHOLD} is 2 or more"),
        ("hhmemb NOT BETWEEN 1 AND 15", 2026, f"{HOUSEHOLD} is below 1 or above 15"),
        ("NOT (hhmemb > 1)", 2026, f"{HOUSEHOLD} is 1 or less"),
        ("hhmemb = 1 OR hhmemb IS NULL", 2026, f"{HOUSEHOLD} is 1 or has no answer"),
        (
            "hhmemb IS NOT NULL AND needstype IS NOT NULL",
            2026,
            f"{HOUSEHOLD} and {NEEDS} have answers",
        ),
        # What the year decides is worked out.
        ("collection_year >= 2024 AND needstype = 1", 2026, f"{NEEDS} is “General needs”"),
        ("collection_year >= 2024 AND needstype = 1", 2023, "never"),
        ("collection_year <= 2025 OR needstype = 1", 2025, "always"),
        # A question that the year does not have counts as unanswered.
        ("sexrab1 IS NULL", 2023, "always"),
        ("sexrab1 = 'F'", 2023, "never"),
        (
            "earnings > 100000",
            2026,
            "“Household income after tax, per period” is more than 100,000",
        ),
        (
            "NOT owning_organisation.data_protection_confirmed",
            2026,
            "the owning organisation has not accepted the data sharing agreement",
        ),
        (
            "owning_organisation.available_from > startdate",
            2026,
            "the first day of the owning organisation is after “Tenancy start date”",
        ),
        (
            "local_authority.in_england IS DISTINCT FROM TRUE",
            2026,
            "the local authority is not in England or it is not known whether the local authority "
            "is in England",
        ),
    ],
)  # fmt: skip
def test_a_condition_is_told_in_words(condition: str, year: int, words: str) -> None:
    told = own_source("lettings", year).conditions.words(condition)
    assert told is not None and told.text == words


@pytest.mark.parametrize(
    "condition",
    ["regexp_matches(reasonother, 'a|b')", "weekly(brent, period) > rent_range.hard_max"],
)  # fmt: skip
def test_a_condition_without_words_is_not_told_at_all(condition: str) -> None:
    assert own_source("lettings", 2026).conditions.words(condition) is None


def test_a_count_of_people_is_told_as_the_year_counts_it() -> None:
    told = [
        words.text
        for year in (2025, 2026)
        if (words := own_source("lettings", year).conditions.words("members_male > 0"))
    ]
    assert told == [
        "the number of people recorded as male is more than 0",
        "the number of people registered male at birth whose gender is the same is more than 0",
    ]


@pytest.mark.parametrize(
    ("collection", "applies_if", "fails_if", "persons", "words"),
    [
        (
            "lettings", "entered.startdate IS NOT NULL", "startdate IS NULL", "",
            "what is typed for “Tenancy start date” cannot be read",
        ),
        (
            "lettings", "", "NOT regexp_full_match(entered.age{n}, '[0-9]+([.][0-9]+)?')", "2-8",
            "what is typed for “Person n: age” is not a number",
        ),
        (
            "lettings", "", "mrcdate < startdate - INTERVAL 20 YEAR", "",
            "“Major repairs: completion date” is more than 20 years before “Tenancy start date”",
        ),
        (
            "lettings", "", "voiddate BETWEEN startdate - 3650 AND startdate - 730", "",
            "“Date the property became vacant (void)” is from 730 to 3,650 days before "
            "“Tenancy start date”",
        ),
        (
            "sales", "", "initialpurchase < DATE '1980-01-01'", "",
            "“Date of initial share purchase” is before 1 January 1980",
        ),
        ("sales", "", '"grant" <> floor("grant")', "",
         "“Loan, grant, discount or subsidy amount” is not a whole number"),
        ("sales", "", "savings % 10 <> 0", "",
         "“Total savings before deposit” is not a multiple of 10"),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_is_told_in_words(
    collection: str, applies_if: str, fails_if: str, persons: str, words: str
) -> None:
    conditions = own_source(collection, 2026).conditions
    told = what_breaks(conditions, applies_if, fails_if, persons)
    assert told is not None and told.text == words


def test_a_code_that_only_files_can_hold_is_not_called_impossible() -> None:
    assert _rule("sales", 2024, "buyer1_cannot_be_child").fails is None


@pytest.mark.parametrize(("collection", "year"), EVERY)
def test_words_hold_no_names_of_the_tables(collection: str, year: int) -> None:
    source = own_source(collection, year)
    told = [entry.asked for entry in dictionary(source)]
    told += [code.offered for entry in dictionary(source) for code in entry.codes]
    told += [words for rule in rule_list(source) for words in (rule.applies, rule.fails)]
    named = [words.text for words in told if words and re.search(r"[_{}]", words.text)]
    assert named == []


# The dictionary, the rules, the fields


def test_an_entry_tells_all_there_is_of_a_variable() -> None:
    entry = _variable("lettings", 2026, "rsnvac")
    assert (entry.subsection, entry.question_numbers) == ("Property", ("15", "13"))
    assert entry.upload_fields == (16,)
    assert "vacancy_reason_renewal_on_non_renewal" in entry.rules
    code = next(code for code in entry.codes if code.code == "9")
    assert code.label == "Re-let to tenant already there temporarily"
    assert code.offered is not None
    assert code.offered.text == "“First social letting of the property” is “No”"


def test_a_worked_out_value_is_asked_of_nobody_and_says_how_it_comes_about() -> None:
    entry = _variable("lettings", 2026, "wrent")
    assert not entry.is_asked
    assert [filling.expression for filling in entry.fillings] == ["weekly(brent, period)"]


@pytest.mark.parametrize(
    ("year", "there"), [(2023, False), (2024, False), (2025, False), (2026, True)]
)
def test_a_variable_is_listed_in_its_years_alone(year: int, there: bool) -> None:
    names = {entry.variable.id for entry in dictionary(own_source("lettings", year))}
    assert ("sexrab1" in names, "sex1" in names) == (there, not there)


def test_every_rule_and_its_messages_are_listed_in_the_years_of_the_table() -> None:
    for collection, year in EVERY:
        held = [r for r in own_tables().rules if r["collection"] == collection and r.holds(year)]
        listed = rule_list(own_source(collection, year))
        assert [rule.id for rule in listed] == [row["id"] for row in held]
        assert [rule.fails_if for rule in listed] == [row["fails_if"] for row in held]


def test_a_rule_on_each_person_names_the_variables_of_all() -> None:
    rule = _rule("lettings", 2026, "person_age_out_of_range")
    assert rule.variables == tuple(f"age{number}" for number in range(2, 9))
    assert rule.questions[0].label == "Person n: age"


def test_examples_are_shown_only_for_years_in_which_the_rule_reads_so() -> None:
    for collection, year in EVERY:
        source = own_source(collection, year)
        known = rule_examples(collection)
        for rule in rule_list(source):
            last = rule.last_year or year
            of_rule = [e for e in known if e.subject == rule.id]
            wanted = [e.because for e in of_rule if rule.first_year <= e.year <= last]
            assert [case.because for case in rule_cases(source, rule)] == wanted


def test_an_example_says_its_codes_in_words() -> None:
    source = own_source("lettings", 2026)
    [case, *_] = rule_cases(source, _rule("lettings", 2026, "start_date_too_far_ahead"))
    assert case.outcome == "Breaks the rule"
    assert case.given == ("startdate = 2026-09-16", "checked on 2026-09-01")


@pytest.mark.parametrize(
    ("collection", "number", "accepted", "set_up"),
    [
        ("lettings", 4, "1 = General needs; 2 = Supported housing", "Yes"),
        ("lettings", 6, "Location number or older code (leading zeros ignored)",
         "Yes, for supported housing"),
        ("lettings", 10, "26 or 27; four digits are read too", "Yes"),
        ("lettings", 15, "1, or empty", "Yes: must be 1"),
        ("lettings", 41, "Whole number: 16 to 120, or R when it is not known or not said", "No"),
        ("lettings", 128, "1 = Yes; 2 = No", "No"),
        ("sales", 128, "Amount in pounds: 15,000 to 999,999", "No"),
    ],
)  # fmt: skip
def test_a_field_tells_what_it_accepts(
    collection: str, number: int, accepted: str, set_up: str
) -> None:
    field = _field(collection, 2026, number)
    assert (field.accepted, field.set_up) == (accepted, set_up)


def test_a_field_tells_limits_of_the_kind_of_sale_it_is_for() -> None:
    shared, discounted = _field("sales", 2026, 107), _field("sales", 2026, 136)
    assert shared.question == discounted.question
    assert shared.accepted.startswith("Amount in pounds: 1 to 9,999.99")
    assert discounted.accepted.startswith("Amount in pounds: 1 or more")
    assert discounted.read is not None
    assert discounted.read.text.endswith("is “Discounted ownership”")


# Values of other fields under which some fields are read.
_BESIDE = {("lettings", 2023, 10): {5: "5"}, ("lettings", 2023, 11): {5: "9"}}


def _file_rows(collection: str, year: int) -> Iterator[tuple[FieldEntry, str, str, dict[int, str]]]:
    """A row for each code of each field: the field, the code, its label and what stands in it."""
    source = own_source(collection, year)
    fields = upload_specification(source)
    numbers = {field.variable: field.column.field for field in reversed(fields)}
    for field in fields:
        if len(field.codes) < 2 or field.variable == "lettype":
            continue
        beside = dict(_BESIDE.get((collection, year, field.column.field), {}))
        told = field.read_if.replace("staircase IS DISTINCT FROM 1", "staircase = 2")
        for name, value in re.findall(r"(\w+) = (\d+)", told):
            if name in numbers:
                beside[numbers[name]] = value
        for code, label in field.codes:
            yield field, code, label, {**beside, field.column.field: code}


@pytest.mark.parametrize(("collection", "year"), EVERY)
def test_reading_a_file_makes_of_a_code_what_the_specification_says(
    collection: str, year: int
) -> None:
    source = own_source(collection, year)
    made = layout(collection, year)
    cases = list(_file_rows(collection, year))
    texts = {
        f"f{column.field}": pa.array([row.get(column.field) for *_, row in cases], pa.string())
        for column in source.collection.upload_columns
    }
    stored: list[list[dict[str, str | None]]] = []
    # Some fields are read for one kind of landlord alone.
    for owner in ("LA", "PRP"):
        rows = range(len(cases))
        up = pa.table({"row": list(rows), **texts, "owner_type": [owner for _ in rows]})
        with duckdb.connect() as duck:
            duck.execute((DEFINITIONS / "functions.sql").read_text())
            duck.register("up", up)
            stored.append(duck.sql(made.query).to_arrow_table().to_pylist())
    wrong = []
    for at, (field, code, label, _) in enumerate(cases):
        codes = {c.code: c.label for c in source.collection.codes(field.variable)}
        if source.collection.variables[field.variable].kind == "checkbox":
            codes = {"1": "Yes", "0": "No"}
        if label not in [codes.get(str(rows[at][field.variable])) for rows in stored]:
            wrong.append(f"field {field.column.field}: {code} is not stored as {label}")
    assert len(cases) > 250
    assert wrong == []


# Files


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize(("collection", "year"), EVERY)
def test_a_document_is_the_same_as_csv_and_as_workbook(
    collection: str, year: int, document: str
) -> None:
    sheets = sheets_of(own_source(collection, year), document)
    text = as_csv(sheets[0].rows)
    assert text.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline="")))
    assert read == [list(row) for row in sheets[0].rows]
    book = openpyxl.load_workbook(io.BytesIO(as_workbook(sheets)))
    assert book.sheetnames == [sheet.title for sheet in sheets]
    for sheet in sheets:
        rows = book[sheet.title].iter_rows(values_only=True)
        cells = [[cell or "" for cell in row] for row in rows]
        assert cells == [list(row) for row in sheet.rows]


@pytest.mark.parametrize(("collection", "year"), EVERY)
def test_no_cell_of_a_csv_file_is_taken_for_a_formula(collection: str, year: int) -> None:
    sheets = [sheets_of(own_source(collection, year), name)[0] for name in DOCUMENTS]
    cells = {cell for sheet in sheets for row in sheet.rows for cell in row}
    formulas = [c for c in cells if c[:1] in ("=", "+", "-", "@") and not re.fullmatch(r"-\d+", c)]
    assert formulas == []


def test_a_value_that_looks_like_a_formula_stays_text_in_a_workbook() -> None:
    from submission.documents.sheets import Sheet

    book = openpyxl.load_workbook(io.BytesIO(as_workbook([Sheet("One", (("a",), ("=1+1",)))])))
    assert (book["One"]["A2"].value, book["One"]["A2"].data_type) == ("=1+1", "s")


def test_the_kept_documents_are_what_the_tables_make_now() -> None:
    kept = {file.name: file.read_bytes() for file in KEPT.glob("*") if file.name != READ_ME}
    made = kept_files()
    stale = sorted(name for name in made.keys() | kept.keys() if made.get(name) != kept.get(name))
    assert stale == [], "Write them anew: core-portal collection documents"


# Commands


def _run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.output


def test_a_stale_a_missing_and_a_stray_document_are_named(tmp_path: Path) -> None:
    assert _run("documents", "--out", str(tmp_path))[0] == 0
    assert _run("documents", "--out", str(tmp_path), "--check")[0] == 0
    (tmp_path / "sales-2024-rules.csv").write_text("rule\n")
    (tmp_path / "sales-2025-rules.csv").unlink()
    (tmp_path / "sales-2022-rules.csv").write_text("rule\n")
    code, output = _run("documents", "--out", str(tmp_path), "--check")
    assert code == 1
    assert "sales-2024-rules.csv is out of date" in output
    assert "sales-2025-rules.csv is missing" in output
    assert "sales-2022-rules.csv is no file of the documentation" in output


# Where figures are published


def _told(collection: str, year: int, name: str) -> dict[str, str]:
    heading, *rows = sheets_of(own_source(collection, year), "dictionary")[0].rows
    return next(dict(zip(heading, row, strict=True)) for row in rows if row[0] == name)


def test_the_dictionary_says_for_which_areas_figures_are_published() -> None:
    pregnancy = _told("lettings", 2026, "preg_occ")
    assert pregnancy["published for"] == "England alone"
    assert pregnancy["marks"] == "sensitive; personal; crossed with others"
    assert pregnancy["note on figures"] == "Pregnancy is told of England alone"
    beds = _told("sales", 2025, "beds")
    assert beds["published for"] == "England, regions and local authorities"
    assert beds["marks"] == ""
    assert _told("sales", 2025, "frombeds")["published for"] == "England and regions"
    postcode = _told("lettings", 2025, "postcode_full")
    assert postcode["published for"] == "not published"
    assert postcode["note on figures"] == "It names a person, place, landlord or log"
    assert _told("sales", 2025, "mscharge")["marks"] == "personal; commercial"


def test_the_dictionary_says_what_authorities_are_shown_together_in_that_year() -> None:
    now, then = (_told("sales", year, "type") for year in (2026, 2024))
    column = "groups at local authority level"
    assert "Outright or other sale (Outright; Other sale)" in then[column]
    assert "Outright" not in now[column].replace("Social HomeBuy, outright", "")
    # A question that no authority is shown has no groups there.
    assert _told("lettings", 2026, "referral_org")[column] == ""


def test_the_dictionary_says_what_is_counted_and_of_which_log_types() -> None:
    ticked = _told("lettings", 2026, "illness_type_7")
    assert ticked["counted as"] == "Ticked; Not ticked"
    assert _told("lettings", 2026, "homeless")["counted as"] == ""
    assert _told("lettings", 2026, "beds")["log types"].count("general needs") == 3


def test_the_projects_own_tables_are_sound() -> None:
    assert _run("check") == (0, "The definition tables are sound\n")


def _damaged(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_problem_is_named_by_file_row_and_column(tmp_path: Path) -> None:
    folder = tmp_path / "definitions"
    shutil.copytree(DEFINITIONS, folder)
    _damaged(folder, "rules.csv", "voiddate > startdate", "voidate > startdate")
    _damaged(folder, "questions.csv", "hhmemb,integer", "hhmemb,whole")
    code, output = _run("check", "--tables", str(folder))
    assert code == 1
    assert re.search(r"^rules\.csv, row \d+, column fails_if: .*voidate", output, re.M)
    assert re.search(r"^questions\.csv, row \d+, column kind: 'whole' is not a kind", output, re.M)
    # A row is named once, though it holds in four years.
    assert output.count("column kind") == 1


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        ("upload_columns.csv", ",1,owning", ",one,owning", "column field: 'one' is not a whole"),
        ("rules.csv", "id,severity", "name,severity", "column id: the column is missing"),
    ],
)
def test_tables_that_cannot_be_read_are_named_too(
    tmp_path: Path, file: str, old: str, new: str, named: str
) -> None:
    folder = tmp_path / "definitions"
    shutil.copytree(DEFINITIONS, folder)
    _damaged(folder, file, old, new)
    code, output = _run("check", "--tables", str(folder))
    assert code == 1
    assert named in output


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "definitions"
    shutil.copytree(DEFINITIONS, folder)
    (folder / "codes.csv").unlink()
    code, output = _run("check", "--tables", str(folder))
    assert code == 1
    assert "codes.csv is missing" in output


# The next year


def _contents(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def test_the_next_year_loads_clean_from_the_copied_tables(tmp_path: Path) -> None:
    before = _contents(DEFINITIONS)
    found = rehearse(NEXT, tmp_path / "definitions")
    assert _contents(DEFINITIONS) == before
    assert found.problems == ()
    tables = read_tables(tmp_path / "definitions")
    assert years_of(tables)[-1] == NEXT
    for name in COLLECTIONS:
        old, new = build(own_tables(), name, YEARS[-1]), build(tables, name, NEXT)
        assert list(new.variables) == list(old.variables)
        assert new.upload_columns == old.upload_columns
        assert new.pages == old.pages
        # Earlier years stay as they are.
        assert build(tables, name, YEARS[-1]) == old


def test_the_next_year_has_windows_on_the_same_days_of_the_week(tmp_path: Path) -> None:
    found = rehearse(NEXT, tmp_path / "definitions")
    with (tmp_path / "definitions" / "windows.csv").open(newline="") as opened:
        rows = {(row["collection"], row["year"]): row for row in csv.DictReader(opened)}
    assert rows["sales", "2027"]["opens"] == "2027-04-01"
    assert rows["sales", "2026"]["deadline"] == "2027-06-04"
    assert rows["sales", "2027"]["deadline"] == "2028-06-02"
    assert [decision.subject for decision in found.under(DATES)] == [
        "lettings 2027/28",
        "sales 2027/28",
    ]


def test_a_condition_on_the_old_year_alone_is_shown_with_what_becomes_of_it(tmp_path: Path) -> None:
    found = rehearse(NEXT, tmp_path / "definitions")
    [decision] = [d for d in found.under(CONDITIONS) if d.subject == "lettings relat2, asked_if"]
    assert decision.words.endswith("In 2027/28: never.")
    assert "collection_year = 2026" in decision.expression


def test_a_rule_with_an_end_and_words_of_the_old_year_are_to_be_decided(tmp_path: Path) -> None:
    own = tmp_path / "own"
    shutil.copytree(DEFINITIONS, own)
    ending = "scheme_details_incomplete"
    table = list(csv.reader((own / "rules.csv").open(encoding="utf-8", newline="")))
    last, message = table[0].index("last_year"), table[0].index("message")
    for row in table[1:]:
        if row[1] == ending:
            row[last], row[message] = "2026", "Finish it before the end of 2026."
    with (own / "rules.csv").open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened, lineterminator="\n").writerows(table)
    found = rehearse(NEXT, tmp_path / "definitions", own)
    assert [decision.subject for decision in found.under(ENDS)] == [f"lettings {ending}"]
    assert f"lettings {ending}, message" in [d.subject for d in found.under(OLD_YEAR)]
    carried = next(
        row for row in read_tables(tmp_path / "definitions").rules if row["id"] == ending
    )
    assert carried.holds(NEXT)


def test_only_the_year_after_the_newest_can_be_rehearsed(tmp_path: Path) -> None:
    for year in (NEXT - 1, NEXT + 1):
        with pytest.raises(NotTheNextYear, match=f"the next is {NEXT}, not {year}"):
            rehearse(year, tmp_path / str(year))
        assert not (tmp_path / str(year)).exists()


def test_the_command_prints_what_is_to_be_decided_and_keeps_all_of_it(tmp_path: Path) -> None:
    out = tmp_path / "rehearsal"
    code, output = _run("new-year", str(NEXT), "--out", str(out))
    assert code == 0
    assert "The copied tables load clean for 2027/28" in output
    with (out / "decisions.csv").open(encoding="utf-8-sig", newline="") as opened:
        kept = list(csv.DictReader(opened))
    for heading in {row["heading"] for row in kept}:
        count = sum(row["heading"] == heading for row in kept)
        assert f"\n{heading}: {count}\n" in output
    again = _run("new-year", str(NEXT), "--out", str(out))
    assert again[0] == 1
    assert "is not empty" in again[1]
