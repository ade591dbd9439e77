"""The warehouse: valid logs as typed columns, for counting. Private: public pages never open it.

One Parquet file for each collection and year, with one row a log: log_type, period of the quarter,
local_authority (the code in force in that year), owner (identifier of the institution), and a
column for each tabulated question, categories as text codes and numbers as decimals. The quarter is
one of the file's year: hard rules keep the date of a valid log within its collection year.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import Engine, cast, select
from sqlalchemy import Text as TextType

from data_access.logs import Log
from data_access.questions import TabulatedQuestion
from data_access.reference.local_authorities import code_of_year
from data_access.reference.log_types import LOG_TYPES
from data_access.reference.periods import periods_of

BATCH = 20_000


def _path_literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _columns(questions: Sequence[TabulatedQuestion]) -> str:
    columns = []
    for question in questions:
        read = f"answers ->> '$.{question.answer}'"
        if question.kind == "number":
            read = f"TRY_CAST({read} AS DECIMAL(14, 2))"
        columns.append(f'{read} AS "{question.name}"')
    return ", ".join(["log_type", "quarter", "local_authority", "owner", *columns])


def questions_of(
    questions: Sequence[TabulatedQuestion], collection: str
) -> list[TabulatedQuestion]:
    """The questions that some log type of the collection is asked."""
    types = {slug for slug, log_type in LOG_TYPES.items() if log_type.collection == collection}
    return [question for question in questions if types & set(question.log_types)]


def build(
    engine: Engine,
    questions: Sequence[TabulatedQuestion],
    folder: Path,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Path]:
    """Writes the warehouse anew and returns its files.

    Logs are read in batches of 20,000, so memory does not grow with their number. Their order in
    the files is that of their identifiers, so that the same logs give the same bytes.
    """
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    files = []
    with engine.connect() as connection:
        pairs = connection.execute(
            select(Log.collection, Log.collection_year)
            .where(Log.status == "valid")
            .distinct()
            .order_by(Log.collection, Log.collection_year)
        ).all()
        for collection, year in pairs:
            query = (
                select(
                    Log.log_type,
                    Log.event_date,
                    Log.local_authority,
                    Log.owning_institution_id,
                    cast(Log.answers, TextType),
                )
                .where(
                    Log.status == "valid",
                    Log.collection == collection,
                    Log.collection_year == year,
                    Log.log_type.is_not(None),
                    Log.event_date.is_not(None),
                )
                .order_by(Log.id)
            )
            target = folder / f"{collection}-{year}.parquet"
            rows = _write(
                connection.execution_options(stream_results=True)
                .execute(query)
                .yield_per(BATCH)
                .partitions(),
                questions_of(questions, collection),
                year,
                target,
            )
            if rows:
                files.append(target)
            progress(f"Read {rows:,} valid {collection} of {year}")
    return files


def _write(
    batches: Iterator[Sequence[Any]],
    questions: Sequence[TabulatedQuestion],
    year: int,
    target: Path,
) -> int:
    written = 0
    with duckdb.connect() as duck:
        columns = _columns(questions)
        made = False
        for batch in batches:
            types, days, areas, owners, answers = zip(*batch, strict=True)
            frame = pa.table(
                {
                    "log_type": pa.array(types, pa.string()),
                    "quarter": pa.array([periods_of(day)[1].slug for day in days], pa.string()),
                    "local_authority": pa.array(
                        [code_of_year(area, year) if area else None for area in areas], pa.string()
                    ),
                    "owner": pa.array(owners, pa.int64()),
                    "answers": pa.array(answers, pa.string()),
                }
            )
            duck.register("batch", frame)
            read = f"SELECT {columns} FROM (SELECT * REPLACE (answers::JSON AS answers) FROM batch)"
            duck.execute(f"INSERT INTO logs {read}" if made else f"CREATE TABLE logs AS {read}")
            duck.unregister("batch")
            made = True
            written += len(types)
        if made:
            duck.execute(f"COPY logs TO {_path_literal(target)} (FORMAT parquet)")
    return written
