"""What changed from one release to the next, worked out from their public files alone."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from data_access.questions import TabulatedQuestion
from data_access.releases.versions import Step

CHANGES = "changes.csv"
_KEYS = {
    "cells": ("period", "log_type", "level", "area", "question", "code"),
    "crosses": ("period", "log_type", "question", "code", "question2", "code2"),
}
_COLUMNS = (
    "file VARCHAR, change VARCHAR, period VARCHAR, log_type VARCHAR, level VARCHAR, area VARCHAR, "
    "question VARCHAR, code VARCHAR, question2 VARCHAR, code2 VARCHAR, count_before BIGINT, "
    "mean_before DOUBLE, marker_before VARCHAR, count_after BIGINT, mean_after DOUBLE, "
    "marker_after VARCHAR"
)


@dataclass(frozen=True)
class Changes:
    """Counts of cells changed, added and removed, of periods and questions that both have.

    Periods, questions and answers (as question:code) that came or went are named as a whole.
    """

    changed: int
    added: int
    removed: int
    periods_added: tuple[str, ...]
    periods_removed: tuple[str, ...]
    questions_added: tuple[str, ...]
    questions_removed: tuple[str, ...]
    codes_added: tuple[str, ...]
    codes_removed: tuple[str, ...]

    @property
    def step(self) -> Step:
        """How the version goes up."""
        if (
            self.periods_added
            or self.periods_removed
            or self.questions_removed
            or self.codes_removed
        ):
            return "major"
        if self.changed or self.added or self.removed or self.questions_added or self.codes_added:
            return "minor"
        return "patch"

    def as_json(self) -> dict[str, Any]:
        """Plain values for a manifest."""
        return asdict(self)


def compare(folder: Path, previous: Path | None, listing: Path) -> Changes:
    """Compares the Parquet files and dictionaries of two releases and writes the list of changes.

    `previous` is None for a first release, all of whose periods are then added. `listing` is a CSV
    file: one row for each cell that was changed, added or removed; and one row, without figures,
    for each period, question or answer that came or went, whose cells are not listed one by one.
    What a cell was is given only where the new release shows what it is: the list must not go on
    telling what was withheld since, or withdrawn.
    """
    with duckdb.connect() as duck:
        _open(duck, "after", folder)
        if previous:
            _open(duck, "before", previous)
        before = _periods(duck, "before") if previous else set()
        periods = _came_and_went(before, _periods(duck, "after"))
        asked = _questions(folder)
        was_asked = _questions(previous) if previous else asked
        questions = _came_and_went(set(was_asked), set(asked))
        both = set(asked) & set(was_asked)
        codes = _came_and_went(
            *(
                {f"{name}:{code}" for name in both for code in side[name]}
                for side in (was_asked, asked)
            )
        )
        duck.execute(f"CREATE TABLE changes ({_COLUMNS})")
        duck.execute("CREATE TABLE whole (kind VARCHAR, name VARCHAR, change VARCHAR)")
        for kind, found in (("period", periods), ("question", questions), ("answer", codes)):
            for word, names in zip(("added", "removed"), found, strict=True):
                for name in names:
                    duck.execute("INSERT INTO whole VALUES (?, ?, ?)", [kind, name, word])
        duck.execute(
            "INSERT INTO changes BY NAME SELECT 'cells' AS file, kind || ' ' || change AS change, "
            "CASE kind WHEN 'period' THEN name END AS period, "
            "CASE kind WHEN 'question' THEN name WHEN 'answer' THEN split_part(name, ':', 1) END "
            "AS question, CASE kind WHEN 'answer' THEN split_part(name, ':', 2) END AS code "
            "FROM whole"
        )
        if previous:
            for name in _KEYS:
                duck.execute(_differing(name))
        target = str(listing).replace("'", "''")
        duck.execute(
            "COPY (SELECT * REPLACE (nullif(marker_before, '') AS marker_before, "
            "nullif(marker_after, '') AS marker_after, "
            "CASE WHEN count_after IS NOT NULL THEN count_before END AS count_before, "
            "CASE WHEN count_after IS NOT NULL THEN mean_before END AS mean_before) FROM changes "
            "ORDER BY file, period NULLS FIRST, log_type NULLS FIRST, level, area, question, "
            "code, question2, code2, change) "
            f"TO '{target}' (FORMAT csv, HEADER true)"
        )
        counts = dict(
            duck.execute("SELECT change, count(*) FROM changes GROUP BY change").fetchall()
        )
    return Changes(
        counts.get("changed", 0),
        counts.get("added", 0),
        counts.get("removed", 0),
        *map(tuple, (*periods, *questions, *codes)),
    )


def _open(duck: duckdb.DuckDBPyConnection, side: str, folder: Path) -> None:
    for name in _KEYS:
        path = str(folder / f"{name}.parquet").replace("'", "''")
        duck.execute(f"CREATE VIEW {name}_{side} AS SELECT * FROM read_parquet('{path}')")


def _periods(duck: duckdb.DuckDBPyConnection, side: str) -> set[str]:
    return {row[0] for row in duck.execute(f"SELECT DISTINCT period FROM cells_{side}").fetchall()}


def _came_and_went(before: set[str], after: set[str]) -> tuple[list[str], list[str]]:
    return sorted(after - before), sorted(before - after)


def _questions(folder: Path) -> dict[str, set[str]]:
    """Codes of answers by question, groups of codes among them."""
    listed = json.loads((folder / "dictionary.json").read_text(encoding="utf-8"))
    asked = [TabulatedQuestion.from_json(values) for values in listed]
    return {
        question.name: {code for code, _ in (*question.codes, *question.group_labels)}
        for question in asked
    }


def _differing(name: str) -> str:
    """SQL that adds the cells of one file that differ between `before` and `after`."""
    keys = _KEYS[name]
    mean = "{}.mean" if name == "cells" else "NULL"
    listed = ["('period', t.period)"]
    for which in ("", "2") if name == "crosses" else ("",):
        listed.append(f"('question', t.question{which})")
        listed.append(f"('answer', t.question{which} || ':' || t.code{which})")
    kept = " AND ".join(f"{pair} NOT IN (SELECT (kind, name) FROM whole)" for pair in listed)
    shared = ", ".join(f"coalesce(a.{key}, b.{key}) AS {key}" for key in keys)
    figures = ", ".join(
        f"{side}.count AS count_{when}, {mean.format(side)} AS mean_{when}, "
        f"{side}.marker AS marker_{when}"
        for side, when in (("b", "before"), ("a", "after"))
    )
    differ = "b.count IS DISTINCT FROM a.count OR b.marker IS DISTINCT FROM a.marker"
    if name == "cells":
        differ += " OR b.mean IS DISTINCT FROM a.mean"
    return (
        f"INSERT INTO changes BY NAME SELECT '{name}' AS file, "
        "CASE WHEN b.period IS NULL THEN 'added' WHEN a.period IS NULL THEN 'removed' "
        f"ELSE 'changed' END AS change, {shared}, {figures} "
        f"FROM (FROM {name}_before AS t WHERE {kept}) b "
        f"FULL JOIN (FROM {name}_after AS t WHERE {kept}) a USING ({', '.join(keys)}) "
        f"WHERE {differ}"
    )
