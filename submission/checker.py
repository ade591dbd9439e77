"""The checker: reads, empties, derives, routes and judges a frame of logs in DuckDB.

One log of a form and a hundred thousand of a file go through the same SQL, made from the
definition tables. See `submission.statements` for the SQL and the tables it fills.
"""

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, partial
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from submission.answer_types import kept, kept_column
from submission.authorities import authorities, codes_at_any_time, in_force_macro
from submission.facts import FACTS, window_facts
from submission.findings import Finding, Teller
from submission.program import quoted
from submission.rules import HARD, SOFT
from submission.statements import Mode, Statements, statements
from submission.tables import DEFINITIONS

# Up to so many logs come out of the database row by row, more by column.
FEW = 200
# A query costs about a millisecond beside its work; one with every rule plans slowly.
RULES_IN_A_QUERY = 60
# Emptying and deriving settle within three rounds; a log that does not would be a loop in the
# tables.
MOST_ROUNDS = 12
RANGE_COLUMNS = {
    "rent_ranges": {
        "list": "INTEGER", "year": "INTEGER", "lettype": "INTEGER", "la": "VARCHAR",
        "beds": "INTEGER", "soft_min": "DECIMAL(10, 2)", "soft_max": "DECIMAL(10, 2)",
        "hard_min": "DECIMAL(10, 2)", "hard_max": "DECIMAL(10, 2)",
    },
    "sale_ranges": {
        "list": "INTEGER", "year": "INTEGER", "la": "VARCHAR", "beds": "INTEGER",
        "soft_min": "DECIMAL(12, 2)", "soft_max": "DECIMAL(12, 2)",
    },
}  # fmt: skip


class NotSettled(Exception):
    """Answers went on changing: the derivations of the tables contradict each other."""


@dataclass(frozen=True)
class Ranges:
    """Usual rents or prices to hold logs against. `version` names what the frame holds.

    Columns: list, year, lettype (rents only), la, beds, soft_min, soft_max and, for rents, hard_min
    and hard_max; pounds. `list` is the number that a row of facts names under `ranges`.
    """

    version: str = ""
    frame: pd.DataFrame = field(default_factory=pd.DataFrame)


NO_RANGES = Ranges()


@dataclass(frozen=True)
class Wanted:
    """What a caller needs beside answers and findings."""

    asked: bool = False
    pages: bool = False
    lost: bool = True


@dataclass
class CheckResult:
    """What the checker says of a frame of logs; `row` is the position in the frame given.

    `answers`: by variable the values as they are kept in a log, by row. `findings`: by row, in
    the order of the questionnaire. `asked` and `pages`: by row, when wanted. `lost`: by row, the
    variables that were given and are not kept though their question is asked.
    """

    answers: dict[str, list[Any]]
    findings: list[list[Finding]]
    asked: list[frozenset[str]]
    pages: list[frozenset[str]]
    lost: list[frozenset[str]]

    def only(self, row: int) -> "CheckResult":
        """The result of one row alone."""
        return CheckResult(
            {name: values[row : row + 1] for name, values in self.answers.items()},
            [self.findings[row]],
            self.asked[row : row + 1],
            self.pages[row : row + 1],
            self.lost[row : row + 1],
        )


