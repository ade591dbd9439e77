"""The search for certified moves over one dense table, compiled.

A table is flat: cell (g, t, c) of the three trees is at `(g * periods + t) * codes + c`. A move is
a product of signed paths, one in each tree. With u the least value of its cells of sign -, d the
least of sign +, every table moved by k, -d <= k <= u, agrees with what stays published; so hiding
all of its cells makes the interval of a cell of sign + at least [x - d, x + u], of sign - at least
[x - u, x + d]. The widest found are kept.
"""

# mypy: disable-error-code="no-untyped-def,no-any-return"

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int64 = NDArray[np.int64]

INFINITE = 1e30
_BIG = np.int64(1) << 60
# Spans up to this are shared between both ends in every way; sums of money are far above it.
_FEW = 100
# At most so many moves are put together for one cell.
_STEPS = 40


class Space(NamedTuple):
    """Places, in a tree, with the number of periods and codes, and which codes a level has.

    `level` of a place is a row of `exists` (levels x codes).
    """

    level: Int64
    parent: Int64
    depth: Int64
    child_start: Int64
    children: Int64
    height: Int64
    exists: NDArray[np.bool_]
    periods: int
    codes: int


class State(NamedTuple):
    """A table, what is hidden of it and at what cost, and what is certified so far.

    `union_up` and `union_down`: of the sum over the removed places of a parent, at the parent's
    cell; `removed`: places x periods, flat.
    """

    values: Int64
    hidden: NDArray[np.bool_]
    cost: NDArray[np.float64]
    up: Int64
    down: Int64
    union_up: Int64
    union_down: Int64
    removed: NDArray[np.bool_]


class Found(NamedTuple):
    """A move: its paths of time and code, and the lowest places of both branches (-1: a root)."""

    period: int
    code: int
    plus: int
    minus: int


@njit(nogil=True, cache=True)
def _part(values, state, space, g, times, p, codes, q, sign):
    """Cost of hiding a place's cells of a move, and the least value by sign (-, +)."""
    total = 0.0
    least_minus = _BIG
    least_plus = _BIG
    level = space.level[g]
    for i in range(times.offset[p], times.offset[p + 1]):
        row = (g * space.periods + times.node[i]) * space.codes
        for j in range(codes.offset[q], codes.offset[q + 1]):
            code = codes.node[j]
            if not space.exists[level, code]:
                continue
            at = row + code
            if not state.hidden[at]:
                total += state.cost[at]
                if total >= INFINITE:
                    return INFINITE, np.int64(0), np.int64(0)
            if sign * times.sign[i] * codes.sign[j] > 0:
                least_plus = min(least_plus, values[at])
            else:
                least_minus = min(least_minus, values[at])
    return total, least_minus, least_plus


@njit(nogil=True, cache=True)
def _is_enough(u, d, need_up, need_down, need_span):
    return u >= need_up and d >= need_down and u + d >= need_span


@njit(nogil=True, cache=True)
def _beside(values, state, space, times, codes, g, t, c, need_up, need_down, need_span):
    """The cheapest move between a lowest place and another of its parent, and its cost."""
    best = INFINITE
    found = Found(-1, -1, -1, -1)
    up = space.parent[g]
    if up < 0 or space.height[g] > 0:
        return best, found
    for p in range(times.start[t], times.start[t + 1]):
        for q in range(codes.start[c], codes.start[c + 1]):
            price, minus, plus = _part(values, state, space, g, times, p, codes, q, 1)
            if price >= best or not _is_enough(minus, plus, need_up, need_down, need_span):
                continue
            for k in range(space.child_start[up], space.child_start[up + 1]):
                other = space.children[k]
                if other == g or space.height[other] > 0:
                    continue
                more, minus2, plus2 = _part(values, state, space, other, times, p, codes, q, -1)
                if price + more < best and _is_enough(
                    min(minus, minus2), min(plus, plus2), need_up, need_down, need_span
                ):
                    best = price + more
                    found = Found(p, q, g, other)
    return best, found


