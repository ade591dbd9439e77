"""The engine that counts: a database that Ibis can write queries for."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from uuid import uuid4

import ibis
from ibis import Table
from ibis.backends import BaseBackend

# Counting itself takes little; what does not fit goes to disk rather than to the kernel's killer.
_MEMORY = "3GB"
# Keys of up to this many bits are counted in a plain array instead of a hash table. DuckDB's own
# 12 is too few for two questions by log type and quarter.
_ARRAY_BITS = 18


@dataclass(frozen=True)
class Engine:
    """A connection, and the statements by which its kind of database keeps rows under a name.

    `keeping` has the fields {name} and {query}, `dropping` has {name}.
    """

    backend: BaseBackend
    keeping: str
    dropping: str

    @contextmanager
    def kept(self, queries: Iterable[str], types: Mapping[str, str]) -> Iterator[Table]:
        """The rows of all the queries together, until the block ends.

        The queries are SQL that every engine reads; `types` are the types of their columns by name,
        in their order.
        """
        name = f"counted_{uuid4().hex}"
        query = " UNION ALL ".join(queries)
        self.backend.raw_sql(self.keeping.format(name=name, query=query))
        try:
            yield self.backend.sql(f"SELECT * FROM {name}", schema=dict(types))
        finally:
            self.backend.raw_sql(self.dropping.format(name=name))


# Opens an engine for one file of a warehouse, and closes it.
OpenEngine = Callable[[], AbstractContextManager[Engine]]


@contextmanager
def duckdb_engine() -> Iterator[Engine]:
    """DuckDB in memory, with a folder of its own for what does not fit."""
    with tempfile.TemporaryDirectory(prefix="core-tabulation-") as folder:
        backend = ibis.duckdb.connect(
            memory_limit=_MEMORY,
            temp_directory=folder,
            preserve_insertion_order=False,
            perfect_ht_threshold=_ARRAY_BITS,
        )
        try:
            yield Engine(backend, "CREATE TEMP TABLE {name} AS {query}", "DROP TABLE {name}")
        finally:
            backend.disconnect()
