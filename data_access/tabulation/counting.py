"""What is counted log by log, as SQL that every engine reads.

A release counts thousands of pairs of questions, each by a query of the same form. Ibis takes two
thousandths of a second to write one, longer than it takes to count a small file; so these are
text, and what is made of their results, in a few queries a file, is Ibis expressions.
"""

from collections.abc import Sequence

from data_access.reference.log_types import LOG_TYPES
from data_access.tabulation.coding import Codebook

# Exact: a sum of amounts does not depend on the order that an engine adds them in.
AMOUNT = "decimal(38, 2)"


def types_of(keys: Sequence[str]) -> dict[str, str]:
    """The types of columns that are keys, by name."""
    return {key: "int8" if key in ("quarter", "log_type") else "int16" for key in keys}


def constant(number: int) -> str:
    """A whole number as small as a key."""
    return f"CAST({number} AS SMALLINT)"


def of_types(log_types: Sequence[str], book: Codebook, also: str = "") -> str:
    """WHERE for the logs of some types, with nothing to look at if they are all of a collection."""
    collections = {LOG_TYPES[slug].collection for slug in log_types}
    whole = {slug for slug, kind in LOG_TYPES.items() if kind.collection in collections}
    tests = [also] if also else []
    if whole - set(log_types):
        numbers = sorted(book.log_types.index(slug) for slug in log_types)
        tests.append(f"log_type IN ({', '.join(map(str, numbers))})")
    return f"WHERE {' AND '.join(tests)}" if tests else ""
