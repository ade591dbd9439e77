"""What protection leaves shown tells nobody a small count: every table that agrees is looked at."""

from collections.abc import Mapping
from itertools import product

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from disclosure.attack import audit, tables_of_frames
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
    """A small table: places one or two levels deep or both, codes grouped or not.

    Empty cells have rows, or none.
    """
    regions = draw(st.integers(1, 2))
    geography = {}
    for r in range(regions):
        if regions > 1:
            geography[f"r{r}"] = "all"
        for a in range(draw(st.integers(2, 3))):
            geography[f"a{r}{a}"] = f"r{r}" if regions > 1 else "all"
    if regions > 1 and draw(st.booleans()):
        # A place beside regions, in place of the second of them.
        geography = {name: up for name, up in geography.items() if "r1" not in (name, up)}
        geography["alone"] = "all"
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
    frame = long_table(parents, lowest)
    if draw(st.booleans()):
        frame = frame[frame["count"] > 0].reset_index(drop=True)
    return parents, frame


def _as_read(public: pd.DataFrame, parents: Parents) -> pd.DataFrame:
    """With the zeros that a reader takes for granted: rows that a shown place lacks."""
    codes = {*parents["code"], *parents["code"].values()}
    here = set(zip(public["geography"], public["time"], public["code"], strict=True))
    zeros = [
        (g, t, c, 0, "")
        for g, t in sorted({(g, t) for g, t, _ in here})
        for c in sorted(codes)
        if (g, t, c) not in here
    ]
    names = ["geography", "time", "code", "count", "marker"]
    return pd.concat([public[names].astype(object), pd.DataFrame(zeros, columns=names)])


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables())
def test_no_small_count_can_be_worked_out(made: tuple[Parents, pd.DataFrame]) -> None:
    parents, frame = made
    public = protect_long(frame, parents, POLICY)
    if not frame["count"].sum():
        reject()
    truth = frame.set_index(["geography", "time", "code"])["count"]
    shown = public[public["marker"] == ""].set_index(["geography", "time", "code"])["count"]
    assert (shown == truth.reindex(shown.index, fill_value=0)).all()
    assert not ((shown > 0) & (shown < 3)).any()
    places = set(zip(public["geography"], public["time"], strict=True))
    small = [
        cell
        for cell, count in truth.items()
        if 0 < count < 3 and cell not in shown.index and (cell[2] == "total" or cell[:2] in places)
    ]
    try:
        known = intervals(_as_read(public, parents), parents, small)
    except TooMany:
        reject()
    for cell, interval in known.items():
        assert interval.least <= truth[cell] <= interval.most
        assert interval.most >= 3, (cell, interval)
        assert interval.most - interval.least >= 3, (cell, interval)


def _counted(
    parents: Parents, lowest: Mapping[tuple[str, str, str], int], question: str = ""
) -> pd.DataFrame:
    cells = product(*(sorted(set(tree) - set(tree.values())) for tree in parents.values()))
    frame = long_table(parents, {cell: lowest.get(cell, 0) for cell in cells})
    frame = frame[frame["count"] > 0].reset_index(drop=True)
    return frame.assign(question=question) if question else frame


def test_a_place_beside_places_of_parts_is_as_safe_as_they_are() -> None:
    # R has the parts X and Y and the place B. Nobody of X or Y gave x, and neither has a row of it.
    parents = {
        "geography": {"a": "X", "b": "X", "X": "R", "B": "R", "c": "Y", "d": "Y", "Y": "R"},
        "time": {"2025": "ever"},
        "code": {"x": "total", "y": "total", "z": "total"},
    }
    given = {"a": (0, 1, 2), "b": (0, 15, 5), "c": (0, 0, 3), "d": (0, 3, 0), "B": (5, 1, 6)}
    lowest = {
        (g, "2025", c): n for g, row in given.items() for c, n in zip("xyz", row, strict=True)
    }
    public = protect_long(_counted(parents, lowest), parents, POLICY)
    known = intervals(_as_read(public, parents), parents, [("B", "2025", "y")])
    assert known["B", "2025", "y"].most >= 3
    assert known["B", "2025", "y"].most - known["B", "2025", "y"].least >= 3


def test_a_code_of_parts_is_withheld_where_records_of_removed_places_move_through_it() -> None:
    # In Q2 a and b are removed. All of a's records gave x, of which x1 and x2 are parts.
    parents = {
        "geography": {"a": "X", "b": "X", "c": "Y", "d": "Y"}
        | dict.fromkeys("XYB", "R")
        | {"R": "E"},
        "time": {"H1": "2025", "Q3": "2025", "Q1": "H1", "Q2": "H1"},
        "code": {"x": "T", "y": "T", "x1": "x", "x2": "x"},
    }  # fmt: skip
    one = {
        ("a", "Q1"): (14, 2, 4), ("a", "Q2"): (3, 1, 0), ("b", "Q1"): (0, 0, 3),
        ("b", "Q2"): (0, 1, 2), ("b", "Q3"): (0, 7, 13), ("c", "Q1"): (1, 0, 5),
        ("c", "Q2"): (1, 0, 1), ("c", "Q3"): (0, 1, 7), ("d", "Q2"): (4, 3, 5),
        ("d", "Q3"): (7, 0, 5), ("B", "Q1"): (11, 9, 0), ("B", "Q2"): (0, 1, 5),
        ("B", "Q3"): (20, 0, 0),
    }  # fmt: skip
    two = {**one, ("a", "Q1"): (13, 7, 0), ("a", "Q2"): (1, 3, 0), ("b", "Q1"): (0, 3, 0),
           ("b", "Q2"): (3, 0, 0), ("b", "Q3"): (0, 0, 20)}  # fmt: skip
    frame = pd.concat(
        _counted(
            parents,
            {(*place, c): n for place, row in given.items()
             for c, n in zip(("x1", "x2", "y"), row, strict=True)},
            name,
        )
        for name, given in (("q0", one), ("q1", two))
    )  # fmt: skip
    public = protect_long(frame.reset_index(drop=True), parents, POLICY)
    assert {("a", "Q2"), ("b", "Q2")}.isdisjoint(
        zip(public["geography"], public["time"], strict=True)
    )
    pairs = {name: list(tree.items()) for name, tree in parents.items()}
    keys = ["geography", "time", "code", "question"]
    verdict = audit(
        tables_of_frames(
            public.astype({**dict.fromkeys(keys, "category"), "count": "float64"}), pairs
        )[0]
    )
    assert verdict.counts["removed_total"] == 0
    assert verdict.safe


def test_a_table_that_is_the_sum_of_others_is_refused() -> None:
    one = _frame().assign(log_type="one")
    two = one.assign(log_type="two")
    both = one.assign(log_type="both", count=one["count"] * 2)
    parents = {"geography": GEOGRAPHY, "time": TIME, "code": CODE}
    assert len(protect_long(pd.concat([one, two], ignore_index=True), parents, POLICY))
    with pytest.raises(BadTable, match="log_type both are the sums"):
        protect_long(pd.concat([one, two, both], ignore_index=True), parents, POLICY)


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
        {"span": 4},
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
