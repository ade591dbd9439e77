"""An address is found by search or UPRN where there is a service, and typed where there is none."""

import csv
import io
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from data_access.institutions import Institution
from data_access.logs import Log
from data_access.uploads import Upload
from tests.portal.conftest import sign_in_as
from tests.submission.test_addresses import (
    PlacesServer,
    forget_settings,
    places_server,
    postal,
    use_places,
)

# What a log needs before its address is asked for.
SET_UP = {
    "needs_type": {"needstype": "1"},
    "renewal": {"renewal": "0"},
    "tenancy_start_date": {
        "startdate-day": "1",
        "startdate-month": "6",
        "startdate-year": "2026",
    },
    "rent_type": {"rent_type": "0"},
    "declaration": {"declaration": "1"},
}


@pytest.fixture
def provider(demonstration: TestClient) -> TestClient:
    """A data provider of a portal without a service of addresses, which is the default.

    The institution has homes in Leeds, where the addresses of these tests are.
    """
    _covers(demonstration, "E08000035")
    sign_in_as(demonstration, "provider")
    return demonstration


def _covers(client: TestClient, *areas: str) -> None:
    app: Any = client.app
    with app.state.session_factory() as db:
        db.get(Institution, 1).local_authorities = list(areas)
        db.commit()


@pytest.fixture
def places(provider: TestClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[PlacesServer]:
    """The service of addresses that the portal is set to."""
    with places_server() as server:
        use_places(monkeypatch, server.url)
        yield server
        monkeypatch.undo()
        forget_settings()


def _start(client: TestClient, kind: str = "lettings-2026") -> str:
    answer = client.post("/logs", data={"kind": kind})
    assert answer.status_code == 303
    log = str(answer.headers["location"])
    if kind == "lettings-2026":
        for slug, values in SET_UP.items():
            _send(client, f"{log}/pages/{slug}", **values)
    return log


def _text(client: TestClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.headers
    return unescape(answer.text)


def _version(text: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', text)
    assert found
    return found[1]


def _send(client: TestClient, address: str, **values: str) -> tuple[int, str]:
    """Sends a page; gives the status, and where it leads or what it then shows."""
    version = _version(_text(client, address))
    page = address.partition("?")[0]
    answer = client.post(page, data={"version": version, **values})
    return answer.status_code, answer.headers.get("location", unescape(answer.text))


def _kept(client: TestClient, log: str) -> dict[str, Any]:
    app: Any = client.app
    with app.state.session_factory() as db:
        found = db.get(Log, int(log.rsplit("/", 1)[1]))
        return dict(found.answers)


def _search(client: TestClient, page: str, line: str, postcode: str) -> str:
    status, then = _send(
        client, page, go="find", address_line1_input=line, postcode_full_input=postcode
    )
    assert (status, then) == (303, f"{page}?step=choose")
    return _text(client, then)


def test_without_a_service_the_address_is_typed_as_ever(provider: TestClient) -> None:
    log = _start(provider)
    text = _text(provider, f"{log}/pages/address")
    assert "Search for the address" not in text
    assert 'name="address_line1"' in text
    assert _kept(provider, log)["manual_address_entry_selected"] is True
    status, then = _send(
        provider,
        f"{log}/pages/address",
        address_line1="1 High Street",
        town_or_city="Leeds",
        postcode_full="LS1 4AP",
        go="search",
    )
    assert status == 303
    assert "address_search" not in then


@pytest.mark.parametrize("kind", ["lettings-2026", "sales-2026"])
def test_an_address_is_searched_for_and_chosen(
    provider: TestClient, places: PlacesServer, kind: str
) -> None:
    log = _start(provider, kind)
    page = f"{log}/pages/address_search"
    assert "Find the address of the home" in _text(provider, page)
    text = _search(provider, page, "3 High Street", "LS1 4AP")
    labels = re.findall(r'for="choice[-\d]*">([^<]+)<', text)
    assert labels[0] == "3 High Street, Headingley, Leeds, LS1 4AP"
    assert labels[-1] == "The address is not in this list"
    assert len(labels) == 11
    assert not any("Edinburgh" in label for label in labels)
    uprn = re.findall(r'name="choice"[^>]* value="(\w+)"', text)[0]
    status, then = _send(provider, f"{page}?step=choose", go="choose", choice=uprn)
    assert status == 303
    assert "address" not in then
    kept = _kept(provider, log)
    assert kept["uprn"] == "7203"
    assert kept["address_line1"] == "3 High Street"
    assert kept["postcode_full"] == "LS1 4AP"
    assert kept["la"] == "E08000035"
    assert kept["is_la_inferred"] is True
    # The list had the address, so that choosing it asks for nothing more.
    assert [path.rsplit("/", 1)[1] for path, _, _ in places.asked] == ["find"]


def test_an_address_where_the_owner_has_no_homes_is_told_as_it_is_chosen(
    provider: TestClient, places: PlacesServer
) -> None:
    _covers(provider, "E09000007")
    log = _start(provider)
    page = f"{log}/pages/address_search"
    _search(provider, page, "3 High Street", "LS1 4AP")
    status, text = _send(provider, f"{page}?step=choose", go="choose", choice="7203")
    assert status == 422
    assert text.count("The owning organisation does not cover this local authority") == 2
    assert 'href="#uprn"' in text
    assert 'id="uprn"' in text
    assert _kept(provider, log)["uprn"] == "7203"


def test_a_chosen_address_is_shown_with_the_answers(
    provider: TestClient, places: PlacesServer
) -> None:
    log = _start(provider)
    _send(provider, f"{log}/pages/address_search", go="find", uprn="7203")
    text = _text(provider, f"{log}/answers")
    row = text.split('id="answer-uprn"')[1].split("</div>")[0]
    assert "7203: 3 High Street, Headingley, Leeds, LS1 4AP" in row
    assert 'id="answer-address_line1"' not in text


def test_an_address_found_by_uprn_is_confirmed(provider: TestClient, places: PlacesServer) -> None:
    log = _start(provider)
    page = f"{log}/pages/address_search"
    assert _send(provider, page, go="find", uprn=" 72 03 ") == (303, page)
    text = _text(provider, page)
    assert "Is this the address of the home?" in text
    assert "3 High Street<br>Headingley<br>Leeds<br>LS1 4AP" in text
    status, text = _send(provider, page, go="confirm")
    assert status == 422
    assert "Say whether this is the address" in text
    status, then = _send(provider, page, go="confirm", choice="yes")
    assert status == 303
    assert "address" not in then
    assert _kept(provider, log)["address_line1"] == "3 High Street"


@pytest.mark.parametrize(("choice", "page"), [("search", "address_search"), ("type", "address")])
def test_an_address_that_is_not_the_homes_goes_with_its_uprn(
    provider: TestClient, places: PlacesServer, choice: str, page: str
) -> None:
    log = _start(provider)
    _send(provider, f"{log}/pages/address_search", go="find", uprn="7203")
    sent = _send(provider, f"{log}/pages/address_search", go="confirm", choice=choice)
    assert sent == (303, f"{log}/pages/{page}")
    kept = _kept(provider, log)
    gone = {"uprn", "uprn_selection", "address_line1", "town_or_city", "postcode_full", "la"}
    assert gone.isdisjoint(kept)
    assert kept["manual_address_entry_selected"] == (choice == "type")


def test_an_address_that_is_not_listed_is_typed_beginning_with_what_was_searched_for(
    provider: TestClient, places: PlacesServer
) -> None:
    log = _start(provider)
    page = f"{log}/pages/address_search"
    _search(provider, page, "77 High Street", "LS1 4AP")
    sent = _send(provider, f"{page}?step=choose", go="choose", choice="not_listed")
    assert sent == (303, f"{log}/pages/address")
    text = _text(provider, f"{log}/pages/address")
    assert re.search(r'name="address_line1"[^>]*value="77 High Street"', text)
    assert re.search(r'name="postcode_full"[^>]*value="LS1 4AP"', text)
    # Whoever types may still search, and what was typed stays.
    assert "Search for the address instead" in text
    sent = _send(
        provider,
        f"{log}/pages/address",
        go="search",
        address_line1="77 High Street",
        town_or_city="Leeds",
        postcode_full="LS1 4AP",
    )
    assert sent == (303, page)
    assert _kept(provider, log)["town_or_city"] == "Leeds"
    assert "Find the address of the home" in _text(provider, page)


def test_a_search_that_finds_nothing_says_so_and_leads_to_typing(
    provider: TestClient, places: PlacesServer
) -> None:
    log = _start(provider)
    page = f"{log}/pages/address_search"
    text = _search(provider, page, "Qwertz", "ZZ9 9ZZ")
    assert "No address in England fits" in text
    assert f'href="{page}?step=again"' in text
    sent = _send(provider, f"{page}?step=choose", go="type")
    assert sent == (303, f"{log}/pages/address")


def test_nothing_searched_for_and_nothing_chosen_are_pointed_out(
    provider: TestClient, places: PlacesServer
) -> None:
    log = _start(provider)
    page = f"{log}/pages/address_search"
    status, text = _send(provider, page, go="find")
    assert status == 422
    assert '<a href="#address_line1_input">Enter the first line' in text
    assert "skip it for now" in text
    _search(provider, page, "3 High Street", "LS1 4AP")
    status, text = _send(provider, f"{page}?step=choose", go="choose")
    assert status == 422
    assert '<a href="#choice">Choose an address' in text
    assert 'id="choice"' in text


@pytest.mark.parametrize("uprn", ["424242", "9001"])
def test_a_uprn_that_england_does_not_have_is_refused_in_words(
    provider: TestClient, places: PlacesServer, uprn: str
) -> None:
    log = _start(provider)
    status, text = _send(provider, f"{log}/pages/address_search", go="find", uprn=uprn)
    assert status == 422
    assert "No address in England was found" in text
    assert re.search(rf'id="uprn"[^>]*value="{uprn}"', text)


def test_a_text_that_is_no_uprn_is_kept_and_pointed_out(
    provider: TestClient, places: PlacesServer
) -> None:
    log = _start(provider)
    status, text = _send(provider, f"{log}/pages/address_search", go="find", uprn='10A"<b>')
    assert status == 422
    assert "between 1 and 12 digits" in text
    assert places.asked == []
    assert _kept(provider, log)["uprn"] == '10A"<b>'
    assert "<b>" not in provider.get(f"{log}/pages/address_search").text


def test_while_the_service_is_silent_a_uprn_is_saved_and_checked_later(
    provider: TestClient, places: PlacesServer
) -> None:
    log = _start(provider)
    page = f"{log}/pages/address_search"
    places.fail("401")
    assert _send(provider, page, go="find", uprn="424242") == (303, page)
    text = _text(provider, page)
    assert "The UPRN could not be checked" in text
    status, then = _send(provider, page, go="confirm", choice="yes")
    assert status == 303
    assert "address" not in then
    assert "the UPRN has not been checked" in _text(provider, f"{log}/answers")
    provider.post(f"{log}/submit")
    assert "No address in England was found" not in _text(provider, f"{log}/answers")
    assert _kept(provider, log)["uprn"] == "424242"
    # The service answers again.
    places.fail("", times=0)
    forget_settings()
    provider.post(f"{log}/submit")
    text = _text(provider, f"{log}/answers")
    assert "No address in England was found" in text
    assert "has not been checked" not in text


def test_while_the_service_is_silent_what_was_searched_for_is_kept(
    provider: TestClient, places: PlacesServer
) -> None:
    log = _start(provider)
    page = f"{log}/pages/address_search"
    places.fail("500")
    text = _search(provider, page, "3 High Street", "LS1 4AP")
    assert "does not answer at the moment" in text
    assert re.search(r'name="address_line1_input"[^>]*value="3 High Street"', text)
    assert _send(provider, f"{page}?step=choose", go="type") == (303, f"{log}/pages/address")
    assert 'value="3 High Street"' in _text(provider, f"{log}/pages/address")


def test_submitting_fills_the_address_that_could_not_be_found_before(
    provider: TestClient, places: PlacesServer
) -> None:
    log = _start(provider)
    places.fail("401")
    _send(provider, f"{log}/pages/address_search", go="find", uprn="7203")
    assert "address_line1" not in _kept(provider, log)
    places.fail("", times=0)
    forget_settings()
    provider.post(f"{log}/submit")
    kept = _kept(provider, log)
    assert (kept["address_line1"], kept["la"]) == ("3 High Street", "E08000035")


def test_two_people_who_choose_an_address_are_both_shown_both(
    provider: TestClient, places: PlacesServer
) -> None:
    log = _start(provider)
    page = f"{log}/pages/address_search"
    _search(provider, page, "3 High Street", "LS1 4AP")
    old = _version(_text(provider, f"{page}?step=choose"))
    _send(provider, f"{page}?step=choose", go="choose", choice="7204")
    answer = provider.post(page, data={"version": old, "go": "choose", "choice": "7203"})
    assert answer.status_code == 409
    text = unescape(answer.text)
    assert "saved now: <strong>7204</strong>; yours: <strong>7203</strong>" in text
    assert re.search(r'value="7203" checked', text)
    status, _ = _send_again(provider, page, text, choice="7203")
    assert status == 303
    assert _kept(provider, log)["address_line1"] == "3 High Street"


def _send_again(client: TestClient, page: str, text: str, **values: str) -> tuple[int, str]:
    data = {"version": _version(text), "go": "choose", **values}
    answer = client.post(page, data=data)
    return answer.status_code, answer.headers.get("location", "")


def test_when_the_service_is_taken_away_the_address_can_be_typed(
    provider: TestClient, places: PlacesServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = _start(provider)
    monkeypatch.setenv("ADDRESS_SERVICE", "none")
    forget_settings()
    page = f"{log}/pages/address_search"
    assert 'name="uprn"' in _text(provider, page)
    assert _send(provider, page, go="type") == (303, f"{log}/pages/address")
    assert _kept(provider, log)["manual_address_entry_selected"] == 1
    # An unverified UPRN is kept as it is.
    other = _start(provider)
    assert _kept(provider, other)["manual_address_entry_selected"] is True


def test_markup_in_an_address_stays_text(provider: TestClient, places: PlacesServer) -> None:
    places.records = [
        postal("66", building_name="<script>x</script>", post_town="LEEDS", postcode="LS1 4AP")
    ]
    log = _start(provider)
    page = f"{log}/pages/address_search"
    _send(provider, page, go="find", uprn="66")
    assert "<script>x" not in provider.get(page).text.lower()


# Files


def _rows_of_file(client: TestClient) -> list[list[str]]:
    file = client.get("/uploads/demonstration.csv").content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(file, newline="")))


def _upload(client: TestClient, rows: list[list[str]]) -> tuple[Upload, list[Log]]:
    made = io.StringIO(newline="")
    csv.writer(made).writerows(rows)
    file = ("lettings.csv", made.getvalue().encode(), "text/csv")
    answer = client.post("/uploads", files={"file": file})
    assert answer.status_code == 303, answer.text
    app: Any = client.app
    with app.state.session_factory() as db:
        upload = db.get(Upload, int(answer.headers["location"].rsplit("/", 1)[1]))
        logs = list(
            db.scalars(select(Log).where(Log.upload_id == upload.id).order_by(Log.upload_row))
        )
        db.expunge_all()
    return upload, logs


def _small_file(client: TestClient, changes: list[dict[str, str]]) -> list[list[str]]:
    """The demonstration's header and as many valid rows of it as there are changes to make."""
    rows = _rows_of_file(client)
    numbers = next(row for row in rows if "18" in row and "23" in row and "120" in row)
    header = rows[: rows.index(numbers) + 1]
    fields = {"uprn": "18", "line": "19", "town": "21", "county": "22", "out": "23", "in": "24"}
    general = [row for row in rows[len(header) :] if row[numbers.index("4")] == "1"]
    taken = []
    for row, change in zip(general[10:], changes, strict=False):
        line = list(row)
        for name, text in change.items():
            line[numbers.index(fields[name])] = text
        taken.append(line)
    return header + taken


TYPED = {"line": "3 high street", "town": "Leeds", "county": "Yorks", "out": "LS1", "in": "4AP"}


def test_in_a_file_uprns_come_first_and_good_matches_second(
    provider: TestClient, places: PlacesServer
) -> None:
    weak = {**TYPED, "line": "99 Nowhere Lane Bungalow"}
    changes = [{**TYPED, "uprn": "7205"}, TYPED, weak, {**TYPED, "uprn": "424242"}]
    upload, logs = _upload(provider, _small_file(provider, changes))
    by_uprn, matched, typed, unknown = (log.answers for log in logs)
    assert by_uprn["address_line1"] == "5 High Street"
    assert by_uprn["address_line1_input"] == "3 high street"
    assert matched["uprn"] == "7203"
    assert matched["address_line1"] == "3 High Street"
    assert (matched["uprn_known"], matched["uprn_confirmed"]) == (1, 1)
    assert matched["manual_address_entry_selected"] is False
    assert matched["la"] == "E08000035"
    assert "county" not in matched
    assert matched["address_line1_input"] == "3 high street"
    assert matched["postcode_full_input"] == "LS1 4AP"
    assert typed["address_line1"] == "99 Nowhere Lane Bungalow"
    assert typed["manual_address_entry_selected"] is True
    assert "uprn" not in typed
    assert unknown["uprn"] == "424242"
    told = [[f["rule"] for f in log.findings] for log in logs]
    assert [("uprn_not_found" in rules) for rules in told] == [False, False, False, True]
    [errors] = [row["errors"] for row in upload.report if row["row"] == logs[3].upload_row]
    [error] = [e for e in errors if "No address in England" in e["message"]]
    assert 18 in error["fields"]
    assert upload.message == "4 of 4 rows became logs."


def test_a_file_is_taken_in_while_the_service_is_silent(
    provider: TestClient, places: PlacesServer
) -> None:
    places.fail("500")
    changes = [{**TYPED, "uprn": "424242"}, TYPED]
    upload, logs = _upload(provider, _small_file(provider, changes))
    assert [log.answers["address_line1"] for log in logs] == ["3 high street"] * 2
    assert [log.answers.get("uprn") for log in logs] == ["424242", None]
    assert not any(f["rule"] == "uprn_not_found" for log in logs for f in log.findings)
    assert "2 rows were kept as given" in upload.message


def test_without_a_service_a_file_keeps_its_uprns_unverified(provider: TestClient) -> None:
    changes = [{**TYPED, "uprn": "424242"}, TYPED]
    upload, logs = _upload(provider, _small_file(provider, changes))
    assert [log.answers["address_line1"] for log in logs] == ["3 high street"] * 2
    assert logs[0].answers["uprn"] == "424242"
    assert not any(f["rule"] == "uprn_not_found" for log in logs for f in log.findings)
    assert upload.message == "2 of 2 rows became logs."
