"""Questions that are answered together, as the columns of one table.

Who answers a question may follow from another's answer: only those with a fixed-term tenancy give
its length. Then one count is known from the other, and both must be withheld and moved together.
A move of one record from one answer to another changes the columns of both; such vectors are the
signed paths of codes that the search uses.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

import numpy as np

from disclosure.protection.shape import Bools, Ints
from disclosure.protection.trees import Paths

Vector = tuple[tuple[int, int], ...]

# How many answers are tried where a move leaves it open which one a record takes elsewhere.
_TRIED = 2


@dataclass(frozen=True)
class Part:
    """One question's columns in a component.

    `columns`: those of its codes at the lowest places, which add up to the records (empty when it
    has no rows there); `all_columns`: those of every level. `not_answered`: a column or -1.
    `sums`: by column, places x periods in whole units (pence); `dominated`: by column, the places
    x periods where one owner dominates the sum.
    """

    name: str
    columns: Ints
    all_columns: Ints
    personal: bool = True
    not_answered: int = -1
    sums: Mapping[int, Ints] = field(default_factory=dict)
    dominated: Mapping[int, Bools] = field(default_factory=dict)


@dataclass(frozen=True)
class Component:
    """Questions as one table: `counts` is places x periods x columns.

    `exists`: levels (lowest, one above, higher) x columns, whether a column is published there.
    `vectors`: signed columns that can change together. `frozen`: cells that earlier releases show.
    `has_total`: whether the columns of a part add up to the records of the family.
    """

    columns: tuple[tuple[str, str], ...]
    counts: Ints
    exists: Bools
    vectors: tuple[Vector, ...]
    parts: tuple[Part, ...]
    has_total: bool = True
    frozen: Bools | None = None

    @cached_property
    def paths(self) -> Paths:
        """Signed paths through every column."""
        return paths_of(self.vectors, len(self.columns))

    @cached_property
    def lowest_paths(self) -> Paths:
        """Signed paths of the columns that the lowest places have."""
        return self.paths_among(self.exists[0])

    def paths_among(self, there: Bools) -> Paths:
        """Signed paths of some columns, when no others are published."""
        return paths_of(restricted(self.vectors, there), len(self.columns))


@dataclass(frozen=True)
class Answers:
    """What a move must know of a question.

    `codes` are its fine codes, the commonest first, `missing` the code of no answer; `groups` the
    group of a code at the lowest places. Exactly the records that answer `given_by` with one of
    `given_codes` (any code, where empty) answer it.
    """

    name: str
    codes: tuple[str, ...]
    missing: str
    groups: Mapping[str, str] = field(default_factory=dict)
    given_by: str = ""
    given_codes: frozenset[str] = frozenset()

    @property
    def every(self) -> tuple[str, ...]:
        """Its codes, and that of no answer."""
        return (*self.codes, self.missing)


def paths_of(vectors: Iterable[Vector], columns: int) -> Paths:
    """Signed paths through every column, each turned so that the column has sign +."""
    through: list[dict[Vector, None]] = [{} for _ in range(columns)]
    for vector in vectors:
        turned = tuple(sorted((column, -sign) for column, sign in vector))
        plain = tuple(sorted(vector))
        for column, sign in plain:
            through[column][plain if sign > 0 else turned] = None
    start, offset = [0], [0]
    node: list[int] = []
    signs: list[int] = []
    for paths in through:
        for path in sorted(paths, key=lambda path: (len(path), path)):
            node.extend(column for column, _ in path)
            signs.extend(sign for _, sign in path)
            offset.append(len(node))
        start.append(len(offset) - 1)
    return Paths(
        np.array(start, dtype=np.int64),
        np.array(offset, dtype=np.int64),
        np.array(node, dtype=np.int64),
        np.array(signs, dtype=np.int64),
    )


def restricted(vectors: Iterable[Vector], there: Bools) -> list[Vector]:
    """Vectors without the columns that are not there."""
    kept = (tuple((c, s) for c, s in vector if there[c]) for vector in vectors)
    return [vector for vector in kept if vector]


def column_names(questions: Sequence[Answers]) -> list[tuple[str, str]]:
    """Question and code of each column: codes, groups, and no answer."""
    return [
        (question.name, code)
        for question in questions
        for code in (*question.every, *sorted(set(question.groups.values())))
    ]


def vectors_of(questions: Sequence[Answers]) -> list[Vector]:
    """How one record's change of answer changes the columns, over linked questions."""
    at = {name: number for number, name in enumerate(column_names(questions))}
    by_name = {question.name: question for question in questions}
    below: dict[str, list[Answers]] = {name: [] for name in by_name}
    for question in questions:
        if question.given_by in by_name:
            below[question.given_by].append(question)

    def gives(child: Answers, code: str) -> bool:
        if child.given_codes:
            return code in child.given_codes
        return code != by_name[child.given_by].missing

    def column(question: Answers, code: str) -> list[int]:
        found = [at[question.name, code]]
        if code in question.groups:
            found.append(at[question.name, question.groups[code]])
        return found

    def family(question: Answers) -> set[int]:
        own = {at[question.name, c] for c in (*question.every, *question.groups.values())}
        return own.union(*(family(child) for child in below[question.name]))

    def downwards(question: Answers, to: str, since: str) -> Iterator[dict[int, int]]:
        """Changes of a question and all that follow from it."""
        first: dict[int, int] = {}
        for number in column(question, to):
            first[number] = first.get(number, 0) + 1
        for number in column(question, since):
            first[number] = first.get(number, 0) - 1
        ways = [first]
        for child in below[question.name]:
            given, was = gives(child, to), gives(child, since)
            if given == was:
                continue
            open_codes = child.codes[:_TRIED]
            more = [
                change
                for code in open_codes
                for change in (
                    downwards(child, code, child.missing)
                    if given
                    else downwards(child, child.missing, code)
                )
            ]
            ways = [_added(way, change) for way in ways for change in more][: _TRIED**3]
        yield from ways

    def upwards(
        question: Answers, to: str, since: str, ways: list[dict[int, int]]
    ) -> list[dict[int, int]]:
        """Adds what must have changed in the question that this one's answering follows from."""
        parent = by_name.get(question.given_by)
        if parent is None or (to == question.missing) == (since == question.missing):
            return ways
        inside = list(islice((c for c in parent.every if gives(question, c)), _TRIED))
        outside = list(islice((c for c in parent.every if not gives(question, c)), _TRIED))
        found = []
        for one in inside:
            for other in outside:
                pair = (one, other) if since == question.missing else (other, one)
                for change in downwards(parent, *pair):
                    # The child's own change is chosen already: take out what was tried for it.
                    own = family(question)
                    rest = {number: sign for number, sign in change.items() if number not in own}
                    for way in ways:
                        found.extend(upwards(parent, *pair, [_added(way, rest)]))
        return found

    vectors: dict[Vector, None] = {}
    for question in questions:
        every = question.every
        for first, to in enumerate(every):
            for since in every[first + 1 :]:
                ways = upwards(question, to, since, list(downwards(question, to, since)))
                for way in ways:
                    vectors[tuple(sorted((n, s) for n, s in way.items() if s))] = None
    return [vector for vector in vectors if vector]


def _added(one: Mapping[int, int], other: Mapping[int, int]) -> dict[int, int]:
    total = dict(one)
    for number, sign in other.items():
        total[number] = total.get(number, 0) + sign
    return total
