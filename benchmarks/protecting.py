"""Protection of a year of national size, against the seconds that writing its tables takes.

`python -m benchmarks.protecting [--logs N] [--questions N] [--grouped] [--attack]`: 296
authorities, seven log types, questions of eight codes and one in ten a number. Prints the seconds,
the peak memory, and what is withheld by log type and level. With --grouped, authorities have four
of the codes as one group; with --attack, the attacker then tries all of it.
"""

import argparse
import resource
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data_access.questions import ANSWERED, NOT_ANSWERED, RECORDS, TOTAL, TabulatedQuestion
from disclosure.attack import Verdict, audit, release_files, release_tables
from disclosure.policy import Policy
from disclosure.protection.release import Hierarchies, Protected, protect

SHARES = {
    "social-rent-general-needs": 0.445,
    "social-rent-supported-housing": 0.256,
    "affordable-rent-general-needs": 0.12,
    "sales": 0.08,
    "affordable-rent-supported-housing": 0.041,
    "rent-to-buy-general-needs": 0.041,
    "rent-to-buy-supported-housing": 0.017,
}
AUTHORITIES, REGIONS, CODES = 296, 9, 8
# How even the codes of a question are: with this, one cell in eight holds one or two records.
EVENNESS = 0.14
PERIODS = ("2025", "2025-q1", "2025-q2", "2025-q3", "2025-q4")
CELL_KEYS = ("period", "log_type", "level", "area", "question", "code")
CROSS_KEYS = ("period", "log_type", "question", "code", "question2", "code2")


@dataclass(frozen=True)
class Made:
    """A year of counts as tabulation gives them."""

    cells: pd.DataFrame
    crosses: pd.DataFrame
    questions: list[TabulatedQuestion]
    hierarchies: Hierarchies


def made_year(
    logs: int, questions: int, pairs: int, is_grouped: bool = False, seed: int = 1
) -> Made:
    """Counts of so many logs; crosses of so many pairs of questions."""
    rng = np.random.default_rng(seed)
    region = rng.integers(0, REGIONS, AUTHORITIES)
    areas = ["E92000001", *(f"E12{n:06d}" for n in range(REGIONS))]
    areas += [f"E08{n:06d}" for n in range(AUTHORITIES)]
    parents = {f"E12{n:06d}": "E92000001" for n in range(REGIONS)}
    parents |= {f"E08{n:06d}": f"E12{region[n]:06d}" for n in range(AUTHORITIES)}
    asked = [_question(n, is_grouped) for n in range(questions)]
    size = rng.lognormal(0, 0.8, AUTHORITIES)
    words = {
        "period": list(PERIODS),
        "log_type": sorted(SHARES),
        "level": ["england", "local_authority", "region"],
        "area": sorted(areas),
        "question": sorted([RECORDS, *(q.name for q in asked)]),
        "code": sorted([TOTAL, ANSWERED, NOT_ANSWERED, "rest", *(f"c{n}" for n in range(CODES))]),
    }
    words |= {"question2": words["question"], "code2": words["code"]}
    cells: list[dict[str, np.ndarray]] = []
    crosses: list[dict[str, np.ndarray]] = []
    for log_type, share in SHARES.items():
        local = size * rng.lognormal(0, 0.3, AUTHORITIES)
        records = rng.multinomial(round(logs * share), np.repeat(local / local.sum() / 4, 4))
        records = records.reshape(AUTHORITIES, 4)
        cells.append(_rows(words, log_type, RECORDS, [TOTAL], records[:, :, None], region))
        national = {}
        for question in asked:
            codes = [code for code, _ in question.codes]
            if question.kind == "number":
                codes = [ANSWERED]
            chance = rng.dirichlet(np.full(len(codes) + 1, EVENNESS))
            counts = rng.multinomial(records, chance)
            sums = None
            if question.kind == "number":
                sums = np.round(counts[:, :, 0] * rng.normal(100, 10, counts.shape[:2]), 2)
            rows = _rows(
                words, log_type, question.name, [*codes, NOT_ANSWERED], counts, region, sums
            )
            if question.groups:
                rows = _grouped(rows, words)
            cells.append(rows)
            national[question.name] = counts.sum(axis=0)
        for first, second in _pairs(asked, pairs):
            crosses.append(_crossed(words, log_type, first, second, national, rng))
    return Made(
        _frame(cells, words, CELL_KEYS),
        _frame(crosses, words, CROSS_KEYS),
        asked,
        Hierarchies({"2025": parents}, dict.fromkeys(PERIODS[1:], "2025")),
    )