class Checker:
    """Checks logs of one collection and year. Safe to share between threads."""

    def __init__(self, sql: Statements) -> None:
        """Makes the checker; SQL is made when it is first used."""
        self.collection = sql.collection
        self.sql = sql
        self._idle: list[_Bench] = []
        self._taking = threading.Lock()

    def check(
        self,
        given: pd.DataFrame | pa.Table,
        facts: Mapping[str, Sequence[Any]],
        mode: Mode = Mode.SAVE,
        ranges: Ranges = NO_RANGES,
        wanted: Wanted = Wanted(),
        saved: Mapping[str, Sequence[Any]] | None = None,
        uploaded: bool = False,
    ) -> CheckResult:
        """Checks every row.

        `given`: text (or typed values) by variable; columns that are no variable are left alone.
        `facts`: values by name (see `submission.facts`), as long as the frame; "today" is needed.
        `saved`: values as last stored, by variable; "id" for a log that is stored.
        `uploaded`: findings then leave out the fields that a file's report leaves out.
        """
        table = self._table(given, facts, saved or {})
        return self._checked(table, mode, ranges, wanted, uploaded)

    def _checked(
        self, table: pa.Table, mode: Mode, ranges: Ranges, wanted: Wanted, uploaded: bool
    ) -> "CheckResult":
        bench = self._take(ranges)
        try:
            found = self._run(bench, table, mode, wanted, uploaded)
        except (
            duckdb.ConversionException,
            duckdb.InvalidInputException,
            duckdb.OutOfRangeException,
        ):
            # Some value is too much for the arithmetic: one row must not stop all others.
            bench.close()
            if table.num_rows == 1:
                return self._given_up(wanted)
            half = table.num_rows // 2
            parts = (_renumbered(table.slice(0, half)), _renumbered(table.slice(half)))
            return _joined([self._checked(p, mode, ranges, wanted, uploaded) for p in parts])
        with self._taking:
            self._idle.append(bench)
        return found

    def _given_up(self, wanted: Wanted) -> "CheckResult":
        names = [*self.sql.types, *(n for n in self.sql.checked_helpers if n not in self.sql.types)]
        words = (
            "A value in this log is too large to work with, so that it could not be checked. "
            "Correct numbers that are far too long."
        )
        finding = Finding("cannot_be_checked", HARD, (), words)
        nothing: list[frozenset[str]] = [frozenset()]
        answers: dict[str, list[Any]] = {name: [None] for name in names}
        asked, pages = nothing if wanted.asked else [], nothing if wanted.pages else []
        return CheckResult(answers, [[finding]], asked, pages, nothing)

    def rest(self) -> None:
        """Gives back the memory that large frames took, but for one place to work at."""
        with self._taking:
            while len(self._idle) > 1:
                self._idle.pop().close()
            for bench in self._idle:
                bench.empty()

    def _take(self, ranges: Ranges) -> "_Bench":
        with self._taking:
            for bench in [b for b in self._idle if b.version != ranges.version]:
                self._idle.remove(bench)
                bench.close()
            if self._idle:
                return self._idle.pop()
        return _Bench(self.sql, ranges)

    def _table(
        self,
        given: pd.DataFrame | pa.Table,
        facts: Mapping[str, Sequence[Any]],
        saved: Mapping[str, Sequence[Any]],
    ) -> pa.Table:
        is_arrow = isinstance(given, pa.Table)
        rows = given.num_rows if isinstance(given, pa.Table) else len(given)
        names = set(given.column_names if is_arrow else map(str, given.columns))
        nothing: dict[str, pa.Array] = {}
        columns: list[pa.Array | pa.ChunkedArray] = [pa.array(range(rows), pa.int64())]
        days = list(facts["today"])
        windows = {day: window_facts(self.collection.name, day) for day in set(days)}
        for name, kind in self.sql.given_columns.items():
            if name.startswith("saved.") and name.removeprefix("saved.") in saved:
                values: Any = _texts(saved[name.removeprefix("saved.")])
            elif name in names and name not in FACTS:
                values = given[name] if is_arrow else _texts(given[name].tolist())
            elif name.startswith("open_dates."):
                values = _typed([windows[day][name] for day in days], kind)
            elif name in facts and name not in self.sql.types:
                is_list = kind == "VARCHAR[]"
                values = _lists(name, facts[name]) if is_list else _typed(facts[name], kind)
            else:
                if kind not in nothing:
                    nothing[kind] = pa.nulls(rows, _arrow(kind))
                values = nothing[kind]
            columns.append(values)
        return pa.table(columns, names=["row", *self.sql.given_columns])

    def _run(
        self, bench: "_Bench", table: pa.Table, mode: Mode, wanted: Wanted, uploaded: bool
    ) -> CheckResult:
        rows = table.num_rows
        bench.derive(table, mode)
        sql = self.sql
        gated = mode is Mode.SAVE
        helpers = [name for name in sql.checked_helpers if name not in sql.types]
        names = [*sql.types, *helpers]
        answers = bench.fetch(names, rows)
        broken = bench.broken()
        self._withdraw_confirmations(answers, broken, mode)
        teller = Teller(self.collection, answers, table, uploaded)
        findings: list[list[Finding]] = [[] for _ in range(rows)]
        for row, name, kind in bench.unreadable(mode):
            findings[row].append(teller.unreadable(row, name, kind))
        for number, found_rows in broken.items():
            rule = sql.rules[number]
            confirmed: list[Any] | None = None
            if rule.severity == SOFT and rule.confirm_field in answers:
                confirmed = answers[rule.confirm_field]
            for row in found_rows:
                is_confirmed = confirmed is not None and confirmed[row] == 0
                findings[row].append(teller.broken(row, rule, is_confirmed))
        if mode.clears:
            for row, name in bench.listed("missing", gated):
                # What was given and could not be read has been said to be wrong already.
                if not (teller.was_given(row, name) and _is_told(findings[row], name)):
                    findings[row].append(teller.missing(row, name))
        for found in findings:
            found.sort(key=teller.place)
        asked: list[frozenset[str]] = []
        if wanted.asked:
            by_row: list[set[str]] = [set() for _ in range(rows)]
            for row, name in bench.listed("asked", gated):
                by_row[row].add(name)
            for number, found_rows in broken.items():
                if sql.rules[number].confirm_field:
                    for row in found_rows:
                        by_row[row].add(sql.rules[number].confirm_field)
            asked = [frozenset(names) for names in by_row]
        pages: list[frozenset[str]] = []
        if wanted.pages:
            shown: list[set[str]] = [set() for _ in range(rows)]
            for row, slug in bench.listed("placed", gated):
                shown[row].add(slug)
            pages = [frozenset(slugs) for slugs in shown]
        lost: list[set[str]] = [set() for _ in range(rows)]
        if mode.clears and wanted.lost:
            for row, name in bench.lost():
                lost[row].add(name)
        return CheckResult(answers, findings, asked, pages, [frozenset(names) for names in lost])

    def _withdraw_confirmations(
        self, answers: dict[str, list[Any]], broken: Mapping[int, list[int]], mode: Mode
    ) -> None:
        """A confirmation is emptied when none of the rules that share it is broken any more."""
        if not mode.clears:
            return
        for variable, numbers in self.sql.confirmations.items():
            if all(value is None for value in answers.get(variable, ())):
                continue
            still = {row for number in numbers for row in broken.get(number, ())}
            answers[variable] = [
                value if row in still else None for row, value in enumerate(answers[variable])
            ]


