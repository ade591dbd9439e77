"""Writing and verifying a release of national size.

    python -m benchmarks.release_contents FOLDER

Makes up cells of one collection year and its quarters: every local authority, 7 log types, 100
questions of 8 answers, 9.5 million cells, of which a third of
those of authorities are withheld. FOLDER must not exist.
"""

import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from data_access.questions import NOT_ANSWERED, RECORDS, TOTAL, TabulatedQuestion
from data_access.reference.local_authorities import ENGLAND, local_authorities, regions
from data_access.reference.log_types import LOG_TYPES
from data_access.releases import Release, write_contents
from data_access.releases.verifying import verify

PERIODS = ["2025", *(f"2025-q{n}" for n in (1, 2, 3, 4))]


SECTIONS = ("Property", "Tenancy", "Household members", "Rent")


def made_up_questions() -> list[TabulatedQuestion]:
    """A hundred questions of eight answers in four themes; every fifth is a headline."""
    codes = tuple((str(code), f"Answer number {code}") for code in range(1, 9))
    return [
        TabulatedQuestion(
            name=f"q{number:03d}",
            label=f"Question number {number}",
            kind="category",
            unit="",
            codes=codes,
            log_types=tuple(LOG_TYPES),
            sensitive=False,
            headline=number % 5 == 0,
            section=SECTIONS[number % 4],
        )
        for number in range(100)
    ]


def made_up_cells() -> pd.DataFrame:
    """A cell of one record or more for every answer at every place."""
    chance = np.random.default_rng(1)
    places = [("england", ENGLAND), *(("region", code) for code in regions())]
    places += [("local_authority", code) for code in local_authorities()]
    answers = [(RECORDS, TOTAL)]
    for question in made_up_questions():
        answers += [(question.name, code) for code, _ in question.codes]
        answers.append((question.name, NOT_ANSWERED))
    shape = (len(PERIODS), len(LOG_TYPES), len(places), len(answers))
    period, log_type, place, answer = (axis.ravel() for axis in np.indices(shape, dtype=np.int16))

    def column(at: np.ndarray, values: list[str]) -> pd.Categorical:
        names = list(dict.fromkeys(values))
        return pd.Categorical.from_codes(np.array([names.index(v) for v in values])[at], names)

    hidden = (chance.random(len(place)) < 0.35) & (place >= 10) & (answer > 0)
    counts = pd.Series(chance.integers(1, 200, len(place)), dtype="Int64")
    counts[hidden] = pd.NA
    return pd.DataFrame(
        {
            "period": column(period, PERIODS),
            "log_type": column(log_type, list(LOG_TYPES)),
            "level": column(place, [level for level, _ in places]),
            "area": column(place, [area for _, area in places]),
            "question": column(answer, [question for question, _ in answers]),
            "code": column(answer, [code for _, code in answers]),
            "count": counts,
            "mean": np.nan,
            "marker": pd.Categorical.from_codes(hidden.astype(int), ["", "c"]),
        }
    )


def main() -> None:
    """Prints seconds, sizes and the highest memory of the process."""
    folder = Path(sys.argv[1])
    cells = made_up_cells()
    crosses = pd.DataFrame(
        columns="period log_type question code question2 code2 count marker".split()
    )
    print(f"{len(cells):,} cells")
    started = time.perf_counter()
    used = time.process_time()
    write_contents(folder, cells, crosses, made_up_questions(), {"issued": "2026-11-24"})
    print(
        f"written and sealed: {time.perf_counter() - started:.1f} s, "
        f"{time.process_time() - used:.1f} s of processor time"
    )
    files = [path for path in folder.rglob("*") if path.is_file()]
    print(f"{len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:,.0f} MB")
    started = time.perf_counter()
    Release(folder)
    print(f"opened: {time.perf_counter() - started:.1f} s")
    started = time.perf_counter()
    # Made-up counts do not add up, so there are problems: the time is what is measured.
    verify(folder)
    print(f"verified: {time.perf_counter() - started:.1f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"peak {peak:.2f} GB")


if __name__ == "__main__":
    main()
