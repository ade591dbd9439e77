"""The figures of a release as full tables: a row for every answer, its true zeros filled in.

Cells leave zeros out and know codes alone; tidy files and workbooks need each answer of each
question at each place, with its words. This is worked out from a release's public files only.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pandas as pd

from data_access.questions import ANSWERED, NOT_ANSWERED, RECORDS, TOTAL, TabulatedQuestion
from data_access.reference.log_types import LOG_TYPES
from data_access.reference.periods import period
from data_access.releases.code_lists import (
    COLUMNS,
    MEANINGS,
    area_rows,
    interval,
    period_rows,
)
from data_access.releases.themes import collections_of, theme_of

LEVELS = ("england", "region", "local_authority")


def open_figures(folder: Path, questions: Sequence[TabulatedQuestion]) -> duckdb.DuckDBPyConnection:
    """A connection with the release's cells and the tables that say what their codes mean."""
    duck = duckdb.connect()
    path = str(folder / "cells.parquet").replace("'", "''")
    duck.execute(f"CREATE VIEW cells AS SELECT * FROM read_parquet('{path}')")
    slugs = [row[0] for row in duck.execute("SELECT DISTINCT period FROM cells").fetchall()]
    periods = pd.DataFrame(
        [
            (
                slug,
                label,
                parent or slug,
                interval(period(slug)),
                bool(parent),
            )
            for slug, label, parent, _, _ in period_rows(slugs)
        ],
        columns=["code", "label", "year", "iso", "quarter"],
    )
    types = pd.DataFrame(
        [
            (kind.slug, kind.label, kind.collection, at)
            for at, kind in enumerate(LOG_TYPES.values())
        ],
        columns=["code", "label", "collection", "nth"],
    )
    asked = pd.DataFrame(
        [
            (question.name, slug, slug in question.log_types)
            for question in questions
            for slug, kind in LOG_TYPES.items()
            if kind.collection in collections_of(question)
        ],
        columns=["question", "log_type", "asked"],
    )
    years = pd.DataFrame(
        [
            (question.name, year, bool(question.rest_label))
            for year in periods["year"].unique()
            for question in questions
            if question.asked_in(year)
        ],
        columns=["question", "year", "everybody"],
    )
    for name, frame in (
        ("question_years", years),
        ("areas", pd.DataFrame(area_rows(), columns=list(COLUMNS["areas"]))),
        ("periods", periods),
        ("log_types", types),
        ("asked", asked),
        ("lines", _lines(questions)),
    ):
        duck.register("frame", frame)
        duck.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
        duck.unregister("frame")
    return duck


def _lines(questions: Sequence[TabulatedQuestion]) -> pd.DataFrame:
    """A row for each figure of each question at each level that may show it."""
    rows = []
    for number, question in enumerate(questions):
        for level in LEVELS:
            if not question.shown_at(level):
                continue
            lines = (
                [
                    (ANSWERED, MEANINGS[ANSWERED], "count", "records"),
                    (ANSWERED, MEANINGS[ANSWERED], "mean", question.unit),
                ]
                if question.kind == "number"
                else [(code, label, "count", "records") for code, label in question.codes_at(level)]
            )
            rest = (TOTAL,) if question.rest_label else (NOT_ANSWERED, TOTAL)
            lines += [(code, MEANINGS[code], "count", "records") for code in rest]
            rows += [
                (
                    question.name,
                    number,
                    question.label,
                    theme_of(question),
                    question.headline,
                    level,
                    at,
                    *line,
                )
                for at, line in enumerate(lines)
            ]
    return pd.DataFrame(
        rows,
        columns=[
            "question", "number", "question_label", "theme", "headline", "level",
            "nth", "code", "label", "measure", "unit",
        ],
    )  # fmt: skip


def observe(duck: duckdb.DuckDBPyConnection, year: str) -> None:
    """Makes the table `observed` anew, of one collection year.

    England and regions have the year and its quarters, local authorities the year alone: their
    quarters are four times the rows, and stand in cells.parquet. Columns: period, log_type, level,
    area, question, number and nth (places of question and answer in their lists), code, measure,
    value, marker ("", "c" withheld, "z" not asked or nobody to take a mean of), n_valid (records
    that answered; null where that is not known).
    """
    duck.execute(
        f"""
        CREATE OR REPLACE TABLE observed AS
        WITH shown AS (
            SELECT c.* FROM cells c JOIN periods p ON p.code = c.period
            WHERE p.year = ? AND (c.level <> 'local_authority' OR c.period = p.year)
        ),
        places AS (
            SELECT period, log_type, level, area, count AS records, marker FROM shown
            WHERE question = '{RECORDS}'
        ),
        given AS (SELECT DISTINCT period, log_type, level, area, question FROM shown),
        missing AS (SELECT * FROM shown WHERE code = '{NOT_ANSWERED}'),
        marked AS (
            SELECT p.period, p.log_type, p.level, p.area, l.question, l.number, l.nth, l.code,
                l.measure, p.records, c.count, c.mean,
                CASE WHEN NOT a.asked THEN 'z' WHEN l.code = '{TOTAL}' THEN p.marker
                    WHEN c.marker = 'c' THEN 'c'
                    WHEN l.measure = 'mean' AND coalesce(c.count, 0) = 0 THEN 'z'
                    ELSE '' END AS marker,
                CASE WHEN NOT a.asked OR p.marker = 'c' THEN NULL
                    WHEN y.everybody THEN p.records
                    WHEN m.marker = 'c' THEN NULL
                    ELSE p.records - coalesce(m.count, 0) END AS n_valid
            FROM places p
            JOIN lines l ON l.level = p.level
            JOIN question_years y ON y.question = l.question AND y.year = ?
            JOIN asked a ON a.question = l.question AND a.log_type = p.log_type
            LEFT JOIN shown c ON c.period = p.period AND c.log_type = p.log_type
                AND c.level = p.level AND c.area = p.area AND c.question = l.question
                AND c.code = l.code
            LEFT JOIN given g ON g.period = p.period AND g.log_type = p.log_type
                AND g.level = p.level AND g.area = p.area AND g.question = l.question
            LEFT JOIN missing m ON m.period = p.period AND m.log_type = p.log_type
                AND m.level = p.level AND m.area = p.area AND m.question = l.question
            -- Every record counts in every question it is asked, so one without a row is not shown.
            WHERE NOT a.asked OR g.question IS NOT NULL
        )
        SELECT period, log_type, level, area, question, number, nth, code, measure,
            CASE WHEN marker <> '' THEN NULL WHEN code = '{TOTAL}' THEN records
                WHEN measure = 'mean' THEN mean ELSE coalesce(count, 0) END::DOUBLE AS value,
            marker, n_valid
        FROM marked
        """,
        [year, year],
    )
