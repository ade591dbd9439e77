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
from disclosure.protection.assembling import UNITS, assembled
from disclosure.protection.components import Component
from disclosure.protection.crosses import Margins, Pair, withheld_pair
from disclosure.protection.earlier import Earlier
from disclosure.protection.families import (
    RECORDS,
    Family,
    Hierarchies,
    UnsafeTable,
    families_of,
)
from disclosure.protection.frames import KEYS, Keyed, public_frame
from disclosure.protection.questions import LEVELS, Question, asked, height_of, linked
from disclosure.protection.withholding import Withheld, withhold

__all__ = ["Hierarchies", "Protected", "Report", "UnsafeTable", "protect"]

TOTAL = "total"

Progress = Callable[[int, int], None]


@dataclass
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
    before = Earlier(earlier)
    families = list(families_of(keyed, hierarchies, policy, before))
    report = Report()
    jobs: list[tuple[Family, list[Question]]] = [
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

    def worked_out(job: tuple[Family, list[Question]]) -> tuple[Component, Withheld, int]:
        family, group = job
        component, dominated = assembled(keyed, family, group, policy, before)
        answer = withhold(family.shape, family.removal, family.records, component, policy)
        return component, answer, dominated

    with ThreadPoolExecutor(cpu_count() or 1) as pool:
        answers = zip(jobs, pool.map(worked_out, jobs), strict=True)
        for done, ((family, _), (component, answer, dominated)) in enumerate(answers, start=1):
            outputs.append(_cells_out(keyed, family, component, answer))
            report.dominated += dominated
            _tell(report, family, component, answer)
            margins[family.log_type, family.year].add(component, answer.hidden)
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


def _records_out(keyed: Keyed, family: Family) -> dict[str, NDArray[Any]]:
    shape = family.shape
    g, t = np.nonzero(~family.removal.removed & family.real[:, None])
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
    keyed: Keyed, family: Family, component: Component, answer: Withheld
) -> dict[str, NDArray[Any]]:
    shape = family.shape
    there = component.exists[shape.levels][:, None, :] & ~family.removal.removed[:, :, None]
    there = there & ((component.counts > 0) | answer.hidden)
    there &= family.real[:, None, None]
    g, t, c = np.nonzero(there)
    sums = np.full(len(g), np.nan)
    for part in component.parts:
        for column, amounts in part.sums.items():
            mine = c == column
            sums[mine] = amounts[g[mine], t[mine]] / UNITS
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


def _tell(report: Report, family: Family, component: Component, answer: Withheld) -> None:
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
