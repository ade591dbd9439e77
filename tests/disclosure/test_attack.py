"""The attacker catches each kind of leak, and does not accuse a safe table."""

import pandas as pd
import pytest

from disclosure.attack import audit, tables_of_frames
from disclosure.attack.axes import NotAHierarchy
from tests.disclosure.attacked import attack, finding, frame, known, pairs

CODES = pairs("", "", "total: x y z")
AREAS = pairs("E: a b c", "", "total: x y")


def test_a_single_hidden_cell_in_a_row_is_the_total_less_the_others() -> None:
    verdict = attack("a Y x c\na Y y 6\na Y z 4\na Y total 12", CODES)
    assert known(verdict, "exact") == {("a", "Y", "x"): (2, 2)}
    assert not verdict.safe
    because = finding(verdict, "exact").because
    assert because == ("a Y total (12) = 2 shown cells (10) + a Y x (2)",)


def test_a_hidden_cell_that_is_known_to_be_large_is_counted_but_is_no_breach() -> None:
    verdict = attack("a Y x c\na Y y 6\na Y z 4\na Y total 15", CODES)
    assert known(verdict, "recovered_large") == {("a", "Y", "x"): (5, 5)}
    assert verdict.safe


def test_an_area_is_its_region_less_the_other_areas() -> None:
    verdict = attack("a Y x c\nb Y x 6\nc Y x 7\nE Y x 14", pairs("E: a b c"))
    assert known(verdict, "exact") == {("a", "Y", "x"): (1, 1)}


def test_a_quarter_is_its_year_less_the_other_quarters() -> None:
    verdict = attack("a Q1 x c\na Q2 x 6\na Y x 8", pairs("", "Y: Q1 Q2"))
    assert known(verdict, "exact") == {("a", "Q1", "x"): (2, 2)}


def test_a_year_of_which_a_quarter_is_not_out_yet_says_nothing() -> None:
    verdict = attack("a Q1 x c\na Y x 8", pairs("", "Y: Q1 Q2"))
    assert not verdict.findings


def test_a_fine_code_is_its_group_less_the_other_fine_codes() -> None:
    table = "a Y f c\na Y g 5\na Y group 7\na Y z c\na Y total c"
    verdict = attack(table, pairs("", "", "total: group z, group: f g"))
    assert known(verdict, "exact") == {("a", "Y", "f"): (2, 2)}


def test_a_group_at_authorities_is_the_fine_codes_of_their_region_less_other_authorities() -> None:
    table = """
        a Y group c
        b Y group 20
        R Y f 12
        R Y g 10
    """
    verdict = attack(table, pairs("R: a b", "", "group: f g"))
    assert known(verdict, "exact") == {("a", "Y", "group"): (2, 2)}


def test_codes_finer_than_a_level_shows_are_unknown_there_and_not_zero() -> None:
    table = "a Y group 9\nb Y group 13\nR Y f 12\nR Y g 10"
    verdict = attack(table, pairs("R: a b", "", "total: group, group: f g"))
    assert not verdict.findings
    assert not verdict.set_aside


def test_a_successor_is_the_sum_of_its_predecessors() -> None:
    table = "old1 Y x 1000\nold2 Y x 500\nnew Y x c\nother Y x c\nE Y x 1600"
    verdict = attack(table, pairs("E: new other, new: old1 old2"))
    assert known(verdict, "recovered_large")["new", "Y", "x"] == (1500, 1500)
    verdict = attack(table.replace("1600", "1502"), pairs("E: new other, new: old1 old2"))
    assert known(verdict, "exact") == {("other", "Y", "x"): (2, 2)}


def test_a_cell_withheld_now_and_shown_before_is_known_where_nothing_changed() -> None:
    now = "a Y x c\nb Y x c\nc Y x 7\nE Y x 20\na Y y 5\nb Y y 5\nc Y y 5\nE Y y 15"
    before = "a Y x 11\nb Y x c\nc Y x c\nE Y x 20\na Y y 5\nb Y y 5\nc Y y 5\nE Y y 15"
    assert attack(now, AREAS).safe
    verdict = attack(now, AREAS, earlier=[before])
    assert known(verdict, "exact") == {("b", "Y", "x"): (2, 2)}
    assert "shown in an earlier release (1)" in finding(verdict, "exact").because


def test_an_earlier_release_of_records_that_changed_since_says_nothing_for_sure() -> None:
    now = "a Y x c\nb Y x c\nc Y x 7\nE Y x 30\na Y y 15\nb Y y 5\nc Y y 5\nE Y y 25"
    before = "a Y x 11\nb Y x 2\nc Y x 7\nE Y x 20\na Y y 5\nb Y y 9\nc Y y 5\nE Y y 19"
    verdict = attack(now, AREAS, earlier=[before])
    assert not known(verdict, "exact")


def test_a_difference_of_fewer_records_than_the_threshold_is_a_strict_breach() -> None:
    now, before = "a Y x 11\na Y y 5\na Y total 16", "a Y x 10\na Y y 5\na Y total 15"
    verdict = attack(now, CODES, earlier=[before])
    assert verdict.counts["small_revision"] == 1
    assert verdict.safe
    assert not attack(now, CODES, earlier=[before], strict=True).safe


def test_a_removed_area_is_its_region_less_the_other_areas() -> None:
    table = "b Y total 6\nc Y total 7\nE Y total 18"
    verdict = attack(table, pairs("E: a b c"))
    assert known(verdict, "removed_total") == {("a", "Y", "total"): (5, 5)}
    assert not verdict.safe


def test_zeros_in_removed_areas_are_accepted_and_counted_apart() -> None:
    verdict = attack("c Y total 13\nE Y total 13", pairs("E: a b c"))
    assert verdict.safe
    assert verdict.counts["zero_in_removed"] == 2


