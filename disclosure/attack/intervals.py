"""The third stage: the interval of each cell that may be small, given that no cell is negative.

Any table that agrees with what is published shows values that a cell can have. Tables spread as
evenly as the sums allow (and then as much as possible in favour of the cells still in question)
are cheap, and free nearly every cell of a safe table. For the rest HiGHS finds the ends, each
time starting from the last basis; each answer is again a table that may free others.

Three-way sums leave room for halves that no table of counts can have. In a small part of the
system HiGHS therefore looks among whole numbers only; in a large one its ends are rounded inwards.
"""

from dataclasses import dataclass

import highspy
import numpy as np
from numba import njit

from disclosure.attack.elimination import quiet_solver
from disclosure.attack.systems import System, connected

_TABLES = 60
# A table that frees fewer cells than this is not worth another: the programme is as quick.
_WORTH = 2
_SWEEPS = 400
_AGREES = 1e-3
_FAVOUR = 1_000.0
_NEAR = 1e-2
# Whole numbers at an end: the programme's own error is about 1e-7.
_ROUNDING = 1e-5
# Columns of a part up to which only whole numbers are looked among.
_SMALL_PART = 80


@dataclass(frozen=True)
class Budget:
    """How much the third stage may spend on a table: `solves` of `iterations` simplex steps."""

    solves: int = 10_000
    iterations: int = 20_000


@dataclass
class Question:
    """What is asked of each column of a system.

    `below`: may the cell reach this value? (infinite: not asked). `above`: if not, may it be less
    than half? A cell that can be nothing is then no finding. `single`: is it one value only?
    """

    below: np.ndarray
    above: np.ndarray
    single: np.ndarray


def narrow(system: System, question: Question, budget: Budget) -> tuple[np.ndarray, int]:
    """Narrows `low` and `high` of the system in place, to whole numbers.

    Returns the columns that were settled by the linear programme and how many were left undecided
    for want of budget.
    """
    least, most = system.high.copy(), system.low.copy()
    asked = _open(question, least, most, system)
    settled: list[int] = []
    undecided = 0
    for columns, rows in connected(system, asked):
        part = system.part(columns, rows)
        own = Question(question.below[columns], question.above[columns], question.single[columns])
        ends = (least[columns], most[columns])
        whole = len(columns) <= _SMALL_PART
        if whole:
            ends = (part.high.copy(), part.low.copy())
        else:
            _spread(part, own, *ends)
        found, left, used = _solve(part, own, *ends, budget, whole)
        budget = Budget(budget.solves - used, budget.iterations)
        undecided += left
        settled.extend(int(columns[column]) for column in found)
        system.low[columns], system.high[columns] = part.low, part.high
    return np.array(settled, dtype=np.int64), undecided


def _open(question: Question, least: np.ndarray, most: np.ndarray, system: System) -> np.ndarray:
    """Columns whose question no table seen so far has settled."""
    small = (most < question.below - _NEAR) & (system.low < question.below)
    small &= ~question.above | (least > 0.5 - _NEAR)
    one = question.single & (np.floor(most + _NEAR) - np.ceil(least - _NEAR) < 1)
    return (small | one) & (system.high > system.low)


def _spread(part: System, own: Question, least: np.ndarray, most: np.ndarray) -> None:
    """Tables by scaling each sum in turn, from starts that favour what is still open."""
    chance = np.random.default_rng(5)
    open_ = _open(own, least, most, part)
    for number in range(_TABLES):
        start = np.ones(len(part.cells))
        if number:
            favoured = open_ if number == 1 else open_ & (chance.random(len(open_)) < 0.3)
            start[favoured] = _FAVOUR
        off = _scale(
            part.matrix.indptr, part.matrix.indices, part.matrix.data,
            part.right - part.matrix @ part.low, part.high - part.low, start, _SWEEPS, _AGREES,
        )  # fmt: skip
        if off <= _AGREES:
            np.minimum(least, part.low + start, out=least)
            np.maximum(most, part.low + start, out=most)
        before, open_ = open_, _open(own, least, most, part)
        freed = int(before.sum() - open_.sum())
        if not open_.any() or (number > 2 and freed < _WORTH):
            return


