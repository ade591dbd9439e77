"""Reads a long table of counts, with its hierarchies, as what is publicly known."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from disclosure.attack.axes import Axis, axis, sums_of_pairs
from disclosure.attack.bounds import propagate
from disclosure.attack.reading import COUNT, MARKER, MEAN, UnreadableRelease, located, read_frame
from disclosure.attack.revisions import Revision, compare, remember
from disclosure.attack.sums import sums_of
from disclosure.attack.tables import CODE, Key, PublicTables, Rows, Shared, Table, table_of
from disclosure.hierarchy_files import BadHierarchyFile, read_pairs

AXES = ("geography", "time", "code")
_QUESTION = "question"
_NOT_KEYS = {*AXES, COUNT, MEAN, MARKER, "sum"}


def read_long_table(
    path: Path, hierarchies: Path, earlier: Sequence[Path] = ()
) -> tuple[PublicTables, list[Revision]]:
    """The tables of one file: columns geography, time, code, count, perhaps mean and marker.

    Every further column names the table that a row belongs to. `hierarchies`: a folder with
    geography, time and code files of columns child and parent (CSV, Parquet, JSON or ODS).
    Tables whose key differs in the column `question` alone share their totals, if these agree.
    Raises UnreadableRelease for a file that cannot be used.
    """
    frame = read_frame(path, (*AXES, COUNT))
    before = [read_frame(one, (*AXES, COUNT)) for one in earlier]
    pairs = {name: _pairs(hierarchies, name) for name in AXES}
    return tables_of_frames(frame, pairs, before)


def tables_of_frames(
    frame: pd.DataFrame,
    pairs: dict[str, list[tuple[str, str]]],
    earlier: Sequence[pd.DataFrame] = (),
) -> tuple[PublicTables, list[Revision]]:
    """As read_long_table, from frames and (child, parent) pairs by axis name."""
    frames = [frame, *earlier]
    places = _axis(pairs["geography"], _values(frames, "geography"), keep_all=True)
    times = axis(sorted(_values(frames, "time")), sums_of_pairs(pairs["time"]))
    keys = [column for column in frame.columns if column not in _NOT_KEYS]
    public = PublicTables([])
    revisions: list[Revision] = []
    groups = [dict(_groups(one, keys)) for one in frames]
    families: dict[Key, list[int]] = {}
    history: list[list[tuple[Table, Table]]] = []
    for key, rows in groups[0].items():
        past = [own[key] for own in groups[1:] if key in own]
        codes = _axis(pairs["code"], _values([rows, *past], "code"))
        axes = (places, times, codes)
        table = table_of(key, axes, _positions(rows, axes))
        number = len(public.tables)
        public.tables.append(table)
        family = tuple(part for part in key if part[0] != _QUESTION)
        families.setdefault(family, []).append(number)
        history.append([(table, table_of(key, axes, _positions(one, axes))) for one in past])
        if MEAN in rows.columns and rows[MEAN].notna().any():
            mean = np.full(table.low.shape, np.nan)
            at = _positions(rows, axes)
            mean[at.geography, at.time, at.code] = rows[MEAN].to_numpy()
            public.sums.append(sums_of(key, axes, table, number, np.arange(table.low.size), mean))
    for members in families.values():
        public.shared.extend(_shared_totals(public.tables, members))
        for release in range(len(earlier)):
            compared = [history[n][release] for n in members if len(history[n]) > release]
            if compared:
                revisions.append(
                    use_earlier(compared, f"shown in an earlier release ({release + 1})")
                )
    return public, revisions


def use_earlier(pairs: Sequence[tuple[Table, Table]], words: str) -> Revision:
    """Adds what earlier tables of a family showed to the current ones, unless they disagree."""
    revision = compare(pairs, words)
    for new, old in pairs:
        low, high, notes = new.low.copy(), new.high.copy(), dict(new.notes)
        remember(new, old, revision)
        trial = Table(new.key, new.axes, new.low.copy(), new.high.copy(), new.state)
        propagate(trial)
        if trial.set_aside:
            new.low[...], new.high[...] = low, high
            new.notes = notes
    return revision


def _shared_totals(tables: list[Table], members: Sequence[int]) -> list[Shared]:
    """The totals of tables of one family, when wherever two are known they are equal."""
    places = []
    for number in members:
        roots = tables[number].axes[CODE].roots()
        if len(roots) == 1:
            cells = np.arange(tables[number].low.size).reshape(tables[number].low.shape)
            places.append((number, cells[:, :, roots[0]]))
    if len(places) < 2:
        return []
    low = np.max([tables[n].low.ravel()[cells] for n, cells in places], axis=0)
    high = np.min([tables[n].high.ravel()[cells] for n, cells in places], axis=0)
    return [Shared(tuple(places))] if (low <= high).all() else []


def _pairs(folder: Path, name: str) -> list[tuple[str, str]]:
    if (folder / f"{name}.csv").is_file():
        try:
            found = read_pairs(folder / f"{name}.csv")
        except BadHierarchyFile as bad:
            raise UnreadableRelease(str(bad)) from bad
        return [(child, parent) for child, parent in found if parent]
    for suffix in (".parquet", ".json", ".ods"):
        if (folder / f"{name}{suffix}").is_file():
            frame = read_frame(folder / f"{name}{suffix}", ("child", "parent"))
            pairs = zip(frame["child"].astype(str), frame["parent"].astype(str), strict=True)
            return [(child, parent) for child, parent in pairs if child and parent]
    raise UnreadableRelease(f"The hierarchies have no {name}.csv.")


def _values(frames: Sequence[pd.DataFrame], column: str) -> set[str]:
    return {str(value) for frame in frames for value in frame[column].unique()}


def _axis(pairs: list[tuple[str, str]], used: set[str], *, keep_all: bool = False) -> Axis:
    """Nodes of the hierarchy that are used, or contain one that is, and any others used.

    A geography that nobody shows was removed, so all are kept; a code that nobody shows counts
    nothing. (A time that nobody shows is not out yet, so that sums with it cannot be used.)
    """
    children: dict[str, list[str]] = {}
    for child, parent in pairs:
        children.setdefault(parent, []).append(child)
    kept = set(used)
    grown = True
    while grown and not keep_all:
        more = {p for p, below in children.items() if p not in kept and kept.intersection(below)}
        kept |= more
        grown = bool(more)
    if keep_all:
        kept |= {node for pair in pairs for node in pair}
    sums = [one for one in sums_of_pairs(pairs) if one.parent in kept]
    whole = [
        type(one)(one.parent, tuple(child for child in one.children if child in kept))
        for one in sums
    ]
    return axis(sorted(kept), whole)


def _groups(frame: pd.DataFrame, keys: list[str]):  # type: ignore[no-untyped-def]
    if not keys:
        yield (), frame
        return
    for values, rows in frame.groupby(keys, observed=True, sort=True):
        yield tuple((key, str(value)) for key, value in zip(keys, values, strict=True)), rows


def _positions(rows: pd.DataFrame, axes: tuple[Axis, Axis, Axis]) -> Rows:
    places, times, codes = (located(rows[name], one) for name, one in zip(AXES, axes, strict=True))
    return Rows(places, times, codes, rows[COUNT].to_numpy(dtype=np.float64))
