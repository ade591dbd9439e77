"""What stands between counted tables and a release: hierarchies, protection, and the attack."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from data_access.questions import TabulatedQuestion
from data_access.reference.local_authorities import ENGLAND, spans
from data_access.reference.periods import period, quarter, year
from data_access.releases.code_lists import COLUMNS, area_rows, period_rows
from data_access.tabulation import Tables
from disclosure.attack import (
    Verdict,
    audit,
    read_files,
    read_release,
    release_files,
    release_tables,
)
from disclosure.attack.verdicts import BREACHES, KINDS
from disclosure.policy import Policy
from disclosure.protection.release import Hierarchies, Protected, Report, protect

# How far a stage is: a detail in words, so much of so much.
Tell = Callable[[str, int, int], None]
_LEVELS = ("england", "region", "local_authority")


def hierarchies_of(periods: Collection[str], day: date) -> Hierarchies:
    """What adds up to what in these periods. A year that is not over on `day` is running."""
    years = sorted({period(slug).collection_year for slug in periods})
    areas = {}
    for number in years:
        there = {
            code: span.region_code
            for code, span in spans().items()
            if (span.first_year is None or span.first_year <= number)
            and (span.last_year is None or number <= span.last_year)
        }
        areas[str(number)] = there | dict.fromkeys(there.values(), ENGLAND)
    quarters = {quarter(number, n).slug: str(number) for number in years for n in range(1, 5)}
    running = frozenset(str(number) for number in years if year(number).end >= day)
    return Hierarchies(areas, quarters, running)


def make_safe(
    tables: Tables,
    questions: Sequence[TabulatedQuestion],
    policy: Policy,
    day: date,
    earlier: Sequence[Path],
    tell: Tell,
) -> Protected:
    """The tables as they may be published, beside the releases in the folders `earlier`.

    Raises UnsafeTable when there is a row that no rule allows.
    """
    hierarchies = hierarchies_of(set(tables.cells["period"].unique()), day)
    shown = [pd.read_parquet(folder / "cells.parquet") for folder in earlier]
    return protect(
        tables.cells,
        tables.crosses,
        questions,
        hierarchies,
        policy,
        shown,
        lambda done, total: tell("", done, total),
    )


def only(safe: Protected, periods: Collection[str]) -> Protected:
    """What is protected of some periods alone."""
    report = replace(
        safe.report,
        rows=[row for row in safe.report.rows if row["period"] in periods],
        areas={key: count for key, count in safe.report.areas.items() if key[1] in periods},
    )
    return Protected(_of(safe.cells, periods), _of(safe.crosses, periods), report)


def _of(frame: pd.DataFrame, periods: Collection[str]) -> pd.DataFrame:
    kept = frame[frame["period"].isin(list(periods))].reset_index(drop=True)
    return kept.assign(period=kept["period"].cat.remove_unused_categories())


def attack(
    safe: Protected,
    questions: Sequence[TabulatedQuestion],
    policy: Policy,
    earlier: Sequence[Path],
    tell: Tell,
) -> Verdict:
    """What can be worked out from these tables and the releases in the folders `earlier`."""
    periods = sorted({str(slug) for slug in safe.cells["period"].unique()})
    files = release_files(
        safe.cells,
        safe.crosses,
        pd.DataFrame(area_rows(), columns=list(COLUMNS["areas"])),
        pd.DataFrame(period_rows(periods), columns=list(COLUMNS["periods"])),
        [question.as_json() for question in questions],
    )
    public, revisions = release_tables(files, [read_files(folder) for folder in earlier])
    return audit(public, policy.min_cell, revisions=revisions, progress=tell)


def attack_written(
    folder: Path,
    safe: Protected,
    before: Verdict,
    policy: Policy,
    earlier: Sequence[Path],
    tell: Tell,
) -> Verdict:
    """The verdict on a written release.

    Its files are read again from disk. When they hold exactly the tables that were attacked before,
    that verdict is theirs; otherwise they are attacked anew.
    """
    if all(
        _same(getattr(safe, name), pd.read_parquet(folder / f"{name}.parquet"))
        for name in ("cells", "crosses")
    ):
        return before
    public, revisions = read_release(folder, earlier)
    return audit(public, policy.min_cell, revisions=revisions, progress=tell)


def _same(made: pd.DataFrame, written: pd.DataFrame) -> bool:
    keys = [name for name in made.columns if name not in ("count", "mean")]
    if set(made.columns) != set(written.columns) or len(made) != len(written):
        return False
    one, two = (
        frame.astype(dict.fromkeys(keys, str)).sort_values(keys[:-1], ignore_index=True)
        for frame in (made, written)
    )
    return all(
        one[name].fillna(-1).astype(float).eq(two[name].fillna(-1).astype(float)).all()
        if name in ("count", "mean")
        else one[name].eq(two[name]).all()
        for name in made.columns
    )


def verdict_as_json(verdict: Verdict) -> dict[str, Any]:
    """What a release's page shows of the attack: whether it passed, and what was found.

    `breaches` stop a release, what is `noted` does not; `examples` are the first of the breaches.
    """
    return {
        "passed": verdict.safe,
        "breaches": {KINDS[kind]: verdict.counts[kind] for kind in KINDS if kind in BREACHES},
        "noted": {
            **{KINDS[kind]: verdict.counts[kind] for kind in KINDS if kind not in BREACHES},
            "withheld cells whose range was not settled": verdict.undecided,
        },
        "cells": verdict.cells,
        "withheld": verdict.hidden,
        "removed": verdict.removed,
        "examples": [finding.as_json() for finding in verdict.breaches[:10]],
    }


def report_as_json(report: Report, blocks: int, records: int) -> dict[str, Any]:
    """What protection took away, for the private side: part of no release.

    `tables`: log_type, level, cells, withheld, records_share_withheld (0 to 1, None where there
    are no records). `areas`: log_type,
    area_periods and removed. `dropped`: log_type, year, question, level downwards. `held_back`:
    `blocks` (places and quarters) with so many changed `records` that wait.
    """
    frame = pd.DataFrame(report.rows)
    names = ["cells", "withheld", "records", "records_withheld"]
    summed = frame.groupby(["log_type", "level"])[names].sum().reset_index()
    summed = summed[summed["cells"] > 0]
    tables = [
        {
            "log_type": str(row["log_type"]),
            "level": str(row["level"]),
            "cells": int(row["cells"]),
            "withheld": int(row["withheld"]),
            "records_share_withheld": (
                round(row["records_withheld"] / row["records"], 6) if row["records"] else None
            ),
        }
        for row in summed.to_dict("records")
    ]
    tables.sort(key=lambda row: (row["log_type"], _LEVELS.index(row["level"])))
    areas: dict[str, dict[str, Any]] = {}
    for (log_type, _), (places, removed) in sorted(report.areas.items()):
        told = areas.setdefault(log_type, {"log_type": log_type, "area_periods": 0, "removed": 0})
        told["area_periods"] += places
        told["removed"] += removed
    return {
        "tables": tables,
        "areas": list(areas.values()),
        "dropped": [
            dict(zip(("log_type", "year", "question", "level"), one, strict=True))
            for one in report.dropped
        ],
        "dominated": report.dominated,
        "held_back": {"blocks": blocks, "records": records},
    }
