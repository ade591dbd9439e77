"""The engines that tabulation is held to: DuckDB, which the product runs on, and Spark."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from typing import Any

import ibis
import pytest

from data_access.tabulation import Engine, duckdb_engine

# Small tables: one partition, and plans that are run as they stand rather than compiled to Java.
_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


@cache
def _spark() -> Any:
    """Spark in this process, on one thread; it ends with the process."""
    from pyspark.sql import SparkSession

    making = SparkSession.builder.master("local[1]")
    for name, value in _SETTINGS.items():
        making = making.config(name, value)
    session = making.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


@contextmanager
def spark_engine() -> Iterator[Engine]:
    """A connection to the one Spark of this process."""
    backend = ibis.pyspark.connect(_spark())
    yield Engine(backend, "CACHE TABLE {name} AS {query}", "UNCACHE TABLE {name}")


ENGINES = [
    pytest.param(duckdb_engine, id="duckdb"),
    pytest.param(
        spark_engine,
        id="spark",
        marks=[
            pytest.mark.spark,
            pytest.mark.xdist_group("spark"),
            pytest.mark.filterwarnings("ignore:PySpark does not yet fully support:FutureWarning"),
            pytest.mark.skipif(
                find_spec("pyspark") is None, reason="Spark is not installed: make set-up-spark"
            ),
        ],
    ),
]
