"""An attacker who reads all questions of a log type at once, in whole numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from disclosure.protection.components import Answers, Component
from disclosure.protection.removal import Removal
from disclosure.protection.shape import Ints, Shape
from disclosure.protection.trees import Tree
from disclosure.protection.withholding import Withheld

Cell = tuple[str, int, int, str | None]


@dataclass(frozen=True)
class Protected:
    """A component, what is withheld of it, and its questions."""

    component: Component
    withheld: Withheld
    questions: Sequence[Answers]


class JointAttacker:
    """Everything that is public of some components of one family, as equations.

    A cell is (question, place, period, code); code None is the total.
    """

    def __init__(
        self, shape: Shape, records: Ints, removal: Removal, parts: Sequence[Protected]
    ) -> None:
        self._shape = shape
        self._questions = {q.name: q for part in parts for q in part.questions}
        self._number = {
            key: n
            for n, key in enumerate(
                (name, g, t, code)
                for name, question in self._questions.items()
                for g, t in product(shape.places.leaves, shape.periods.leaves)
                for code in question.every
            )
        }
        self._rows: list[list[tuple[int, int]]] = []
        self._right: list[int] = []
        first = next(iter(self._questions))
        for name, question in self._questions.items():
            for g, t in product(range(len(shape.places)), range(len(shape.periods))):
                if not removal.removed[g, t]:
                    self._add(self._members((name, g, t, None)), int(records[g, t]))
            for g, t in product(shape.places.leaves, shape.periods.leaves):
                if name != first:
                    self._same((name, g, t, None), (first, g, t, None))
                above = self._questions.get(question.given_by)
                if above is None:
                    continue
                gave = [c for c in above.codes if c in (question.given_codes or above.codes)]
                self._add(
                    [(self._number[name, g, t, c], 1) for c in question.codes]
                    + [(self._number[above.name, g, t, c], -1) for c in gave],
                    0,
                )
        for part in parts:
            component, hidden = part.component, part.withheld.hidden
            for g, t in product(range(len(shape.places)), range(len(shape.periods))):
                if removal.removed[g, t]:
                    continue
                for column, (name, code) in enumerate(component.columns):
                    if component.exists[shape.levels[g], column] and not hidden[g, t, column]:
                        count = int(component.counts[g, t, column])
                        self._add(self._members((name, g, t, code)), count)
        entries = [
            (row, column, sign) for row, terms in enumerate(self._rows) for column, sign in terms
        ]
        at = np.array(entries).T
        matrix = csr_matrix((at[2], (at[0], at[1])), (len(self._rows), len(self._number)))
        self._constraints = LinearConstraint(matrix, self._right, self._right)

    def interval(self, cell: Cell) -> tuple[int, float]:
        """The least and most that a cell can be."""
        costs = np.zeros(len(self._number))
        for column, sign in self._members(cell):
            costs[column] += sign
        ends = []
        for turned in (costs, -costs):
            found = milp(
                turned,
                constraints=self._constraints,
                integrality=np.ones(len(costs)),
                bounds=Bounds(0, np.inf),
            )
            ends.append(np.inf if found.fun is None else round(float(found.fun)))
        return int(ends[0]), ends[1] if ends[1] == np.inf else -ends[1]

    def _add(self, terms: list[tuple[int, int]], right: int) -> None:
        self._rows.append(terms)
        self._right.append(right)

    def _same(self, one: Cell, other: Cell) -> None:
        self._add(self._members(one) + [(n, -s) for n, s in self._members(other)], 0)

    def _members(self, cell: Cell) -> list[tuple[int, int]]:
        name, g, t, code = cell
        question = self._questions[name]
        if code is None:
            codes: Sequence[str] = question.every
        elif code in question.every:
            codes = (code,)
        else:
            codes = [c for c, group in question.groups.items() if group == code]
        return [
            (self._number[name, place, period, c], 1)
            for place in _below(self._shape.places, g)
            for period in _below(self._shape.periods, t)
            for c in codes
        ]


def _below(tree: Tree, node: int) -> list[int]:
    return [leaf for leaf in tree.leaves if node in tree.chain(leaf)]
