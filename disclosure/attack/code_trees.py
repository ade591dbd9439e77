"""Codes of a release's questions as trees, from its dictionary."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from disclosure.attack.axes import Axis, Sum, axis

TOTAL, ANSWERED, NOT_ANSWERED = "total", "answered", "not_answered"
_EITHER = " or "


@dataclass(frozen=True)
class CodeTree:
    """`axis`: total, answered, groups, fine codes. `fine`: as crossed, without groups.

    Exactly the records that stand at `answered` here stand at `same_as` in the question
    `answered_with` (empty: none is known to have the same answerers).
    """

    axis: Axis
    fine: Axis
    answered: str = ANSWERED
    answered_with: str = ""
    same_as: str = ""


def code_trees(dictionary: Mapping[str, dict[str, Any]]) -> dict[str, CodeTree]:
    """The tree of each question by name, from the dictionary's entries by name."""
    gave: dict[str, dict[str, tuple[str, ...]]] = {}
    same: dict[str, str] = {}
    for name, question in dictionary.items():
        other = question.get("answered_with", "")
        if other not in dictionary:
            continue
        codes = tuple(question.get("answered_codes", ()))
        same[name] = _EITHER.join(codes) if codes else ANSWERED
        if len(codes) > 1:
            gave.setdefault(other, {})[same[name]] = codes
    return {
        name: _tree(question, gave.get(name, {}), same.get(name, ""))
        for name, question in dictionary.items()
    }


def _tree(question: dict[str, Any], gave: dict[str, tuple[str, ...]], same_as: str) -> CodeTree:
    codes = [str(code) for code, _ in question["codes"]]
    groups = {str(code): str(group) for code, group in question.get("groups", ())}
    split = Sum(TOTAL, (ANSWERED, NOT_ANSWERED))
    sums = [split]
    top: list[str] = []
    if codes:
        top = list(dict.fromkeys(groups.get(code, code) for code in codes))
        sums.append(Sum(ANSWERED, tuple(top)))
    for group in dict.fromkeys(groups.values()):
        sums.append(Sum(group, tuple(code for code in codes if groups.get(code) == group)))
    sums += [Sum(name, members) for name, members in gave.items()]
    nodes = dict.fromkeys([TOTAL, ANSWERED, NOT_ANSWERED, *top, *codes, *gave])
    whole = axis(list(nodes), sums)
    fine_sums = [Sum(TOTAL, (*codes, NOT_ANSWERED))]
    return CodeTree(
        axis=_rooted(whole),
        fine=axis([TOTAL, *codes, NOT_ANSWERED], fine_sums),
        answered_with=question.get("answered_with", "") if same_as else "",
        same_as=same_as,
    )


def _rooted(one: Axis) -> Axis:
    """The total alone is a root: what some question's answerers gave is a sum below it."""
    depth = one.depth.copy()
    depth[1:][depth[1:] == 0] = 1
    return Axis(one.nodes, depth, one.parents, one.starts, one.members, one.valid)
