"""Step A: which places have no row at all, so that their records cannot be worked out (G1)."""

from dataclasses import dataclass

import numpy as np

from disclosure.policy import Policy
from disclosure.protection.kernel import certify
from disclosure.protection.shape import ALONE, Bools, Ints, Shape

# Moves that can be written down: far more than there are places and periods.
_ROOM = 200_000


@dataclass(frozen=True)
class Removal:
    """Which places x periods are removed, and the moves that keep their records uncertain.

    `taken`: see kernel.certify; `reach_up`, `reach_down`: how far each of its rows must reach.
    `uncertified`: places with records that no move could make uncertain.
    """

    removed: Bools
    taken: Ints
    reach_up: Ints
    reach_down: Ints
    uncertified: int


def removal_of(shape: Shape, records: Ints, policy: Policy, frozen: Bools | None = None) -> Removal:
    """Removes places with fewer records than the least, empty ones too, and others to cover them.

    `records`, `frozen` (shown by an earlier release): places x periods. Removed alike, nobody can
    tell which of both a place is.
    """
    values = records[:, :, None]
    small = values < policy.area_minimum
    state = shape.state(values, small, frozen=None if frozen is None else frozen[:, :, None])
    space = shape.space(np.ones((3, 1), dtype=bool))
    taken = np.zeros((_ROOM, 5), dtype=np.int64)
    rows, reach_up, reach_down = [], [], []
    uncertified = 0
    # Places with records first: what hides them may cover the empty ones as well.
    for empty in (False, True):
        targets = shape.in_order(small & ((values == 0) == empty))
        need_down = np.minimum(state.values[targets], 1)
        need_up = np.maximum(policy.area_minimum - state.values[targets], policy.span - need_down)
        failed, written = certify(
            state, space, shape.paths, ALONE, ALONE, targets, need_up, need_down,
            need_up + need_down, taken,
        )  # fmt: skip
        found = taken[:written].copy()
        needed = np.zeros_like(state.values)
        needed[targets] = need_up
        rows.append(found)
        reach_up.append(needed[found[:, 0]])
        reach_down.append(np.minimum(state.values[found[:, 0]], 1))
        if not empty:
            uncertified = int(failed.sum())
    return Removal(
        state.hidden.reshape(records.shape),
        np.concatenate(rows),
        np.concatenate(reach_up),
        np.concatenate(reach_down),
        uncertified,
    )
