"""Equations in words."""

import numpy as np

from disclosure.attack.bounds import REASON_STEP, Reasons
from disclosure.attack.elimination import Proof
from disclosure.attack.systems import System
from disclosure.attack.tables import SHOWN, Table

_MOST_STEPS = 12


def equation(table: Table, axis: int, number: int, first: int, second: int) -> str:
    """One sum: `parent = what is shown + what is not`, with what is known of each."""
    one = table.axes[axis]
    line = _line(table, axis, first, second)
    parent, children = line[one.parents[number]], line[one.children(number)]
    open_ = table.state.ravel()[children] != SHOWN
    shown = table.low.ravel()[children[~open_]]
    terms = [_term(table, int(child)) for child in children[open_]]
    if len(shown):
        places = "1 shown cell" if len(shown) == 1 else f"{len(shown)} shown cells"
        terms.insert(0, f"{places} ({shown.sum():g})")
    return f"{_term(table, int(parent))} = {' + '.join(terms)}"


def reasons(table: Table, why: Reasons, flat: int) -> tuple[str, ...]:
    """The sums that gave a cell its interval, and those that gave their other cells theirs."""
    if flat in table.notes:
        return table.notes[flat]
    said: dict[str, None] = {}
    waiting, seen = [flat], {flat}
    while waiting and len(said) < _MOST_STEPS:
        here = waiting.pop(0)
        for note in table.notes.get(here, ()):
            said[note] = None
        for reason in {int(why.high.ravel()[here]), int(why.low.ravel()[here])} - {-1}:
            axis, number = divmod(reason, REASON_STEP)
            where = np.delete(np.unravel_index(here, table.low.shape), axis)
            said[equation(table, axis, number, int(where[0]), int(where[1]))] = None
            line = _line(table, axis, int(where[0]), int(where[1]))
            one = table.axes[axis]
            for near in (line[one.parents[number]], *line[one.children(number)]):
                if table.state.ravel()[near] != SHOWN and int(near) not in seen:
                    seen.add(int(near))
                    waiting.append(int(near))
    return tuple(said)


def proof(table: Table, system: System, found: Proof) -> tuple[str, ...]:
    """The combination of sums that gives a cell."""
    lines = []
    for row, times in zip(found.rows, found.times, strict=True):
        axis, number, first, second = (int(value) for value in system.origin[row])
        sign = "plus" if times > 0 else "less"
        often = "" if abs(times) == 1 else f"{abs(times)} times "
        lines.append(f"{sign} {often}{equation(table, axis, number, first, second)}")
    return tuple(lines)


def _line(table: Table, axis: int, first: int, second: int) -> np.ndarray:
    """Flat positions along one axis, at positions on the two others."""
    where: list[int | np.ndarray] = [first, second]
    where.insert(axis, np.arange(table.low.shape[axis]))
    return np.ravel_multi_index(np.broadcast_arrays(*where), table.low.shape)


def _term(table: Table, flat: int) -> str:
    where = np.unravel_index(flat, table.low.shape)
    name = " ".join(one.nodes[int(at)] for one, at in zip(table.axes, where, strict=True))
    low, high = table.low.ravel()[flat], table.high.ravel()[flat]
    if table.state.ravel()[flat] == SHOWN or low == high:
        return f"{name} ({low:g})"
    return f"{name} ({low:g} to {high:g})" if np.isfinite(high) else f"{name} (unknown)"
