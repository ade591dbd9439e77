"""Carrying moves of the record counts into the table of one question, compiled.

The records of removed places are uncertain because some move of the counts leaves everything that
is published as it was. That move must be possible in each question's table too: the records that
move bring codes with them. Within the periods that move, every code of the removed places is
hidden; above them (the year of two quarters) a code may have to be hidden for the move to pass.
"""

# mypy: disable-error-code="no-untyped-def,no-any-return"

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def _hide_above(hidden, space, t_parent, own, flowing, plus, minus, one, two, code):
    """Hides a code (-1: all) in the periods above both lowest ones, at the places that move.

    Of a place above the lowest ones, all codes of the question are hidden; of the lowest ones also
    codes that are sums of others.
    """
    above = t_parent[one]
    while above >= 0:
        other = t_parent[two]
        while other >= 0 and other != above:
            other = t_parent[other]
        left, right = plus, minus
        # Up to the first place that both are in: it does not move.
        while other == above and left != right:
            if space.depth[left] >= space.depth[right]:
                node = left
                left = space.parent[left]
            else:
                node = right
                right = space.parent[right]
            row = (node * space.periods + above) * space.codes
            for c in range(space.codes):
                if space.exists[space.level[node], c] and (
                    c == code or (own[c] and (code < 0 or space.height[node] > 0 or not flowing[c]))
                ):
                    hidden[row + c] = True
        above = t_parent[above]


@njit(nogil=True, cache=True)
def _are_hidden_above(hidden, space, t_parent, plus, minus, one, code):
    """Whether a code is withheld already in every period above, at both lowest places."""
    above = t_parent[one]
    while above >= 0:
        for node in (plus, minus):
            if not hidden[(node * space.periods + above) * space.codes + code]:
                return False
        above = t_parent[above]
    return True


@njit(nogil=True, cache=True)
def _give(values, space, giver, taker, since, to, amount, flowing):
    """Moves records with the codes they have; returns how many could not be moved."""
    left = amount
    for c in range(space.codes):
        if left == 0:
            break
        if not flowing[c]:
            continue
        flow = min(left, values[(giver * space.periods + since) * space.codes + c])
        values[(giver * space.periods + since) * space.codes + c] -= flow
        if taker >= 0:
            values[(taker * space.periods + to) * space.codes + c] += flow
        left -= flow
    return left


@njit(nogil=True, cache=True)
def _match(values, hidden, space, t_parent, plus, minus, giver, taker, one, two, amount, flowing,
           gains, losses):  # fmt: skip
    """Chooses the codes that come and go: the same ones as far as possible."""
    left = amount
    for c in range(space.codes):
        gains[c] = 0
        losses[c] = 0
        if left == 0 or not flowing[c]:
            continue
        flow = min(
            left,
            values[(giver * space.periods + one) * space.codes + c],
            values[(taker * space.periods + two) * space.codes + c],
        )
        gains[c] = flow
        losses[c] = flow
        left -= flow
    rest_in = left
    rest_out = left
    # Codes withheld above already cost nothing, so they come first.
    for wanted in (True, False):
        for c in range(space.codes):
            if (rest_in == 0 and rest_out == 0) or not flowing[c]:
                continue
            if _are_hidden_above(hidden, space, t_parent, plus, minus, one, c) != wanted:
                continue
            here = values[(giver * space.periods + one) * space.codes + c]
            more = min(rest_in, here - gains[c])
            gains[c] += more
            rest_in -= more
            here = values[(taker * space.periods + two) * space.codes + c]
            more = min(rest_out, here - losses[c])
            losses[c] += more
            rest_out -= more
    return rest_in + rest_out


@njit(nogil=True, cache=True)
def extend(base, hidden, space, times, t_parent, t_height, taken, reach_up, reach_down, flowing,
           own, is_linked):  # fmt: skip
    """Hides what each move of the counts needs hidden in this question.

    `taken`: rows (target, lowest place of sign +, of sign - or -1, time path, step) as `certify`
    wrote them for the counts; rows of one target follow each other. A row of step 0 is a move that
    must reach `reach_up[row]` up and `reach_down[row]` down; other rows are steps, one after the
    other. `flowing`: the question's codes at the lowest places; `own`: those of every level. Of
    questions that are answered together (`is_linked`) records carry one code each at once, so
    nothing is matched and all codes are hidden above.
    Returns the records that could not be carried (none, when totals agree).
    """
    gains = np.zeros(space.codes, dtype=np.int64)
    losses = np.zeros(space.codes, dtype=np.int64)
    failed = 0
    stepped = base.copy()
    last_target = -1
    last_direction = 0
    for r in range(taken.shape[0]):
        step = taken[r, 4]
        plus, minus = taken[r, 1], taken[r, 2]
        # The two lowest periods of the path, whichever signs they have.
        one = -1
        two = -1
        for i in range(times.offset[taken[r, 3]], times.offset[taken[r, 3] + 1]):
            if t_height[times.node[i]] == 0:
                if times.sign[i] > 0:
                    one = times.node[i]
                else:
                    two = times.node[i]
        for direction in (1, -1):
            if step * direction < 0:
                continue
            amount = abs(step)
            if step == 0:
                amount = reach_up[r] if direction > 0 else reach_down[r]
            elif taken[r, 0] != last_target or direction != last_direction:
                stepped[:] = base
                last_target = taken[r, 0]
                last_direction = direction
            if amount == 0:
                continue
            # In period `one` records go from `giver` to `taker`; in period `two` back again.
            giver = minus if direction > 0 else plus
            taker = plus if direction > 0 else minus
            if two < 0:
                if giver >= 0 and step != 0:
                    failed += _give(stepped, space, giver, taker, one, one, amount, flowing)
                continue
            if giver < 0 or taker < 0:
                # One end is open, so that what comes and goes can be of the same codes.
                if step != 0:
                    end = max(giver, taker)
                    since = two if giver < 0 else one
                    to = one if giver < 0 else two
                    failed += _give(stepped, space, end, end, since, to, amount, flowing)
                continue
            if is_linked:
                _hide_above(hidden, space, t_parent, own, flowing, plus, minus, one, two, -1)
                continue
            values = base if step == 0 else stepped
            failed += _match(
                values, hidden, space, t_parent, plus, minus, giver, taker, one, two, amount,
                flowing, gains, losses,
            )  # fmt: skip
            for c in range(space.codes):
                if gains[c] != losses[c]:
                    _hide_above(hidden, space, t_parent, own, flowing, plus, minus, one, two, c)
                if step == 0:
                    continue
                values[(giver * space.periods + one) * space.codes + c] -= gains[c]
                values[(taker * space.periods + one) * space.codes + c] += gains[c]
                values[(taker * space.periods + two) * space.codes + c] -= losses[c]
                values[(giver * space.periods + two) * space.codes + c] += losses[c]
    return failed
