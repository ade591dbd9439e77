"""The addresses of an uploaded file: by UPRN first, else the best match of what was typed.

What is found takes the place of what the row says before the checker reads it, so that everything
that follows from an address follows from the one found; what was typed stays with the log as the
text that was searched for. Where the service does not answer, a row stays as it was typed.
"""

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

import pandas as pd

from submission.addresses.service import Address, AddressesUnknown, AddressService
from submission.uploads.layout import Layout
from submission.uploads.rows import CheckedRows

# A weaker match may be the house next door. Source: derivations, orders 509 (lettings) and 130.
LEAST_SCORE = Decimal("0.7")
# The person waits while a file is taken in; what is not looked up by then stays as typed.
MOST_SECONDS = 60.0
AT_ONCE = 4
NOT_FOUND_RULES = frozenset(["uprn_not_found", "uprn_not_recognised"])
_FIRST_YEAR_OF_SEARCH = 2024
_SEARCHED = ("address_line1_input", "postcode_full_input")
_UPRN = re.compile(r"[0-9]{1,12}")
_GENERAL_NEEDS = "1"
Asked = TypeVar("Asked")


@dataclass
class FileAddresses:
    """What the service said of a file. Rows are meant by their position.

    `rows`: texts by field number, with the addresses found in place of those typed.
    `typed`: first line and postcode as the file has them, of rows whose address was replaced.
    `not_found`: rows with a UPRN that England does not have. `unknown`: how many rows the service
    said nothing of.
    """

    rows: pd.DataFrame
    typed: dict[int, tuple[str, str]] = field(default_factory=dict)
    not_found: set[int] = field(default_factory=set)
    unknown: int = 0

    @property
    def facts(self) -> dict[str, Any]:
        """Facts of every row, for the checker; see `settle`."""
        return {"address_service": True} if self.not_found else {}

    @property
    def in_words(self) -> str:
        """What the person who sent the file has to know; "" when there is nothing."""
        if not self.unknown:
            return ""
        rows = "1 row was" if self.unknown == 1 else f"{self.unknown:,} rows were"
        return (
            f" The addresses of {rows} kept as given, because the address service did not answer."
        )

    def settle(self, places: range, checked: CheckedRows) -> None:
        """Puts right what the checker could not know of single rows.

        A fact of a file is one for all of its rows: the checker finds every UPRN unknown once one
        is. And what was typed stays with the log as the text that was searched for.
        """
        line, code = (checked.result.answers.get(name) for name in _SEARCHED)
        for at, place in enumerate(places):
            if place not in self.not_found:
                checked.findings[at] = [
                    finding
                    for finding in checked.findings[at]
                    if finding.rule not in NOT_FOUND_RULES
                ]
            if place in self.typed and line is not None and code is not None:
                line[at], code[at] = (text or None for text in self.typed[place])


def look_up_addresses(
    service: AddressService,
    layout: Layout,
    rows: pd.DataFrame,
    most_seconds: float = MOST_SECONDS,
) -> FileAddresses:
    """Looks up the addresses of a file's rows (texts by field number), each address once."""
    if not service.is_there:
        return FileAddresses(rows)
    given = _Given(layout, rows)
    deadline = time.monotonic() + most_seconds
    numbers = {
        at: uprn
        for at, uprn in enumerate(given.uprns)
        if _UPRN.fullmatch(uprn) and given.has_address[at]
    }
    by_uprn = _each(numbers.values(), service.by_uprn, deadline)
    to_match: dict[int, tuple[str, str]] = {}
    if layout.year >= _FIRST_YEAR_OF_SEARCH:
        to_match = {
            at: typed
            for at, typed in enumerate(given.typed)
            if all(typed) and not given.uprns[at] and given.has_address[at]
        }
    matched = _each(to_match.values(), lambda typed: _best(service, *typed), deadline)
    made = FileAddresses(rows)
    found: dict[int, Address] = {}
    for at, uprn in numbers.items():
        if uprn not in by_uprn:
            made.unknown += 1
        elif (address := by_uprn[uprn]) is None:
            made.not_found.add(at)
        else:
            found[at] = address
    for at, typed in to_match.items():
        if typed not in matched:
            made.unknown += 1
        elif (address := matched[typed]) is not None:
            found[at] = address
    made.rows = given.with_addresses(found)
    made.typed = {at: given.typed[at] for at in found}
    return made


def _best(service: AddressService, line: str, postcode: str) -> Address | None:
    matches = service.search(line, postcode)
    return matches[0].address if matches and matches[0].score >= LEAST_SCORE else None


def _each(
    asked: Iterable[Asked], ask: Callable[[Asked], Address | None], deadline: float
) -> dict[Asked, Address | None]:
    """What came of each question, asked once; those without an answer are left out."""

    def answer(question: Asked) -> tuple[Asked, bool, Address | None]:
        if time.monotonic() > deadline:
            return question, False, None
        try:
            return question, True, ask(question)
        except AddressesUnknown:
            return question, False, None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(answer, dict.fromkeys(asked)))
    return {question: address for question, is_known, address in found if is_known}


class _Given:
    """The address columns of a file as texts."""

    def __init__(self, layout: Layout, rows: pd.DataFrame) -> None:
        self._layout = layout
        self._rows = rows
        self._labels = {int(label): label for label in rows.columns}
        self.uprns = [re.sub(r"[.]0+$", "", text) for text in self._texts("uprn")]
        lines = self._texts("address_line1")
        halves = [self._texts("postcode_full", at) for at in range(self._halves)]
        codes = [" ".join(part for part in parts if part) for parts in zip(*halves, strict=True)]
        self.typed = list(zip(lines, codes, strict=True))
        self.has_address = self._have_addresses()

    @property
    def _halves(self) -> int:
        return len(self._layout.columns["postcode_full"])

    def _texts(self, name: str, at: int = 0) -> Sequence[str]:
        label = self._labels.get(self._layout.number(name, at))
        if label is None:
            return [""] * len(self._rows)
        return [str(text or "").strip() for text in self._rows[label]]

    def _have_addresses(self) -> list[bool]:
        """Supported housing has an address of its own since 2026."""
        if not self._layout.is_lettings or self._layout.year >= 2026:
            return [True] * len(self._rows)
        return [re.sub(r"[.]0+$", "", t) == _GENERAL_NEEDS for t in self._texts("needstype")]

    def with_addresses(self, found: Mapping[int, Address]) -> pd.DataFrame:
        """The rows, with the addresses found by position in place of what they say."""
        if not found:
            return self._rows
        rows = self._rows.copy()
        written: dict[int, list[tuple[int, str]]] = {}
        for at, address in found.items():
            parts = address.postcode.split(" ") if self._halves == 2 else [address.postcode]
            texts = {
                self._layout.number("uprn"): address.uprn,
                self._layout.number("address_line1"): address.address_line1,
                self._layout.number("address_line2"): address.address_line2,
                self._layout.number("town_or_city"): address.town_or_city,
                self._layout.number("county"): "",
                **{
                    self._layout.number("postcode_full", half): part
                    for half, part in enumerate(parts)
                },
            }
            for number, text in texts.items():
                written.setdefault(number, []).append((at, text))
        for number, changes in written.items():
            label = self._labels.get(number, number)
            column = list(rows[label]) if label in rows.columns else [""] * len(rows)
            for at, text in changes:
                column[at] = text
            rows[label] = pd.Series(column, index=rows.index, dtype=object)
        return rows
