"""Families: one log type and year, whose questions share their records, and its removed places."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from disclosure.policy import Policy
from disclosure.protection.earlier import Earlier
from disclosure.protection.frames import Keyed
from disclosure.protection.removal import Removal, removal_of
from disclosure.protection.shape import Bools, Ints, Shape
from disclosure.protection.trees import Tree

RECORDS = "records"
_RESIDUAL = "~"


class UnsafeTable(ValueError):
    """A table holds what no rule allows; nothing may be published from it."""


@dataclass(frozen=True)
class Hierarchies:
    """What adds up to what: the parent of each area in a collection year, and of each period.

    `areas`: by collection year ("2025"), parents by child, up to England. `parents_of_periods`: of
    a quarter, its year. `running`: collection years that are not over.
    """

    areas: Mapping[str, Mapping[str, str]]
    parents_of_periods: Mapping[str, str]
    running: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Family:
    """One log type and year.

    `rows`: its rows of the counted cells; `place_of`, `period_of`: by number of an area or period,
    its node. `records`: places x periods. `has_counts_only`: at the lowest places nothing is shown
    but records. A residual is what a place has beyond its parts, as a part of its own that is never
    public: records without an area.
    """

    year: str
    log_type: str
    shape: Shape
    rows: NDArray[np.int64]
    place_of: NDArray[np.int64]
    period_of: NDArray[np.int64]
    records: Ints
    removal: Removal
    has_counts_only: bool

    @property
    def real(self) -> Bools:
        """Places that are no residual."""
        return np.array([not name.startswith(_RESIDUAL) for name in self.shape.places.names])

    def fill_residuals(self, values: Ints) -> None:
        """Gives each residual what its parent has beyond its other children. Places come first."""
        _fill_residuals(values, self.shape.places)


def families_of(
    keyed: Keyed, hierarchies: Hierarchies, policy: Policy, earlier: Earlier
) -> Iterator[Family]:
    """The families of counted cells, with what is removed. Raises UnsafeTable for unknown areas."""
    years = np.array([hierarchies.parents_of_periods.get(p, p) for p in keyed.words["period"]])
    of_year = years[keyed.codes["period"]]
    for year in sorted(set(of_year.tolist())):
        in_year = np.flatnonzero(of_year == year)
        parents = dict(hierarchies.areas[year])
        found = {keyed.words["area"][a] for a in np.unique(keyed.codes["area"][in_year])}
        unknown = found - set(parents) - set(parents.values())
        if unknown:
            raise UnsafeTable(f"{', '.join(sorted(unknown))} is not an area of {year}.")
        periods = Tree.of(
            {keyed.words["period"][p] for p in np.unique(keyed.codes["period"][in_year])},
            hierarchies.parents_of_periods,
        )
        is_running = year in hierarchies.running
        has_counts_only = is_running and policy.running_year_at_authority == "counts"
        types = keyed.codes["log_type"][in_year]
        for number in np.unique(types):
            log_type = keyed.words["log_type"][number]
            rows = in_year[types == number]
            shape = Shape(_places(keyed, rows, parents), periods)
            place_of = _nodes(shape.places, keyed.words["area"])
            period_of = _nodes(periods, keyed.words["period"])
            records = np.zeros((len(shape.places), len(periods)), dtype=np.int64)
            total = _totals(keyed, rows)
            at = place_of[keyed.codes["area"][total]], period_of[keyed.codes["period"][total]]
            records[at] = keyed.count[total]
            _fill_residuals(records, shape.places)
            frozen = earlier.shown_records(log_type, shape, records)
            # Records without an area are of no place that could be removed.
            frozen |= np.array([[name.startswith(_RESIDUAL)] for name in shape.places.names])
            removal = removal_of(shape, records, policy, frozen)
            yield Family(
                year, log_type, shape, rows, place_of, period_of, records, removal, has_counts_only
            )


def _nodes(tree: Tree, words: list[str]) -> NDArray[np.int64]:
    known = set(tree.names)
    return np.array([tree.index(word) if word in known else -1 for word in words], dtype=np.int64)


def _totals(keyed: Keyed, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows that hold a number of records."""
    return rows[keyed.codes["question"][rows] == keyed.number("question", RECORDS)]


def _places(keyed: Keyed, rows: NDArray[np.int64], parents: Mapping[str, str]) -> Tree:
    """The areas of a year, with a residual below each that has more than its parts."""
    total = _totals(keyed, rows)
    areas = np.array(keyed.words["area"], dtype=object)[keyed.codes["area"][total]]
    counts = pd.Series(keyed.count[total], index=areas).groupby(level=0).sum()
    of_parent = counts[counts.index.isin(list(parents))]
    below = of_parent.rename(index=parents).groupby(level=0).sum()
    tops = set(parents.values())
    residuals = {
        f"{_RESIDUAL}{area}": area
        for area in counts.index
        if area in tops and counts[area] != below.get(area, 0)
    }
    return Tree.of({*parents, *tops, *residuals}, {**parents, **residuals})


def _fill_residuals(values: Ints, places: Tree) -> None:
    """Gives each residual what its parent has beyond its other children."""
    for node, name in enumerate(places.names):
        if not name.startswith(_RESIDUAL):
            continue
        parent = places.parent[node]
        others = [n for n in np.flatnonzero(places.parent == parent) if n != node]
        values[node] = values[parent] - values[others].sum(axis=0)
