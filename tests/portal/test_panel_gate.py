"""A Panel page for people who are signed in obeys the same check as every page, and so does its
websocket."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, select, update
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from data_access.account_sessions import IDLE_LASTS, AccountSession
from data_access.accounts import Account, Membership
from data_access.clock import now
from portal.session_cookie import COOKIE
from tests.portal.conftest import sign_in_as
from tests.support.websockets import is_closed

PAGE = "/organisation/explore"


@pytest.fixture(autouse=True)
def check_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.panel_gate.CHECK_EVERY", 0.05)


@pytest.fixture
def coordinator(demonstration: TestClient) -> TestClient:
    sign_in_as(demonstration, "coordinator")
    return demonstration


def _token(client: TestClient) -> str:
    page = client.get(PAGE)
    assert page.status_code == 200
    found = re.search(r'"token":"([^"]+)"', page.text)
    assert found
    return found[1]


@contextmanager
def _connected(client: TestClient, token: str) -> Iterator[WebSocketTestSession]:
    with client.websocket_connect(f"{PAGE}/ws", subprotocols=["bokeh", token]) as socket:
        assert "ACK" in socket.receive_text()
        for _ in range(2):
            socket.receive_text()
        yield socket


def _is_refused(client: TestClient, token: str) -> bool:
    try:
        with client.websocket_connect(f"{PAGE}/ws", subprotocols=["bokeh", token]) as socket:
            socket.receive_text()
    except WebSocketDisconnect as closed:
        return closed.code == 1008
    return False


def _change(client: TestClient, *statements: Any) -> None:
    app: Any = client.app
    with app.state.session_factory() as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def test_without_a_session_the_page_asks_to_sign_in_and_the_websocket_is_refused(
    coordinator: TestClient,
) -> None:
    token = _token(coordinator)
    coordinator.cookies.clear()
    answer = coordinator.get(f"{PAGE}?period=2024")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=/organisation/explore%3Fperiod")
    assert _is_refused(coordinator, token)
    assert _is_refused(coordinator, "no-token")


@pytest.mark.parametrize("name", ["admin", "statistician"])
def test_whoever_may_not_see_own_figures_finds_no_page(coordinator: TestClient, name: str) -> None:
    token = _token(coordinator)
    sign_in_as(coordinator, name)
    assert coordinator.get(PAGE).status_code == 404
    assert _is_refused(coordinator, token)


def test_the_page_is_private_and_does_not_give_the_cookie_away(coordinator: TestClient) -> None:
    answer = coordinator.get(PAGE)
    assert "private" in answer.headers["cache-control"]
    assert "Chris Co-ordinator" in answer.text
    cookie = coordinator.cookies[COOKIE]
    token = re.search(r'"token":"([^"]+)"', answer.text)
    assert token
    assert cookie not in answer.text
    from bokeh.util.token import get_token_payload

    assert cookie not in str(get_token_payload(token[1]))


def test_a_connected_page_stays_open_while_its_session_lasts(coordinator: TestClient) -> None:
    with _connected(coordinator, _token(coordinator)) as socket:
        time.sleep(0.3)
        socket.send_text("{}")


def test_the_websocket_of_somebody_elses_page_is_refused(coordinator: TestClient) -> None:
    token = _token(coordinator)
    sign_in_as(coordinator, "coordinator2")
    assert _is_refused(coordinator, token)
    sign_in_as(coordinator, "coordinator")
    # The same person, but another session than the one that opened the page.
    assert _is_refused(coordinator, token)


def test_a_page_is_not_handed_out_by_its_identifier(coordinator: TestClient) -> None:
    from bokeh.util.token import get_session_id

    page = get_session_id(_token(coordinator))
    sign_in_as(coordinator, "coordinator2")
    for name in ("bokeh-session-id", "bokeh_session_id", "BOKEH_SESSION_ID"):
        assert coordinator.get(f"{PAGE}?{name}={page}").status_code == 404
    assert coordinator.get(PAGE, headers={"Bokeh-Session-Id": page}).status_code == 404


def test_a_page_that_another_process_made_is_not_made_anew(coordinator: TestClient) -> None:
    from bokeh.util.token import generate_jwt_token

    made_up = generate_jwt_token("made-up", expiration=300, extra_payload={"cookies": {}})
    assert _is_refused(coordinator, made_up)


def _end(client: TestClient) -> Any:
    return delete(AccountSession)


def _idle(client: TestClient) -> Any:
    return update(AccountSession).values(last_seen_at=now() - IDLE_LASTS)


def _deactivate(client: TestClient) -> Any:
    return update(Account).where(Account.user_name == "coordinator").values(active=False)


def _demand_password(client: TestClient) -> Any:
    return (
        update(Account).where(Account.user_name == "coordinator").values(must_change_password=True)
    )


@pytest.mark.parametrize("change", [_end, _idle, _deactivate, _demand_password])
def test_a_session_that_no_longer_holds_closes_the_websocket(
    coordinator: TestClient, change: Any
) -> None:
    with _connected(coordinator, _token(coordinator)) as socket:
        _change(coordinator, change(coordinator))
        assert is_closed(socket)


def test_acting_for_another_institution_closes_the_websocket(coordinator: TestClient) -> None:
    app: Any = coordinator.app
    with app.state.session_factory() as db:
        account = db.scalars(select(Account).where(Account.user_name == "coordinator")).one()
        db.add(Membership(account_id=account.id, institution_id=2, role="coordinator"))
        db.commit()
    with _connected(coordinator, _token(coordinator)) as socket:
        _change(coordinator, update(AccountSession).values(institution_id=2))
        assert is_closed(socket)


@pytest.mark.parametrize(
    "offered", [[], ["bokeh"], ["bokeh", "x"], ["bokeh", "W10"], ["other", "x"]]
)
@pytest.mark.parametrize("address", ["/explore/national/ws", "/explore/local-authorities/ws"])
def test_a_websocket_that_no_page_of_the_public_explorers_opened_is_refused(
    client: TestClient, address: str, offered: list[str]
) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        client.websocket_connect(address, subprotocols=offered) as socket,
    ):
        socket.receive_text()
    assert closed.value.code == 1008


def test_a_page_of_the_public_explorers_is_connected_by_its_own_token(client: TestClient) -> None:
    found = re.search(r'"token":"([^"]+)"', client.get("/explore/national").text)
    assert found
    with client.websocket_connect(
        "/explore/national/ws", subprotocols=["bokeh", found[1]]
    ) as socket:
        assert "ACK" in socket.receive_text()