class _Bench:
    """A database in memory, for one check at a time.

    Planning the wide queries costs some hundred times what one log costs, so that tables stay and
    statements are prepared; a change of the catalogue would have them planned again. The optimizer
    is off: it works on a prepared statement anew each time it runs, which costs more than it saves
    for a log and for ten thousand (docs/performance.md).
    """

    def __init__(self, sql: Statements, ranges: Ranges) -> None:
        self.version = ranges.version
        self._sql = sql
        self._prepared: set[str] = set()
        self._duck = duckdb.connect(config={"threads": 1})
        self._duck.execute("PRAGMA disable_optimizer")
        self._duck.execute((DEFINITIONS / "functions.sql").read_text(encoding="utf-8"))
        self._duck.execute(in_force_macro())
        for table, kinds in RANGE_COLUMNS.items():
            columns = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
            self._duck.execute(f"CREATE TABLE {table} ({columns})")
        wanted = "rent_ranges" if sql.collection.name == "lettings" else "sale_ranges"
        if len(ranges.frame):
            # As text: DuckDB guesses the width of decimals from the first of them.
            usual = pa.table(  # noqa: F841
                {name: _texts(ranges.frame[name].tolist()) for name in RANGE_COLUMNS[wanted]}
            )
            casts = ", ".join(f"CAST({n} AS {k})" for n, k in RANGE_COLUMNS[wanted].items())
            self._duck.execute(f"INSERT INTO {wanted} SELECT {casts} FROM usual")
        places = authorities()  # noqa: F841
        self._duck.execute(
            "CREATE TABLE local_authorities AS SELECT code, CAST(start_date AS DATE) AS start_date,"
            " CAST(end_date AS DATE) AS end_date, in_england FROM places"
        )
        given = ", ".join(f"{quoted(n)} {k}" for n, k in sql.given_columns.items())
        state = ", ".join(f"{quoted(n)} {k}" for n, k in sql.state_columns.items())
        self._duck.execute(f"CREATE TABLE given (row BIGINT, {given})")
        for table in ("state", "next"):
            self._duck.execute(f"CREATE TABLE {table} (row BIGINT, {state})")
        judging = sql.judging("state")
        self._duck.execute(f"CREATE TABLE checked AS {judging} LIMIT 0")

    def close(self) -> None:
        """Gives its memory back."""
        self._duck.close()

    def _run(self, name: str, query: str | Callable[[], str]) -> duckdb.DuckDBPyConnection:
        """Runs a statement, planned the first time; a callable makes its text only then."""
        if name not in self._prepared:
            text = query if isinstance(query, str) else query()
            self._duck.execute(f"PREPARE {name} AS {text}")
            self._prepared.add(name)
        return self._duck.execute(f"EXECUTE {name}")

    def _count(self, name: str, query: str) -> int:
        found = self._run(name, query).fetchone()
        return int(found[0]) if found else 0

    def fetch(self, columns: Sequence[str], rows: int) -> dict[str, list[Any]]:
        """Columns of `checked` as lists of the values that a log keeps, in the order of rows."""
        variables = self._sql.collection.variables
        query = f"SELECT {', '.join(map(quoted, columns))} FROM checked ORDER BY row"
        if rows > FEW:
            table = self._duck.sql(query).to_arrow_table()
            return {name: kept_column(table[name], variables.get(name)) for name in columns}
        found = self._run("answers", query).fetchall()
        return {
            name: [kept(line[at], variables.get(name)) for line in found]
            for at, name in enumerate(columns)
        }

    def empty(self) -> None:
        """Empties every table of the frame."""
        for name in ("given", "state", "next", "checked"):
            self._run(f"empty_{name}", f"DELETE FROM {name}")

    def derive(self, table: pa.Table, mode: Mode) -> None:
        """Takes in the frame and fills `checked`."""
        self.empty()
        # DuckDB reads this local name: registering it would change the catalogue.
        frame = table  # noqa: F841
        self._duck.execute("INSERT INTO given SELECT * FROM frame")
        self._run(f"read_{mode.value}", lambda: f"INSERT INTO state {self._sql.reading(mode)}")
        there = "state"
        if mode.clears:
            there = self._settle(mode, there)
            if self._any(there, "address_service"):
                there = self._step("look_up", mode, there, self._sql.looking_up)
                there = self._settle(mode, there)
            if self._any(there, "unresolved"):
                there = self._step("drop", mode, there, self._sql.dropping)
                there = self._settle(mode, there)
        self._run(f"judge_{there}", lambda: f"INSERT INTO checked {self._sql.judging(there)}")

    def _settle(self, mode: Mode, there: str) -> str:
        """Empties and derives until nothing changes; returns the table that then holds all."""
        for _ in range(MOST_ROUNDS):
            there = self._step("repeat", mode, there, self._sql.repeating)
            query = f"SELECT count(*) FROM {there} WHERE changed"
            if not self._count(f"changed_{there}", query):
                return there
        raise NotSettled("Answers went on changing while they were derived.")

    def _step(self, name: str, mode: Mode, source: str, query: Callable[[Mode, str], str]) -> str:
        """Takes all rows from one table of states to the other, whose name it returns."""
        target = "next" if source == "state" else "state"
        self._run(f"empty_{target}", f"DELETE FROM {target}")
        self._run(
            f"{name}_{mode.value}_{source}",
            lambda: f"INSERT INTO {target} {query(mode, source)}",
        )
        return target

    def _any(self, there: str, fact: str) -> bool:
        if fact not in self._sql.state_columns:
            return False
        query = f"SELECT count(*) FROM {there} WHERE {quoted(fact)}"
        return self._count(f"{fact}_{there}", query) > 0

    def broken(self) -> dict[int, list[int]]:
        """For each broken rule by number the rows that break it, in order."""
        found: dict[int, list[int]] = {}
        for start in range(0, len(self._sql.tests), RULES_IN_A_QUERY):
            both = self._run(f"rules_{start}", partial(self._rules_from, start)).fetchall()
            for row, number in both:
                found.setdefault(int(number), []).append(int(row))
        for listed in found.values():
            listed.sort()
        return found

    def _rules_from(self, start: int) -> str:
        part = enumerate(self._sql.tests[start : start + RULES_IN_A_QUERY], start)
        return f"{_listing([(str(number), test) for number, test in part])} FROM checked"

    def listed(self, purpose: str, gated: bool) -> list[tuple[int, str]]:
        """Pairs of row and name that are missing, asked or placed, for which it holds."""

        def query() -> str:
            tests: Sequence[tuple[str, str]] = {
                "missing": lambda: self._sql.missing(gated),
                "asked": lambda: list(self._sql.asked(gated).items()),
                "placed": self._sql.placed,
            }[purpose]()
            return f"{_listing(tests)} FROM checked ORDER BY row"

        found = self._run(f"{purpose}_{gated}", query).fetchall()
        return [(int(row), str(name)) for row, name in found]

    def unreadable(self, mode: Mode) -> list[tuple[int, str, str]]:
        """Row, variable and kind of each text that is no answer, where its question is asked."""

        def query() -> str:
            asked = self._sql.asked_by_set_up() if mode.clears else {}
            found = self._sql.unreadable()
            given = ", ".join(f"{test} AS u{at}" for at, (_, _, test) in enumerate(found))
            tests = [
                (f"{name}|{kind}", f"u{at} AND {asked.get(name, 'TRUE')}")
                for at, (name, kind, _) in enumerate(found)
            ]
            both = f"(SELECT row, {given or 'TRUE'} FROM given) JOIN checked USING (row)"
            return f"{_listing(tests)} FROM {both} ORDER BY row"

        found = []
        for row, text in self._run(f"unreadable_{mode.clears}", query).fetchall():
            name, kind = str(text).split("|")
            found.append((int(row), name, kind))
        return found

    def lost(self) -> list[tuple[int, str]]:
        """Row and variable of each answer that was given and is not kept."""

        def query() -> str:
            tests = [
                (name, f"{quoted(f'given.{name}')} AND {quoted(name)} IS NULL AND {asked}")
                for name, asked in self._sql.asked(False).items()
            ]
            given = ", ".join(
                f"{quoted(name)} IS NOT NULL AS {quoted(f'given.{name}')}" for name, _ in tests
            )
            both = f"(SELECT row, {given} FROM given) JOIN checked USING (row)"
            return f"{_listing(tests)} FROM {both} ORDER BY row"

        return [(int(row), str(name)) for row, name in self._run("lost", query).fetchall()]


