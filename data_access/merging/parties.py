"""Who goes into whom, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Parties:
    """The institutions of a merger and its day.

    `absorbing` is 0 in a dry run for an institution that is still to be made; `exists_from` is the
    first day on which the absorbing one can own homes, None: since ever. `by` is who decided it,
    and `names` are the institutions' as the audit trail has them.
    """

    merging: tuple[int, ...]
    absorbing: int
    day: date
    exists_from: date | None = None
    merger: int = 0
    by: int | None = None
    names: Mapping[int, str] = field(default_factory=dict)

    def after(self, institution: int | None) -> int | None:
        """Which institution takes the place of this one: the absorbing one, or itself."""
        return self.absorbing if institution in self.merging else institution

    def change(self, institution: int) -> list[str]:
        """That the absorbing institution takes the place of this one, as [before, after]."""
        return [self.names.get(institution, ""), self.names.get(self.absorbing, "")]
