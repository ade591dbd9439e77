"""The attack: three stages on each table, and what one table tells of the cells of another."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from disclosure.attack import words
from disclosure.attack.bounds import Reasons, propagate
from disclosure.attack.elimination import candidates, proof
from disclosure.attack.intervals import Budget, Question, narrow
from disclosure.attack.revisions import Revision
from disclosure.attack.sums import known_sums, use_means
from disclosure.attack.systems import system_of
from disclosure.attack.tables import (
    CODE,
    DEEPER,
    ELSEWHERE,
    HIDDEN,
    HIGHER,
    REMOVED,
    SHOWN,
    PublicTables,
    Table,
)
from disclosure.attack.verdicts import (
    EXACT,
    KNOWN_SMALL,
    RECOVERED_LARGE,
    REMOVED_TOTAL,
    SHOWN_SMALL,
    SMALL_REVISION,
    STRICT_BREACHES,
    ZERO_IN_REMOVED,
    Finding,
    Progress,
    Verdict,
)

THRESHOLD = 3
# Times that what one table tells of shared cells is taken back to the others.
_ROUNDS = 4
# Within a table: times that the three stages follow each other while they still find something.
_REPEATS = 3
_WORKERS = 2
# Combinations of equations looked for per table.
_MOST_PROOFS = 50
# Findings listed per kind (all are counted): those that matter, and those that are accepted.
_MOST_LISTED = 20_000
_MOST_ACCEPTED = 1_000


@dataclass
class _Attacked:
    """`reasons` is None where nothing was found that needs one: most of a safe release's tables."""

    reasons: Reasons | None
    undecided: int


def audit(
    public: PublicTables,
    threshold: int = THRESHOLD,
    *,
    strict: bool = False,
    budget: Budget = Budget(),
    revisions: Sequence[Revision] = (),
    progress: Progress = lambda stage, done, total: None,
) -> Verdict:
    """What can be worked out from public tables; their intervals are narrowed in place.

    `threshold`: counts from 1 to one less are disclosive. `revisions`: see attack.revisions.
    `progress`: called with the stage in words, how many tables are done, and of how many.
    """
    tables = public.tables
    use_means(public)
    _share(public, range(len(tables)))
    attacked: dict[int, _Attacked] = {}
    with ThreadPoolExecutor(_WORKERS) as workers:

        def attack(stage: str, numbers: Sequence[int], first: bool) -> list[int]:
            jobs = workers.map(lambda n: _attack(tables[n], threshold, budget, first), numbers)
            for done, (number, result) in enumerate(zip(numbers, jobs, strict=True)):
                if not first:
                    result.reasons = _joined(attacked[number].reasons, result.reasons)
                    result.undecided += attacked[number].undecided
                attacked[number] = result
                progress(stage, done + 1, len(numbers))
            return _share(public, numbers)

        learned: set[int] = set()
        for stage, numbers in _waves(tables):
            learned = (learned - set(numbers)) | set(attack(stage, numbers, True))
        waiting = sorted(learned)
        for _ in range(_ROUNDS):
            if waiting:
                waiting = attack("Attacking again with what others tell", waiting, False)
    verdict = Verdict(threshold, strict, tables=len(tables))
    for number, table in enumerate(tables):
        _judge(table, attacked[number], verdict)
    for finding in known_sums(public, threshold):
        _add(verdict, finding)
    for revision in revisions:
        for cell, changed in revision.small(threshold):
            _add(verdict, Finding(SMALL_REVISION, cell, changed, changed, (revision.words,)))
    return verdict


def _waves(tables: Sequence[Table]) -> Iterator[tuple[str, list[int]]]:
    """Numbers of records first, then the questions that share them, then their crosses."""
    waves: dict[str, list[int]] = {
        "Attacking totals": [],
        "Attacking cells": [],
        "Attacking crosses": [],
    }
    for number, table in enumerate(tables):
        crossed = table.names[CODE] != "code"
        wave = "crosses" if crossed else "totals" if table.low.shape[CODE] == 1 else "cells"
        waves[f"Attacking {wave}"].append(number)
    yield from ((stage, numbers) for stage, numbers in waves.items() if numbers)