def _question(number: int, is_grouped: bool) -> TabulatedQuestion:
    is_number = number % 10 == 9
    codes = () if is_number else tuple((f"c{n}", f"Code {n}") for n in range(CODES - 1))
    groups = tuple((f"c{n}", "rest") for n in range(3, CODES - 1)) if is_grouped else ()
    return TabulatedQuestion(
        f"q{number:03d}", f"Question {number}", "number" if is_number else "category", "",
        codes, tuple(SHARES), False, False, "made up", crossable=not is_number,
        groups=groups if codes else (),
        group_labels=(("rest", "The rest"),) if groups and codes else (),
    )  # fmt: skip


def _grouped(rows: dict[str, np.ndarray], words: dict[str, list[str]]) -> dict[str, np.ndarray]:
    """The same rows with the last four codes as one group at authorities."""
    frame = pd.DataFrame(rows)
    local = frame["level"] == words["level"].index("local_authority")
    members = [words["code"].index(f"c{n}") for n in range(3, CODES - 1)]
    frame.loc[local & frame["code"].isin(members), "code"] = words["code"].index("rest")
    keys = ["period", "log_type", "level", "area", "question", "code"]
    summed = frame.groupby(keys, as_index=False, sort=False)["count"].sum().assign(sum=np.nan)
    return {name: summed[name].to_numpy() for name in rows}


def attacked(made: Made, safe: Protected) -> Verdict:
    """What the attacker works out from the public frames."""
    parents = made.hierarchies.areas["2025"]
    places = [("E92000001", "england", "")]
    places += [
        (code, "region" if code.startswith("E12") else "local_authority", parent)
        for code, parent in parents.items()
    ]
    areas = pd.DataFrame(places, columns=["code", "level", "parent"])
    areas = areas.assign(name="", first_year="", last_year="", successor="")
    periods = pd.DataFrame([("2025", ""), *((p, "2025") for p in PERIODS[1:])])
    periods.columns = ["code", "parent"]
    files = release_files(
        safe.cells, safe.crosses, areas, periods, [q.as_json() for q in made.questions]
    )
    public, revisions = release_tables(files)
    return audit(public, 3, revisions=revisions)


def _pairs(asked: list[TabulatedQuestion], count: int) -> list[tuple[str, str]]:
    names = [question.name for question in asked if question.crossable]
    every = [(a, b) for n, a in enumerate(names) for b in names[n + 1 :]]
    return every[:count]


