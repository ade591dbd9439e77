"""A merger while it is being put together: it stands in the address, step by step."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from data_access.institutions import PROVIDER_TYPES
from data_access.merging.founding import NewInstitution
from portal.administration import date_input
from portal.plain_text import read_text, tidy
from submission.collection import COLLECTIONS
from submission.windows import in_words, open_for_changes, years_with_dates

MOST_MERGING = 20
_LATEST = timedelta(days=366)
_NEW_FIELDS = ("name", "provider_type", "registration_number")
DATE_PHRASE = "the date of the merger"


@dataclass(frozen=True)
class Draft:
    """What was chosen so far. `into` 0 and `is_new` False: nothing yet.

    `new` holds the fields of a new institution, and `day` the parts of the date, as typed.
    """

    merging: tuple[int, ...] = ()
    into: int = 0
    is_new: bool = False
    new: tuple[str, str, str] = ("", "", "")
    day: tuple[str, str, str] = ("", "", "")

    def fields(self, **changes: Any) -> dict[str, str]:
        """The fields that stand for it in an address or form, some of them changed."""
        at = replace(self, **changes)
        found = {
            "merging": ",".join(map(str, at.merging)),
            "into": str(at.into or ""),
            "new": "yes" if at.is_new else "",
            **dict(zip(_NEW_FIELDS, at.new, strict=True)),
            **{f"day-{part}": text for part, text in zip(date_input.PARTS, at.day, strict=True)},
        }
        return {name: value for name, value in found.items() if value}

    def query(self, **changes: Any) -> str:
        """The same as part of an address."""
        return urlencode(self.fields(**changes))

    def with_one(self, number: int) -> tuple[int, ...]:
        """The merging institutions and one more."""
        return (*self.merging, number)

    def without_one(self, number: int) -> tuple[int, ...]:
        """The merging institutions without one."""
        return tuple(other for other in self.merging if other != number)

    @property
    def new_fields(self) -> dict[str, str]:
        """The fields of a new institution by name, as typed."""
        return dict(zip(_NEW_FIELDS, self.new, strict=True))


def read_draft(given: Mapping[str, str]) -> Draft:
    """The draft of an address or form; what cannot be read is left out."""
    numbers = [_number(part) for part in given.get("merging", "").split(",")[: MOST_MERGING + 1]]
    name, kind, registration = (tidy(given.get(field, ""))[:400] for field in _NEW_FIELDS)
    day, month, year = date_input.typed(given, "day")
    return Draft(
        tuple(dict.fromkeys(number for number in numbers if number)),
        _number(given.get("into", "")),
        given.get("new") == "yes",
        (name, kind, registration),
        (day[:10], month[:10], year[:10]),
    )


def _number(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def read_new(draft: Draft) -> tuple[NewInstitution | None, dict[str, str]]:
    """The institution that is to be made, or what is wrong with its fields."""
    errors = {}
    typed = draft.new_fields
    name, wrong = read_text(typed["name"], "the name of the new institution")
    if wrong:
        errors["name"] = wrong
    if typed["provider_type"] not in PROVIDER_TYPES:
        errors["provider_type"] = "Choose what kind of institution it is"
    number, wrong = read_text(
        typed["registration_number"], "the registration number", 20, needed=False
    )
    if wrong:
        errors["registration_number"] = wrong
    return (None, errors) if errors else (NewInstitution(name, typed["provider_type"], number), {})


def first_day(today: date) -> date:
    """The earliest day of a merger: the start of the earliest year whose logs can be changed."""
    years = [
        year
        for year in years_with_dates(today)
        for collection in COLLECTIONS
        if open_for_changes(collection, year, today)
    ]
    return min(date(min(years), 4, 1), today) if years else today


def read_day(draft: Draft, today: date) -> tuple[date | None, str]:
    """The day of the merger, or what is wrong with it."""
    day, wrong = date_input.read(list(draft.day), DATE_PHRASE)
    if day is None:
        return None, wrong
    first, last = first_day(today), today + _LATEST
    if not first <= day <= last:
        return None, (
            f"The date of the merger must be between {in_words(first)}, when the earliest year "
            f"that is still open began, and {in_words(last)}"
        )
    return day, ""
