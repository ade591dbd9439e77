"""The tables as each collection and year sees them, however unsound they are."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from data_access.reference.periods import year_label
from submission.answer_types import TRUTHS, working_type
from submission.collection import COLLECTIONS, KINDS, NO_FIGURES, YEARS, Code, Collection, Variable
from submission.facts import FACTS, REFERENCES
from submission.soundness.loading import PERSONS
from submission.tables import TableRow, Tables

# What the documents' predicates and an upload's layout bring beside questions and derivations.
_BROUGHT = ("address_line1_input", "postcode_full_input", *sorted(TRUTHS))
YEAR_NAMES = frozenset(["collection_year", "form_year"])


@dataclass(frozen=True)
class Step:
    """A derivation of one variable and person, with the row that it stands in."""

    row: TableRow
    variable: str
    order: int
    kind: str
    applies_if: str
    expression: str


@dataclass(frozen=True)
class Form:
    """One collection and year of tables that may be unsound."""

    tables: Tables
    collection: str
    year: int

    def rows(self, table: str) -> list[TableRow]:
        """The rows of a table that are of this collection and in force in this year."""
        if table not in self._rows:
            self._rows[table] = [
                row
                for row in getattr(self.tables, table)
                if row["collection"] == self.collection and row.holds(self.year)
            ]
        return self._rows[table]

    @cached_property
    def _rows(self) -> dict[str, list[TableRow]]:
        return {}

    @cached_property
    def questions(self) -> dict[str, TableRow]:
        """The questions of the year by variable, derived ones included."""
        found: dict[str, TableRow] = {}
        for row in self.rows("questions"):
            found.setdefault(row["variable"], row)
        return found

    @cached_property
    def of_any_year(self) -> dict[str, TableRow]:
        """Questions of any year: as this year has them, or else as the newest does."""
        newest = sorted(
            (row for row in self.tables.questions if row["collection"] == self.collection),
            key=lambda row: int(row["first_year"]),
        )
        return {row["variable"]: row for row in newest} | self.questions

    @cached_property
    def codes(self) -> dict[str, frozenset[str]]:
        """The codes of each list in this year; a list of no code in it is empty."""
        found: dict[str, set[str]] = {}
        for row in self.tables.codes:
            codes = found.setdefault(row["list"], set())
            if row.holds(self.year):
                codes.add(row["code"])
        return {name: frozenset(codes) for name, codes in found.items()}

    @cached_property
    def offered(self) -> dict[str, frozenset[str]]:
        """The codes that an answer of each list may have in this year.

        A variable that is only worked out in this year goes on with the codes of other years.
        """
        of_any: dict[str, set[str]] = {}
        for row in self.tables.codes:
            of_any.setdefault(row["list"], set()).add(row["code"])
        return {name: codes or frozenset(of_any[name]) for name, codes in self.codes.items()}

    @cached_property
    def steps(self) -> list[Step]:
        """The derivations of the year, written out for each person, in their order."""
        found = [
            step for row in self.rows("derivations") for step in written_out(row) if step.variable
        ]
        return sorted(found, key=lambda step: step.order)

    @cached_property
    def helpers(self) -> dict[str, list[Step]]:
        """Values worked out whenever they are read, by name."""
        found: dict[str, list[Step]] = {}
        for step in self.steps:
            if step.kind == "helper":
                found.setdefault(step.variable, []).append(step)
        return found

    @cached_property
    def worked_out(self) -> dict[str, bool]:
        """Every name that a derivation of any year works out: whether it is a helper."""
        return {
            step.variable: row["kind"] == "helper"
            for row in self.tables.derivations
            if row["collection"] == self.collection
            for step in written_out(row, most=True)
        }

    @cached_property
    def kept(self) -> frozenset[str]:
        """Names that a log of some year can hold."""
        derived = (name for name, is_helper in self.worked_out.items() if not is_helper)
        return frozenset([*self.of_any_year, *derived, *_BROUGHT])

    @cached_property
    def known(self) -> frozenset[str]:
        """Every name that an expression of the collection may use, those of other years too."""
        return frozenset(
            [
                *self.kept,
                *self.worked_out,
                *YEAR_NAMES,
                "setup_complete",
                "saved.id",
                *(f"{when}.{name}" for when in ("saved", "entered") for name in self.kept),
                *FACTS,
                *REFERENCES,
            ]
        )

    @cached_property
    def lacking(self) -> frozenset[str]:
        """Names of other years: the checker takes NULL for them in this one."""
        there = {*self.questions, "id"}
        there |= {step.variable for step in self.steps if step.kind not in ("helper", "output")}
        lacking = self.kept - there
        gone = {name for name, is_helper in self.worked_out.items() if is_helper}
        gone -= {*self.helpers, *there, *YEAR_NAMES, "setup_complete"}
        before = {f"{when}.{name}" for when in ("saved", "entered") for name in lacking}
        return frozenset(lacking | gone | before)

    def list_of(self, name: str) -> str:
        """The code list of a variable, also of one as saved; empty when it has none."""
        return self._lists.get(name.removeprefix("saved."), "")

    def lists_of(self, name: str) -> frozenset[str]:
        """The code lists of a variable and of its counterparts for other people."""
        return self._lists_by_stem.get(_stem(name.removeprefix("saved.")), frozenset())

    @cached_property
    def _lists(self) -> dict[str, str]:
        return {
            name: row["codes"]
            for name, row in self.of_any_year.items()
            if row["codes"] in self.codes and row["kind"] != "text"
        }

    @cached_property
    def _lists_by_stem(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for name, listed in self._lists.items():
            found.setdefault(_stem(name), set()).add(listed)
        return {stem: frozenset(names) for stem, names in found.items()}

    @cached_property
    def rule_ids(self) -> dict[str, bool]:
        """Rules of any year by identifier: whether they are in force in this one."""
        of_any = (row for row in self.tables.rules if row["collection"] == self.collection)
        of_year = {row["id"] for row in self.rows("rules")}
        return {row["id"]: row["id"] in of_year for row in of_any}

    @cached_property
    def types(self) -> dict[str, str]:
        """DuckDB types of all names but helpers, as the checker has them.

        A variable whose own row does not say what it holds is left out: whatever is done with it
        may be right.
        """
        as_loaded = self._as_loaded()
        kept = {
            name: working_type(as_loaded, name)
            for name in self.kept
            if _says_what_it_holds(self.of_any_year.get(name), self.codes)
        }
        found = {**FACTS, **REFERENCES, **kept, "saved.id": "VARCHAR"}
        found |= {f"saved.{name}": kind for name, kind in kept.items()}
        found |= {f"entered.{name}": "VARCHAR" for name in self.kept}
        return found | {"form_year": "INTEGER", "setup_complete": "BOOLEAN"}

    def _as_loaded(self) -> Collection:
        """A collection that says of every name what its type depends on.

        It holds the names of other years too, so that nothing is looked up in the project's own
        tables.
        """
        variables = {
            name: _variable(name, row["kind"], row["unit"], row["codes"])
            for name, row in self.of_any_year.items()
        }
        for name in self.kept - set(variables):
            variables[name] = _variable(name, "derived", "", "")
        lists: dict[str, list[str]] = {name: sorted(codes) for name, codes in self.codes.items()}
        for row in sorted(self.tables.codes, key=lambda row: int(row["first_year"])):
            if not self.codes[row["list"]]:
                lists[row["list"]].append(row["code"])
        codes = {
            name: tuple(Code(code, "", "", False, False, "", "", "") for code in listed)
            for name, listed in lists.items()
        }
        return Collection(self.collection, self.year, variables, codes, (), (), ())

    def suggestion(self, name: str, among: Iterable[str] = ()) -> str:
        """The name that was meant, perhaps: "; did you mean hhmemb?", or nothing."""
        return suggestion(name, among or self.known)


def forms_of(tables: Tables) -> list[Form]:
    """Every collection and year of the tables."""
    return [Form(tables, name, year) for name in COLLECTIONS for year in years_of(tables)]


def years_of(tables: Tables) -> range:
    """The collection years that tables are made for.

    Those that the portal takes logs of, and those that windows.csv prepares after them. They are
    not read off the tables' rows: one wrong year in a row would then make a year.
    """
    prepared = {row["year"] for row in tables.windows}
    last = YEARS[-1]
    while str(last + 1) in prepared:
        last += 1
    return range(YEARS[0], last + 1)


def in_years(years: Iterable[int]) -> str:
    """Years in words: "2023/24 to 2025/26"."""
    listed = sorted(set(years))
    if len(listed) > 1 and listed == list(range(listed[0], listed[-1] + 1)):
        return f"{year_label(listed[0])} to {year_label(listed[-1])}"
    return ", ".join(year_label(year) for year in listed)


def suggestion(name: str, among: Iterable[str]) -> str:
    """The one of these names that is most like it, as the end of a sentence."""
    close = difflib.get_close_matches(name, sorted(among), 1, 0.75)
    return f"; did you mean {close[0]}?" if close else ""


def persons(row: TableRow, most: bool = False) -> list[str]:
    """The person numbers that a row is for; one empty text for a row without persons.

    Of a range that is wrong one person is taken, so that the rest can be looked at, or with `most`
    everybody whom it may mean.
    """
    text = row["persons"]
    is_for_some = bool(text) or any("{n}" in cell for cell in row.values.values())
    found = PERSONS.fullmatch(text)
    if not found or int(found[1]) > int(found[2]):
        if not is_for_some:
            return [""]
        return list("12345678") if most else ["2"]
    return [str(number) for number in range(int(found[1]), int(found[2]) + 1)]


def names_of(text: str) -> list[str]:
    """The names of a list with semicolons."""
    return [name.strip() for name in text.split(";") if name.strip()]


def written_out(row: TableRow, most: bool = False) -> Iterator[Step]:
    """The steps of a row of derivations: one for each variable and person (see `persons`)."""
    for name in names_of(row["variable"]):
        for person in persons(row, most):
            yield Step(
                row,
                name.replace("{n}", person),
                whole(row, "order") or 0,
                row["kind"],
                row["applies_if"].replace("{n}", person),
                row["expression"].replace("{n}", person),
            )


def whole(row: TableRow, column: str) -> int | None:
    """A whole number of a row, None for anything else."""
    return int(row[column]) if re.fullmatch(r"[0-9]+", row[column]) else None


def _stem(name: str) -> str:
    """A variable's name without the number of its person: ecstat of ecstat2."""
    return re.sub(r"\d$", "", name)


def _variable(name: str, kind: str, unit: str, codes: str) -> Variable:
    return Variable(
        name, kind, "", unit, None, None, None, codes, "", False, "", False, None, "", "", 0,
        NO_FIGURES,
    )  # fmt: skip


def _says_what_it_holds(row: TableRow | None, lists: Mapping[str, frozenset[str]]) -> bool:
    return row is None or (row["kind"] in KINDS and (not row["codes"] or row["codes"] in lists))
