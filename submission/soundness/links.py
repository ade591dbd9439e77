"""What one table names that another must have: lists, sections, variables, confirmations."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from data_access.reference.periods import year_label
from submission.collection import KINDS
from submission.questionnaire import is_confirmation
from submission.soundness.forms import Form, in_years, names_of, persons, suggestion
from submission.soundness.loading import none_there
from submission.tables import Problem, TableRow, Tables

# Values that no page asks for stand in a section of their own.
_WORKED_OUT = "derived"
# Kept with a log although questions.csv does not list them.
_KEPT = frozenset(
    [
        *("is_la_inferred", "is_previous_la_inferred", "manual_address_entry_selected"),
        *("uprn_selection", "pcode1", "pcode2", "ppostc1", "ppostc2"),
    ]
)


def link_problems(tables: Tables, forms: Sequence[Form]) -> Iterator[Problem]:
    """Names of other tables' rows that are not there, or not in the years of the row."""
    lists = {row["list"] for row in tables.codes}
    for row in (*tables.questions, *tables.placements):
        if row["codes"] and row["codes"] not in lists:
            meant = suggestion(row["codes"], lists)
            yield row.problem("codes", f"there is no code list {row['codes']}{meant}")
    used = {row["codes"] for row in tables.questions}
    for name in sorted(lists - used):
        first = next(row for row in tables.codes if row["list"] == name)
        meant = suggestion(name, used)
        yield first.problem("list", f"no question has the code list {name}{meant}")
    for row in tables.questions:
        mine = [form for form in _of(row, forms) if row.holds(form.year)]
        yield from _question(row, mine)
    for row in tables.placements:
        mine = [form for form in _of(row, forms) if row.holds(form.year)]
        yield from _placement(row, mine)
    for row in tables.codes:
        yield from _other(row, tables, forms)
    for form in forms:
        yield from _pages(form)
    for row in tables.rules:
        mine = [form for form in _of(row, forms) if row.holds(form.year)]
        yield from _rule(row, mine)
    for row in tables.derivations:
        yield from _derivation(row, _of(row, forms))


def _of(row: TableRow, forms: Iterable[Form]) -> list[Form]:
    return [form for form in forms if form.collection == row["collection"]]


def unknown(names: Iterable[str], known: Iterable[str]) -> str:
    """What is said of names that no question has; empty when all have."""
    there = frozenset(known)
    lacking = [name for name in dict.fromkeys(names) if name not in there]
    if not lacking:
        return ""
    meant = suggestion(lacking[0], there) if len(lacking) == 1 else ""
    return f"no question is called {', '.join(lacking)}{meant}"


def _question(row: TableRow, forms: list[Form]) -> Iterator[Problem]:
    if not forms:
        return
    words = unknown(names_of(row["inferred_from"]), forms[0].kept)
    if words:
        yield row.problem("inferred_from", words)
    sections = {
        each["subsection"]: each["section"]
        for each in forms[0].tables.sections
        if each["collection"] == row["collection"]
    }
    if row["section"] == _WORKED_OUT:
        sections[_WORKED_OUT] = _WORKED_OUT
    for name in names_of(row["subsection"]):
        if name not in sections:
            meant = suggestion(name, sections)
            yield row.problem("subsection", f"sections.csv has no subsection {name}{meant}")
    if row["section"] not in sections.values():
        meant = suggestion(row["section"], sections.values())
        yield row.problem("section", f"sections.csv has no section {row['section']}{meant}")
    if row["codes"]:
        empty = [form for form in forms if form.codes.get(row["codes"]) == frozenset()]
        asked = [
            form
            for form in empty
            if any(place["variable"] == row["variable"] for place in form.rows("placements"))
        ]
        if asked:
            years = in_years(form.year for form in asked)
            yield row.problem("codes", f"the list {row['codes']} has no answer in {years}")


def _placement(row: TableRow, forms: list[Form]) -> Iterator[Problem]:
    if not forms:
        return
    form = forms[0]
    words = unknown([row["variable"]], form.of_any_year)
    lacking = [each for each in forms if row["variable"] not in each.questions]
    if words:
        yield row.problem("variable", words)
    elif lacking:
        years = in_years(each.year for each in lacking)
        words = f"questions.csv has no {row['variable']} in {years}; let both have the same years"
        yield row.problem("variable", words)
    else:
        question = form.questions[row["variable"]]
        for column, sound in (("kind", KINDS), ("codes", {"", *form.codes})):
            # Where the question itself is wrong, that alone is told.
            if row[column] != question[column] and question[column] in sound:
                has = question[column] or "none"
                words = f"'{row[column]}' is not what the question has: {has}"
                yield row.problem(column, f"{words} (questions.csv, row {question.number})")
    words = unknown(names_of(row["checks"]), form.kept)
    if words:
        yield row.problem("checks", words)
    for each in forms:
        pairs = {(r["section"], r["subsection"]) for r in each.rows("sections")}
        if (row["section"], row["subsection"]) not in pairs:
            meant = suggestion(row["subsection"], (pair[1] for pair in pairs))
            words = f"{row['section']} has no {row['subsection']} in {year_label(each.year)}"
            yield row.problem("subsection", f"{words}; see sections.csv{meant}")
            break
    offered = frozenset(code for each in forms for code in each.codes.get(row["codes"], ()))
    if offered:
        strange = [code for code in names_of(row["options"]) if code not in offered]
        if strange:
            words = f"the list {row['codes']} has no code {', '.join(strange)} in these years"
            listed = ", ".join(sorted(offered)[:20])
            yield row.problem("options", f"{words}; it has {listed}")


