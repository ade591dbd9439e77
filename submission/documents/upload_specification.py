"""The upload specification: what each numbered field of a layout holds and what becomes of it.

The table `upload_columns` tells in its column "normalisation", clause by clause, how a value is
changed ("1 -> 1; 2 -> 0"). From those clauses and the code lists this module says which values a
field takes, as they stand in a file.
"""

import re
from dataclasses import dataclass
from functools import cache
from itertools import takewhile

from submission.collection import Subsection, UploadColumn
from submission.documents.dictionary import Entry, dictionary, limits_of
from submission.documents.source import Source
from submission.documents.words import Words

NOT_USED = "Not used"
MOST_CODES_SHOWN = 60
_PARTS = {
    "day": "day",
    "month": "month",
    "year": "year",
    "outcode": "first half",
    "incode": "second half",
}
_OF_PARTS = {
    "day": "1 to 31",
    "month": "1 to 12",
    "outcode": "First half of a postcode, such as SW1A",
    "incode": "Second half of a postcode, such as 2AA",
}
_OF_KINDS = {
    "integer": "Whole number",
    "decimal": "Number",
    "money": "Amount in pounds",
    "derived": "Number",
    "date": "Date",
}
_ARROW = re.compile(
    r"(?:with .*: )?(\d+|[A-Z])(?: or (\d+))? -> (?:\w+ )?(\d+|[A-Z])(?: \((.*)\))?"
)
_SHIFT = re.compile(r"stored code = upload code - 1 \((\d+)-(\d+)\)")
_LETTERS = re.compile(r"letter stored as given: (.*)")
_RANGE = re.compile(r"(?:read when .*: )?(\d+)-(\d+)(?: when .*)?")
_ONE_OF_A_QUESTION = re.compile(r"(\d+) -> (\w+) = (\w+)(?: \(.*\))?")
# Conditions in the words of the table, as the expressions of the other tables.
_READ_WHEN = re.compile(r"(?:read when|ignored unless|kept only when) (.+)")
_IS_NOT = re.compile(r"(\w+) is not (\w+)")
_SET_UP_WHEN = "setup requirement: "


@dataclass(frozen=True)
class FieldEntry:
    """One field. `read` is None when it is read in every record, or there are no words for when.

    `codes` are pairs of what stands in a file and what it means; empty where there is no list, or
    where the list is too long to show.
    """

    column: UploadColumn
    section: str
    question: str
    accepted: str
    codes: tuple[tuple[str, str], ...]
    change: str
    set_up: str
    read_if: str
    read: Words | None

    @property
    def variable(self) -> str:
        """The variable that the field is mainly for; empty for a field that is not used."""
        return self.column.variables[0] if self.column.variables else ""


def clauses(column: UploadColumn) -> list[str]:
    """The clauses of what is done to a value."""
    return [part.strip() for part in column.normalisation.split(";") if part.strip()]


@cache
def upload_specification(source: Source) -> tuple[FieldEntry, ...]:
    """Every field of the layout, in order."""
    entries = {entry.variable.id: entry for entry in dictionary(source)}
    return tuple(_entry(source, column, entries) for column in source.collection.upload_columns)


def _entry(source: Source, column: UploadColumn, entries: dict[str, Entry]) -> FieldEntry:
    known = [entries[name] for name in column.variables if name in entries]
    codes = _codes(source, column)
    read_if = _read_if(column)
    part = _part(source, known, read_if)
    section = part.label if part else next((e.subsection for e in known if e.is_asked), "")
    return FieldEntry(
        column,
        section,
        _question(source, column),
        _accepted(source, column, codes, _limits(source, known, part)),
        codes if len(codes) <= MOST_CODES_SHOWN else (),
        _change(source, column, read_if),
        _set_up(column),
        read_if,
        source.conditions.words(read_if) if read_if else None,
    )


def _part(source: Source, known: list[Entry], read_if: str) -> Subsection | None:
    """Where the form asks it: of several places, the one under the field's own condition."""
    if not known:
        return None
    slugs = [
        page.subsection
        for page in source.collection.pages
        for placement in page.placements
        if placement.variable == known[0].variable.id
    ]
    parts = [part for part in source.collection.subsections if part.slug in slugs]
    wanted = read_if.replace("staircase IS DISTINCT FROM 1", "staircase = 2").split(" AND ")
    return max(parts, key=lambda part: sum(test in part.asked_if for test in wanted), default=None)


def _limits(source: Source, known: list[Entry], part: Subsection | None) -> str:
    """The limits where the form asks it, which may be others elsewhere in the form."""
    if not known:
        return ""
    variable = known[0].variable
    placements = [
        placement
        for page in source.collection.pages
        for placement in page.placements
        if part and page.subsection == part.slug and placement.variable == variable.id
    ]
    return limits_of(variable, placements)


def _question(source: Source, column: UploadColumn) -> str:
    if not column.variables:
        return NOT_USED
    name = column.variables[0]
    label = source.conditions.label(name).removesuffix(f" ({source.collection.year})")
    answer = _one_answer(source, column)
    if answer:
        return f"{label}: {answer}"
    return f"{label}: {_PARTS[column.part]}" if column.part in _PARTS else label


def _one_answer(source: Source, column: UploadColumn) -> str:
    """The answer that the field stands for, where one question has a field for each answer."""
    if source.collection.name != "lettings" or not column.variables:
        return ""
    for clause in clauses(column):
        found = _ONE_OF_A_QUESTION.fullmatch(clause)
        if found and found[1] == "1" and found[2] == column.variables[0]:
            labels = {code.code: code.label for code in source.collection.codes(found[2])}
            return labels.get(found[3], "")
    return ""


