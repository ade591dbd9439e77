"""Writing a release: its contents, sealed anywhere, then put in place and made current in one step.

Everything is made from the public frames and what is said of the release, with no clock and no
chance: the same cells give the same bytes.
"""

import json
import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from data_access.questions import TabulatedQuestion
from data_access.releases.changes import CHANGES, compare
from data_access.releases.code_lists import CODES, write_code_lists
from data_access.releases.names import AREAS, TableFile
from data_access.releases.observations import observe, open_figures
from data_access.releases.parquet import write_parquet
from data_access.releases.sealing import CURRENT, files_of, read_manifest, seal
from data_access.releases.themes import themes_of
from data_access.releases.tidy import DATA, write_tidy
from data_access.releases.versions import next_version, parts_of
from data_access.releases.workbooks import write_workbooks


def write_contents(
    folder: Path,
    cells: pd.DataFrame,
    crosses: pd.DataFrame,
    questions: Sequence[TabulatedQuestion],
    facts: Mapping[str, Any],
    previous: Path | None = None,
    taken: Collection[str] = (),
) -> str:
    """Writes a whole release into `folder`, which is new, seals it, and returns its version.

    `cells` and `crosses` are public frames: period, log_type, level, area, question, code, count,
    mean, marker; and period, log_type, question, code, question2, code2, count, marker. `facts` go
    into the manifest: `issued` (the day it is meant for, YYYY-MM-DD) is needed; `note`, `contact`,
    `next_update`, `parameters`, `demonstration` and others may be given. `previous` is the folder
    of the release that is public, None for none: the version follows from it and from what changed,
    and is none of `taken`.
    Raises NotPublic when a frame holds a figure beside a marker, or a column that is not public.
    """
    folder.mkdir(parents=True)
    rows = write_parquet(folder, cells, crosses)
    dictionary = [question.as_json() for question in questions]
    (folder / "dictionary.json").write_text(
        json.dumps(dictionary, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    changes = compare(folder, previous, folder / CHANGES)
    before = str(read_manifest(previous)["id"]) if previous else ""
    version = next_version(before, changes.step, taken)
    with open_figures(folder, questions) as duck:
        periods = _column(duck, "period")
        manifest = {
            "note": "",
            "contact": "the CORE helpdesk",
            "next_update": "to be announced",
            "demonstration": False,
            "parameters": {},
            **facts,
            "id": version,
            "previous": before,
            "periods": periods[::-1],
            "log_types": _column(duck, "log_type"),
            "cells": rows["cells.parquet"],
            "crosses": rows["crosses.parquet"],
            "changes": changes.as_json(),
            "withheld": _withheld(duck),
        }
        write_code_lists(folder, questions, periods)
        rows |= _write_tables(duck, folder, questions, manifest, periods)
    for name in (CHANGES, *(n for n in files_of(folder) if n.startswith(f"{CODES}/"))):
        # A label may hold a line break, so lines are not rows; none of these lists does.
        with (folder / name).open("rb") as file:
            rows[name] = sum(1 for _ in file) - 1
    seal(folder, {**manifest, "rows": rows})
    folder.chmod(0o755)
    return version


def _column(duck: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    return [
        row[0] for row in duck.execute(f"SELECT DISTINCT {name} FROM cells ORDER BY 1").fetchall()
    ]


def _withheld(duck: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Cells and cells withheld by log type and level: what anybody can count in the files.

    Removed authorities are not among them, nor why a cell is withheld: nothing public tells.
    """
    found = duck.execute(
        "SELECT log_type, level, count(*), count(*) FILTER (marker = 'c') FROM cells "
        "GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return [
        {"log_type": log_type, "level": level, "cells": cells, "withheld": withheld}
        for log_type, level, cells, withheld in found
    ]


def _write_tables(
    duck: duckdb.DuckDBPyConnection,
    folder: Path,
    questions: Sequence[TabulatedQuestion],
    manifest: Mapping[str, Any],
    periods: Sequence[str],
) -> dict[str, int]:
    """Ready-made tables of every collection year and theme; rows by file."""
    rows: dict[str, int] = {}
    for year in sorted({slug.split("-")[0] for slug in periods}):
        observe(duck, year)
        for collection, theme in themes_of(questions):
            for areas in AREAS:
                file = TableFile(collection, areas, theme, year, manifest["id"])
                written = write_tidy(duck, folder, file, manifest)
                if written:
                    rows[f"{DATA}/{file.stem}.csv"] = written
                rows |= write_workbooks(duck, folder, file, questions, manifest)
    return rows


def publish_folder(releases_dir: Path, folder: Path, version: str) -> Path:
    """Moves a sealed folder to where releases are, makes it current, and returns its new place.

    A reader sees the earlier release or this one, whole, and nothing between. `folder` may be on
    another disk. Raises NotAVersion, and FileExistsError when that version was given out already.
    """
    parts_of(version)
    releases_dir.mkdir(parents=True, exist_ok=True)
    target = releases_dir / version
    if target.exists():
        raise FileExistsError(f"Release {version} was given out already.")
    # A copy that was interrupted is hidden; the next one clears it away.
    moving = releases_dir / f".moving-{version}"
    shutil.rmtree(moving, ignore_errors=True)
    shutil.move(folder, moving)
    moving.rename(target)
    make_current(releases_dir, version)
    return target


def make_current(releases_dir: Path, identifier: str) -> None:
    """Points `current` at a release, in one atomic step."""
    pointer = releases_dir / f".{CURRENT}-{os.getpid()}"
    pointer.unlink(missing_ok=True)
    pointer.symlink_to(identifier)
    pointer.replace(releases_dir / CURRENT)
