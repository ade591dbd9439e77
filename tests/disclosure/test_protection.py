"""What protection leaves shown tells nobody a small count: every table that agrees is looked at."""

from collections.abc import Mapping
from itertools import product

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from disclosure.policy import BadPolicy, Policy
from disclosure.protection.long_tables import BadTable, protect_long
from tests.support.every_table import TooMany, intervals, leaves_below

POLICY = Policy()
Parents = dict[str, dict[str, str]]


def long_table(
    parents: Mapping[str, Mapping[str, str]], lowest: dict[tuple[str, str, str], int]
) -> pd.DataFrame:
    """Every cell of the hierarchies, from the counts of the lowest ones."""
    nodes = [
        sorted({*tree, *tree.values()})
        for tree in (parents[n] for n in ("geography", "time", "code"))
    ]
    rows = []
    for g, t, c in product(*nodes):
        below = product(
            leaves_below(parents["geography"], g),
            leaves_below(parents["time"], t),
            leaves_below(parents["code"], c),
        )
        rows.append((g, t, c, sum(lowest[cell] for cell in below)))
    return pd.DataFrame(rows, columns=["geography", "time", "code", "count"])


@st.composite
def tables(draw: st.DrawFn) -> tuple[Parents, pd.DataFrame]:
    """A small table: places one or two levels deep, codes grouped or not."""
    regions = draw(st.integers(1, 2))
    geography = {}
    for r in range(regions):
        if regions > 1:
            geography[f"r{r}"] = "all"
        for a in range(draw(st.integers(2, 3))):
            geography[f"a{r}{a}"] = f"r{r}" if regions > 1 else "all"
    time = draw(st.sampled_from([{"q1": "year", "q2": "year"}, {"year": "ever"}]))
    code = draw(
        st.sampled_from(
            [
                {"x": "total", "y": "total"},
                {"x": "total", "y": "total", "z": "total"},
                {"x": "group", "y": "group", "group": "total", "z": "total"},
            ]
        )
    )
    parents = {"geography": geography, "time": dict(time), "code": dict(code)}
    lowest = {
        cell: draw(st.integers(0, 5))
        for cell in product(*(sorted(set(tree) - set(tree.values())) for tree in parents.values()))
    }
    return parents, long_table(parents, lowest)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables())
def test_no_small_count_can_be_worked_out(made: tuple[Parents, pd.DataFrame]) -> None:
    parents, frame = made
    public = protect_long(frame, parents, POLICY)
    truth = frame.set_index(["geography", "time", "code"])["count"]
    shown = public[public["marker"] == ""].set_index(["geography", "time", "code"])["count"]
    assert (shown == truth.loc[shown.index]).all()
    assert not ((shown > 0) & (shown < 3)).any()
    places = set(zip(public["geography"], public["time"], strict=True))
    small = [
        cell
        for cell, count in truth.items()
        if 0 < count < 3 and cell not in shown.index and (cell[2] == "total" or cell[:2] in places)
    ]
    try:
        known = intervals(public, parents, small)
    except TooMany:
        reject()
    for cell, interval in known.items():
        assert interval.least <= truth[cell] <= interval.most
        assert interval.most >= 3, (cell, interval)
        assert interval.most - interval.least >= 3, (cell, interval)


@settings(max_examples=20, deadline=None)
@given(tables())
def test_the_same_table_gives_the_same_answer_in_any_order(
    made: tuple[Parents, pd.DataFrame],
) -> None:
    parents, frame = made
    one = protect_long(frame, parents, POLICY)
    other = protect_long(frame.iloc[::-1].reset_index(drop=True), parents, POLICY)
    pd.testing.assert_frame_equal(one, other)


GEOGRAPHY = {"a": "all", "b": "all", "c": "all"}
TIME = {"2025": "ever"}
CODE = {"yes": "total", "no": "total"}


def _frame() -> pd.DataFrame:
    lowest = {(g, "2025", c): 10 for g, c in product(GEOGRAPHY, CODE)}
    return long_table({"geography": GEOGRAPHY, "time": TIME, "code": CODE}, lowest)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("count", -1, "The count of row 3 is -1; counts are whole numbers from 0."),
        ("count", 2.5, "The count of row 3 is 2.5"),
        ("count", 11, "add up to"),
        ("code", None, "Row 3 has no code."),
        ("code", "no", "stands for a cell that an earlier row has given"),
    ],
)
def test_a_bad_row_is_named(column: str, value: object, message: str) -> None:
    frame = _frame().astype(object)
    frame.loc[2, column] = value
    with pytest.raises(BadTable, match=message.replace("(", r"\(")):
        protect_long(frame, {"geography": GEOGRAPHY, "time": TIME, "code": CODE}, POLICY)


def test_a_table_without_its_columns_says_which_it_needs() -> None:
    with pytest.raises(BadTable, match="no column time"):
        protect_long(
            _frame().drop(columns="time"), {"geography": {}, "time": {}, "code": {}}, POLICY
        )


def test_a_hierarchy_in_a_circle_is_refused() -> None:
    parents = {"geography": {**GEOGRAPHY, "all": "a"}, "time": TIME, "code": CODE}
    with pytest.raises(BadTable, match="its own ancestor"):
        protect_long(_frame(), parents, POLICY)


@pytest.mark.parametrize(
    "values",
    [
        {"area_minimum": 2},
        {"min_cell": 2},
        {"span": 1},
        {"min_changed": 2},
        {"sum_margin": 0.0},
        {"full_cell": 2},
        {"running_year_at_authority": "some"},
    ],
)
def test_a_policy_below_the_floor_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(BadPolicy):
        Policy(**values)  # type: ignore[arg-type]


def test_every_line_of_the_policy_has_its_reason(tmp_path: pytest.TempPathFactory) -> None:
    assert Policy.read() == Policy()
    path = tmp_path / "policy.toml"  # type: ignore[operator]
    for text, message in (
        ("[min_cell]\nvalue = 4\n", "needs a value and a reason"),
        ('[min_cel]\nvalue = 4\nreason = "x"\n', "unknown parameter"),
        ('[min_cell]\nvalue = "4"\nreason = "x"\n', "must be int"),
        ('[min_cell]\nvalue = 1\nreason = "x"\n', "must be 3 or more"),
        ("min_cell", "cannot be read"),
    ):
        path.write_text(text)
        with pytest.raises(BadPolicy, match=message):
            Policy.read(path)


def test_the_attacker_undoes_a_single_withheld_cell() -> None:
    parents = {"geography": GEOGRAPHY, "time": TIME, "code": CODE}
    frame = _frame().assign(marker="")
    cell = ("a", "2025", "yes")
    at = (frame["geography"] == "a") & (frame["time"] == "2025") & (frame["code"] == "yes")
    frame.loc[at, "marker"] = "c"
    known = intervals(frame, parents, [cell])[cell]
    assert known.least == known.most == 10