def _codes(source: Source, column: UploadColumn) -> tuple[tuple[str, str], ...]:
    """What may stand in the file, with its meaning, where the field takes codes."""
    if not column.variables or column.part in _PARTS:
        return ()
    name = column.variables[0]
    if name not in source.collection.variables:
        return ()
    stored = {code.code: code.label for code in source.collection.codes(name)}
    told = clauses(column)
    if _one_answer(source, column):
        return (("1", "Yes"),)
    if told and told[0] in ("1 = shown", "1 -> 1") and "2 -> 0" not in told:
        return (("1", "Yes"),)
    if "0 or 1" in told:
        return (("1", "Yes"), ("0", "No"))
    # Only the first clauses are about the value itself; later ones tell what else is set.
    leading = takewhile(bool, (_ARROW.fullmatch(clause) for clause in told))
    arrows = [found for found in leading if found is not None]
    kind = source.collection.variables[name].kind
    if kind == "checkbox":
        stored = {"1": "Yes", "0": "No"} if len(stored) > 1 or arrows else {"1": "Yes"}
    if arrows and "otherwise stored as given" not in told:
        return tuple(
            (given, stored.get(found[3], found[4] or found[3]))
            for found in arrows
            for given in (found[1], found[2])
            if given and (found[3] in stored or found[4])
        )
    for clause in told:
        shift, letters, codes = (p.fullmatch(clause) for p in (_SHIFT, _LETTERS, _RANGE))
        if shift:
            given = range(int(shift[1]), int(shift[2]) + 1)
            return tuple((str(n), stored[str(n - 1)]) for n in given if str(n - 1) in stored)
        if letters:
            listed = re.split(r", | or ", letters[1])
            return tuple((letter, stored.get(letter, "")) for letter in listed)
        if codes and name.startswith("referral"):
            within = range(int(codes[1]), int(codes[2]) + 1)
            both = [c for c in told if _RANGE.fullmatch(c)]
            if len(both) > 1:
                break
            return tuple((c, label) for c, label in stored.items() if int(c) in within)
    refused = [("R", stored["0"])] if "R -> 0" in told and "0" in stored else []
    shown = [(c, label) for c, label in stored.items() if not (refused and c == "0")]
    return (*shown, *refused)


def _accepted(
    source: Source, column: UploadColumn, codes: tuple[tuple[str, str], ...], limits: str
) -> str:
    if not column.variables:
        return "Nothing: leave it empty"
    name = column.variables[0]
    variable = source.collection.variables.get(name)
    year = source.collection.year
    if column.part == "year":
        if name in ("startdate", "saledate"):
            return f"{year % 100} or {year % 100 + 1}; four digits are read too"
        return f"Two digits, such as {year % 100}, or four"
    if column.part in _OF_PARTS:
        return _OF_PARTS[column.part]
    told = clauses(column)
    also_r = _takes_r(told)
    if "area code" in told:
        return "A nine-character code of an area, such as E09000011"
    if "country code" in told:
        return "A country's 3-digit ISO number, such as 826 for the United Kingdom; 0 = not said"
    if len(codes) > MOST_CODES_SHOWN:
        return f"A code of the list “{variable.label if variable else name}”"
    if codes and len(codes) <= MOST_CODES_SHOWN:
        shown = "; ".join(f"{code} = {label}" if label else code for code, label in codes)
        return shown if len(codes) > 1 else f"{codes[0][0]}, or empty"
    if variable is None:
        return "Text"
    if variable.kind == "lookup" and told and "->" not in told[0]:
        return _fields(told[0][0].upper() + told[0][1:])
    if variable.kind == "money":
        limits = limits.replace(", in steps of 0.01", "")
    limits = limits.replace("on other pages", "elsewhere in the form")
    kind = _OF_KINDS.get(variable.kind, "Text")
    return kind + (f": {limits}" if limits else "") + also_r


def _fields(text: str) -> str:
    """The glossary's word for a numbered column."""
    return re.sub(r"\bcolumn(s?)\b", r"field\1", text)


def _change(source: Source, column: UploadColumn, read_if: str) -> str:
    """What is done to a value, without what other parts of the entry say already."""
    told = clauses(column)
    variable = source.collection.variables.get(column.variables[0]) if column.variables else None
    if variable and variable.kind == "lookup" and told and "->" not in told[0]:
        told = told[1:]
    if read_if and source.conditions.words(read_if):
        told = [clause for clause in told if not _READ_WHEN.fullmatch(clause) or ":" in clause]
    told = [clause for clause in told if not clause.startswith(_SET_UP_WHEN)]
    return _fields("; ".join(told)).replace("->", "→")


def _takes_r(told: list[str]) -> str:
    for clause in told:
        if clause.startswith("R -> ") or "number or R" in clause:
            return ", or R when it is not known or not said"
    return ""


def _set_up(column: UploadColumn) -> str:
    """ "No", "Yes" or when: of a row that lacks a set-up value no log is made."""
    if not column.required_for_setup:
        return "No"
    for clause in clauses(column):
        if clause.startswith(_SET_UP_WHEN):
            when = _fields(clause.removeprefix(_SET_UP_WHEN))
            if when.startswith(("when", "only when")):
                return f"Yes, {when}"
            return "Yes: must be 1" if when == "must be 1" else f"Yes, for {when}"
    return "Yes"


def _read_if(column: UploadColumn) -> str:
    """The condition under which the field is looked at, as an expression; empty for always."""
    for clause in clauses(column):
        found = _READ_WHEN.fullmatch(clause)
        if found is None or ":" in clause:
            continue
        told = found[1].replace("the reason column is", "reason =")
        told = _IS_NOT.sub(r"\1 IS DISTINCT FROM \2", told)
        if re.fullmatch(r"column \d+ is \d+", told):
            return ""
        return told.replace(" and ", " AND ")
    return ""
