"""What the records of institutions and schemes do to a log: started, submitted, dropped, listed."""

from datetime import date
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.audit import history
from data_access.institutions import Institution, InstitutionLink
from data_access.logs import Log
from data_access.schemes import Location, Scheme
from data_access.unsettled_logs import logs_in_gap, unsettle
from tests.portal.conftest import sign_in_as
from tests.portal.test_log_entry import _save, _start

HOME, OTHER = 1, 2


def _stored(client: TestClient) -> Session:
    app: Any = client.app
    session: Session = app.state.session_factory()
    return session


def _change(client: TestClient, number: int, **values: Any) -> None:
    with _stored(client) as db:
        institution = db.get(Institution, number)
        assert institution is not None
        for name, value in values.items():
            setattr(institution, name, value)
        db.commit()


NO_FIGURE = {"general_needs_stock": 0, "supported_stock": None, "unspecified_stock": None}


def test_no_log_is_started_for_an_owner_that_shows_no_stock_figure(
    demonstration: TestClient,
) -> None:
    _change(demonstration, HOME, **NO_FIGURE)
    sign_in_as(demonstration, "provider")
    answer = demonstration.post("/logs", data={"kind": "lettings-2026"})
    assert answer.status_code == 422
    text = unescape(answer.text)
    assert "shows no stock figure, so nobody can submit for it. Ask the CORE helpdesk" in text
    assert "Report a mistake" in text


def test_an_owner_whose_figure_is_gone_is_not_offered_and_makes_the_log_invalid(
    demonstration: TestClient,
) -> None:
    sign_in_as(demonstration, "provider")
    log = _start(demonstration)
    page = f"{log}/pages/stock_owner"
    assert 'value="1"' in demonstration.get(page).text
    _change(demonstration, HOME, **NO_FIGURE)
    shown = demonstration.get(page).text
    assert '<option value="1"' not in shown
    assert "shows no stock figure" in shown
    demonstration.post(f"{log}/submit")
    answers = demonstration.get(f"{log}/answers").text
    assert "shows no stock figure" in answers
    assert "invalid" in answers


def test_until_the_owner_has_signed_a_log_can_be_typed_but_not_submitted(
    demonstration: TestClient,
) -> None:
    _change(demonstration, HOME, data_sharing_signed=False)
    sign_in_as(demonstration, "provider")
    log = _start(demonstration)
    status, _ = _save(demonstration, f"{log}/pages/needs_type", needstype="1")
    assert status == 303
    answers = unescape(demonstration.get(f"{log}/answers").text)
    assert "has not signed the Data Sharing Agreement" in answers
    assert "Data Protection Officer must sign it" in answers
    assert "Submit the log" not in answers
    refused = demonstration.post(f"{log}/submit")
    assert refused.status_code == 422
    assert "The log was not submitted" in refused.text
    with _stored(demonstration) as db:
        stored = db.get(Log, int(log.rsplit("/", 1)[-1]))
        assert stored is not None
        assert stored.status == "saved"
        assert stored.answers["needstype"] == 1
    _change(demonstration, HOME, data_sharing_signed=True)
    assert demonstration.post(f"{log}/submit").status_code == 303


def test_a_relation_that_is_over_on_the_day_of_the_letting_is_told_with_its_period(
    demonstration: TestClient,
) -> None:
    with _stored(demonstration) as db:
        link = InstitutionLink(
            owner_id=OTHER,
            manager_id=HOME,
            starts_on=date(2026, 4, 1),
            ends_on=date(2026, 12, 31),
        )
        db.add(link)
        db.commit()
        number = link.id
    sign_in_as(demonstration, "provider")
    log = _start(demonstration)
    owner = f"{log}/pages/stock_owner"
    assert _save(demonstration, owner, owning_organisation_id=str(OTHER))[0] == 303
    with _stored(demonstration) as db:
        stored = db.get(InstitutionLink, number)
        assert stored is not None
        stored.ends_on = date(2026, 5, 31)
        db.commit()
    parts = {"startdate-day": "1", "startdate-month": "6", "startdate-year": "2026"}
    status, text = _save(demonstration, f"{log}/pages/tenancy_start_date", **parts)
    assert status == 422
    assert "on 1 June 2026: it does from 1 April 2026 to 31 May 2026" in text
    assert "What you entered is saved" in text
    assert '<option value="2"' not in demonstration.get(owner).text
    again = {**parts, "startdate-day": "31", "startdate-month": "5"}
    assert _save(demonstration, f"{log}/pages/tenancy_start_date", **again)[0] == 303


