"""Step B: which cells of questions are withheld, so that every small one stays uncertain."""

from dataclasses import dataclass, field

import numpy as np

from disclosure.policy import Policy
from disclosure.protection.components import Component, Part
from disclosure.protection.extending import extend
from disclosure.protection.kernel import Space, State, certify, certify_unions
from disclosure.protection.removal import Removal
from disclosure.protection.shape import Bools, Ints, Shape
from disclosure.protection.trees import Paths

# A withheld number up to this could be taken for a small one, and its sum for somebody's.
_COULD_BE_SMALL = 30
_NOTHING = np.zeros((0, 5), dtype=np.int64)


@dataclass
class Withheld:
    """What is withheld of a component: places x periods x columns.

    `dropped`: questions that had to go altogether, and from which level downwards ("lowest",
    "all").
    """

    hidden: Bools
    dropped: dict[str, str] = field(default_factory=dict)


def withhold(
    shape: Shape, removal: Removal, records: Ints, component: Component, policy: Policy
) -> Withheld:
    """What is withheld of a component's cells. `records`: places x periods.

    All questions of a family share their records: the codes of a question add up to them. So places
    are removed first, once for all questions, and then each component is worked on by itself.
    """
    there = component.exists[shape.levels][:, None, :]
    removed = removal.removed[:, :, None]
    primary = there & (component.counts > 0) & (component.counts < policy.min_cell)
    full = np.zeros_like(primary)
    for part in component.parts:
        if part.personal:
            _mark_full(full, component.counts, records, part, policy)
        for column, dominated in part.dominated.items():
            primary[:, :, column] |= dominated
    full &= there & ~removed & ~primary
    state = shape.state(
        component.counts, (primary | full | removed) & there, removal.removed, component.frozen
    )
    space = shape.space(component.exists)
    _carry(shape, space, removal, component, state)

    def search(cells: Bools, up_to: int, need_down: int, need_span: int) -> Ints:
        targets = shape.in_order(cells)
        need_up = np.maximum(up_to - state.values[targets], 0)
        ones = np.ones_like(targets)
        failed, _ = certify(
            state, space, shape.paths, component.lowest_paths, component.paths, targets, need_up,
            need_down * ones, need_span * ones, _NOTHING,
        )  # fmt: skip
        return np.asarray(targets[failed])

    failed = [
        search(primary & ~removed, policy.min_cell, 0, policy.span),
        search(full, 0, 1, 2),
    ]
    _certify_unions(shape, space, removal, records, component, policy, state)
    # Within removed places no small cell may be known exactly.
    search(primary & removed, 0, 0, 1)
    answer = Withheld(state.hidden.reshape(component.counts.shape))
    failed.extend(
        _certify_sums(shape, removal.removed, component, part, policy, answer.hidden)
        for part in component.parts
        if part.sums
    )
    _drop(shape, component, there, np.concatenate(failed), answer)
    return answer


def _mark_full(full: Bools, counts: Ints, records: Ints, part: Part, policy: Policy) -> None:
    """Marks the code that holds everybody of a small place (P2)."""
    small = (records >= policy.min_cell) & (records < policy.full_cell)
    chosen = part.all_columns[part.all_columns != part.not_answered]
    full[:, :, chosen] = small[:, :, None] & (counts[:, :, chosen] == records[:, :, None])


def _carry(
    shape: Shape, space: Space, removal: Removal, component: Component, state: State
) -> None:
    """Hides what the moves of step A need hidden in each question."""
    if not component.has_total or not len(removal.taken):
        return
    for part in component.parts:
        flowing = np.zeros(space.codes, dtype=bool)
        flowing[part.columns] = True
        own = np.zeros(space.codes, dtype=bool)
        own[part.all_columns] = True
        extend(
            state.values, state.hidden, space, shape.paths, shape.periods.parent,
            shape.periods.height, removal.taken, removal.reach_up, removal.reach_down, flowing,
            own, len(component.parts) > 1,
        )  # fmt: skip


