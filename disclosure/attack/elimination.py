"""The second stage: which open cells the equations determine, whatever their signs and bounds.

A cell is determined exactly when every solution of the equations with zero right sides is zero at
it. So a random such solution settles nearly all cells at once: where it is not zero the cell is
free. The solution is a random vector less its part in the row space (conjugate gradients: no
fill-in, seconds where elimination takes minutes). Where it is zero, the combination of equations
that gives the cell is looked for (the one with the fewest terms, by HiGHS) and checked in whole
numbers: a cell is called determined only on that proof.
"""

from dataclasses import dataclass
from fractions import Fraction

import highspy
import numpy as np
from numba import njit

from disclosure.attack.systems import System

_ITERATIONS = 4_000
_CLOSE = 1e-10
_ZERO = 1e-5
_SEEDS = (11, 12)
_LARGEST_DENOMINATOR = 24
_ITERATIONS_OF_A_PROOF = 20_000
# Rings of equations around the cell among which a combination is looked for, then all.
_RINGS = (3, 6, None)


@dataclass(frozen=True)
class Proof:
    """The combination: `rows` of the system and the number of times each is taken."""

    rows: tuple[int, ...]
    times: tuple[Fraction, ...]

    def value(self, system: System) -> float:
        """The value of the cell."""
        terms = zip(self.rows, self.times, strict=True)
        return float(sum((t * Fraction(float(system.right[r])) for r, t in terms), Fraction(0)))


def candidates(system: System) -> np.ndarray:
    """Mask of the columns at which random solutions with zero right sides are all zero."""
    matrix = system.matrix
    turned = matrix.T.tocsr()
    still = np.ones(matrix.shape[1], dtype=np.bool_)
    for seed in _SEEDS:
        if not still.any():
            break
        start = np.random.default_rng(seed).standard_normal(matrix.shape[1])
        free = _without_row_space(
            matrix.indptr, matrix.indices, matrix.data,
            turned.indptr, turned.indices, turned.data,
            start, _ITERATIONS, _CLOSE,
        )  # fmt: skip
        still &= np.abs(free) < _ZERO
    return still


def proof(system: System, column: int) -> Proof | None:
    """The combination of equations that gives a cell, checked in whole numbers; None if none."""
    turned = system.matrix.T.tocsr()
    for ring in _RINGS:
        rows = _rows_around(system, turned, column, ring)
        found = _combination(system, rows, column)
        if found is not None or len(rows) == system.matrix.shape[0]:
            return found
    return None


def _rows_around(system: System, turned, column: int, rings: int | None) -> np.ndarray:  # type: ignore[no-untyped-def]
    if rings is None:
        return np.arange(system.matrix.shape[0])
    rows: np.ndarray = np.zeros(0, dtype=np.int64)
    columns = np.array([column])
    for _ in range(rings):
        grown = np.unique(turned[columns].indices)
        if len(grown) == len(rows):
            break
        rows = grown
        columns = np.unique(system.matrix[rows].indices)
    return rows


def _combination(system: System, rows: np.ndarray, column: int) -> Proof | None:
    part = system.matrix[rows].T.tocsr()
    used = np.flatnonzero(np.diff(part.indptr))
    at = int(np.searchsorted(used, column))
    part = part[used]
    target = np.zeros(len(used))
    target[at] = 1.0
    solver = quiet_solver()
    solver.setOptionValue("simplex_iteration_limit", _ITERATIONS_OF_A_PROOF)
    problem = highspy.HighsLp()
    count = len(rows)
    problem.num_col_, problem.num_row_ = 2 * count, len(used)
    problem.col_cost_ = np.ones(2 * count)
    problem.col_lower_ = np.zeros(2 * count)
    problem.col_upper_ = np.full(2 * count, highspy.kHighsInf)
    problem.row_lower_ = problem.row_upper_ = target
    lengths = np.diff(part.indptr)
    problem.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    problem.a_matrix_.start_ = np.concatenate([[0], np.cumsum(2 * lengths)]).astype(np.int32)
    index = np.empty(2 * part.nnz, dtype=np.int32)
    value = np.empty(2 * part.nnz)
    index[0::2], index[1::2] = part.indices, part.indices + count
    value[0::2], value[1::2] = part.data, -part.data
    problem.a_matrix_.index_, problem.a_matrix_.value_ = index, value
    solver.passModel(problem)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    solution = np.array(solver.getSolution().col_value)
    times = solution[:count] - solution[count:]
    return _checked(part, target, rows, times)


def _checked(part, target: np.ndarray, rows: np.ndarray, times: np.ndarray) -> Proof | None:  # type: ignore[no-untyped-def]
    for denominator in range(1, _LARGEST_DENOMINATOR + 1):
        whole = np.rint(times * denominator)
        if np.abs(whole - times * denominator).max() < 1e-6:
            product = part.astype(np.int64) @ whole.astype(np.int64)
            if np.array_equal(product, (target * denominator).astype(np.int64)):
                kept = np.flatnonzero(whole)
                return Proof(
                    tuple(int(row) for row in rows[kept]),
                    tuple(Fraction(int(whole[k]), denominator) for k in kept),
                )
    return None


class _Silent(highspy.Highs):
    """HiGHS without its callbacks: turning them on prints a banner before anything can stop it."""

    def __init__(self) -> None:
        super(highspy.Highs, self).__init__()
        self.setOptionValue("output_flag", False)


def quiet_solver() -> highspy.Highs:
    """A solver that prints nothing and takes one thread."""
    solver = _Silent()
    solver.setOptionValue("threads", 1)
    return solver


@njit(nogil=True, cache=True)
def _times(pointers, indices, values, vector, rows):  # type: ignore[no-untyped-def]
    out = np.zeros(rows)
    for r in range(rows):
        total = 0.0
        for k in range(pointers[r], pointers[r + 1]):
            total += values[k] * vector[indices[k]]
        out[r] = total
    return out


@njit(nogil=True, cache=True)
def _without_row_space(  # type: ignore[no-untyped-def]
    pointers, indices, values, turned_pointers, turned_indices, turned_values,
    start, iterations, close,
):  # fmt: skip
    """`start` less its part in the row space: conjugate gradients on the normal equations."""
    rows = len(pointers) - 1
    columns = len(turned_pointers) - 1
    left = start.copy()
    gradient = _times(pointers, indices, values, left, rows)
    direction = gradient.copy()
    size = (gradient * gradient).sum()
    goal = close * close * max(size, 1e-300)
    for _ in range(iterations):
        if size <= goal:
            break
        moved = _times(turned_pointers, turned_indices, turned_values, direction, columns)
        length = (moved * moved).sum()
        if length == 0.0:
            break
        step = size / length
        left -= step * moved
        gradient = _times(pointers, indices, values, left, rows)
        new = (gradient * gradient).sum()
        direction = gradient + (new / size) * direction
        size = new
    return left
