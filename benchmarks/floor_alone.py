"""What the guide's rules alone give away: the same logs under them and under all rules, attacked.

`python -m benchmarks.floor_alone DATA_DIR [year]`: counts the warehouse of a demonstration that was
published (DATA_DIR/warehouse), and prints what the attacker finds under the floor and under all
rules; the figures of docs/disclosure.md.
"""

import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from data_access.tabulation import tabulate
from disclosure.attack import Verdict
from disclosure.floor import protect as floor
from disclosure.policy import Policy
from disclosure.protection.release import Protected, Report
from portal.safeguards import attack, make_safe
from submission.published import tabulated_questions

_PUBLIC = ["period", "log_type", "level", "area", "question", "code", "count", "mean"]


def _silent(words: str, done: int, total: int) -> None:
    """No progress."""


def _told(
    name: str, safe: Callable[[], Protected], attacked: Callable[[Protected], Verdict]
) -> None:
    protected = safe()
    started = time.perf_counter()
    verdict = attacked(protected)
    seconds = time.perf_counter() - started
    print(f"{name}: {dict(verdict.counts)}, {verdict.undecided} undecided, in {seconds:.0f} s")


def main() -> None:
    """Prints the figures."""
    folder = Path(sys.argv[1]) / "warehouse"
    year = sys.argv[2] if len(sys.argv) > 2 else "2025"
    questions = tabulated_questions()
    policy = Policy.read(sensitive=frozenset(q.name for q in questions if q.sensitive))
    tables = tabulate(sorted(folder.glob(f"*-{year}.parquet")), questions)
    mean = (tables.cells["sum"] / tables.cells["count"]).round(2)
    counted = tables.cells.assign(mean=mean)[_PUBLIC]

    def under_the_floor() -> Protected:
        alone = floor(counted, tables.crosses, policy)
        return Protected(alone.cells, alone.crosses, Report())

    def under_all_rules() -> Protected:
        return make_safe(tables, questions, policy, date.max, (), _silent)

    def attacked(safe: Protected) -> Verdict:
        return attack(safe, questions, policy, (), _silent)

    _told("the floor alone", under_the_floor, attacked)
    _told("all rules", under_all_rules, attacked)


if __name__ == "__main__":
    main()
