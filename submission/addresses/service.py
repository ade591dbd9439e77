"""What a service of addresses is asked, whoever runs it, and the default: that there is none."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

# As many as a person can take in, and what the collection's own form has always offered.
MOST_MATCHES = 10


class AddressesUnknown(Exception):
    """Nothing can be said of an address now: there is no service, or it did not answer.

    This is not "no such address". A log is saved all the same, and rules that need the service do
    not fire.
    """


@dataclass(frozen=True)
class Address:
    """An address in England with its unique property reference number.

    Parts are as they are kept in a log; a part that the address does not have is "".
    """

    uprn: str
    address_line1: str
    address_line2: str
    town_or_city: str
    postcode: str

    @property
    def in_words(self) -> str:
        """On one line, its parts separated by commas."""
        parts = (self.address_line1, self.address_line2, self.town_or_city, self.postcode)
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class Match:
    """An address that a search found; `score` is how well it fits, from 0 to 1."""

    address: Address
    score: Decimal


class AddressService(Protocol):
    """Addresses in England, and no others."""

    @property
    def is_there(self) -> bool:
        """Whether anything can be looked up at all; False leaves addresses to be typed."""

    def by_uprn(self, uprn: str) -> Address | None:
        """The address of a number of 1 to 12 digits; None when England has no such number.

        Raises AddressesUnknown.
        """

    def search(self, text: str, postcode: str) -> list[Match]:
        """The addresses that fit a first line and a postcode (either may be ""), best first.

        At most `MOST_MATCHES`. Raises AddressesUnknown.
        """


class NoAddressService:
    """No service: every address is typed, and a UPRN is kept as given."""

    is_there = False

    def by_uprn(self, uprn: str) -> Address | None:
        """Raises AddressesUnknown."""
        raise AddressesUnknown

    def search(self, text: str, postcode: str) -> list[Match]:
        """Raises AddressesUnknown."""
        raise AddressesUnknown