def _certify_unions(
    shape: Shape,
    space: Space,
    removal: Removal,
    records: Ints,
    component: Component,
    policy: Policy,
    state: State,
) -> None:
    """The removed places of one parent together: their sum is the parent's less the shown ones'."""
    places = shape.places
    personal = np.zeros(space.codes, dtype=bool)
    for part in component.parts:
        chosen = part.all_columns[part.all_columns != part.not_answered]
        personal[chosen] = part.personal
    rows: list[tuple[int, int, int, int, int]] = []
    starts, members = [0], []
    for place in range(len(places)):
        below = places.children[places.child_start[place] : places.child_start[place + 1]]
        below = below[places.height[below] == 0]
        for t in range(len(shape.periods)):
            gone = below[removal.removed[below, t]]
            if removal.removed[place, t] or not len(gone):
                continue
            together = component.counts[gone, t].sum(axis=0)
            total = int(records[gone, t].sum())
            for c in np.flatnonzero(component.exists[0] & (together > 0)).tolist():
                count = int(together[c])
                if count < policy.min_cell:
                    rows.append((place, t, c, policy.min_cell - count, 1))
                elif personal[c] and count == total < policy.full_cell:
                    rows.append((place, t, c, 0, 1))
                else:
                    continue
                members.extend(gone.tolist())
                starts.append(len(members))
    if not rows:
        return
    at_parent, period, code, need_up, need_down = np.array(rows, dtype=np.int64).T.copy()
    certify_unions(
        state, space, shape.paths, component.paths, at_parent, period, code, np.array(starts),
        np.array(members), need_up, need_down,
    )  # fmt: skip


def _certify_sums(
    shape: Shape, removed: Bools, component: Component, part: Part, policy: Policy, hidden: Bools
) -> Ints:
    """Sums of few records must be uncertain too (P6); what that hides hides the number as well."""
    sums = np.zeros_like(component.counts)
    has_sum = np.zeros(len(component.columns), dtype=bool)
    for column, amounts in part.sums.items():
        sums[:, :, column] = amounts
        has_sum[column] = True
    state = shape.state(sums, hidden, removed, component.frozen)
    # What is withheld is also the number answering, so that is what it costs.
    state = state._replace(
        cost=shape.state(component.counts, hidden, removed, component.frozen).cost
    )
    paths = component.paths_among(has_sum)
    exists = component.exists & has_sum
    few = component.counts < _COULD_BE_SMALL
    for column, dominated in part.dominated.items():
        few[:, :, column] |= dominated
    targets = shape.in_order(hidden & few & (sums > 0))
    margin = np.ceil(state.values[targets] * policy.sum_margin).astype(np.int64)
    failed, _ = certify(
        state, shape.space(exists), shape.paths, component.paths_among(exists[0]), paths, targets,
        margin, margin, 2 * margin, _NOTHING,
    )  # fmt: skip
    hidden[:] = state.hidden.reshape(hidden.shape)
    is_gone = removed.ravel()[targets // len(component.columns)]
    return np.asarray(targets[failed & ~is_gone])


def _drop(shape: Shape, component: Component, there: Bools, failed: Ints, answer: Withheld) -> None:
    """Takes out a question at the levels where a cell of it could not be made uncertain."""
    _, periods, codes = component.counts.shape
    for part in component.parts:
        mine = failed[np.isin(failed % codes, part.all_columns)]
        if not len(mine):
            continue
        is_high = bool((shape.levels[mine // (codes * periods)] > 0).any())
        answer.dropped[part.name] = "all" if is_high else "lowest"
        gone = (shape.levels >= 0) if is_high else (shape.levels == 0)
        block = np.zeros(answer.hidden.shape, dtype=bool)
        block[:, :, part.all_columns] = True
        answer.hidden |= block & gone[:, None, None] & there


def hide_and_certify(
    shape: Shape, counts: Ints, hidden: Bools, frozen: Bools, paths: Paths, policy: Policy
) -> bool:
    """Hides more of a table of counts until every small hidden cell is uncertain; in place.

    `counts`, `hidden`, `frozen`: places x periods x codes; `paths` of codes. Returns whether any
    cell could not be made uncertain.
    """
    state = shape.state(counts, hidden, frozen=frozen)
    targets = shape.in_order(hidden & (counts > 0) & (counts < policy.min_cell))
    low = policy.min_cell - state.values[targets]
    failed, _ = certify(
        state, shape.space(np.ones((3, counts.shape[2]), dtype=bool)), shape.paths, paths, paths,
        targets, low, np.zeros_like(low), np.full_like(low, policy.span), _NOTHING,
    )  # fmt: skip
    hidden[:] = state.hidden.reshape(counts.shape)
    return bool(failed.any())
