"""National two-way counts: margins are the one-way cells of England and stay as they are there."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from disclosure.policy import Policy
from disclosure.protection.components import Component, Vector, paths_of
from disclosure.protection.frames import Keyed
from disclosure.protection.shape import Bools, Ints, Shape
from disclosure.protection.trees import Paths, Tree
from disclosure.protection.withholding import hide_and_certify


@dataclass
class Margins:
    """England's one-way cells of a log type and year: by question, codes, counts and hidden codes.

    `counts`: periods x codes; a code withheld in any period is withheld in every pair.
    """

    periods: Tree
    codes: dict[str, list[str]] = field(default_factory=dict)
    counts: dict[str, Ints] = field(default_factory=dict)
    hidden: dict[str, Bools] = field(default_factory=dict)

    def add(self, component: Component, hidden: Bools) -> None:
        """Adds the questions of a component. Place 0 is England."""
        for part in component.parts:
            chosen = part.all_columns[component.exists[2, part.all_columns]]
            self.codes[part.name] = [component.columns[n][1] for n in chosen]
            self.counts[part.name] = component.counts[0][:, chosen]
            self.hidden[part.name] = hidden[0][:, chosen].any(axis=0)


@cache
def _shape(codes: int, periods: tuple[str, ...], parents: tuple[int, ...]) -> Shape:
    """Codes of the first question under their total, in place of areas."""
    names = [f"{number:04d}" for number in range(codes)]
    tree = Tree.of([*names, "all"], dict.fromkeys(names, "all"))
    times = Tree.of(
        periods, {name: periods[up] for name, up in zip(periods, parents, strict=True) if up >= 0}
    )
    return Shape(tree, times)


@cache
def _paths(codes: int) -> Paths:
    """One code for another."""
    pairs: list[Vector] = [((a, 1), (b, -1)) for a in range(codes) for b in range(a + 1, codes)]
    return paths_of(pairs, codes)


@dataclass(frozen=True)
class Pair:
    """Two questions of a log type and year, and the rows of the crosses that hold them."""

    rows: NDArray[np.int64]
    log_type: str
    one: str
    two: str
    margins: Margins


def withheld_pair(keyed: Keyed, pair: Pair, policy: Policy) -> dict[str, NDArray[Any]]:
    """A pair's cells with what is withheld of them, as columns for `public_frame`.

    Empty when all of it is withheld, or a cell cannot be made uncertain. Raises ValueError when the
    counts do not add up to the margins.
    """
    rows, one, two, margins = pair.rows, pair.one, pair.two, pair.margins
    first, second = margins.codes[one], margins.codes[two]
    periods = margins.periods
    shape = _shape(len(first), periods.names, tuple(int(up) for up in periods.parent))
    counts = np.zeros((len(first) + 1, len(periods), len(second)), dtype=np.int64)
    place = {code: number for number, code in enumerate(first, start=1)}
    column = {code: number for number, code in enumerate(second)}
    word = keyed.words
    g = np.array([place[word["code"][n]] for n in keyed.codes["code"][rows]])
    t = np.array([periods.index(word["period"][n]) for n in keyed.codes["period"][rows]])
    c = np.array([column[word["code2"][n]] for n in keyed.codes["code2"][rows]])
    counts[g, t, c] = keyed.count[rows]
    counts[0] = counts[1:].sum(axis=0)
    if (counts[0] != margins.counts[two]).any() or (
        margins.counts[one] != counts[1:].sum(axis=2).T
    ).any():
        raise ValueError(f"{one} by {two} of {pair.log_type} does not add up to its margins.")
    hidden = (counts > 0) & (counts < policy.min_cell)
    # A withheld margin moves whole rows and columns, so all of their cells are withheld.
    hidden[1:][margins.hidden[one]] = True
    hidden[:, :, margins.hidden[two]] = True
    frozen = np.zeros(counts.shape, dtype=bool)
    frozen[0] = True
    hidden[0] = False
    failed = hide_and_certify(shape, counts, hidden, frozen, _paths(len(second)), policy)
    shown = (counts > 0) | hidden
    shown[0] = False
    if failed or hidden[1:].all():
        shown[:] = False
    g, t, c = np.nonzero(shown)
    return {
        "period": keyed.numbers("period", periods.names)[t],
        "log_type": np.full(len(g), keyed.number("log_type", pair.log_type)),
        "question": np.full(len(g), keyed.number("question", one)),
        "code": keyed.numbers("code", first)[g - 1],
        "question2": np.full(len(g), keyed.number("question2", two)),
        "code2": keyed.numbers("code2", second)[c],
        "count": counts[g, t, c],
        "hidden": hidden[g, t, c],
    }
