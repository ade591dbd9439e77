"""Tabulating a made-up warehouse, against one plain scan that counts each of its columns.

    python -m benchmarks.tabulating [LOGS] [YEARS]

Makes LOGS (1,000,000) logs of lettings over YEARS (4) collection years with plausible random
answers to 100 questions, 80 of them of codes, for 296 authorities and 1,500 owners. The floor is
DuckDB reading the same files once and counting every column by log type, with no place, period,
pair or owner.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from data_access.questions import TabulatedQuestion
from data_access.reference.local_authorities import local_authorities
from data_access.reference.log_types import LOG_TYPES
from data_access.tabulation import tabulate

CATEGORIES, NUMBERS, OWNERS = 80, 20, 1_500
_LOGS_AT_ONCE = 500_000
_NEWEST = 2026


def questions() -> list[TabulatedQuestion]:
    """80 questions of 2 to 36 codes, the longest with groups, and 20 of numbers (5 rents)."""
    types = tuple(slug for slug, kind in LOG_TYPES.items() if kind.collection == "lettings")
    sizes = np.random.default_rng(5).choice([2, 3, 4, 5, 6, 8, 10, 12, 20, 36], CATEGORIES)
    made = []
    for at in range(CATEGORIES + NUMBERS):
        codes = [(str(n + 1), f"Code {n + 1}") for n in range(sizes[at] if at < CATEGORIES else 0)]
        grouped = [(code, f"g{int(code) // 8}") for code, _ in codes] if len(codes) >= 20 else []
        labels = [(group, group) for group in dict.fromkeys(group for _, group in grouped)]
        made.append(
            TabulatedQuestion(
                f"question{at:03d}",
                f"Question {at}",
                "category" if codes else "number",
                "" if codes else "£ a week" if at < CATEGORIES + 5 else "£",
                tuple(codes),
                types,
                sensitive=at % 10 == 0,
                headline=False,
                section="",
                groups=tuple(grouped),
                group_labels=tuple(labels),
            )
        )
    return made


def make_warehouse(
    folder: Path, logs: int, years: int, asked: list[TabulatedQuestion]
) -> list[Path]:
    """Writes a file for each year, half a million logs at a time."""
    rng = np.random.default_rng(20)
    places = np.array(list(local_authorities()))
    size = rng.pareto(1.6, len(places)) + 0.1
    types = list(asked[0].log_types)
    files = []
    for year in range(_NEWEST - years + 1, _NEWEST + 1):
        target = folder / f"lettings-{year}.parquet"
        left, writer = logs // years, None
        while left:
            rows = min(left, _LOGS_AT_ONCE)
            area = rng.choice(len(places), rows, p=size / size.sum())
            columns = {
                "log_type": _words(rng, types, rows, [0.6, 0.2, 0.1, 0.04, 0.04, 0.02]),
                "quarter": _words(rng, [f"{year}-q{n}" for n in (1, 2, 3, 4)], rows),
                "local_authority": _taken(places, area),
                "owner": pa.array(1 + (area * 5 + rng.integers(0, 40, rows)) % OWNERS),
            }
            for question in asked:
                answered = rng.random(rows) < 0.93
                if question.kind == "category":
                    codes = [code for code, _ in question.codes]
                    share = 1 / np.arange(1, len(codes) + 1)
                    columns[question.name] = _words(rng, codes, rows, share, answered)
                else:
                    amount = np.round(rng.gamma(4, 25, rows), 2)
                    columns[question.name] = pa.array(amount, mask=~answered).cast(
                        pa.decimal128(14, 2)
                    )
            table = pa.table(columns)
            writer = writer or pq.ParquetWriter(target, table.schema)
            writer.write_table(table)
            left -= rows
        if writer:
            writer.close()
        files.append(target)
    return files


def _words(
    rng: np.random.Generator,
    words: Sequence[str],
    rows: int,
    share: Sequence[float] | np.ndarray | None = None,
    answered: np.ndarray | None = None,
) -> pa.Array:
    share = None if share is None else np.asarray(share) / np.sum(share)
    return _taken(np.array(words), rng.choice(len(words), rows, p=share), answered)


def _taken(words: np.ndarray, at: np.ndarray, answered: np.ndarray | None = None) -> pa.Array:
    mask = None if answered is None else ~answered
    return pa.DictionaryArray.from_arrays(
        pa.array(at.astype(np.int16), mask=mask), pa.array(words)
    ).cast(pa.string())


def main() -> None:
    """Prints seconds, the highest memory of the process and what was counted."""
    logs = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    years = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    asked = questions()
    with tempfile.TemporaryDirectory(prefix="core-benchmark-") as folder:
        files = make_warehouse(Path(folder), logs, years, asked)
        started = time.perf_counter()
        listed = ", ".join(f"'{file}'" for file in files)
        columns = ", ".join(f'count("{question.name}")' for question in asked)
        with duckdb.connect() as duck:
            duck.execute(
                f"SELECT log_type, {columns} FROM read_parquet([{listed}]) GROUP BY ALL"
            ).fetchall()
        floor = time.perf_counter() - started
        size = sum(file.stat().st_size for file in files) / 1024**2
        print(f"{logs:,} logs of {years} years, {size:,.0f} MB of Parquet")
        print(f"floor, one scan that counts every column: {floor:.1f} s")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        started = time.perf_counter()
        tables = tabulate(
            files, asked, lambda words: print(f"  {words}") if "-v" in sys.argv else None
        )
        took = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"tabulating: {took:.1f} s, peak {peak:.2f} GB (before it began {before:.2f} GB)")
    print(f"{len(tables.cells):,} cells and {len(tables.crosses):,} cross cells")


if __name__ == "__main__":
    main()
