"""Rows of numbered fields laid out as answers, by the query of their layout."""

import threading
from datetime import date

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from submission.columns import EVENT_DATES
from submission.tables import DEFINITIONS
from submission.uploads.layout import Layout

_local = threading.local()


def table_of_rows(rows: pd.DataFrame, count: int) -> pa.Table:
    """Texts of rows by field number as the table that a layout reads: NULL when empty."""
    given = {}
    for number in rows.columns:
        texts = pc.utf8_trim_whitespace(pa.array(rows[number], pa.string()))
        given[int(number)] = pc.if_else(pc.equal(texts, ""), None, texts)
    nothing = pa.nulls(len(rows), pa.string())
    return pa.table({f"f{n}": given.get(n, nothing) for n in range(1, count + 1)})


def laid_out(
    made: Layout, table: pa.Table, owner_types: pa.Array
) -> tuple[pa.Table, list[list[int]]]:
    """Each row's answers as text, and the numbers of the file checks that it does not pass."""
    rows = pa.array(range(table.num_rows), pa.int64())
    up = table.append_column("owner_type", owner_types).append_column("row", rows)  # noqa: F841
    found = _duck().sql(made.query).to_arrow_table()
    return found.drop_columns(["row", "failed"]), found["failed"].to_pylist()


def event_days(made: Layout, table: pa.Table) -> list[date | None]:
    """The day of each row's letting or sale; None where it cannot be read."""
    text = made.answers[EVENT_DATES[made.collection.name]]
    up = table.append_column("row", pa.array(range(table.num_rows), pa.int64()))  # noqa: F841
    query = f"SELECT TRY_CAST({text} AS DATE) FROM up ORDER BY row"
    return list(_duck().sql(query).to_arrow_table().column(0).to_pylist())


def telling(made: Layout, table: pa.Table) -> list[str]:
    """A text for each row that is the same for two rows of one letting or sale."""
    up = table.append_column("row", pa.array(range(table.num_rows), pa.int64()))  # noqa: F841
    found = _duck().sql(f"SELECT {made.telling_sql} FROM up ORDER BY row").to_arrow_table()
    return list(found.column(0).to_pylist())


def _duck() -> duckdb.DuckDBPyConnection:
    if not hasattr(_local, "duck"):
        _local.duck = duckdb.connect()
        _local.duck.execute((DEFINITIONS / "functions.sql").read_text(encoding="utf-8"))
    connection: duckdb.DuckDBPyConnection = _local.duck
    return connection
