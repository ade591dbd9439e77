"""The 296 English local authorities in force, their regions, and what they replaced since 2021.

Names and codes as the Office for National Statistics writes them.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

ENGLAND = "E92000001"
_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class LocalAuthority:
    """A local authority and the region it lies in; codes have nine characters."""

    code: str
    name: str
    region_code: str
    region: str


@dataclass(frozen=True)
class Predecessor:
    """An authority that was abolished or re-coded; `valid_to` is its last day."""

    code: str
    name: str
    valid_to: date
    successor_code: str


@cache
def local_authorities() -> Mapping[str, LocalAuthority]:
    """Authorities in force by code, in order of code."""
    with (_FOLDER / "local_authorities.csv").open(encoding="utf-8", newline="") as file:
        found = {row["code"]: LocalAuthority(**row) for row in csv.DictReader(file)}
    return MappingProxyType(found)


@cache
def regions() -> Mapping[str, str]:
    """Names of the nine regions by code."""
    found = {place.region_code: place.region for place in local_authorities().values()}
    return MappingProxyType(dict(sorted(found.items())))


@cache
def predecessors() -> Mapping[str, Predecessor]:
    """Authorities no longer in force by code."""
    with (_FOLDER / "predecessors.csv").open(encoding="utf-8", newline="") as file:
        found = {
            row["code"]: Predecessor(
                row["code"],
                row["name"],
                date.fromisoformat(row["valid_to"]),
                row["successor_code"],
            )
            for row in csv.DictReader(file)
        }
    return MappingProxyType(found)


def current_code(code: str) -> str | None:
    """The code in force for a present or past authority; None if England never had it."""
    if code in local_authorities():
        return code
    past = predecessors().get(code)
    return past.successor_code if past else None


@dataclass(frozen=True)
class Span:
    """The collection years that an authority had rows in, and who took its place.

    `first_year` is None where it was there before 2021, `last_year` and `successor_code` are None
    while it is in force.
    """

    code: str
    name: str
    region_code: str
    first_year: int | None
    last_year: int | None
    successor_code: str | None


@cache
def spans() -> Mapping[str, Span]:
    """Every authority in force since 2021 by code, in order of code.

    Authorities change on 1 April only, the first day of a collection year. A change of area always
    makes a new code, so an authority that replaced others began on the day after they ended.
    """
    began = {past.successor_code: past.valid_to.year for past in predecessors().values()}
    found = {
        code: Span(code, place.name, place.region_code, began.get(code), None, None)
        for code, place in local_authorities().items()
    }
    for past in predecessors().values():
        found[past.code] = Span(
            past.code,
            past.name,
            found[past.successor_code].region_code,
            began.get(past.code),
            past.valid_to.year - 1,
            past.successor_code,
        )
    return MappingProxyType(dict(sorted(found.items())))


@cache
def predecessors_of(code: str) -> tuple[str, ...]:
    """Codes of the authorities that one took the place of, in order of code."""
    return tuple(
        sorted(past.code for past in predecessors().values() if past.successor_code == code)
    )


@cache
def code_of_year(code: str, collection_year: int) -> str | None:
    """The code in force in a collection year for an authority; None if England never had it.

    A log of North Yorkshire of the year before it was made cannot be given to one of the seven
    authorities that it replaced, and stays as it is.
    """
    span = spans().get(code)
    if span is None:
        return None
    if span.successor_code and span.last_year is not None and collection_year > span.last_year:
        return code_of_year(span.successor_code, collection_year)
    before = predecessors_of(code)
    if span.first_year is not None and collection_year < span.first_year and len(before) == 1:
        return code_of_year(before[0], collection_year)
    return code
