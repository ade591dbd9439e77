"""The SQL expressions of the definition tables: whether they parse, what they name, rewriting."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import duckdb

_local = threading.local()
# What an expression of the tables is made of. Anything else would break where it is put into the
# checker's queries, or look at other rows than its own.
_KINDS = frozenset(
    "BETWEEN CASE CAST COLUMN_REF COMPARISON CONJUNCTION CONSTANT FUNCTION OPERATOR TYPE".split()
)
# Strings, quoted names, names with their dots, and single other signs.
_TOKEN = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[A-Za-z_]\w*(?:\.(?:[A-Za-z_]\w*|\"[^\"]+\"))*|\s+|."
)

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_COMMENT = re.compile(r"--|/\*")


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


@cache
def parse_problem(expression: str) -> str:
    """What is wrong with the spelling of an expression; empty when it parses."""
    parsed = _parsed(expression)
    if parsed["error"]:
        return f"the expression does not parse: {parsed['error_message']}"
    if not _is_one_value(parsed["statements"]):
        return "the expression does not parse: it must be one condition or value, and nothing more"
    if _COMMENT.search(_QUOTED.sub("", expression)):
        return "the expression holds a comment; move it to a column of its own"
    strange = sorted({node["class"] for node in nodes(parsed["statements"])} - _KINDS)
    if strange:
        words = ", ".join(kind.lower().replace("_", " ") for kind in strange)
        return (
            f"the expression holds a {words}; write it with answers, comparisons, CASE and "
            "functions alone"
        )
    return ""


def _is_one_value(statements: list[Any]) -> bool:
    """Whether SELECT and the expression make a query of one unnamed value and no table."""
    node = statements[0]["node"]
    if len(statements) != 1 or node.get("type") != "SELECT_NODE":
        return False
    beside = ("where_clause", "having", "sample", "qualify", "modifiers", "group_expressions")
    return (
        len(node["select_list"]) == 1
        and not node["select_list"][0]["alias"]
        and node["from_table"]["type"] == "EMPTY"
        and not any(node[part] for part in beside)
    )


def tree(expression: str) -> Any:
    """The parsed expression as DuckDB's nodes: each a dict with its `class` and `type`."""
    return _parsed(expression)["statements"][0]["node"]["select_list"][0]


def text_of(node: Any) -> str:
    """A node of a parsed expression as SQL."""
    query = _parsed("1")
    select = {**query["statements"][0]["node"], "select_list": [node]}
    whole = {**query, "statements": [{**query["statements"][0], "node": select}]}
    found = _duck().execute("SELECT json_deserialize_sql(?::JSON)", [json.dumps(whole)]).fetchone()
    return str(found[0]).removeprefix("SELECT ") if found else ""


def nodes(node: Any, kind: str = "") -> Iterator[dict[str, Any]]:
    """All nodes beneath and including one, of a class when one is named."""
    if isinstance(node, dict):
        if "class" in node and (not kind or node["class"] == kind):
            yield node
        for value in node.values():
            if isinstance(value, dict | list):
                yield from nodes(value, kind)
    elif isinstance(node, list):
        for value in node:
            yield from nodes(value, kind)


@cache
def references_in(expression: str) -> frozenset[str]:
    """All names of columns, with their dots: `age1`, `saved.age1`, `scheme.status_today`."""
    found = nodes(_parsed(expression), "COLUMN_REF")
    return frozenset(".".join(node["column_names"]) for node in found)


def names_in(expression: str) -> set[str]:
    """The variables that an expression names (not functions, not values such as saved.age1)."""
    return {name for name in references_in(expression) if "." not in name}


@cache
def functions_in(expression: str) -> frozenset[str]:
    """The functions that an expression calls, operators left out."""
    return frozenset(
        node["function_name"]
        for node in nodes(_parsed(expression), "FUNCTION")
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