def _attack(table: Table, threshold: int, budget: Budget, first: bool) -> _Attacked:
    """The three stages; after the first time only on what others narrowed."""
    before = (table.low.copy(), table.high.copy())
    why = propagate(table)
    undecided = 0
    moved = ((table.low != before[0]) | (table.high != before[1])).ravel()
    if first:
        moved[:] = True
    total = table.axes[CODE].roots()
    for _ in range(_REPEATS):
        system = system_of(table)
        state = table.state.ravel()[system.cells]
        asked = np.isin(state, (HIDDEN, REMOVED)) & moved[system.cells]
        if not asked.any():
            break
        wanted = np.flatnonzero(candidates(system) & asked)
        for column in wanted[:_MOST_PROOFS]:
            found = proof(system, int(column))
            if found is not None:
                value = found.value(system)
                table.notes[int(system.cells[column])] = words.proof(table, system, found)
                system.low[column] = system.high[column] = value
        removed_total = (state == REMOVED) & np.isin(
            np.unravel_index(system.cells, table.low.shape)[CODE],
            total if len(total) == 1 else [],
        )
        question = Question(
            below=np.where(asked, float(threshold), -np.inf),
            above=(state == REMOVED) & ~removed_total,
            single=removed_total & asked,
        )
        settled, left = narrow(system, question, budget)
        undecided += left
        for column in settled:
            flat = int(system.cells[column])
            table.notes.setdefault(
                flat, ("least and most over all tables that agree with what is shown",)
            )
        table.low.ravel()[system.cells] = system.low
        table.high.ravel()[system.cells] = system.high
        before = (table.low.copy(), table.high.copy())
        why = _joined(why, propagate(table)) or why
        # Only what these answers narrowed further is asked about again.
        moved = ((table.low != before[0]) | (table.high != before[1])).ravel()
        if not moved.any():
            break
    withheld = table.state != SHOWN
    found = withheld & ((table.high < threshold) | (table.low == table.high)) & (table.high > 0)
    return _Attacked(why if found.any() else None, undecided)


def _joined(old: Reasons | None, new: Reasons | None) -> Reasons | None:
    """The new reasons; where the new round moved nothing, the old one stands."""
    if old is not None and new is not None:
        np.copyto(new.low, old.low, where=new.low < 0)
        np.copyto(new.high, old.high, where=new.high < 0)
    return new or old


def _share(public: PublicTables, changed: Sequence[int]) -> list[int]:
    """Gives shared cells the narrowest interval of any table; the tables that learned from it."""
    learned: set[int] = set()
    sources = set(changed)
    for shared in public.shared:
        if not sources.intersection(number for number, _ in shared.places):
            continue
        places = [(number, cells.ravel()) for number, cells in shared.places]
        lows = [public.tables[n].low.ravel()[cells] for n, cells in places]
        highs = [public.tables[n].high.ravel()[cells] for n, cells in places]
        low, high = np.max(lows, axis=0), np.min(highs, axis=0)
        agree = low <= high
        for place, (number, cells) in enumerate(places):
            news = agree & ((lows[place] < low) | (highs[place] > high))
            if not news.any():
                continue
            learned.add(number)
            table = public.tables[number]
            table.low.ravel()[cells[news]] = low[news]
            table.high.ravel()[cells[news]] = high[news]
            for at in np.flatnonzero(news & (table.state.ravel()[cells] != ELSEWHERE)):
                best = next(
                    n
                    for k, (n, _) in enumerate(places)
                    if highs[k][at] == high[at] or lows[k][at] == low[at]
                )
                table.notes.setdefault(
                    int(cells[at]), (f"the same cell in {public.tables[best].name}",)
                )
    return sorted(learned)


def _judge(table: Table, attacked: _Attacked, verdict: Verdict) -> None:
    low, high, state = table.low.ravel(), table.high.ravel(), table.state.ravel()
    threshold = verdict.threshold
    verdict.cells += int((state != ELSEWHERE).sum())
    verdict.removed += table.represented
    verdict.hidden += int((state == HIDDEN).sum())
    verdict.removed += int((state == REMOVED).sum())
    verdict.undecided += attacked.undecided
    verdict.set_aside.update(table.set_aside)
    known = low == high
    small = (low >= 1) & (high < threshold)
    roots = table.axes[CODE].roots()
    code = np.arange(low.size) % table.low.shape[CODE]
    total = (state == REMOVED) & np.isin(code, roots if len(roots) == 1 else [])
    hidden, removed = state == HIDDEN, (state == REMOVED) & ~total
    kinds = {
        SHOWN_SMALL: (state == SHOWN) & small,
        EXACT: (hidden | removed | (state == DEEPER) | (state == HIGHER)) & known & small,
        REMOVED_TOTAL: total & (high > 0) & (known | (high < threshold)),
        KNOWN_SMALL: ((hidden & (high > 0) & (high < threshold)) | (removed & small)) & ~known,
        RECOVERED_LARGE: (hidden | removed) & known & ((low >= threshold) | (hidden & (low == 0))),
        ZERO_IN_REMOVED: total & (high == 0),
    }
    for kind, mask in kinds.items():
        cells = np.flatnonzero(mask)
        room = max(_most_listed(kind) - verdict.counts[kind], 0)
        verdict.counts[kind] += len(cells)
        for flat in cells[:room]:
            because: tuple[str, ...] = ()
            if kind != SHOWN_SMALL and attacked.reasons is not None:
                because = words.reasons(table, attacked.reasons, int(flat))
            cell = table.cell(int(flat))
            verdict.findings.append(
                Finding(kind, cell, float(low[flat]), float(high[flat]), because)
            )


def _add(verdict: Verdict, finding: Finding) -> None:
    verdict.counts[finding.kind] += 1
    if verdict.counts[finding.kind] <= _most_listed(finding.kind):
        verdict.findings.append(finding)


def _most_listed(kind: str) -> int:
    return _MOST_LISTED if kind in STRICT_BREACHES else _MOST_ACCEPTED