@njit(nogil=True, cache=True)
def _anywhere(
    values, state, space, times, codes, g, t, c, need_up, need_down, barred, to_root, scratch
):
    """The cheapest move through place g along any path of the tree of places, and its cost.

    `barred` places end no branch of sign -; a path may end at a root only if `to_root`. `scratch`
    holds, for each place and sign, the cost of the cheapest branch from it down to a lowest place
    (rows 0 and 2: plus, minus) and that lowest place (rows 1 and 3).
    """
    best = INFINITE
    found = Found(-1, -1, -1, -1)
    for p in range(times.start[t], times.start[t + 1]):
        for q in range(codes.start[c], codes.start[c + 1]):
            price, minus, plus = _part(values, state, space, g, times, p, codes, q, 1)
            if price >= best or minus < need_up or plus < need_down:
                continue
            for node in range(space.parent.shape[0] - 1, -1, -1):
                for sign in (1, -1):
                    row = 0 if sign > 0 else 2
                    scratch[row, node] = INFINITE
                    scratch[row + 1, node] = -1
                    if sign < 0 and barred[node]:
                        continue
                    own, minus, plus = _part(values, state, space, node, times, p, codes, q, sign)
                    if own >= best or minus < need_up or plus < need_down:
                        continue
                    if space.height[node] == 0:
                        scratch[row, node] = own
                        scratch[row + 1, node] = node
                        continue
                    for k in range(space.child_start[node], space.child_start[node + 1]):
                        child = space.children[k]
                        if own + scratch[row, child] < scratch[row, node]:
                            scratch[row, node] = own + scratch[row, child]
                            scratch[row + 1, node] = scratch[row + 1, child]
            total = scratch[0, g]
            leaf = int(scratch[1, g])
            node = g
            while total < best:
                above = space.parent[node]
                if above < 0:
                    if to_root:
                        best = total
                        found = Found(p, q, leaf, -1)
                    break
                for k in range(space.child_start[above], space.child_start[above + 1]):
                    other = space.children[k]
                    if other != node and total + scratch[2, other] < best:
                        best = total + scratch[2, other]
                        found = Found(p, q, leaf, int(scratch[3, other]))
                own, minus, plus = _part(values, state, space, above, times, p, codes, q, 1)
                if minus < need_up or plus < need_down:
                    break
                total += own
                node = above
    return best, found


@njit(nogil=True, cache=True)
def _branches(space, found, nodes, signs):
    """Writes the places of a move and their signs; returns how many."""
    count = 0
    one, two = found.plus, found.minus
    if two < 0:
        while one >= 0:
            nodes[count], signs[count] = one, 1
            count += 1
            one = space.parent[one]
        return count
    while one != two:
        if space.depth[one] >= space.depth[two]:
            nodes[count], signs[count] = one, 1
            one = space.parent[one]
        else:
            nodes[count], signs[count] = two, -1
            two = space.parent[two]
        count += 1
    return count


@njit(nogil=True, cache=True)
def _certify_move(state, space, times, codes, found, nodes, signs):
    """Hides the cells of a move and keeps what it certifies, of cells and of unions."""
    count = _branches(space, found, nodes, signs)
    u = _BIG
    d = _BIG
    for is_last in (False, True):
        for k in range(count):
            node = nodes[k]
            for i in range(times.offset[found.period], times.offset[found.period + 1]):
                t = times.node[i]
                for j in range(codes.offset[found.code], codes.offset[found.code + 1]):
                    c = codes.node[j]
                    if not space.exists[space.level[node], c]:
                        continue
                    at = (node * space.periods + t) * space.codes + c
                    is_plus = signs[k] * times.sign[i] * codes.sign[j] > 0
                    if not is_last:
                        state.hidden[at] = True
                        if is_plus:
                            d = min(d, state.values[at])
                        else:
                            u = min(u, state.values[at])
                        continue
                    state.up[at] = max(state.up[at], u if is_plus else d)
                    state.down[at] = max(state.down[at], d if is_plus else u)
                    # One member of a union moves, unless the other end is of the same union.
                    if node not in (found.plus, found.minus):
                        continue
                    above = space.parent[node]
                    if above < 0 or not state.removed[node * space.periods + t]:
                        continue
                    other = found.minus if node == found.plus else found.plus
                    if (
                        other >= 0
                        and space.parent[other] == above
                        and state.removed[other * space.periods + t]
                    ):
                        continue
                    at = (above * space.periods + t) * space.codes + c
                    state.union_up[at] = max(state.union_up[at], u if is_plus else d)
                    state.union_down[at] = max(state.union_down[at], d if is_plus else u)


