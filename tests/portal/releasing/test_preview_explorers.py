"""The explorers over a draft: for whoever may look at that release, page and websocket alike."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from bokeh.util.token import get_session_id
from sqlalchemy import update
from sqlalchemy.orm import Session
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from data_access.accounts import Account
from data_access.clock import present
from data_access.release_records import ReleaseAccess, ReleaseRecord
from data_access.settings import Settings
from portal.releasing import steps
from portal.releasing.access import give_access, looks_at
from tests.portal.releasing.conftest import FIRST, READER, SECOND, Browser, checked
from tests.support.quick_release import LOG_TYPE, PERIOD
from tests.support.websockets import is_closed

Browsers = dict[int, Browser]
PAGE = "/explore/local-authorities"
ASKED = f"period={PERIOD}&log_type={LOG_TYPE}&area=E09000011"
FIGURE = "40 records, 40 answered"


@pytest.fixture(autouse=True)
def check_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.panel_gate.CHECK_EVERY", 0.05)


def _here(record: ReleaseRecord) -> str:
    return f"/preview/{record.id}{PAGE}"


def _token(browser: Browser, record: ReleaseRecord) -> str:
    page = browser.get(f"{_here(record)}?{ASKED}")
    assert page.status_code == 200
    found = re.search(r'"token":"([^"]+)"', page.text)
    assert found
    return found[1]


@contextmanager
def _connected(browser: Browser, address: str, token: str) -> Iterator[WebSocketTestSession]:
    # A copy: the client writes the token into the headers that it is given.
    headers = dict(browser._headers)
    with browser._client.websocket_connect(
        f"{address}/ws", subprotocols=["bokeh", token], headers=headers
    ) as socket:
        assert "ACK" in socket.receive_text()
        for _ in range(2):
            socket.receive_text()
        yield socket


def _is_refused(browser: Browser, address: str, token: str) -> bool:
    try:
        with _connected(browser, address, token):
            return False
    except WebSocketDisconnect as closed:
        return closed.code == 1008


def _shown(socket: WebSocketTestSession) -> str:
    """What a connected page shows, as the browser asks for it."""
    for part in ('{"msgid": "1", "msgtype": "PULL-DOC-REQ"}', "{}", "{}"):
        socket.send_text(part)
    return "".join(socket.receive_text() for _ in range(3))


def _approved(db: Session, settings: Settings) -> ReleaseRecord:
    record = checked(db, settings)
    steps.approve(db, settings, SECOND, record)
    return record


def _named(db: Session, settings: Settings, record: ReleaseRecord) -> None:
    at = present(settings)
    hour = timedelta(hours=1)
    give_access(db, settings, FIRST, record, db.get_one(Account, READER), at - hour, at + hour)


def test_the_explorer_of_a_draft_shows_its_figures_as_a_page_of_the_preview(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    record = checked(db, settings)
    answer = browsers[SECOND].get(f"{_here(record)}?{ASKED}")
    assert answer.status_code == 200
    token = re.search(r'"token":"([^"]+)"', answer.text)
    assert token
    with _connected(browsers[SECOND], _here(record), token[1]) as socket:
        shown = _shown(socket)
    assert f"This is a preview of release {record.number}" in answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    assert "'unsafe-eval'" in answer.headers["content-security-policy"]
    here = f"/preview/{record.id}"
    assert FIGURE in shown
    for led in (f"{here}/local-authorities/E", f"{here}/downloads/", f"{here}/reports/"):
        assert led in shown, led
    for led in (f"{here}/national", f"{here}{PAGE}"):
        assert f'href="{led}"' in answer.text, led
    assert f'href="{here}{PAGE}"' in browsers[SECOND].get(f"{here}/national").text
    assert [look.page for look in looks_at(db, record)][-1] == f"{PAGE}?{ASKED}"
    script = re.search(r'src="(static/js/bokeh\.min\.js[^"]*)"', answer.text)
    assert script and browsers[SECOND].get(f"{here}/explore/{script[1]}").status_code == 200


def test_nobody_else_finds_it_and_the_public_address_shows_nothing_of_it(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    record = _approved(db, settings)
    token = _token(browsers[SECOND], record)
    signed_out, reader = browsers[0].get(_here(record)), browsers[READER].get(_here(record))
    assert signed_out.status_code == 303 and signed_out.headers["location"].startswith("/sign-in")
    assert reader.status_code == browsers[READER].get(f"/preview/99{PAGE}").status_code == 404
    for number in (0, READER):
        assert _is_refused(browsers[number], _here(record), token)
    public = browsers[0].get(f"{PAGE}?{ASKED}")
    assert "No figures have been published yet" in public.text and "preview" not in public.text
    # The identifier of a page over a draft does not lead to it from elsewhere.
    page = get_session_id(token)
    elsewhere = browsers[0].get(f"{PAGE}?bokeh-session-id={page}").text
    assert "No figures have been published yet" in elsewhere and "preview" not in elsewhere
    for number in (SECOND, FIRST):
        asked = browsers[number].get(f"{_here(record)}?bokeh-session-id={page}")
        assert asked.status_code == 404


def test_the_websocket_is_for_the_session_and_the_release_of_its_page_alone(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    record, other = checked(db, settings), checked(db, settings)
    token = _token(browsers[SECOND], record)
    _token(browsers[SECOND], other)
    assert _is_refused(browsers[FIRST], _here(record), token), "another session"
    assert _is_refused(browsers[SECOND], _here(other), token), "another release"
    assert _is_refused(browsers[SECOND], _here(record), "no-token")
    with _connected(browsers[SECOND], _here(record), token) as socket:
        time.sleep(0.3)
        socket.send_text("{}")


@pytest.mark.parametrize("path", ["/explore/local-authorities", "/explore/made-up"])
def test_what_is_no_draft_has_no_explorer(
    browsers: Browsers, db: Session, settings: Settings, path: str
) -> None:
    record = _approved(db, settings)
    if path == PAGE:
        assert browsers[SECOND].get(_here(record)).status_code == 200
        steps.publish_now(db, settings, SECOND, record)
    assert browsers[SECOND].get(f"/preview/{record.id}{path}").status_code == 404


def test_the_websocket_closes_when_the_time_of_somebody_named_is_over(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    record = _approved(db, settings)
    _named(db, settings, record)
    token = _token(browsers[READER], record)
    with _connected(browsers[READER], _here(record), token) as socket:
        db.execute(update(ReleaseAccess).values(ends_at=present(settings)))
        db.commit()
        assert is_closed(socket)
    assert browsers[READER].get(_here(record)).status_code == 404


@pytest.mark.parametrize("step", [steps.discard, steps.publish_now])
def test_the_websocket_closes_when_the_release_is_no_draft_any_more(
    browsers: Browsers, db: Session, settings: Settings, step: object
) -> None:
    record = _approved(db, settings)
    token = _token(browsers[SECOND], record)
    with _connected(browsers[SECOND], _here(record), token) as socket:
        step(db, settings, FIRST, record)  # type: ignore[operator]
        assert is_closed(socket)
    assert _is_refused(browsers[SECOND], _here(record), token)


def test_a_draft_whose_files_were_changed_has_no_explorer(
    browsers: Browsers, db: Session, settings: Settings
) -> None:
    record = checked(db, settings)
    path = settings.data_dir / "drafts" / str(record.id) / "contents" / "dictionary.json"
    path.write_text("[]")
    answer = browsers[SECOND].get(_here(record))
    assert answer.status_code == 409 and "not those that were checked" in answer.text
