"""Reads a release folder, and earlier ones, as what is publicly known."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from disclosure.attack.axes import Axis, Sum, axis
from disclosure.attack.bounds import propagate
from disclosure.attack.code_trees import ANSWERED, TOTAL, CodeTree, code_trees
from disclosure.attack.long_tables import use_earlier
from disclosure.attack.reading import (
    COUNT,
    MEAN,
    SUFFIXES,
    UnreadableRelease,
    as_read,
    located,
    read_frame,
)
from disclosure.attack.revisions import Revision, remember
from disclosure.attack.sums import sums_of
from disclosure.attack.tables import (
    ELSEWHERE,
    REMOVED,
    SHOWN,
    Key,
    PublicTables,
    Rows,
    Shared,
    Table,
    table_of,
)

_RECORDS = "records"
_LEVELS = {"england": 0, "region": 1, "local_authority": 2}
_CELLS = ("period", "log_type", "level", "area", "question", "code", COUNT, MEAN)
_PERIODS = ("code", "parent")
_CROSSES = ("period", "log_type", "question", "code", "question2", "code2", COUNT)
_AREAS = ("code", "level", "parent", "first_year", "last_year", "successor")


@dataclass(frozen=True)
class ReleaseFiles:
    """One release: frames by (log type, question), and by (log type, question, question2)."""

    cells: dict[tuple[str, ...], pd.DataFrame]
    crosses: dict[tuple[str, ...], pd.DataFrame]
    areas: pd.DataFrame
    periods: pd.DataFrame
    dictionary: list[dict[str, Any]]
    name: str


@dataclass(frozen=True)
class _World:
    """What all releases together say there is: places, times, and when a place exists."""

    places: Axis
    times: Axis
    exists: np.ndarray
    superseded: np.ndarray
    alike: np.ndarray
    england: int
    trees: dict[str, CodeTree]


def read_release(folder: Path, earlier: Sequence[Path] = ()) -> tuple[PublicTables, list[Revision]]:
    """The tables of a release folder, with earlier ones.

    Cells and crosses may be Parquet, CSV, JSON or ODS. Raises UnreadableRelease.
    """
    return release_tables(read_files(folder), [read_files(one) for one in earlier])


def release_tables(
    files: ReleaseFiles, before: Sequence[ReleaseFiles] = ()
) -> tuple[PublicTables, list[Revision]]:
    """The tables of a release: cells, crosses, and the sums behind means; with earlier releases.

    Raises UnreadableRelease when the code lists lack something that the tables have.
    """
    public = PublicTables([])
    revisions: list[Revision] = []
    log_types = dict.fromkeys(log_type for log_type, _ in sorted(files.cells))
    for log_type in log_types:
        world = _world([files, *before], log_type)
        current = _family(files, world, log_type)
        past = [(one.name, _family(one, world, log_type)) for one in before]
        positions: dict[str, int] = {}
        for question, table in current.items():
            positions[question] = len(public.tables)
            public.tables.append(table)
        changes: list[tuple[str, Revision]] = []
        absent = _absent(files, world)
        for name, family in past:
            pairs = [(current[q], family[q]) for q in current if q in family]
            for new, old in pairs:
                _adopt(new, old, absent)
            if pairs:
                changes.append((name, use_earlier(pairs, f"shown in release {name}")))
        revisions += [revision for _, revision in changes]
        _link(public, world, positions)
        _add_sums(public, files, world, log_type, positions)
        _add_crosses(public, files, before, world, log_type, positions, dict(changes))
    return public, revisions


def read_files(folder: Path) -> ReleaseFiles:
    """What a release folder says. Raises UnreadableRelease."""
    if not folder.is_dir():
        raise UnreadableRelease(f"There is no release folder {folder.name}.")
    cells, crosses = _any(folder, "cells", _CELLS), _any(folder, "crosses", _CROSSES)
    areas = _any(folder / "codes", "areas", _AREAS)
    periods = _any(folder / "codes", "periods", _PERIODS)
    try:
        dictionary = json.loads((folder / "dictionary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as refused:
        raise UnreadableRelease(f"{folder.name} has no dictionary.json to read.") from refused
    return release_files(cells, crosses, areas, periods, dictionary, folder.name)


def release_files(
    cells: pd.DataFrame,
    crosses: pd.DataFrame,
    areas: pd.DataFrame,
    periods: pd.DataFrame,
    dictionary: list[dict[str, Any]],
    name: str = "this release",
) -> ReleaseFiles:
    """The same from frames that are to be written: public cells and crosses, areas and periods.

    Raises UnreadableRelease when a column is missing.
    """
    return ReleaseFiles(
        _grouped(as_read(cells, _CELLS, "cells"), ("log_type", "question")),
        _grouped(as_read(crosses, _CROSSES, "crosses"), ("log_type", "question", "question2")),
        as_read(areas, _AREAS, "areas").astype(str),
        as_read(periods, _PERIODS, "periods").astype(str),
        dictionary,
        name,
    )


def _any(folder: Path, name: str, needed: tuple[str, ...]) -> pd.DataFrame:
    for suffix in SUFFIXES:
        if (folder / f"{name}{suffix}").is_file():
            return read_frame(folder / f"{name}{suffix}", needed)
    raise UnreadableRelease(f"{folder.name} has no {name} in {', '.join(SUFFIXES)}.")


def _grouped(frame: pd.DataFrame, keys: tuple[str, ...]) -> dict[tuple[str, ...], pd.DataFrame]:
    if not len(frame):
        return {}
    groups = frame.groupby(list(keys), observed=True, sort=True)
    return {tuple(str(value) for value in key): rows for key, rows in groups}


def _world(releases: Sequence[ReleaseFiles], log_type: str) -> _World:
    areas = pd.concat([one.areas for one in releases]).drop_duplicates("code")
    areas = areas.reset_index(drop=True)
    periods = pd.concat([one.periods for one in releases]).drop_duplicates("code")
    records = [
        rows
        for one in releases
        for (_, question), rows in sorted(one.cells.items())
        if question == _RECORDS
    ]
    if not records:
        raise UnreadableRelease("The cells have no number of records.")
    used = {str(value) for rows in records for value in rows["period"].unique()}
    times = [code for code in periods["code"] if code in used]
    quarters: dict[str, list[str]] = {}
    for code, parent in zip(periods["code"], periods["parent"], strict=True):
        if parent and code in used:
            quarters.setdefault(parent, []).append(code)
    time = axis(times, [Sum(parent, tuple(below)) for parent, below in quarters.items()])
    nodes = list(areas["code"])
    at = {code: number for number, code in enumerate(nodes)}
    exists = np.ones((len(nodes), len(times)), dtype=np.bool_)
    years = np.array([int(code[:4]) for code in times])
    for number, (first, last) in enumerate(
        zip(areas["first_year"], areas["last_year"], strict=True)
    ):
        if first:
            exists[number] &= years >= int(float(first))
        if last:
            exists[number] &= years <= int(float(last))
    for rows in records:
        exists[
            [at[str(value)] for value in rows["area"]], [time.index[str(v)] for v in rows["period"]]
        ] = True
    shown = np.zeros_like(exists)
    for one in releases:
        own = one.cells.get((log_type, _RECORDS))
        if own is not None:
            places_of = [at[str(value)] for value in own["area"]]
            shown[places_of, [time.index[str(value)] for value in own["period"]]] = True
    blocks = [
        [number for number, code in enumerate(times) if code in (year, *quarters.get(year, ()))]
        for year in dict.fromkeys([*quarters, *(code for code in times if len(code) == 4)])
    ]
    alike = _alike(areas, exists, shown, blocks)
    exists &= ~alike
    sums, superseded = _geography(areas, exists)
    depth = np.array([_LEVELS[level] for level in areas["level"]])
    places = replace(axis(nodes, sums, len(times)), depth=depth)
    dictionary = {
        question["name"]: question for one in reversed(releases) for question in one.dictionary
    }
    return _World(
        places,
        time,
        exists,
        superseded,
        alike,
        int(np.flatnonzero(depth == 0)[0]),
        code_trees(dictionary),
    )


def _alike(
    areas: pd.DataFrame, exists: np.ndarray, shown: np.ndarray, blocks: Sequence[Sequence[int]]
) -> np.ndarray:
    """Removed places x times that two others stand for.

    Authorities of a region that are removed in a whole year and all of its quarters are known by
    their sum alone, so that any of them may hold any part of it: what can be known of one is known
    with two of them in the place of all.
    """
    found = np.zeros_like(exists)
    linked = set(areas["successor"]) | set(areas["code"][areas["successor"] != ""])
    lowest = (areas["level"] == "local_authority") & ~areas["code"].isin(linked)
    for block in blocks:
        gone = exists[:, block].all(axis=1) & ~shown[:, block].any(axis=1) & lowest.to_numpy()
        for _, members in areas[gone].groupby("parent").groups.items():
            spare = np.flatnonzero(areas.index.isin(members))[2:]
            found[np.ix_(spare, np.array(block, dtype=np.int64))] = True
    return found


def _geography(areas: pd.DataFrame, exists: np.ndarray) -> tuple[list[Sum], np.ndarray]:
    """What adds up to what, and which places are at a time part of one that succeeded them."""
    nodes = list(areas["code"])
    at = {code: number for number, code in enumerate(nodes)}
    superseded = np.zeros_like(exists)
    predecessors: dict[str, list[str]] = {}
    for code, successor in zip(nodes, areas["successor"], strict=True):
        if successor in at:
            predecessors.setdefault(successor, []).append(code)
            superseded[at[code]] = exists[at[code]] & exists[at[successor]]
    sums = []
    for successor, parts in predecessors.items():
        together = np.asarray(superseded[[at[part] for part in parts]].all(axis=0))
        if together.any():
            sums.append(Sum(successor, tuple(parts), tuple(together.tolist())))
    children: dict[str, list[str]] = {}
    for code, parent in zip(nodes, areas["parent"], strict=True):
        if parent in at:
            children.setdefault(parent, []).append(code)
    counted = exists & ~superseded
    for parent, below in children.items():
        members = counted[[at[child] for child in below]]
        for pattern in np.unique(members, axis=1).T:
            valid = np.asarray((members == pattern[:, None]).all(axis=0))
            present = tuple(child for child, there in zip(below, pattern, strict=True) if there)
            sums.append(Sum(parent, present, tuple(valid.tolist())))
    return sums, superseded


def _family(files: ReleaseFiles, world: _World, log_type: str) -> dict[str, Table]:
    """Tables of one log type by question, the number of records first."""
    records = files.cells.get((log_type, _RECORDS))
    if records is None:
        return {}
    single = axis((TOTAL,), ())
    axes = (world.places, world.times, single)
    at = _positions(records, axes, "area")
    present = np.zeros(world.exists.shape, dtype=np.bool_)
    present[at.geography, at.time] = True
    recast = world.superseded & ~present
    key = _key(log_type, _RECORDS)
    tables = {_RECORDS: table_of(key, axes, at, exists=world.exists, recast=recast)}
    tables[_RECORDS].represented = int(world.alike.sum())
    for (own_type, question), rows in files.cells.items():
        if own_type != log_type or question == _RECORDS:
            continue
        codes = world.trees[question].axis
        axes = (world.places, world.times, codes)
        table = table_of(
            _key(log_type, question),
            axes,
            _positions(rows, axes, "area"),
            shown=present,
            exists=world.exists,
            recast=recast,
        )
        root = codes.index[TOTAL]
        state = table.state[:, :, root]
        state[state != SHOWN] = ELSEWHERE
        lowest = (table.state[world.places.depth == _LEVELS["local_authority"]] == REMOVED).any(
            axis=(0, 1)
        )
        table.represented = int(world.alike.sum() * lowest.sum())
        tables[question] = table
    return tables


def _absent(files: ReleaseFiles, world: _World) -> np.ndarray:
    """Which times a release has nothing of: they are as earlier releases left them."""
    here = {
        str(value)
        for (_, question), rows in files.cells.items()
        if question == _RECORDS
        for value in rows["period"].unique()
    }
    return np.array([time not in here for time in world.times.nodes])


def _adopt(new: Table, old: Table, absent: np.ndarray) -> None:
    """Takes over what an earlier table says of times that the new one has nothing of."""
    taken = np.zeros(new.state.shape, dtype=np.bool_)
    taken[:, absent] = True
    taken &= new.state != SHOWN
    for name in ("state", "low", "high"):
        np.copyto(getattr(new, name), getattr(old, name), where=taken)


def _key(log_type: str, question: str) -> Key:
    return (("log_type", log_type), ("question", question))


def _positions(rows: pd.DataFrame, axes: tuple[Axis, Axis, Axis], first: str) -> Rows:
    columns = (first, "period", "code2" if first == "code" else "code")
    places = []
    for column, one in zip(columns, axes, strict=True):
        found = located(rows[column], one)
        if (found < 0).any():
            unknown = str(rows[column].iloc[int(np.argmin(found))])
            raise UnreadableRelease(f"The code lists have no {column} {unknown}.")
        places.append(found)
    return Rows(places[0], places[1], places[2], rows[COUNT].to_numpy(dtype=np.float64))


def _cells(table: Table) -> np.ndarray:
    return np.arange(table.low.size).reshape(table.low.shape)


def _link(public: PublicTables, world: _World, positions: dict[str, int]) -> None:
    """The total of records is that of every question; some questions have the same answerers.

    Where published figures say that they have not, as some who were asked did not answer, nothing
    is taken from the one for the other.
    """
    tables = public.tables
    totals = [(positions[_RECORDS], _cells(tables[positions[_RECORDS]])[:, :, 0])]
    for question, number in positions.items():
        if question == _RECORDS:
            continue
        tree = world.trees[question]
        totals.append((number, _cells(tables[number])[:, :, tree.axis.index[TOTAL]]))
        if tree.answered_with in positions:
            other = positions[tree.answered_with]
            gave = world.trees[tree.answered_with].axis.index[tree.same_as]
            own = tree.axis.index[tree.answered]
            pair = ((number, _cells(tables[number])[:, :, own]),
                    (other, _cells(tables[other])[:, :, gave]))  # fmt: skip
            if _agree(tables, pair):
                public.shared.append(Shared(pair))
    public.shared.append(Shared(tuple(totals)))


def _agree(tables: list[Table], places: Sequence[tuple[int, np.ndarray]]) -> bool:
    """Whether cells that are said to be the same can be, after what each table says of its own."""
    lows, highs = [], []
    for number, cells in places:
        table = tables[number]
        own = Table(table.key, table.axes, table.low.copy(), table.high.copy(), table.state)
        propagate(own)
        lows.append(own.low.ravel()[cells])
        highs.append(own.high.ravel()[cells])
    return bool((np.max(lows, axis=0) <= np.min(highs, axis=0)).all())


def _add_sums(
    public: PublicTables,
    files: ReleaseFiles,
    world: _World,
    log_type: str,
    positions: dict[str, int],
) -> None:
    for question, number in positions.items():
        rows = files.cells[log_type, question]
        if question == _RECORDS or not rows[MEAN].notna().any():
            continue
        table = public.tables[number]
        codes = world.trees[question].axis
        at = _positions(rows, (world.places, world.times, codes), "area")
        mean = np.full(table.low.shape, np.nan)
        mean[at.geography, at.time, at.code] = rows[MEAN].to_numpy()
        answered = codes.index[ANSWERED]
        chosen = slice(answered, answered + 1)
        axes = (world.places, world.times, axis((ANSWERED,), ()))
        cells = _cells(table)[:, :, chosen]
        public.sums.append(sums_of(table.key, axes, table, number, cells, mean[:, :, chosen]))


def _add_crosses(
    public: PublicTables,
    files: ReleaseFiles,
    before: Sequence[ReleaseFiles],
    world: _World,
    log_type: str,
    positions: dict[str, int],
    changes: dict[str, Revision],
) -> None:
    for table, past in _cross_tables(files, before, world, log_type, positions):
        for name, old in past:
            _adopt(table, old, _absent(files, world))
            changed = changes[name].changed[world.england]
            same = np.broadcast_to(changed, table.low.shape[:2])
            remember(table, old, Revision(table, same, f"shown in release {name}"))
        number = len(public.tables)
        public.tables.append(table)
        cells = _cells(table)
        first, _, second = table.axes
        for question, own, lines in (
            (dict(table.key)["question"], first, cells[:, :, second.index[TOTAL]].T),
            (dict(table.key)["question2"], second, cells[first.index[TOTAL]]),
        ):
            if question in positions:
                one_way = world.trees[question].axis.index
                chosen = [one_way[code] for code in own.nodes]
                england = _cells(public.tables[positions[question]])[world.england][:, chosen]
                public.shared.append(Shared(((positions[question], england), (number, lines))))


def _cross_tables(
    files: ReleaseFiles,
    before: Sequence[ReleaseFiles],
    world: _World,
    log_type: str,
    positions: dict[str, int],
) -> Iterator[tuple[Table, list[tuple[str, Table]]]]:
    for (own_type, question, question2), rows in files.crosses.items():
        if own_type != log_type:
            continue
        axes = (world.trees[question].fine, world.times, world.trees[question2].fine)
        key = (*_key(log_type, question), ("question2", question2))
        past = [
            (one.name, _cross(key, axes, one.crosses[own_type, question, question2]))
            for one in before
            if (own_type, question, question2) in one.crosses and (own_type, _RECORDS) in one.cells
        ]
        yield _cross(key, axes, rows), past


def _cross(key: Key, axes: tuple[Axis, Axis, Axis], rows: pd.DataFrame) -> Table:
    """A cross; its margins are cells of the questions' own tables."""
    everywhere = np.ones((len(axes[0].nodes), len(axes[1].nodes)), dtype=np.bool_)
    table = table_of(key, axes, _positions(rows, axes, "code"), shown=everywhere)
    table.names = ("code", "time", "code2")
    table.state[axes[0].index[TOTAL]] = ELSEWHERE
    table.state[:, :, axes[2].index[TOTAL]] = ELSEWHERE
    margins = table.state == ELSEWHERE
    table.low[margins], table.high[margins] = 0.0, np.inf
    return table
