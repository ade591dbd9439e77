"""Rows of one letting or sale: several in a file, or one of which there is a log already."""

from collections.abc import Mapping, Sequence
from typing import Any

from submission.checker import CheckResult
from submission.duplicates import Key, compared, stored_key
from submission.findings import Finding
from submission.rules import HARD, SETUP
from submission.uploads.layout import Layout

REPEATED, STORED = "row_repeated", "log_exists_already"
_SAME = {
    "lettings": "the same codes, date, address, person 1 and amounts",
    "sales": "the same codes, date, address and buyer 1",
}


def repeated(telling: Sequence[str]) -> dict[int, list[int]]:
    """By position the positions of all rows of one letting or sale, where there are several."""
    places: dict[str, list[int]] = {}
    for at, key in enumerate(telling):
        places.setdefault(key, []).append(at)
    return {at: same for same in places.values() if len(same) > 1 for at in same}


def repeated_finding(made: Layout, others: Sequence[int]) -> Finding:
    """That other rows of the file are of the same letting or sale."""
    what = "letting" if made.is_lettings else "sale"
    words = (
        f"{_rows_in_words(others)} the same {what}: {_SAME[made.collection.name]}. Keep the one "
        "that is right and take the others out."
    )
    return Finding(REPEATED, SETUP, made.telling_variables, words)


def _rows_in_words(rows: Sequence[int]) -> str:
    if len(rows) == 1:
        return f"Row {rows[0]} describes"
    shown = ", ".join(map(str, rows[:5]))
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    return f"Rows {shown}{more} describe"


def tell_stored(
    made: Layout, findings: list[list[Finding]], result: CheckResult, stored: Mapping[Key, Any]
) -> None:
    """Names the rows that describe a log which is there already."""
    if not stored:
        return
    name, year = made.collection.name, made.year
    names = [n for n in compared(name) if n in result.answers]
    columns = [result.answers[n] for n in names]
    for at, values in enumerate(zip(*columns, strict=True)):
        key = stored_key(name, year, dict(zip(names, values, strict=True)))
        if key is None or key not in stored:
            continue
        what = "letting" if made.is_lettings else "sale"
        words = (
            f"Log {stored[key]} is of this {what} already: {_SAME[name]}. Change that log instead, "
            "or correct what differs here."
        )
        findings[at].insert(0, Finding(STORED, HARD, made.telling_variables, words))


def stored_of_context(collection: str, year: int, context: Mapping[str, Any]) -> dict[Key, Any]:
    """Logs that a program says are there already, by what tells them apart."""
    found: dict[Key, Any] = {}
    for number, log in enumerate(context.get("existing_logs") or (), start=1):
        answers = log.get("answers", log.get("log", log))
        if log.get("status") in ("dropped", "deleted", "pending", 3, 4):
            continue
        key = stored_key(collection, year, answers)
        if key is not None:
            found[key] = log.get("id", number)
    return found
