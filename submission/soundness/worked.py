"""Worked examples: each is of a rule or derivation of its year, and names only what there is."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from data_access.reference.periods import year_label
from submission.collection import COLLECTIONS
from submission.examples import FIRES, PASSES
from submission.facts import FACTS, REFERENCES
from submission.soundness.forms import Form, suggestion
from submission.tables import Problem, TableRow, Tables, examples_of

_ONE_OF: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "rules": {"outcome": (FIRES, PASSES), "at_limit": ("yes", "")},
    "derivations": {"mode": ("", "as_given", "save", "submit")},
}
# A directory of postcodes is given entry by entry: postcodes.LS1 1UR = E08000035.
_DIRECTORY = "postcodes"


def example_problems(tables: Tables, forms: Sequence[Form]) -> Iterator[Problem]:
    """What is wrong with the tables of examples."""
    for collection in COLLECTIONS:
        by_year = {form.year: form for form in forms if form.collection == collection}
        for kind, allowed in _ONE_OF.items():
            for row in tables.examples.get(examples_of(collection, kind), ()):
                for column, values in allowed.items():
                    if row[column] not in values:
                        listed = ", ".join(each or "nothing" for each in values)
                        meant = suggestion(row[column], values)
                        words = f"'{row[column]}' is not one of {listed}{meant}"
                        yield row.problem(column, words)
                if not row["because"].strip():
                    yield row.problem("because", "is empty; say what the example shows")
                yield from _day(row)
                form = by_year.get(int(row["year"]) if row["year"].isdecimal() else 0)
                if form is None:
                    words = f"'{row['year']}' is not a collection year; the years are"
                    yield row.problem("year", f"{words} {min(by_year)} to {max(by_year)}")
                    continue
                subject = _rule(row, form) if kind == "rules" else _derivation(row, form)
                yield from subject
                yield from _given(row, form, ("answers", "saved"))
                yield from _facts(row)
                if kind == "derivations":
                    yield from _given(row, form, ("expected",))


def _day(row: TableRow) -> Iterator[Problem]:
    if row["today"]:
        try:
            date.fromisoformat(row["today"])
        except ValueError:
            words = f"'{row['today']}' is not a day; write it as 2026-09-01"
            yield row.problem("today", words)


def _rule(row: TableRow, form: Form) -> Iterator[Problem]:
    is_in_force = form.rule_ids.get(row["rule"])
    if is_in_force:
        return
    if is_in_force is not None:
        # That a rule of other years passes is worth showing.
        if row["outcome"] != FIRES:
            return
        words = f"the rule {row['rule']} is not in force in {year_label(form.year)}"
        yield row.problem("year", f"{words}; see rules.csv for its years")
    else:
        meant = suggestion(row["rule"], form.rule_ids)
        yield row.problem("rule", f"no rule of {form.collection} is called {row['rule']}{meant}")


def _derivation(row: TableRow, form: Form) -> Iterator[Problem]:
    # An example may show that nothing is worked out in its year, when that is so in others.
    name = row["variable"]
    if name not in form.worked_out:
        meant = suggestion(name, form.worked_out)
        yield row.problem("variable", f"no derivation works out {name}{meant}")


def _pairs(text: str) -> list[str]:
    return [part.partition("=")[0].strip() for part in text.split(";") if part.strip()]


def _given(row: TableRow, form: Form, columns: Sequence[str]) -> Iterator[Problem]:
    for column in columns:
        known = form.kept | {"id"} if column == "saved" else form.kept
        if column == "expected":
            known |= set(form.worked_out)
        for name in _pairs(row[column]):
            if name not in known:
                meant = suggestion(name, known)
                yield row.problem(column, f"no question is called {name}{meant}")
        if row[column] and not all("=" in part for part in row[column].split(";") if part.strip()):
            yield row.problem(column, "is no list such as age1 = 15; ecstat1 = 1")


def _facts(row: TableRow) -> Iterator[Problem]:
    known = {*FACTS, *REFERENCES}
    for name in _pairs(row["facts"]):
        if name not in known and not re.match(rf"{_DIRECTORY}\.\S", name):
            meant = suggestion(name, known)
            yield row.problem("facts", f"nothing is known by the name {name}{meant}")
