"""What earlier releases add: their cells where nothing changed, and what changed where it did."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from disclosure.attack.tables import SHOWN, Table


@dataclass(frozen=True)
class Revision:
    """How many records at least changed, by block.

    `changed` (geography, time): the fewest records added, removed or altered that explain every
    difference between cells shown in both releases. `table` names the blocks.
    """

    table: Table
    changed: np.ndarray
    words: str

    def small(self, threshold: int) -> Iterator[tuple[dict[str, str], float]]:
        """(columns of the block, records) where something, but too little, changed."""
        geography, time, _ = self.table.axes
        for place, when in np.argwhere((self.changed > 0) & (self.changed < threshold)):
            yield (
                {**dict(self.table.key), "geography": geography.nodes[place],
                 "time": time.nodes[when]},
                float(self.changed[place, when]),
            )  # fmt: skip


def compare(tables: Sequence[tuple[Table, Table]], words: str) -> Revision:
    """The changes of one family of tables that share their records: (current, earlier) pairs."""
    current, _ = tables[0]
    changed = np.zeros(current.low.shape[:2])
    for new, old in tables:
        both = (new.state == SHOWN) & (old.state == SHOWN)
        leaves = both & _finest(new)
        moved = np.where(leaves, new.low - old.low, 0.0)
        least = np.maximum(np.maximum(moved, 0).sum(axis=2), np.maximum(-moved, 0).sum(axis=2))
        other = np.abs(np.where(both, new.low - old.low, 0.0)).max(axis=2)
        changed = np.maximum(changed, np.maximum(least, other))
    return Revision(current, changed, words)


def _finest(table: Table) -> np.ndarray:
    """Codes that no other code is part of."""
    code = table.axes[2]
    finest = np.ones(len(code.nodes), dtype=np.bool_)
    finest[code.parents] = False
    return finest


def remember(new: Table, old: Table, revision: Revision) -> None:
    """Gives cells that are withheld now what an earlier release showed, where nothing changed."""
    same = (revision.changed == 0)[:, :, None]
    usable = (new.state != SHOWN) & (old.state == SHOWN) & same
    new.low[usable] = new.high[usable] = old.low[usable]
    for flat in np.flatnonzero(usable.ravel()):
        new.notes[int(flat)] = (revision.words,)