@njit(nogil=True, cache=True)
def _shift(values, state, space, times, codes, found, nodes, signs, step, fresh, count_fresh):
    """Moves `values` by as much of `step` as they allow, and hides the cells of the move.

    Cells hidden anew are added to `fresh`. Returns how far it moved, and how many are in `fresh`.
    """
    count = _branches(space, found, nodes, signs)
    room_up = _BIG
    room_down = _BIG
    moved = np.int64(0)
    for is_last in (False, True):
        if is_last:
            moved = min(step, room_up) if step > 0 else -min(-step, room_down)
        for k in range(count):
            for i in range(times.offset[found.period], times.offset[found.period + 1]):
                for j in range(codes.offset[found.code], codes.offset[found.code + 1]):
                    if not space.exists[space.level[nodes[k]], codes.node[j]]:
                        continue
                    at = (nodes[k] * space.periods + times.node[i]) * space.codes + codes.node[j]
                    sign = signs[k] * times.sign[i] * codes.sign[j]
                    if is_last:
                        values[at] += moved * sign
                        continue
                    if not state.hidden[at]:
                        state.hidden[at] = True
                        fresh[count_fresh] = at
                        count_fresh += 1
                    if sign > 0:
                        room_down = min(room_down, values[at])
                    else:
                        room_up = min(room_up, values[at])
    return abs(moved), count_fresh


@njit(nogil=True, cache=True)
def _keep(taken, written, target, found, moved):
    """Writes down a move that was used; returns how many are written."""
    if written < taken.shape[0]:
        taken[written, 0] = target
        taken[written, 1] = found.plus
        taken[written, 2] = found.minus
        taken[written, 3] = found.period
        taken[written, 4] = moved
        return written + 1
    return written


