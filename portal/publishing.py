"""The pipeline of a release: from valid logs to a sealed draft that passed the audit.

Each stage is a function that tells how far it is. A stage that raises stops the pipeline, and so
does a verdict with breaches: what is published is not touched by any of this.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pandas as pd

from data_access.database import make_engine
from data_access.questions import RECORDS, TabulatedQuestion
from data_access.releases.versions import is_version
from data_access.releases.writing import write_contents
from data_access.settings import Settings
from data_access.tabulation import Tables, tabulate
from data_access.warehouse import build
from disclosure.floor import Protected, protect
from disclosure.policy import Policy
from submission.published import tabulated_questions

_COUNTED = ["period", "log_type", "level", "area", "question", "code", "count", "mean"]


class Progress(Protocol):
    """Is told how far a stage is: so much of so much, 0 of 0 when it is not counted; and a detail.

    The detail is a short sentence without its full stop.
    """

    def __call__(self, stage: str, done: int, total: int, detail: str = "") -> None: ...


@dataclass(frozen=True)
class Stage:
    """A step of the pipeline: what a page says of it, and of a failure while it was done."""

    name: str
    words: str
    doing: str


STAGES = (
    Stage("read", "Reading the valid logs", "the valid logs were read"),
    Stage("count", "Counting them", "the logs were counted"),
    Stage("protect", "Making the tables safe", "the tables were made safe"),
    Stage("audit", "Checking the safe tables", "the safe tables were checked"),
    Stage("write", "Writing the release", "the release was written"),
    Stage("audit_written", "Checking the written files", "the written files were checked"),
)


class PublishingStopped(Exception):
    """The pipeline ended without a release, for a reason that people can read and act on."""

    def __init__(self, message: str, verdict: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.verdict = dict(verdict or {})


@dataclass(frozen=True)
class Ordered:
    """What is to be built: slugs of its periods, and the day that it is meant to be published on.

    `note` goes to the public with it; `corrects` is the release that it corrects, or empty;
    `based_on` the newest release that was given out, or empty.
    """

    periods: tuple[str, ...]
    note: str
    corrects: str
    based_on: str
    issued: date


@dataclass(frozen=True)
class Built:
    """A draft that passed: its number and the verdict on its files."""

    version: str
    verdict: dict[str, Any]


def build_draft(settings: Settings, ordered: Ordered, folder: Path, progress: Progress) -> Built:
    """Makes `folder`/contents, sealed, and the private `folder`/report.json.

    Raises PublishingStopped when the audit finds a breach or there is nothing to publish.
    """
    folder.mkdir(parents=True, exist_ok=True)
    questions = tabulated_questions()
    files = _read_logs(settings, questions, progress)
    tables = _count(files, questions, ordered.periods, progress)
    policy = Policy(sensitive=frozenset(q.name for q in questions if q.sensitive))
    safe = _protect(tables, policy, progress)
    _audit_tables(safe, policy, progress)
    contents, version = _write(settings, ordered, safe, questions, policy, folder, progress)
    verdict = _audit_files(contents, policy, progress)
    report = withheld(tables.cells, safe.cells)
    (folder / "report.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return Built(version, verdict)


def _read_logs(
    settings: Settings, questions: Sequence[TabulatedQuestion], progress: Progress
) -> list[Path]:
    progress("read", 0, 0)
    engine = make_engine(settings.database)
    try:
        return build(
            engine, questions, settings.warehouse_dir, lambda words: progress("read", 0, 0, words)
        )
    finally:
        engine.dispose()


def _count(
    files: Sequence[Path],
    questions: Sequence[TabulatedQuestion],
    periods: Sequence[str],
    progress: Progress,
) -> Tables:
    progress("count", 0, 0)
    tables = tabulate(files, questions, lambda words: progress("count", 0, 0, words), periods)
    if tables.cells.empty:
        raise PublishingStopped("There are no valid logs of these periods any more.")
    mean = (tables.cells["sum"] / tables.cells["count"]).round(2)
    return Tables(tables.cells.assign(mean=mean), tables.crosses)


def _protect(tables: Tables, policy: Policy, progress: Progress) -> Protected:
    progress("protect", 0, 0)
    # Sums and owners stay on the private side.
    return protect(tables.cells[_COUNTED], tables.crosses, policy)


def _audit_tables(safe: Protected, policy: Policy, progress: Progress) -> None:
    progress("audit", 0, 0)
    with duckdb.connect() as duck:
        duck.register("cells", safe.cells)
        duck.register("crosses", safe.crosses)
        _stop_at_breaches(_verdict(duck, policy))


def _audit_files(contents: Path, policy: Policy, progress: Progress) -> dict[str, Any]:
    progress("audit_written", 0, 0)
    with duckdb.connect() as duck:
        for name in ("cells", "crosses"):
            path = str(contents / f"{name}.parquet").replace("'", "''")
            duck.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{path}')")
        verdict = _verdict(duck, policy)
    _stop_at_breaches(verdict)
    return verdict


def _verdict(duck: duckdb.DuckDBPyConnection, policy: Policy) -> dict[str, Any]:
    """Counts of breaches of the floor in the views `cells` and `crosses`, by what is breached."""
    sensitive = ", ".join(f"'{name}'" for name in sorted(policy.sensitive)) or "''"
    checks = {
        "small places shown": "FROM cells WHERE level = 'local_authority' "
        f"AND question = '{RECORDS}' AND count < {policy.area_minimum}",
        "sensitive questions below England": "FROM cells WHERE level <> 'england' "
        f"AND question IN ({sensitive})",
        "withheld cells with a figure": "FROM cells WHERE marker = 'c' "
        "AND (count IS NOT NULL OR mean IS NOT NULL)",
        "withheld pairs with a figure": "FROM crosses WHERE marker = 'c' AND count IS NOT NULL",
    }
    breaches = {
        words: found[0] if (found := duck.execute(f"SELECT count(*) {query}").fetchone()) else 0
        for words, query in checks.items()
    }
    return {"passed": not any(breaches.values()), "breaches": breaches}


def _stop_at_breaches(verdict: dict[str, Any]) -> None:
    if not verdict["passed"]:
        found = ", ".join(f"{words}: {n:,}" for words, n in verdict["breaches"].items() if n)
        raise PublishingStopped(
            f"The audit found a leak, so nothing was sealed ({found}).", verdict
        )


def _write(
    settings: Settings,
    ordered: Ordered,
    safe: Protected,
    questions: Sequence[TabulatedQuestion],
    policy: Policy,
    folder: Path,
    progress: Progress,
) -> tuple[Path, str]:
    """Writes and seals `folder`/contents; returns it and the release's number."""
    progress("write", 0, 0)
    contents = folder / "contents"
    shutil.rmtree(contents, ignore_errors=True)
    facts = {
        "issued": ordered.issued.isoformat(),
        "note": ordered.note,
        "corrects": ordered.corrects,
        "contact": settings.helpdesk,
        "parameters": policy.as_json(),
        "demonstration": settings.demonstration,
    }
    before = settings.releases_dir / ordered.based_on
    # Releases that were numbered by their day cannot be counted on from.
    previous = before if is_version(ordered.based_on) and before.is_dir() else None
    return contents, write_contents(contents, safe.cells, safe.crosses, questions, facts, previous)


