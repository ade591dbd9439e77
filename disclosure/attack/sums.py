"""Mean times number is a sum, and sums add up too, as far as the rounding of means lets them."""

from collections.abc import Iterator

import numpy as np

from disclosure.attack.axes import Axis
from disclosure.attack.bounds import propagate
from disclosure.attack.elimination import candidates, proof
from disclosure.attack.systems import System, system_of
from disclosure.attack.tables import HIDDEN, SHOWN, Key, PublicTables, Sums, Table
from disclosure.attack.verdicts import KNOWN_SUM, RECOVERED_LARGE, Finding

# A sum known to within this share either way tells the answers of those behind it.
CLOSE = 0.10
_TOLERANCE = 1e-9
_MOST_PROOFS = 20
_MOST_DIVISIONS = 20


def sums_of(
    key: Key,
    axes: tuple[Axis, Axis, Axis],
    counts: Table,
    position: int,
    cells: np.ndarray,
    mean: np.ndarray,
) -> Sums:
    """The sums behind `mean` (shape of the axes, £ or years or whatever the question is in).

    `cells`: flat positions in `counts` of the same cells; `position`: that of `counts`.
    Means are taken to be rounded to the decimals that they have, six at most.
    """
    half = half_step(mean)
    number = counts.low.ravel()[cells].reshape(mean.shape)
    state = counts.state.ravel()[cells].reshape(mean.shape).copy()
    shown = state == SHOWN
    # A shown number without a mean: nobody answered, or the mean is withheld alone.
    state[shown & np.isnan(mean) & (number > 0)] = HIDDEN
    known = state == SHOWN
    middle = np.where(known, np.nan_to_num(mean) * number, 0.0)
    spread = np.where(known, half * number, 0.0)
    least = 0.0 if np.nanmin(mean, initial=0.0) >= 0 else -np.inf
    low = np.where(known, middle - spread, least)
    high = np.where(known, middle + spread, np.inf)
    return Sums(Table(key, axes, low, high, state), mean, half, position, cells)


def half_step(mean: np.ndarray) -> float:
    """Half of the last decimal that any of the means has."""
    shown = mean[~np.isnan(mean)]
    for decimals in range(7):
        if np.allclose(np.round(shown, decimals), shown, rtol=0, atol=1e-9):
            return 0.5 * 10.0**-decimals
    return 0.0


def use_means(public: PublicTables) -> None:
    """Narrows sums, and the numbers of cells whose mean is shown although their number is not."""
    for sums in public.sums:
        propagate(sums.table, _TOLERANCE)
        counts = public.tables[sums.counts]
        state = counts.state.ravel()[sums.cells].reshape(sums.mean.shape)
        careless = ~np.isnan(sums.mean) & (state != SHOWN) & (sums.mean - sums.half_step > 0)
        for _ in range(_MOST_DIVISIONS if careless.any() else 0):
            before = counts.low.sum() + sums.table.low.sum()
            width = np.minimum(counts.high, 1e12).sum()
            propagate(counts)
            for where in zip(*np.nonzero(careless), strict=True):
                _divide(counts, sums, where)
            propagate(sums.table, _TOLERANCE)
            if (
                before == counts.low.sum() + sums.table.low.sum()
                and width == np.minimum(counts.high, 1e12).sum()
            ):
                break


def _divide(counts: Table, sums: Sums, where: tuple[int, ...]) -> None:
    """Sum = mean times number, both ways, for one cell whose mean is shown."""
    flat = int(sums.cells.reshape(sums.mean.shape)[where])
    fewest, most = counts.low.ravel()[flat], counts.high.ravel()[flat]
    least, greatest = sums.mean[where] - sums.half_step, sums.mean[where] + sums.half_step
    sums.table.low[where] = max(sums.table.low[where], fewest * least)
    sums.table.high[where] = min(sums.table.high[where], most * greatest)
    low = max(fewest, np.ceil(sums.table.low[where] / greatest - 1e-9))
    high = min(most, np.floor(sums.table.high[where] / least + 1e-9))
    if low <= high and (low > fewest or high < most):
        counts.low.ravel()[flat], counts.high.ravel()[flat] = low, high
        counts.notes[flat] = (
            f"the sum ({sums.table.low[where]:g} to {sums.table.high[where]:g}) divided by "
            f"the mean ({sums.mean[where]:g})",
        )


def known_sums(public: PublicTables, threshold: int) -> Iterator[Finding]:
    """Withheld sums that can be worked out closely, after the counts have been attacked.

    Where the number behind it is surely at or above the threshold it is counted as recovered.
    """
    for sums in public.sums:
        table = sums.table
        _eliminate(table)
        counts = public.tables[sums.counts]
        fewest = counts.low.ravel()[sums.cells].reshape(sums.mean.shape)
        middle = (table.low + table.high) / 2
        with np.errstate(invalid="ignore"):
            close = (table.state == HIDDEN) & (table.high - table.low <= 2 * CLOSE * abs(middle))
        close &= np.isfinite(table.high)
        for flat in np.flatnonzero(close & (middle != 0)):
            where = np.unravel_index(flat, table.low.shape)
            kind = KNOWN_SUM if fewest[where] < threshold else RECOVERED_LARGE
            low, high = float(table.low[where]), float(table.high[where])
            cell = {**table.cell(int(flat)), "measure": "sum"}
            yield Finding(kind, cell, low, high, table.notes.get(int(flat), ()))


def _eliminate(table: Table) -> None:
    """Narrows sums that the shown ones determine together, though none does alone."""
    pattern = Table(
        table.key,
        table.axes,
        np.zeros(table.low.shape),
        (table.state != SHOWN).astype(np.float64),
        table.state,
    )
    pattern.valid = table.valid
    system = system_of(pattern)
    hidden = table.state.ravel()[system.cells] == HIDDEN
    for column in np.flatnonzero(hidden & candidates(system))[:_MOST_PROOFS]:
        found = proof(system, int(column))
        if found is None:
            continue
        low, high = 0.0, 0.0
        for row, times in zip(found.rows, found.times, strict=True):
            least, most = _right(table, system, row)
            low += float(times) * (least if times > 0 else most)
            high += float(times) * (most if times > 0 else least)
        flat = int(system.cells[column])
        table.low.ravel()[flat] = max(table.low.ravel()[flat], low)
        table.high.ravel()[flat] = min(table.high.ravel()[flat], high)


def _right(table: Table, system: System, row: int) -> tuple[float, float]:
    """Interval of the known part of one sum: parent less children, of those that are shown."""
    axis, number, first, second = (int(value) for value in system.origin[row])
    one = table.axes[axis]
    parent, children = one.parents[number], one.children(number)
    low, high, state = (
        np.moveaxis(values, axis, 0)[:, first, second]
        for values in (table.low, table.high, table.state)
    )
    known = children[state[children] == SHOWN]
    least, most = -high[known].sum(), -low[known].sum()
    if state[parent] == SHOWN:
        least, most = least + low[parent], most + high[parent]
    return float(least), float(most)
