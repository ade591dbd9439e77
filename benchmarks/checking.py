"""Checking lettings and sales from a file to stored logs, against DuckDB scanning the same file.

python -m benchmarks.checking [--most 1000000]

Each size runs in a process of its own, so that its peak of memory is its own. The floor is DuckDB
reading the file and counting each column once.
"""

import argparse
import csv
import io
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
from sqlalchemy import select

from data_access.accounts import Account
from data_access.database import make_engine, session_factory
from data_access.logs import Log
from data_access.settings import Settings
from portal.demonstration import make_demonstration
from submission.checker import NO_RANGES, warm_up
from submission.collection import load
from submission.documents.source import own_source
from submission.page_checks import check_page
from submission.uploads.demo_file import write_demonstration_file
from submission.uploads.parties import registry_for
from submission.uploads.reading import read_upload
from submission.uploads.receiving import receive_upload
from submission.uploads.rows import check_in_parts
from submission.uploads.template import as_csv, header_rows
from submission.usual_ranges import current_ranges
from submission.verdicts import check_logs, facts_about
from tests.support.sales_rows import sales_rows

DAY = date(2026, 11, 24)
YEAR = 2026
HEADINGS = 8
CODES = {"lettings": 13, "sales": 7}
# Larger files than this are not taken in whole; only their checking is measured.
MOST_STORED = 100_000
PEOPLE = "provider@example.com"


def _settings(folder: Path) -> Settings:
    return Settings(data_dir=folder, database_url="", demonstration=True, today=DAY)


def _lines(folder: Path, collection: str) -> list[list[str]]:
    """Some two thousand different rows under the eight rows of headings."""
    if collection == "lettings":
        with session_factory(make_engine(_settings(folder).database))() as db:
            data = write_demonstration_file(db, 2_000, 1, DAY)
    else:
        data = as_csv([*header_rows(own_source("sales", YEAR)), *sales_rows()])
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def _write(folder: Path, collection: str, lines: list[list[str]], count: int) -> Path:
    """A file of so many rows, each with a code of its own."""
    body = lines[HEADINGS:]
    path = folder / f"{collection}-{count}.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerows(lines[:HEADINGS])
        for number in range(count):
            row = list(body[number % len(body)])
            row[CODES[collection]] = f"T{number}"
            writer.writerow(row)
    return path


def _scan(path: Path, count: int) -> tuple[float, pa.Table]:
    """The floor: seconds to read the file and count each column; and the file as a table."""
    names = [f"f{number}" for number in range(count + 1)]
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    read = (
        f"read_csv('{path}', skip={HEADINGS}, header=false, columns={{{columns}}}, "
        "null_padding=true, auto_detect=false, quote='\"')"
    )
    started = time.perf_counter()
    counts = ", ".join(f"count({name})" for name in names)
    duckdb.sql(f"SELECT {counts} FROM {read}").fetchall()
    took = time.perf_counter() - started
    return took, duckdb.sql(f"SELECT * EXCLUDE f0 FROM {read}").to_arrow_table()


def measure(folder: Path, collection: str, path: Path) -> dict[str, float]:
    """Seconds of each step and the peak of memory in GB, for one file."""
    warm_up(collection, YEAR)
    definition = load(collection, YEAR)
    found: dict[str, float] = {}
    found["floor"], table = _scan(path, len(definition.upload_columns))
    rows = range(HEADINGS + 1, HEADINGS + 1 + table.num_rows)
    with session_factory(make_engine(_settings(folder).database))() as db:
        account = db.scalars(select(Account).where(Account.email == PEOPLE)).one()
        started = time.perf_counter()
        findings = 0
        for _, checked in check_in_parts(
            collection, YEAR, table, rows, registry_for(db, account, YEAR, DAY),
            {"today": DAY, "ranges": 0}, current_ranges(db, collection),
        ):  # fmt: skip
            findings += sum(map(len, checked.findings))
        found["check"], found["findings"] = time.perf_counter() - started, findings
        found["rows"] = table.num_rows
        del table
        if found["rows"] <= MOST_STORED:
            started = time.perf_counter()
            data = path.read_bytes()
            read_upload(data, path.name)
            found["read"] = time.perf_counter() - started
            started = time.perf_counter()
            upload = receive_upload(db, account, data, path.name, DAY)
            found["whole"] = time.perf_counter() - started
            found["logs"] = upload.valid + upload.invalid
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return found


def _latency(folder: Path, collection: str) -> None:
    with session_factory(make_engine(_settings(folder).database))() as db:
        query = select(Log.answers).where(
            Log.collection == collection, Log.collection_year == YEAR, Log.status == "valid"
        )
        logs: list[dict[str, Any]] = list(db.scalars(query.limit(20)))
    context = pd.DataFrame([{"owning_organisation.provider_type": "PRP"}])
    frames = [pd.DataFrame([log], dtype=object) for log in logs]
    pages = [[p.variable for p in page.placements] for page in load(collection, YEAR).pages]
    pages = pages[:: max(1, len(pages) // 25)]
    submits, saves = [], []
    check_logs(collection, YEAR, frames[0], context, DAY, True)
    for frame in frames:
        started = time.perf_counter()
        check_logs(collection, YEAR, frame, context, DAY, True)
        submits.append((time.perf_counter() - started) * 1000)
    for names in pages:
        for at, frame in enumerate(frames[:6]):
            facts = facts_about(frame, context, DAY, YEAR, NO_RANGES)
            started = time.perf_counter()
            check_page(collection, YEAR, names, frame, facts, {}, NO_RANGES)
            if at:
                saves.append((time.perf_counter() - started) * 1000)
    print(
        f"one of the {collection}: a page median {statistics.median(saves):.0f} ms, "
        f"p95 {sorted(saves)[int(len(saves) * 0.95)]:.0f} ms; submitting "
        f"median {statistics.median(submits):.0f} ms"
    )


def main() -> None:
    """Prints a line for each collection and size, and the latency of one page and one log."""
    words = argparse.ArgumentParser()
    words.add_argument("--most", type=int, default=100_000)
    words.add_argument("--one", nargs=3)
    given = words.parse_args()
    if given.one:
        folder, collection, path = given.one
        print(json.dumps(measure(Path(folder), collection, Path(path))))
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make_demonstration(_settings(folder), 2_000, progress=lambda words: None)
        for collection in ("lettings", "sales"):
            lines = _lines(folder, collection)
            for count in (10_000, 100_000, 1_000_000):
                if count > given.most:
                    continue
                path = _write(folder, collection, lines, count)
                command = [sys.executable, "-m", "benchmarks.checking", "--one"]
                command += [place, collection, str(path)]
                ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
                found = json.loads(ended.stdout.splitlines()[-1])
                path.unlink()
                stored = (
                    f"reading {found['read']:.1f} s, file to stored logs {found['whole']:.1f} s "
                    f"({found['logs']:,.0f} logs), "
                    if "read" in found
                    else ""
                )
                print(
                    f"{count:,} {collection}: checking {found['check']:.1f} s "
                    f"({found['findings']:,.0f} findings), {stored}peak {found['peak']:.2f} GB; "
                    f"floor, DuckDB scanning the file: {found['floor']:.2f} s",
                    flush=True,
                )
            _latency(folder, collection)


if __name__ == "__main__":
    main()