def withheld(private: pd.DataFrame, public: pd.DataFrame) -> dict[str, Any]:
    """What protection took away, by log type and level, and places removed by log type.

    Takes cells before and after. Returns `tables`, a list of log_type, level, cells (other than
    zeros), withheld, and records_share_withheld (of the records that the cells hold, 0 to 1); and
    `areas`, a list of log_type, area_periods and removed. Private: never part of a release.
    """
    shown = public[(public["marker"] == "") & (public["count"] > 0)]
    before, after = _cells_and_records(private), _cells_and_records(shown)
    tables = []
    for (log_type, level), (cells, records) in sorted(before.items()):
        cells_left, records_left = after.get((log_type, level), (0, 0))
        tables.append(
            {
                "log_type": log_type,
                "level": level,
                "cells": cells,
                "withheld": cells - cells_left,
                "records_share_withheld": round((records - records_left) / max(records, 1), 6),
            }
        )
    had, has = (
        frame[(frame["question"] == RECORDS) & (frame["level"] == "local_authority")]
        .groupby("log_type", observed=True)
        .size()
        for frame in (private, shown)
    )
    areas = [
        {
            "log_type": str(log_type),
            "area_periods": int(count),
            "removed": int(count - has.get(log_type, 0)),
        }
        for log_type, count in had.sort_index().items()
    ]
    return {"tables": tables, "areas": areas}


def _cells_and_records(frame: pd.DataFrame) -> dict[tuple[str, str], tuple[int, int]]:
    """How many cells there are of each log type and level, and the records that they count."""
    grouped = frame[frame["question"] != RECORDS].groupby(["log_type", "level"], observed=True)
    counts = grouped["count"].agg(["size", "sum"]).reset_index()
    return {
        (str(log_type), str(level)): (int(size), int(total))
        for log_type, level, size, total in counts.itertuples(index=False)
    }
