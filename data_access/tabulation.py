"""Tabulation: valid logs counted by period, log type, place and question.

Cells: period, log_type, level, area, question, code, count, mean.
- question "records", code "total": the number of valid logs;
- a category question: one cell for each code given, and "not_answered";
- a number question: "answered" with the number answering and the mean, and "not_answered".
A cell that would be zero is left out.

Crosses: period, log_type, question, code, question2, code2, count: England, every pair of
category questions, question before question2 in the alphabet, records that answered both.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from data_access.questions import ANSWERED, NOT_ANSWERED, RECORDS, TOTAL, TabulatedQuestion
from data_access.reference.local_authorities import ENGLAND, local_authorities
from data_access.warehouse import questions_of

__all__ = ["Tables", "TabulatedQuestion", "tabulate"]

CELL_COLUMNS = ["period", "log_type", "level", "area", "question", "code", "count", "mean"]
CROSS_COLUMNS = ["period", "log_type", "question", "code", "question2", "code2", "count"]


@dataclass(frozen=True)
class Tables:
    """Cells and crosses as counted: not yet safe to publish."""

    cells: pd.DataFrame
    crosses: pd.DataFrame


def tabulate(
    files: Sequence[Path],
    questions: Sequence[TabulatedQuestion],
    progress: Callable[[str], None] = lambda _: None,
) -> Tables:
    """Counts the files of a warehouse (see data_access.warehouse.build)."""
    cells: list[pa.Table] = []
    crosses: list[pd.DataFrame] = []
    for file in files:
        collection = file.stem.split("-")[0]
        asked = questions_of(questions, collection)
        with duckdb.connect() as duck:
            duck.execute("SET preserve_insertion_order = false")
            _load(duck, file)
            cells.extend(_cells(duck, asked))
            crosses.extend(_crosses(duck, asked))
        progress(f"Counted {file.stem}")
    crossed = [pa.Table.from_pandas(frame, preserve_index=False) for frame in crosses]
    return Tables(_joined(cells, CELL_COLUMNS), _joined(crossed, CROSS_COLUMNS))


def _joined(tables: list[pa.Table], columns: list[str]) -> pd.DataFrame:
    """One frame whose keys are categories: ten million rows of them take 150 MB, not 3 GB."""
    if not tables:
        return pd.DataFrame(columns=columns)
    keys = [column for column in columns if column not in ("count", "mean")]
    joined = pa.concat_tables([table.select(columns) for table in tables])
    return joined.to_pandas(categories=keys, split_blocks=True, self_destruct=True)


def _load(duck: duckdb.DuckDBPyConnection, file: Path) -> None:
    regions = pd.DataFrame(
        [(place.code, place.region_code) for place in local_authorities().values()],
        columns=["code", "region"],
    )
    duck.register("regions", regions)
    duck.execute(
        "CREATE TABLE logs AS SELECT l.*, r.region, left(quarter, 4) AS year "
        f"FROM read_parquet('{str(file).replace(chr(39), chr(39) * 2)}') l "
        "LEFT JOIN regions r ON r.code = l.local_authority"
    )


# Each log counts at three levels and in two periods: six grouping sets over one scan.
_GROUPS = (
    "GROUP BY GROUPING SETS ("
    "(log_type, year{also}), (log_type, quarter{also}), "
    "(log_type, year, region{also}), (log_type, quarter, region{also}), "
    "(log_type, year, local_authority{also}), (log_type, quarter, local_authority{also}))"
)
_PLACE = f"""
    CASE WHEN GROUPING(year) = 0 THEN year ELSE quarter END AS period, log_type,
    CASE WHEN GROUPING(local_authority) = 0 THEN 'local_authority'
         WHEN GROUPING(region) = 0 THEN 'region' ELSE 'england' END AS level,
    CASE WHEN GROUPING(local_authority) = 0 THEN local_authority
         WHEN GROUPING(region) = 0 THEN region ELSE '{ENGLAND}' END AS area
