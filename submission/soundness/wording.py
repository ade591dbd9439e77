"""Texts that people read: that they are there, and speak of questions by words."""

import re
from collections.abc import Iterable, Iterator, Sequence

from submission.soundness.forms import Form
from submission.tables import Problem, TableRow, Tables

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\{n\})?")
_LONG_ENOUGH = 12


def wording_problems(tables: Tables, forms: Sequence[Form]) -> Iterator[Problem]:
    """Messages and labels that name a variable, a code list or a rule by its identifier.

    Some identifiers are words too ("mortgage", "tenancy"). One that has only letters counts as a
    word when a label of some question or answer uses it as one.
    """
    labels = [row["label"] for row in (*tables.questions, *tables.codes, *tables.sections)]
    words = {word.lower() for label in labels for word in re.findall(r"[A-Za-z]+", label)}
    identifiers = {
        name
        for form in forms
        for name in (*form.of_any_year, *form.worked_out, *(r["id"] for r in form.rows("rules")))
    }
    for row in tables.rules:
        yield from _names(row, "message", identifiers, words)
        if 0 < len(row["message"].strip()) < _LONG_ENOUGH:
            yield row.problem("message", "is too short to say what is wrong and how to mend it")
        if "{" in row["message"].replace("{n}", ""):
            yield row.problem("message", "holds a brace; only {n} is filled in, by the person")
    for row in tables.questions:
        yield from _names(row, "label", identifiers, frozenset())
        yield from _names(row, "public_label", identifiers, frozenset())


def _names(
    row: TableRow, column: str, identifiers: set[str], words: Iterable[str]
) -> Iterator[Problem]:
    known = frozenset(words)
    for found in dict.fromkeys(_WORD.findall(row[column])):
        name = found.replace("{n}", "1")
        is_plain = name.isalpha()
        if name in identifiers and (not is_plain or (known and name not in known)):
            words_for = "write the words by which people know it"
            yield row.problem(column, f"names {found} by its identifier; {words_for}")
