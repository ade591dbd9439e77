"""What an answer may be: nothing, some value, one of a few, one within limits."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

Value = Decimal | str | date | bool
# A limit, and whether it lies within.
Limit = tuple[Any, bool]


@dataclass(frozen=True)
class Domain:
    """What an answer may be: none (`empty`), or values (`some`) within these limits.

    `only` are the values left, None for any; `other` are values that are ruled out.
    """

    empty: bool = True
    some: bool = True
    only: frozenset[Value] | None = None
    other: frozenset[Value] = frozenset()
    low: Limit | None = None
    high: Limit | None = None
    whole: bool = False

    def cut(self, by: "Domain") -> "Domain":
        """What lies in both. Raises TypeError where values of two kinds meet."""
        if self.only is None or by.only is None:
            only = by.only if self.only is None else self.only
        else:
            only = self.only & by.only
        found = Domain(
            self.empty and by.empty,
            self.some and by.some,
            only,
            self.other | by.other,
            _tighter(self.low, by.low, lambda one, two: bool(one > two)),
            _tighter(self.high, by.high, lambda one, two: bool(one < two)),
            self.whole or by.whole,
        )
        return replace(found, some=found.some and found._has_value())

    @property
    def is_nothing(self) -> bool:
        """Whether an answer can be neither given nor lacking."""
        return not self.empty and not self.some

    def _has_value(self) -> bool:
        if self.only is not None:
            return any(value not in self.other and self._within(value) for value in self.only)
        if self.low is None or self.high is None:
            return True
        (low, with_low), (high, with_high) = self.low, self.high
        if self.whole and isinstance(low, Decimal) and isinstance(high, Decimal):
            first = math.ceil(low) if with_low else math.floor(low) + 1
            last = math.floor(high) if with_high else math.ceil(high) - 1
            return last - first >= len(self.other) or any(
                Decimal(number) not in self.other for number in range(first, last + 1)
            )
        if low == high:
            return with_low and with_high and low not in self.other
        return bool(low < high)

    def _within(self, value: Any) -> bool:
        above = self.low is None or value > self.low[0] or (value == self.low[0] and self.low[1])
        below = (
            self.high is None or value < self.high[0] or (value == self.high[0] and self.high[1])
        )
        return bool(above and below)


ANYTHING = Domain()
NO_ANSWER = Domain(some=False)
ANSWER = Domain(empty=False)
# What answers may be together, by name; those that are not named may be anything.
Case = Mapping[str, Domain]
OPEN: list[Case] = [{}]


def limited(sign: str, value: Value) -> Domain:
    """The answers that stand so to a value: = <> < <= > or >=."""
    if sign == "=":
        return Domain(empty=False, only=frozenset([value]))
    if sign == "<>":
        return Domain(empty=False, other=frozenset([value]))
    end = (value, sign in ("<=", ">="))
    return Domain(empty=False, high=end) if sign in ("<", "<=") else Domain(empty=False, low=end)


def joined(one: Case, two: Case) -> Case | None:
    """Both cases at once; None when that cannot be."""
    found = dict(one)
    for name, domain in two.items():
        both = found[name].cut(domain) if name in found else domain
        if both.is_nothing:
            return None
        found[name] = both
    return found


def _tighter(
    one: Limit | None, two: Limit | None, beats: Callable[[Any, Any], bool]
) -> Limit | None:
    if one is None or two is None:
        return one or two
    if one[0] == two[0]:
        return (one[0], one[1] and two[1])
    return one if beats(one[0], two[0]) else two
