"""The attacker on a year of national size, made up and protected simply.

    python -m benchmarks.attacking [QUESTIONS [LOG_TYPES]]

296 authorities in 9 regions, four quarters and their year, 8 codes a question; 100 questions and 7
log types unless fewer are asked for. Every count of 1 or 2 is hidden with a box of others (two
authorities, two times, two codes) so that all margins stay as they are; areas with fewer than three
records are removed with a box of others too.
"""

import resource
import sys
import time

import numpy as np

from disclosure.attack import audit
from disclosure.attack.axes import Sum, axis
from disclosure.attack.tables import ELSEWHERE, SHOWN, PublicTables, Rows, Shared, table_of

AREAS, REGIONS, QUARTERS, CODES, RECORDS = 296, 9, 4, 8, 292_600
SHARES = (0.45, 0.2, 0.15, 0.1, 0.05, 0.03, 0.015, 0.005)


class Places:
    """Authorities, then regions, then England."""

    def __init__(self) -> None:
        self.region = np.sort(np.arange(AREAS) % REGIONS)
        names = [f"A{n:03}" for n in range(AREAS)]
        regions = [f"R{n}" for n in range(REGIONS)]
        sums = [
            Sum(regions[r], tuple(names[a] for a in np.flatnonzero(self.region == r)))
            for r in range(REGIONS)
        ]
        self.axis = axis([*names, *regions, "E"], [*sums, Sum("E", tuple(regions))])
        quarters = [f"Q{n}" for n in range(QUARTERS)]
        self.times = axis([*quarters, "Y"], [Sum("Y", tuple(quarters))])

    def added(self, leaves: np.ndarray) -> np.ndarray:
        """Counts of authorities and quarters, with regions, England and the year."""
        regions = np.stack([leaves[self.region == r].sum(axis=0) for r in range(REGIONS)])
        areas = np.concatenate([leaves, regions, regions.sum(axis=0)[None]])
        return np.concatenate([areas, areas.sum(axis=1)[:, None]], axis=1)


def boxed(small: np.ndarray, region: np.ndarray, values: np.ndarray, dice) -> np.ndarray:
    """Small cells of authorities with a box of others each: (areas, times[, codes]) masks."""
    hidden = small.copy()
    for cell in np.argwhere(small):
        others = []
        for number, at in enumerate(cell):
            places = (
                np.flatnonzero(region == region[at])
                if number == 0
                else np.arange(small.shape[number])
            )
            line = values[tuple(places if k == number else cell[k] for k in range(len(cell)))]
            able = places[(places != at) & (line > 0)]
            others.append((at, dice.choice(able if len(able) else places[places != at])))
        hidden[np.ix_(*others)] = True
    return hidden


def made(questions: int, log_types: int) -> PublicTables:
    """The public tables."""
    places, dice = Places(), np.random.default_rng(1)
    single = axis(["total"], ())
    codes = [str(n) for n in range(CODES)]
    tree = axis([*codes, "total"], [Sum("total", tuple(codes))])
    public = PublicTables([])
    for log_type in range(log_types):
        size = RECORDS * 0.5 ** (log_type + 1)
        weight = dice.lognormal(0, 1, AREAS)
        records = dice.poisson(size * weight[:, None] / weight.sum() / QUARTERS, (AREAS, QUARTERS))
        totals = places.added(records)
        removed = boxed(totals[:AREAS] < 3, places.region, totals[:AREAS], dice)
        shown = np.ones(totals.shape, dtype=bool)
        shown[:AREAS] = ~removed
        key = (("log_type", str(log_type)),)
        at = np.nonzero(shown)
        rows = Rows(at[0], at[1], np.zeros(len(at[0]), dtype=int), totals[shown].astype(float))
        first = len(public.tables)
        records_key = (*key, ("question", "records"))
        public.tables.append(table_of(records_key, (places.axis, places.times, single), rows))
        linked = [(first, np.arange(totals.size).reshape(totals.shape))]
        for question in range(questions):
            share = dice.permutation(SHARES)
            full = places.added(dice.multinomial(records, share))
            hidden = (full > 0) & (full < 3)
            hidden[:AREAS] = boxed(hidden[:AREAS], places.region, full[:AREAS], dice)
            rowed = shown[:, :, None] & ((full > 0) | hidden)
            at = np.nonzero(rowed)
            counts = np.where(hidden, np.nan, full)[rowed]
            table = table_of(
                (*key, ("question", str(question))),
                (places.axis, places.times, tree),
                Rows(*at, counts),
                shown=shown,
            )
            root = tree.index["total"]
            table.state[:, :, root][table.state[:, :, root] != SHOWN] = ELSEWHERE
            linked.append(
                (len(public.tables), np.arange(table.low.size).reshape(table.low.shape)[:, :, root])
            )
            public.tables.append(table)
        public.shared.append(Shared(tuple(linked)))
    return public


def main() -> None:
    """Prints seconds, findings and the highest memory of the process."""
    questions = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    log_types = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    public = made(questions, log_types)
    started = time.perf_counter()
    verdict = audit(public)
    took = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{verdict.tables} tables, {verdict.cells:,} cells, {verdict.hidden:,} withheld, "
          f"{verdict.removed:,} removed")  # fmt: skip
    print(dict(verdict.counts), f"undecided {verdict.undecided:,}")
    print(f"attack: {took:.1f} s, peak {peak:.2f} GB")


if __name__ == "__main__":
    main()
