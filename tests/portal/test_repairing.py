"""What an attack finds in protected tables is taken out of them, and nothing else."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data_access.database import make_engine, session_factory
from data_access.release_records import record_of_number
from data_access.settings import Settings
from data_access.tabulation import Tables
from disclosure.attack import Verdict, audit, release_files, release_tables
from disclosure.floor import protect as floor
from disclosure.policy import Policy
from disclosure.protection.release import Protected, Report, protect
from portal import publishing
from portal.demonstration import make_demonstration
from portal.releasing.at_once import publish
from portal.releasing.folders import read_private
from portal.releasing.words import protection_notes
from portal.repairing import TakenOut, repaired
from tests.support.made_counts import (
    AREAS,
    ENGLAND,
    HIERARCHIES,
    QUARTERS,
    QUESTIONS,
    REGIONS,
    made_counts,
)

POLICY = Policy()
DAY = date(2026, 11, 24)
KEYS = ["period", "log_type", "level", "area", "question", "code"]
CROSS_KEYS = ["period", "log_type", "question", "code", "question2", "code2"]
LEAKS = "ecstat1"
TYPE = "social-rent-general-needs"


def _attacked(safe: Protected) -> Verdict:
    places = [(ENGLAND, "england", ""), *((region, "region", ENGLAND) for region in REGIONS)]
    places += [(area, "local_authority", region) for area, region in AREAS.items()]
    areas = pd.DataFrame(places, columns=["code", "level", "parent"])
    areas = areas.assign(first_year="", last_year="", successor="")
    periods = pd.DataFrame([("2025", ""), *((q, "2025") for q in QUARTERS)])
    periods.columns = ["code", "parent"]
    public = release_tables(
        release_files(safe.cells, safe.crosses, areas, periods, [q.as_json() for q in QUESTIONS])
    )
    return audit(public[0], 3)


def _shown(
    public: pd.DataFrame, fault: "pd.Series[bool]", counted: pd.DataFrame, keys: list[str]
) -> pd.DataFrame:
    """Public rows with a fault: some that were withheld are shown as they were counted."""
    assert fault.any()
    counts = counted.astype(dict.fromkeys(keys, str)).set_index(keys)["count"]
    rows = pd.MultiIndex.from_frame(public.loc[fault, keys].astype(str))
    made = public.copy()
    made.loc[fault, "count"] = counts.reindex(rows).fillna(0).to_numpy()
    made.loc[fault, "marker"] = ""
    return made


def _without(frame: pd.DataFrame, gone: "pd.Series[bool]") -> pd.DataFrame:
    return frame[~gone].reset_index(drop=True)


def test_only_the_question_with_the_leak_goes_and_only_where_it_is() -> None:
    made = made_counts(2, logs=900)
    safe = protect(made.cells, made.crosses, QUESTIONS, HIERARCHIES, POLICY)
    assert _attacked(safe).safe
    fault = safe.cells["question"].eq("reason") & safe.cells["level"].eq("local_authority")
    fault &= safe.cells["marker"].eq("c") & safe.cells["log_type"].eq(TYPE)
    leaking = _shown(safe.cells, fault, made.cells, KEYS)
    verdict = _attacked(replace(safe, cells=leaking))
    assert not verdict.safe

    mended, taken = repaired(replace(safe, cells=leaking), verdict.breaches)
    assert taken == [TakenOut(TYPE, "2025", "reason", level="local_authority")]
    assert _attacked(mended).safe
    gone = leaking["question"].eq("reason") & leaking["level"].eq("local_authority")
    gone &= leaking["log_type"].eq(TYPE)
    pd.testing.assert_frame_equal(
        mended.cells.astype(dict.fromkeys(KEYS, str)),
        _without(leaking, gone).astype(dict.fromkeys(KEYS, str)),
    )
    assert len(mended.crosses) == len(safe.crosses)


def test_a_pair_with_a_leak_goes_alone() -> None:
    made = made_counts(2, logs=900)
    safe = protect(made.cells, made.crosses, QUESTIONS, HIERARCHIES, POLICY)
    fault = safe.crosses["marker"].eq("c") & safe.crosses["question"].eq("origin")
    leaking = _shown(safe.crosses, fault, made.crosses, CROSS_KEYS)
    verdict = _attacked(replace(safe, crosses=leaking))
    mended, taken = repaired(replace(safe, crosses=leaking), verdict.breaches)
    assert taken == [TakenOut(TYPE, "2025", "origin", "tenancy")]
    assert _attacked(mended).safe
    assert len(mended.cells) == len(safe.cells)


def test_what_the_floor_alone_gives_away_goes_in_a_few_rounds() -> None:
    made = made_counts(1)
    cells = made.cells.assign(mean=(made.cells["sum"] / made.cells["count"]).round(2))
    alone = floor(cells, made.crosses, replace(POLICY, sensitive=frozenset({"forces"})))
    safe = Protected(alone.cells, alone.crosses, Report())
    for _ in range(4):
        verdict = _attacked(safe)
        if verdict.safe:
            break
        safe, taken = repaired(safe, verdict.breaches)
        assert taken
    assert verdict.safe


def test_a_release_is_made_without_the_question_that_leaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data_dir=tmp_path, database_url="", demonstration=True, today=DAY)
    make_demonstration(settings, logs=800, progress=lambda _: None)
    made_safe = publishing.make_safe

    def leaking(tables: Tables, *rest: Any) -> Protected:
        safe = made_safe(tables, *rest)
        fault = safe.cells["question"].eq(LEAKS) & safe.cells["marker"].eq("c")
        return replace(safe, cells=_shown(safe.cells, fault, tables.cells, KEYS))

    monkeypatch.setattr(publishing, "make_safe", leaking)
    release = publish(settings, lambda _: None, since=2026)
    cells = pd.read_parquet(release.folder / "cells.parquet")
    # The log types that it has left had nothing to hide.
    left = set(cells.loc[cells["question"].eq(LEAKS), "log_type"])
    with session_factory(make_engine(settings.database))() as db:
        record = record_of_number(db, release.id)
        assert record is not None
        report = read_private(settings, record, "report.json")
    assert report is not None
    taken = report["taken_out"]
    assert {one["log_type"] for one in taken} and not {one["log_type"] for one in taken} & left
    assert {one["question"] for one in taken} == {LEAKS}
    assert any("The check found a leak" in note for note in protection_notes(report))
