"""Public pages are worked out once a release, and nobody's own page is kept."""

import gzip
import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from fastapi.testclient import TestClient
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from portal.page_cache import PageCache
from portal.request_log import open_log
from tests.portal.conftest import PASSWORD

PLACE = "/local-authorities/E09000011"


def test_the_second_answer_is_the_first_again_and_need_not_be_sent(client: TestClient) -> None:
    first = client.get(PLACE)
    second = client.get(PLACE)
    assert first.text == second.text
    assert second.headers["etag"] == first.headers["etag"]
    again = client.get(PLACE, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.text == ""
    assert client.head(PLACE).headers["content-length"] == first.headers["content-length"]


def test_pages_are_sent_small_to_those_who_take_them(client: TestClient) -> None:
    with client.stream("GET", PLACE, headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == "gzip"
    plain = client.get(PLACE, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(raw) == plain.content
    assert len(raw) < len(plain.content) / 2


def test_other_choices_are_other_pages(client: TestClient) -> None:
    one = client.get(f"{PLACE}?log_type=social-rent-general-needs")
    two = client.get(f"{PLACE}?log_type=sales")
    assert one.headers["etag"] != two.headers["etag"]
    assert client.get(f"{PLACE}?period=nonsense").status_code == 404
    assert client.get(f"{PLACE}?period=nonsense").status_code == 404


def test_a_page_with_somebodys_name_is_never_kept(client: TestClient) -> None:
    client.get(PLACE)
    client.post("/sign-in", data={"user_name": "pat", "password": PASSWORD})
    assert "Pat Example" in client.get(PLACE).text
    client.cookies.clear()
    assert "Pat Example" not in client.get(PLACE).text


def test_the_home_page_of_somebody_signed_in_is_kept_nowhere(client: TestClient) -> None:
    public = client.get("/").text
    assert "For providers" in public and "Your work" not in public
    client.post("/sign-in", data={"user_name": "pat", "password": PASSWORD})
    own = client.get("/")
    assert "Pat Example" in own.text and "Your work" in own.text
    assert own.headers["cache-control"] == "private, no-store" and "etag" not in own.headers
    client.cookies.clear()
    again = client.get("/")
    assert again.text == public
    assert again.headers["vary"] == "accept-encoding, cookie"


def test_a_new_release_is_shown_at_once(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = client.get(PLACE).text
    app: Any = client.app
    release = app.state.current_release.get()
    changed = type(release).__new__(type(release))
    changed.__dict__.update(release.__dict__)
    changed.manifest = {**release.manifest, "id": "2030-01-01-001"}
    changed.table = lambda *place: None
    monkeypatch.setattr(app.state.current_release, "get", lambda: changed)
    after = client.get(PLACE).text
    assert "Download these figures" in before
    assert "Download these figures" not in after


def test_a_page_that_took_longer_than_its_release_is_not_kept() -> None:
    current = SimpleNamespace(id="1.0.0")

    async def forget(message: Message) -> None:
        pass

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        begun = current.id
        if scope["path"] == "/national" and begun == "1.0.0":
            # While the page is made the release changes, and somebody else asks for another page.
            current.id = "2.0.0"
            await cache({**scope, "path": PLACE}, receive, forget)
        await PlainTextResponse(begun)(scope, receive, send)

    release = SimpleNamespace(get=lambda: current)
    cache = PageCache(application, release, "session")  # type: ignore[arg-type]
    client = TestClient(cache)
    assert client.get("/national").text == "1.0.0"
    assert client.get("/national").text == "2.0.0"


def test_alerts_reach_the_home_page_within_seconds(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    import portal.page_cache

    monkeypatch.setattr(portal.page_cache, "HOME_SECONDS", timedelta(0).total_seconds())
    client.get("/")
    app: Any = client.app
    from data_access.content import Alert

    with app.state.session_factory() as db:
        db.add(Alert(title="Closed on Friday", body="For one day."))
        db.commit()
    assert "Closed on Friday" in client.get("/").text


def test_the_request_log_says_what_was_asked_and_not_by_whom(
    client: TestClient, tmp_path: Path
) -> None:
    file = open_log(tmp_path / "logs")
    try:
        client.get(f"{PLACE}?log_type=sales&question=secret-choice")
        client.post("/sign-in", data={"user_name": "pat", "password": "wrong-one"})
        client.get("/logs/987654321")
    finally:
        structlog.reset_defaults()
        file.close()
    text = (tmp_path / "logs" / "portal.jsonl").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    asked = [line for line in lines if line["event"] == "request"]
    assert {"/sign-in", "/logs/{log_id}"} <= {line["route"] for line in asked}
    assert all(line["milliseconds"] > 0 for line in asked)
    for private in ("pat", "wrong-one", "987654321", "secret-choice", "testclient"):
        assert private not in text
