"""What earlier releases show: it is out, so it is neither withheld nor moved any more."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from disclosure.protection.frames import WITHHELD
from disclosure.protection.shape import Bools, Ints, Shape
from disclosure.protection.trees import Tree

_RECORDS = "records"


class Earlier:
    """Public cells of earlier releases, by log type and question.

    A figure that changed since (a year that went on, a revision) is another one, and is not out.
    """

    def __init__(self, frames: Sequence[pd.DataFrame]) -> None:
        self._rows: list[dict[tuple[str, str], pd.DataFrame]] = [
            {
                (str(log_type), str(question)): rows
                for (log_type, question), rows in frame.groupby(
                    ["log_type", "question"], observed=True, sort=False
                )
            }
            for frame in frames
        ]

    def __bool__(self) -> bool:
        return bool(self._rows)

    def shown_records(self, log_type: str, shape: Shape, records: Ints) -> Bools:
        """Places x periods whose number of records is out as it is now."""
        shown = np.zeros(records.shape, dtype=bool)
        for rows in self._of(log_type, _RECORDS):
            g, t, mine = _at(rows, shape)
            shown[g, t] |= records[g, t] == mine["count"].to_numpy(dtype=float)
        return shown

    def shown_cells(
        self,
        log_type: str,
        shape: Shape,
        columns: Mapping[tuple[str, str], int],
        counts: Ints,
    ) -> Bools | None:
        """Cells (places x periods x columns) that are out as they are now; None for none at all.

        True zeros of shown places are among them: they have no row. `columns`: by question and
        code.
        """
        if not self:
            return None
        shown = np.zeros(counts.shape, dtype=bool)
        for question in dict.fromkeys(name for name, _ in columns):
            own = {code: number for (name, code), number in columns.items() if name == question}
            numbers = np.array(list(own.values()))
            for rows in self._of(log_type, question):
                g, t, mine = _at(rows, shape)
                c = _numbers(mine["code"], own)
                known = c >= 0
                g, t, c = g[known], t[known], c[known]
                present = np.zeros(counts.shape, dtype=bool)
                present[:, :, numbers] = _any(counts.shape[:2], g, t)[:, :, None]
                before = np.zeros_like(counts)
                hidden = (mine["marker"].to_numpy() == WITHHELD)[known]
                present[g[hidden], t[hidden], c[hidden]] = False
                out = ~hidden
                before[g[out], t[out], c[out]] = mine["count"].to_numpy(dtype=float)[known][out]
                shown |= present & (before == counts)
        return shown

    def _of(self, log_type: str, question: str) -> list[pd.DataFrame]:
        return [rows[log_type, question] for rows in self._rows if (log_type, question) in rows]


def _any(size: tuple[int, ...], g: NDArray[np.int64], t: NDArray[np.int64]) -> Bools:
    found = np.zeros(size, dtype=bool)
    found[g, t] = True
    return found


def _at(
    rows: pd.DataFrame, shape: Shape
) -> tuple[NDArray[np.int64], NDArray[np.int64], pd.DataFrame]:
    """Places and periods of the rows that the shape has, and these rows."""
    g, t = (
        _numbers(rows["area"], _by_name(shape.places)),
        _numbers(rows["period"], _by_name(shape.periods)),
    )
    known = (g >= 0) & (t >= 0)
    return g[known], t[known], rows[known]


def _by_name(tree: Tree) -> dict[str, int]:
    return {name: number for number, name in enumerate(tree.names)}


def _numbers(words: pd.Series, numbers: Mapping[str, int]) -> NDArray[np.int64]:
    """The number of each word, -1 for none; each different word is looked up once."""
    codes, known = pd.factorize(words)
    return np.array([numbers.get(str(word), -1) for word in known], dtype=np.int64)[codes]
