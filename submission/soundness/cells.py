"""Faults of single cells: no number, no kind of question, a text that is missing."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from submission.collection import COLLECTIONS, KINDS
from submission.soundness.forms import suggestion, whole
from submission.soundness.loading import persons_problem, rule_cell_problems
from submission.tables import COLUMNS, Problem, TableRow, Tables

_YES_NO = ("yes", "no")
_YES = ("yes", "")
STEP_KINDS = ("clear", "derive", "helper", "infer", "lookup", "normalise", "output")
PARTS = ("whole", "day", "month", "year", "outcode", "incode")
_KINDS = tuple(sorted(KINDS))
# What a cell may hold, where that is one of a few words.
_ONE_OF: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "questions": {
        "collection": COLLECTIONS,
        "kind": _KINDS,
        **dict.fromkeys(("optional", "derived", "published", "headline", "sensitive"), _YES_NO),
        "person": ("", *"12345678"),
    },
    "codes": {"is_unknown": _YES, "is_refused": _YES},
    "sections": {"collection": COLLECTIONS},
    "placements": {"collection": COLLECTIONS, "kind": _KINDS},
    "upload_columns": {
        "collection": COLLECTIONS,
        "part": PARTS,
        "required_for_setup": _YES_NO,
        "value_type": ("integer", "decimal", "text"),
    },
    "rules": {"collection": COLLECTIONS},
    "derivations": {"collection": COLLECTIONS, "kind": STEP_KINDS},
}
_WORDS = {"kind": "a kind of question", "collection": "a collection"}
_NEEDED = {
    "questions": ("variable", "label", "asked_if", "section", "subsection"),
    "codes": ("list", "code", "label"),
    "sections": ("section", "subsection", "order", "label", "asked_if", "listed_if"),
    "placements": ("section", "subsection", "page", "page_order", "variable", "order", "asked_if"),
    "upload_columns": ("field",),
    "rules": ("id", "fields", "applies_if", "fails_if", "category"),
    "derivations": ("variable", "order", "applies_if", "expression"),
}
_WHOLE = {
    "questions": ("order",),
    "sections": ("order",),
    "placements": ("order", "page_order"),
    "upload_columns": ("field",),
    "derivations": ("order",),
}
_LIMITED = ("questions", "placements")
_CODE = re.compile(r"[A-Za-z0-9_]+")
_SLUG = re.compile(r"[a-z][a-z0-9_]*")
_NAMED = {
    "questions": "variable",
    "codes": "list",
    "sections": "subsection",
    "placements": "page",
    "rules": "id",
}


def cell_problems(tables: Tables) -> Iterator[Problem]:
    """What is wrong with cells that need no other row to be seen."""
    for table in COLUMNS:
        for row in getattr(tables, table):
            yield from _words(table, row)
            yield from _figures(table, row)
            if table in ("rules", "derivations"):
                yield from _people(row)
    for row in tables.rules:
        yield from rule_cell_problems(row)
    yield from _codes(tables.codes)
    for row in tables.questions:
        if row["published"] == "yes" and not row["public_label"].strip():
            words = "a published question needs words for the public; or set published to no"
            yield row.problem("public_label", words)
        if row["headline"] == "yes" and row["published"] != "yes":
            words = "a question that is not published cannot be a headline; set it to no"
            yield row.problem("headline", words)
        if row["kind"] == "choice" and not row["codes"]:
            yield row.problem("codes", "a choice needs a code list of codes.csv")


def _words(table: str, row: TableRow) -> Iterator[Problem]:
    for column, cell in row.values.items():
        if cell.strip() and cell != cell.strip():
            yield row.problem(column, "takes a space too many at its beginning or end")
    for column in _NEEDED[table]:
        if not row[column].strip():
            yield row.problem(column, _lacking(column))
    for column, allowed in _ONE_OF[table].items():
        if row[column] not in allowed:
            what = _WORDS.get(column) if table != "derivations" else None
            listed = ", ".join(each or "nothing" for each in allowed)
            words = f"'{row[column]}' is not {what}; it is" if what else f"'{row[column]}' is not"
            meant = suggestion(row[column], allowed)
            yield row.problem(column, f"{words} one of {listed}{meant}")
    named = _NAMED.get(table)
    if named and row[named] and not _SLUG.fullmatch(row[named]):
        words = f"'{row[named]}' is no name: small letters, figures and underlines, a letter first"
        yield row.problem(named, words)


def _codes(rows: list[TableRow]) -> Iterator[Problem]:
    """The codes of a list are all whole numbers or all texts: that decides how they are kept."""
    lists: dict[str, list[TableRow]] = {}
    for row in rows:
        if row["code"] and not _CODE.fullmatch(row["code"]):
            words = f"'{row['code']}' is no code: letters and figures, such as 12 or E09000001"
            yield row.problem("code", words)
        elif row["code"]:
            lists.setdefault(row["list"], []).append(row)
    for name, listed in lists.items():
        numbers = [row for row in listed if row["code"].isdecimal()]
        texts = [row for row in listed if not row["code"].isdecimal()]
        few, others = sorted((texts, numbers), key=len)
        for row in few:
            kind = "a text" if few is texts else "a number"
            words = f"{row['code']} is {kind}, unlike the other codes of {name}, such as"
            yield row.problem("code", f"{words} {others[0]['code']}; a list has one kind of codes")


def _lacking(column: str) -> str:
    if column in ("asked_if", "listed_if", "applies_if"):
        return "is empty; write TRUE where there is no condition"
    if column == "fails_if":
        return "is empty; say what breaks the rule"
    if column == "expression":
        return "is empty; write NULL where an answer is taken away"
    return "is empty and must not be"


def _figures(table: str, row: TableRow) -> Iterator[Problem]:
    for column in _WHOLE.get(table, ()):
        if row[column] and whole(row, column) is None:
            yield row.problem(column, f"'{row[column]}' is not a whole number")
    if table not in _LIMITED:
        return
    figures: dict[str, Decimal] = {}
    for column in ("min", "max", "step"):
        if row[column]:
            try:
                figures[column] = Decimal(row[column])
            except InvalidOperation:
                yield row.problem(column, f"'{row[column]}' is not a number")
    if figures.get("step", Decimal(1)) <= 0:
        yield row.problem("step", f"{row['step']} is no step; it must be more than 0")
    if "min" in figures and "max" in figures and figures["max"] < figures["min"]:
        words = f"{row['max']} is less than min, which is {row['min']}; no answer would do"
        yield row.problem("max", words)


def _people(row: TableRow) -> Iterator[Problem]:
    wrong = persons_problem(row)
    if wrong:
        yield row.problem("persons", wrong)
    cells = {column: cell for column, cell in row.values.items() if "{n}" in cell}
    if row["persons"] and not cells:
        words = "is for several people, but no cell has {n} for their number; leave this empty"
        yield row.problem("persons", words)
    if not row["persons"] and cells:
        first = next(iter(cells))
        words = "{n} stands for a person's number; say in persons for which, such as 2-8"
        yield row.problem(first, words)
