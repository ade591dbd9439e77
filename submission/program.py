"""Derivations as one query: each step reads the values before it, and no column is copied twice.

The derivation table says: in this order, where this holds, this variable becomes that. Run as
written, hundreds of steps would each copy some two hundred columns. Here every step makes a column
of its own from the columns it names ("single assignment"); equal columns are made once, and those
that depend on nothing unfinished are made together. What remains is a short pile of projections
that DuckDB runs in one pass over the frame.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby

from submission.expressions import rewrite
from submission.rules import Derivation

NOTHING = "NULL"


def quoted(name: str) -> str:
    """A name as SQL takes it, dots and keywords included."""
    return f'"{name}"'


class Program:
    """Columns made from the columns of one table.

    `base` are the table's columns. `types` are the types of the variables that steps may set.
    `functions` replaces calls such as `today()` before names are replaced.
    """

    def __init__(
        self,
        base: Iterable[str],
        types: Mapping[str, str],
        helpers: Mapping[str, list[Derivation]],
        prepare: Callable[[str], str],
    ) -> None:
        self._base = frozenset(base)
        self._types = types
        self._helpers = helpers
        self._prepare = prepare
        self._sql: dict[str, str] = {}
        self._needs: dict[str, frozenset[str]] = {}
        self._depth: dict[str, int] = dict.fromkeys(self._base, 0)
        self._made: dict[str, str] = {}
        self._now: dict[str, str] = {name: name for name in self._base}

    def value(self, name: str) -> str:
        """The column that holds a variable, helper or fact as of now; "" when there is none."""
        if name in self._helpers:
            return self._helper(name)
        return self._now.get(name, "")

    def column(self, sql: str, needs: Iterable[str]) -> str:
        """A column made by this expression over columns already there."""
        if sql in self._made:
            return self._made[sql]
        found = frozenset(needs)
        name = f"c{len(self._made)}"
        self._made[sql] = name
        self._sql[name] = sql
        self._needs[name] = found
        self._depth[name] = 1 + max((self._depth[need] for need in found), default=0)
        return name

    def expression(self, text: str) -> tuple[str, set[str]]:
        """An expression of the tables as SQL over columns, and the columns that it needs."""
        needs: set[str] = set()

        def named(name: str) -> str:
            found = self.value(name)
            if not found:
                # A question that is not on the form of the year is NULL in that year.
                return NOTHING
            needs.add(found)
            return quoted(found)

        return rewrite(self._prepare(text), named), needs

    def set(self, name: str, sql: str, needs: Iterable[str]) -> None:
        """From now on the variable is this."""
        self._now[name] = self.column(sql, needs)

    def run(self, steps: Iterable[Derivation]) -> None:
        """Applies steps in their order; those of one order see the values before all of them."""
        for _, together in groupby(steps, key=lambda step: step.order):
            made: list[tuple[str, str, set[str]]] = []
            pending: dict[str, tuple[str, set[str]]] = {}
            for step in together:
                if step.variable not in self._types:
                    continue
                if_so, needs = self.expression(step.applies_if)
                then, more = self.expression(step.expression)
                before, beneath = pending.get(step.variable, (None, set()))
                if before is None:
                    there = self._now.get(step.variable)
                    before = quoted(there) if there else NOTHING
                    beneath = {there} if there else set()
                kind = self._types[step.variable]
                sql = f"CASE WHEN {if_so} THEN TRY_CAST({then} AS {kind}) ELSE {before} END"
                if if_so.strip().upper() == "TRUE":
                    sql = f"TRY_CAST({then} AS {kind})"
                all_needs = needs | more | beneath
                column = self.column(sql, all_needs)
                pending[step.variable] = (quoted(column), {column})
                made.append((step.variable, column, all_needs))
            for variable, column, _ in made:
                self._now[variable] = column

    def _helper(self, name: str) -> str:
        rows = self._helpers[name]
        sql, needs = NOTHING, set()
        for row in rows:
            if_so, first = self.expression(row.applies_if)
            then, second = self.expression(row.expression)
            sql = f"CASE WHEN {if_so} THEN {then} ELSE {sql} END"
            needs |= first | second
        return self.column(sql, needs)

    def query(self, table: str, outputs: Mapping[str, str]) -> str:
        """A query over the table that gives these outputs: names to columns made."""
        wanted = set(outputs.values())
        needed: set[str] = set()
        open_ends = list(wanted)
        while open_ends:
            name = open_ends.pop()
            if name in needed:
                continue
            needed.add(name)
            open_ends += self._needs.get(name, frozenset())
        last_use = dict.fromkeys(needed, 0)
        deepest = max((self._depth[name] for name in needed), default=0)
        for name in needed:
            for need in self._needs.get(name, frozenset()):
                last_use[need] = max(last_use[need], self._depth[name])
        for name in wanted:
            last_use[name] = deepest + 1
        by_depth: dict[int, list[str]] = {}
        for name in sorted(needed, key=lambda name: (len(name), name)):
            by_depth.setdefault(self._depth[name], []).append(name)
        live = by_depth.get(0, [])
        sql = f"SELECT {', '.join(map(quoted, live)) or '1'} FROM {table}"
        for depth in range(1, deepest + 1):
            new = by_depth.get(depth, [])
            live = [name for name in live if last_use[name] > depth]
            made = [f"{self._sql[name]} AS {quoted(name)}" for name in new]
            sql = f"SELECT {', '.join([*map(quoted, live), *made])} FROM ({sql})"
            live += new
        shown = ", ".join(f"{quoted(column)} AS {quoted(name)}" for name, column in outputs.items())
        return f"SELECT {shown} FROM ({sql})"
