"""The guide's rules hold for every table."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure.floor import UnsafeTable, protect
from disclosure.policy import AREA_MINIMUM, Policy

COLUMNS = ["period", "log_type", "level", "area", "question", "code", "count", "mean"]
NO_CROSSES = pd.DataFrame(
    columns=["period", "log_type", "question", "code", "question2", "code2", "count"]
)
POLICY = Policy(sensitive=frozenset({"armedforces"}))


def _frame(rows: list[tuple[str, str, str, str, str, str, int, float | None]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame["mean"] = frame["mean"].astype(float)
    for column in COLUMNS[:6]:
        frame[column] = frame[column].astype("category")
    return frame


def _block(
    area: str, records: int, period: str = "2025", log_type: str = "sales"
) -> list[tuple[str, str, str, str, str, str, int, float | None]]:
    level = "england" if area.startswith("E92") else "local_authority"
    key = (period, log_type, level, area)
    return [
        (*key, "records", "total", records, None),
        (*key, "homeless", "1", records, None),
        (*key, "armedforces", "1", records, None),
        (*key, "wrent", "answered", records, 101.25),
    ]


def test_an_authority_with_two_records_is_removed_whole_and_one_with_three_stays() -> None:
    cells = _frame(_block("E1", 2) + _block("E2", 3) + _block("E92000001", 5))
    safe = protect(cells, NO_CROSSES, POLICY).cells
    assert set(safe["area"]) == {"E2", "E92000001"}


def test_an_authority_is_removed_only_from_the_period_and_type_where_it_has_too_few() -> None:
    cells = _frame(_block("E1", 2, "2025-q1") + _block("E1", 9) + _block("E1", 1, "2025", "other"))
    safe = protect(cells, NO_CROSSES, POLICY).cells
    assert set(zip(safe["period"], safe["log_type"], strict=True)) == {("2025", "sales")}


def test_sensitive_questions_stay_at_national_level_alone() -> None:
    safe = protect(_frame(_block("E2", 9) + _block("E92000001", 9)), NO_CROSSES, POLICY).cells
    assert set(safe.loc[safe["question"] == "armedforces", "area"]) == {"E92000001"}
    assert "homeless" in set(safe.loc[safe["area"] == "E2", "question"])


def test_an_area_with_cells_and_no_record_count_is_removed() -> None:
    cells = _frame([("2025", "sales", "local_authority", "E1", "homeless", "1", 50, None)])
    assert protect(cells, NO_CROSSES, POLICY).cells.empty


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["2025", "2025-q1"]),
            st.sampled_from(["sales", "social"]),
            st.sampled_from(["E1", "E2", "E3", "E92000001"]),
            st.integers(1, 6),
        ),
        unique_by=lambda block: block[:3],
    ),
    st.integers(3, 5),
)
def test_no_table_shows_an_authority_below_the_minimum_or_a_sensitive_question(
    blocks: list[tuple[str, str, str, int]], minimum: int
) -> None:
    rows = [row for period, kind, area, n in blocks for row in _block(area, n, period, kind)]
    policy = Policy(area_minimum=minimum, sensitive=frozenset({"armedforces"}))
    safe = protect(_frame(rows), NO_CROSSES, policy).cells
    local = safe[safe["level"] == "local_authority"]
    assert (local["count"] >= minimum).all()
    assert "armedforces" not in set(local["question"])
    shown = set(zip(safe["period"], safe["log_type"], safe["area"], strict=True))
    assert shown == {
        (period, kind, area)
        for period, kind, area, n in blocks
        if n >= minimum or area == "E92000001"
    }


def test_the_minimum_may_be_raised_and_never_lowered() -> None:
    assert AREA_MINIMUM == 3
    assert Policy(area_minimum=10).area_minimum == 10
    with pytest.raises(ValueError, match="3 or more"):
        Policy(area_minimum=2)


def test_a_mean_beside_anything_but_the_number_answering_stops_the_release() -> None:
    cells = _frame([("2025", "sales", "england", "E92000001", "wrent", "1", 5, 99.0)])
    with pytest.raises(UnsafeTable):
        protect(cells, NO_CROSSES, POLICY)


def test_crosses_that_name_a_place_stop_the_release() -> None:
    with pytest.raises(UnsafeTable):
        protect(_frame(_block("E2", 9)), NO_CROSSES.assign(area="E2"), POLICY)
