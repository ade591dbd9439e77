"""Who may do what: every cell of the matrix, by the functions that decide, through the explorer of
own figures and its websocket, and through the programming interface.

Plain pages and forms are walked in test_permissions_of_pages.py.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import HTTPException
from sqlalchemy import select
from starlette.websockets import WebSocketDisconnect

from portal.permission_document import document
from portal.permissions import ACTIONS, ROLES, find, may, may_do, scope
from portal.scopes import KINDS
from tests.support.permission_matrix import (
    COLUMNS,
    EXPECTED,
    is_expected,
    is_seen,
    relations,
)
from tests.support.permission_portal import Portal, open_portal, sends_to_sign_in
from tests.support.permission_world import NEVER_GIVEN_OUT, PEOPLE

DOCUMENT = Path(__file__).parents[2] / "docs" / "permissions.md"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with open_portal(tmp_path_factory.mktemp("permissions")) as opened:
        yield opened


# By the functions that decide


def test_every_action_is_expected_and_no_other() -> None:
    assert list(ACTIONS) == list(dict.fromkeys(action for action, _ in EXPECTED))


@pytest.mark.parametrize("action", ACTIONS)
def test_the_functions_that_decide_say_what_is_expected(portal: Portal, action: str) -> None:
    kind = ACTIONS[action].kind
    with portal.db() as db:
        for role in ("public", *PEOPLE):
            person = portal.person(db, role)
            assert may(person, action) == bool(EXPECTED[action, role]), role
            if not kind or person is None:
                continue
            for relation, state in relations(kind):
                number = portal.world.thing(kind, relation, role, state)
                if number is None:
                    continue
                cell = (role, relation, state)
                allowed = is_expected(action, role, relation)
                thing = db.get_one(KINDS[kind].model, number)
                assert may_do(db, person, action, thing) == allowed, cell
                if allowed:
                    assert find(db, person, action, number) is thing
                else:
                    seen = is_seen(action, role, relation)
                    with pytest.raises(HTTPException) as refused:
                        find(db, person, action, number)
                    assert refused.value.status_code == (403 if seen else 404), cell


@pytest.mark.parametrize("kind", KINDS)
def test_a_query_within_a_scope_finds_what_may_be_seen_and_nothing_else(
    portal: Portal, kind: str
) -> None:
    action = f"{kind}.view"
    model = KINDS[kind].model
    with portal.db() as db:
        for role in PEOPLE:
            person = portal.person(db, role)
            assert person is not None
            found = set(db.scalars(select(model.id).where(scope(person, action))))
            expected = {
                number
                for relation, state in relations(kind)
                if (number := portal.world.thing(kind, relation, role, state)) is not None
                and is_expected(action, role, relation)
            }
            ours = {portal.world.thing(kind, r, role, s) for r, s in relations(kind)}
            assert found & ours == expected, role


def test_no_identifier_that_was_never_given_out_is_found(portal: Portal) -> None:
    with portal.db() as db:
        person = portal.person(db, "administrator")
        assert person is not None
        for number in (NEVER_GIVEN_OUT, 0, -1, 2**31, 2**70):
            with pytest.raises(HTTPException) as refused:
                find(db, person, "log.view", number)
            assert refused.value.status_code == 404


# Through the explorer of own figures and its websocket


@pytest.mark.parametrize("role", ["public", *PEOPLE])
def test_the_explorer_and_its_websocket_let_in_who_is_expected(portal: Portal, role: str) -> None:
    page = portal.ask(role, "GET", "/organisation/explore")
    allowed = bool(EXPECTED["figures.view", role])
    if allowed:
        assert page.status_code == 200
        found = re.search(r'"token":"([^"]+)"', page.text)
        assert found and _connects(portal, role, found[1])
    else:
        assert page.status_code == 404 or sends_to_sign_in(page)
    # Nor does a page that somebody else may open let anybody in.
    theirs = portal.ask("coordinator", "GET", "/organisation/explore").text
    stolen = re.search(r'"token":"([^"]+)"', theirs)
    assert stolen
    assert _connects(portal, role, stolen[1]) == (role == "coordinator")


def _connects(portal: Portal, role: str, token: str) -> bool:
    with _websocket(portal, role, token) as connected:
        return connected


@contextmanager
def _websocket(portal: Portal, role: str, token: str) -> Iterator[bool]:
    try:
        with portal.client.websocket_connect(
            "/organisation/explore/ws",
            subprotocols=["bokeh", token],
            headers={"Cookie": portal.cookies[role]},
        ) as socket:
            yield "ACK" in socket.receive_text()
    except WebSocketDisconnect as closed:
        assert closed.code == 1008
        yield False


# Through the programming interface


@pytest.mark.parametrize("kind", ["institution", "user", "group", "scheme", "log"])
def test_the_programming_interface_answers_who_is_expected(portal: Portal, kind: str) -> None:
    never = portal.ask_api("administrator", f"/{kind}s/{NEVER_GIVEN_OUT}")
    for role in ("public", *PEOPLE):
        listed = portal.ask_api(role, f"/{kind}s?limit=200")
        numbers = [item["id"] for item in listed.json().get("items", [])]
        for relation, state in relations(kind):
            number = portal.world.thing(kind, relation, role, state)
            if number is None:
                continue
            cell = (role, relation, state)
            answer = portal.ask_api(role, f"/{kind}s/{number}")
            if role == "public":
                assert answer.status_code == listed.status_code == 401
                continue
            allowed = is_expected(f"{kind}.view", role, relation)
            assert answer.status_code == (200 if allowed else 404), cell
            assert (number in numbers) == allowed, cell
            if not allowed:
                assert (answer.content, answer.headers) == (never.content, never.headers), cell


# The document


def test_the_document_is_what_the_table_makes() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run core-portal permissions"


def test_the_document_says_what_is_expected_of_every_action_and_role() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    columns = ("public", *COLUMNS)
    assert tuple(ROLES) == columns
    for action in ACTIONS:
        row = next(line for line in text.splitlines() if f"| `{action}` |" in line)
        cells = [cell.strip() for cell in row.strip("|").split("|")][2:]
        for role, cell in zip(columns, cells, strict=True):
            expected = EXPECTED[action, role]
            if action == "agreement.sign" and role in ("provider", "coordinator"):
                expected = frozenset(["institution"])
            assert (cell == "-") == (not expected), (action, role)