def _rows(
    words: dict[str, list[str]],
    log_type: str,
    question: str,
    codes: list[str],
    counts: np.ndarray,
    region: np.ndarray,
    sums: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """Rows of every level and period from counts (authorities x quarters x codes)."""
    regional = np.stack([counts[region == n].sum(axis=0) for n in range(REGIONS)])
    every = np.concatenate([counts.sum(axis=0)[None], regional, counts])
    every = np.concatenate([every.sum(axis=1)[:, None], every], axis=1)
    g, t, c = np.nonzero(every)
    level = np.select([g == 0, g <= REGIONS], [0, 2], 1)
    of_area = np.array(
        [words["area"].index("E92000001")]
        + [words["area"].index(f"E12{n:06d}") for n in range(REGIONS)]
        + [words["area"].index(f"E08{n:06d}") for n in range(AUTHORITIES)]
    )
    rows = {
        "period": t,
        "log_type": np.full(len(g), words["log_type"].index(log_type)),
        "level": level,
        "area": of_area[g],
        "question": np.full(len(g), words["question"].index(question)),
        "code": np.array([words["code"].index(code) for code in codes])[c],
        "count": every[g, t, c],
        "sum": np.full(len(g), np.nan),
    }
    if sums is not None:
        per_region = np.stack([sums[region == n].sum(axis=0) for n in range(REGIONS)])
        every_sum = np.concatenate([sums.sum(axis=0)[None], per_region, sums])
        every_sum = np.concatenate([every_sum.sum(axis=1)[:, None], every_sum], axis=1)
        rows["sum"] = np.where(c == 0, every_sum[g, t], np.nan)
    return rows


def _crossed(
    words: dict[str, list[str]],
    log_type: str,
    first: str,
    second: str,
    national: dict[str, np.ndarray],
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    quarters = np.stack([_joint(national[first][t], national[second][t], rng) for t in range(4)])
    every = np.concatenate([quarters.sum(axis=0)[None], quarters])
    t, a, b = np.nonzero(every)
    codes = [words["code"].index(f"c{n}") for n in range(CODES - 1)]
    of_code = np.array([*codes, words["code"].index(NOT_ANSWERED)])
    return {
        "period": t,
        "log_type": np.full(len(t), words["log_type"].index(log_type)),
        "question": np.full(len(t), words["question"].index(first)),
        "code": of_code[a],
        "question2": np.full(len(t), words["question"].index(second)),
        "code2": of_code[b],
        "count": every[t, a, b],
    }


def _joint(rows: np.ndarray, columns: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random table with these margins."""
    left = columns.copy()
    table = np.zeros((len(rows), len(columns)), dtype=np.int64)
    for n, count in enumerate(rows):
        table[n] = rng.multivariate_hypergeometric(left, count)
        left -= table[n]
    return table


def _frame(
    parts: list[dict[str, np.ndarray]], words: dict[str, list[str]], keys: tuple[str, ...]
) -> pd.DataFrame:
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    made = {key: pd.Categorical.from_codes(columns.pop(key), words[key]) for key in keys}
    return pd.DataFrame({**made, **columns})


def main() -> None:
    """Prints the figures."""
    options = argparse.ArgumentParser()
    options.add_argument("--logs", type=int, default=292_600)
    options.add_argument("--questions", type=int, default=100)
    options.add_argument("--grouped", action="store_true")
    options.add_argument("--attack", action="store_true")
    chosen = options.parse_args()
    pairs = chosen.questions * chosen.questions // 3
    made = made_year(chosen.logs, chosen.questions, pairs, chosen.grouped)
    places = AUTHORITIES + REGIONS + 1
    possible = (
        len(SHARES)
        * places
        * len(PERIODS)
        * sum(2 if q.kind == "number" else len(q.codes) + 1 for q in made.questions)
    )
    small = int((made.cells["count"] < 3).sum())
    print(
        f"{possible:,} cells ({len(made.cells):,} not zero, {small:,} of one or two: "
        f"{100 * small / possible:.1f} %), {len(made.crosses):,} crosses"
    )
    tiny = made_year(2_000, 2, pairs=1)
    protect(tiny.cells, tiny.crosses, tiny.questions, tiny.hierarchies, Policy())
    started = time.perf_counter()
    made.cells.groupby(["log_type", "level"], observed=True)["count"].sum()
    floor = time.perf_counter() - started
    started = time.perf_counter()
    safe = protect(made.cells, made.crosses, made.questions, made.hierarchies, Policy())
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"protected in {seconds:.1f} s; adding the same cells up once takes {floor:.2f} s")
    print(f"peak memory {peak:.1f} GB")
    rows = pd.DataFrame(safe.report.rows)
    year = rows[(rows["period"] == "2025")]
    for level in ("local_authority", "region", "england"):
        told = year[year["level"] == level].groupby("log_type").sum(numeric_only=True)
        told.loc["all"] = told.sum()
        told["cells %"] = 100 * told["withheld"] / told["cells"]
        told["records %"] = 100 * told["records_withheld"] / told["records"]
        print(f"{level}, year:\n{told[['cells', 'cells %', 'records %']].round(1).to_string()}")
    crossed = safe.crosses.groupby("log_type", observed=True)["marker"].apply(
        lambda marker: 100 * (marker == "c").mean()
    )
    print(f"crosses withheld, % of those not zero:\n{crossed.round(1).to_string()}")
    print(f"questions dropped: {len(safe.report.dropped)}")
    if chosen.attack:
        started = time.perf_counter()
        verdict = attacked(made, safe)
        seconds = time.perf_counter() - started
        print(f"attacked in {seconds:.0f} s: {dict(verdict.counts)}, {verdict.undecided} undecided")


if __name__ == "__main__":
    main()
