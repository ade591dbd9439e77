"""What the pages list, one entry for each variable, rule and field, drawn once for each process.

Pages depend on the definition tables alone, and a search leaves entries out and changes none. So
the markup of each entry is kept, and a page is made by joining what is wanted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from markupsafe import Markup

from data_access.reference.periods import year_label
from portal.layout.pages import environment
from submission.collection import YEARS
from submission.documents.dictionary import CodeEntry, Entry, Filling, dictionary
from submission.documents.phrases import listed
from submission.documents.rule_cases import rule_cases
from submission.documents.rule_list import SEVERITIES, RuleEntry, category_label, rule_list
from submission.documents.sheets import (
    asked_in_words,
    fillings_in_words,
    in_words,
    may_be_left,
)
from submission.documents.source import Source, own_source
from submission.documents.upload_specification import NOT_USED, FieldEntry, upload_specification
from submission.documents.words import ALWAYS

# Lists longer than this are folded away, so that a table stays one.
MOST_LISTED = 8
LONGEST_SEARCH = 100


@dataclass(frozen=True)
class Shown:
    """An entry of a page: the group it stands in, the text it is found by, and its markup."""

    group: str
    text: str
    markup: Markup


@dataclass(frozen=True)
class Group:
    """Entries under one heading. `slug` is for its address on the page."""

    slug: str
    title: str
    entries: tuple[Shown, ...]


@cache
def entries_of(document: str, collection: str, year: int) -> tuple[Shown, ...]:
    """All entries of a document (dictionary, rules or upload)."""
    source = own_source(collection, year)
    return {"dictionary": _variables, "rules": _rules, "upload": _fields}[document](source)


def found_by(shown: Sequence[Shown], search: str) -> list[Shown]:
    """Entries that hold every word of a search, in any case."""
    wanted = search[:LONGEST_SEARCH].casefold().split()
    return [entry for entry in shown if all(word in entry.text for word in wanted)]


def in_groups(shown: Sequence[Shown]) -> list[Group]:
    """Entries by group, groups in the order in which they first come."""
    groups: dict[str, list[Shown]] = {}
    for entry in shown:
        groups.setdefault(entry.group, []).append(entry)
    return [
        Group(f"part-{number}", title, tuple(entries))
        for number, (title, entries) in enumerate(groups.items(), start=1)
    ]


def _macro(name: str) -> Any:
    return getattr(environment().get_template("learn/entries.html").module, name)


def _findable(*texts: str) -> str:
    return " ".join(texts).casefold()


def years_in_words(first: int, last: int | None) -> str:
    """Since when and until when, as far as the tables tell; empty for all years."""
    told = []
    if first > YEARS[0]:
        told.append(f"from {year_label(first)}")
    if last is not None and last < YEARS[-1]:
        told.append(f"until {year_label(last)}")
    text = " ".join(told) if first != last else f"in {year_label(first)} only"
    return text[:1].upper() + text[1:]


def _variables(source: Source) -> tuple[Shown, ...]:
    draw = _macro("variable")
    return tuple(_variable(source, entry, draw) for entry in dictionary(source))


def _variable(source: Source, entry: Entry, draw: Any) -> Shown:
    variable = entry.variable
    labels = [code.label for code in entry.codes]
    expressions = [("Asked if", variable.asked_if)] if entry.is_asked else []
    if variable.optional_if:
        expressions.append(("May be left empty if", variable.optional_if))
    expressions += [
        (f"{filling.meaning[:1].upper()}{filling.meaning[1:]}", _working(filling))
        for filling in entry.fillings
        if filling.kind != "clear"
    ]
    markup = draw(
        entry,
        asked=asked_in_words(entry),
        may_be_left=may_be_left(entry) if entry.is_asked else "",
        filled=fillings_in_words(entry),
        answers=_by_condition(entry.codes),
        expressions=[pair for pair in expressions if pair[1] != "true"],
        numbers=_numbers(entry.question_numbers),
        years=years_in_words(entry.first_year, entry.last_year),
        base=_base(source),
        most=MOST_LISTED,
    )
    text = _findable(
        variable.id, variable.label, entry.published.label, entry.published.lowest,
        *entry.published.marks, entry.subsection, entry.kind, asked_in_words(entry), *labels,
        *(f"question {number}" for number in entry.question_numbers),
        *(f"field {number}" for number in entry.upload_fields),
    )  # fmt: skip
    return Shown(entry.subsection, text, markup)


def _working(filling: Filling) -> str:
    """Where the service fills a variable in, and with what."""
    if filling.applies_if.upper() == "TRUE":
        return filling.expression
    return f"{filling.expression}\nwhere {filling.applies_if}"


def _by_condition(codes: Sequence[CodeEntry]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Answers in their order, those that are offered under the same condition together."""
    return [
        (condition, [(code.code, code.label) for code in same])
        for condition, same in groupby(codes, _offered)
    ]


def _numbers(numbers: Sequence[str]) -> str:
    """Such as "Questions 13 and 15": a question has two numbers where forms differ."""
    if not numbers:
        return ""
    in_order = sorted(numbers, key=lambda number: (len(number), number))
    return f"Question{'s' * (len(numbers) > 1)} {listed(in_order, 'and')}"


def _offered(code: CodeEntry) -> str:
    """When a form offers an answer; empty for always."""
    if not code.offered_if or code.offered == ALWAYS:
        return ""
    return f"when {code.offered.text}" if code.offered else "not always offered"


def _rules(source: Source) -> tuple[Shown, ...]:
    draw = _macro("rule")
    by_group: dict[str, list[Shown]] = {}
    # What stops a log from being made at all comes first.
    for rule in sorted(rule_list(source), key=lambda rule: not rule.set_up):
        group = category_label(rule.category)
        by_group.setdefault(group, []).append(_rule(source, rule, group, draw))
    return tuple(entry for entries in by_group.values() for entry in entries)


def _rule(source: Source, rule: RuleEntry, group: str, draw: Any) -> Shown:
    cases = rule_cases(source, rule)
    markup = draw(
        rule,
        severity=SEVERITIES[rule.severity],
        years=years_in_words(rule.first_year, rule.last_year) or "All years",
        cases=cases,
        label_of=year_label,
        base=_base(source),
    )
    text = _findable(
        rule.id, SEVERITIES[rule.severity], rule.message, rule.note, in_words(rule.applies),
        in_words(rule.fails), *rule.variables, *(q.label for q in rule.questions),
    )  # fmt: skip
    return Shown(group, text, markup)


def _fields(source: Source) -> tuple[Shown, ...]:
    draw = _macro("field")
    # A field that is not used stands where its number puts it, under the heading before it.
    shown, group = [], "Setup"
    for entry in upload_specification(source):
        group = entry.section or group
        shown.append(_field(source, entry, group, draw))
    return tuple(shown)


def _field(source: Source, entry: FieldEntry, group: str, draw: Any) -> Shown:
    read = f"when {in_words(entry.read)}" if entry.read_if else ""
    known = source.collection.variables
    markup = draw(
        entry,
        answers=[("", entry.codes)],
        names=[(name, name in known) for name in entry.column.variables],
        read=read,
        base=_base(source),
        most=MOST_LISTED,
        unused=entry.question == NOT_USED,
    )
    text = _findable(
        f"field {entry.column.field}", entry.question, entry.section, entry.accepted,
        entry.change, entry.set_up, read, *entry.column.variables,
    )  # fmt: skip
    return Shown(group, text, markup)


def _base(source: Source) -> str:
    return f"/learn/{source.collection.name}/{source.collection.year}"
