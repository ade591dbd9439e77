"""Addresses from Ordnance Survey Places (the OS Data Hub's API for AddressBase Premium).

Source: OS Places API, technical specification: https://docs.os.uk/os-apis/accessing-os-apis. The
key goes in a header, so that it stands in no address, and nothing here writes it anywhere.
"""

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from email.message import Message
from http.client import HTTPException, HTTPResponse, IncompleteRead
from typing import IO, Generic, TypeVar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

import structlog

from submission.addresses.os_records import ENGLAND, Record, address_of, matches_of, plain_uprn
from submission.addresses.service import MOST_MATCHES, Address, AddressesUnknown, Match

TIMEOUT = 3.0  # seconds
TRIES = 2
# After a failure nobody waits for the service again until so many seconds have passed.
PAUSE = 30.0
# A live project may ask 600 times a minute; beyond that the service refuses everything.
INTERVAL = 60 / 600  # seconds
# Below this a match has little in common with what was typed.
LEAST_MATCH = "0.2"
_MOST_BYTES = 1_000_000
_PIECE = 65_536
_REFUSES_ALL = frozenset([401, 403, 429])
_KEPT_ADDRESSES, _KEPT_SEARCHES = 2_000, 200
_DAY, _WHILE_CHOOSING = 86_400, 600  # seconds
_log = structlog.get_logger()
Key = TypeVar("Key")
Value = TypeVar("Value")


class _Failed(Exception):
    """One request failed. `again`: another try may help; `pause`: the next request would too."""

    def __init__(self, reason: str, again: bool, pause: bool) -> None:
        super().__init__(reason)
        self.again = again
        self.pause = pause


class _NoRedirects(HTTPRedirectHandler):
    """A redirect would carry the key to wherever it points."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


class _Remembered(Generic[Key, Value]):
    """Answers of the last while, so that the service is asked once and not for every page."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._answers: OrderedDict[Key, tuple[float, Value]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> tuple[Value] | None:
        with self._lock:
            found = self._answers.get(key)
            if found is None or time.monotonic() - found[0] > self._seconds:
                return None
            self._answers.move_to_end(key)
            return (found[1],)

    def keep(self, key: Key, value: Value) -> None:
        with self._lock:
            self._answers[key] = (time.monotonic(), value)
            self._answers.move_to_end(key)
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)


class OrdnanceSurveyPlaces:
    """OS Places over HTTPS. Safe to share between threads.

    A request waits 3 seconds at most and is made twice at most. What it found is remembered for a
    day by UPRN and for ten minutes by search.
    """

    is_there = True

    def __init__(self, url: str, key: str, timeout: float = TIMEOUT, pause: float = PAUSE) -> None:
        """Takes the address up to the version, such as https://api.os.uk/search/places/v1."""
        self._url = url.rstrip("/")
        self._key = key
        self._timeout = timeout
        self._pause = pause
        self._opener = build_opener(_NoRedirects)
        self._addresses: _Remembered[str, Address | None] = _Remembered(_KEPT_ADDRESSES, _DAY)
        self._searches: _Remembered[tuple[str, str], list[Match]] = _Remembered(
            _KEPT_SEARCHES, _WHILE_CHOOSING
        )
        self._turns = threading.Lock()
        self._next_turn = 0.0
        self._quiet_until = 0.0

    def by_uprn(self, uprn: str) -> Address | None:
        """The address of a number, where it is in England. Raises AddressesUnknown."""
        number = plain_uprn(uprn)
        known = self._addresses.get(number)
        if known is not None:
            return known[0]
        # Not every home has a postal address (DPA); the local authority's own (LPI) stands in.
        records = self._ask("uprn", {"uprn": number, "dataset": "DPA,LPI", "lr": "EN"})
        found = address_of(number, records)
        self._addresses.keep(number, found)
        return found

    def search(self, text: str, postcode: str) -> list[Match]:
        """The addresses in England that fit best, at most ten. Raises AddressesUnknown."""
        key = (" ".join(text.split()).upper(), " ".join(postcode.split()).upper())
        known = self._searches.get(key)
        if known is not None:
            return known[0]
        parameters = {
            "query": ", ".join(part for part in key if part),
            "maxresults": str(MOST_MATCHES),
            "minmatch": LEAST_MATCH,
            "dataset": "DPA",
            "lr": "EN",
            "fq": f"COUNTRY_CODE:{ENGLAND}",
        }
        found = matches_of(self._ask("find", parameters))
        self._searches.keep(key, found)
        for match in found:
            self._addresses.keep(match.address.uprn, match.address)
        return found

    def _ask(self, resource: str, parameters: Mapping[str, str]) -> list[Record]:
        """The records of an answer, each with the data set it is of."""
        if time.monotonic() < self._quiet_until:
            raise AddressesUnknown
        request = Request(  # noqa: S310 - the settings allow HTTPS, or this machine
            f"{self._url}/{resource}?{urlencode(parameters)}",
            headers={"key": self._key, "Accept": "application/json"},
        )
        for attempt in range(1, TRIES + 1):
            self._wait_for_turn()
            try:
                return _records(self._read(request))
            except _Failed as failed:
                # What was asked may name a home, so that it is not written either.
                _log.warning("addresses_unknown", resource=resource, reason=str(failed))
                if failed.again and attempt < TRIES:
                    continue
                if failed.pause:
                    self._quiet_until = time.monotonic() + self._pause
                break
        raise AddressesUnknown

    def _wait_for_turn(self) -> None:
        with self._turns:
            now = time.monotonic()
            turn = max(now, self._next_turn)
            self._next_turn = turn + INTERVAL
        time.sleep(turn - now)

    def _read(self, request: Request) -> bytes:
        deadline = time.monotonic() + self._timeout
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                return _body(answer, deadline)
        except HTTPError as refused:
            refused.close()
            again = refused.code >= 500
            pause = again or refused.code in _REFUSES_ALL
            raise _Failed(f"status {refused.code}", again, pause) from None
        except (OSError, HTTPException) as failure:
            reason = getattr(failure, "reason", failure)
            raise _Failed(type(reason).__name__, True, True) from None


def _body(answer: HTTPResponse, deadline: float) -> bytes:
    """The whole body. A time-out holds for each wait, so that a slow trickle is watched here."""
    pieces = []
    size = 0
    while piece := answer.read1(_PIECE):
        size += len(piece)
        if size > _MOST_BYTES or time.monotonic() > deadline:
            raise TimeoutError
        pieces.append(piece)
    if answer.length:
        raise IncompleteRead(b"", answer.length)
    return b"".join(pieces)


def _records(body: bytes) -> list[Record]:
    try:
        document = json.loads(body)
        # Where nothing was found the header stands alone.
        if "header" not in document and "results" not in document:
            raise ValueError
        results = document.get("results") or []
        return [(name, dict(record)) for result in results for name, record in result.items()]
    except (AttributeError, TypeError, ValueError):
        raise _Failed("not an answer of OS Places", False, True) from None