@pytest.fixture
def unsettled(demonstration: TestClient) -> tuple[TestClient, int, str]:
    """A letting in supported housing that lost its scheme, and the scheme's name."""
    with _stored(demonstration) as db:
        scheme = db.scalars(select(Scheme).where(Scheme.owner_id == HOME, Scheme.code.is_not(None)))
        lost = scheme.first()
        assert lost is not None
        place = db.scalars(select(Location).where(Location.scheme_id == lost.id)).one()
        provider = db.scalars(select(Account).where(Account.user_name == "provider")).one()
        log = Log(
            collection="lettings",
            collection_year=2026,
            status="valid",
            log_type="social-rent-supported-housing",
            owning_institution_id=HOME,
            managing_institution_id=HOME,
            assigned_to_id=provider.id,
            created_by_id=provider.id,
            event_date=date(2026, 6, 1),
            answers={
                "owning_organisation_id": HOME,
                "managing_organisation_id": HOME,
                "assigned_to_id": provider.id,
                "needstype": 2,
                "startdate": "2026-06-01",
                "scheme_id": lost.id,
                "location_id": place.id,
            },
        )
        db.add(log)
        db.flush()
        gap = logs_in_gap(lost, None, date(2026, 6, 1), None, [2026])
        assert [one.id for one in unsettle(db, None, lost, gap)][-1:] == [log.id]
        db.commit()
        return demonstration, log.id, lost.name


def test_an_unresolved_log_says_what_it_lost_and_is_settled_by_choosing_again(
    unsettled: tuple[TestClient, int, str],
) -> None:
    client, number, scheme = unsettled
    sign_in_as(client, "provider")
    page = unescape(client.get(f"/logs/{number}").text)
    assert "This log needs another scheme" in page
    assert scheme in page
    assert "Choose the scheme and location again" in page
    listed = client.get("/logs?unresolved=yes").text
    assert f'href="/logs/{number}"' in listed
    assert ">unresolved</strong>" in listed
    client.post(f"/logs/{number}/submit")
    assert "This log needs another scheme" in client.get(f"/logs/{number}/answers").text
    with _stored(client) as db:
        log = db.get(Log, number)
        assert log is not None
        assert (log.status, log.unresolved) == ("invalid", True)
        others = select(Scheme).where(
            Scheme.owner_id == HOME, Scheme.code.is_not(None), Scheme.name != scheme
        )
        other = db.scalars(others).first()
        assert other is not None
        other_id = other.id
    assert _save(client, f"/logs/{number}/pages/scheme", scheme_id=str(other_id))[0] in (303, 422)
    with _stored(client) as db:
        log = db.get(Log, number)
        assert log is not None
        assert not log.unresolved
        assert log.answers["scheme_id"] == other_id
        last = history(db, ("log", number))[-1]
        assert last.detail["changes"]["unresolved"] == [True, False]
    assert "needs another scheme" not in client.get(f"/logs/{number}").text
    assert f'href="/logs/{number}"' not in client.get("/logs?unresolved=yes").text


def test_a_log_of_a_year_that_is_closed_cannot_be_dropped(demonstration: TestClient) -> None:
    with _stored(demonstration) as db:
        log = db.scalars(select(Log).where(Log.collection_year == 2024)).first()
        assert log is not None
        number, before = log.id, log.status
    sign_in_as(demonstration, "admin")
    answer = demonstration.post(f"/logs/{number}/drop", data={"reason": "recorded twice"})
    assert answer.status_code == 403
    assert "could be changed until" in answer.text
    with _stored(demonstration) as db:
        kept = db.get(Log, number)
        assert kept is not None
        assert kept.status == before


def test_a_home_where_the_owner_has_none_is_told_beside_the_address(
    demonstration: TestClient,
) -> None:
    sign_in_as(demonstration, "provider")
    log = _start(demonstration)
    _save(demonstration, f"{log}/pages/needs_type", needstype="1")
    status, text = _save(
        demonstration,
        f"{log}/pages/address",
        address_line1="1 High Street",
        town_or_city="Leeds",
        postcode_full="LS1 4AP",
    )
    assert status == 422
    assert "The owning organisation does not cover this local authority" in text
    assert "'Report a mistake' on the institution's page" in text


def test_confirming_does_not_make_a_log_valid_while_the_owner_has_not_signed(
    demonstration: TestClient,
) -> None:
    _change(demonstration, HOME, data_sharing_signed=False)
    sign_in_as(demonstration, "provider")
    log = _start(demonstration)
    number = int(log.rsplit("/", 1)[-1])
    query = {"rule": "unusual", "severity": "soft", "fields": ["brent"], "message": "Check."}
    with _stored(demonstration) as db:
        stored = db.get(Log, number)
        assert stored is not None
        stored.status, stored.findings = "invalid", [{**query, "confirm_field": "x_check"}]
        db.commit()
    answer = demonstration.post(f"{log}/confirm", data={"rule": "unusual"})
    assert answer.status_code == 422
    assert "has not signed the Data Sharing Agreement" in answer.text
    with _stored(demonstration) as db:
        kept = db.get(Log, number)
        assert kept is not None
        assert kept.status == "invalid"
