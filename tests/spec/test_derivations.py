"""Every derived value, worked out by hand."""

from functools import cache
from typing import Any

import pytest

from submission.collection import COLLECTIONS, YEARS
from submission.examples import derivation_examples
from submission.requests import Request, check_requests
from submission.rules import derivations

SUBJECTS = sorted({(e.collection, e.subject) for n in COLLECTIONS for e in derivation_examples(n)})
_STORED = frozenset(["infer", "derive", "normalise", "lookup", "clear"])


@cache
def _kept(collection: str) -> dict[int, dict[str, Any]]:
    """What becomes of each example, by its line."""
    examples = derivation_examples(collection)
    results = check_requests([Request.read(example.request()) for example in examples])
    return {
        example.line: {**result["derived"], **result["log"]}
        for example, result in zip(examples, results, strict=True)
    }


def _as_text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


@pytest.mark.parametrize(("collection", "variable"), SUBJECTS)
def test_a_derived_value_is_what_was_worked_out_by_hand(collection: str, variable: str) -> None:
    wrong = []
    for example in derivation_examples(collection):
        if example.subject != variable:
            continue
        kept = _kept(collection)[example.line]
        for name, text in example.expected:
            if _as_text(kept.get(name)) != text:
                wrong.append(
                    f"line {example.line}: {name} should be {text}, not {kept.get(name)}: "
                    f"{example.answers} {example.facts} ({example.because})"
                )
    assert not wrong, "\n".join(wrong)


def test_every_derived_variable_has_an_example() -> None:
    known = {
        (name, step.variable)
        for name in COLLECTIONS
        for year in YEARS
        for step in derivations(name, year)
        if step.kind in _STORED
    }
    shown = {
        (example.collection, name)
        for collection in COLLECTIONS
        for example in derivation_examples(collection)
        for name, _ in example.expected
    }
    lacking = sorted(known - shown)
    assert not lacking, f"{len(lacking)} without an example: {lacking}"
