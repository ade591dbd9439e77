"""How often something may be tried, by network address, by name or by account.

Counted in this process. What keeps passwords from being guessed is the lock, which the database
counts; these limits keep machines from trying many names, from sending people mail without end,
and from keeping the processor busy with hashes.
"""

import time
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from fastapi import HTTPException, Request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


@dataclass(frozen=True)
class Limit:
    """So many times in so long, of something."""

    name: str
    rate: RateLimitItem


# All of a large office may come from one address; each try costs a hash.
TRIES = Limit("tries", parse("120 per minute"))
# A person mistypes a few times; a machine tries hundreds of names from one address.
REFUSED = Limit("refused", parse("30 per minute"))
# Beyond the lock, which comes at the 4th wrong entry: whoever goes on is told to wait. Setting a
# password by a link is not held to it, so nobody can keep an owner out by wrong entries.
REFUSED_NAME = Limit("refused-name", parse("10 per 10 minutes"))
# Each asks for an e-mail. When all are used up the owner has the newest link in the letter-box.
LINKS = Limit("links", parse("10 per 10 minutes"))
LINKS_OF_NAME = Limit("links-of-name", parse("3 per 10 minutes"))
# Of somebody who is signed in: the present password, a code, a new address.
WRONG_PASSWORDS = Limit("wrong-passwords", parse("5 per 10 minutes"))
WRONG_CODES = Limit("wrong-codes", parse("5 per 10 minutes"))
NEW_ADDRESSES = Limit("new-addresses", parse("5 per hour"))
CHECKS = Limit("checks", parse("120 per minute"))


class RateLimits:
    """Counts, in this process."""

    def __init__(self) -> None:
        self._counts = MovingWindowRateLimiter(MemoryStorage())

    def count(self, limit: Limit, who: str) -> None:
        """Counts one more; answers 429 when it is one too many."""
        if not self._counts.hit(limit.rate, limit.name, who):
            raise self._too_many(limit, who)

    def look(self, limit: Limit, who: str) -> None:
        """Answers 429 when the limit is reached, without counting."""
        if not self._counts.test(limit.rate, limit.name, who):
            raise self._too_many(limit, who)

    def note(self, limit: Limit, who: str) -> None:
        """Counts one more, whether or not it is too many."""
        self._counts.hit(limit.rate, limit.name, who)

    def forget(self, limit: Limit, who: str) -> None:
        """Begins to count anew."""
        self._counts.clear(limit.rate, limit.name, who)

    def _too_many(self, limit: Limit, who: str) -> HTTPException:
        ends, _ = self._counts.get_window_stats(limit.rate, limit.name, who)
        wait = max(1, int(ends - time.time()) + 1)
        return HTTPException(
            429,
            f"This was tried too often. Wait {_in_words(wait)}, then try again.",
            {"Retry-After": str(wait)},
        )


def _in_words(seconds: int) -> str:
    if seconds <= 60:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    return f"{-(-seconds // 60)} minutes"


def limits_of(request: Request) -> RateLimits:
    """The counts of the application that answers this request."""
    found: RateLimits = request.app.state.rate_limits
    return found


def network_of(request: Request) -> str:
    """Where a request comes from: its address, or for IPv6 the /64 that one household has."""
    host = request.client.host if request.client else "unknown"
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, 64), strict=False))


def name_key(name: str) -> str:
    """A user name or e-mail address as it is counted, in any letter case, known or not."""
    return name.strip().lower()[:254]