"""
_PLACED = (
    "HAVING (GROUPING(local_authority) = 1 OR local_authority IS NOT NULL) "
    "AND (GROUPING(region) = 1 OR region IS NOT NULL)"
)


def _types(question: TabulatedQuestion) -> str:
    return ", ".join(f"'{log_type}'" for log_type in question.log_types)


def _cells(
    duck: duckdb.DuckDBPyConnection, questions: Sequence[TabulatedQuestion]
) -> Iterator[pa.Table]:
    yield duck.sql(
        f"SELECT {_PLACE}, '{RECORDS}' AS question, '{TOTAL}' AS code, "
        f"count(*) AS count, NULL::DOUBLE AS mean FROM logs {_GROUPS.format(also='')} {_PLACED}"
    ).to_arrow_table()
    for question in questions:
        name = f'"{question.name}"'
        asked = f"log_type IN ({_types(question)})"
        if question.kind == "number":
            # An average of no answers is not a number, so "answered" needs at least one.
            yield duck.sql(
                f"WITH counted AS (SELECT {_PLACE}, count({name}) AS answered, "
                f"count(*) AS records, round(sum({name}) / count({name}), 2)::DOUBLE AS mean "
                f"FROM logs WHERE {asked} {_GROUPS.format(also='')} {_PLACED}) "
                "SELECT period, log_type, level, area, "
                f"'{question.name}' AS question, '{ANSWERED}' AS code, answered AS count, mean "
                "FROM counted WHERE answered > 0 UNION ALL "
                "SELECT period, log_type, level, area, "
                f"'{question.name}', '{NOT_ANSWERED}', records - answered, NULL "
                "FROM counted WHERE records > answered"
            ).to_arrow_table()
        else:
            known = ", ".join(f"'{code}'" for code, _ in question.codes) or "''"
            yield duck.sql(
                f"SELECT {_PLACE}, '{question.name}' AS question, code, "
                "count(*) AS count, NULL::DOUBLE AS mean FROM "
                f"(SELECT *, CASE WHEN {name} IN ({known}) THEN {name} ELSE '{NOT_ANSWERED}' END "
                f"AS code FROM logs WHERE {asked}) {_GROUPS.format(also=', code')} {_PLACED}"
            ).to_arrow_table()


def _crosses(
    duck: duckdb.DuckDBPyConnection, questions: Sequence[TabulatedQuestion]
) -> Iterator[pd.DataFrame]:
    """Counts pairs as one bincount each over small whole numbers: period x type x code x code."""
    categories = sorted(
        (question for question in questions if question.kind == "category"),
        key=lambda question: question.name,
    )
    if len(categories) < 2:
        return
    base = duck.execute("SELECT quarter, year, log_type FROM logs").df()
    quarters = pd.Categorical(base["quarter"])
    types = pd.Categorical(base["log_type"])
    block = quarters.codes.astype(np.int64) * len(types.categories) + types.codes
    blocks = len(quarters.categories) * len(types.categories)
    coded = {}
    for question in categories:
        values = duck.execute(f'SELECT "{question.name}" AS value FROM logs').df()["value"]
        codes = [code for code, _ in question.codes]
        coded[question.name] = pd.Categorical(values, categories=codes).codes.astype(np.int64)
    year = base["year"].iloc[0] if len(base) else ""
    for first, second in combinations(categories, 2):
        shared = set(first.log_types) & set(second.log_types)
        if not shared:
            continue
        a, b = coded[first.name], coded[second.name]
        both = (a >= 0) & (b >= 0)
        na, nb = len(first.codes), len(second.codes)
        counts = np.bincount(
            (block[both] * na + a[both]) * nb + b[both], minlength=blocks * na * nb
        ).reshape(len(quarters.categories), len(types.categories), na, nb)
        for periods, table in ((list(quarters.categories), counts), ([year], counts.sum(0)[None])):
            at = np.nonzero(table)
            frame = pd.DataFrame(
                {
                    "period": np.array(periods, dtype=object)[at[0]],
                    "log_type": np.array(types.categories, dtype=object)[at[1]],
                    "question": first.name,
                    "code": np.array([code for code, _ in first.codes], dtype=object)[at[2]],
                    "question2": second.name,
                    "code2": np.array([code for code, _ in second.codes], dtype=object)[at[3]],
                    "count": table[at],
                }
            )
            frame = frame[frame["log_type"].isin(shared)]
            if len(frame):
                yield frame
