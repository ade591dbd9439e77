"""Every table of a release made safe together: from counted cells and crosses to public ones."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from os import cpu_count
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from disclosure.policy import Policy
from disclosure.protection.components import (
    Component,
    Part,
    column_names,
    vectors_of,
)
from disclosure.protection.crosses import Margins, Pair, withheld_pair
from disclosure.protection.frames import KEYS, Keyed, public_frame
from disclosure.protection.questions import (
    ANSWERED,
    LEVELS,
    NOT_ANSWERED,
    Question,
    answers_of,
    asked,
    height_of,
    linked,
)
from disclosure.protection.removal import Removal, removal_of
from disclosure.protection.shape import Ints, Shape
from disclosure.protection.trees import Tree
from disclosure.protection.withholding import Withheld, withhold

ENGLAND = "england"
LOCAL_AUTHORITY = "local_authority"
RECORDS = "records"
TOTAL = "total"
# Sums are protected in whole units: pence of pounds, hundredths of anything else.
_UNITS = 100
_RESIDUAL = "~"

Progress = Callable[[int, int], None]


class UnsafeTable(ValueError):
    """A table holds what no rule allows; nothing may be published from it."""


@dataclass(frozen=True)
class Hierarchies:
    """What adds up to what: the parent of each area in a collection year, and of each period.

    `areas`: by collection year ("2025"), parents by child, up to England. `parents_of_periods`: of
    a quarter, its year. `running`: collection years that are not over.
    """

    areas: Mapping[str, Mapping[str, str]]
    parents_of_periods: Mapping[str, str]
    running: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Report:
    """What was withheld. For the private side only: it tells of removed places.

    `rows`: log_type, level, period, cells, withheld, records, records_withheld. `areas`: lowest
    places, and how many of them are removed, by log type and period. `dropped`: (log type, year,
    question, level downwards). `dominated`: cells of rents or commercial sums where one owner
    dominates.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    areas: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    dropped: list[tuple[str, str, str, str]] = field(default_factory=list)
    dominated: int = 0


@dataclass(frozen=True)
class Protected:
    """Cells and crosses that may be published, each with a `marker` column."""

    cells: pd.DataFrame
    crosses: pd.DataFrame
    report: Report


@dataclass(frozen=True)
class _Family:
    """One log type and year: its shape, its records, its part of the cells and what is removed."""

    year: str
    log_type: str
    shape: Shape
    rows: NDArray[np.int64]
    place_of: NDArray[np.int64]
    period_of: NDArray[np.int64]
    levels: NDArray[np.int64]
    records: Ints
    removal: Removal


def protect(
    cells: pd.DataFrame,
    crosses: pd.DataFrame,
    questions: Sequence[Question],
    hierarchies: Hierarchies,
    policy: Policy,
    earlier: Sequence[pd.DataFrame] = (),
    progress: Progress = lambda done, total: None,
) -> Protected:
    """Makes cells and crosses (columns as in data_access.tabulation) safe under the policy.

    `earlier`: public cells of earlier releases, whose shown cells stay as they are. The same input
    gives the same answer. Raises UnsafeTable when crosses name a place, a question has rows below
    its lowest level, or an area is not in the hierarchy of its year.
    """
    _refuse(cells, crosses, questions)
    keyed = Keyed(cells)
    families = list(_families(keyed, hierarchies, policy, earlier))
    report = Report()
    jobs: list[tuple[_Family, list[Question]]] = [
        (family, group)
        for family in families
        for group in linked(asked(questions, family.log_type, family.year))
    ]
    outputs: list[dict[str, NDArray[Any]]] = []
    margins: dict[tuple[str, str], Margins] = {}
    for family in families:
        outputs.append(_records_out(keyed, family))
        margins[family.log_type, family.year] = Margins(family.shape.periods)
        for t, period in enumerate(family.shape.periods.names):
            removed = family.removal.removed[family.shape.levels == 0, t]
            report.areas[family.log_type, period] = len(removed), int(removed.sum())
    done = 0
    with ThreadPoolExecutor(cpu_count() or 1) as pool:
        answers = pool.map(
            lambda job: _protect_group(keyed, job[0], job[1], hierarchies, policy, earlier), jobs
        )
        for (family, _), (component, answer, dominated) in zip(jobs, answers, strict=True):
            is_counts = (
                family.year in hierarchies.running and policy.running_year_at_authority == "counts"
            )
            outputs.append(_cells_out(keyed, family, component, answer, is_counts))
            _tell(report, family, component, answer, dominated)
            margins[family.log_type, family.year].add(component, answer.hidden)
            done += 1
            progress(done, len(jobs))
    return Protected(
        public_frame(keyed, outputs),
        _crosses_out(crosses, questions, margins, policy),
        report,
    )


