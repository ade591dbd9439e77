"""A small release made through the real floor and writer, for tests of what reads one.

Six authorities; E09000001 (City of London) has two records of everything and is removed.
"""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import pandas as pd

from data_access.questions import TabulatedQuestion
from data_access.reference.local_authorities import ENGLAND, local_authorities
from data_access.reference.log_types import LOG_TYPES
from data_access.releases import Release, publish_folder, write_contents
from data_access.releases.sealing import read_manifest
from disclosure.floor import Protected, protect
from disclosure.policy import Policy

AREAS = {
    "E09000001": 2,
    "E09000011": 40,
    "E06000066": 24,
    "E08000039": 32,
    "E07000008": 3,
    "E06000001": 16,
}
# Of what is withheld here, in the release that withholds.
WITHHELD_AREA = "E08000039"
PERIODS = ["2025", "2025-q1", "2025-q2", "2025-q3", "2025-q4", "2026", "2026-q1", "2026-q2"]
TYPES = tuple(LOG_TYPES)
# The others have no record: pages must say so, and workbooks are written sooner.
RECORDED = (TYPES[0], TYPES[1], TYPES[2], "sales")
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


def _records() -> pd.DataFrame:
    """Records whose answers go by their number within an area, year and log type."""
    rows = []
    places = local_authorities()
    quarters = {year: [p for p in PERIODS if p.startswith(f"{year}-")] for year in ("2025", "2026")}
    for area, count in AREAS.items():
        region = places[area].region_code
        for year, parts in quarters.items():
            for log_type in RECORDED:
                let = log_type != "sales"
                for n in range(count):
                    answers = {
                        "homeless": "1" if n < count - count // 4 else "11",
                        "beds": "1" if n < count - count // 2 else "2",
                        "wrent": 100.0 + count / 4 if let else None,
                        "armedforces": "2" if let else None,
                    }
                    if n >= count - count // 8:
                        answers |= {"beds": "not_answered", "wrent": None}
                    rows.append(
                        {
                            "year": year,
                            "quarter": parts[n % len(parts)],
                            "log_type": log_type,
                            "england": ENGLAND,
                            "region": region,
                            "local_authority": area,
                            **answers,
                        }
                    )
    return pd.DataFrame(rows)


def _cells(records: pd.DataFrame) -> pd.DataFrame:
    tables = []
    for period in ("year", "quarter"):
        for level in ("england", "region", "local_authority"):
            block = records[[period, "log_type", level]].set_axis(
                ["period", "log_type", "area"], axis=1
            )
            block["level"] = level
            tables.append(_counted(block, "records", pd.Series("total", records.index)))
            for question in QUESTIONS:
                asked = records["log_type"].isin(question.log_types)
                answers, numbers = records.loc[asked, question.name], None
                if question.kind == "number":
                    numbers = answers
                    answers = answers.notna().map({True: "answered", False: "not_answered"})
                tables.append(_counted(block[asked], question.name, answers, numbers))
    return pd.concat(tables, ignore_index=True)


def _counted(
    block: pd.DataFrame, question: str, codes: pd.Series, numbers: pd.Series | None = None
) -> pd.DataFrame:
    """Cells of one question: how many records by code, and the mean where there are numbers."""
    told = block.assign(question=question, code=codes, mean=numbers if numbers is not None else 0.0)
    keys = [*block.columns, "question", "code"]
    counted = told.groupby(keys)["mean"].agg(["size", "mean"]).reset_index()
    counted = counted.rename(columns={"size": "count"})
    if numbers is None:
        counted["mean"] = float("nan")
    return counted


def _crosses(records: pd.DataFrame) -> pd.DataFrame:
    pairs = [
        records.groupby([period, "log_type", "beds", "homeless"]).size().reset_index(name="count")
        for period in ("year", "quarter")
    ]
    named = ["period", "log_type", "code", "code2", "count"]
    crossed = pd.concat([pair.set_axis(named, axis=1) for pair in pairs], ignore_index=True)
    return crossed.assign(question="beds", question2="homeless")


def _withheld(safe: Protected) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cells and crosses with some figures withheld, as secondary protection would."""
    cells, crosses = safe.cells.copy(), safe.crosses.copy()
    local = (cells["level"] == "local_authority") & (cells["area"] == WITHHELD_AREA)
    counts = (cells["question"] == "homeless") | (
        (cells["question"] == "beds") & (cells["code"] != "2")
    )
    hidden = local & (counts | (cells["question"] == "wrent"))
    crossed = (crosses["code"] == "1") & (crosses["code2"] == "1")
    for frame, rows in ((cells, hidden), (crosses, crossed)):
        frame["count"] = frame["count"].astype("Int64")
        frame.loc[rows, "count"] = pd.NA
        frame.loc[rows, "marker"] = "c"
    cells.loc[hidden, "mean"] = float("nan")
    return cells, crosses


def write_draft(
    folder: Path, previous: Path | None = None, withheld: bool = False, **facts: str
) -> str:
    """Writes and seals the release into `folder`, which is new; returns its version."""
    policy = Policy(sensitive=frozenset(q.name for q in QUESTIONS if q.sensitive))
    records = _records()
    safe = protect(_cells(records), _crosses(records), policy)
    cells, crosses = _withheld(safe) if withheld else (safe.cells, safe.crosses)
    told = {"issued": "2026-11-24", "parameters": policy.as_json(), "demonstration": True, **facts}
    return write_contents(folder, cells, crosses, QUESTIONS, told, previous)


@cache
def _written(withheld: bool) -> Path:
    """A first release, written once for all tests: its workbooks take longer than most tests."""
    folder = Path(tempfile.mkdtemp(prefix="made-release-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write_draft(folder / "contents", withheld=withheld)
    return folder / "contents"


def make_release(folder: Path, withheld: bool = False, **facts: str) -> Release:
    """Publishes the release in `folder`, after the one that is current there, and opens it.

    With `withheld`, some answers and the mean rent of WITHHELD_AREA, and some pairs of answers of
    England, have the marker "c". `facts` are further words of its manifest.
    """
    current = folder / "current"
    draft = folder / ".draft"
    if current.exists() or facts:
        write_draft(draft, current.resolve() if current.exists() else None, withheld, **facts)
    else:
        shutil.copytree(_written(withheld), draft)
    publish_folder(folder, draft, str(read_manifest(draft)["id"]))
    return Release.open_current(folder)
