"""Verifying a release: its seal, form, markers, totals and code lists, from its files alone.

Everybody who holds a copy can do this. Whether what is withheld can be worked out is the question
of the audit, which is a module of its own.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from data_access.questions import ANSWERED, NOT_ANSWERED, RECORDS, TOTAL, TabulatedQuestion
from data_access.reference.local_authorities import ENGLAND
from data_access.releases.parquet import FILES
from data_access.releases.sealing import (
    MANIFEST,
    BrokenRelease,
    files_of,
    read_manifest,
    sha256_of,
)
from data_access.releases.versions import is_version

# More of one kind would only hide what else is wrong.
_MOST = 5
_NEEDED = ("dictionary.json", *FILES)
_LISTS = ("questions", "codes", "areas", "periods", "log_types")
_FOLDERS = ("codes", "data", "tables")


def verify(folder: Path) -> list[str]:
    """What is wrong with a release, in plain words; nothing when all is well.

    Takes any folder. Where files are missing or cannot be read, only that is told: the rest rests
    on them.
    """
    try:
        manifest = read_manifest(folder)
    except (OSError, BrokenRelease) as broken:
        return [f"{MANIFEST} is missing." if isinstance(broken, OSError) else str(broken)]
    problems = [*_seal(folder, manifest), *_form(folder)]
    if problems:
        return problems
    try:
        listed = json.loads((folder / "dictionary.json").read_text(encoding="utf-8"))
        questions = [TabulatedQuestion.from_json(values) for values in listed]
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:
        return [f"dictionary.json cannot be read: {wrong}"]
    with duckdb.connect() as duck:
        for name in FILES:
            duck.execute(
                f"CREATE VIEW {name.removesuffix('.parquet')} AS "
                f"SELECT * FROM read_parquet('{_quoted(folder / name)}')"
            )
        for name in _LISTS:
            path = _quoted(folder / "codes" / f"{name}.csv")
            duck.execute(
                f"CREATE TABLE list_{name} AS SELECT * FROM read_csv('{path}', header = true, "
                "all_varchar = true, nullstr = '\\N')"
            )
        _asked(duck, questions)
        for check in (_markers, _keys, _codes, _rows, _totals, _levels, _margins):
            problems += check(duck, manifest)
    return problems


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _seal(folder: Path, manifest: dict[str, Any]) -> Iterator[str]:
    version = str(manifest.get("id", ""))
    if not is_version(version):
        yield f"{MANIFEST} gives no version."
    there, named = set(files_of(folder)), set(manifest["files"])
    for name in sorted(there - named):
        yield f"{name} is not named in {MANIFEST}."
    for name in sorted(named - there):
        yield f"{name} is missing."
    for name in sorted(named & there):
        if sha256_of(folder / name) != manifest["files"][name]:
            yield f"{name} was changed after sealing: its checksum is another."
    for name in sorted(named):
        parts = name.split("/")
        expected = parts[0] in _FOLDERS if len(parts) == 2 else name in (*_NEEDED, "changes.csv")
        if not expected:
            yield f"{name} is no file of a release."


def _form(folder: Path) -> Iterator[str]:
    """Whether the files that the rest rests on are there and have the columns of a release."""
    lists = [f"codes/{name}.csv" for name in _LISTS]
    missing = [name for name in (*_NEEDED, *lists) if not (folder / name).is_file()]
    yield from (f"{name} is missing." for name in missing)
    for name, columns in FILES.items():
        if name in missing:
            continue
        try:
            found = duckdb.execute(
                f"DESCRIBE SELECT * FROM read_parquet('{_quoted(folder / name)}')"
            ).fetchall()
        except duckdb.Error:
            yield f"{name} cannot be read as Parquet."
            continue
        if [(row[0], row[1]) for row in found] != list(columns.items()):
            shown = ", ".join(f"{row[0]} {row[1]}" for row in found)
            yield f"{name} has other columns or types than a release has: {shown}."


def _asked(duck: duckdb.DuckDBPyConnection, questions: list[TabulatedQuestion]) -> None:
    """The tables `asked` (questions and the levels that may show them) and `answers`."""
    duck.execute("CREATE TABLE asked (question VARCHAR, kind VARCHAR, level VARCHAR)")
    duck.execute("CREATE TABLE answers (question VARCHAR, level VARCHAR, code VARCHAR)")
    asked: list[tuple[str, str, str]] = []
    answers: list[tuple[str, str, str]] = []
    for question in questions:
        for level in ("england", "region", "local_authority"):
            if question.shown_at(level):
                asked.append((question.name, question.kind, level))
                codes = [code for code, _ in question.codes_at(level)]
                extra = [ANSWERED] if question.kind == "number" else []
                answers += [
                    (question.name, level, code)
                    for code in dict.fromkeys([*codes, *extra, NOT_ANSWERED])
                ]
    for level in ("england", "region", "local_authority"):
        asked.append((RECORDS, "category", level))
        answers.append((RECORDS, level, TOTAL))
    duck.executemany("INSERT INTO asked VALUES (?, ?, ?)", asked)
    duck.executemany("INSERT INTO answers VALUES (?, ?, ?)", answers)


def _found(duck: duckdb.DuckDBPyConnection, query: str, say: Callable[..., str]) -> Iterator[str]:
    """A sentence for each row of a query, the first few, and how many more there are."""
    rows = duck.execute(query).fetchall()
    yield from (say(*row) for row in rows[:_MOST])
    if len(rows) > _MOST:
        yield f"{len(rows) - _MOST:,} more of the kind above."


def _markers(duck: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> Iterator[str]:
    for name, columns in FILES.items():
        view = name.removesuffix(".parquet")
        figures = [column for column in ("count", "mean") if column in columns]
        beside = " OR ".join(f"{column} IS NOT NULL" for column in figures)
        mean = (
            f" OR (marker = '' AND (mean IS NOT NULL) <> (code = '{ANSWERED}'))"
            if "mean" in figures
            else ""
        )
        yield from _found(
            duck,
            f"SELECT coalesce(marker, 'none'), question, code, count(*) FROM {view} "
            f"WHERE marker IS NULL OR marker NOT IN ('', 'c') OR (marker = 'c' AND ({beside})) "
            f"OR (marker = '' AND (count IS NULL OR count <= 0)){mean} GROUP BY ALL ORDER BY ALL",
            lambda marker, question, code, rows, name=name: (
                f"{name}: {rows:,} rows of {question}, answer {code}, with marker '{marker}' have "
                "a figure that this marker does not go with."
            ),
        )


def _keys(duck: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> Iterator[str]:
    for name, columns in FILES.items():
        keys = ", ".join(key for key in columns if key not in ("count", "mean", "marker"))
        yield from _found(
            duck,
            f"SELECT {keys} FROM {name.removesuffix('.parquet')} GROUP BY ALL "
            f"HAVING count(*) > 1 ORDER BY ALL LIMIT {_MOST}",
            lambda *key, name=name: f"{name} has more than one row for {', '.join(key)}.",
        )
    yield from _found(
        duck,
        "SELECT count(*) FROM (SELECT * FROM cells EXCEPT SELECT * FROM cells_by_question) "
        "HAVING count(*) > 0",
        lambda rows: f"cells_by_question.parquet lacks {rows:,} rows of cells.parquet.",
    )


def _codes(duck: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> Iterator[str]:
    """Whether the code lists cover the cells, and every answer may stand where it stands."""
    for view in ("cells", "crosses"):
        for column, code in (("period", "periods"), ("log_type", "log_types")):
            yield from _found(
                duck,
                f"SELECT DISTINCT {column} FROM {view} "
                f"ANTI JOIN list_{code} l ON l.code = {column} ORDER BY 1",
                lambda value, code=code: f"codes/{code}.csv lacks {value}.",
            )
    yield from _found(
        duck,
        "SELECT DISTINCT c.level, c.area FROM cells c "
        "ANTI JOIN list_areas l ON l.code = c.area AND l.level = c.level ORDER BY ALL",
        lambda level, area: f"codes/areas.csv lacks {area} as {level}.",
    )
    yield from _found(
        duck,
        "SELECT DISTINCT c.question, c.code FROM cells c "
        "ANTI JOIN list_codes l ON l.question = c.question AND l.code = c.code ORDER BY ALL",
        lambda question, code: f"codes/codes.csv lacks answer {code} of {question}.",
    )
    yield from _found(
        duck,
        "SELECT DISTINCT c.question, c.level FROM cells c "
        "ANTI JOIN asked a ON a.question = c.question AND a.level = c.level ORDER BY ALL",
        lambda question, level: f"{question} has rows at the level {level}, where it has none.",
    )
    yield from _found(
        duck,
        "SELECT DISTINCT c.question, c.level, c.code FROM cells c "
        "JOIN asked q ON q.question = c.question AND q.level = c.level "
        "ANTI JOIN answers a ON a.question = c.question AND a.level = c.level AND a.code = c.code "
        "ORDER BY ALL",
        lambda question, level, code: f"{question} has no answer {code} at the level {level}.",
    )
    for which in ("", "2"):
        yield from _found(
            duck,
            f"SELECT DISTINCT c.question{which}, c.code{which} FROM crosses c ANTI JOIN answers a "
            f"ON a.question = c.question{which} AND a.code = c.code{which} "
            "AND a.level = 'england' ORDER BY ALL",
            lambda question, code: f"crosses.parquet: {question} has no answer {code}.",
        )


def _rows(duck: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> Iterator[str]:
    listed = manifest.get("rows", {})
    for name in FILES:
        counted = duck.execute(f"SELECT count(*) FROM {name.removesuffix('.parquet')}").fetchall()
        if listed.get(name) != counted[0][0]:
            yield f"{name} has {counted[0][0]:,} rows; {MANIFEST} says {listed.get(name)}."
    periods = [row[0] for row in duck.execute("SELECT DISTINCT period FROM cells").fetchall()]
    if sorted(manifest.get("periods", [])) != sorted(periods):
        yield f"{MANIFEST} names other periods than cells.parquet has."


def _totals(duck: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> Iterator[str]:
    """Every total that is shown against its answers: equal where none of them is withheld."""
    keys = "period, log_type, level, area"
    yield from _found(
        duck,
        f"""
        WITH totals AS (SELECT {keys}, count AS total FROM cells WHERE question = '{RECORDS}'),
        sums AS (
            SELECT {keys}, question, sum(count) AS known, bool_or(marker = 'c') AS hidden
            FROM cells WHERE question <> '{RECORDS}' GROUP BY ALL
        )
        SELECT s.period, s.log_type, s.area, s.question, s.known, t.total FROM sums s
        LEFT JOIN totals t USING ({keys})
        WHERE t.total IS NOT NULL AND CASE WHEN s.hidden THEN coalesce(s.known, 0) > t.total
            ELSE s.known <> t.total END
        ORDER BY ALL
        """,
        lambda period, log_type, area, question, known, total: (
            f"{area}, {period}, {log_type}: the answers to {question} add up to {known:,}, "
            f"the total is {total:,}."
        ),
    )
    yield from _found(
        duck,
        f"SELECT DISTINCT {keys} FROM cells c WHERE question <> '{RECORDS}' AND NOT EXISTS ("
        f"FROM cells t WHERE t.question = '{RECORDS}' AND t.period = c.period "
        "AND t.log_type = c.log_type AND t.level = c.level AND t.area = c.area) ORDER BY ALL",
        lambda period, log_type, level, area: (
            f"{area}, {period}, {log_type} has figures but no number of records."
        ),
    )


def _levels(duck: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> Iterator[str]:
    """What is shown of parts adds up to no more than the whole: places, and quarters of a year."""
    parts = (
        ("region", "england", f"'{ENGLAND}'"),
        ("local_authority", "region", "l.parent"),
    )
    for level, whole, parent in parts:
        yield from _found(
            duck,
            f"""
            WITH added AS (
                SELECT c.period, c.log_type, {parent} AS area, c.question, c.code,
                    sum(c.count) AS known
                FROM cells c JOIN list_areas l ON l.code = c.area
                WHERE c.level = '{level}' GROUP BY ALL
            )
            SELECT w.period, w.log_type, w.area, w.question, w.code, a.known, w.count
            FROM added a JOIN cells w ON w.level = '{whole}' AND w.area = a.area
                AND w.period = a.period AND w.log_type = a.log_type
                AND w.question = a.question AND w.code = a.code
            WHERE a.known > w.count ORDER BY ALL
            """,
            _more_than_the_whole,
        )
    yield from _found(
        duck,
        """
        WITH added AS (
            SELECT p.parent AS period, c.log_type, c.level, c.area, c.question, c.code,
                sum(c.count) AS known
            FROM cells c JOIN list_periods p ON p.code = c.period
            WHERE p.parent <> '' GROUP BY ALL
        )
        SELECT w.period, w.log_type, w.area, w.question, w.code, a.known, w.count
        FROM added a JOIN cells w USING (period, log_type, level, area, question, code)
        WHERE a.known > w.count ORDER BY ALL
        """,
        _more_than_the_whole,
    )


def _more_than_the_whole(
    period: str, log_type: str, area: str, question: str, code: str, known: int, whole: int
) -> str:
    return (
        f"{area}, {period}, {log_type}, {question} {code}: the parts that are shown add up to "
        f"{known:,}, the whole is {whole:,}."
    )


def _margins(duck: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> Iterator[str]:
    """Pairs of answers that are shown add up to no more than the answer itself."""
    for which in ("", "2"):
        yield from _found(
            duck,
            f"""
            WITH added AS (
                SELECT period, log_type, question, question2, code{which} AS code,
                    question{which} AS of, sum(count) AS known
                FROM crosses GROUP BY ALL
            )
            SELECT a.period, a.log_type, a.question, a.question2, a.of, a.code, a.known, c.count
            FROM added a JOIN cells c ON c.level = 'england' AND c.period = a.period
                AND c.log_type = a.log_type AND c.question = a.of AND c.code = a.code
            WHERE a.known > c.count ORDER BY ALL
            """,
            lambda period, log_type, one, two, of, code, known, count: (
                f"crosses.parquet, {period}, {log_type}, {one} by {two}: pairs with {of} {code} "
                f"add up to {known:,}, the answer itself is {count:,}."
            ),
        )
