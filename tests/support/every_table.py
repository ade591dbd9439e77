"""An attacker without cunning: every table that agrees with what is published, each in turn."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import pandas as pd

Cell = tuple[str, str, str]
Parents = Mapping[str, Mapping[str, str]]
# An unknown that no shown sum bounds is tried up to here.
UNBOUNDED = 7


class TooMany(Exception):
    """More tables agree than it is worth looking at."""


@dataclass(frozen=True)
class Known:
    """Least and most value of a cell over all tables that agree."""

    least: int
    most: int


def leaves_below(tree: Mapping[str, str], node: str) -> list[str]:
    """The lowest nodes of a child-to-parent tree below a node, or the node itself."""
    children = [child for child, parent in tree.items() if parent == node]
    if not children:
        return [node]
    return [leaf for child in children for leaf in leaves_below(tree, child)]


def intervals(
    public: pd.DataFrame, parents: Parents, cells: list[Cell], most_tables: int = 20_000
) -> dict[Cell, Known]:
    """What the public table (one table, no sums) lets one know of cells. Raises TooMany."""
    geography, time, code = (parents[name] for name in ("geography", "time", "code"))
    lowest = list(
        product(
            sorted(set(geography) - set(geography.values())),
            sorted(set(time) - set(time.values())),
            sorted(set(code) - set(code.values())),
        )
    )
    number = {cell: n for n, cell in enumerate(lowest)}
    parts = {cell: _parts(cell, parents, number) for cell in cells}
    shown = public[public["marker"] == ""]
    keys = zip(shown["geography"], shown["time"], shown["code"], strict=True)
    sums = [
        (_parts(cell, parents, number), int(count))
        for cell, count in zip(keys, shown["count"], strict=True)
    ]
    known: dict[Cell, Known] = {}
    for count, table in enumerate(_tables(len(lowest), sums)):
        if count >= most_tables:
            raise TooMany
        for cell, members in parts.items():
            value = sum(table[n] for n in members)
            seen = known.get(cell, Known(value, value))
            known[cell] = Known(min(seen.least, value), max(seen.most, value))
    return known


def _parts(cell: Cell, parents: Parents, number: Mapping[Cell, int]) -> list[int]:
    trees = (parents["geography"], parents["time"], parents["code"])
    below = (leaves_below(tree, node) for tree, node in zip(trees, cell, strict=True))
    return [number[member] for member in product(*below)]


def _tables(size: int, sums: list[tuple[list[int], int]]) -> Iterator[list[int]]:
    holding: list[list[int]] = [[] for _ in range(size)]
    for n, (members, _) in enumerate(sums):
        for member in members:
            holding[member].append(n)
    left = [total for _, total in sums]
    still = [len(members) for members, _ in sums]
    # What is in a small sum comes first, so that dead ends show early.
    order = sorted(range(size), key=lambda n: min((left[s] for s in holding[n]), default=99))
    values = [0] * size

    def fill(position: int) -> Iterator[list[int]]:
        if position == size:
            yield values
            return
        cell = order[position]
        mine = holding[cell]
        most = min((left[s] for s in mine), default=UNBOUNDED)
        least = max((left[s] for s in mine if still[s] == 1), default=0)
        for value in range(least, most + 1):
            values[cell] = value
            for s in mine:
                left[s] -= value
                still[s] -= 1
            yield from fill(position + 1)
            for s in mine:
                left[s] += value
                still[s] += 1

    yield from fill(0)
