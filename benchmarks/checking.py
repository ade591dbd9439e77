"""Checking files of lettings, against DuckDB reading the same file and doing nothing with it.

python -m benchmarks.checking
"""

import statistics
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from data_access.accounts import Account
from data_access.database import make_engine, session_factory
from data_access.settings import Settings
from portal.demonstration import make_demonstration
from submission.checker import Checker
from submission.collection import load
from submission.uploads.demo_file import write_demonstration_file
from submission.uploads.layout import lay_out
from submission.uploads.reading import read_upload

DAY = date(2026, 11, 24)


def _file(folder: Path) -> list[bytes]:
    settings = Settings(data_dir=folder, database_url="", demonstration=True, today=DAY)
    make_demonstration(settings, 100, progress=lambda words: None)
    with session_factory(make_engine(settings.database))() as db:
        assert db.get(Account, 1) is not None
        return write_demonstration_file(db, 2_000, 1, DAY).splitlines(keepends=True)


def main() -> None:
    """Prints seconds for 10,000 and 100,000 rows, and milliseconds for one log."""
    checker = Checker(load("lettings", 2026))
    with tempfile.TemporaryDirectory() as place:
        lines = _file(Path(place))
        head, rows = lines[:8], lines[8:]
        checker.check(pd.DataFrame([{}]), None, DAY)
        for count in (10_000, 100_000):
            file = Path(place) / f"{count}.csv"
            file.write_bytes(b"".join([*head, *(rows * (count // len(rows) + 1))[:count]]))
            started = time.perf_counter()
            table = read_upload(file.read_bytes(), file.name)
            answers = lay_out(table, dict.fromkeys(table.row_numbers, "PRP")).answers
            read = time.perf_counter() - started
            started = time.perf_counter()
            result = checker.check(answers, None, DAY)
            check = time.perf_counter() - started
            started = time.perf_counter()
            duckdb.execute(
                f"CREATE OR REPLACE TEMP TABLE given AS SELECT * FROM read_csv('{file}', skip=8, "
                "all_varchar=true, header=false, null_padding=true)"
            )
            floor = time.perf_counter() - started
            print(
                f"{len(table.rows):,} lettings: reading {read:.2f} s, checking {check:.2f} s "
                f"({len(result.findings):,} findings); floor, DuckDB reading it: {floor:.2f} s"
            )
        one = answers.iloc[[0]].reset_index(drop=True)
        took = []
        for _ in range(20):
            started = time.perf_counter()
            checker.check(one, None, DAY, with_pages=True)
            took.append((time.perf_counter() - started) * 1000)
        print(f"one log with its pages: median {statistics.median(took):.0f} ms")


if __name__ == "__main__":
    main()
