"""Groups and schemes are made by their owner, decided on by administrators, and deactivated."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from html import unescape

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.audit import history
from data_access.institutions import Institution
from data_access.logs import Log
from data_access.messages import Message
from data_access.schemes import (
    APPROVED,
    SUBMITTED,
    Location,
    ManagementGroup,
    Scheme,
    SchemePause,
    locations_of,
)
from tests.portal.conftest import sign_in_as

GROUP = {"name": "Young people", "arrangement_type": "V", "managed_by": "name"}
GROUP |= {"agent_name": "Mill Lane Trust"}
SCHEME = {
    "name": "Lane House",
    "confidential": "no",
    "scheme_type": "6",
    "registered_care": "1",
    "client_group": "Q",
    "secondary_client_group": "",
    "support_type": "3",
    "intended_stay": "M",
}
PLACE = {
    "postcode": "sw1a1aa",
    "name": "1 Mill Lane",
    "units": "5",
    "type_of_unit": "1",
    "mobility_type": "N",
}
QUEUE = "/administration/schemes"


@contextmanager
def _database(client: TestClient) -> Iterator[Session]:
    with client.app.state.session_factory() as db:  # type: ignore[attr-defined]
        yield db


def _plain(answer: Response) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def _errors(answer: Response) -> str:
    """The summary of what is wrong with a form."""
    assert answer.status_code in (409, 422), answer.text
    found = re.search(r"govuk-error-summary__body(.*?)</ul>", answer.text, re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", found[1])) if found else ""


def _message(answer: Response) -> str:
    """The content of an error page without its reference, which differs each time."""
    return re.sub(r"[0-9A-F]{8}", "", answer.text.split("<main")[1].split("</main>")[0])


def _field(answer: Response, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', answer.text)
    return unescape(found[1]) if found else ""


def _id(answer: Response) -> int:
    """The number in the address that an answer sends to."""
    assert answer.status_code == 303, _errors(answer)
    return int(re.findall(r"\d+", answer.headers["location"])[0])


def _written_to(db: Session, kind: str) -> list[str]:
    """To whom messages of a kind were written, each as often as that."""
    return sorted(db.scalars(select(Message.to_address).where(Message.kind == kind)))


def _coordinators(db: Session) -> list[str]:
    """The addresses of the co-ordinators of institution 1."""
    query = select(Account.email).where(
        Account.institution_id == 1, Account.role == "coordinator", Account.active
    )
    found = sorted(db.scalars(query))
    assert "coordinator@example.com" in found
    return found


def _make(client: TestClient, complete: bool = True, **details: str) -> int:
    """A scheme of the signed-in co-ordinator in a new group, with one location."""
    name = details.get("name", SCHEME["name"])
    group = _id(client.post("/schemes/groups/new", data=GROUP | {"name": f"Group of {name}"}))
    made = client.post(f"/schemes/groups/{group}/schemes/new", data=SCHEME | details)
    scheme = _id(made)
    if complete:
        assert client.post(f"/schemes/{scheme}/locations/new", data=PLACE).status_code == 303
    return scheme


def _send(client: TestClient, **details: str) -> int:
    scheme = _make(client, **details)
    assert client.post(f"/schemes/{scheme}/submit").status_code == 303
    return scheme


def _decide(client: TestClient, scheme: int, **data: str) -> Response:
    looked_at = _field(client.get(f"{QUEUE}/{scheme}"), "seen")
    return client.post(f"{QUEUE}/{scheme}", data={"seen": looked_at, **data})


@pytest.fixture
def coordinator(demonstration: TestClient) -> TestClient:
    """The co-ordinator of institution 1, on 24 November 2026."""
    sign_in_as(demonstration, "coordinator")
    return demonstration


def test_a_scheme_goes_from_its_group_to_approval_and_gets_its_codes(
    coordinator: TestClient,
) -> None:
    scheme = _make(coordinator, complete=False, client_group="", support_type="")
    page = f"/schemes/{scheme}"
    text = _plain(coordinator.get(page))
    assert "2 details are missing" in text
    assert "Send for approval Cannot start yet" in text
    refused = _errors(coordinator.post(f"{page}/submit"))
    for missing in ("Primary client group is missing", "Level of support is missing"):
        assert missing in refused
    assert "Add at least one location with its postcode" in refused

    version = _field(coordinator.get(f"{page}/edit"), "version")
    saved = coordinator.post(f"{page}/edit", data=SCHEME | {"version": version})
    assert saved.status_code == 303
    coordinator.post(f"{page}/locations/new", data=PLACE)
    text = _plain(coordinator.get(page))
    assert "SW1A 1AA, 1 Mill Lane" in text
    assert "Local authority Westminster" in text
    assert "Ready to send" in text
    assert coordinator.post(f"{page}/submit").headers["location"] == f"{page}?done=sent"
    assert "sent for approval already" in _errors(coordinator.post(f"{page}/submit"))

    sign_in_as(coordinator, "admin")
    text = _plain(coordinator.get(QUEUE))
    assert text.index("Harbour House") < text.index("Station Road") < text.index("Lane House")
    assert "Harbour House (made up) 9 days Complete" in text
    assert "Lane House today Complete" in text
    decided = _decide(coordinator, scheme, verdict="approve")
    text = _plain(coordinator.get(decided.headers["location"]))
    assert "Lane House is approved. Its code is S1503" in text
    assert re.search(r"Lane House S1503 Approved .* by Ada Administrator", text)
    with _database(coordinator) as db:
        found = db.get_one(Scheme, scheme)
        assert (found.status, found.code) == (APPROVED, "S1503")
        assert db.get_one(ManagementGroup, found.group_id).code == "G151"
        assert _written_to(db, "scheme_approved") == _coordinators(db)

    sign_in_as(coordinator, "coordinator")
    text = _plain(coordinator.get("/schemes?search=s1503"))
    assert "Lane House Active S1503 1" in text
    events = _plain(coordinator.get(f"{page}/history"))
    for words in ("Approved the scheme", "Sent the scheme for approval", "Added a location"):
        assert words in events
    assert "Primary client group: Young people at risk , before: nothing" in events
    assert "Status: Approved , before: Waiting for approval" in events


def test_a_refusal_needs_a_reason_which_the_owner_reads_and_mends(coordinator: TestClient) -> None:
    scheme = _send(coordinator)
    sign_in_as(coordinator, "admin")
    assert "Choose whether to approve" in _errors(_decide(coordinator, scheme))
    wanting = _decide(coordinator, scheme, verdict="refuse", reason=" \u202e ")
    assert "Enter the reason" in _errors(wanting)
    assert "1,000 characters or fewer; it has 1,001" in _errors(
        _decide(coordinator, scheme, verdict="refuse", reason="x" * 1001)
    )
    reason = "The postcode is that of the office.\n<b>Mend it</b>"
    looked_at = _field(coordinator.get(f"{QUEUE}/{scheme}"), "seen")
    assert _decide(coordinator, scheme, verdict="refuse", reason=reason).status_code == 303
    with _database(coordinator) as db:
        assert _written_to(db, "scheme_refused") == _coordinators(db)
    second = coordinator.post(f"{QUEUE}/{scheme}", data={"seen": looked_at, "verdict": "approve"})
    assert second.status_code == 409
    assert "This scheme was decided already" in _plain(second)
    assert "by Ada Administrator" in _plain(second)

    sign_in_as(coordinator, "coordinator")
    page = coordinator.get(f"/schemes/{scheme}")
    assert "The postcode is that of the office." in page.text
    assert "<b>Mend it</b>" not in page.text
    assert coordinator.post(f"/schemes/{scheme}/submit").status_code == 303
    sign_in_as(coordinator, "admin")
    assert "It was refused before, because:" in _plain(coordinator.get(f"{QUEUE}/{scheme}"))
    assert _decide(coordinator, scheme, verdict="approve").status_code == 303


def test_no_scheme_is_approved_incomplete_or_in_a_form_that_nobody_has_looked_at(
    coordinator: TestClient,
) -> None:
    scheme = _send(coordinator)
    sign_in_as(coordinator, "admin")
    looked_at = _field(coordinator.get(f"{QUEUE}/{scheme}"), "seen")
    with _database(coordinator) as db:
        found = db.get_one(Scheme, scheme)
        found.intended_stay = None
        [place] = locations_of(db, scheme)
        place.postcode = ""
        db.commit()
    answer = _decide(coordinator, scheme, verdict="approve")
    assert "Intended length of stay is missing" in _errors(answer)
    assert "lacks: postcode" in _errors(answer)
    with _database(coordinator) as db:
        assert db.get_one(Scheme, scheme).status == SUBMITTED
        db.get_one(Scheme, scheme).version += 1
        db.commit()
    stale = coordinator.post(f"{QUEUE}/{scheme}", data={"seen": looked_at, "verdict": "approve"})
    assert stale.status_code == 409
    assert "The owner changed this scheme" in _plain(stale)


def test_bad_entries_are_named_kept_and_nothing_is_made(coordinator: TestClient) -> None:
    hostile = "<script>alert(1)</script>" + "W" * 300
    answer = coordinator.post("/schemes/groups/new", data=GROUP | {"name": hostile})
    assert "must be 200 characters or fewer; it has 325" in _errors(answer)
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert" in answer.text
    answer = coordinator.post("/schemes/groups/new", data={"name": "\u202e\u200f"})
    assert "Enter a name for the group" in _errors(answer)
    assert "Choose who provides the support" in _errors(answer)
    assert "Choose who manages the schemes" in _errors(answer)
    outsider = GROUP | {"managed_by": "institution", "agent_id": "2"}
    answer = coordinator.post("/schemes/groups/new", data=outsider)
    assert "Choose the institution that manages the schemes" in _errors(answer)
    group = _id(coordinator.post("/schemes/groups/new", data=GROUP | {"name": " A\u202eB  c "}))
    assert "AB c" in _plain(coordinator.get(f"/schemes/groups/{group}"))
    answer = coordinator.post("/schemes/groups/new", data=GROUP | {"name": "ab C"})
    assert "has a group of this name already" in _errors(answer)

    new = f"/schemes/groups/{group}/schemes/new"
    answer = coordinator.post(new, data=SCHEME | {"secondary_client_group": "Q"})
    assert "must differ from the primary one" in _errors(answer)
    assert _field(answer, "name") == "Lane House"
    answer = coordinator.post(new, data=SCHEME | {"client_group": "Z", "scheme_type": "'; --"})
    assert "Choose the primary client group" in _errors(answer)
    assert "Choose the type of scheme" in _errors(answer)
    scheme = _id(coordinator.post(new, data=SCHEME))
    assert "scheme of this name already" in _errors(
        coordinator.post(new, data=SCHEME | {"name": "LANE  house"})
    )

    place = f"/schemes/{scheme}/locations/new"
    answer = coordinator.post(place, data=PLACE | {"postcode": "zz1 1zz", "units": "0"})
    assert "We do not know the postcode ZZ1 1ZZ" in _errors(answer)
    assert "whole number between 1 and 9,999" in _errors(answer)
    assert 'name="local_authority"' in answer.text
    answer = coordinator.post(place, data=PLACE | {"postcode": "EH1 1YZ"})
    assert "EH1 1YZ is not in England" in _errors(answer)
    answer = coordinator.post(
        place, data=PLACE | {"available_from-day": "31", "available_from-month": "2"}
    )
    assert "must include a year" in _errors(answer)
    with _database(coordinator) as db:
        assert locations_of(db, scheme) == []
    known = PLACE | {"postcode": "zz1 1zz", "local_authority": "E09000033"}
    assert coordinator.post(place, data=known).status_code == 303
    with _database(coordinator) as db:
        [made] = locations_of(db, scheme)
        assert (made.postcode, made.local_authority) == ("ZZ1 1ZZ", "E09000033")


def test_a_scheme_is_saved_with_no_more_than_its_form_says_is_needed(
    coordinator: TestClient,
) -> None:
    group = _id(coordinator.post("/schemes/groups/new", data=GROUP))
    form = f"/schemes/groups/{group}/schemes/new"
    assert "Its name and whether it is confidential are needed to save it" in _plain(
        coordinator.get(form)
    )
    for typed in ({"name": "Bare"}, {"confidential": "no"}):
        assert coordinator.post(form, data=typed).status_code == 422
    made = coordinator.post(form, data={"name": "Bare", "confidential": "no"})
    assert made.status_code == 303
    scheme = made.headers["location"].partition("?")[0]
    coordinator.post(f"{scheme}/locations/new", data=PLACE)
    assert "No first day" in _plain(coordinator.get(scheme))


def test_of_two_who_edit_at_once_the_second_sees_both_and_loses_nothing(
    coordinator: TestClient,
) -> None:
    scheme = _make(coordinator)
    page = f"/schemes/{scheme}/edit"
    version = _field(coordinator.get(page), "version")
    mine, theirs = SCHEME | {"version": version}, SCHEME | {"version": version, "support_type": "4"}
    assert coordinator.post(page, data=theirs).status_code == 303
    answer = coordinator.post(page, data=mine | {"support_type": "2"})
    assert answer.status_code == 409
    text = _plain(answer)
    assert "saved now: High level yours: Low level" in text
    again = mine | {"support_type": "2", "version": _field(answer, "version")}
    assert coordinator.post(page, data=again).status_code == 303
    with _database(coordinator) as db:
        found = db.get_one(Scheme, scheme)
        assert found.support_type == "2"
        [place] = locations_of(db, scheme)
        group = found.group_id
    address = f"/schemes/{scheme}/locations/{place.id}"
    assert coordinator.post(address, data=PLACE | {"version": "1", "units": "6"}).status_code == 303
    answer = coordinator.post(address, data=PLACE | {"version": "1", "units": "7"})
    assert answer.status_code == 409
    assert "saved now: 6 yours: 7" in _plain(answer)
    address = f"/schemes/groups/{group}/edit"
    assert coordinator.post(address, data=GROUP | {"version": "1"}).status_code == 303
    answer = coordinator.post(address, data=GROUP | {"version": "1", "agent_name": "Other"})
    assert answer.status_code == 409
    assert "saved now: Mill Lane Trust yours: Other" in _plain(answer)


def test_what_is_out_of_reach_is_answered_like_what_does_not_exist(
    coordinator: TestClient,
) -> None:
    draft = _make(coordinator)
    with _database(coordinator) as db:
        mine = db.get_one(Scheme, draft)
        [place] = locations_of(db, draft)
        [other] = db.scalars(select(Scheme).where(Scheme.code == "S21"))
        [elsewhere] = locations_of(db, other.id)
    addresses = [
        f"/schemes/{other.id}",
        f"/schemes/{other.id}/edit",
        f"/schemes/{other.id}/history",
        f"/schemes/{other.id}/availability",
        f"/schemes/{other.id}/logs",
        f"/schemes/{other.id}/locations/{elsewhere.id}",
        f"/schemes/{draft}/locations/{elsewhere.id}",
        f"/schemes/groups/{other.group_id}",
        f"/schemes/groups/{other.group_id}/schemes/new",
        f"{QUEUE}/{draft}",
        QUEUE,
    ]
    missing = _message(coordinator.get("/schemes/999999"))
    for address in addresses:
        answer = coordinator.get(address)
        assert answer.status_code == 404, address
        assert _message(answer) == missing, address
    for address in (
        f"/schemes/{other.id}/edit",
        f"/schemes/{other.id}/submit",
        f"/schemes/{other.id}/locations/new",
        f"/schemes/{other.id}/availability/deactivate",
        f"/schemes/groups/{other.group_id}/edit",
        f"{QUEUE}/{draft}",
        f"/schemes/{2**40}/edit",
    ):
        assert coordinator.post(address, data=SCHEME | PLACE).status_code == 404, address
    copied = coordinator.get(f"/schemes/groups/{mine.group_id}/schemes/new?copy={other.id}")
    assert copied.status_code == 404
    # The manager of its homes sees what is approved, and changes nothing.
    sign_in_as(coordinator, "coordinator5")
    assert coordinator.get(f"/schemes/{draft}").status_code == 404
    assert "Scheme 1 of ORG1" in _plain(coordinator.get("/schemes"))
    assert coordinator.get("/schemes/1").status_code == 200
    assert "/schemes/1/edit" not in coordinator.get("/schemes/1").text
    assert coordinator.post("/schemes/1/edit", data=SCHEME).status_code == 403
    assert coordinator.get("/schemes/groups/new").status_code == 403
    sign_in_as(coordinator, "provider")
    assert coordinator.get(f"/schemes/{draft}").status_code == 200
    assert coordinator.get(f"/schemes/{draft}/history").status_code == 403
    for address in (f"/schemes/{draft}/edit", f"/schemes/{draft}/locations/{place.id}"):
        assert coordinator.post(address, data=SCHEME | PLACE).status_code == 403
    assert coordinator.post("/schemes/groups/new", data=GROUP).status_code == 404


def test_postcodes_of_a_confidential_scheme_are_shown_to_those_who_look_after_it(
    coordinator: TestClient,
) -> None:
    scheme = _make(coordinator, confidential="yes", name="Refuge")
    assert "SW1A 1AA" in coordinator.get(f"/schemes/{scheme}").text
    assert "Refuge" in coordinator.get("/schemes?search=SW1A+1AA").text
    sign_in_as(coordinator, "provider")
    for address in (f"/schemes/{scheme}", f"/schemes/{scheme}/availability", "/schemes"):
        assert "SW1A" not in coordinator.get(address).text
    assert "Nothing fits these choices" in coordinator.get("/schemes?search=SW1A+1AA").text
    assert "Refuge" in coordinator.get("/schemes?search=refuge").text


def test_the_list_says_what_to_do_when_it_is_empty_and_where_to_look(
    coordinator: TestClient,
) -> None:
    text = _plain(coordinator.get("/schemes"))
    assert "only the owner makes groups and schemes" in text
    assert "Nothing fits these choices" in _plain(coordinator.get("/schemes?search=%25"))
    with _database(coordinator) as db:
        db.add(
            Institution(
                code="ORG900", name="New Homes", provider_type="PRP", active=True, holds_stock=True
            )
        )
        db.flush()
        [new] = db.scalars(select(Institution).where(Institution.code == "ORG900"))
        [account] = db.scalars(select(Account).where(Account.user_name == "coordinator"))
        account.institution_id = new.id
        db.commit()
    assert "Make your first management group" in _plain(coordinator.get("/schemes"))
    sign_in_as(coordinator, "admin")
    text = _plain(coordinator.get("/schemes?owner=2&status=approved"))
    assert "Scheme 1 of ORG2" in text
    assert "1 group with something that fits" in text
    last = re.search(r"Page 1 of (\d+)", _plain(coordinator.get("/schemes")))
    assert last is not None
    assert f"Page {last[1]} of {last[1]}" in _plain(coordinator.get("/schemes?page=999"))


def _letting(db: Session, scheme: int, day: date, status: str, assigned_to: str) -> int:
    [place] = db.scalars(select(Location).where(Location.scheme_id == scheme))
    [account] = db.scalars(select(Account).where(Account.user_name == assigned_to))
    log = Log(
        collection="lettings",
        collection_year=2026,
        log_type="social-rent-supported-housing",
        status=status,
        owning_institution_id=1,
        managing_institution_id=1,
        assigned_to_id=account.id,
        created_by_id=account.id,
        event_date=day,
        answers={
            "needstype": 2,
            "startdate": day.isoformat(),
            "scheme_id": scheme,
            "location_id": place.id,
        },
    )
    db.add(log)
    db.flush()
    return log.id


def _own_scheme(db: Session) -> int:
    """A scheme of institution 1 without logs, approved already."""
    [scheme] = db.scalars(select(Scheme).where(Scheme.name == "Harbour House (made up)"))
    scheme.status, scheme.code = APPROVED, "S9000"
    db.flush()
    return scheme.id


def test_a_deactivation_lists_the_logs_it_unsettles_then_tells_their_people(
    coordinator: TestClient,
) -> None:
    with _database(coordinator) as db:
        scheme = _own_scheme(db)
        valid = _letting(db, scheme, date(2026, 8, 10), "valid", "provider")
        saved = _letting(db, scheme, date(2026, 8, 20), "saved", "provider")
        early = _letting(db, scheme, date(2026, 7, 31), "valid", "provider")
        db.commit()
    address = f"/schemes/{scheme}/availability/deactivate"
    assert "Choose from when it is deactivated" in _errors(coordinator.post(address, data={}))
    dates = {"from": "chosen", "starts_on-day": "1", "starts_on-month": "8"}
    assert "must include a year" in _errors(coordinator.post(address, data=dates))
    before = dates | {"starts_on-year": "2025"}
    assert "must be 1 April 2026 or later" in _errors(coordinator.post(address, data=before))
    dates |= {"starts_on-year": "2026"}
    preview = coordinator.post(address, data=dates | {"go": "check"})
    text = _plain(preview)
    assert "2 logs begin in this time" in text
    assert f'href="/logs/{valid}"' in preview.text
    assert f'href="/logs/{early}"' not in preview.text
    unconfirmed = coordinator.post(address, data=dates | {"go": "save"})
    assert "Tick the box to confirm" in _errors(unconfirmed)
    done = coordinator.post(address, data=dates | {"go": "save", "confirm": "2"})
    assert done.status_code == 303
    assert "Deactivated from 1 August 2026 without an end" in _plain(
        coordinator.get(done.headers["location"])
    )
    with _database(coordinator) as db:
        for number in (valid, saved):
            log = db.get_one(Log, number)
            assert (log.status, log.unresolved, log.version) == ("saved", True, 2)
            assert log.answers == {"needstype": 2, "startdate": log.answers["startdate"]}
            assert [event.action for event in history(db, ("log", number))] == ["log_unresolved"]
        assert db.get_one(Log, early).status == "valid"
        told = sorted([*_coordinators(db), "provider@example.com"])
        assert _written_to(db, "logs_unresolved") == told
    listed = coordinator.get(f"/schemes/{scheme}/logs").text
    assert f'href="/logs/{valid}"' in listed
    assert f'href="/logs/{saved}"' in listed
    assert "needs another scheme" in _plain(coordinator.get(f"/logs/{valid}"))

    again = coordinator.post(address, data=dates | {"starts_on-month": "9", "go": "check"})
    assert "overlaps the deactivation from 1 August 2026 without an end" in _errors(again)
    again = coordinator.post(address, data={"from": "default", "go": "check"})
    assert 'id="from-error"' in again.text
    assert "overlaps the deactivation" in _errors(again)
    with _database(coordinator) as db:
        [pause] = db.scalars(select(SchemePause).where(SchemePause.scheme_id == scheme))
    end = f"/schemes/{scheme}/availability/{pause.id}/reactivate"
    day = {"ends_on-day": "31", "ends_on-month": "7", "ends_on-year": "2026"}
    assert "must be 1 August 2026" in _errors(coordinator.post(end, data=day))
    assert coordinator.post(end, data=day | {"ends_on-month": "10"}).status_code == 303
    late = coordinator.post(end, data=day | {"ends_on-month": "12"})
    assert late.headers["location"].endswith("done=gone")
    words = _plain(coordinator.get(f"/schemes/{scheme}/history"))
    assert "Reactivated from: 31 October 2026" in words


def test_a_location_is_deactivated_by_itself_and_what_lies_ahead_can_be_cancelled(
    coordinator: TestClient,
) -> None:
    with _database(coordinator) as db:
        scheme = _own_scheme(db)
        [place] = locations_of(db, scheme)
        db.commit()
    page = f"/schemes/{scheme}/availability"
    address = f"{page}/deactivate?location={place.id}"
    dates = {"from": "chosen", "starts_on-day": "1", "starts_on-month": "7"}
    dates |= {"starts_on-year": "2027", "go": "save"}
    assert coordinator.post(address, data=dates).status_code == 303
    assert "Deactivating soon" in _plain(coordinator.get(page))
    with _database(coordinator) as db:
        [pause] = db.scalars(select(SchemePause).where(SchemePause.scheme_id == scheme))
        assert pause.location_id == place.id
    assert coordinator.post(f"{page}/{pause.id}/cancel").status_code == 303
    with _database(coordinator) as db:
        assert db.get(SchemePause, pause.id) is None
        last = history(db, ("scheme", scheme))[-1]
        assert last.action == "location_deactivation_cancelled"
    assert "Deactivating soon" not in _plain(coordinator.get(page))
    assert coordinator.post(f"{page}/deactivate?location=999999", data=dates).status_code == 404


def test_a_copy_begins_with_the_details_and_without_name_and_locations(
    coordinator: TestClient,
) -> None:
    scheme = _make(coordinator)
    with _database(coordinator) as db:
        group = db.get_one(Scheme, scheme).group_id
    form = coordinator.get(f"/schemes/groups/{group}/schemes/new?copy={scheme}")
    assert _field(form, "name") == ""
    assert re.search(r'name="support_type"[^>]*value="3" checked', form.text)
    assert re.search(r'<option value="Q" selected', form.text)


def test_a_location_is_removed_only_while_the_scheme_is_being_made(
    coordinator: TestClient,
) -> None:
    scheme = _make(coordinator)
    with _database(coordinator) as db:
        [place] = locations_of(db, scheme)
    address = f"/schemes/{scheme}/locations/{place.id}/remove"
    coordinator.post(f"/schemes/{scheme}/submit")
    assert "its locations stay" in _errors(coordinator.post(address))
    sign_in_as(coordinator, "admin")
    _decide(coordinator, scheme, verdict="refuse", reason="Wrong place")
    sign_in_as(coordinator, "coordinator")
    assert coordinator.post(address).status_code == 303
    with _database(coordinator) as db:
        assert locations_of(db, scheme) == []
