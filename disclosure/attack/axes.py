"""An axis of a table: the nodes of a hierarchy, and which nodes add up to which."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np


class NotAHierarchy(ValueError):
    """Nodes that contain themselves, so that nothing can be added up."""


@dataclass(frozen=True)
class Axis:
    """Nodes and sums: node `parents[e]` is the sum of `members[starts[e]:starts[e + 1]]`.

    `depth` (nodes): 0 for a node that belongs to nothing, one more than its parent otherwise.
    `valid` (sums, times): whether the sum holds at a time; the time axis itself has one column.
    """

    nodes: tuple[str, ...]
    depth: np.ndarray
    parents: np.ndarray
    starts: np.ndarray
    members: np.ndarray
    valid: np.ndarray

    @property
    def index(self) -> dict[str, int]:
        """Position of each node."""
        return {node: at for at, node in enumerate(self.nodes)}

    def children(self, equation: int) -> np.ndarray:
        """Positions of the nodes that one sum adds up."""
        return self.members[self.starts[equation] : self.starts[equation + 1]]

    def roots(self) -> np.ndarray:
        """Positions of the nodes that belong to nothing."""
        return np.flatnonzero(self.depth == 0)


@dataclass(frozen=True)
class Sum:
    """`parent` is the sum of `children`, at the times where `valid` is true (always, if None)."""

    parent: str
    children: tuple[str, ...]
    valid: tuple[bool, ...] | None = None


def axis(nodes: Sequence[str], sums: Iterable[Sum], times: int = 1) -> Axis:
    """The axis of these nodes; sums with a node that is not among them are left out.

    Raises NotAHierarchy when a node is, through others, part of itself.
    """
    at = {node: number for number, node in enumerate(nodes)}
    kept = [
        one for one in sums if one.children and all(n in at for n in (one.parent, *one.children))
    ]
    members = [at[child] for one in kept for child in one.children]
    valid = np.ones((len(kept), times), dtype=np.bool_)
    for row, one in enumerate(kept):
        if one.valid is not None:
            valid[row] = one.valid
    return Axis(
        tuple(nodes),
        _depth(at, kept),
        np.array([at[one.parent] for one in kept], dtype=np.int64),
        np.cumsum([0, *(len(one.children) for one in kept)], dtype=np.int64),
        np.array(members, dtype=np.int64),
        valid,
    )


def sums_of_pairs(pairs: Iterable[tuple[str, str]]) -> list[Sum]:
    """Sums of (child, parent) pairs: a parent is the sum of all its children."""
    children: dict[str, dict[str, None]] = {}
    for child, parent in pairs:
        children.setdefault(parent, {})[child] = None
    return [Sum(parent, tuple(below)) for parent, below in children.items()]


def _depth(at: dict[str, int], sums: Sequence[Sum]) -> np.ndarray:
    depth = np.zeros(len(at), dtype=np.int64)
    for _ in range(len(at) + 1):
        before = depth.copy()
        for one in sums:
            for child in one.children:
                depth[at[child]] = max(depth[at[child]], depth[at[one.parent]] + 1)
        if np.array_equal(before, depth):
            return depth
    raise NotAHierarchy("A hierarchy has a node that is part of itself.")
