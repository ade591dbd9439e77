"""The safe cells and crosses of a release as Parquet; a frame with a withheld figure is refused."""

import json
from pathlib import Path

import duckdb
import pandas as pd

from data_access.releases.csvw import Column

CELLS = {
    "period": "VARCHAR",
    "log_type": "VARCHAR",
    "level": "VARCHAR",
    "area": "VARCHAR",
    "question": "VARCHAR",
    "code": "VARCHAR",
    "count": "BIGINT",
    "mean": "DOUBLE",
    "marker": "VARCHAR",
}
CROSSES = {
    "period": "VARCHAR",
    "log_type": "VARCHAR",
    "question": "VARCHAR",
    "code": "VARCHAR",
    "question2": "VARCHAR",
    "code2": "VARCHAR",
    "count": "BIGINT",
    "marker": "VARCHAR",
}
# Columns of each file. The cells stand twice: by place, for pages, and by question, for maps.
FILES = {"cells.parquet": CELLS, "cells_by_question.parquet": CELLS, "crosses.parquet": CROSSES}
_ORDER = {
    "cells.parquet": "level, area, log_type, period, question, code",
    "cells_by_question.parquet": "level, log_type, period, question, code, area",
    "crosses.parquet": "log_type, period, question, question2, code, code2",
}
_TITLES = {
    "period": "Period, as in the list of periods",
    "log_type": "Log type",
    "level": "Geographic level",
    "area": "Area (nine-character code)",
    "question": "Question, as in the list of questions",
    "code": "Answer, as in the list of codes",
    "question2": "Second question",
    "code2": "Answer to the second question",
    "count": "Number of records",
    "mean": "Mean of the answers",
    "marker": "c where figures are withheld",
}
_DATATYPES = {"VARCHAR": "string", "BIGINT": "integer", "DOUBLE": "number"}


class NotPublic(ValueError):
    """A frame holds what may not be published."""


def write_parquet(folder: Path, cells: pd.DataFrame, crosses: pd.DataFrame) -> dict[str, int]:
    """Writes the three Parquet files of a release; rows by file name. Raises NotPublic."""
    rows = {}
    with duckdb.connect() as duck:
        for name, frame, columns in (("cells", cells, CELLS), ("crosses", crosses, CROSSES)):
            if set(frame.columns) != set(columns):
                wrong = ", ".join(sorted(set(frame.columns) ^ set(columns)))
                raise NotPublic(f"The {name} have other columns than the public ones: {wrong}.")
            duck.register(name, frame)
            _refuse_figures_beside_markers(duck, name)
        for file, columns in FILES.items():
            name = "crosses" if columns is CROSSES else "cells"
            target = str(folder / file).replace("'", "''")
            duck.execute(
                f"COPY (SELECT {_selected(columns)} FROM {name} ORDER BY {_ORDER[file]}) "
                # Small row groups: a page reads the one or two that hold its place and period.
                f"TO '{target}' (FORMAT parquet, ROW_GROUP_SIZE 8192, COMPRESSION zstd, "
                f"KV_METADATA {{csvw: '{_schema(columns)}'}})"
            )
            rows[file] = len(crosses if columns is CROSSES else cells)
    return rows


def _figure(column: str) -> str:
    # A missing number of a pandas column of floats arrives as NaN, which is not null.
    return f"nullif({column}::DOUBLE, 'nan'::DOUBLE)"


def _selected(columns: dict[str, str]) -> str:
    return ", ".join(
        f"{_figure(column)}::{kind} AS {column}"
        if column in ("count", "mean")
        else f"{column}::{kind} AS {column}"
        for column, kind in columns.items()
    )


def _refuse_figures_beside_markers(duck: duckdb.DuckDBPyConnection, name: str) -> None:
    beside = f"{_figure('count')} IS NOT NULL"
    if name == "cells":
        beside += f" OR {_figure('mean')} IS NOT NULL"
    found = duck.execute(
        f"SELECT count(*) FILTER (marker::VARCHAR = 'c' AND ({beside})), "
        f"count(*) FILTER (marker::VARCHAR = '' AND {_figure('count')} IS NULL), "
        f"count(*) FILTER (marker IS NULL OR marker::VARCHAR NOT IN ('', 'c')) FROM {name}"
    ).fetchall()
    for words, count in zip(
        ("a figure beside the marker c", "neither a count nor a marker", "another marker than c"),
        found[0],
        strict=True,
    ):
        if count:
            raise NotPublic(f"{count:,} rows of the {name} have {words}.")


def _schema(columns: dict[str, str]) -> str:
    """The columns as CSV on the Web describes them, for the metadata of the file."""
    described = [
        Column(
            name, _TITLES[name], _DATATYPES[kind], required=name not in ("count", "mean")
        ).as_json()
        for name, kind in columns.items()
    ]
    text = json.dumps(
        {"@context": "http://www.w3.org/ns/csvw", "tableSchema": {"columns": described}}
    )
    return text.replace("'", "''")
