"""Writing a release: once, whole, and made current in one step."""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from data_access.questions import TabulatedQuestion
from data_access.releases.sealing import CURRENT, seal

_CELLS = "period, log_type, level, area, question, code, count, mean, marker"
_CROSSES = "period, log_type, question, code, question2, code2, count, marker"
# Small row groups: a page reads the one or two that hold its place, period and log type.
_FORMAT = "(FORMAT parquet, ROW_GROUP_SIZE 8192, COMPRESSION zstd)"


def write_release(
    releases_dir: Path,
    cells: pd.DataFrame,
    crosses: pd.DataFrame,
    questions: Sequence[TabulatedQuestion],
    manifest: Mapping[str, Any],
    made_at: datetime,
) -> Path:
    """Seals safe cells and crosses into a new folder, makes it current and returns it.

    The same cells give the same bytes. A reader sees the earlier release or this one, whole, and
    nothing between; an interrupted write leaves a hidden folder that the next one clears away.
    """
    releases_dir.mkdir(parents=True, exist_ok=True)
    for left_over in releases_dir.glob(".making-*"):
        shutil.rmtree(left_over)
    folder = Path(tempfile.mkdtemp(prefix=".making-", dir=releases_dir))
    with duckdb.connect() as duck:
        duck.register("cells", cells)
        duck.register("crosses", crosses)
        for name, columns, order in (
            ("cells", _CELLS, "level, area, log_type, period, question, code"),
            ("cells_by_question", _CELLS, "level, log_type, period, question, code, area"),
            ("crosses", _CROSSES, "log_type, period, question, question2, code, code2"),
        ):
            table = "crosses" if name == "crosses" else "cells"
            kept = ", ".join(
                f"{column}::VARCHAR AS {column}" if column not in ("count", "mean") else column
                for column in columns.split(", ")
            )
            target = str(folder / f"{name}.parquet").replace("'", "''")
            duck.execute(
                f"COPY (SELECT {kept} FROM {table} ORDER BY {order}) TO '{target}' {_FORMAT}"
            )
    dictionary = [question.as_json() for question in questions]
    (folder / "dictionary.json").write_text(
        json.dumps(dictionary, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    identifier = _next_identifier(releases_dir, made_at)
    periods = sorted(set(cells["period"].astype(str)), reverse=True)
    seal(
        folder,
        {
            **manifest,
            "id": identifier,
            "made_at": made_at.isoformat(timespec="seconds"),
            "periods": periods,
            "log_types": sorted(set(cells["log_type"].astype(str))),
            "cells": len(cells),
            "crosses": len(crosses),
        },
    )
    folder.chmod(0o755)
    target_folder = releases_dir / identifier
    folder.rename(target_folder)
    make_current(releases_dir, identifier)
    return target_folder


def make_current(releases_dir: Path, identifier: str) -> None:
    """Points `current` at a release, in one atomic step."""
    pointer = releases_dir / f".{CURRENT}-{os.getpid()}"
    pointer.unlink(missing_ok=True)
    pointer.symlink_to(identifier)
    pointer.replace(releases_dir / CURRENT)


def _next_identifier(releases_dir: Path, made_at: datetime) -> str:
    day = made_at.date().isoformat()
    taken = [int(path.name[-3:]) for path in releases_dir.glob(f"{day}-[0-9][0-9][0-9]")]
    return f"{day}-{max(taken, default=0) + 1:03d}"