def _renumbered(table: pa.Table) -> pa.Table:
    return table.set_column(0, "row", pa.array(range(table.num_rows), pa.int64()))


def _joined(parts: Sequence[CheckResult]) -> CheckResult:
    return CheckResult(
        {
            name: [value for part in parts for value in part.answers[name]]
            for name in parts[0].answers
        },
        [found for part in parts for found in part.findings],
        [names for part in parts for names in part.asked],
        [slugs for part in parts for slugs in part.pages],
        [names for part in parts for names in part.lost],
    )


def _is_told(findings: Sequence[Finding], name: str) -> bool:
    return any(finding.severity == HARD and name in finding.fields for finding in findings)


def _listing(tests: Sequence[tuple[str, str]]) -> str:
    listed = ", ".join(f"CASE WHEN {test} THEN '{name}' END" for name, test in tests)
    return f"SELECT row, unnest(list_filter([{listed}], lambda x: x IS NOT NULL))"


_ARROW = {
    "VARCHAR": pa.string(),
    "INTEGER": pa.int32(),
    "DATE": pa.date32(),
    "BOOLEAN": pa.bool_(),
    "VARCHAR[]": pa.list_(pa.string()),
    "INTEGER[]": pa.list_(pa.int32()),
}


def _arrow(kind: str) -> pa.DataType:
    if kind.startswith("DECIMAL"):
        width, scale = kind.removeprefix("DECIMAL(").removesuffix(")").split(",")
        return pa.decimal128(int(width), int(scale))
    return _ARROW[kind]