def test_two_removed_areas_that_hold_few_records_together_are_found() -> None:
    verdict = attack("c Y total 11\nE Y total 13", pairs("E: a b c"))
    assert known(verdict, "removed_total") == {
        ("a", "Y", "total"): (0, 2),
        ("b", "Y", "total"): (0, 2),
    }


def test_a_count_shown_although_it_is_small_is_a_breach() -> None:
    verdict = attack("a Y x 2\na Y y 6\na Y z 4\na Y total 12", CODES)
    assert known(verdict, "shown_small") == {("a", "Y", "x"): (2, 2)}
    assert not verdict.safe


def test_cells_known_to_be_small_are_listed_and_are_breaches_when_strict() -> None:
    table = "a Y x c\na Y y c\na Y z 9\na Y total 11"
    verdict = attack(table, CODES)
    assert known(verdict, "known_small") == {("a", "Y", "x"): (0, 2), ("a", "Y", "y"): (0, 2)}
    assert verdict.safe
    assert not attack(table, CODES, strict=True).safe


# Two pairs that are hidden together: no sum has one unknown, but column x and y less rows a and b
# leave c in x alone.
COMBINED = """
    a Y x c
    a Y y c
    a Y z 10
    a Y total 30
    b Y x c
    b Y y c
    b Y z 10
    b Y total 30
    c Y x c
    c Y y 10
    c Y z c
    c Y total c
    d Y x 9
    d Y y 9
    d Y z c
    d Y total c
    E Y x 31
    E Y y 39
    E Y z 60
    E Y total 130
"""


def test_a_cell_that_only_several_sums_together_give_is_found_with_those_sums() -> None:
    verdict = attack(COMBINED, pairs("E: a b c d", "", "total: x y z"))
    assert known(verdict, "exact") == {("c", "Y", "x"): (2, 2)}
    because = finding(verdict, "exact").because
    assert len(because) == 4
    assert {line.split()[0] for line in because} == {"plus", "less"}


def test_a_cell_is_known_to_be_small_when_no_table_without_negative_counts_allows_more() -> None:
    table = """
        a Q1 x c
        a Q2 x c
        b Q1 x c
        b Q2 x c
        c Q1 x 8
        c Q2 x 8
        a Y x 12
        b Y x 12
        c Y x 16
        E Q1 x 10
        E Q2 x 30
        E Y x 40
    """
    verdict = attack(table, pairs("E: a b c", "Y: Q1 Q2"))
    assert set(known(verdict, "known_small").values()) == {(0, 2)}
    assert set(known(verdict, "known_small")) == {("a", "Q1", "x"), ("b", "Q1", "x")}


def test_a_number_is_known_from_the_means_of_what_adds_up() -> None:
    table = "a Y x c 100\nb Y x c 10\nE Y x 5 46"
    verdict = attack(table, pairs("E: a b"), mean=True)
    assert known(verdict, "exact")["a", "Y", "x"] == (2, 2)
    assert "divided by the mean" in " ".join(finding(verdict, "exact").because)


def test_a_sum_is_the_mean_times_number_of_the_region_less_that_of_the_areas() -> None:
    table = "a Y x c c\nb Y x c 50.25\nc Y x 20 40.50\nE Y x 30 43.12"
    verdict = attack(table, pairs("E: a b c"), mean=True)
    assert not verdict.counts["known_sum"]
    verdict = attack(table.replace("b Y x c", "b Y x 8"), pairs("E: a b c"), mean=True)
    found = finding(verdict, "known_sum")
    assert found.low <= 30 * 43.12 - 20 * 40.5 - 8 * 50.25 <= found.high
    assert not verdict.safe


@pytest.mark.parametrize("threshold", [3, 5])
def test_a_safe_table_is_not_accused(threshold: int) -> None:
    table = """
        a Q1 x c
        a Q2 x c
        b Q1 x c
        b Q2 x c
        a Q1 y 20
        a Q2 y 20
        b Q1 y 20
        b Q2 y 20
        a Y x 12
        b Y x 13
        a Y y 40
        b Y y 40
        E Q1 x 12
        E Q2 x 13
        E Y x 25
        E Q1 y 40
        E Q2 y 40
        E Y y 80
    """
    verdict = attack(table, pairs("E: a b", "Y: Q1 Q2"), threshold=threshold, strict=True)
    assert not verdict.findings
    assert (verdict.hidden, verdict.undecided, verdict.safe) == (4, 0, True)


def test_a_sum_that_the_figures_contradict_is_set_aside_and_the_others_used() -> None:
    table = "a Y x 4\nb Y x 5\nE Y x 12\na Y y c\na Y total 6\nb Y y 4\nb Y total 9\nE Y y 6"
    verdict = attack(table, AREAS | {"geography": [("a", "E"), ("b", "E")]})
    assert dict(verdict.set_aside) == {"E at Y": 1}
    assert known(verdict, "exact") == {("a", "Y", "y"): (2, 2)}


def test_questions_of_the_same_records_share_their_totals() -> None:
    rows = frame("a Y total 12\na Y x 5\na Y y 7\na Y total c\na Y x 10\na Y y c")
    rows["question"] = pd.Categorical(["first"] * 3 + ["second"] * 3)
    public, _ = tables_of_frames(rows, pairs("", "", "total: x y"))
    assert known(audit(public), "exact") == {("a", "Y", "y"): (2, 2)}


def test_a_node_that_is_part_of_itself_is_refused() -> None:
    with pytest.raises(NotAHierarchy, match="part of itself"):
        attack("a Y x 4", pairs("a: b, b: a"))
