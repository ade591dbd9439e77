"""The engine that counts: a database that Ibis can write queries for."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import ibis
from ibis.backends import BaseBackend

# Opens an engine for one file of a warehouse, and closes it.
Engine = Callable[[], AbstractContextManager[BaseBackend]]

# Counting itself takes little; what does not fit goes to disk rather than to the kernel's killer.
_MEMORY = "3GB"
# Keys of up to this many bits are counted in a plain array instead of a hash table. DuckDB's own
# 12 is too few for two questions by log type and quarter: with 18 a pair takes half the time.
_ARRAY_BITS = 18


@contextmanager
def duckdb_engine() -> Iterator[BaseBackend]:
    """DuckDB in memory, with a folder of its own for what does not fit."""
    with tempfile.TemporaryDirectory(prefix="core-tabulation-") as folder:
        backend = ibis.duckdb.connect(
            memory_limit=_MEMORY,
            temp_directory=folder,
            preserve_insertion_order=False,
            perfect_ht_threshold=_ARRAY_BITS,
        )
        try:
            yield backend
        finally:
            backend.disconnect()
