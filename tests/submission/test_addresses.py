"""Addresses come from a service where one is set; here a server of our own answers as OS Places."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from pydantic import ValidationError
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from data_access.settings import Settings, get_settings
from submission.addresses import choice
from submission.addresses.choice import address_service
from submission.addresses.facts import address_facts, with_address
from submission.addresses.in_files import look_up_addresses
from submission.addresses.os_places import OrdnanceSurveyPlaces
from submission.addresses.service import MOST_MATCHES, Address, AddressesUnknown, NoAddressService
from submission.collection import load
from submission.page_answers import with_places
from submission.uploads.layout import layout
from submission.verdicts import Checked, check_logs

KEY = "a-key-nobody-may-see"
PATH = "/search/places/v1"


def postal(uprn: str, country: str = "E", **parts: str) -> dict[str, Any]:
    """A record of Royal Mail's addresses, as OS Places gives it."""
    names = {name.upper(): text for name, text in parts.items()}
    return {"DPA": {"UPRN": uprn, "COUNTRY_CODE": country, **names}}


def local(uprn: str, status: str = "1", **parts: str) -> dict[str, Any]:
    """A record of a local authority's own addresses."""
    names = {name.upper(): text for name, text in parts.items()}
    record = {"UPRN": uprn, "COUNTRY_CODE": "E", "LPI_LOGICAL_STATUS_CODE": status, **names}
    return {"LPI": record}


HIGH_STREET = [
    postal(
        str(7200 + number),
        building_number=str(number),
        thoroughfare_name="HIGH STREET",
        dependent_locality="HEADINGLEY",
        post_town="LEEDS",
        postcode="LS1 4AP",
    )
    for number in range(1, 15)
]
RECORDS = [
    *HIGH_STREET,
    postal(
        "9001",
        country="S",
        building_number="3",
        thoroughfare_name="HIGH STREET",
        post_town="EDINBURGH",
        postcode="EH1 1SR",
    ),
    postal(
        "100023336956",
        organisation_name="PRIME MINISTER & FIRST LORD OF THE TREASURY",
        building_number="10",
        thoroughfare_name="DOWNING STREET",
        post_town="LONDON",
        postcode="SW1A 2AA",
    ),
    local(
        "8100",
        status="8",
        pao_text="THE OLD BARN",
        street_description="MILL LANE",
        town_name="STOKE-ON-TRENT",
        postcode_locator="ST1 1AA",
    ),
    local(
        "8100",
        sao_text="FLAT",
        sao_start_number="2",
        pao_start_number="12",
        pao_start_suffix="A",
        street_description="ST MARY'S LANE",
        locality_name="BARTON UNDER NEEDWOOD",
        town_name="STOKE-ON-TRENT",
        postcode_locator="ST11AA",
    ),
]


@dataclass
class PlacesServer:
    """A server on this machine that answers as OS Places does.

    `failing`: what it does instead, for the next `times` requests; `asked`: path, parameters and
    key of each request; `score`: that of the best match, whatever is searched for.
    """

    url: str = ""
    score: float | None = None
    records: list[dict[str, Any]] = field(default_factory=lambda: list(RECORDS))
    failing: str = ""
    times: int = 0
    asked: list[tuple[str, dict[str, str], str]] = field(default_factory=list)

    def fail(self, how: str, times: int = 1_000) -> None:
        """Fails so many times from now on: slow, trickle, cut, garbage, redirect or a status."""
        self.failing, self.times = how, times

    def answer_for(self, resource: str, wanted: dict[str, str]) -> dict[str, Any]:
        """The document for a request that is in order."""
        if resource == "uprn":
            found = [r for r in self.records for p in r.values() if p["UPRN"] == wanted["uprn"]]
            kinds = wanted.get("dataset", "DPA").split(",")
            found = [record for record in found if set(record) <= set(kinds)]
        else:
            found = self._search(wanted)
        header = {"query": wanted, "totalresults": len(found), "format": "JSON"}
        return {"header": header, "results": found} if found else {"header": header}

    def _search(self, wanted: dict[str, str]) -> list[dict[str, Any]]:
        words = set(wanted["query"].upper().replace(",", " ").split())
        scored = []
        for record in self.records:
            parts = record.get("DPA")
            if parts is None or f"COUNTRY_CODE:{parts['COUNTRY_CODE']}" != wanted["fq"]:
                continue
            there = set(" ".join(str(text) for text in parts.values()).split())
            score = round(len(words & there) / len(words), 1)
            if score >= float(wanted["minmatch"]):
                scored.append((-score, {"DPA": {**parts, "MATCH": score}}))
        scored.sort(key=lambda pair: pair[0])
        if self.score is not None:
            scored[0][1]["DPA"]["MATCH"] = self.score
            scored = scored[:1]
        return [record for _, record in scored][: int(wanted["maxresults"])]


