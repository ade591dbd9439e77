"""The checker: reads, derives, routes and checks a frame of logs in DuckDB.

One log of a form and a hundred thousand of a file go through the same SQL, made from the
definition tables once for a collection, year and day.
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import groupby
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from data_access.reference.periods import collection_year_of
from submission.collection import Collection, Variable
from submission.expressions import names_in
from submission.rules import derivations, rules, windows
from submission.tables import DEFINITIONS

# Rules are columns of a few wide queries: one query a rule costs 2 ms each for a single log, and
# one query for all plans slowly.
RULES_IN_A_QUERY = 60
# As many as the machine has would make a hundred idle threads of a few checks at once.
THREADS = 2

# Facts beside a log's own answers, one column each; absent ones are NULL and break no rule.
CONTEXT = {
    "owner_provider_type": "VARCHAR",
    "owner_rent_periods": "INTEGER[]",
    "owner_data_sharing_signed": "BOOLEAN",
    "manager_provider_type": "VARCHAR",
    "manager_rent_periods": "INTEGER[]",
    "manager_data_sharing_signed": "BOOLEAN",
    "scheme_location_count": "INTEGER",
}
_FACTS = {
    "owning_organisation.provider_type": "owner_provider_type",
    "owning_organisation.rent_periods": "owner_rent_periods",
    "owning_organisation.data_protection_confirmed": "COALESCE(owner_data_sharing_signed, TRUE)",
    "managing_organisation.provider_type": "manager_provider_type",
    "managing_organisation.rent_periods": "manager_rent_periods",
    "managing_organisation.data_protection_confirmed": (
        "COALESCE(manager_data_sharing_signed, TRUE)"
    ),
    "is_owner_la()": "(owner_provider_type = 'LA')",
    "is_owner_prp()": "(owner_provider_type = 'PRP')",
    "scheme_location_count()": "COALESCE(scheme_location_count, 0)",
    # Forms fill owner, manager and assignee in; whoever may choose is settled before the checker.
    "owner_choice_needed()": "TRUE",
    "manager_choice_needed()": "TRUE",
    "assignee_choice_needed()": "TRUE",
}


@dataclass(frozen=True)
class CheckResult:
    """What the checker says of a frame of logs; `row` is the position in the frame given.

    `answers`: typed answers and derived values. `asked`: a column of true or false for each
    variable. `missing`: row, variable. `findings`: row, rule, severity, fields, message. `pages`:
    for each row the pages of the form that are asked, when they were wanted.
    """

    answers: pd.DataFrame
    asked: pd.DataFrame
    missing: pd.DataFrame
    findings: pd.DataFrame
    pages: list[frozenset[str]]


def sql_type(collection: Collection, variable: Variable) -> str:
    """The DuckDB type of a variable's answers."""
    codes = collection.codes(variable.id)
    if codes:
        return "INTEGER" if all(code.code.isdecimal() for code in codes) else "VARCHAR"
    if variable.kind == "date":
        return "DATE"
    if variable.kind in ("money", "decimal") or variable.unit.startswith("GBP"):
        return "DECIMAL(14, 2)"
    is_record = variable.kind == "lookup" and variable.id.endswith("_id")
    if variable.kind in ("integer", "checkbox") or variable.unit or is_record:
        return "INTEGER"
    return "VARCHAR"


