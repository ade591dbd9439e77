"""Tidy CSV: one observation a row, codes and words side by side."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from data_access.releases.csvw import Column, Described, write_metadata
from data_access.releases.names import MEANING_OF_MARKERS, WEIGHTING, TableFile

DATA = "data"
COLUMNS = (
    Column("time_period", "Time period (ISO 8601 interval)"),
    Column("time_identifier", "Kind of time period"),
    Column("time_code", "Time period, as in the list of periods"),
    Column("time_label", "Time period in words"),
    Column("geographic_level", "Geographic level"),
    Column("region_code", "Region (nine-character code)", required=False),
    Column("region_name", "Region", required=False),
    Column("lad_code", "Local authority (nine-character code)", required=False),
    Column("lad_name", "Local authority", required=False),
    Column("dataset", "Log type, as in the list of log types"),
    Column("log_type", "Log type"),
    Column("question_code", "Question, as in the list of questions"),
    Column("question", "Question"),
    Column("category_code", "Answer, as in the list of codes"),
    Column("category", "Answer"),
    Column("measure", "What is measured: count or mean"),
    Column("unit", "Unit of the value"),
    Column(
        "value", "Value", "number", "http://purl.org/linked-data/sdmx/2009/measure#obsValue", False
    ),
    Column(
        "marker",
        "Why there is no value: c or z",
        "string",
        "http://purl.org/linked-data/sdmx/2009/attribute#obsStatus",
        False,
    ),
    Column("weighted", "Whether values are weighted"),
    Column("n_valid", "Number of records that answered the question", "integer", "", False),
)
# Kinds of period: a year, and a quarter.
IDENTIFIERS = ("Collection year", "Quarter of collection year")
LEVELS = {"england": "National", "region": "Regional", "local_authority": "Local authority"}
_KEY = (
    "time_code", "geographic_level", "region_code", "lad_code", "dataset", "question_code",
    "category_code", "measure",
)  # fmt: skip
_LISTS = (
    (("question_code",), ("../codes/questions.csv", ("question",))),
    (("question_code", "category_code"), ("../codes/codes.csv", ("question", "code"))),
    (("region_code",), ("../codes/areas.csv", ("code",))),
    (("lad_code",), ("../codes/areas.csv", ("code",))),
    (("time_code",), ("../codes/periods.csv", ("code",))),
    (("dataset",), ("../codes/log_types.csv", ("code",))),
)


def write_tidy(
    duck: duckdb.DuckDBPyConnection, folder: Path, file: TableFile, manifest: Mapping[str, Any]
) -> int:
    """Writes one CSV file and its metadata into `folder`/data, from `observed`.

    Returns its number of rows, none of which means that nothing was written.
    """
    (folder / DATA).mkdir(exist_ok=True)
    path = folder / DATA / f"{file.stem}.csv"
    target = str(path).replace("'", "''")
    year, quarter = IDENTIFIERS
    levels = ", ".join(f"'{level}'" for level in file.levels)
    words = " ".join(f"WHEN '{level}' THEN '{word}'" for level, word in LEVELS.items())
    chosen = (
        f"o.level IN ({levels}) AND l.theme = '{file.theme}' AND t.collection = '{file.collection}'"
    )
    joined = (
        "observed o JOIN lines l ON l.question = o.question AND l.level = o.level "
        "AND l.nth = o.nth "
        "JOIN log_types t ON t.code = o.log_type"
    )
    if not duck.execute(f"SELECT 1 FROM {joined} WHERE {chosen} LIMIT 1").fetchall():
        return 0
    written = duck.execute(
        f"""
        COPY (
            SELECT p.iso AS time_period,
                CASE WHEN p.quarter THEN '{quarter}' ELSE '{year}' END AS time_identifier,
                p.code AS time_code,
                p.label AS time_label, CASE o.level {words} END AS geographic_level,
                CASE o.level WHEN 'region' THEN a.code WHEN 'local_authority' THEN r.code END
                    AS region_code,
                CASE o.level WHEN 'region' THEN a.name WHEN 'local_authority' THEN r.name END
                    AS region_name,
                CASE o.level WHEN 'local_authority' THEN a.code END AS lad_code,
                CASE o.level WHEN 'local_authority' THEN a.name END AS lad_name,
                t.code AS dataset, t.label AS log_type, l.question AS question_code,
                l.question_label AS question, l.code AS category_code, l.label AS category,
                l.measure, l.unit,
                CASE WHEN o.value = floor(o.value) THEN o.value::BIGINT::VARCHAR
                    ELSE o.value::VARCHAR END AS value,
                nullif(o.marker, '') AS marker, 'unweighted' AS weighted, o.n_valid
            FROM {joined}
            JOIN periods p ON p.code = o.period
            JOIN areas a ON a.code = o.area
            LEFT JOIN areas r ON r.code = a.parent
            WHERE {chosen}
            ORDER BY o.period, o.level, o.area, t.nth, o.number, o.nth
        ) TO '{target}' (FORMAT csv, HEADER true, NULLSTR '')
        """
    ).fetchall()
    rows: int = written[0][0]
    label = duck.execute("SELECT label FROM periods WHERE code = ?", [file.year]).fetchall()
    markers = " ".join(f"{marker}: {MEANING_OF_MARKERS[marker]}" for marker in ("c", "z"))
    coverage = (
        "Collection year; quarters of local authorities are in cells.parquet. An authority without "
        f"rows: {MEANING_OF_MARKERS['x']}"
        if file.areas == "local-authorities"
        else "Collection year and its quarters."
    )
    write_metadata(
        path,
        Described(
            file.title(label[0][0]),
            f"{WEIGHTING} {coverage} A value of 0 is a true zero. {markers}",
            COLUMNS,
            _KEY,
            _LISTS,
        ),
        manifest,
    )
    return rows
