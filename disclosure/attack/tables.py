"""What is publicly known of one table: an interval for every cell, shown or not."""

from dataclasses import dataclass, field

import numpy as np

from disclosure.attack.axes import Axis

# How a cell stands in the publication.
SHOWN, HIDDEN, REMOVED, DEEPER, HIGHER, ELSEWHERE = range(6)
"""Shown (a true zero included); marked `c`; in a removed geography and time; of a code that is
finer, or coarser, than what is published at that level; a cell of another table repeated here."""

GEOGRAPHY, TIME, CODE = range(3)
Key = tuple[tuple[str, str], ...]


@dataclass
class Table:
    """Cells of geography x time x code; a cross has the first question's codes as geography.

    `key`: columns and values that name the table. `low`, `high` (float64): what is known of each
    cell, `high` infinite at first for what is not shown. `state`: SHOWN and so on, a cell each.
    `names`: the columns that name a cell in a finding, one per axis.
    `valid`, one array (sums, times) per axis: the sums that are used; `set_aside` names the others.
    `notes`: by flat position, in words, what narrowed a cell other than a single sum of this table.
    `represented`: removed cells that are not here, because two like them stand for all.
    """

    key: Key
    axes: tuple[Axis, Axis, Axis]
    low: np.ndarray
    high: np.ndarray
    state: np.ndarray
    names: tuple[str, str, str] = ("geography", "time", "code")
    set_aside: list[str] = field(default_factory=list)
    notes: dict[int, tuple[str, ...]] = field(default_factory=dict)
    represented: int = 0
    valid: tuple[np.ndarray, np.ndarray, np.ndarray] = field(init=False)

    def __post_init__(self) -> None:
        times = len(self.axes[TIME].nodes)
        geography, time, code = (one.valid for one in self.axes)
        self.valid = (
            np.broadcast_to(geography, (len(geography), times)).copy(),
            time.copy(),
            np.broadcast_to(code, (len(code), times)).copy(),
        )

    def cell(self, flat: int) -> dict[str, str]:
        """The columns that name one cell, given by its flat position."""
        where = np.unravel_index(flat, self.low.shape)
        places = {
            name: self.axes[number].nodes[int(where[number])]
            for number, name in enumerate(self.names)
        }
        return {**dict(self.key), **places}

    @property
    def name(self) -> str:
        """The key in words."""
        return ", ".join(f"{column} {value}" for column, value in self.key) or "the table"


@dataclass
class Sums:
    """Sums behind the means of a table of counts, over its cells `cells` (flat positions).

    `table`: the sums known as intervals, from means rounded to `half_step` either way.
    `mean`: same shape, NaN where not shown. `counts`: position of the table of counts.
    """

    table: Table
    mean: np.ndarray
    half_step: float
    counts: int
    cells: np.ndarray


@dataclass(frozen=True)
class Shared:
    """The same cells in several tables: (position of the table, flat positions), equal shapes."""

    places: tuple[tuple[int, np.ndarray], ...]


@dataclass
class PublicTables:
    """All that is public: tables of counts, the cells they share, and sums."""

    tables: list[Table]
    shared: list[Shared] = field(default_factory=list)
    sums: list[Sums] = field(default_factory=list)


@dataclass(frozen=True)
class Rows:
    """Rows of one table by position on its axes; `count` is NaN where the marker is `c`."""

    geography: np.ndarray
    time: np.ndarray
    code: np.ndarray
    count: np.ndarray


def table_of(
    key: Key,
    axes: tuple[Axis, Axis, Axis],
    rows: Rows,
    shown: np.ndarray | None = None,
    exists: np.ndarray | None = None,
    recast: np.ndarray | None = None,
) -> Table:
    """The table that rows make, with what their absence says.

    `shown` (geography, time): which are not removed; by default those that have any row.
    `exists` (geography, time): which there are at all; a place of another time counts nothing.
    `recast` (geography, time): which are now counted under the place that they became part of.
    """
    size = tuple(len(one.nodes) for one in axes)
    low = np.zeros(size)
    high = np.full(size, np.inf)
    state = np.full(size, REMOVED, dtype=np.uint8)
    present = np.zeros(size, dtype=np.bool_)
    present[rows.geography, rows.time, rows.code] = True
    blocks: np.ndarray = np.asarray(present.any(axis=2))
    if shown is None:
        shown = blocks
        published = np.ones_like(blocks)
    else:
        shown = np.logical_or(shown, blocks)
        published = _published_levels(blocks, axes[GEOGRAPHY])
    for depth in np.unique(axes[GEOGRAPHY].depth):
        places = np.flatnonzero(axes[GEOGRAPHY].depth == depth)
        standing = _code_standing(axes[CODE], np.asarray(present[places].any(axis=(0, 1))))
        for place in places:
            state[place, shown[place]] = standing
    state[~published] = HIGHER
    value = np.zeros(size)
    value[rows.geography, rows.time, rows.code] = rows.count
    state[rows.geography, rows.time, rows.code] = np.where(np.isnan(rows.count), HIDDEN, SHOWN)
    if recast is not None:
        state[recast] = ELSEWHERE
    if exists is not None:
        state[~exists] = SHOWN
    known = state == SHOWN
    low[known] = high[known] = value[known]
    return Table(key, axes, low, high, state)


def _published_levels(blocks: np.ndarray, geography: Axis) -> np.ndarray:
    """Which geography x time belong to a level that has any row at that time."""
    published = np.zeros_like(blocks)
    for depth in np.unique(geography.depth):
        level = geography.depth == depth
        published[level] = blocks[level].any(axis=0)
    return published


def _code_standing(code: Axis, present: np.ndarray) -> np.ndarray:
    """What an absent row of each code means at a level where the codes `present` have rows.

    A group without rows whose codes have them is a sum that nobody published (HIGHER), and codes
    without rows below a group that has them are finer than the level shows (DEEPER). Otherwise
    an absent row is a true zero.
    """
    standing = np.full(len(code.nodes), SHOWN, dtype=np.uint8)
    below: dict[int, set[int]] = {}
    for equation in np.argsort(-code.depth[code.parents], kind="stable"):
        parent = int(code.parents[equation])
        under = below.setdefault(parent, set())
        for child in code.children(int(equation)):
            under.add(int(child))
            under |= below.get(int(child), set())
    for parent, under in sorted(below.items(), key=lambda item: code.depth[item[0]]):
        rows_below = any(present[node] for node in under)
        root = code.depth[parent] == 0
        if not present[parent] and (rows_below or root):
            standing[parent] = HIGHER
        elif present[parent] and not rows_below:
            standing[list(under)] = DEEPER
    for parent, under in below.items():
        # A second sum of codes that are finer than the level shows is no zero for want of a row.
        is_zero = standing[parent] == SHOWN and not present[parent]
        if is_zero and (standing[list(under)] == DEEPER).any():
            standing[parent] = HIGHER
    return standing
