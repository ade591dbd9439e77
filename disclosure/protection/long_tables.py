"""Protection of any long table of counts: geography, time and code, each with its hierarchy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from disclosure.policy import Policy
from disclosure.protection.components import Component, Part, Vector
from disclosure.protection.removal import Removal, removal_of
from disclosure.protection.shape import Bools, Ints, Shape
from disclosure.protection.trees import BrokenHierarchy, Tree
from disclosure.protection.withholding import withhold

DIMENSIONS = ("geography", "time", "code")
QUESTION = "question"
WITHHELD = "c"
_UNITS = 100
# A whole and two parts.
_FEWEST = 3
# Far beyond any register of people, and far within what sums are reckoned in.
_MOST = 10**12


class BadTable(ValueError):
    """The table or its hierarchies cannot be protected as they are; says what to mend."""


@dataclass(frozen=True)
class _Table:
    """One table of the file: its key, its codes, and dense counts and sums.

    `counts`, `sums`, `given` (whether a row had a sum): places x periods x codes of the tree.
    `present`: levels x codes, whether any row of the level has the code.
    """

    key: tuple[Any, ...]
    codes: Tree
    counts: Ints
    sums: Ints
    given: Bools
    present: Bools
    rows: pd.DataFrame


def protect_long(
    frame: pd.DataFrame, parents: Mapping[str, Mapping[str, str]], policy: Policy
) -> pd.DataFrame:
    """The table without removed places, withheld counts and sums null and marked `c`.

    `frame`: columns geography, time, code, count and perhaps sum; all others are the key of the
    table that a row belongs to. Tables that differ in `question` alone share their totals.
    `parents`: by dimension, the parent of each node. Rows come back in the order of their keys,
    with `mean` in place of `sum`. Raises BadTable with what to mend.
    """
    keys = _key_columns(frame)
    frame = _checked(frame, keys)
    _refuse_sums(frame, keys)
    outputs: list[pd.DataFrame] = []
    for family in _families(frame, keys):
        rows = pd.concat([rows for _, rows in family])
        shape = Shape(_tree(rows, "geography", parents), _tree(rows, "time", parents))
        tables = [_dense(shape, mine, key, parents["code"]) for key, mine in family]
        records = _records(shape, tables)
        removal = removal_of(shape, records, policy)
        outputs.extend(_public(shape, removal, records, table, keys, policy) for table in tables)
    columns = [*keys, *DIMENSIONS, "count", *(["mean"] if "sum" in frame else []), "marker"]
    public: pd.DataFrame = pd.concat(outputs, ignore_index=True)[columns]
    return public.sort_values([*keys, *DIMENSIONS], kind="stable", ignore_index=True)


def _key_columns(frame: pd.DataFrame) -> list[str]:
    missing = [name for name in (*DIMENSIONS, "count") if name not in frame]
    if missing:
        raise BadTable(
            f"The table has no column {' and no column '.join(missing)}. It needs geography, time, "
            "code and count, and may have sum; any other column tells its tables apart."
        )
    return [str(name) for name in frame.columns if name not in (*DIMENSIONS, "count", "sum")]


def _checked(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    if frame.empty:
        raise BadTable("The table has no rows.")
    frame = frame.copy()
    for name in (*DIMENSIONS, *keys):
        if frame[name].isna().any():
            raise BadTable(f"Row {_first(frame[name].isna())} has no {name}.")
        frame[name] = frame[name].astype(str)
    counts = pd.to_numeric(frame["count"], errors="coerce")
    wrong = ~counts.between(0, _MOST) | (counts != counts.round())
    if wrong.any():
        row = _first(wrong)
        given = frame["count"].iloc[row - 1]
        told = "empty" if pd.isna(given) else given
        raise BadTable(
            f"The count of row {row} is {told}; counts are whole numbers from 0 to {_MOST:,}."
        )
    frame["count"] = counts.astype("int64")
    if "sum" in frame:
        sums = pd.to_numeric(frame["sum"], errors="coerce")
        wrong = frame["sum"].notna() & ~sums.between(0, _MOST)
        if wrong.any():
            raise BadTable(f"The sum of row {_first(wrong)} is no number from 0 to {_MOST:,}.")
        frame["sum"] = sums
    double = frame.duplicated([*keys, *DIMENSIONS])
    if double.any():
        raise BadTable(f"Row {_first(double)} stands for a cell that an earlier row has given.")
    return frame


def _refuse_sums(frame: pd.DataFrame, keys: Sequence[str]) -> None:
    """Raises BadTable where tables of a key column add up to another of them.

    Each is protected by itself, so that a sum of them would undo what is withheld in the parts.
    """
    for column in keys:
        if column == QUESTION or frame[column].nunique() < _FEWEST:
            continue
        cells = [name for name in (*keys, *DIMENSIONS) if name != column]
        wide = frame.pivot_table(
            index=cells, columns=column, values="count", aggfunc="sum", fill_value=0, observed=True
        )
        whole = wide.sum(axis=1)
        for value in wide.columns:
            if wide[value].any() and (wide[value] * 2 == whole).all():
                raise BadTable(
                    f"The tables of {column} {value} are the sums of those of every other {column}."
                    f" {column.capitalize()} may only tell tables apart that do not add up: leave "
                    f"{value} out, or use it as a level of geography, time or code."
                )


def _first(mask: pd.Series) -> int:
    return int(np.flatnonzero(mask.to_numpy())[0]) + 1


def _tree(frame: pd.DataFrame, name: str, parents: Mapping[str, Mapping[str, str]]) -> Tree:
    """The published nodes: those with rows, and lowest ones of the hierarchy that are empty."""
    with_rows = set(frame[name])
    of = parents[name]
    inner = set(of.values())
    empty = {child for child in of if child not in inner and child not in with_rows}
    has_lowest = any(node not in inner for node in with_rows)
    try:
        return Tree.of(with_rows | (empty if has_lowest and name == "geography" else set()), of)
    except BrokenHierarchy as error:
        raise BadTable(f"The hierarchy of {name}: {error}") from error


def _families(
    frame: pd.DataFrame, keys: Sequence[str]
) -> list[list[tuple[tuple[Any, ...], pd.DataFrame]]]:
    """Keys and rows of tables, those that share their totals together."""
    families: dict[tuple[Any, ...], list[tuple[tuple[Any, ...], pd.DataFrame]]] = {}
    groups = frame.groupby(list(keys), sort=True) if keys else [((), frame)]
    for key, rows in groups:
        shared = tuple(v for k, v in zip(keys, key, strict=True) if k != QUESTION)
        families.setdefault(shared, []).append((tuple(key), rows))
    return list(families.values())


def _dense(
    shape: Shape, rows: pd.DataFrame, key: tuple[Any, ...], parents: Mapping[str, str]
) -> _Table:
    try:
        codes = Tree.of(rows["code"], parents)
    except BrokenHierarchy as error:
        raise BadTable(f"The hierarchy of code: {error}") from error
    g = rows["geography"].map(shape.places.index).to_numpy()
    t = rows["time"].map(shape.periods.index).to_numpy()
    c = rows["code"].map(codes.index).to_numpy()
    size = (len(shape.places), len(shape.periods), len(codes))
    counts = np.zeros(size, dtype=np.int64)
    counts[g, t, c] = rows["count"]
    sums = np.zeros(size, dtype=np.int64)
    given = np.zeros(size, dtype=bool)
    if "sum" in rows:
        has = rows["sum"].notna().to_numpy()
        given[g[has], t[has], c[has]] = True
        sums[g[has], t[has], c[has]] = np.rint(rows["sum"].to_numpy()[has] * _UNITS)
    present = np.zeros((3, len(codes)), dtype=bool)
    present[shape.levels[g], c] = True
    _mark_zeros(shape, codes, counts, present)
    table = _Table(key, codes, counts, sums, given, present, rows)
    for values, words in ((counts, "counts"), (sums, "sums")):
        _check_sums(shape, table, values, words)
    return table


def _mark_zeros(shape: Shape, codes: Tree, counts: Ints, present: Bools) -> None:
    """Marks codes without a row at a level as present where that reads as zeros; in place.

    A reader takes a row that is missing for a zero, unless a sum says that it cannot be one: then
    the code is finer or coarser than what is published at that level.
    """
    for level, code in np.argwhere(~present):
        own = np.flatnonzero(shape.levels == level)
        above, below = codes.parent[code], np.flatnonzero(codes.parent == code)
        beside = np.flatnonzero(codes.parent == above) if above >= 0 else below[:0]
        seen = [n for n in below if present[level, n]]
        if not len(own) or counts[own][:, :, seen].any():
            continue
        if above >= 0 and present[level, above]:
            known = counts[own][:, :, beside].sum(axis=2)
            if (counts[own, :, above] != known).any():
                continue
        parents = np.unique(shape.places.parent[own])
        higher = [n for n in parents if n >= 0 and present[shape.levels[n], code]]
        sums = np.array([counts[shape.places.parent == n, :, code].sum(axis=0) for n in higher])
        if higher and (counts[higher, :, code] != sums).any():
            continue
        if counts[np.isin(shape.places.parent, own), :, code].any():
            continue
        present[level, code] = True


def _check_sums(shape: Shape, table: _Table, values: Ints, words: str) -> None:
    """Raises BadTable where a parent is not the sum of its children."""
    there = table.present[shape.levels][:, None, :] & np.ones((1, len(shape.periods), 1), bool)
    for axis, tree in enumerate((shape.places, shape.periods, table.codes)):
        for node in range(len(tree)):
            below = np.flatnonzero(tree.parent == node)
            if not len(below):
                continue
            own: Ints = np.take(values, node, axis)
            under: Ints = np.take(values, below, axis).sum(axis=axis)
            all_below: Bools = np.asarray(np.take(there, below, axis).all(axis=axis))
            comparable = all_below & np.take(there, node, axis)
            if words == "sums":
                comparable &= np.take(table.given, below, axis).any(axis=axis)
                comparable &= np.take(table.given, node, axis)
            wrong = np.argwhere(comparable & (own != under))
            if len(wrong):
                names = [
                    t.names[n] for t, n in zip(_others(shape, table, axis), wrong[0], strict=True)
                ]
                raise BadTable(
                    f"The {words} below {tree.names[node]} ({', '.join(names)}) add up to "
                    f"{_said(under[tuple(wrong[0])], words)}, and its own is "
                    f"{_said(own[tuple(wrong[0])], words)}."
                )


def _others(shape: Shape, table: _Table, axis: int) -> list[Tree]:
    return [tree for n, tree in enumerate((shape.places, shape.periods, table.codes)) if n != axis]


def _said(value: int, words: str) -> str:
    return f"{value / _UNITS:,.2f}" if words == "sums" else f"{value:,}"


def _total(table: _Table) -> int:
    """The code that is the total of all others, or -1."""
    roots = [node for node in range(len(table.codes)) if table.codes.parent[node] < 0]
    return roots[0] if len(roots) == 1 else -1


def _records(shape: Shape, tables: Sequence[_Table]) -> Ints:
    """Places x periods: the shared total. Raises BadTable when the tables differ in it."""
    records = np.zeros((len(shape.places), len(shape.periods)), dtype=np.int64)
    known = np.zeros(len(shape.places), dtype=bool)
    for table in tables:
        total = _total(table)
        roots = [node for node in range(len(table.codes)) if table.codes.parent[node] < 0]
        chosen = roots if total < 0 else [total]
        here = np.asarray(table.present[:, chosen].all(axis=1))[shape.levels]
        own = table.counts[:, :, chosen].sum(axis=2)
        if (own[known & here] != records[known & here]).any():
            raise BadTable(
                f"The table {' '.join(map(str, table.key))} has other totals than "
                f"{' '.join(map(str, tables[0].key))}; tables that differ in {QUESTION} alone "
                "count the same records."
            )
        records[here] = own[here]
        known |= here
    return records


def _component(shape: Shape, table: _Table) -> tuple[Component, Ints]:
    """The table as a component, and the code of each of its columns."""
    total = _total(table)
    has_total = total >= 0 and len(table.codes) > 1
    kept = np.array([n for n in range(len(table.codes)) if not (has_total and n == total)])
    number = {int(node): place for place, node in enumerate(kept)}
    paths = table.codes.paths(closing_at_root=not has_total)
    vectors: dict[Vector, None] = {}
    for first, last in zip(paths.offset[:-1], paths.offset[1:], strict=True):
        members = zip(paths.node[first:last], paths.sign[first:last], strict=True)
        vectors[tuple((number[int(n)], int(s)) for n, s in members if int(n) in number)] = None
    exists = table.present[:, kept]
    names = [table.codes.names[node] for node in kept]
    lowest = [
        number[int(node)]
        for node in kept
        if exists[0, number[int(node)]]
        and not any(
            exists[0, number[int(below)]]
            for below in kept
            if below != node and int(node) in table.codes.chain(int(below))
        )
    ]
    sums = {
        number[int(node)]: table.sums[:, :, node] for node in kept if table.given[:, :, node].any()
    }
    part = Part(
        "", np.array(lowest, dtype=np.int64), np.arange(len(kept)),
        not_answered=names.index("not_answered") if "not_answered" in names else -1, sums=sums,
    )  # fmt: skip
    return Component(
        tuple(("", name) for name in names),
        np.ascontiguousarray(table.counts[:, :, kept]),
        exists,
        tuple(vector for vector in vectors if vector),
        (part,),
        has_total,
    ), kept


def _public(
    shape: Shape,
    removal: Removal,
    records: Ints,
    table: _Table,
    keys: Sequence[str],
    policy: Policy,
) -> pd.DataFrame:
    component, kept = _component(shape, table)
    hidden = np.zeros(table.counts.shape, dtype=bool)
    hidden[:, :, kept] = withhold(shape, removal, records, component, policy).hidden
    there = np.zeros(table.counts.shape, dtype=bool)
    g = table.rows["geography"].map(shape.places.index).to_numpy()
    t = table.rows["time"].map(shape.periods.index).to_numpy()
    c = table.rows["code"].map(table.codes.index).to_numpy()
    there[g, t, c] = True
    # An empty cell without a row of its own gets one when it is withheld.
    there |= hidden
    there &= ~removal.removed[:, :, None]
    g, t, c = np.nonzero(there)
    is_hidden = hidden[g, t, c]
    counts = table.counts[g, t, c]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.round(table.sums[g, t, c] / _UNITS / counts, 2)
    mean = np.where(is_hidden | ~table.given[g, t, c] | (counts == 0), np.nan, mean)
    return pd.DataFrame(
        {
            **dict(zip(keys, table.key, strict=True)),
            "geography": np.array(shape.places.names, dtype=object)[g],
            "time": np.array(shape.periods.names, dtype=object)[t],
            "code": np.array(table.codes.names, dtype=object)[c],
            "count": pd.arrays.IntegerArray(np.where(is_hidden, 0, counts), is_hidden),
            "mean": mean,
            "marker": np.where(is_hidden, WITHHELD, ""),
        }
    )