class Checker:
    """Checks logs of one collection and year. Safe to share between threads."""

    def __init__(self, collection: Collection) -> None:
        """Makes the checker; SQL is made when a day is first asked for."""
        self.collection = collection
        self._types = {
            name: sql_type(collection, variable) for name, variable in collection.variables.items()
        }
        helpers = {step.variable for step in derivations(collection.name, collection.year)}
        self._names = set(self._types) | set(CONTEXT) | helpers
        self._translated = cache(self._translate)
        self._placements = [
            (page.slug, placement)
            for page in collection.pages
            for placement in page.placements
            if not placement.variable.endswith("_check")
        ]
        self._benches: list[_Bench] = []
        self._taking = threading.Lock()

    def check(
        self,
        frame: pd.DataFrame,
        context: pd.DataFrame | None,
        today: date,
        with_pages: bool = False,
    ) -> CheckResult:
        """Checks every row. Columns that are no variable are left alone and not returned."""
        bench = self._take(today)
        given = {
            name: [_text(value) for value in frame[name].tolist()]
            for name in self._types
            if name in frame.columns
        }
        bench.load(given, self._context(context, len(frame)), len(frame))
        answers = bench.run("answers").df()
        asked = bench.run("asked").df()
        findings = pd.DataFrame(
            [*self._unreadable(bench), *self._broken(bench, today)],
            columns=["row", "rule", "severity", "fields", "message"],
        ).sort_values("row", kind="stable", ignore_index=True)
        pages: list[frozenset[str]] = []
        if with_pages:
            for placed in bench.run("placed").fetchall():
                shown = zip(self._placements, placed, strict=True)
                pages.append(frozenset(slug for (slug, _), is_asked in shown if is_asked))
        with self._taking:
            self._benches.append(bench)
        return CheckResult(answers, asked, self._missing(answers, asked, given), findings, pages)

    def _take(self, today: date) -> "_Bench":
        with self._taking:
            self._benches = [bench for bench in self._benches if bench.day == today]
            if self._benches:
                return self._benches.pop()
        return self._new_bench(today)

    def _new_bench(self, today: date) -> "_Bench":
        names = ", ".join(f'"{name}"' for name in self._types)
        placed = ", ".join(
            f"COALESCE({self._condition(placement.asked_if, today)}, FALSE)"
            for _, placement in self._placements
        )
        queries = {
            "answers": f"SELECT {names} FROM logs ORDER BY row",
            "asked": f"SELECT {self._asked_sql(today)} FROM logs ORDER BY row",
            "placed": f"SELECT {placed} FROM logs ORDER BY row",
            "unreadable": self._unreadable_sql(),
        }
        for start, tests in self._rule_tests(today):
            queries[f"rules_{start}"] = (
                f"SELECT row, unnest(list_filter([{tests}], lambda x: x IS NOT NULL)) FROM logs"
            )
        return _Bench(today, self._types, self._typed_sql(), self._derived_sql(today), queries)

    def _context(self, context: pd.DataFrame | None, rows: int) -> pd.DataFrame:
        made = pd.DataFrame({"row": range(rows)})
        for name in CONTEXT:
            given = context is not None and name in context.columns
            values = context[name].tolist() if given and context is not None else [None] * rows
            made[name] = pd.Series(values, dtype=object)
        return made

    def _typed_sql(self) -> str:
        columns = []
        for name, kind in self._types.items():
            if kind == "INTEGER":
                read = (
                    f"CASE WHEN regexp_full_match(raw.\"{name}\", '-?[0-9]+([.]0+)?') "
                    f'THEN TRY_CAST(TRY_CAST(raw."{name}" AS DECIMAL(18, 2)) AS INTEGER) END'
                )
            elif kind.startswith("DECIMAL"):
                read = (
                    f"CASE WHEN regexp_full_match(raw.\"{name}\", '-?[0-9]*([.][0-9]{{0,2}}0*)?') "
                    f'THEN TRY_CAST(raw."{name}" AS {kind}) END'
                )
            else:
                read = f'TRY_CAST(raw."{name}" AS {kind})'
            columns.append(f'{read} AS "{name}"')
        facts = [f"TRY_CAST(context.{name} AS {kind}) AS {name}" for name, kind in CONTEXT.items()]
        return (
            f"SELECT raw.row, {', '.join([*columns, *facts])} "
            "FROM raw JOIN context ON context.row = raw.row"
        )

    def _derived_sql(self, today: date) -> str:
        known = set(self._types) | set(CONTEXT)
        query = "SELECT * FROM typed"
        steps = derivations(self.collection.name, self.collection.year)
        for _, together in groupby(steps, key=lambda step: step.order):
            replaced, added = [], []
            for step in together:
                if step.variable in known and step.variable not in self._types:
                    continue
                if_so = self._translated(step.applies_if, today)
                then = self._translated(step.expression, today)
                if step.variable in known:
                    kind = self._types[step.variable]
                    replaced.append(
                        f'CASE WHEN {if_so} THEN CAST({then} AS {kind}) ELSE "{step.variable}" END'
                        f' AS "{step.variable}"'
                    )
                else:
                    added.append(f'CASE WHEN {if_so} THEN {then} END AS "{step.variable}"')
            # A helper may use another helper of the same step, so each is a step of its own.
            if replaced:
                query = f"SELECT * REPLACE ({', '.join(replaced)}) FROM ({query})"
            for helper in added:
                query = f"SELECT *, {helper} FROM ({query})"
                known.add(helper.rsplit('"', 2)[1])
        return query

    def _asked_sql(self, today: date) -> str:
        return ", ".join(
            f'COALESCE({self._condition(variable.asked_if, today)}, FALSE) AS "{name}"'
            for name, variable in self.collection.variables.items()
        )

    def _condition(self, text: str, today: date) -> str:
        if not text:
            return "FALSE"
        translated = self._translated(text, today)
        # Questions that ask to confirm a soft check come with its finding, not by routing.
        return "FALSE" if re.search(r"\b[a-z]\w*\(\)", translated) else translated

    def _translate(self, expression: str, today: date) -> str:
        text = expression
        for written, meant in _FACTS.items():
            text = text.replace(written, meant)
        text = text.replace("today()", f"DATE '{today.isoformat()}'")
        for name, day in _window(self.collection.name, today).items():
            text = re.sub(
                rf"\w+_window\(DATE '{today.isoformat()}'\)\.{name}", f"DATE '{day}'", text
            )
        text = re.sub(r"\bsaved\.\w+", "NULL", text)
        # A question that is not on the form of the year is NULL in that year.
        for name in names_in(text) - self._names:
            text = re.sub(rf"\b{name}\b", "NULL", text)
        return text

    def _unreadable_sql(self) -> str:
        parts = []
        for name, variable in self.collection.variables.items():
            if self._types[name] == "VARCHAR" and not self.collection.codes(name):
                continue
            codes = [code.code for code in self.collection.codes(name)]
            wrong = f'raw."{name}" IS NOT NULL AND typed."{name}" IS NULL'
            if codes and variable.kind in ("choice", "checkbox"):
                listed = ", ".join(f"'{code}'" for code in codes)
                offered = f'typed."{name}"::VARCHAR IN ({listed})'
                wrong = f'raw."{name}" IS NOT NULL AND NOT COALESCE({offered}, FALSE)'
            parts.append(f"CASE WHEN {wrong} THEN '{name}' END")
        return (
            f"SELECT row, unnest(list_filter([{', '.join(parts)}], lambda x: x IS NOT NULL)) "
            "FROM raw JOIN typed USING (row)"
        )

    def _unreadable(self, bench: "_Bench") -> list[tuple[Any, ...]]:
        return [
            (
                row,
                "unreadable",
                "hard",
                (name,),
                f"{self.collection.variables[name].label}: {self._wanted(name)}",
            )
            for row, name in bench.run("unreadable").fetchall()
        ]

    def _wanted(self, name: str) -> str:
        kind = self._types[name]
        if self.collection.codes(name):
            return "choose one of the answers offered."
        if kind == "DATE":
            return "enter a real date, with day, month and year."
        if kind == "INTEGER":
            return "enter a whole number, such as 3."
        return "enter an amount in pounds and pence, such as 101.50."

    def _rule_tests(self, today: date) -> list[tuple[int, str]]:
        listed = rules(self.collection.name, self.collection.year)
        made = []
        for start in range(0, len(listed), RULES_IN_A_QUERY):
            tests = []
            for number, rule in enumerate(listed[start : start + RULES_IN_A_QUERY], start):
                test = (
                    f"({self._translated(rule.applies_if, today)}) "
                    f"AND ({self._translated(rule.fails_if, today)})"
                )
                if rule.confirm_field in self._types:
                    test += f' AND "{rule.confirm_field}" IS DISTINCT FROM 0'
                tests.append(f"CASE WHEN {test} THEN {number} END")
            made.append((start, ", ".join(tests)))
        return made

    def _broken(self, bench: "_Bench", today: date) -> list[tuple[Any, ...]]:
        listed = rules(self.collection.name, self.collection.year)
        found = []
        for start in range(0, len(listed), RULES_IN_A_QUERY):
            for row, number in bench.run(f"rules_{start}").fetchall():
                rule = listed[number]
                found.append((row, rule.id, rule.severity, rule.fields, rule.message))
        return found

    def _missing(
        self, answers: pd.DataFrame, asked: pd.DataFrame, given: Mapping[str, list[str | None]]
    ) -> pd.DataFrame:
        is_asked = asked.to_numpy(dtype=bool)
        lacking = np.column_stack([answers[name].isna().to_numpy() for name in answers.columns])
        for number, name in enumerate(answers.columns):
            if name in given and lacking[:, number].any():
                lacking[:, number] &= np.array([text is None for text in given[name]])
        found: list[tuple[int, str]] = []
        boxes: dict[str, list[int]] = {}
        for number, (name, variable) in enumerate(self.collection.variables.items()):
            if variable.optional or variable.kind == "derived" or name.endswith("_check"):
                continue
            if variable.kind == "checkbox":
                boxes.setdefault(self._page_of(name), []).append(number)
                continue
            rows = np.flatnonzero(is_asked[:, number] & lacking[:, number])
            found += [(int(row), name) for row in rows]
        for numbers in boxes.values():
            none = lacking[:, numbers].all(axis=1) & is_asked[:, numbers].any(axis=1)
            found += [(int(row), answers.columns[numbers[0]]) for row in np.flatnonzero(none)]
        order = {name: variable.order for name, variable in self.collection.variables.items()}
        found.sort(key=lambda missing: (missing[0], order[missing[1]], missing[1]))
        return pd.DataFrame(found, columns=["row", "variable"])

    def _page_of(self, name: str) -> str:
        for page in self.collection.pages:
            if any(placement.variable == name for placement in page.placements):
                return page.slug
        return name


