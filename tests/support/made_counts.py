"""A small country's logs, counted as tabulation counts them, for tests of protection."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from data_access.questions import ANSWERED, NOT_ANSWERED, RECORDS, TOTAL, TabulatedQuestion
from disclosure.protection.release import Hierarchies

ENGLAND = "E92000001"
REGIONS = ("E12000001", "E12000002")
AREAS = {f"E0600000{n}": REGIONS[n % 2] for n in range(1, 9)}
QUARTERS = ("2025-q1", "2025-q2", "2025-q3", "2025-q4")
TYPES = ("social-rent-general-needs", "sales")
HIERARCHIES = Hierarchies(
    {"2025": {**AREAS, **dict.fromkeys(REGIONS, ENGLAND)}}, dict.fromkeys(QUARTERS, "2025")
)


def _question(name: str, codes: str, **more: object) -> TabulatedQuestion:
    kind = "category" if codes else "number"
    pairs = tuple((code, code.upper()) for code in codes.split())
    values = {"sensitive": False, "headline": False, "section": "s", "log_types": TYPES, **more}
    return TabulatedQuestion(name=name, label=name, kind=kind, unit="", codes=pairs, **values)  # type: ignore[arg-type]


QUESTIONS = (
    _question(
        "reason", "a b c d", groups=(("a", "ab"), ("b", "ab")), group_labels=(("ab", "A or B"),)
    ),
    _question("tenancy", "fixed lifetime"),
    _question("length", "", answered_with="tenancy", answered_codes=("fixed",), crossable=False),
    _question("rent", "", crossable=False, personal=False),
    _question("charge", "", answered_with="rent", crossable=False, commercial=True),
    _question("forces", "yes no", sensitive=True),
    _question("origin", "near far", lowest_level="region"),
)


@dataclass(frozen=True)
class MadeCounts:
    """Counted cells and crosses, and the logs they were counted from."""

    cells: pd.DataFrame
    crosses: pd.DataFrame
    logs: pd.DataFrame


def made_counts(
    seed: int, logs: int = 600, questions: Sequence[TabulatedQuestion] = QUESTIONS
) -> MadeCounts:
    """So many logs with random answers, some places with few of them."""
    rng = np.random.default_rng(seed)
    size = rng.lognormal(0, 1.1, len(AREAS))
    frame = pd.DataFrame(
        {
            "log_type": rng.choice(TYPES, logs, p=[0.8, 0.2]),
            "quarter": rng.choice(QUARTERS, logs),
            "area": rng.choice(list(AREAS), logs, p=size / size.sum()),
            "reason": rng.choice([*"abcd", NOT_ANSWERED], logs, p=[0.02, 0.2, 0.5, 0.08, 0.2]),
            "tenancy": rng.choice(["fixed", "lifetime", NOT_ANSWERED], logs, p=[0.1, 0.7, 0.2]),
            "forces": rng.choice(["yes", "no", NOT_ANSWERED], logs, p=[0.05, 0.85, 0.1]),
            "origin": rng.choice(["near", "far", NOT_ANSWERED], logs, p=[0.7, 0.2, 0.1]),
            "rent": np.round(rng.lognormal(4.6, 0.3, logs), 2),
            "owner": rng.choice(["p", "q", "r"], logs, p=[0.9, 0.07, 0.03]),
        }
    )
    frame.loc[rng.random(logs) < 0.15, "rent"] = np.nan
    frame["charge"] = (frame["rent"] * 0.1).round(2)
    years = rng.integers(2, 8, logs).astype(float)
    frame["length"] = np.where(frame["tenancy"] == "fixed", years, np.nan)
    return MadeCounts(_cells(frame, questions), _crosses(frame, questions), frame)


def _spread(frame: pd.DataFrame) -> pd.DataFrame:
    """Each log once for every period and place that it counts in."""
    periods = [frame.assign(period=frame["quarter"]), frame.assign(period="2025")]
    places = []
    for of_period in periods:
        region = of_period["area"].map(AREAS)
        places += [
            of_period.assign(level="local_authority"),
            of_period.assign(level="region", area=region),
            of_period.assign(level="england", area=ENGLAND),
        ]
    return pd.concat(places, ignore_index=True)


def _cells(frame: pd.DataFrame, questions: Sequence[TabulatedQuestion]) -> pd.DataFrame:
    spread = _spread(frame)
    keys = ["period", "log_type", "level", "area"]
    parts = [
        spread.groupby(keys)
        .size()
        .rename("count")
        .reset_index()
        .assign(question=RECORDS, code=TOTAL)
    ]
    for question in questions:
        asked = spread[[question.shown_at(level) for level in spread["level"]]]
        if question.kind == "category":
            code = asked[question.name].astype(str)
            grouped = code.replace(dict(question.groups))
            code = grouped.where(asked["level"] == "local_authority", code)
            counted = asked.assign(code=code).groupby([*keys, "code"]).size().rename("count")
            parts.append(counted.reset_index().assign(question=question.name))
            continue
        code = np.where(asked[question.name].isna(), NOT_ANSWERED, ANSWERED)
        grouped_by = asked.assign(code=code).groupby([*keys, "code"])
        counted = grouped_by[question.name].agg(count="size", sum="sum").reset_index()
        counted.loc[counted["code"] == NOT_ANSWERED, "sum"] = np.nan
        by_owner = (
            asked.groupby([*keys, "owner"])[question.name].sum().rename("amount").reset_index()
        )
        by_owner["share"] = by_owner["amount"] / by_owner.groupby(keys)["amount"].transform("sum")
        ranked = by_owner.sort_values("share", ascending=False).groupby(keys)["share"]
        tops = ranked.agg(top1=lambda s: s.iloc[0], top2=lambda s: s.iloc[1] if len(s) > 1 else 0.0)
        counted = counted.merge(tops.reset_index(), on=keys)
        parts.append(counted.assign(question=question.name))
    cells = pd.concat(parts, ignore_index=True)
    return _categories(cells, [*keys, "question", "code"])


def _crosses(frame: pd.DataFrame, questions: Sequence[TabulatedQuestion]) -> pd.DataFrame:
    spread = _spread(frame)
    national = spread[spread["level"] == "england"]
    names = sorted(question.name for question in questions if question.crossable)
    parts = []
    for one, two in combinations(names, 2):
        counted = national.groupby(["period", "log_type", one, two]).size().rename("count")
        counted = counted.reset_index().rename(columns={one: "code", two: "code2"})
        parts.append(counted.assign(question=one, question2=two))
    keys = ["period", "log_type", "question", "code", "question2", "code2"]
    return _categories(pd.concat(parts, ignore_index=True)[[*keys, "count"]], keys)


def _categories(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    for key in keys:
        frame[key] = frame[key].astype(str).astype("category")
    return frame
