"""From quarters and local authorities to every period and level that has rows."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import ibis
from ibis import Table, Value

from data_access.questions import Level, TabulatedQuestion
from data_access.reference.local_authorities import ENGLAND
from data_access.reference.periods import quarter, year
from data_access.tabulation.coding import Codebook


@dataclass(frozen=True)
class Spread:
    """Where the counts of one collection year go: the levels of each question, the periods wanted.

    Raises UnknownPeriod when the year is none.
    """

    book: Codebook
    asked: Sequence[TabulatedQuestion]
    collection_year: int
    wanted: Collection[str] | None = None

    def wants(self, slug: str) -> bool:
        """Whether the release has a period: each that has logs, where none are named."""
        return self.wanted is None or slug in self.wanted

    def periods(self, counted: Table) -> Iterator[tuple[Table, Value]]:
        """Tables with the number of their period: one of the quarters, one of the year."""
        slug = year(self.collection_year).slug
        first = self.book.periods.index(slug)
        numbers = [n for n in (1, 2, 3, 4) if self.wants(quarter(self.collection_year, n).slug)]
        if numbers:
            chosen = counted.filter(counted.quarter.isin(numbers)) if len(numbers) < 4 else counted
            yield chosen, (chosen.quarter.cast("int16") + first).cast("int16")
        if self.wants(slug):
            yield counted, ibis.literal(first, "int16")

    def everywhere(self, counted: Table) -> Iterator[tuple[Table, Level]]:
        """Tables with columns period and area, one for each level and kind of period.

        `counted` has quarter, region, area (null where the place is not known) and question.
        """
        england = ibis.literal(self.book.areas.index(ENGLAND), "int16")
        for table, period in self.periods(counted):
            yield table.mutate(period=period, area=england), "england"
            placed = table.filter(table.area.notnull())
            in_region = placed.filter(self._has(placed, "region"))
            yield in_region.mutate(period=period, area=in_region.region), "region"
            local = placed.filter(self._has(placed, "local_authority"))
            yield local.mutate(period=period), "local_authority"

    def _has(self, counted: Table, level: Level) -> Value:
        without = [
            self.book.questions.index(question.name)
            for question in self.asked
            if not question.shown_at(level)
        ]
        return counted.question.notin(without) if without else ibis.literal(True)