def _refuse(cells: pd.DataFrame, crosses: pd.DataFrame, questions: Sequence[Question]) -> None:
    if "area" in crosses.columns:
        raise UnsafeTable("Crosses are made for England alone, and this one names a place.")
    names = {question.name: question for question in questions}
    levels = cells.groupby(["question", "level"], observed=True).size()
    for name, level in levels.index:
        if name == RECORDS:
            continue
        if name not in names:
            raise UnsafeTable(f"{name} is no question that may be tabulated.")
        if height_of(level) < height_of(names[name].lowest):
            raise UnsafeTable(f"{name} has rows at the level {level}, where it may have none.")
    for name in sorted({*crosses["question"].unique(), *crosses["question2"].unique()}):
        if name not in names or not names[name].crossable:
            raise UnsafeTable(f"{name} may not be crossed with another question.")


def _families(
    keyed: Keyed, hierarchies: Hierarchies, policy: Policy, earlier: Sequence[pd.DataFrame]
) -> Iterator[_Family]:
    years = np.array([hierarchies.parents_of_periods.get(p, p) for p in keyed.words["period"]])
    of_year = years[keyed.codes["period"]]
    level_number = np.array([height_of(level) for level in keyed.words["level"]])
    for year in sorted(set(of_year)):
        in_year = np.flatnonzero(of_year == year)
        parents = dict(hierarchies.areas[year])
        found = {keyed.words["area"][a] for a in np.unique(keyed.codes["area"][in_year])}
        unknown = found - set(parents) - set(parents.values())
        if unknown:
            raise UnsafeTable(f"{', '.join(sorted(unknown))} is not an area of {year}.")
        periods = Tree.of(
            {keyed.words["period"][p] for p in np.unique(keyed.codes["period"][in_year])},
            hierarchies.parents_of_periods,
        )
        types = keyed.codes["log_type"][in_year]
        for number in np.unique(types):
            rows = in_year[types == number]
            yield _family(
                keyed, year, keyed.words["log_type"][number], rows, periods, parents, level_number,
                policy, earlier,
            )  # fmt: skip


def _family(
    keyed: Keyed,
    year: str,
    log_type: str,
    rows: NDArray[np.int64],
    periods: Tree,
    parents: dict[str, str],
    level_number: NDArray[np.int64],
    policy: Policy,
    earlier: Sequence[pd.DataFrame],
) -> _Family:
    residuals = _residuals(keyed, rows, parents)
    places = Tree.of(
        {*parents, *parents.values(), *residuals},
        {**parents, **{name: name.removeprefix(_RESIDUAL) for name in residuals}},
    )
    shape = Shape(places, periods)
    place_of = np.array(
        [places.names.index(a) if a in set(places.names) else -1 for a in keyed.words["area"]]
    )
    period_of = np.array(
        [periods.index(p) if p in set(periods.names) else -1 for p in keyed.words["period"]]
    )
    records = np.zeros((len(places), len(periods)), dtype=np.int64)
    is_total = keyed.codes["question"][rows] == keyed.number("question", RECORDS)
    total = rows[is_total]
    records[place_of[keyed.codes["area"][total]], period_of[keyed.codes["period"][total]]] = (
        keyed.count[total]
    )
    _fill_residuals(records, places)
    frozen = np.zeros(records.shape, dtype=bool)
    for frame in earlier:
        shown = frame[
            (frame["log_type"] == log_type)
            & (frame["question"] == RECORDS)
            & frame["period"].isin(periods.names)
            & frame["area"].isin(places.names)
        ]
        for area, period, count in zip(shown["area"], shown["period"], shown["count"], strict=True):
            at = places.index(area), periods.index(period)
            frozen[at] |= records[at] == count
    # Records without an area are of no place that could be removed.
    frozen |= np.array([[name.startswith(_RESIDUAL)] for name in places.names])
    removal = removal_of(shape, records, policy, frozen)
    return _Family(
        year, log_type, shape, rows, place_of, period_of, level_number, records, removal
    )  # fmt: skip