def _typed(values: Sequence[Any], kind: str) -> pa.Array:
    plain = [None if value is None or value is pd.NaT else value for value in values]
    if kind == "VARCHAR":
        plain = [None if value is None else str(value) for value in plain]
    return pa.array(plain, _arrow(kind))


def _lists(name: str, values: Sequence[Any]) -> pa.Array:
    """Lists of texts; rows of one institution share theirs, so each is made once.

    Areas are listed in the codes of any time, as a log has the code of its own date.
    """
    places: dict[tuple[str, ...] | None, int] = {}
    at = [
        places.setdefault(None if value is None else tuple(map(str, value)), len(places))
        for value in values
    ]
    is_areas = name.endswith(".local_authorities")
    made = [
        key if key is None else codes_at_any_time(key) if is_areas else list(key) for key in places
    ]
    return pa.array(made, pa.list_(pa.string())).take(pa.array(at, pa.int64()))


def _texts(values: Sequence[Any]) -> pa.Array:
    return pa.array([text_of(value) for value in values], pa.string())


def text_of(value: Any) -> str | None:
    """A value as the text that would be typed for it; None for nothing."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, date):
        return value.isoformat()[:10]
    text = str(value).strip()
    return text or None


@cache
def checker(collection: str, year: int) -> Checker:
    """The checker of a collection and year, shared by all of a process."""
    return Checker(statements(collection, year))


def warm_up(collection: str, year: int) -> None:
    """Plans the queries of a collection and year, so that the first person need not wait."""
    nothing = pd.DataFrame([{}], dtype=object)
    wanted = Wanted(asked=True, pages=True)
    checker(collection, year).check(
        nothing, {"today": [date(year, 9, 1)]}, Mode.SUBMIT, NO_RANGES, wanted
    )
