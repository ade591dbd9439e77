"""A small release made through the real floor and writer, for tests of what reads one.

Six authorities; E09000001 (City of London) has two records of everything and is removed.
"""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from data_access.questions import TabulatedQuestion
from data_access.reference.local_authorities import ENGLAND, local_authorities
from data_access.reference.log_types import LOG_TYPES
from data_access.releases import Release, write_release
from disclosure.floor import protect
from disclosure.policy import Policy

AREAS = {
    "E09000001": 2,
    "E09000011": 40,
    "E06000066": 24,
    "E08000039": 32,
    "E07000008": 3,
    "E06000001": 16,
}
PERIODS = ["2025", "2025-q1", "2025-q2", "2025-q3", "2025-q4", "2026", "2026-q1", "2026-q2"]
TYPES = tuple(LOG_TYPES)
QUESTIONS = [
    TabulatedQuestion(
        "homeless",
        "Homelessness",
        "category",
        "",
        (("1", "Not homeless"), ("11", "Assessed as homeless")),
        TYPES,
        sensitive=False,
        headline=True,
        section="Household",
    ),
    TabulatedQuestion(
        "beds",
        "Bedrooms",
        "category",
        "",
        (("1", "1 bedroom"), ("2", "2 bedrooms"), ("3", "3 bedrooms"), ("4", "4 or more")),
        TYPES,
        sensitive=False,
        headline=True,
        section="Property",
    ),
    TabulatedQuestion(
        "wrent",
        "Weekly rent",
        "number",
        "£ per week",
        (),
        TYPES[:6],
        sensitive=False,
        headline=True,
        section="Rent",
    ),
    TabulatedQuestion(
        "armedforces",
        "Served in the armed forces",
        "category",
        "",
        (("1", "Yes"), ("2", "No")),
        TYPES[:6],
        sensitive=True,
        headline=False,
        section="Household",
    ),
]


def _cells() -> pd.DataFrame:
    rows = []
    places = local_authorities()
    regions: dict[str, int] = {}
    for code, count in AREAS.items():
        region = places[code].region_code
        regions[region] = regions.get(region, 0) + count
    blocks = [("local_authority", code, n) for code, n in AREAS.items()]
    blocks += [("region", code, n) for code, n in regions.items()]
    blocks.append(("england", ENGLAND, sum(AREAS.values())))
    for period in PERIODS:
        for log_type in TYPES:
            for level, area, n in blocks:
                key = (period, log_type, level, area)
                rows.append((*key, "records", "total", n, None))
                rows.append((*key, "homeless", "1", n - n // 4, None))
                rows.append((*key, "homeless", "11", n // 4, None))
                rows.append((*key, "beds", "1", n - n // 2, None))
                rows.append((*key, "beds", "2", n // 2 - n // 8, None))
                rows.append((*key, "beds", "not_answered", n // 8, None))
                if log_type != "sales":
                    rows.append((*key, "wrent", "answered", n, 100.0 + n / 4))
                    rows.append((*key, "armedforces", "2", n, None))
    frame = pd.DataFrame(
        rows,
        columns=["period", "log_type", "level", "area", "question", "code", "count", "mean"],
    )
    frame["mean"] = frame["mean"].astype(float)
    return frame[frame["count"] > 0]


def _crosses() -> pd.DataFrame:
    rows = [
        (period, log_type, "beds", bedrooms, "homeless", homeless, 10 * int(bedrooms))
        for period in PERIODS
        for log_type in TYPES
        for bedrooms in ("1", "2")
        for homeless in ("1", "11")
    ]
    return pd.DataFrame(
        rows, columns=["period", "log_type", "question", "code", "question2", "code2", "count"]
    )


def make_release(folder: Path, made_at: datetime | None = None) -> Release:
    """Writes the release into `folder` as its current one and opens it."""
    policy = Policy(sensitive=frozenset(q.name for q in QUESTIONS if q.sensitive))
    safe = protect(_cells(), _crosses(), policy)
    write_release(
        folder,
        safe.cells,
        safe.crosses,
        QUESTIONS,
        {"parameters": policy.as_json(), "demonstration": True},
        made_at or datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
    )
    return Release.open_current(folder)