def _residuals(keyed: Keyed, rows: NDArray[np.int64], parents: Mapping[str, str]) -> list[str]:
    """Areas that have more records than the areas below: those without one of their own."""
    total = rows[keyed.codes["question"][rows] == keyed.number("question", RECORDS)]
    areas = np.array(keyed.words["area"], dtype=object)[keyed.codes["area"][total]]
    counts = pd.Series(keyed.count[total], index=areas).groupby(level=0).sum()
    of_parent = counts[counts.index.isin(list(parents))]
    below = of_parent.rename(index=parents).groupby(level=0).sum()
    tops = set(parents.values())
    return [f"{_RESIDUAL}{a}" for a in counts.index if a in tops and counts[a] != below.get(a, 0)]


def _fill_residuals(values: Ints, places: Tree) -> None:
    """Gives each residual what its parent has beyond its other children."""
    for node, name in enumerate(places.names):
        if not name.startswith(_RESIDUAL):
            continue
        parent = places.parent[node]
        others = [n for n in np.flatnonzero(places.parent == parent) if n != node]
        values[node] = values[parent] - values[others].sum(axis=0)


def _protect_group(
    keyed: Keyed,
    family: _Family,
    group: list[Question],
    hierarchies: Hierarchies,
    policy: Policy,
    earlier: Sequence[pd.DataFrame],
) -> tuple[Component, Withheld, int]:
    counts_only = (
        family.year in hierarchies.running and policy.running_year_at_authority == "counts"
    )
    component, dominated = _component(keyed, family, group, counts_only, policy, earlier)
    return (
        component,
        withhold(family.shape, family.removal, family.records, component, policy),
        dominated,
    )


def _component(
    keyed: Keyed,
    family: _Family,
    group: list[Question],
    counts_only: bool,
    policy: Policy,
    earlier: Sequence[pd.DataFrame],
) -> tuple[Component, int]:
    numbers = [keyed.number("question", question.name) for question in group]
    rows = family.rows[np.isin(keyed.codes["question"][family.rows], numbers)]
    size = _sizes(keyed, rows)
    answers = answers_of(group, size)
    names = column_names(answers)
    column = {name: number for number, name in enumerate(names)}
    lookup = np.full((len(keyed.words["question"]), len(keyed.words["code"])), -1, dtype=np.int64)
    for (name, code), number in column.items():
        of_name, of_code = keyed.number("question", name), keyed.number("code", code)
        if of_name >= 0 and of_code >= 0:
            lookup[of_name, of_code] = number
    shape = family.shape
    g = family.place_of[keyed.codes["area"][rows]]
    t = family.period_of[keyed.codes["period"][rows]]
    c = lookup[keyed.codes["question"][rows], keyed.codes["code"][rows]]
    if (c < 0).any():
        raise UnsafeTable(f"{group[0].name} has a code that its definition does not know.")
    counts = np.zeros((len(shape.places), len(shape.periods), len(names)), dtype=np.int64)
    counts[g, t, c] = keyed.count[rows]
    exists = np.zeros((3, len(names)), dtype=bool)
    parts, dominated_cells = [], 0
    for question, known in zip(group, answers, strict=True):
        lowest = height_of(question.lowest)
        mine = np.array([n for n, (name, _) in enumerate(names) if name == question.name])
        grouped = set(known.groups.values())
        for number in mine:
            code = names[number][1]
            if lowest == 0 and code not in known.groups and not counts_only:
                exists[0, number] = True
            if code not in grouped:
                exists[max(lowest, 1) :, number] = True
        sums: dict[int, Ints] = {}
        dominated: dict[int, NDArray[np.bool_]] = {}
        if question.kind == "number":
            answered = column[question.name, ANSWERED]
            of_sums = rows[c == answered]
            at = g[c == answered], t[c == answered]
            sums[answered] = np.zeros(counts.shape[:2], dtype=np.int64)
            sums[answered][at] = np.rint(np.nan_to_num(keyed.sums[of_sums]) * _UNITS)
            _fill_residuals(sums[answered], shape.places)
            marked = np.zeros(counts.shape[:2], dtype=bool)
            # p%: the second owner, taking his own part from the sum, knows the first's so closely.
            with np.errstate(invalid="ignore"):
                marked[at] = 1 - keyed.top1[of_sums] - keyed.top2[of_sums] < (
                    policy.dominance * keyed.top1[of_sums]
                )
            dominated_cells += int(marked.sum())
            if question.commercial:
                dominated[answered] = marked
        parts.append(
            Part(
                question.name,
                np.flatnonzero(exists[0] & np.isin(np.arange(len(names)), mine)),
                mine,
                question.personal,
                column[question.name, NOT_ANSWERED],
                sums,
                dominated,
            )
        )
    _fill_residuals(counts, shape.places)
    frozen = _frozen(family, column, group, counts, earlier)
    component = Component(
        tuple(names), counts, exists, tuple(vectors_of(answers)), tuple(parts), True, frozen
    )
    return component, dominated_cells