@njit(nogil=True, cache=True)
def certify(state, space, times, low_codes, codes, targets, need_up, need_down, need_span, taken):
    """Finds a move, or several steps, for every target, and hides their cells.

    `targets`: cells in order of visit, hidden already; `need_*`: per target, how far its interval
    must reach upwards, downwards, and span in all. `low_codes`: paths of the codes that lowest
    places have; `codes`: of all. `taken`: rows (target, lowest place of sign +, of sign - or -1,
    time path, step) of what was used; a step of 0 is a whole move. Returns which targets stay
    uncertified, and how many rows of `taken` were written.

    Nearest first: a move within the parent, several of them, any that leaves the roots as they
    are, several of them, any at all.
    """
    places = space.parent.shape[0]
    failed = np.zeros(targets.shape[0], dtype=np.bool_)
    nodes = np.zeros(places + 1, dtype=np.int64)
    signs = np.zeros(places + 1, dtype=np.int64)
    scratch = np.zeros((4, places))
    barred = np.zeros(places, dtype=np.bool_)
    fresh = np.zeros(state.values.shape[0], dtype=np.int64)
    steps = np.zeros((_STEPS, 5), dtype=np.int64)
    written = 0
    for n in range(targets.shape[0]):
        at = targets[n]
        c = at % space.codes
        t = (at // space.codes) % space.periods
        g = at // (space.codes * space.periods)
        for stage in range(3):
            if _is_enough(state.up[at], state.down[at], need_up[n], need_down[n], need_span[n]):
                break
            wide = stage > 0
            if not wide and space.height[g] > 0:
                continue
            here = codes if wide else low_codes
            best = INFINITE
            kept = Found(-1, -1, -1, -1)
            if wide:
                # How both ends share the span: every way for counts, one for sums.
                widest = need_span[n] if need_span[n] <= _FEW else need_down[n]
                for below in range(need_down[n], widest + 1):
                    price, found = _anywhere(
                        state.values, state, space, times, codes, g, t, c,
                        max(need_up[n], need_span[n] - below), below, barred, stage > 1, scratch,
                    )  # fmt: skip
                    if price < best:
                        best = price
                        kept = found
            else:
                best, kept = _beside(
                    state.values, state, space, times, low_codes, g, t, c, need_up[n],
                    need_down[n], need_span[n],
                )  # fmt: skip
            if best < INFINITE:
                _certify_move(state, space, times, here, kept, nodes, signs)
                written = _keep(taken, written, at, kept, 0)
                break
            # In steps: move a copy as far as one move allows, and look again from there.
            for direction in (-1, 1):
                if direction < 0:
                    least = need_down[n]
                    goal = max(least, min(state.values[at], need_span[n] - need_up[n]))
                    have = state.down[at]
                else:
                    goal = max(need_up[n], need_span[n] - state.down[at])
                    least = goal
                    have = state.up[at]
                if have >= goal:
                    continue
                moved = state.values.copy()
                gone = 0
                count = 0
                count_fresh = 0
                one_up = 1 if direction > 0 else 0
                while gone < goal and count < _STEPS:
                    if wide:
                        price, found = _anywhere(
                            moved, state, space, times, codes, g, t, c, one_up, 1 - one_up, barred,
                            stage > 1, scratch,
                        )  # fmt: skip
                    else:
                        price, found = _beside(
                            moved, state, space, times, low_codes, g, t, c, one_up, 1 - one_up, 1
                        )
                    if price >= INFINITE:
                        break
                    step, count_fresh = _shift(
                        moved, state, space, times, here, found, nodes, signs,
                        direction * (goal - gone), fresh, count_fresh,
                    )  # fmt: skip
                    steps[count, 0] = found.period
                    steps[count, 1] = found.code
                    steps[count, 2] = found.plus
                    steps[count, 3] = found.minus
                    steps[count, 4] = direction * step
                    count += 1
                    gone += step
                if gone < max(least, 1) or gone <= have:
                    for k in range(count_fresh):
                        state.hidden[fresh[k]] = False
                    continue
                for k in range(count):
                    found = Found(steps[k, 0], steps[k, 1], steps[k, 2], steps[k, 3])
                    _certify_move(state, space, times, here, found, nodes, signs)
                    written = _keep(taken, written, at, found, steps[k, 4])
                if direction > 0:
                    state.up[at] = max(state.up[at], gone)
                else:
                    state.down[at] = max(state.down[at], gone)
        failed[n] = not _is_enough(
            state.up[at], state.down[at], need_up[n], need_down[n], need_span[n]
        )
    return failed, written


@njit(nogil=True, cache=True)
def certify_unions(
    state, space, times, codes, at_parent, period, code, member_start, members, need_up, need_down
):
    """Makes the sum over the removed places of one parent uncertain, in steps.

    Union n is of the places `members[member_start[n]:member_start[n + 1]]`; the moves found are
    between a member and a place outside. Returns which unions stay uncertified.
    """
    places = space.parent.shape[0]
    failed = np.zeros(period.shape[0], dtype=np.bool_)
    nodes = np.zeros(places + 1, dtype=np.int64)
    signs = np.zeros(places + 1, dtype=np.int64)
    scratch = np.zeros((4, places))
    barred = np.zeros(places, dtype=np.bool_)
    fresh = np.zeros(state.values.shape[0], dtype=np.int64)
    steps = np.zeros((_STEPS, 4), dtype=np.int64)
    for n in range(period.shape[0]):
        first, last = member_start[n], member_start[n + 1]
        own = (at_parent[n] * space.periods + period[n]) * space.codes + code[n]
        for k in range(first, last):
            barred[members[k]] = True
        for direction in (1, -1):
            goal = need_up[n] if direction > 0 else need_down[n]
            have = state.union_up[own] if direction > 0 else state.union_down[own]
            if have >= goal:
                continue
            moved = state.values.copy()
            gone = 0
            count = 0
            count_fresh = 0
            to_root = False
            one_up = 1 if direction > 0 else 0
            while gone < goal and count < _STEPS:
                best = INFINITE
                kept = Found(-1, -1, -1, -1)
                for k in range(first, last):
                    price, found = _anywhere(
                        moved, state, space, times, codes, members[k], period[n], code[n], one_up,
                        1 - one_up, barred, to_root, scratch,
                    )  # fmt: skip
                    if price < best:
                        best = price
                        kept = found
                if best >= INFINITE:
                    if to_root:
                        break
                    to_root = True
                    continue
                step, count_fresh = _shift(
                    moved, state, space, times, codes, kept, nodes, signs,
                    direction * (goal - gone), fresh, count_fresh,
                )  # fmt: skip
                steps[count, 0] = kept.period
                steps[count, 1] = kept.code
                steps[count, 2] = kept.plus
                steps[count, 3] = kept.minus
                count += 1
                gone += step
            if gone < goal:
                failed[n] = True
                for k in range(count_fresh):
                    state.hidden[fresh[k]] = False
                continue
            for k in range(count):
                found = Found(steps[k, 0], steps[k, 1], steps[k, 2], steps[k, 3])
                _certify_move(state, space, times, codes, found, nodes, signs)
        for k in range(first, last):
            barred[members[k]] = False
    return failed
