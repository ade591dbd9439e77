"""The places and periods of one log type and year, as the compiled search sees them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from disclosure.protection.kernel import INFINITE, Space, State
from disclosure.protection.trees import Paths, Tree

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

# What withholding costs: at the lowest places, one level up, and higher; of a year, not a quarter.
_LEVEL_COST = (1.0, 8.0, 40.0)
_YEAR_COST = 4.0
# The one path of a table without codes.
ALONE = Paths(
    np.array([0, 1], dtype=np.int64),
    np.array([0, 1], dtype=np.int64),
    np.array([0], dtype=np.int64),
    np.array([1], dtype=np.int64),
)


@dataclass(frozen=True)
class Shape:
    """Places and periods of a family, with everything that the compiled search asks of them."""

    places: Tree
    periods: Tree

    @cached_property
    def levels(self) -> NDArray[np.int64]:
        """0 at lowest places, 1 one above, 2 higher."""
        return np.minimum(self.places.height, 2).astype(np.int64)

    @cached_property
    def paths(self) -> Paths:
        """Signed paths through the periods."""
        return self.periods.paths(closing_at_root=True)

    @cached_property
    def weight(self) -> NDArray[np.float64]:
        """What one withheld unit of information costs: places x periods."""
        of_place = np.array(_LEVEL_COST)[np.minimum(self.places.height, 2)]
        of_period = np.where(self.periods.height > 0, _YEAR_COST, 1.0)
        return of_place[:, None] * of_period[None, :]

    @cached_property
    def order(self) -> Ints:
        """Places x periods in order of visit: from the top down, the year before its quarters."""
        places, periods = np.meshgrid(
            np.arange(len(self.places)), np.arange(len(self.periods)), indexing="ij"
        )
        keys = (
            periods.ravel(),
            places.ravel(),
            -self.periods.height[periods.ravel()],
            self.places.depth[places.ravel()],
        )
        return np.lexsort(keys)

    def space(self, exists: Bools) -> Space:
        """What the search asks of places. `exists`: levels x codes."""
        places = self.places
        return Space(
            self.levels,
            places.parent,
            places.depth,
            places.child_start,
            places.children,
            places.height,
            np.ascontiguousarray(exists),
            len(self.periods),
            exists.shape[1],
        )

    def state(
        self, values: Ints, hidden: Bools, removed: Bools | None = None, frozen: Bools | None = None
    ) -> State:
        """A table with nothing certified. `values`, `hidden`, `frozen`: places x periods x codes.

        `hidden` is copied: the search changes the state's own.
        """
        cost = np.log2(2.0 + values) * self.weight[:, :, None]
        if frozen is not None:
            cost = np.where(frozen, INFINITE, cost)
        if removed is None:
            removed = np.zeros(values.shape[:2], dtype=bool)
        flat = np.ascontiguousarray(values.ravel())
        up, down, union_up, union_down = (np.zeros_like(flat) for _ in range(4))
        return State(
            flat,
            hidden.ravel().copy(),
            cost.ravel(),
            up,
            down,
            union_up,
            union_down,
            removed.ravel().copy(),
        )

    def in_order(self, cells: Bools) -> Ints:
        """Flat numbers of the chosen cells (places x periods x codes), in order of visit."""
        codes = cells.shape[2]
        rows, columns = np.nonzero(cells.reshape(-1, codes)[self.order])
        return (self.order[rows] * codes + columns).astype(np.int64)
