"""Keys as small whole numbers: what an engine groups by fastest and a result is smallest in.

The numbers are places in lists that are the same for every file of a release, so that the counts
of all files can be put one after the other and given their words once, at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from ibis import Table, Value
from numpy.typing import NDArray

from data_access.questions import ANSWERED, NOT_ANSWERED, RECORDS, TOTAL, TabulatedQuestion
from data_access.reference.local_authorities import ENGLAND, regions, spans
from data_access.reference.log_types import LOG_TYPES
from data_access.reference.periods import quarter, year

LEVELS = ("england", "local_authority", "region")


@dataclass(frozen=True)
class Codebook:
    """The lists of keys, each in the order of the alphabet.

    Of the asked questions, "records" stands first and has no codes but "total".
    """

    years: tuple[int, ...]
    asked: tuple[TabulatedQuestion, ...]

    @cached_property
    def periods(self) -> list[str]:
        """Every year with its quarters, so that quarter n stands n places after its year."""
        return [
            slug
            for each in sorted(self.years)
            for slug in (year(each).slug, *(quarter(each, n).slug for n in (1, 2, 3, 4)))
        ]

    @cached_property
    def log_types(self) -> list[str]:
        """The log types."""
        return sorted(LOG_TYPES)

    @cached_property
    def areas(self) -> list[str]:
        """Local authorities of now and the past, regions and England."""
        return sorted([*spans(), *regions(), ENGLAND])

    @cached_property
    def questions(self) -> list[str]:
        """Names of the questions, "records" among them."""
        return sorted([RECORDS, *(question.name for question in self.asked)])

    @cached_property
    def codes(self) -> list[str]:
        """Every code and group of any question."""
        return sorted({code for own in self._own_codes.values() for code in own})

    @cached_property
    def _own_codes(self) -> dict[str, list[str]]:
        """By question its own codes, in the places that they are numbered by."""
        own = {RECORDS: [TOTAL]}
        for question in self.asked:
            if question.kind == "number":
                own[question.name] = [ANSWERED, NOT_ANSWERED]
            else:
                given = [code for code, _ in question.codes]
                own[question.name] = [
                    *given,
                    NOT_ANSWERED,
                    *(code for code, _ in question.group_labels),
                ]
        return own

    def column(self, question: TabulatedQuestion) -> str:
        """The column of a question in a table of `coded`: a name that no engine needs to quote."""
        return f"q{self.questions.index(question.name)}"

    def merged(self, question: TabulatedQuestion) -> list[tuple[int, int]]:
        """Numbers of the codes that local authority level merges, each with that of its group."""
        own = self._own_codes[question.name]
        return [(own.index(fine), own.index(group)) for fine, group in question.groups]

    def level_of_areas(self) -> NDArray[np.int8]:
        """For each area the place of its level in LEVELS."""
        found = ["region" if area in regions() else "local_authority" for area in self.areas]
        found[self.areas.index(ENGLAND)] = "england"
        return np.array([LEVELS.index(level) for level in found], dtype=np.int8)

    def codes_of(self, question: NDArray[np.int16], code: NDArray[np.int16]) -> NDArray[np.int16]:
        """Places in `codes` for numbers of questions and of their own codes."""
        place = {code: at for at, code in enumerate(self.codes)}
        own = [self._own_codes[name] for name in self.questions]
        starts = np.cumsum([0, *(len(codes) for codes in own)])
        places = np.array([place[code] for codes in own for code in codes], dtype=np.int16)
        return places[starts[question] + code]

    def write_places(self, target: Path) -> None:
        """Writes Parquet with columns code, area, region (numbers), a row an authority in England.

        A file, because every engine reads one; not every engine takes a frame into any query.
        """
        number = {area: at for at, area in enumerate(self.areas)}
        region = {code: number[span.region_code] for code, span in spans().items()}
        places = {
            "code": pa.array(list(region), pa.string()),
            "area": pa.array([number[code] for code in region], pa.int16()),
            "region": pa.array(list(region.values()), pa.int16()),
        }
        pq.write_table(pa.table(places), target)

    def coded(self, logs: Table, places: Table, asked: Sequence[TabulatedQuestion]) -> Table:
        """A file of a warehouse with numbers for words, by the file of `write_places`.

        Columns quarter (1 to 4), log_type, region, area, owner, and one for each question asked: of
        a category question the number of its own code, of a number question the amount answered.
        Region and area are null where none of England's is known.
        """
        joined = logs.left_join(places, logs.local_authority == places.code)
        return joined.select(
            quarter=logs.quarter.right(1).cast("int8"),
            log_type=_numbered(logs.log_type, self.log_types).cast("int8"),
            region=places.region,
            area=places.area,
            owner=logs.owner,
            **{
                self.column(question): logs[question.name]
                if question.kind == "number"
                else _numbered(logs[question.name], [code for code, _ in question.codes])
                for question in asked
            },
        )


def _numbered(text: Value, known: Sequence[str]) -> Value:
    """The place of a text in a list, its length for any other and for none."""
    if not known:
        return ibis.literal(0, "int16")
    return text.cases(*((code, at) for at, code in enumerate(known)), else_=len(known)).cast(
        "int16"
    )
