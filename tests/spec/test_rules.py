"""Every rule: what breaks it, what does not, and what lies at its limit."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache

import pytest

from submission.collection import COLLECTIONS, YEARS
from submission.examples import FIRES, PASSES, Example, rule_examples
from submission.requests import Request, check_requests
from submission.rules import rules

EVERY = [example for name in COLLECTIONS for example in rule_examples(name)]
SUBJECTS = sorted({(example.collection, example.subject) for example in EVERY})


@cache
def _broken(collection: str) -> dict[int, set[str]]:
    """Rules broken by each example, by its line; all are checked as one frame a year."""
    examples = rule_examples(collection)
    results = check_requests([Request.read(example.request()) for example in examples])
    return {
        example.line: {finding["rule"] for finding in result["findings"]}
        for example, result in zip(examples, results, strict=True)
    }


def _in_words(example: Example) -> str:
    return f"line {example.line}: {example.answers} {example.facts} ({example.because})"


@pytest.mark.parametrize(("collection", "rule"), SUBJECTS)
def test_a_rule_fires_and_passes_as_its_examples_say(collection: str, rule: str) -> None:
    wrong = [
        f"{_in_words(example)} should have {example.outcome}"
        for example in rule_examples(collection)
        if example.subject == rule
        and (rule in _broken(collection)[example.line]) != (example.outcome == FIRES)
    ]
    assert not wrong, "\n".join(wrong)


def test_every_rule_has_examples_on_both_sides_and_at_its_limit() -> None:
    known = {
        (name, rule.id) for name in COLLECTIONS for year in YEARS for rule in rules(name, year)
    }
    by_rule = defaultdict(list)
    for example in EVERY:
        by_rule[example.collection, example.subject].append(example)
    assert set(by_rule) - known == set(), "examples of no rule"
    lacking = [
        f"{collection} {rule}: {', '.join(lacks)}"
        for collection, rule in sorted(known)
        if (lacks := _lacks(by_rule[collection, rule]))
    ]
    assert not lacking, "\n".join(lacking)


def _lacks(examples: Iterable[Example]) -> list[str]:
    outcomes = {example.outcome for example in examples}
    found = [outcome for outcome in (FIRES, PASSES) if outcome not in outcomes]
    if not any(example.at_limit for example in examples):
        found.append("at its limit")
    return found