@contextmanager
def places_server() -> Iterator[PlacesServer]:
    """Runs a server for as long as it is needed."""
    places = PlacesServer()
    done = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            wanted = {name: values[0] for name, values in parse_qs(parts.query).items()}
            key = self.headers.get("key", "")
            places.asked.append((parts.path, wanted, key))
            how = places.failing if places.times > 0 else ""
            places.times -= 1
            if how == "slow":
                done.wait(5)
            elif how == "redirect":
                self.send_response(302)
                self.send_header("Location", f"{places.url}/uprn?uprn=7201&dataset=DPA")
                self.end_headers()
            elif how == "trickle":
                self._begin(200, 1_000)
                for _ in range(100):
                    if done.wait(0.1):
                        return
                    self.wfile.write(b" ")
            elif how == "cut":
                self._begin(200, 1_000)
                self.wfile.write(b'{"header":')
            elif how == "garbage":
                self._send(200, b"<html>Sign in to the guest network</html>")
            elif how:
                self._send(int(how), b"{}")
            elif key != KEY:
                self._send(401, b'{"fault": "invalid key"}')
            else:
                resource = parts.path.removeprefix(f"{PATH}/")
                self._send(200, json.dumps(places.answer_for(resource, wanted)).encode())

        def _begin(self, status: int, length: int) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(length))
            self.end_headers()

        def _send(self, status: int, body: bytes) -> None:
            self._begin(status, len(body))
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    places.url = f"http://127.0.0.1:{server.server_port}{PATH}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield places
    finally:
        done.set()
        server.shutdown()
        thread.join()
        server.server_close()