def _sizes(keyed: Keyed, rows: NDArray[np.int64]) -> dict[tuple[str, str], int]:
    top = rows[keyed.codes["level"][rows] == keyed.number("level", ENGLAND)]
    size: dict[tuple[str, str], int] = {}
    for question, code, count in zip(
        keyed.codes["question"][top], keyed.codes["code"][top], keyed.count[top], strict=True
    ):
        key = keyed.words["question"][question], keyed.words["code"][code]
        size[key] = size.get(key, 0) + int(count)
    return size


def _frozen(
    family: _Family,
    column: Mapping[tuple[str, str], int],
    group: Sequence[Question],
    counts: Ints,
    earlier: Sequence[pd.DataFrame],
) -> NDArray[np.bool_] | None:
    """Cells that an earlier release shows as they are now, true zeros of shown places among them.

    A figure that changed (a year that went on, a revision) is another one.
    """
    if not earlier:
        return None
    frozen = np.zeros(counts.shape, dtype=bool)
    places, periods = family.shape.places, family.shape.periods
    for frame in earlier:
        mine = frame[
            (frame["log_type"] == family.log_type)
            & frame["period"].isin(periods.names)
            & frame["area"].isin(places.names)
            & frame["question"].isin([question.name for question in group])
        ]
        g = np.array([places.index(a) for a in mine["area"]], dtype=np.int64)
        t = np.array([periods.index(p) for p in mine["period"]], dtype=np.int64)
        c = np.array(
            [column.get((q, k), -1) for q, k in zip(mine["question"], mine["code"], strict=True)],
            dtype=np.int64,
        )
        present = np.zeros(counts.shape, dtype=bool)
        before = np.zeros_like(counts)
        for question in group:
            own = np.array([n for (name, _), n in column.items() if name == question.name])
            rows = mine["question"].to_numpy() == question.name
            where = np.zeros(counts.shape[:2], dtype=bool)
            where[g[rows], t[rows]] = True
            present[:, :, own] |= where[:, :, None]
        known = c >= 0
        hidden = known & (mine["marker"].to_numpy() == "c")
        present[g[hidden], t[hidden], c[hidden]] = False
        shown = known & ~hidden
        before[g[shown], t[shown], c[shown]] = mine["count"].to_numpy(dtype=float)[shown]
        frozen |= present & (before == counts)
    return frozen


def _records_out(keyed: Keyed, family: _Family) -> dict[str, NDArray[Any]]:
    shape = family.shape
    real = np.array([not name.startswith(_RESIDUAL) for name in shape.places.names])
    g, t = np.nonzero(~family.removal.removed & real[:, None])
    return {
        "period": keyed.numbers("period", shape.periods.names)[t],
        "log_type": np.full(len(g), keyed.number("log_type", family.log_type)),
        "level": keyed.numbers("level", LEVELS)[shape.levels[g]],
        "area": keyed.numbers("area", shape.places.names)[g],
        "question": np.full(len(g), keyed.number("question", RECORDS)),
        "code": np.full(len(g), keyed.number("code", TOTAL)),
        "count": family.records[g, t],
        "sum": np.full(len(g), np.nan),
        "hidden": np.zeros(len(g), dtype=bool),
    }


