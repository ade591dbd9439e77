"""The checker: reads, derives, routes and checks a frame of logs in DuckDB.

One log of a form and a hundred thousand of a file go through the same SQL, made from the
definition tables once for a collection, year and day.
"""

import re
import threading
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import groupby
from typing import Any

import duckdb
import pandas as pd

from data_access.reference.periods import collection_year_of
from submission.collection import Collection, Variable
from submission.expressions import names_in
from submission.rules import derivations, rules, windows
from submission.tables import DEFINITIONS

# Rules are columns of a few wide queries: one query a rule costs 2 ms each for a single log, and
# one query for all plans slowly.
RULES_IN_A_QUERY = 60

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
    variable. `missing`: row, variable. `findings`: row, rule, severity, fields, message.
    """

    answers: pd.DataFrame
    asked: pd.DataFrame
    missing: pd.DataFrame
    findings: pd.DataFrame


@dataclass(frozen=True)
class _Broken:
    rule: str
    severity: str
    fields: tuple[str, ...]
    message: str


def sql_type(collection: Collection, variable: Variable) -> str:
    """The DuckDB type of a variable's answers."""
    codes = collection.codes(variable.id)
    if codes:
        return "INTEGER" if all(code.code.isdecimal() for code in codes) else "VARCHAR"
    if variable.kind == "date":
        return "DATE"
    if variable.kind in ("money", "decimal") or variable.unit.startswith("GBP"):
        return "DECIMAL(14, 2)"
    if variable.kind in ("integer", "checkbox") or variable.unit:
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
        self._local = threading.local()
        self._translated = cache(self._translate)

    def check(self, frame: pd.DataFrame, context: pd.DataFrame | None, today: date) -> CheckResult:
        """Checks every row. Columns that are no variable are left alone and not returned."""
        duck = self._duck()
        raw = self._raw(frame)
        duck.register("raw", raw)
        duck.register("context", self._context(context, len(frame)))
        duck.execute(f"CREATE OR REPLACE TEMP TABLE typed AS {self._typed_sql()}")
        duck.execute(f"CREATE OR REPLACE TEMP TABLE logs AS {self._derived_sql(today)}")
        names = ", ".join(f'"{name}"' for name in self._types)
        answers = duck.execute(f"SELECT {names} FROM logs ORDER BY row").df()
        asked = duck.execute(f"SELECT {self._asked_sql(today)} FROM logs ORDER BY row").df()
        findings = pd.concat(
            [self._unreadable(duck), self._broken(duck, today)], ignore_index=True
        ).sort_values("row", kind="stable", ignore_index=True)
        missing = self._missing(answers, asked, raw)
        for name in ("raw", "context"):
            duck.unregister(name)
        return CheckResult(answers, asked, missing, findings)

    def _duck(self) -> duckdb.DuckDBPyConnection:
        if not hasattr(self._local, "duck"):
            made = duckdb.connect()
            made.execute((DEFINITIONS / "functions.sql").read_text(encoding="utf-8"))
            self._local.duck = made
        connection: duckdb.DuckDBPyConnection = self._local.duck
        return connection

    def _raw(self, frame: pd.DataFrame) -> pd.DataFrame:
        columns: dict[str, Any] = {"row": range(len(frame))}
        for name in self._types:
            if name in frame.columns:
                columns[name] = pd.array(
                    [_text(value) for value in frame[name].tolist()], dtype="string[pyarrow]"
                )
            else:
                columns[name] = pd.array([None] * len(frame), dtype="string[pyarrow]")
        return pd.DataFrame(columns)

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
                        f'CAST(CASE WHEN {if_so} THEN {then} ELSE "{step.variable}" END AS {kind})'
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
        return "FALSE" if re.search(r"\b[a-z_]+\(\)", translated) else translated

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

    def _unreadable(self, duck: duckdb.DuckDBPyConnection) -> pd.DataFrame:
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
            parts.append(f"""CASE WHEN {wrong} THEN '{name}' END""")
        found = duck.execute(
            f"SELECT row, unnest(list_filter([{', '.join(parts)}], lambda x: x IS NOT NULL)) "
            "AS name FROM raw JOIN typed USING (row)"
        ).fetchall()
        rows = []
        for row, name in found:
            label = self.collection.variables[name].label
            rows.append((row, "unreadable", "hard", (name,), f"{label}: {self._wanted(name)}"))
        return pd.DataFrame(rows, columns=["row", "rule", "severity", "fields", "message"])

    def _wanted(self, name: str) -> str:
        kind = self._types[name]
        if self.collection.codes(name):
            return "choose one of the answers offered."
        if kind == "DATE":
            return "enter a real date, with day, month and year."
        if kind == "INTEGER":
            return "enter a whole number, such as 3."
        return "enter an amount in pounds and pence, such as 101.50."

    def _broken(self, duck: duckdb.DuckDBPyConnection, today: date) -> pd.DataFrame:
        rows: list[tuple[int, str, str, tuple[str, ...], str]] = []
        listed = rules(self.collection.name, self.collection.year)
        for start in range(0, len(listed), RULES_IN_A_QUERY):
            chunk = listed[start : start + RULES_IN_A_QUERY]
            tests = []
            for number, rule in enumerate(chunk):
                test = (
                    f"({self._translated(rule.applies_if, today)}) "
                    f"AND ({self._translated(rule.fails_if, today)})"
                )
                if rule.confirm_field in self._types:
                    test += f' AND "{rule.confirm_field}" IS DISTINCT FROM 0'
                tests.append(f"CASE WHEN {test} THEN {number} END")
            found = duck.execute(
                f"SELECT row, unnest(list_filter([{', '.join(tests)}], lambda x: x IS NOT NULL)) "
                "FROM logs"
            ).fetchall()
            for row, number in found:
                rule = chunk[number]
                rows.append((row, rule.id, rule.severity, rule.fields, rule.message))
        return pd.DataFrame(rows, columns=["row", "rule", "severity", "fields", "message"])

    def _missing(
        self, answers: pd.DataFrame, asked: pd.DataFrame, raw: pd.DataFrame
    ) -> pd.DataFrame:
        found: list[tuple[int, str]] = []
        boxes: dict[tuple[str, str], list[str]] = {}
        for name, variable in self.collection.variables.items():
            if variable.optional or variable.kind == "derived" or name.endswith("_check"):
                continue
            if variable.kind == "checkbox":
                boxes.setdefault((variable.subsection, self._page_of(name)), []).append(name)
                continue
            lacking = asked[name].astype(bool) & answers[name].isna() & raw[name].isna()
            found += [(int(row), name) for row in lacking[lacking].index]
        for names in boxes.values():
            wanted = asked[names].astype(bool).any(axis=1)
            lacking = wanted & answers[names].isna().all(axis=1) & raw[names].isna().all(axis=1)
            found += [(int(row), names[0]) for row in lacking[lacking].index]
        return pd.DataFrame(sorted(found), columns=["row", "variable"])

    def _page_of(self, name: str) -> str:
        for page in self.collection.pages:
            if any(placement.variable == name for placement in page.placements):
                return page.slug
        return name


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
