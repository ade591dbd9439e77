"""Counted rows of questions that are answered together, put into one dense table."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from disclosure.policy import Policy
from disclosure.protection.components import Component, Part, column_names, vectors_of
from disclosure.protection.earlier import Earlier
from disclosure.protection.families import Family, UnsafeTable
from disclosure.protection.frames import Keyed
from disclosure.protection.questions import (
    ANSWERED,
    NOT_ANSWERED,
    Question,
    answers_of,
    height_of,
)
from disclosure.protection.shape import Ints

# Sums are protected in whole units: pence of pounds, hundredths of anything else.
UNITS = 100
_ENGLAND = "england"


def assembled(
    keyed: Keyed,
    family: Family,
    group: Sequence[Question],
    policy: Policy,
    earlier: Earlier,
) -> tuple[Component, int]:
    """The component of linked questions, and how many of its sums one owner dominates.

    Raises UnsafeTable for a code that no question of the group has.
    """
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
            if lowest == 0 and code not in known.groups and not family.has_counts_only:
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
            sums[answered][at] = np.rint(np.nan_to_num(keyed.sums[of_sums]) * UNITS)
            family.fill_residuals(sums[answered])
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
    family.fill_residuals(counts)
    frozen = earlier.shown_cells(family.log_type, shape, column, counts)
    component = Component(
        tuple(names), counts, exists, tuple(vectors_of(answers)), tuple(parts), True, frozen
    )
    return component, dominated_cells


def _sizes(keyed: Keyed, rows: NDArray[np.int64]) -> dict[tuple[str, str], int]:
    top = rows[keyed.codes["level"][rows] == keyed.number("level", _ENGLAND)]
    size: dict[tuple[str, str], int] = {}
    for question, code, count in zip(
        keyed.codes["question"][top], keyed.codes["code"][top], keyed.count[top], strict=True
    ):
        key = keyed.words["question"][question], keyed.words["code"][code]
        size[key] = size.get(key, 0) + int(count)
    return size
