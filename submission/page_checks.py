"""Checking one page of a form as it is saved: only what the page can change, and what comes next.

A whole log is checked when it is submitted. For a page two narrow checkers are enough: one knows
the page's questions, the rules that name them and what those are derived from; the other, shared by
all pages, knows which pages a log is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

import pandas as pd

from submission.checker import Checker, Ranges, Wanted
from submission.collection import Collection, load
from submission.questionnaire import asked_if, placements, set_up_variables
from submission.statements import Mode, Statements, statements, variables_in
from submission.verdicts import Checked

# A narrow checker holds some 10 MB; people work on a few parts of the form at a time.
PAGES_KEPT = 32
# What leads to a log's authority and usual range.
_KEYS = ("la", "la_in_use", "lettype", "beds", "beds_band", "collection_year")
# Whom a message names, and whether questions beyond the set-up are asked.
_ALWAYS = ("hhmemb", "setup_complete")


def check_page(
    collection: str,
    year: int,
    variables: Sequence[str],
    answers: pd.DataFrame,
    facts: Mapping[str, Sequence[Any]],
    saved: Mapping[str, Sequence[Any]],
    ranges: Ranges,
) -> Checked:
    """What there is to say of the page with these variables, and the pages the log is asked.

    `answers` has one row, all that the log holds. The findings are those that name a variable of
    the page, and what lacks in the set-up.
    """
    of_page = _page_checker(collection, year, tuple(sorted(variables)))
    found = of_page.check(answers, facts, Mode.SUBMIT, ranges, Wanted(lost=False), saved)
    routing = _routing_checker(collection, year)
    wanted = Wanted(pages=True, lost=False)
    route = routing.check(answers, facts, Mode.SUBMIT, ranges, wanted, saved)
    names = set(variables)
    mine = [f for f in found.findings[0] if names & set(f.fields)]
    set_up = set_up_variables(load(collection, year))
    lacking = [f for f in route.findings[0] if set(f.fields) & set_up and not set(f.fields) & names]
    return Checked(
        {},
        [finding.as_document() for finding in [*mine, *lacking]],
        frozenset(),
        route.pages[0],
    )


@lru_cache(maxsize=PAGES_KEPT)
def _page_checker(collection: str, year: int, variables: tuple[str, ...]) -> Checker:
    every = statements(collection, year)
    definition = every.collection
    rules = [rule for rule in every.rules if set(variables) & set(rule.fields)]
    names = {*variables, *_ALWAYS}
    for rule in rules:
        names |= {*rule.fields, rule.confirm_field}
        names |= variables_in(rule.applies_if) | variables_in(rule.fails_if)
    for name in variables:
        names |= _conditions(definition, name)
    rule_ids = frozenset(rule.id for rule in rules)
    narrow = Statements(definition, every.closure(names), rule_ids, frozenset(variables))
    if narrow.references:
        narrow = replace(narrow, only=every.closure({*names, *_KEYS}))
    return Checker(narrow)


def _conditions(definition: Collection, name: str) -> set[str]:
    if name not in definition.variables:
        return set()
    found = variables_in(asked_if(definition, name))
    return found | variables_in(definition.variables[name].optional_if)


@cache
def _routing_checker(collection: str, year: int) -> Checker:
    every = statements(collection, year)
    set_up = set_up_variables(every.collection)
    names = {*_ALWAYS, *set_up}
    for _, placement in placements(every.collection):
        names |= variables_in(placement.asked_if)
    for name in set_up:
        names |= _conditions(every.collection, name)
    return Checker(Statements(every.collection, every.closure(names), frozenset(), set_up))