def use_places(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Sets the service of this process, as the environment of a deployment does."""
    monkeypatch.setenv("ADDRESS_SERVICE", "os-places")
    monkeypatch.setenv("OS_PLACES_KEY", KEY)
    monkeypatch.setenv("OS_PLACES_URL", url)
    forget_settings()


def forget_settings() -> None:
    """Has settings read again, and nothing of an earlier service remembered."""
    get_settings.cache_clear()
    choice._service.cache_clear()


@pytest.fixture
def places() -> Iterator[PlacesServer]:
    with places_server() as server:
        yield server


@pytest.fixture
def service(places: PlacesServer) -> OrdnanceSurveyPlaces:
    return OrdnanceSurveyPlaces(places.url, KEY, timeout=1)


@pytest.fixture
def chosen(places: PlacesServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[PlacesServer]:
    """A server that the settings of this process name."""
    use_places(monkeypatch, places.url)
    yield places
    monkeypatch.undo()
    forget_settings()


# The service


def test_a_number_gives_the_postal_address_in_england(
    places: PlacesServer, service: OrdnanceSurveyPlaces
) -> None:
    expected = Address("7203", "3 High Street", "Headingley", "Leeds", "LS1 4AP")
    assert service.by_uprn("7203") == expected
    assert service.by_uprn("000000007203") == expected
    assert expected.in_words == "3 High Street, Headingley, Leeds, LS1 4AP"
    [(path, wanted, key)] = places.asked
    assert path == f"{PATH}/uprn"
    assert wanted == {"uprn": "7203", "dataset": "DPA,LPI", "lr": "EN"}
    assert key == KEY


def test_a_home_without_a_postal_address_has_the_authoritys_own(
    service: OrdnanceSurveyPlaces,
) -> None:
    found = service.by_uprn("8100")
    assert found == Address(
        "8100",
        "Flat 2, 12A St Mary's Lane",
        "Barton under Needwood",
        "Stoke-on-Trent",
        "ST1 1AA",
    )


def test_a_number_of_another_country_or_of_nobody_gives_none(
    service: OrdnanceSurveyPlaces,
) -> None:
    assert service.by_uprn("9001") is None
    assert service.by_uprn("424242") is None


def test_a_search_gives_ten_addresses_in_england_best_first(
    places: PlacesServer, service: OrdnanceSurveyPlaces
) -> None:
    found = service.search("3 High Street", "LS1 4AP")
    assert len(found) == MOST_MATCHES == 10
    assert found[0].address.in_words == "3 High Street, Headingley, Leeds, LS1 4AP"
    assert found[0].score == Decimal("1.0")
    scores = [match.score for match in found]
    assert scores == sorted(scores, reverse=True)
    [(path, wanted, _)] = places.asked
    assert path == f"{PATH}/find"
    assert wanted["query"] == "3 HIGH STREET, LS1 4AP"
    assert (wanted["maxresults"], wanted["fq"]) == ("10", "COUNTRY_CODE:E")
    edinburgh = service.search("3 High Street", "EH1 1SR")
    assert all("Edinburgh" not in match.address.in_words for match in edinburgh)


def test_the_service_is_asked_once_for_the_same_thing(
    places: PlacesServer, service: OrdnanceSurveyPlaces
) -> None:
    for _ in range(3):
        service.search("3 high  street", "ls1 4ap")
        service.by_uprn("424242")
    # An address that a search found is known by its number too.
    service.by_uprn("7203")
    assert [path for path, _, _ in places.asked] == [f"{PATH}/find", f"{PATH}/uprn"]


@pytest.mark.parametrize("how", ["500", "503", "cut"])
def test_one_failure_is_tried_again(
    places: PlacesServer, service: OrdnanceSurveyPlaces, how: str
) -> None:
    places.fail(how, times=1)
    assert service.by_uprn("7203") is not None
    assert len(places.asked) == 2


@pytest.mark.parametrize(
    ("how", "requests"),
    [("500", 2), ("cut", 2), ("401", 1), ("403", 1), ("429", 1), ("garbage", 1)],
)
def test_a_service_that_fails_says_nothing_and_is_left_alone_for_a_while(
    places: PlacesServer, how: str, requests: int
) -> None:
    service = OrdnanceSurveyPlaces(places.url, KEY, pause=0.3)
    places.fail(how)
    for uprn in ("7203", "7204", "7205"):
        with pytest.raises(AddressesUnknown):
            service.by_uprn(uprn)
    assert len(places.asked) == requests
    places.fail("", times=0)
    time.sleep(0.4)
    # A failure is not remembered as "no such address".
    assert service.by_uprn("7203") is not None


@pytest.mark.parametrize("how", ["400", "404", "redirect"])
def test_a_request_that_is_refused_alone_does_not_stop_others(
    places: PlacesServer, service: OrdnanceSurveyPlaces, how: str
) -> None:
    places.fail(how, times=1)
    with pytest.raises(AddressesUnknown):
        service.by_uprn("7203")
    # A redirect is not followed: the key would go with it.
    assert len(places.asked) == 1
    assert service.by_uprn("7204") is not None


@pytest.mark.parametrize("how", ["slow", "trickle"])
def test_nobody_waits_for_a_slow_service_longer_than_two_time_outs(
    places: PlacesServer, how: str
) -> None:
    service = OrdnanceSurveyPlaces(places.url, KEY, timeout=0.4)
    places.fail(how)
    started = time.monotonic()
    with pytest.raises(AddressesUnknown):
        service.by_uprn("7203")
    assert time.monotonic() - started < 4 * 0.4
    assert len(places.asked) == 2
    started = time.monotonic()
    with pytest.raises(AddressesUnknown):
        service.by_uprn("7203")
    assert time.monotonic() - started < 0.1


def test_a_server_that_is_not_there_says_nothing() -> None:
    with pytest.raises(AddressesUnknown):
        OrdnanceSurveyPlaces(f"http://127.0.0.1:9{PATH}", KEY).by_uprn("7203")


@pytest.mark.parametrize("how", ["401", "500", "cut", "garbage", "slow"])
def test_the_key_is_written_nowhere(places: PlacesServer, how: str) -> None:
    service = OrdnanceSurveyPlaces(places.url, KEY, timeout=0.2)
    places.fail(how)
    with capture_logs() as lines, pytest.raises(AddressesUnknown) as raised:
        service.search("3 High Street", "LS1 4AP")
    assert lines
    assert all(line["event"] == "addresses_unknown" and line["reason"] for line in lines)
    written = f"{lines} {raised.value!r} {service!r} {raised.value.__cause__!r}"
    assert KEY not in written
    assert "HIGH STREET" not in written.upper()
    assert all(KEY not in path and KEY not in str(wanted) for path, wanted, _ in places.asked)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (
            {
                "sub_building_name": "FLAT 2",
                "building_name": "12A",
                "thoroughfare_name": "THE MALL",
            },
            "Flat 2, 12A The Mall",
        ),
        (
            {
                "building_name": "ROSE COTTAGE",
                "building_number": "7",
                "dependent_thoroughfare_name": "MEWS COURT",
                "thoroughfare_name": "KING'S ROAD",
            },
            "Rose Cottage, 7 Mews Court, King's Road",
        ),
        ({"po_box_number": "99"}, "PO Box 99"),
        ({"building_name": "12-14", "thoroughfare_name": "O'NEILL STREET"}, "12-14 O'Neill Street"),
        ({"dependent_locality": "LITTLE SNORING"}, "Little Snoring"),
    ],
)
def test_the_first_line_is_written_as_people_write_it(
    places: PlacesServer, service: OrdnanceSurveyPlaces, parts: dict[str, str], words: str
) -> None:
    places.records = [postal("55", post_town="NEWCASTLE UPON TYNE", postcode="NE1 1AA", **parts)]
    found = service.by_uprn("55")
    assert found is not None
    assert found.address_line1 == words
    assert found.town_or_city == "Newcastle upon Tyne"


# Settings


def test_the_default_is_no_service() -> None:
    settings = Settings(_env_file=None)
    assert settings.address_service == "none"
    assert settings.os_places_url == "https://api.os.uk/search/places/v1"
    service = NoAddressService()
    assert not service.is_there
    with pytest.raises(AddressesUnknown):
        service.by_uprn("1")
    with pytest.raises(AddressesUnknown):
        service.search("1 High Street", "LS1 4AP")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"os_places_key": " "}, "OS_PLACES_KEY"),
        ({"os_places_key": KEY, "os_places_url": "http://api.os.uk/places"}, "https"),
        ({"os_places_key": KEY, "os_places_url": "api.os.uk"}, "https"),
        ({"os_places_key": KEY, "os_places_url": "ftp://127.0.0.1/places"}, "https"),
    ],
)
def test_a_service_that_could_not_be_asked_safely_is_refused_at_start(
    given: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(address_service="os-places", **given)
    assert words in str(refused.value)
    assert KEY not in str(refused.value)


def test_the_key_is_hidden_when_settings_are_shown() -> None:
    settings = Settings(address_service="os-places", os_places_key=KEY)  # type: ignore[arg-type]
    assert KEY not in repr(settings)
    assert KEY not in str(settings.model_dump())


# Logs


def _checked(collection: str, year: int, answers: dict[str, Any]) -> Checked:
    event = {"lettings": "startdate", "sales": "saledate"}[collection]
    given = {event: f"{year}-09-28", "manual_address_entry_selected": False, **answers}
    if collection == "lettings":
        given |= {"needstype": 1, "renewal": 0, "rent_type": 0}
    # One column at least: a frame without any has no rows.
    facts = {"owner_choice_needed": True, **address_facts(given, year)}
    context = pd.DataFrame([facts], dtype=object)
    frame = pd.DataFrame([given], dtype=object)
    [checked] = check_logs(collection, year, frame, context, date(2026, 11, 24))
    return checked


def _broken(checked: Checked) -> set[str]:
    return {finding["rule"] for finding in checked.findings}


NOT_FOUND = {"lettings": "uprn_not_found", "sales": "uprn_not_recognised"}
EVERY = [(name, year) for name in ("lettings", "sales") for year in (2023, 2024, 2025, 2026)]


@pytest.mark.parametrize(("collection", "year"), EVERY)
def test_a_uprn_fills_the_address_and_its_authority(
    chosen: PlacesServer, collection: str, year: int
) -> None:
    typed = {"uprn": "7203", "uprn_known": 1, "address_line1": "As typed", "county": "Yorks"}
    checked = _checked(collection, year, typed)
    kept = checked.answers
    assert kept["address_line1"] == "3 High Street"
    assert kept["address_line2"] == "Headingley"
    assert kept["town_or_city"] == "Leeds"
    assert kept["postcode_full"] == "LS1 4AP"
    assert kept["la"] == "E08000035"
    assert "county" not in kept
    assert NOT_FOUND[collection] not in _broken(checked)


@pytest.mark.parametrize(("collection", "year"), EVERY)
def test_a_uprn_that_england_does_not_have_breaks_the_rule(
    chosen: PlacesServer, collection: str, year: int
) -> None:
    for uprn in ("424242", "9001"):
        checked = _checked(collection, year, {"uprn": uprn, "uprn_known": 1})
        assert NOT_FOUND[collection] in _broken(checked)


@pytest.mark.parametrize(("collection", "year"), EVERY)
def test_nothing_is_said_of_a_uprn_while_the_service_is_silent(
    chosen: PlacesServer, collection: str, year: int
) -> None:
    chosen.fail("500")
    checked = _checked(collection, year, {"uprn": "424242", "uprn_known": 1})
    assert NOT_FOUND[collection] not in _broken(checked)
    assert checked.answers["uprn"] == "424242"


@pytest.mark.parametrize(("collection", "year"), EVERY)
def test_without_a_service_a_uprn_is_kept_unverified(collection: str, year: int) -> None:
    assert not address_service().is_there
    typed = {"uprn": "424242", "uprn_known": 1, "address_line1": "As typed"}
    checked = _checked(collection, year, typed)
    assert NOT_FOUND[collection] not in _broken(checked)
    assert checked.answers["uprn"] == "424242"
    assert checked.answers["address_line1"] == "As typed"


def test_only_what_can_be_a_uprn_of_a_log_is_looked_up(chosen: PlacesServer) -> None:
    typed = {"uprn": "7203", "manual_address_entry_selected": True}
    for answers in ({}, {"uprn": "10003A"}, {"uprn": "1234567890123"}, typed):
        assert address_facts(answers, 2026) == {}
    assert chosen.asked == []
    assert "uprn_format" in _broken(_checked("lettings", 2026, {"uprn": "10003A"}))


def test_another_uprn_takes_the_earlier_address_away(chosen: PlacesServer) -> None:
    first = with_address({"uprn": "7203", "county": "Yorkshire", "tenancycode": "T1"})
    assert first["address_line1"] == "3 High Street"
    assert "county" not in first
    second = with_address({**first, "uprn": "424242"})
    assert second == {"uprn": "424242", "uprn_selection": "424242", "uprn_known": 1} | {
        "tenancycode": "T1"
    }
    chosen.fail("500")
    silent = with_address({**first, "uprn": "7209"})
    assert "address_line1" not in silent
    assert silent["uprn"] == "7209"


def test_an_address_said_to_be_wrong_goes_and_the_next_is_typed(db: Session) -> None:
    found = {"uprn": "7203", "uprn_known": 1, "address_line1": "3 High Street", "la": "E08000035"}
    before = {**found, "postcode_full": "LS1 4AP", "is_la_inferred": True, "uprn_confirmed": 0}
    after = with_places(db, before, {"uprn_confirmed": 0})
    assert after == {"uprn_known": 0, "is_la_inferred": False}


def test_without_a_service_another_uprn_changes_nothing_else() -> None:
    answers = {"uprn": "7203", "uprn_selection": "1", "address_line1": "As typed"}
    assert with_address(answers) == answers


# Files


def _rows(*rows: dict[str, str], year: int = 2026, collection: str = "lettings") -> pd.DataFrame:
    made = layout(collection, year)
    numbers = [column.field for column in load(collection, year).upload_columns]
    lines = []
    for row in rows:
        line = dict.fromkeys(numbers, "")
        for name, text in row.items():
            at = 1 if name == "incode" else 0
            line[made.number("postcode_full" if name == "incode" else name, at)] = text
        lines.append(line)
    return pd.DataFrame(lines, columns=pd.Index(numbers), index=range(3, 3 + len(rows)))


def _texts(rows: pd.DataFrame, at: int, *names: str) -> list[str]:
    made = layout("lettings", 2026)
    return [rows.iloc[at][made.number(name)] for name in names]


TYPED = {"address_line1": "3 high street", "postcode_full": "LS1", "incode": "4AP"}


def test_in_a_file_the_number_counts_first_and_then_a_good_match(
    places: PlacesServer, service: OrdnanceSurveyPlaces
) -> None:
    weak = {
        "address_line1": "99 Nowhere Lane Bungalow",
        "postcode_full": "LS1",
        "incode": "4AP",
    }
    given = _rows({"uprn": "7205.0", **TYPED}, TYPED, weak, {"uprn": "424242"}, {"uprn": "x"}, {})
    found = look_up_addresses(service, layout("lettings", 2026), given)
    parts = ("uprn", "address_line1", "town_or_city", "postcode_full")
    assert _texts(found.rows, 0, *parts) == ["7205", "5 High Street", "Leeds", "LS1"]
    assert _texts(found.rows, 1, *parts) == ["7203", "3 High Street", "Leeds", "LS1"]
    assert _texts(found.rows, 2, *parts) == ["", weak["address_line1"], "", "LS1"]
    assert found.typed == dict.fromkeys((0, 1), ("3 high street", "LS1 4AP"))
    assert found.not_found == {3}
    assert found.unknown == 0
    assert found.in_words == ""
    # The rows that came are as they were.
    assert _texts(given, 0, "uprn", "address_line1") == ["7205.0", "3 high street"]


@pytest.mark.parametrize(("collection", "year"), EVERY)
def test_files_of_every_layout_have_the_address_of_their_uprn(
    service: OrdnanceSurveyPlaces, collection: str, year: int
) -> None:
    row = {"uprn": "7205", **({"needstype": "1"} if collection == "lettings" else {})}
    given = _rows(row, year=year, collection=collection)
    made = layout(collection, year)
    found = look_up_addresses(service, made, given)
    line = found.rows.iloc[0]
    halves = [line[made.number("postcode_full", half)] for half in (0, 1)]
    assert line[made.number("address_line1")] == "5 High Street"
    assert halves == ["LS1", "4AP"]


@pytest.mark.parametrize(("score", "is_taken"), [(1.0, True), (0.7, True), (0.69, False)])
def test_a_match_counts_from_seven_tenths(
    places: PlacesServer, service: OrdnanceSurveyPlaces, score: float, is_taken: bool
) -> None:
    places.score = score
    found = look_up_addresses(service, layout("lettings", 2026), _rows(TYPED))
    assert bool(found.typed) is is_taken
    assert _texts(found.rows, 0, "uprn") == (["7203"] if is_taken else [""])


def test_each_address_of_a_file_is_asked_for_once(
    places: PlacesServer, service: OrdnanceSurveyPlaces
) -> None:
    given = _rows(*[{"uprn": "7205"}] * 50, *[TYPED] * 50)
    look_up_addresses(service, layout("lettings", 2026), given)
    assert len(places.asked) == 2


def test_supported_housing_is_not_looked_up_before_2026(
    places: PlacesServer, service: OrdnanceSurveyPlaces
) -> None:
    rows = [{"needstype": "2", "uprn": "7205"}, {"needstype": "2", **TYPED}]
    look_up_addresses(service, layout("lettings", 2025), _rows(*rows, year=2025))
    assert places.asked == []


def test_typed_addresses_are_matched_since_2024(
    places: PlacesServer, service: OrdnanceSurveyPlaces
) -> None:
    given = _rows({"needstype": "1", **TYPED}, year=2023)
    look_up_addresses(service, layout("lettings", 2023), given)
    assert places.asked == []


def test_a_file_keeps_what_was_typed_where_the_service_is_silent(
    places: PlacesServer, service: OrdnanceSurveyPlaces
) -> None:
    given = _rows({"uprn": "7205"}, TYPED, {})
    places.fail("500")
    found = look_up_addresses(service, layout("lettings", 2026), given)
    assert found.rows.equals(given)
    assert found.unknown == 2
    assert found.facts == {}
    assert "2 rows were kept as given" in found.in_words


def test_a_file_waits_for_the_service_no_longer_than_its_limit(
    places: PlacesServer, service: OrdnanceSurveyPlaces
) -> None:
    given = _rows({"uprn": "7205"})
    found = look_up_addresses(service, layout("lettings", 2026), given, most_seconds=-1)
    assert places.asked == []
    assert "1 row was kept as given" in found.in_words


def test_without_a_service_a_file_stays_as_it_is() -> None:
    given = _rows({"uprn": "7205"}, TYPED)
    found = look_up_addresses(NoAddressService(), layout("lettings", 2026), given)
    assert found.rows is given
    assert found.in_words == ""
