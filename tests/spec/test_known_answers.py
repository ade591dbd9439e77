"""Small tables whose safe patterns can be reasoned by hand.

A grid has a place in each row and a code in each column, the total last. `c` is withheld; a row of
dots is a place that was removed. Each test says why the answer is the right one.
"""

import pandas as pd

from disclosure.policy import Policy
from disclosure.protection.long_tables import protect_long

YEAR = {"2025": "all years"}


def protected(grid: str, codes: str, sums: dict[str, float] | None = None, **policy: int) -> str:
    """The public grid of a grid of counts. The row `all` is added up here and not given."""
    names = codes.split()
    counts = {
        line.split()[0]: [int(n) for n in line.split()[1:]] for line in grid.strip().splitlines()
    }
    counts["all"] = [sum(column) for column in zip(*counts.values(), strict=True)]
    rows = [
        (place, "2025", code, count)
        for place, row in counts.items()
        for code, count in zip((*names, "total"), (*row, sum(row)), strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["geography", "time", "code", "count"])
    if sums is not None:
        sums = {**sums, "all": sum(sums.values())}
        frame["sum"] = frame["geography"].map(sums).where(frame["code"] == names[0])
    parents = {
        "geography": {place: "all" for place in counts if place != "all"},
        "time": YEAR,
        "code": dict.fromkeys(names, "total"),
    }
    public = protect_long(frame, parents, Policy(**policy))
    lines = []
    for place in counts:
        row = public[public["geography"] == place].set_index("code")
        cells = [
            "." if code not in row.index else row.loc[code, "marker"] or str(row.loc[code, "count"])
            for code in (*names, "total")
        ]
        lines.append(" ".join([place, *cells]))
    return "\n".join(lines)


def grid(text: str) -> str:
    """A grid without the spaces that line it up."""
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())


def test_nothing_small_and_nothing_is_withheld() -> None:
    assert protected("A 12 30\nB 15 40", "yes no") == grid("""
        A   12 30 42
        B   15 40 55
        all 27 70 97""")


def test_a_true_zero_is_shown() -> None:
    assert protected("A 0 30\nB 15 40", "yes no") == grid("""
        A   0  30 30
        B   15 40 55
        all 15 70 85""")


def test_one_small_cell_needs_three_more_because_rows_and_columns_add_up() -> None:
    # The 1 of A alone would be 21 less 20. With its neighbour in the row it would still be the
    # column's total less B and C. A rectangle of four is the least that stays uncertain; C would
    # cost more, because it tells more.
    assert protected("A 1 20\nB 6 9\nC 50 60", "yes no") == grid("""
        A   c  c  21
        B   c  c  15
        C   50 60 110
        all 57 89 146""")


def test_a_partner_that_could_not_let_the_cell_reach_three_is_passed_over() -> None:
    # The 1 of A must be able to be 3 or more. B has 1 to give, C has 8.
    assert protected("A 1 20\nB 1 30\nC 8 60", "yes no") == grid("""
        A   c  c   21
        B   c  c   31
        C   c  c   68
        all 10 110 120""")


def test_of_three_codes_the_one_with_least_to_tell_is_withheld_with_it() -> None:
    assert protected("A 2 4 90\nB 9 8 70\nC 40 50 60", "yes maybe no") == grid("""
        A   c  c  90  96
        B   c  c  70  87
        C   40 50 60  150
        all 51 62 220 333""")


def test_a_place_with_two_records_is_removed_and_another_with_it() -> None:
    # A alone would be the total less B and C.
    assert protected("A 1 1\nB 10 20\nC 30 40", "yes no") == grid("""
        A   .  .  .
        B   .  .  .
        C   30 40 70
        all 41 61 102""")


def test_a_place_without_records_is_removed_too_so_that_nobody_knows_which_it_is() -> None:
    public = protected("A 0 0\nB 1 1\nC 10 20\nD 30 40", "yes no")
    assert public == grid("""
        A   .  .  .
        B   .  .  .
        C   .  .  .
        D   30 40 70
        all 41 61 102""")


