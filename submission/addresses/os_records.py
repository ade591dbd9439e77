"""Addresses out of the records of OS Places: Royal Mail's (DPA) and local authorities' own (LPI).

Source: OS Places API, technical specification, fields of the data sets DPA and LPI.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from submission.addresses.service import MOST_MATCHES, Address, Match
from submission.answers import postcode as spaced

# A record and the data set it is of.
Record = tuple[str, dict[str, Any]]
ENGLAND = "E"
_APPROVED, _HISTORICAL = "1", "8"
_SMALL_WORDS = frozenset(
    "and at by cum de en in la le near next of on over sub super the under upon with".split()
)
_WORD = re.compile(r"(?<![A-Za-z])[A-Za-z]+(?:'[A-Za-z]+)*")
_HOUSE_NUMBER = re.compile(r"\d+[A-Z]?(?:\s*-\s*\d+[A-Z]?)?")


def plain_uprn(uprn: Any) -> str:
    """A UPRN as it is compared: without leading zeros."""
    return str(uprn).strip().lstrip("0")


def address_of(number: str, records: Sequence[Record]) -> Address | None:
    """The address of a UPRN, where it stands in England: the postal one if there is one."""
    english = [
        (kind, record)
        for kind, record in records
        if record.get("COUNTRY_CODE") == ENGLAND and plain_uprn(record.get("UPRN", "")) == number
    ]
    for kind, record in english:
        if kind == "DPA":
            return _postal(record)
    standing = [
        record
        for kind, record in english
        if kind == "LPI" and str(record.get("LPI_LOGICAL_STATUS_CODE")) != _HISTORICAL
    ]
    standing.sort(key=lambda record: str(record.get("LPI_LOGICAL_STATUS_CODE")) != _APPROVED)
    return _local(standing[0]) if standing else None


def matches_of(records: Sequence[Record]) -> list[Match]:
    """The postal addresses in England that a search found, best first, each once."""
    found: dict[str, Match] = {}
    for kind, record in records:
        if kind != "DPA" or record.get("COUNTRY_CODE") != ENGLAND or not record.get("UPRN"):
            continue
        try:
            score = min(max(Decimal(str(record.get("MATCH"))), Decimal(0)), Decimal(1))
        except InvalidOperation:
            score = Decimal(0)
        address = _postal(record)
        found.setdefault(address.uprn, Match(address, score))
    return sorted(found.values(), key=lambda match: -match.score)[:MOST_MATCHES]


def _postal(record: Mapping[str, Any]) -> Address:
    """Royal Mail's form of an address (DPA)."""

    def part(name: str) -> str:
        return _cased(str(record.get(name) or ""))

    box = part("PO_BOX_NUMBER")
    streets = [part("DEPENDENT_THOROUGHFARE_NAME"), part("THOROUGHFARE_NAME")]
    number = part("BUILDING_NUMBER")
    house = part("BUILDING_NAME")
    if not number and _HOUSE_NUMBER.fullmatch(house):
        # Royal Mail keeps a number with a letter, such as 12A, among the names.
        number, house = house, ""
    first = [
        *(part(name) for name in ("ORGANISATION_NAME", "DEPARTMENT_NAME", "SUB_BUILDING_NAME")),
        house,
        f"PO Box {box}" if box else "",
        *_numbered(number, streets),
    ]
    localities = [part("DOUBLE_DEPENDENT_LOCALITY"), part("DEPENDENT_LOCALITY")]
    return _made(record, first, localities, part("POST_TOWN"), str(record.get("POSTCODE") or ""))


def _local(record: Mapping[str, Any]) -> Address:
    """The local authority's form of an address (LPI)."""

    def part(name: str) -> str:
        return _cased(str(record.get(name) or ""))

    def numbers(stem: str) -> str:
        ends = [
            f"{record.get(f'{stem}_{end}_NUMBER') or ''}{record.get(f'{stem}_{end}_SUFFIX') or ''}"
            for end in ("START", "END")
        ]
        return "-".join(end for end in ends if end)

    flat = " ".join(text for text in (part("SAO_TEXT"), numbers("SAO")) if text)
    first = [
        part("ORGANISATION"),
        flat,
        part("PAO_TEXT"),
        *_numbered(numbers("PAO"), [part("STREET_DESCRIPTION")]),
    ]
    town = part("TOWN_NAME") or part("ADMINISTRATIVE_AREA")
    locality = part("LOCALITY_NAME")
    code = str(record.get("POSTCODE_LOCATOR") or record.get("POSTCODE") or "")
    return _made(record, first, [locality] if locality != town else [], town, code)


def _numbered(number: str, streets: list[str]) -> list[str]:
    """Streets with the number in front of the first."""
    there = [street for street in streets if street]
    if not number:
        return there
    return [f"{number} {there[0]}", *there[1:]] if there else [number]


def _made(
    record: Mapping[str, Any], first: list[str], localities: list[str], town: str, code: str
) -> Address:
    line1, line2 = (
        ", ".join(dict.fromkeys(part for part in parts if part)) for parts in (first, localities)
    )
    # A house of a hamlet may have nothing before the hamlet's name.
    if not line1:
        line1, line2 = line2 or town, ""
    return Address(plain_uprn(record.get("UPRN", "")), line1, line2, town, spaced(code) or code)


def _cased(text: str) -> str:
    """Capitals as people write them: "STOKE-ON-TRENT" is Stoke-on-Trent, "12A" stays."""

    def written(found: re.Match[str]) -> str:
        word = found[0]
        if found.start() and text[found.start() - 1].isdigit():
            return word.upper()
        if found.start() and word.lower() in _SMALL_WORDS:
            return word.lower()
        if word[1:2] == "'":
            return f"{word[0].upper()}'{word[2:].capitalize()}"
        return word.capitalize()

    return _WORD.sub(written, " ".join(text.split()))