def _other(row: TableRow, tables: Tables, forms: Sequence[Form]) -> Iterator[Problem]:
    """The text in which an answer such as "other" is described."""
    if not row["other_specify"]:
        return
    using = {each["collection"] for each in tables.questions if each["codes"] == row["list"]}
    known = frozenset(
        name for form in forms if form.collection in using for name in form.of_any_year
    )
    words = unknown([row["other_specify"].replace("{n}", "1")], known)
    if words and known:
        yield row.problem("other_specify", words)


def _pages(form: Form) -> Iterator[Problem]:
    """A page stands in one place, and nothing else stands there."""
    pages: dict[str, list[TableRow]] = {}
    places: dict[tuple[str, str], TableRow] = {}
    for row in form.rows("placements"):
        pages.setdefault(row["page"], []).append(row)
        for column, whose in (("page_order", "page"), ("order", "variable")):
            other = places.setdefault((column, row[column]), row)
            if other["page"] != row["page"] or (column == "order" and other is not row):
                words = f"{other[whose]} has place {row[column]} already in row {other.number}"
                yield row.problem(column, f"{words} in {year_label(form.year)}")
    for page, rows in pages.items():
        for column in ("section", "subsection", "page_order"):
            usual = Counter(row[column] for row in rows).most_common(1)[0][0]
            for row in rows:
                if row[column] != usual:
                    words = f"other questions of the page {page} have {usual}"
                    yield row.problem(column, f"{words}; one page stands in one place")
    shown = {row["subsection"]: row["section"] for row in form.rows("placements")}
    for row in form.rows("sections"):
        if row["subsection"] not in shown:
            words = f"no page of {year_label(form.year)} is in {row['subsection']}"
            yield row.problem("subsection", words)
        elif shown[row["subsection"]] != row["section"]:
            words = f"the pages of {row['subsection']} are in {shown[row['subsection']]}"
            yield row.problem("section", f"{words}, not in {row['section']}")


def _rule(row: TableRow, forms: list[Form]) -> Iterator[Problem]:
    if not forms:
        return
    people = persons(row)
    fields = [name.replace("{n}", person) for name in names_of(row["fields"]) for person in people]
    words = unknown(fields, forms[0].kept)
    if words:
        yield row.problem("fields", words)
    else:
        yield from _fields_of_years(row, forms, fields)
    online = names_of(row["fields_online_only"])
    strange = [name for name in online if name not in names_of(row["fields"])]
    if strange:
        words = f"{', '.join(strange)} is not among fields, which this can only leave out of"
        yield row.problem("fields_online_only", words)
    if row["confirm_field"]:
        yield from _confirmation(row, forms, people)


def _fields_of_years(row: TableRow, forms: list[Form], fields: list[str]) -> Iterator[Problem]:
    there = {form.year: [f for f in fields if f not in form.lacking] for form in forms}
    without = [year for year, found in there.items() if not found]
    if without:
        words = f"{none_there(without[0])}; let it hold in other years, or name other questions"
        yield row.problem("fields", words)
        return
    gone = [name for name in dict.fromkeys(fields) if all(name in f.lacking for f in forms)]
    if gone:
        span = in_years(form.year for form in forms)
        yield row.problem("fields", f"{', '.join(gone)} is asked in no year of the rule: {span}")


def _confirmation(row: TableRow, forms: list[Form], people: list[str]) -> Iterator[Problem]:
    names = [row["confirm_field"].replace("{n}", person) for person in people]
    words = unknown(names, forms[0].of_any_year)
    if words:
        confirmations = [name for name in forms[0].of_any_year if is_confirmation(name)]
        words = unknown(names, confirmations)
        yield row.problem("confirm_field", words)
        return
    if not all(is_confirmation(name) for name in names):
        words = f"{names[0]} confirms nothing; name a question that ends in _check"
        yield row.problem("confirm_field", words)
        return
    for form in forms:
        lacking = [name for name in names if name not in form.questions]
        if lacking:
            words = f"questions.csv has no {', '.join(lacking)} in {year_label(form.year)}"
            yield row.problem("confirm_field", f"{words}, so that nobody could confirm it then")
            return


def _derivation(row: TableRow, forms: list[Form]) -> Iterator[Problem]:
    if not forms or row["kind"] == "output":
        return
    questions = forms[0].of_any_year
    named = [
        name.replace("{n}", person) for name in names_of(row["variable"]) for person in persons(row)
    ]
    if row["kind"] == "helper":
        asked = [name for name in named if name in questions]
        if asked:
            words = f"{asked[0]} is a question; a helper needs a name of its own"
            yield row.problem("variable", words)
    else:
        words = unknown(named, {*questions, *_KEPT})
        if words:
            yield row.problem("variable", words)
