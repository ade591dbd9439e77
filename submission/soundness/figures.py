"""Faults of what is said of figures: levels, marks, codes counted, and groups of codes."""

import re
from collections.abc import Iterator

from data_access.questions import NOT_ANSWERED
from data_access.reference.log_types import LOG_TYPES
from submission.tables import Problem, TableRow, Tables

LEVELS = ("england", "region", "local_authority")
# What a question of which figures are made must say, and any other leaves empty.
_MARKS = ("personal", "commercial", "crossable")
_DETAILS = ("counted_for", "counted_codes", "rest_label", "answered_with")
_GROUP = re.compile(r"[a-z][a-z0-9_]*")
_AUTHORITY = "local_authority"


def figures_problems(tables: Tables) -> Iterator[Problem]:
    """What is wrong with the columns that say how figures are made."""
    lists: dict[str, set[str]] = {}
    for row in tables.codes:
        lists.setdefault(row["list"], set()).add(row["code"])
    published = {
        (row["collection"], row["variable"]): row
        for row in tables.questions
        if row["published"] == "yes"
    }
    for row in tables.questions:
        if row["published"] == "yes":
            yield from _counted(row, lists.get(row["codes"], set()))
            yield from _answered_with(row, published, lists)
        elif row["published"] == "no":
            yield from _left_out(row)
    yield from _groups(tables.codes, lists)


def _left_out(row: TableRow) -> Iterator[Problem]:
    if not row["figures_note"].strip():
        words = "say why no figures are made of the question, or set published to yes"
        yield row.problem("figures_note", words)
    for column in ("lowest_level", *_MARKS, *_DETAILS):
        if row[column]:
            words = "no figures are made of the question; leave this empty or set published to yes"
            yield row.problem(column, words)


def _counted(row: TableRow, codes: set[str]) -> Iterator[Problem]:
    if row["lowest_level"] not in LEVELS:
        words = f"'{row['lowest_level']}' is not a level; it is one of {', '.join(LEVELS)}"
        yield row.problem("lowest_level", words)
    elif row["sensitive"] == "yes" and row["lowest_level"] != "england":
        words = "a sensitive question has figures of England alone; write england"
        yield row.problem("lowest_level", words)
    for column in _MARKS:
        if row[column] not in ("yes", "no"):
            words = f"'{row[column]}' is not one of yes, no: figures are made of the question"
            yield row.problem(column, words)
    if row["crossable"] == "yes" and not row["codes"]:
        yield row.problem("crossable", "only a question with codes can be crossed; write no")
    if row["lowest_level"] != _AUTHORITY and not row["figures_note"].strip():
        words = "say why local authorities have no figures of the question"
        yield row.problem("figures_note", words)
    types = {slug for slug, kind in LOG_TYPES.items() if kind.collection == row["collection"]}
    yield from _unknown(row, "counted_for", row["counted_for"], types, "log type")
    yield from _unknown(row, "counted_codes", row["counted_codes"], codes, "code")
    if bool(row["counted_codes"]) != bool(row["rest_label"].strip()):
        words = "codes that are counted and a label for the rest go together"
        yield row.problem("rest_label", words)


def _answered_with(
    row: TableRow, published: dict[tuple[str, str], TableRow], lists: dict[str, set[str]]
) -> Iterator[Problem]:
    if not row["answered_with"]:
        return
    name, _, codes = row["answered_with"].partition("=")
    other = published.get((row["collection"], name))
    if other is None or name == row["variable"]:
        words = f"there are no figures of another question {name}"
        yield row.problem("answered_with", words)
    else:
        known = lists.get(other["codes"], set())
        yield from _unknown(row, "answered_with", codes, known, "code")


def _unknown(
    row: TableRow, column: str, text: str, known: set[str], what: str
) -> Iterator[Problem]:
    for part in filter(None, text.split(";")):
        if part.strip() not in known:
            yield row.problem(column, f"there is no {what} {part.strip()} here")


def _groups(codes: list[TableRow], lists: dict[str, set[str]]) -> Iterator[Problem]:
    labels: dict[tuple[str, str], str] = {}
    of: dict[tuple[str, str], str] = {}
    for row in codes:
        group, label = row["authority_group"], row["authority_group_label"]
        code = (row["list"], row["code"])
        if of.setdefault(code, group) != group:
            words = f"code {row['code']} is in another group in other years; it has one"
            yield row.problem("authority_group", words)
        if not group and not label:
            continue
        if not _GROUP.fullmatch(group):
            words = f"'{group}' is no name: small letters, figures and underlines, a letter first"
            yield row.problem("authority_group", words)
        elif group in lists[row["list"]] or group == NOT_ANSWERED:
            words = f"'{group}' is a code of the list; give the group another name"
            yield row.problem("authority_group", words)
        if not label.strip():
            yield row.problem("authority_group_label", "is empty; a group needs words")
        elif labels.setdefault((row["list"], group), label) != label:
            words = f"the group {group} is called '{labels[row['list'], group]}' elsewhere"
            yield row.problem("authority_group_label", words)
        if row["is_unknown"] == "yes" or row["is_refused"] == "yes":
            words = "who does not say is counted as not answered; leave this empty"
            yield row.problem("authority_group", words)
