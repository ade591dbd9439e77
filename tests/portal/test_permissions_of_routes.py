"""No address is forgotten: every one that the portal has asks who is there, and what is out of
reach does not exist."""

from collections.abc import Iterator

import pytest
from fastapi.openapi.utils import get_openapi
from sqlalchemy import select

from data_access.schemes import Location
from tests.support.permission_portal import (
    Portal,
    open_portal,
    sends_to_sign_in,
    without_reference,
)
from tests.support.permission_world import NEVER_GIVEN_OUT

# What is there for everybody: published figures, and the ways to an account.
OPEN = (
    "/",
    "/healthz",
    "/national",
    "/local-authorities",
    "/local-authorities/{code}",
    "/downloads/national.csv",
    "/downloads/crosses.csv",
    "/downloads/local-authorities/{code}.csv",
    "/reports/local-authorities/{code}.pdf",
    "/releases",
    "/releases/latest",
    "/releases/latest/{name}",
    "/releases/{version}",
    "/releases/{version}/{name}",
    "/learn",
    "/learn/{collection}/{year}",
    "/learn/{collection}/{year}/{name}",
    "/explore/national",
    "/explore/local-authorities",
    "/sign-in",
    "/sign-in/code",
    "/sign-out",
    "/set-password/{token}",
    "/set-password/{token}/new",
    "/forgotten-password",
    "/password-check",
    "/confirm-email/{token}",
    # Says how much of a session is left: none.
    "/session/left",
    "/session/keep",
)
# The kind of thing that the first number of an address names.
KINDS = {
    "/logs/": "log",
    "/uploads/": "upload",
    "/people/": "user",
    "/institutions/": "institution",
    "/schemes/groups/": "group",
    "/schemes/": "scheme",
    "/publishing/": "release",
    "/preview/": "release",
}
# The first part of an address after which no thing stands.
NO_THING = ("/people/import/", "/schemes/import/", "/uploads/templates/")
WORDS = {
    "slug": "stock_owner",
    "collection": "lettings",
    "year": "2026",
    "ending": "csv",
    "file_name": "lettings-2026.csv",
}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with open_portal(tmp_path_factory.mktemp("routes")) as opened:
        yield opened


def _routes(portal: Portal) -> list[tuple[str, str]]:
    described = get_openapi(title="CORE", version="1", routes=portal.app.routes)
    found = [
        (method.upper(), path)
        for path, methods in described["paths"].items()
        for method in methods
        if path not in OPEN
    ]
    assert len(found) > 150
    return found


def _address(path: str, number: int, others: dict[str, str]) -> str:
    """The path with a number for its thing, and words or other numbers for the rest."""
    parts = path.split("/")
    first = True
    for at, part in enumerate(parts):
        name = part.partition("{")[2].partition("}")[0]
        if not name:
            continue
        value = others.get(name, WORDS.get(name, "1"))
        if first and name not in WORDS and name not in ("name", "handle"):
            value = str(number)
        parts[at] = part.replace(f"{{{name}}}", value)
        first = False
    return "/".join(parts)


def _kind(path: str) -> str:
    if path.startswith(NO_THING):
        return ""
    return next((kind for start, kind in KINDS.items() if path.startswith(f"{start}{{")), "")


def test_every_address_asks_who_is_there(portal: Portal) -> None:
    for method, path in _routes(portal):
        answer = portal.ask("public", method, _address(path, 1, {"name": "reset"}))
        assert sends_to_sign_in(answer), (method, path, answer.status_code)


@pytest.mark.parametrize("role", ["provider", "coordinator"])
def test_what_is_out_of_reach_is_answered_as_what_never_was(portal: Portal, role: str) -> None:
    scheme = portal.world.things["scheme", "other", "approved"]
    with portal.db() as db:
        place = db.scalars(select(Location.id).where(Location.scheme_id == scheme)).one()
    walked = 0
    for method, path in _routes(portal):
        kind = _kind(path)
        if not kind:
            continue
        hidden = scheme if kind == "scheme" else portal.world.things[kind, "other", ""]
        others = {
            "name": "details" if kind == "institution" else "reset",
            "link_id": "5",
            "location_id": str(place),
        }
        answers = [
            portal.ask(role, method, _address(path, number, others))
            for number in (hidden, NEVER_GIVEN_OUT)
        ]
        assert [answer.status_code for answer in answers] == [404, 404], (method, path)
        assert without_reference(answers[0]) == without_reference(answers[1]), (method, path)
        walked += 1
    assert walked > 75


@pytest.mark.parametrize("role", ["provider", "coordinator", "statistician"])
def test_the_administration_is_there_for_administrators_alone(portal: Portal, role: str) -> None:
    walked = 0
    for method, path in _routes(portal):
        if path.startswith("/administration"):
            answer = portal.ask(role, method, _address(path, 1, {}))
            assert answer.status_code == 404, (method, path)
            walked += 1
    assert walked > 30
