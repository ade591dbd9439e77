"""Trees of geography, time and codes, and the signed paths along which a table can be moved."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class BrokenHierarchy(ValueError):
    """A hierarchy is no forest: a node has two parents, or is its own ancestor."""


class Paths(NamedTuple):
    """Signed paths through each node of a tree (or column of a table), flattened.

    Paths of node n are `start[n]` to `start[n + 1]`; the members of path p are `offset[p]` to
    `offset[p + 1]` of `node` and `sign`. A path adds one along a branch that holds n and takes one
    from another branch of the same ancestor (or, closing at a root, takes none), so that every
    parent stays the sum of its children.
    """

    start: NDArray[np.int64]
    offset: NDArray[np.int64]
    node: NDArray[np.int64]
    sign: NDArray[np.int64]


@dataclass(frozen=True)
class Tree:
    """A forest of published nodes, parents before children; `parent` is -1 at a root."""

    names: tuple[str, ...]
    parent: NDArray[np.int64]
    _at: Mapping[str, int] = field(repr=False)

    @classmethod
    def of(cls, names: Iterable[str], parents: Mapping[str, str]) -> "Tree":
        """The forest of the published `names`.

        A node that is not published gives its children to its nearest published ancestor. Raises
        BrokenHierarchy when following parents never ends.
        """
        published = sorted(set(names))
        known = set(published)

        def above(name: str) -> str | None:
            passed = {name}
            up = parents.get(name)
            while up:
                if up in passed:
                    raise BrokenHierarchy(f"{up} is its own ancestor.")
                if up in known:
                    return up
                passed.add(up)
                up = parents.get(up)
            return None

        nearest = {name: above(name) for name in published}
        depth: dict[str, int] = {}
        for name in published:
            count, up = 0, nearest[name]
            while up is not None:
                count, up = count + 1, nearest[up]
                if count > len(published):
                    raise BrokenHierarchy(f"{name} is its own ancestor.")
            depth[name] = count
        ordered = sorted(published, key=lambda name: (depth[name], name))
        at = {name: number for number, name in enumerate(ordered)}
        parent = np.array(
            [-1 if (up := nearest[name]) is None else at[up] for name in ordered], dtype=np.int64
        )
        return cls(tuple(ordered), parent, at)

    def __len__(self) -> int:
        return len(self.names)

    def index(self, name: str) -> int:
        """The number of a node."""
        return self._at[name]

    @cached_property
    def depth(self) -> NDArray[np.int64]:
        """Number of ancestors of each node."""
        depth = np.zeros(len(self), dtype=np.int64)
        for node, up in enumerate(self.parent):
            if up >= 0:
                depth[node] = depth[up] + 1
        return depth

    @cached_property
    def height(self) -> NDArray[np.int64]:
        """0 at a leaf, otherwise one more than the highest child."""
        height = np.zeros(len(self), dtype=np.int64)
        for node in range(len(self) - 1, -1, -1):
            up = self.parent[node]
            if up >= 0:
                height[up] = max(height[up], height[node] + 1)
        return height

    @cached_property
    def child_start(self) -> NDArray[np.int64]:
        """Where each node's children begin in `children`."""
        counts = np.bincount(self.parent[self.parent >= 0], minlength=len(self))
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    @cached_property
    def children(self) -> NDArray[np.int64]:
        """Children of every node, node after node."""
        below = np.flatnonzero(self.parent >= 0)
        return below[np.argsort(self.parent[below], kind="stable")].astype(np.int64)

    @cached_property
    def leaves(self) -> list[int]:
        """Nodes without children."""
        return [node for node in range(len(self)) if self.height[node] == 0]

    def chain(self, node: int) -> list[int]:
        """A node and its ancestors, upwards."""
        found = [node]
        while self.parent[found[-1]] >= 0:
            found.append(int(self.parent[found[-1]]))
        return found

    def paths(self, closing_at_root: bool) -> Paths:
        """Every signed path through each node; those that end at a root only if asked for."""
        chains = {leaf: self.chain(leaf) for leaf in self.leaves}
        start, offset = [0], [0]
        nodes: list[int] = []
        signs: list[int] = []
        for node in range(len(self)):
            paths: set[tuple[tuple[int, int], ...]] = set()
            for leaf, chain in chains.items():
                if node not in chain:
                    continue
                if closing_at_root:
                    paths.add(tuple((member, 1) for member in chain))
                for other, against in chains.items():
                    if other == leaf or node in against:
                        continue
                    shared = set(chain) & set(against)
                    if not shared:
                        continue
                    plus = [(member, 1) for member in chain if member not in shared]
                    minus = [(member, -1) for member in against if member not in shared]
                    paths.add((*plus, *minus))
            for path in sorted(paths, key=lambda path: (len(path), path)):
                nodes.extend(member for member, _ in path)
                signs.extend(sign for _, sign in path)
                offset.append(len(nodes))
            start.append(len(offset) - 1)
        return Paths(
            np.array(start, dtype=np.int64),
            np.array(offset, dtype=np.int64),
            np.array(nodes, dtype=np.int64),
            np.array(signs, dtype=np.int64),
        )


def parents_of(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Parents by child, from (child, parent). Raises BrokenHierarchy for a second parent."""
    parents: dict[str, str] = {}
    for child, parent in pairs:
        if not parent:
            continue
        if child == parent:
            raise BrokenHierarchy(f"{child} is given as its own parent.")
        if parents.setdefault(child, parent) != parent:
            raise BrokenHierarchy(f"{child} has two parents, {parents[child]} and {parent}.")
    return parents
