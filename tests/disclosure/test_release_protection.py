"""All tables of a release together: linked questions, groups, numbers and crosses."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from disclosure.attack import Verdict, audit, read_release
from disclosure.floor import protect as floor
from disclosure.policy import Policy
from disclosure.protection.release import Protected, UnsafeTable, protect
from portal.safeguards import only
from tests.support.made_counts import (
    AREAS,
    ENGLAND,
    HIERARCHIES,
    QUARTERS,
    QUESTIONS,
    REGIONS,
    MadeCounts,
    made_counts,
)

POLICY = Policy()
KEYS = ["period", "log_type", "level", "area", "question", "code"]
CROSS_KEYS = ["period", "log_type", "question", "code", "question2", "code2"]


def _protected(made: MadeCounts, policy: Policy = POLICY) -> Protected:
    return protect(made.cells, made.crosses, QUESTIONS, HIERARCHIES, policy)


def _attacked(safe: Protected, folder: Path, *earlier: Path) -> Verdict:
    """What the attacker makes of the public frames, read from files, and of earlier ones."""
    (folder / "codes").mkdir(parents=True)
    safe.cells.to_parquet(folder / "cells.parquet", index=False)
    safe.crosses.to_parquet(folder / "crosses.parquet", index=False)
    places = [(ENGLAND, "england", "")]
    places += [(region, "region", ENGLAND) for region in REGIONS]
    places += [(area, "local_authority", region) for area, region in AREAS.items()]
    areas = pd.DataFrame(places, columns=["code", "level", "parent"])
    areas.assign(name="", first_year="", last_year="", successor="").to_csv(
        folder / "codes" / "areas.csv", index=False
    )
    periods = pd.DataFrame([("2025", ""), *((q, "2025") for q in QUARTERS)])
    periods.columns = ["code", "parent"]
    periods.to_csv(folder / "codes" / "periods.csv", index=False)
    (folder / "dictionary.json").write_text(json.dumps([q.as_json() for q in QUESTIONS]))
    public, revisions = read_release(folder, earlier)
    return audit(public, 3, revisions=revisions)


@pytest.mark.parametrize("seed", range(6))
def test_the_attacker_finds_nothing_in_a_protected_release(seed: int, tmp_path: Path) -> None:
    made = made_counts(seed, logs=300 + 200 * seed)
    safe = _protected(made)
    verdict = _attacked(safe, tmp_path / "release")
    assert verdict.counts["exact"] == 0
    assert verdict.counts["removed_total"] == 0
    assert verdict.safe
    assert verdict.hidden > 0


def test_the_attacker_undoes_the_floor_alone(tmp_path: Path) -> None:
    made = made_counts(1)
    cells = made.cells.assign(mean=(made.cells["sum"] / made.cells["count"]).round(2))
    alone = floor(cells, made.crosses, replace(POLICY, sensitive=frozenset({"forces"})))
    verdict = _attacked(Protected(alone.cells, alone.crosses, None), tmp_path / "release")  # type: ignore[arg-type]
    assert not verdict.safe
    assert verdict.counts["removed_total"] > 0


@pytest.mark.parametrize("seed", range(3))
def test_what_is_shown_is_what_was_counted(seed: int) -> None:
    made = made_counts(seed)
    safe = _protected(made)
    for public, private, keys in (
        (safe.cells, made.cells, KEYS),
        (safe.crosses, made.crosses, CROSS_KEYS),
    ):
        shown = public[public["marker"] == ""].astype(dict.fromkeys(keys, str))
        counted = private.astype(dict.fromkeys(keys, str)).set_index(keys)
        counted = counted.loc[pd.MultiIndex.from_frame(shown[keys])]
        assert (counted["count"].to_numpy() == shown["count"].to_numpy()).all()
        if "mean" in shown:
            means = (counted["sum"] / counted["count"]).round(2).to_numpy()
            answered = (shown["code"] == "answered").to_numpy()
            assert means[answered] == pytest.approx(shown["mean"].to_numpy()[answered])
            assert shown["mean"][~answered].isna().all()
        hidden = public[public["marker"] == "c"]
        assert hidden["count"].isna().all()
        assert not public.duplicated(keys).any()


def test_no_row_is_below_the_lowest_level_of_its_question() -> None:
    safe = _protected(made_counts(2))
    levels = safe.cells.groupby("question", observed=True)["level"].agg(
        lambda s: set(s.astype(str))
    )
    assert levels["forces"] == {"england"}
    assert levels["origin"] == {"england", "region"}
    assert levels["reason"] == {"england", "region", "local_authority"}


def test_groups_stand_in_for_their_codes_at_authorities_alone() -> None:
    cells = _protected(made_counts(2)).cells
    reason = cells[cells["question"] == "reason"]
    local = reason["level"] == "local_authority"
    assert {"ab"} <= set(reason[local]["code"]) <= {"ab", "c", "d", "not_answered"}
    assert set(reason[~local]["code"]) == {"a", "b", "c", "d", "not_answered"}


def test_questions_answered_together_are_withheld_together() -> None:
    # Who knows how many gave a length of tenancy knows how many have a fixed one.
    cells = _protected(made_counts(3, logs=900)).cells
    place = ["period", "log_type", "area"]
    fixed = cells[(cells["question"] == "tenancy") & (cells["code"] == "fixed")].set_index(place)
    length = cells[(cells["question"] == "length") & (cells["code"] == "answered")]
    length = length.set_index(place)
    small = fixed[fixed["marker"] == "c"].index.intersection(length.index)
    assert len(small)
    assert (length.loc[small, "marker"] == "c").all()


def test_a_running_year_has_record_counts_alone_at_authorities() -> None:
    made = made_counts(4)
    running = replace(HIERARCHIES, running=frozenset({"2025"}))
    cells = protect(made.cells, made.crosses, QUESTIONS, running, POLICY).cells
    local = cells[cells["level"] == "local_authority"]
    assert set(local["question"]) == {"records"}
    full = protect(
        made.cells,
        made.crosses,
        QUESTIONS,
        running,
        replace(POLICY, running_year_at_authority="full"),
    ).cells
    assert "reason" in set(full[full["level"] == "local_authority"]["question"])


def test_what_an_earlier_release_shows_is_not_withheld_to_cover_something_else() -> None:
    made = made_counts(5)
    first = _protected(made).cells
    again = protect(made.cells, made.crosses, QUESTIONS, HIERARCHIES, POLICY, earlier=[first]).cells
    pd.testing.assert_frame_equal(first, again)


def test_a_quarter_given_out_after_its_year_tells_nothing_new(tmp_path: Path) -> None:
    made = made_counts(5)
    first = _protected(made)
    again = protect(made.cells, made.crosses, QUESTIONS, HIERARCHIES, POLICY, earlier=[first.cells])
    quarter = only(again, ["2025-q1"])
    assert set(quarter.cells["period"]) == {"2025-q1"}
    assert _attacked(first, tmp_path / "1.0.0").safe
    assert _attacked(quarter, tmp_path / "2.0.0", tmp_path / "1.0.0").safe


def test_withheld_and_removed_are_told_to_the_private_side_alone() -> None:
    safe = _protected(made_counts(1))
    told = pd.DataFrame(safe.report.rows)
    assert (told["withheld"] <= told["cells"]).all()
    assert told["withheld"].sum() > 0
    assert sum(removed for _, removed in safe.report.areas.values()) > 0
    assert safe.report.dominated > 0
    assert set(safe.cells.columns) == {*KEYS, "count", "mean", "marker"}


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("question", "scheme_code", "no question that may be tabulated"),
        ("question", "forces", "where it may have none"),
        ("area", "E09999999", "is not an area of 2025"),
        ("code", "z", "a code that its definition does not know"),
    ],
)
def test_a_row_that_no_rule_allows_stops_everything(column: str, value: str, message: str) -> None:
    made = made_counts(0)
    cells = made.cells.copy()
    row = cells.index[(cells["level"] == "local_authority") & (cells["question"] == "reason")][0]
    cells[column] = cells[column].cat.add_categories(
        [] if value in cells[column].cat.categories else [value]
    )
    cells.loc[row, column] = value
    with pytest.raises(UnsafeTable, match=message):
        protect(cells, made.crosses, QUESTIONS, HIERARCHIES, POLICY)


def test_crosses_with_a_place_are_refused() -> None:
    made = made_counts(0)
    with pytest.raises(UnsafeTable, match="names a place"):
        protect(made.cells, made.crosses.assign(area=ENGLAND), QUESTIONS, HIERARCHIES, POLICY)
