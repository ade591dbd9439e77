"""The floor: exactly the rules of the published guide to CORE.

1. A local authority with fewer than three valid records of a log type in a period has no row for
   that log type and period.
2. A sensitive question has no row below national level.
3. A number question gives the number answering and the mean, and nothing else (tabulation makes
   nothing else; this is checked).

These rules alone can be undone by subtraction: `benchmarks.floor_alone` shows how far. Releases are
made by disclosure.protection, which holds these rules and makes them hold.
"""

from dataclasses import dataclass

import pandas as pd

from disclosure.policy import Policy

LOCAL_AUTHORITY = "local_authority"
ENGLAND = "england"
_BLOCK = ["period", "log_type", "area"]


class UnsafeTable(ValueError):
    """A table holds what no rule allows; nothing may be published from it."""


@dataclass(frozen=True)
class Report:
    """What was taken out. For the private side only: it counts removed places."""

    cells_in: int
    cells_out: int
    areas_removed: int
    sensitive_cells_removed: int


@dataclass(frozen=True)
class Protected:
    """Cells and crosses that may be published, each with a `marker` column."""

    cells: pd.DataFrame
    crosses: pd.DataFrame
    report: Report


def protect(cells: pd.DataFrame, crosses: pd.DataFrame, policy: Policy) -> Protected:
    """Cells and crosses (columns as in data_access.tabulation) made safe under the policy.

    Raises UnsafeTable when a question has a mean outside "answered", or crosses name a place.
    """
    if "area" in crosses.columns:
        raise UnsafeTable("Crosses are made for England alone, and this one names a place.")
    if (cells["mean"].notna() & (cells["code"] != "answered")).any():
        raise UnsafeTable("A mean stands beside something other than the number answering.")

    local = cells["level"] == LOCAL_AUTHORITY
    records = cells[local & (cells["question"] == "records")]
    enough = records[records["count"] >= policy.area_minimum]
    shown = pd.MultiIndex.from_frame(enough[_BLOCK].astype(str))
    blocks = cells.loc[local, _BLOCK]
    kept = ~local
    if len(blocks):
        distinct = blocks.drop_duplicates()
        allowed = pd.MultiIndex.from_frame(distinct.astype(str)).isin(shown)
        numbers = blocks.groupby(_BLOCK, observed=True, sort=False).ngroup()
        kept = kept.copy()
        kept.loc[blocks.index] = allowed[numbers.to_numpy()]

    hidden = (cells["level"] != ENGLAND) & cells["question"].isin(policy.sensitive)
    safe = cells[kept & ~hidden].assign(marker="")
    return Protected(
        safe,
        crosses.assign(marker=""),
        Report(
            cells_in=len(cells),
            cells_out=len(safe),
            areas_removed=len(records) - len(enough),
            sensitive_cells_removed=int((hidden & kept).sum()),
        ),
    )
