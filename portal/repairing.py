"""Takes out of protected tables what an attack found in them, before anything is written.

Whatever is published less can only tell less, so nothing has to be made safe anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from data_access.questions import RECORDS
from data_access.reference.local_authorities import ENGLAND, spans
from disclosure.attack import Finding
from disclosure.attack.verdicts import REMOVED_TOTAL
from disclosure.protection.questions import LEVELS
from disclosure.protection.release import Protected


@dataclass(frozen=True, order=True)
class TakenOut:
    """The rows of a question, of a pair of questions or, for `records`, of everything.

    They are those of a log type in a collection year, at a level and below. A pair has no level.
    """

    log_type: str
    year: str
    question: str
    question2: str = ""
    level: str = "england"

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def repaired(safe: Protected, findings: Iterable[Finding]) -> tuple[Protected, list[TakenOut]]:
    """The tables without those that findings of an attack are about, and which were taken out.

    Of a question the rows of the lowest level that a finding is at go, as those above are often
    found by way of them; where it has none left there, those of the next.
    """
    level_of = dict.fromkeys((span.region_code for span in spans().values()), "region")
    level_of[ENGLAND] = "england"
    lowest: dict[tuple[str, ...], TakenOut] = {}
    for finding in findings:
        one = _taken(safe.cells, finding, level_of)
        key = one.log_type, one.year, one.question, one.question2
        if key not in lowest or LEVELS.index(one.level) < LEVELS.index(lowest[key].level):
            lowest[key] = one
    taken = sorted(lowest.values())
    cells, crosses = safe.cells, safe.crosses
    for one in taken:
        if not one.question2:
            cells = cells[~_in_cells(cells, one)]
        crosses = crosses[~_in_crosses(crosses, one)]
    return Protected(_tidied(cells), _tidied(crosses), safe.report), taken


def _taken(cells: pd.DataFrame, finding: Finding, level_of: Mapping[str, str]) -> TakenOut:
    cell = finding.cell
    log_type, year, question = cell["log_type"], cell["time"][:4], cell["question"]
    if "question2" in cell:
        return TakenOut(log_type, year, question, cell["question2"])
    # Every question of a place tells its total.
    question = RECORDS if finding.kind == REMOVED_TOTAL else question
    first = LEVELS.index(level_of.get(cell["geography"], LEVELS[0]))
    for level in LEVELS[first:]:
        one = TakenOut(log_type, year, question, level=level)
        if _in_cells(cells, one).any():
            return one
    return TakenOut(log_type, year, RECORDS)


def _of_year(frame: pd.DataFrame, one: TakenOut) -> "pd.Series[bool]":
    years = frame["period"].astype(str).str[:4]
    return (frame["log_type"] == one.log_type) & (years == one.year)


def _in_cells(cells: pd.DataFrame, one: TakenOut) -> "pd.Series[bool]":
    # Lowest first: what goes at one level goes at those below.
    gone = list(LEVELS[: LEVELS.index(one.level) + 1])
    found = _of_year(cells, one) & cells["level"].isin(gone)
    return found if one.question == RECORDS else found & (cells["question"] == one.question)


def _in_crosses(crosses: pd.DataFrame, one: TakenOut) -> "pd.Series[bool]":
    """A pair; or, of what goes for England too, every pair it is one of."""
    found = _of_year(crosses, one)
    first, second = crosses["question"], crosses["question2"]
    if one.question2:
        return found & (first == one.question) & (second == one.question2)
    if one.level != LEVELS[-1]:
        return found & False
    if one.question == RECORDS:
        return found
    return found & ((first == one.question) | (second == one.question))


def _tidied(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.reset_index(drop=True)
    categories = frame.select_dtypes("category").columns
    return frame.assign(**{name: frame[name].cat.remove_unused_categories() for name in categories})
