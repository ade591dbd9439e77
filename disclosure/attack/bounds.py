"""The first stage: intervals by adding and subtracting along each sum, until nothing moves."""

import numpy as np
from numba import njit

from disclosure.attack.tables import CODE, GEOGRAPHY, TIME, Table

_MOST_SWEEPS = 500
# Where time stands when one axis is brought to the front: 0 when it is that axis.
TIME_AT = {GEOGRAPHY: 1, TIME: 0, CODE: 2}


class Reasons:
    """Which sum last moved each end: axis * 1e6 + sum, or -1. Same shape as the table."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.low = np.full(shape, -1, dtype=np.int32)
        self.high = np.full(shape, -1, dtype=np.int32)


REASON_STEP = 1_000_000


def propagate(table: Table, tolerance: float = 1e-7) -> Reasons:
    """Narrows `low` and `high` of a table in place, and says which sums did it.

    A sum that what is shown contradicts (a total of records whose place is not known, say) is set
    aside at that time, and noted in `set_aside`; the others are used.
    """
    low, high = table.low.copy(), table.high.copy()
    while True:
        reasons = Reasons(low.shape)
        broken = _to_fixpoint(table, reasons, tolerance)
        if broken is None:
            return reasons
        axis, equation, time = broken
        one = table.axes[axis]
        table.valid[axis][equation, time] = False
        moment = f" at {table.axes[TIME].nodes[time]}" if axis != TIME else ""
        table.set_aside.append(f"{one.nodes[one.parents[equation]]}{moment}")
        table.low[...], table.high[...] = low, high


def _to_fixpoint(table: Table, reasons: Reasons, tolerance: float) -> tuple[int, int, int] | None:
    at = np.zeros(3, dtype=np.int64)
    for _ in range(_MOST_SWEEPS):
        moved = 0
        for number, one in enumerate(table.axes):
            if not len(one.parents):
                continue
            found = _sweep(
                np.moveaxis(table.low, number, 0),
                np.moveaxis(table.high, number, 0),
                np.moveaxis(reasons.low, number, 0),
                np.moveaxis(reasons.high, number, 0),
                one.parents,
                one.starts,
                one.members,
                table.valid[number],
                TIME_AT[number],
                number * REASON_STEP,
                tolerance,
                at,
            )
            if found < 0:
                return number, int(at[0]), int((0, at[1], at[2])[TIME_AT[number]])
            moved += found
        if not moved:
            break
    return None


@njit(nogil=True, cache=True)
def _sweep(  # type: ignore[no-untyped-def]
    low, high, why_low, why_high, parents, starts, members, valid, time_at, tag, tolerance, at
):
    """One pass over the sums of one axis (first of the arrays): ends moved, or -1 if impossible."""
    moved = 0
    for e in range(len(parents)):
        p = parents[e]
        for b in range(low.shape[1]):
            for c in range(low.shape[2]):
                t = b if time_at == 1 else (c if time_at == 2 else 0)
                if not valid[e, t]:
                    continue
                least, most, unbounded = 0.0, 0.0, 0
                free = low[p, b, c] < high[p, b, c]
                for k in range(starts[e], starts[e + 1]):
                    m = members[k]
                    least += low[m, b, c]
                    if high[m, b, c] == np.inf:
                        unbounded += 1
                    else:
                        most += high[m, b, c]
                    if low[m, b, c] < high[m, b, c]:
                        free = True
                at[0], at[1], at[2] = e, b, c
                slack = tolerance * (1.0 + abs(least))
                if least > high[p, b, c] + slack or (
                    unbounded == 0 and most < low[p, b, c] - slack
                ):
                    return -1
                if not free:
                    continue
                if least > low[p, b, c] + slack:
                    low[p, b, c] = min(least, high[p, b, c])
                    why_low[p, b, c] = tag + e
                    moved += 1
                if unbounded == 0 and most < high[p, b, c] - slack:
                    high[p, b, c] = max(most, low[p, b, c])
                    why_high[p, b, c] = tag + e
                    moved += 1
                for k in range(starts[e], starts[e + 1]):
                    m = members[k]
                    if low[m, b, c] == high[m, b, c]:
                        continue
                    open_ = unbounded - (1 if high[m, b, c] == np.inf else 0)
                    top = high[p, b, c] - (least - low[m, b, c])
                    if open_ == 0:
                        others = most if unbounded else most - high[m, b, c]
                        bottom = low[p, b, c] - others
                    else:
                        bottom = -np.inf
                    if top < low[m, b, c] - slack or bottom > high[m, b, c] + slack:
                        return -1
                    if top < high[m, b, c] - slack:
                        high[m, b, c] = max(top, low[m, b, c])
                        why_high[m, b, c] = tag + e
                        moved += 1
                    if bottom > low[m, b, c] + slack:
                        low[m, b, c] = min(bottom, high[m, b, c])
                        why_low[m, b, c] = tag + e
                        moved += 1
    return moved
