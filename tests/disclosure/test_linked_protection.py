"""Questions that share their records, read all together, give away no small count."""

from itertools import product

import numpy as np
import pytest

from disclosure.policy import Policy
from disclosure.protection.components import (
    Answers,
    Component,
    Part,
    column_names,
    vectors_of,
)
from disclosure.protection.removal import removal_of
from disclosure.protection.shape import Ints, Shape
from disclosure.protection.trees import Tree
from disclosure.protection.withholding import withhold
from tests.support.joint_attacker import JointAttacker, Protected

POLICY = Policy()
AREAS = [f"a{region}{number}" for region in range(2) for number in range(4)]
QUARTERS = ["q1", "q2"]
PARENTS = {area: f"r{area[1]}" for area in AREAS} | {"r0": "all", "r1": "all"}
SHAPE = Shape(
    Tree.of([*PARENTS, "all"], PARENTS),
    Tree.of(["year", *QUARTERS], dict.fromkeys(QUARTERS, "year")),
)
PLAIN = [Answers("tenancy", ("fixed", "lifetime", "other"), "none")]
GROUPED = [
    Answers("tenancy", ("fixed", "lifetime", "other"), "none", {"fixed": "rest", "other": "rest"})
]
LENGTH = Answers("length", ("short", "middle", "long"), "none", {}, "tenancy", frozenset({"fixed"}))
GIVEN = Answers("length", ("short", "middle", "long"), "none", {}, "tenancy")


def _everywhere(counts: Ints) -> Ints:
    """Counts of every place and period from those of areas and quarters (areas x quarters x n)."""
    places, periods = SHAPE.places, SHAPE.periods
    full = np.zeros((len(places), len(periods), counts.shape[2]), dtype=np.int64)
    for (a, area), (q, quarter) in product(enumerate(AREAS), enumerate(QUARTERS)):
        full[places.index(area), periods.index(quarter)] = counts[a, q]
    full[:, periods.index("year")] = full.sum(axis=1)
    for node in range(len(places) - 1, 0, -1):
        full[places.parent[node]] += full[node]
    return full


def _component(questions: list[Answers], counts: dict[str, Ints], lowest: bool) -> Component:
    names = column_names(questions)
    at = {name: number for number, name in enumerate(names)}
    table = np.zeros((len(SHAPE.places), len(SHAPE.periods), len(names)), dtype=np.int64)
    exists = np.zeros((3, len(names)), dtype=bool)
    parts = []
    for question in questions:
        full = _everywhere(counts[question.name])
        for number, code in enumerate(question.every):
            column = at[question.name, code]
            table[:, :, column] = full[:, :, number]
            exists[1:, column] = True
            exists[0, column] = lowest and code not in question.groups
            if code in question.groups:
                group = at[question.name, question.groups[code]]
                table[:, :, group] += full[:, :, number]
                exists[0, group] = lowest
        mine = np.array([n for n, (name, _) in enumerate(names) if name == question.name])
        shown = mine[exists[0, mine]]
        parts.append(Part(question.name, shown, mine, True, at[question.name, question.missing]))
    return Component(tuple(names), table, exists, tuple(vectors_of(questions)), tuple(parts))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("questions", "lowest"),
    [
        (PLAIN, True),
        (GROUPED, True),
        ([*PLAIN, LENGTH], True),
        ([*GROUPED, GIVEN], True),
        ([*PLAIN, LENGTH], False),
    ],
    ids=["plain", "grouped", "linked", "grouped and linked", "not at authorities"],
)
def test_no_small_count_and_no_removed_total_can_be_worked_out(
    questions: list[Answers], lowest: bool, seed: int
) -> None:
    random = np.random.default_rng(seed)
    size = random.lognormal(0, 1, len(AREAS))
    logs = random.poisson(9 * size[:, None] * np.ones(len(QUARTERS)))
    records = _everywhere(logs[:, :, None])[:, :, 0]
    base = random.multinomial(logs, random.dirichlet(np.full(4, 0.7)))
    counts = {"tenancy": base}
    if len(questions) > 1:
        gave = base[:, :, :3].sum(axis=2) if not questions[1].given_codes else base[:, :, 0]
        length = random.multinomial(gave, random.dirichlet(np.full(3, 0.7)))
        counts["length"] = np.concatenate([length, (logs - gave)[:, :, None]], axis=2)
    other = [Answers("register", ("yes", "no"), "none")]
    counts["register"] = random.multinomial(logs, random.dirichlet(np.full(3, 0.7)))
    removal = removal_of(SHAPE, records, POLICY)
    parts = []
    for group in (questions, other):
        component = _component(group, counts, lowest or group is other)
        withheld = withhold(SHAPE, removal, records, component, POLICY)
        assert not withheld.dropped
        parts.append(Protected(component, withheld, group))
    attacker = JointAttacker(SHAPE, records, removal, parts)
    for g, t in np.argwhere(removal.removed).tolist():
        least, most = attacker.interval((other[0].name, g, t, None))
        assert least <= records[g, t] <= most
        assert records[g, t] == 0 or (least < most and most >= 3)
    for part in parts:
        component = part.component
        small = (component.counts > 0) & (component.counts < 3)
        small &= component.exists[SHAPE.levels][:, None, :]
        for g, t, c in np.argwhere(small).tolist():
            name, code = component.columns[c]
            least, most = attacker.interval((name, g, t, code))
            assert least <= component.counts[g, t, c] <= most
            assert least < most
            if not removal.removed[g, t]:
                assert most >= 3, (name, code, SHAPE.places.names[g], SHAPE.periods.names[t])
