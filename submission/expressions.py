"""The SQL expressions of the definition tables: whether they parse, and what they name."""

import json
import threading
from functools import cache
from typing import Any

import duckdb

_local = threading.local()


def _duck() -> duckdb.DuckDBPyConnection:
    if not hasattr(_local, "duck"):
        _local.duck = duckdb.connect()
    connection: duckdb.DuckDBPyConnection = _local.duck
    return connection


@cache
def _parsed(expression: str) -> Any:
    found = (
        _duck()
        .execute("SELECT json_serialize_sql(?::VARCHAR)", [f"SELECT {expression}"])
        .fetchone()
    )
    return json.loads(found[0]) if found else None


def parse_problem(expression: str) -> str:
    """What is wrong with the spelling of an expression; empty when it parses."""
    parsed = _parsed(expression)
    if parsed["error"]:
        return f"the expression does not parse: {parsed['error_message']}"
    return ""


def names_in(expression: str) -> set[str]:
    """The variables that an expression names (not functions, not values such as saved.age1)."""
    found: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if node.get("class") == "COLUMN_REF" and len(node["column_names"]) == 1:
                found.add(node["column_names"][0])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(_parsed(expression))
    return found