def test_removed_places_together_are_not_a_place_with_a_small_count() -> None:
    # All less the shown ones would be one "yes" in A and B together.
    public = protected("A 0 2\nB 1 7\nC 9 9\nD 30 40", "yes no")
    assert public.splitlines()[:2] == ["A . . .", "B . . ."]
    assert "c" in public.splitlines()[2] or "c" in public.splitlines()[3]


def test_everybody_of_a_small_place_with_one_answer_is_withheld() -> None:
    # Whoever is known to be one of the five in A would be known to have said yes.
    assert protected("A 5 0\nB 9 8\nC 30 40", "yes no") == grid("""
        A   c  c  5
        B   c  c  17
        C   30 40 70
        all 44 48 92""")


def test_everybody_of_a_larger_place_with_one_answer_is_shown() -> None:
    assert protected("A 10 0\nB 9 8", "yes no") == grid("""
        A   10 0 10
        B   9  8 17
        all 19 8 27""")


def test_a_higher_least_cell_withholds_more() -> None:
    assert protected("A 4 20\nB 9 9\nC 50 60", "yes no", min_cell=5) == grid("""
        A   c  c  24
        B   c  c  18
        C   50 60 110
        all 63 89 152""")


def test_a_withheld_mean_needs_a_partner_whose_sum_can_hide_it() -> None:
    # The two rents of A must be uncertain by a tenth either way: 20. B's sum is 400.
    public = protected(
        "A 2 20\nB 4 9\nC 50 60", "answered not_answered", {"A": 200.0, "B": 400.0, "C": 5000.0}
    )
    assert public.splitlines()[0] == "A c c 22"
    assert public.splitlines()[1] == "B c c 13"
    assert public.splitlines()[2] == "C 50 60 110"


def _over_quarters(lowest: dict[str, list[tuple[int, int]]]) -> pd.DataFrame:
    rows = []
    quarters = [f"q{n}" for n in range(1, 5)]
    every = {**lowest}
    every["all"] = [
        (sum(r[n][0] for r in lowest.values()), sum(r[n][1] for r in lowest.values()))
        for n in range(4)
    ]
    for place, of_quarters in every.items():
        year = tuple(sum(pair[n] for pair in of_quarters) for n in (0, 1))
        for period, (yes, no) in zip((*quarters, "year"), (*of_quarters, year), strict=True):
            rows += [
                (place, period, "yes", yes),
                (place, period, "no", no),
                (place, period, "total", yes + no),
            ]
    frame = pd.DataFrame(rows, columns=["geography", "time", "code", "count"])
    parents = {
        "geography": dict.fromkeys(lowest, "all"),
        "time": dict.fromkeys(quarters, "year"),
        "code": {"yes": "total", "no": "total"},
    }
    return protect_long(frame, parents, Policy())


def test_a_small_quarter_is_not_the_year_less_the_other_three() -> None:
    # Withheld with another quarter rather than with the year, which tells most.
    public = _over_quarters(
        {"A": [(1, 20), (5, 20), (9, 20), (9, 20)], "B": [(8, 30), (7, 30), (20, 40), (20, 40)]}
    )
    withheld = public[public["marker"] == "c"]
    assert set(withheld["geography"]) == {"A", "B"}
    assert set(withheld["time"]) == {"q1", "q2"}
    assert len(withheld) == 8


def test_a_quarter_with_too_few_records_is_removed_with_another_and_the_year_stays() -> None:
    public = _over_quarters(
        {"A": [(1, 1), (3, 4), (20, 20), (20, 20)], "B": [(3, 4), (5, 6), (30, 40), (30, 40)]}
    )
    shown = set(zip(public["geography"], public["time"], strict=True))
    removed = {(p, t) for p in "AB" for t in ("q1", "q2", "q3", "q4", "year")} - shown
    assert removed == {("A", "q1"), ("A", "q2"), ("B", "q1"), ("B", "q2")}
