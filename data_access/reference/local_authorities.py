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
