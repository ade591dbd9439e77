"""What an attack found, for people and for machines."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

SHOWN_SMALL = "shown_small"
EXACT = "exact"
KNOWN_SMALL = "known_small"
REMOVED_TOTAL = "removed_total"
KNOWN_SUM = "known_sum"
SMALL_REVISION = "small_revision"
RECOVERED_LARGE = "recovered_large"
ZERO_IN_REMOVED = "zero_in_removed"

KINDS = {
    SHOWN_SMALL: "cells shown although they are from 1 to less than the threshold",
    EXACT: "cells known exactly, from 1 to less than the threshold",
    REMOVED_TOTAL: "totals known of a place and time that were removed",
    KNOWN_SUM: "sums known within 10 % of a cell that may be below the threshold",
    KNOWN_SMALL: "cells known to be below the threshold",
    SMALL_REVISION: "places and times that differ from an earlier release by fewer records "
    "than the threshold",
    RECOVERED_LARGE: "withheld cells known exactly, at or above the threshold or zero",
    ZERO_IN_REMOVED: "zeros known in a place and time that were removed",
}
# Any of these stops a release; under a strict reading the others in the second set do too.
BREACHES = frozenset({SHOWN_SMALL, EXACT, REMOVED_TOTAL, KNOWN_SUM})
STRICT_BREACHES = BREACHES | {KNOWN_SMALL, SMALL_REVISION}


@dataclass(frozen=True)
class Finding:
    """One thing that can be worked out.

    `cell`: the columns that name it. `low`, `high`: the value lies between them, ends included.
    `because`: the equations, in words.
    """

    kind: str
    cell: dict[str, str]
    low: float
    high: float
    because: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "kind": self.kind,
            "cell": self.cell,
            "low": self.low,
            "high": self.high,
            "because": list(self.because),
        }

    def in_words(self) -> str:
        """One line: the cell and what is known of it."""
        where = ", ".join(f"{name} {value}" for name, value in self.cell.items())
        known = f"{self.low:g}" if self.low == self.high else f"{self.low:g} to {self.high:g}"
        return f"{self.kind}: {where} is {known}"


@dataclass
class Verdict:
    """Findings that matter, and counts of all.

    `hidden`: cells marked `c`; `removed`: cells of places and times that were removed; `cells`:
    all cells looked at. `undecided`: cells whose interval was not settled within the budget.
    `set_aside`: sums that the published figures contradict, and that were not used.
    """

    threshold: int
    strict: bool = False
    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    tables: int = 0
    cells: int = 0
    hidden: int = 0
    removed: int = 0
    undecided: int = 0
    set_aside: Counter[str] = field(default_factory=Counter)

    @property
    def breaches(self) -> list[Finding]:
        """The findings that stop a release."""
        kinds = STRICT_BREACHES if self.strict else BREACHES
        return [finding for finding in self.findings if finding.kind in kinds]

    @property
    def safe(self) -> bool:
        """Whether nothing stops the release."""
        return not self.breaches

    def as_json(self) -> dict[str, Any]:
        """Plain values; findings in the order of their cells."""
        return {
            "safe": self.safe,
            "strict": self.strict,
            "threshold": self.threshold,
            "tables": self.tables,
            "cells": self.cells,
            "hidden": self.hidden,
            "removed": self.removed,
            "undecided": self.undecided,
            "counts": {kind: self.counts[kind] for kind in KINDS},
            "set_aside": dict(sorted(self.set_aside.items())),
            "findings": [finding.as_json() for finding in self.findings],
        }


Progress = Callable[[str, int, int], None]