def _cells_out(
    keyed: Keyed, family: _Family, component: Component, answer: Withheld, is_counts: bool
) -> dict[str, NDArray[Any]]:
    shape = family.shape
    there = component.exists[shape.levels][:, None, :] & ~family.removal.removed[:, :, None]
    there = there & ((component.counts > 0) | answer.hidden)
    real = np.array([not name.startswith(_RESIDUAL) for name in shape.places.names])
    there &= real[:, None, None]
    if is_counts:
        there[shape.levels == 0] = False
    g, t, c = np.nonzero(there)
    sums = np.full(len(g), np.nan)
    for part in component.parts:
        for column, amounts in part.sums.items():
            mine = c == column
            sums[mine] = amounts[g[mine], t[mine]] / _UNITS
    questions = keyed.numbers("question", [name for name, _ in component.columns])
    codes = keyed.numbers("code", [code for _, code in component.columns])
    return {
        "period": keyed.numbers("period", shape.periods.names)[t],
        "log_type": np.full(len(g), keyed.number("log_type", family.log_type)),
        "level": keyed.numbers("level", LEVELS)[shape.levels[g]],
        "area": keyed.numbers("area", shape.places.names)[g],
        "question": questions[c],
        "code": codes[c],
        "count": component.counts[g, t, c],
        "sum": sums,
        "hidden": answer.hidden[g, t, c],
    }


def _tell(
    report: Report, family: _Family, component: Component, answer: Withheld, dominated: int
) -> None:
    shape = family.shape
    there = component.exists[shape.levels][:, None, :] & np.ones(
        (1, len(shape.periods), 1), dtype=bool
    )
    hidden = there & (answer.hidden | family.removal.removed[:, :, None])
    for level in range(3):
        for t, period in enumerate(shape.periods.names):
            places = shape.levels == level
            chosen, gone = there[places, t], hidden[places, t]
            counts = component.counts[places, t]
            report.rows.append(
                {
                    "log_type": family.log_type,
                    "level": LEVELS[level],
                    "period": period,
                    "cells": int(chosen.sum()),
                    "withheld": int(gone.sum()),
                    "records": int(counts[chosen].sum()),
                    "records_withheld": int(counts[gone].sum()),
                }
            )
    for question, level_name in answer.dropped.items():
        report.dropped.append((family.log_type, family.year, question, level_name))
    object.__setattr__(report, "dominated", report.dominated + dominated)


def _crosses_out(
    crosses: pd.DataFrame,
    questions: Sequence[Question],
    margins: Mapping[tuple[str, str], Margins],
    policy: Policy,
) -> pd.DataFrame:
    keyed = Keyed(crosses, KEYS["crosses"])
    by_name = {question.name: question for question in questions}
    jobs = list(_pairs(keyed, by_name, margins))
    with ThreadPoolExecutor(cpu_count() or 1) as pool:
        found = list(pool.map(lambda pair: withheld_pair(keyed, pair, policy), jobs))
    return public_frame(keyed, [part for part in found if len(part["count"])])


def _pairs(
    keyed: Keyed, by_name: Mapping[str, Question], margins: Mapping[tuple[str, str], Margins]
) -> Iterator[Pair]:
    """Rows of each log type, year and pair of questions that are not answered together."""
    for (log_type, _), margin in margins.items():
        periods = [keyed.number("period", name) for name in margin.periods.names]
        of_type = keyed.codes["log_type"] == keyed.number("log_type", log_type)
        rows = np.flatnonzero(of_type & np.isin(keyed.codes["period"], periods))
        pair = keyed.codes["question"][rows].astype(np.int64) * len(keyed.words["question2"])
        pair += keyed.codes["question2"][rows]
        order = np.argsort(pair, kind="stable")
        starts = np.flatnonzero(np.diff(pair[order], prepend=-1))
        for first, last in zip(starts, [*starts[1:], len(order)], strict=True):
            mine = rows[order[first:last]]
            one = keyed.words["question"][keyed.codes["question"][mine[0]]]
            two = keyed.words["question2"][keyed.codes["question2"][mine[0]]]
            if by_name[one].answered_with == two or by_name[two].answered_with == one:
                continue
            # Here and not while pairs are worked on side by side: new words get a number.
            keyed.numbers("code", margin.codes[one])
            keyed.numbers("code2", margin.codes[two])
            yield Pair(mine, log_type, one, two, margin)