class _Programme:
    """Tables that agree with what is shown, as a linear programme that keeps its basis."""

    def __init__(self, part: System, budget: Budget, whole: bool) -> None:
        self.used = 0
        self._columns = part.matrix.shape[1]
        self._solver = quiet_solver()
        self._solver.setOptionValue("simplex_iteration_limit", budget.iterations)
        # The primal simplex: another goal leaves the last table a valid start.
        self._solver.setOptionValue("simplex_strategy", 4)
        problem = highspy.HighsLp()
        problem.num_row_, problem.num_col_ = part.matrix.shape
        problem.col_cost_ = np.zeros(self._columns)
        problem.col_lower_ = part.low
        # A cell without an end is given one beyond all that is shown: a programme without an
        # optimum would give no table at all.
        self.beyond = 10.0 * np.abs(part.right).sum() + 1_000.0
        problem.col_upper_ = np.where(np.isinf(part.high), self.beyond, part.high)
        problem.row_lower_ = problem.row_upper_ = part.right
        problem.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        problem.a_matrix_.start_ = part.matrix.indptr.astype(np.int32)
        problem.a_matrix_.index_ = part.matrix.indices.astype(np.int32)
        problem.a_matrix_.value_ = part.matrix.data
        if whole:
            problem.integrality_ = [highspy.HighsVarType.kInteger] * self._columns
        self._solver.passModel(problem)

    def least(self, costs: np.ndarray) -> np.ndarray | None:
        """A table where the sum of costs times cells is least; None if not found in budget."""
        self.used += 1
        every = np.arange(self._columns, dtype=np.int32)
        self._solver.changeColsCost(self._columns, every, costs)
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return np.array(self._solver.getSolution().col_value)


def _solve(
    part: System, own: Question, least: np.ndarray, most: np.ndarray, budget: Budget, whole: bool
) -> tuple[list[int], int, int]:
    """Columns whose ends were found, how many were left for want of budget, and solves used."""
    if not _open(own, least, most, part).any():
        return [], 0, 0
    programme = _Programme(part, budget, whole)
    _raise_together(programme, part, own, least, most)
    settled: list[int] = []
    left = 0
    open_ = np.flatnonzero(_open(own, least, most, part))
    for column in (int(at) for at in open_[np.argsort(part.high[open_], kind="stable")]):
        for sign in (-1.0, 1.0):
            if not _open(own, least, most, part)[column]:
                break
            # A small cell that is seen to have two values is not exact: its lower end can stay.
            two = np.floor(most[column] + _NEAR) - np.ceil(least[column] - _NEAR) >= 1
            if sign > 0 and two and not whole and not own.above[column]:
                settled.append(column)
                break
            costs = np.zeros(len(part.cells))
            costs[column] = sign
            values = programme.least(costs) if programme.used < budget.solves else None
            if values is None:
                left += 1
                break
            np.minimum(least, values, out=least)
            np.maximum(most, values, out=most)
            end = values[column]
            if sign < 0:
                if end < programme.beyond - 1.0:
                    part.high[column] = min(part.high[column], np.floor(end + _ROUNDING))
            else:
                part.low[column] = max(part.low[column], np.ceil(end - _ROUNDING))
                settled.append(column)
    return settled, left, programme.used


def _raise_together(
    programme: _Programme, part: System, own: Question, least: np.ndarray, most: np.ndarray
) -> None:
    """Tables with as much as possible in all open cells at once, while each frees some."""
    chance = np.random.default_rng(7)
    while True:
        open_ = _open(own, least, most, part)
        if open_.sum() < _WORTH:
            return
        values = programme.least(np.where(open_, -1.0 - chance.random(len(open_)), 0.0))
        if values is None:
            return
        np.minimum(least, values, out=least)
        np.maximum(most, values, out=most)
        if open_.sum() - _open(own, least, most, part).sum() < _WORTH:
            return


@njit(nogil=True, cache=True)
def _scale(pointers, indices, signs, right, room, values, sweeps, agrees):  # type: ignore[no-untyped-def]
    """Scales `values` (in place) until every row gives `right`; returns how far the worst is off.

    A row sum(children) - parent = right is met by multiplying children by f and dividing the
    parent by f, with f the positive root of children f - parent / f = right.
    """
    worst = np.inf
    for _ in range(sweeps):
        worst = 0.0
        for c in range(len(values)):
            if values[c] > room[c]:
                worst = max(worst, values[c] - room[c])
                values[c] = room[c]
        for r in range(len(right)):
            children, parent = 0.0, 0.0
            for k in range(pointers[r], pointers[r + 1]):
                if signs[k] > 0:
                    children += values[indices[k]]
                else:
                    parent += values[indices[k]]
            worst = max(worst, abs(children - parent - right[r]))
            if children > 0.0:
                inner = right[r] * right[r] + 4.0 * children * parent
                factor = (right[r] + np.sqrt(inner)) / (2.0 * children)
            elif parent > 0.0:
                factor = parent / -right[r] if right[r] < 0.0 else 1.0
            else:
                factor = 1.0
            factor = max(factor, 1e-12)
            for k in range(pointers[r], pointers[r + 1]):
                if signs[k] > 0:
                    values[indices[k]] *= factor
                else:
                    values[indices[k]] /= factor
        if worst <= agrees:
            break
    return worst
