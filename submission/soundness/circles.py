"""Derivations that are worked out from one another, so that no order of theirs is right.

Derivations run in their order, and one may well be derived anew from itself: rounded, tidied,
overruled by a later step. What must not be is a value that comes back to where it started without
having been made anew in between: it would depend on how often it is worked out. Helpers are worked
out whenever they are read and have no order, so that any circle among them never ends.

Steps up to a certain order run once. There a value that is read before its own step is the one
given, and no circle can close; only the steps that run again and again until nothing changes are
held against one another. What a value *is* made of counts, not the condition on which it is made:
"nought where another charge is given" settles, however many charges say so of each other.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TypeVar

from submission.expressions import names_in, parse_problem
from submission.questionnaire import spelt_out
from submission.soundness.forms import YEAR_NAMES, Form, Step
from submission.statements import FIRST_LOOKED_UP, FIRST_REPEATED
from submission.tables import Problem

Node = TypeVar("Node")


def circle_problems(forms: Iterable[Form]) -> Iterator[Problem]:
    """Circles among helpers and among repeated steps, each told at every step in it."""
    for form in forms:
        yield from _among_helpers(form)
        yield from _among_steps(form)


@cache
def _names(text: str) -> frozenset[str]:
    told = spelt_out(text)
    return frozenset() if parse_problem(told) else frozenset(names_in(told))


def _among_helpers(form: Form) -> Iterator[Problem]:
    reads = {
        name: {
            read
            for step in steps
            for text in (step.applies_if, step.expression)
            for read in _names(text)
            if read in form.helpers and read not in YEAR_NAMES
        }
        for name, steps in form.helpers.items()
        if name not in YEAR_NAMES
    }
    for circle in _circles(reads):
        for name in circle:
            for step in form.helpers[name]:
                for column in ("applies_if", "expression"):
                    read = sorted(_names(step.row[column]) & set(circle))
                    if read:
                        yield step.row.problem(column, _words(name, read[0], circle))


def _among_steps(form: Form) -> Iterator[Problem]:
    last = FIRST_LOOKED_UP[form.collection]
    steps = [
        step
        for step in form.steps
        if step.kind not in ("helper", "output") and FIRST_REPEATED <= step.order < last
    ]
    by_name: dict[str, list[int]] = {}
    for at, step in enumerate(steps):
        by_name.setdefault(step.variable, []).append(at)
    reads: dict[int, set[int]] = {}
    for at, step in enumerate(steps):
        found: set[int] = set()
        for name in _values_read(step, form):
            there = by_name.get(name, [])
            # A value that was made anew in this round is that; otherwise it is the last round's.
            earlier = [other for other in there if steps[other].order < step.order]
            found |= set(earlier or there)
        reads[at] = found
    for circle in _circles(reads):
        names = list(dict.fromkeys(steps[at].variable for at in circle))
        for at in circle:
            step = steps[at]
            from_it = next(steps[other].variable for other in sorted(reads[at]) if other in circle)
            yield step.row.problem("expression", _words(step.variable, from_it, names))


def _values_read(step: Step, form: Form) -> set[str]:
    """Variables whose values go into a step's value, those read by its helpers included."""
    found: set[str] = set()
    waiting = [*_names(step.expression)]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in form.helpers:
            for helper in form.helpers[name]:
                waiting += _names(helper.expression)
        else:
            found.add(name)
    return found


def _words(name: str, read: str, circle: list[str]) -> str:
    if len(circle) == 1:
        return (
            f"{name} is worked out from itself, anew each time; name what it is made of, or make "
            "it anew in an earlier step"
        )
    return (
        f"{name} is worked out from {read}, and that from {name} in the end: "
        f"{', '.join(circle)} go round in a circle; take one of them out"
    )


def _circles(reads: Mapping[Node, set[Node]]) -> Iterator[list[Node]]:
    """Groups in which each leads to each other, and single ones that lead to themselves."""
    reach = {node: _reached(node, reads) for node in reads}
    told: set[Node] = set()
    for node in reads:
        if node in told or node not in reach[node]:
            continue
        circle = [other for other in reads if other in reach[node] and node in reach[other]]
        told.update(circle)
        yield circle


def _reached(node: Node, reads: Mapping[Node, set[Node]]) -> set[Node]:
    found: set[Node] = set()
    waiting = [*reads[node]]
    while waiting:
        other = waiting.pop()
        if other not in found:
            found.add(other)
            waiting += reads.get(other, set())
    return found
