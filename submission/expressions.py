"""The SQL expressions of the definition tables: whether they parse, what they name, rewriting."""

import json
import re
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

import duckdb

_local = threading.local()
# Strings, quoted names, names with their dots, and single other signs.
_TOKEN = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[A-Za-z_]\w*(?:\.(?:[A-Za-z_]\w*|\"[^\"]+\"))*|\s+|."
)


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


def tree(expression: str) -> Any:
    """The parsed expression as DuckDB's nodes: each a dict with its `class` and `type`."""
    return _parsed(expression)["statements"][0]["node"]["select_list"][0]


def _nodes(tree: Any, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if node.get("class") == kind:
                found.append(node)
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(tree)
    return found


@cache
def references_in(expression: str) -> frozenset[str]:
    """All names of columns, with their dots: `age1`, `saved.age1`, `scheme.status_today`."""
    nodes = _nodes(_parsed(expression), "COLUMN_REF")
    return frozenset(".".join(node["column_names"]) for node in nodes)


def names_in(expression: str) -> set[str]:
    """The variables that an expression names (not functions, not values such as saved.age1)."""
    return {name for name in references_in(expression) if "." not in name}


@cache
def functions_in(expression: str) -> frozenset[str]:
    """The functions that an expression calls, operators left out."""
    nodes = _nodes(_parsed(expression), "FUNCTION")
    return frozenset(
        node["function_name"]
        for node in nodes
        if not node.get("is_operator") and re.fullmatch(r"\w+", node["function_name"])
    )


def rewrite(expression: str, column: Callable[[str], str]) -> str:
    """The expression with each name of a column replaced by what `column` makes of it."""
    names = references_in(expression)
    tokens = _TOKEN.findall(expression)
    made: list[str] = []
    before = ""
    for at, token in enumerate(tokens):
        name = token.replace('"', "") if not token.startswith("'") else ""
        after = next((t for t in tokens[at + 1 :] if not t.isspace()), "")
        if name in names and before != "." and after != "(":
            made.append(column(name))
        else:
            made.append(token)
        if not token.isspace():
            before = token
    return "".join(made)