class _Bench:
    """A database in memory with a day's checks planned once, for one check at a time.

    Planning the wide queries costs some hundred times what one log costs, so that tables stay and
    statements are prepared; a change of the catalogue would have them planned again.
    """

    def __init__(
        self,
        day: date,
        types: Mapping[str, str],
        typed: str,
        derived: str,
        queries: Mapping[str, str],
    ) -> None:
        self.day = day
        self._names = list(types)
        self._duck = duckdb.connect(config={"threads": THREADS})
        self._duck.execute((DEFINITIONS / "functions.sql").read_text(encoding="utf-8"))
        columns = ", ".join(f'"{name}" VARCHAR' for name in self._names)
        facts = ", ".join(f"{name} {kind}" for name, kind in CONTEXT.items())
        self._duck.execute(f"CREATE TEMP TABLE raw (row BIGINT, {columns})")
        self._duck.execute(f"CREATE TEMP TABLE context (row BIGINT, {facts})")
        self._duck.execute(f"CREATE TEMP TABLE typed AS {typed} LIMIT 0")
        self._duck.execute(f"CREATE TEMP TABLE logs AS {derived} LIMIT 0")
        self._duck.execute(f"PREPARE read_all AS INSERT INTO typed {typed}")
        self._duck.execute(f"PREPARE derive_all AS INSERT INTO logs {derived}")
        for name, query in queries.items():
            self._duck.execute(f"PREPARE {name} AS {query}")

    def load(self, given: Mapping[str, list[str | None]], context: pd.DataFrame, rows: int) -> None:
        """Takes in the texts by variable, and reads and derives."""
        for table in ("raw", "context", "typed", "logs"):
            self._duck.execute(f"DELETE FROM {table}")
        nothing = pa.nulls(rows, pa.string())
        raw = pa.table(
            {
                "row": pa.array(range(rows), pa.int64()),
                **{
                    name: pa.array(given[name], pa.string()) if name in given else nothing
                    for name in self._names
                },
            }
        )
        facts = ", ".join(f"TRY_CAST({name} AS {kind})" for name, kind in CONTEXT.items())
        # DuckDB reads these two local names: registering them would change the catalogue.
        raw_given, context_given = raw, context  # noqa: F841
        self._duck.execute("INSERT INTO raw SELECT * FROM raw_given")
        self._duck.execute(f"INSERT INTO context SELECT row, {facts} FROM context_given")
        self._duck.execute("EXECUTE read_all")
        self._duck.execute("EXECUTE derive_all")

    def run(self, name: str) -> duckdb.DuckDBPyConnection:
        """The result of one of the prepared queries."""
        return self._duck.execute(f"EXECUTE {name}")


def _text(value: Any) -> str | None:
    if value is None or pd.isna(value):
        return None
    text = str(value).strip()
    return text or None


def _window(collection: str, today: date) -> dict[str, date]:
    year = collection_year_of(today)
    before = next((found for found in windows(collection) if found.year == year - 1), None)
    new_until = before.new_until if before else date(year, 12, 31)
    edit_until = before.edit_until if before else date(year, 12, 31)
    day = "startdate" if collection == "lettings" else "saledate"
    return {
        f"first_new_{day}": date(year - 1 if today < new_until else year, 4, 1),
        f"first_edit_{day}": date(year - 1 if today < edit_until else year, 4, 1),
        f"last_{day}": date(year + 1, 3, 31),
    }
