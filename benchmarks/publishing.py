"""Publishing logs, against the bare counts that it cannot do without.

    python -m benchmarks.publishing DATA_DIR

DATA_DIR holds a demonstration (core-portal demo --logs 1000000). The floor counts every published
question by period, log type and authority in DuckDB over the same warehouse and protects nothing.
"""

import resource
import sys
import time
from pathlib import Path

import duckdb

from data_access import warehouse
from data_access.database import make_engine
from data_access.settings import Settings
from portal.releasing.at_once import publish
from submission.published import tabulated_questions


def main() -> None:
    """Prints seconds and the highest memory of the process."""
    settings = Settings(data_dir=Path(sys.argv[1]), database_url="", demonstration=True)
    started = time.perf_counter()
    release = publish(settings, lambda words: None)
    took = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    manifest = release.manifest
    print(f"published {manifest['cells']:,} cells and {manifest['crosses']:,} cross cells")
    print(f"publishing: {took:.1f} s, peak {peak:.2f} GB")
    questions = tabulated_questions()
    folder = settings.data_dir / "benchmark-warehouse"
    started = time.perf_counter()
    warehouse.build(make_engine(settings.database), questions, folder)
    built = time.perf_counter() - started
    duck = duckdb.connect()
    source = f"read_parquet('{folder}/**/*.parquet', union_by_name=true)"
    columns = [row[0] for row in duck.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
    rows = duck.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0]
    asked = [question.answer for question in questions if question.answer in columns]
    started = time.perf_counter()
    duck.execute(f"CREATE TEMP TABLE logs AS SELECT * FROM {source}")
    for name in dict.fromkeys(asked):
        duck.execute(
            f'SELECT log_type, local_authority, "{name}", count(*) FROM logs GROUP BY ALL'
        ).fetchall()
    floor = time.perf_counter() - started
    print(f"{rows:,} valid logs; of the time, writing the warehouse: {built:.1f} s")
    print(f"floor, one bare count for each of {len(asked)} questions: {floor:.1f} s")


if __name__ == "__main__":
    main()
