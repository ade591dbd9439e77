"""The equations among the cells of a table that are still open, and their connected parts."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy.sparse import block_array, csr_matrix
from scipy.sparse.csgraph import connected_components

from disclosure.attack.bounds import TIME_AT
from disclosure.attack.tables import DEEPER, Table


@dataclass(frozen=True)
class System:
    """`matrix` x = `right`: rows are sums (+1 a child, -1 the parent), columns are open cells.

    `cells` (columns): flat positions in the table. `origin` (rows, 4): axis, sum, and the
    positions on the two other axes. `low`, `high` (columns): what is known so far.
    """

    cells: np.ndarray
    matrix: csr_matrix
    right: np.ndarray
    origin: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def part(self, columns: np.ndarray, rows: np.ndarray) -> "System":
        """The system of some columns and all the rows that they are in."""
        return System(
            self.cells[columns],
            self.matrix[rows][:, columns].tocsr(),
            self.right[rows],
            self.origin[rows],
            self.low[columns],
            self.high[columns],
        )


def system_of(table: Table) -> System:
    """All equations with an open cell.

    Codes finer than a level publishes are left out: whatever the groups are, some split of them
    into finer codes agrees with the level above, so they say nothing about any other cell.
    """
    deeper = table.state == DEEPER
    open_ = (table.low < table.high) & ~deeper
    cells = np.flatnonzero(open_.ravel())
    column = np.full(table.low.size, -1, dtype=np.int64)
    column[cells] = np.arange(len(cells))
    column[deeper.ravel()] = -2
    columns3 = column.reshape(table.low.shape)
    parts = []
    for number, one in enumerate(table.axes):
        if not len(one.parents):
            continue
        front = np.moveaxis(columns3, number, 0)
        known = np.moveaxis(table.low, number, 0)
        sums = (one.parents, one.starts, one.members, table.valid[number], TIME_AT[number])
        rows, terms = _count(front, *sums)
        where = np.empty((rows, 3), dtype=np.int64)
        pointers = np.zeros(rows + 1, dtype=np.int64)
        indices = np.empty(terms, dtype=np.int64)
        values = np.empty(terms)
        right = np.empty(rows)
        _fill(front, known, *sums, where, pointers, indices, values, right)
        origin = np.column_stack([np.full(rows, number), where])
        parts.append((pointers, indices, values, right, origin))
    if not parts:
        return System(
            cells, csr_matrix((0, len(cells))), np.zeros(0), np.zeros((0, 4), np.int64),
            table.low.ravel()[cells], table.high.ravel()[cells],
        )  # fmt: skip
    offsets = np.cumsum([0, *(part[0][-1] for part in parts[:-1])])
    pointers = np.concatenate(
        [part[0][:-1] + offset for part, offset in zip(parts, offsets, strict=True)]
        + [np.array([sum(part[0][-1] for part in parts)])]
    )
    indices = np.concatenate([part[1] for part in parts])
    values = np.concatenate([part[2] for part in parts])
    return System(
        cells,
        csr_matrix((values, indices, pointers), shape=(len(pointers) - 1, len(cells))),
        np.concatenate([part[3] for part in parts]),
        np.concatenate([part[4] for part in parts]),
        table.low.ravel()[cells],
        table.high.ravel()[cells],
    )


def connected(system: System, wanted: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """(columns, rows) of each connected part that has a wanted column (mask by column)."""
    if not wanted.any():
        return []
    height = system.matrix.shape[0]
    graph = block_array([[None, system.matrix], [system.matrix.T, None]], format="csr")
    count, label = connected_components(graph, directed=False)
    row_label, label = label[:height], label[height:]
    has = np.zeros(count, dtype=np.bool_)
    has[label[wanted]] = True
    order, row_order = np.argsort(label, kind="stable"), np.argsort(row_label, kind="stable")
    ends = np.searchsorted(label[order], np.arange(count + 1))
    row_ends = np.searchsorted(row_label[row_order], np.arange(count + 1))
    return [
        (order[ends[n] : ends[n + 1]], row_order[row_ends[n] : row_ends[n + 1]])
        for n in np.flatnonzero(has)
    ]


@njit(nogil=True, cache=True)
def _count(column, parents, starts, members, valid, time_at):  # type: ignore[no-untyped-def]
    """Rows with an open cell, and their terms."""
    rows, terms = 0, 0
    for e in range(len(parents)):
        for b in range(column.shape[1]):
            for c in range(column.shape[2]):
                t = b if time_at == 1 else (c if time_at == 2 else 0)
                if not valid[e, t]:
                    continue
                own = 1 if column[parents[e], b, c] >= 0 else 0
                skip = column[parents[e], b, c] == -2
                for k in range(starts[e], starts[e + 1]):
                    here = column[members[k], b, c]
                    if here >= 0:
                        own += 1
                    elif here == -2:
                        skip = True
                if own and not skip:
                    rows += 1
                    terms += own
    return rows, terms


@njit(nogil=True, cache=True)
def _fill(  # type: ignore[no-untyped-def]
    column, known, parents, starts, members, valid, time_at,
    where, pointers, indices, values, right,
):  # fmt: skip
    row, term = 0, 0
    for e in range(len(parents)):
        for b in range(column.shape[1]):
            for c in range(column.shape[2]):
                t = b if time_at == 1 else (c if time_at == 2 else 0)
                if not valid[e, t]:
                    continue
                p = parents[e]
                some = column[p, b, c] >= 0
                skip = column[p, b, c] == -2
                for k in range(starts[e], starts[e + 1]):
                    here = column[members[k], b, c]
                    some |= here >= 0
                    skip |= here == -2
                if skip or not some:
                    continue
                total = 0.0
                if column[p, b, c] >= 0:
                    indices[term], values[term] = column[p, b, c], -1.0
                    term += 1
                else:
                    total += known[p, b, c]
                for k in range(starts[e], starts[e + 1]):
                    m = members[k]
                    if column[m, b, c] >= 0:
                        indices[term], values[term] = column[m, b, c], 1.0
                        term += 1
                    else:
                        total -= known[m, b, c]
                right[row] = total
                where[row, 0], where[row, 1], where[row, 2] = e, b, c
                row += 1
                pointers[row] = term
