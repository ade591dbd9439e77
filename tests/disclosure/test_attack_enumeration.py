"""The attacker against one who writes down every table that agrees with what is shown."""

import random
from collections.abc import Iterator
from itertools import product

import numpy as np
import pandas as pd
import pytest

from disclosure.attack import audit, intervals, tables_of_frames
from tests.disclosure.attacked import pairs

HIERARCHIES = pairs("E: a b c", "Y: Q1 Q2", "t: 1 2")
BELOW = {"E": "abc", "Y": ("Q1", "Q2"), "t": "12"}
LEAVES = list(product("abc", ("Q1", "Q2"), "12"))
CELLS = list(product("abcE", ("Q1", "Q2", "Y"), "12t"))
MEMBERS = {
    cell: [
        at
        for at, leaf in enumerate(LEAVES)
        if all(part in BELOW.get(node, (node,)) for node, part in zip(cell, leaf, strict=True))
    ]
    for cell in CELLS
}
MOST_TABLES = 3_000


class TooMany(Exception):
    """More tables agree than are worth writing down."""


def _tables(shown: dict[tuple[str, ...], int]) -> Iterator[list[int]]:
    """Every table of leaves, none negative, that agrees with the cells shown."""
    sums = [(MEMBERS[cell], count) for cell, count in shown.items()]
    left = [count for _, count in sums]
    touching = [
        [n for n, (cells, _) in enumerate(sums) if at in cells] for at in range(len(LEAVES))
    ]
    values = [0] * len(LEAVES)
    written = 0

    def fill(at: int) -> Iterator[list[int]]:
        nonlocal written
        if at == len(LEAVES):
            written += 1
            if written > MOST_TABLES:
                raise TooMany
            yield values
            return
        for value in range(min(left[n] for n in touching[at]) + 1):
            for n in touching[at]:
                left[n] -= value
            if all(left[n] == 0 for n in touching[at] if max(sums[n][0]) == at):
                values[at] = value
                yield from fill(at + 1)
            for n in touching[at]:
                left[n] += value

    yield from fill(0)


def _removed(shown: dict[tuple[str, ...], int]) -> set[tuple[str, str]]:
    """Blocks without a row: nothing there is known, zeros included."""
    rows = {cell[:2] for cell, count in shown.items() if count}
    return {cell[:2] for cell in CELLS} - rows


@pytest.mark.parametrize("small_part", [80, 0])
@pytest.mark.parametrize("seed", range(30))
def test_what_it_knows_is_what_all_tables_that_agree_have_in_common(
    seed: int, small_part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intervals, "_SMALL_PART", small_part)
    dice = random.Random(seed)
    leaves = [dice.choice([0, 0, 1, 2, 3]) for _ in LEAVES]
    truth = {cell: sum(leaves[at] for at in at_leaves) for cell, at_leaves in MEMBERS.items()}
    share = dice.choice([0.3, 0.5, 0.65])
    hidden = {cell for cell in CELLS if cell != ("E", "Y", "t") and dice.random() < share}
    gone = _removed({c: 1 for c in CELLS if c in hidden or truth[c]})
    shown = {c: n for c, n in truth.items() if c not in hidden and c[:2] not in gone}
    rows = [(*c, np.nan if c in hidden else n) for c, n in truth.items() if c in hidden or n]
    made = pd.DataFrame(rows, columns=["geography", "time", "code", "count"])
    made = made.astype({**dict.fromkeys(("geography", "time", "code"), "category"), "count": float})
    least = dict.fromkeys(CELLS, 10**9)
    most = dict.fromkeys(CELLS, -1)
    try:
        for values in _tables(shown):
            for cell, at_leaves in MEMBERS.items():
                count = sum(values[at] for at in at_leaves)
                least[cell], most[cell] = min(least[cell], count), max(most[cell], count)
    except TooMany:
        pytest.skip("more tables agree than are worth writing down")

    public, _ = tables_of_frames(made, HIERARCHIES)
    verdict = audit(public)
    assert verdict.undecided == 0
    assert not verdict.set_aside
    (table,) = public.tables
    for cell in CELLS:
        at = tuple(one.index.get(node, -1) for one, node in zip(table.axes, cell, strict=True))
        if -1 in at:
            continue
        low, high = table.low[at], table.high[at]
        assert low <= least[cell] <= truth[cell] <= most[cell] <= high
        # Among halves there may be more tables, so only the search of whole numbers is as sharp.
        if small_part and cell in hidden and most[cell] < verdict.threshold:
            assert (low, high) == (least[cell], most[cell])
