"""Who may do what: every cell of the matrix, by the functions that decide, through plain pages,
through the explorer of own figures and its websocket, and through the programming interface.

What is expected is written out below by hand, and not taken from the table that decides.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import HTTPException
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.websockets import WebSocketDisconnect

from data_access.account_sessions import person_of, start_session
from data_access.accounts import Account, ManagedProvider, Person
from data_access.api_tokens import make_token
from data_access.database import make_engine, session_factory, upgrade
from data_access.settings import Settings
from portal.api.application import ADDRESS
from portal.app import create_app
from portal.permission_document import document
from portal.permissions import ACTIONS, ROLES, find, may, may_do, scope
from portal.scopes import KINDS
from portal.session_cookie import COOKIE
from tests.support.permission_world import (
    NEVER_GIVEN_OUT,
    PEOPLE,
    SCHEME_STATES,
    World,
    make_world,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "permissions.md"
RELATIONS = (
    "own",
    "managed",
    "institution",
    "member",
    "child",
    "parent",
    "parent's draft",
    "other",
)
# An action, then what a data provider, a co-ordinator, a statistician and an administrator may do
# it to: "yes" and "no" for what is done to no particular thing, "all" for a thing in any relation.
# An approved scheme of a parent, and its group, are seen; a "parent's draft" is nobody's business.
EXPECTED_TEXT = """
administration.open         | no | no | no | yes
audit.search                | no | no | no | yes
message.read                | no | no | no | yes
account.need_second_factor  | no | no | yes | yes
api.read                    | yes | yes | yes | yes
log.start                   | yes | yes | no | yes
log.view                    | own | own managed institution | all | all
log.change                  | own | own managed institution | no | all
log.drop                    | own | own managed institution | no | all
log.history                 | own | own managed institution | all | all
log.assign                  | no | own managed institution | no | all
upload.send                 | yes | yes | no | yes
upload.view                 | own | own institution | no | all
figures.view                | institution | institution | no | no
institution.create          | no | no | no | yes
institution.list            | no | no | yes | yes
institution.view            | institution | institution child parent | all | all
institution.history         | institution | institution | all | all
institution.change          | no | no | no | all
institution.deactivate      | no | no | no | all
institution.merge           | no | no | no | all
institution.import          | no | no | no | yes
institution.export          | no | no | yes | yes
institution.report_mistake  | institution | institution | no | no
mistake.view                | own | own institution | no | all
mistake.close               | no | no | no | all
agreement.view              | institution | institution | all | all
agreement.sign              | no | no | no | no
agreement.publish           | no | no | no | yes
agreement.remind            | no | no | no | yes
user.list                   | no | yes | no | yes
user.create                 | no | yes | no | yes
user.create_provider        | no | yes | no | yes
user.create_coordinator     | no | yes | no | yes
user.create_statistician    | no | no | no | yes
user.create_administrator   | no | no | no | yes
user.import                 | no | yes | no | yes
user.export                 | no | yes | no | yes
user.view                   | own | own managed institution member | own | all
user.change                 | own | own managed institution | own | all
user.make_officer           | no | own institution | no | all
user.change_address         | own | own institution | own | all
user.change_role            | no | institution | no | all but own
user.deactivate             | no | institution | no | all but own
user.reset                  | no | managed institution | no | all but own
user.unlock                 | no | no | no | all but own
user.forget_second_factor   | no | no | no | all but own
user.delete                 | no | institution | no | all but own
user.manage                 | no | managed institution member child | no | no
user.give_membership        | no | no | no | all but own
user.history                | own | own institution | own | all
group.create                | no | yes | no | no
group.view                  | institution parent | institution parent | all | all
group.change                | no | institution | no | all
group.history               | no | institution | no | all
scheme.view                 | institution parent | institution parent | all | all
scheme.change               | no | institution | no | all
scheme.submit               | no | institution | no | no
scheme.decide               | no | no | no | all
scheme.pause                | no | institution | no | all
scheme.history              | no | institution | no | all
scheme.import               | no | yes | no | yes
scheme.export               | no | yes | no | yes
"""
_COLUMNS = ("provider", "coordinator", "statistician", "administrator")


def _read_expected() -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], frozenset[str]] = {}
    for line in EXPECTED_TEXT.strip().splitlines():
        name, *cells = (cell.strip() for cell in line.split("|"))
        for role, cell in zip(_COLUMNS, cells, strict=True):
            allowed = {
                "no": (),
                "all": RELATIONS,
                "all but own": tuple(r for r in RELATIONS if r != "own"),
            }.get(cell)
            if allowed is None:
                words = cell.replace("parent's draft", "parent's_draft").split()
                allowed = tuple(word.replace("_", " ") for word in words)
            found[name, role] = frozenset(allowed)
        found[name, "officer"] = found[name, "provider"]
        found[name, "public"] = frozenset()
    # The Data Protection Officer, here a data provider, signs for the institution.
    found["agreement.sign", "officer"] = frozenset(["institution"])
    return found


EXPECTED = _read_expected()
# Of an agreement or figures the institution is what one can see or not.
VIEW = {"agreement": "institution.view", "figures": "institution.view"}


def _is_expected(action: str, role: str, relation: str = "yes") -> bool:
    return relation in EXPECTED[action, role]


def _is_seen(action: str, role: str, relation: str) -> bool:
    feature = action.partition(".")[0]
    return _is_expected(VIEW.get(feature, f"{feature}.view"), role, relation)


class Portal:
    """A portal over the small world, with a session and a token of everybody in it."""

    def __init__(self, client: TestClient, world: World) -> None:
        app: Any = client.app
        self.app, self.client, self.world = app, client, world
        self.cookies = {"public": ""}
        self.tokens = {}
        with self.db() as db:
            for role, number in world.people.items():
                account = db.get_one(Account, number)
                self.cookies[role] = f"{COOKIE}={start_session(db, account)}"
                person = person_of(db, account)
                self.tokens[role] = make_token(db, person, "of the test", timedelta(days=1))
            db.commit()

    def db(self) -> Session:
        session: Session = self.app.state.session_factory()
        return session

    def person(self, db: Session, role: str) -> Person | None:
        if role == "public":
            return None
        return person_of(db, db.get_one(Account, self.world.people[role]))

    def ask(
        self, role: str, method: str, address: str, data: dict[str, str] | None = None
    ) -> Response:
        headers = {"Cookie": self.cookies[role]} if self.cookies[role] else {}
        return self.client.request(method, address, headers=headers, data=data)

    def ask_api(self, role: str, path: str) -> Response:
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} if role != "public" else {}
        return self.client.get(ADDRESS + path, headers=headers)


def _settings(folder: Path, **more: Any) -> Settings:
    return Settings(
        data_dir=folder, database_url="", demonstration=True, today=date(2026, 11, 24), **more
    )


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    settings = _settings(tmp_path_factory.mktemp("permissions"))
    engine = make_engine(settings.database)
    upgrade(engine)
    with session_factory(engine)() as db:
        world = make_world(db)
    engine.dispose()
    with TestClient(
        create_app(settings), raise_server_exceptions=False, follow_redirects=False
    ) as client:
        yield Portal(client, world)


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
            for relation, state in _relations(kind):
                number = portal.world.thing(kind, relation, role, state)
                if number is None:
                    continue
                cell = (role, relation, state)
                allowed = _is_expected(action, role, relation)
                thing = db.get_one(KINDS[kind].model, number)
                assert may_do(db, person, action, thing) == allowed, cell
                if allowed:
                    assert find(db, person, action, number) is thing
                else:
                    seen = _is_seen(action, role, relation)
                    with pytest.raises(HTTPException) as refused:
                        find(db, person, action, number)
                    assert refused.value.status_code == (403 if seen else 404), cell


def _relations(kind: str) -> Iterator[tuple[str, str]]:
    for relation in RELATIONS:
        for state in SCHEME_STATES if kind == "scheme" else ("",):
            yield relation, state


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
                for relation, state in _relations(kind)
                if (number := portal.world.thing(kind, relation, role, state)) is not None
                and _is_expected(action, role, relation)
            }
            ours = {portal.world.thing(kind, r, role, s) for r, s in _relations(kind)}
            assert found & ours == expected, role


def test_no_identifier_that_was_never_given_out_is_found(portal: Portal) -> None:
    with portal.db() as db:
        person = portal.person(db, "administrator")
        assert person is not None
        for number in (NEVER_GIVEN_OUT, 0, -1, 2**31, 2**70):
            with pytest.raises(HTTPException) as refused:
                find(db, person, "log.view", number)
            assert refused.value.status_code == 404


# Through plain pages


@dataclass(frozen=True)
class Probe:
    """How an action is reached: by pages that are opened and by forms that are sent.

    `{id}` stands for the thing, and `state` is the state that a scheme must be in. A page without
    it lets in whoever may do this at all.
    """

    opens: tuple[str, ...] = ()
    sends: tuple[str, ...] = ()
    state: str = "approved"
    data: tuple[tuple[str, str], ...] = ()


_ADMIN = "/administration"
PROBES = {
    "administration.open": Probe(
        (_ADMIN, f"{_ADMIN}/collection-windows"),
        (f"{_ADMIN}/collection-windows/lettings/2026",),
    ),
    "audit.search": Probe((f"{_ADMIN}/audit", f"{_ADMIN}/audit.csv")),
    "message.read": Probe((f"{_ADMIN}/outbox",), (f"{_ADMIN}/outbox/1/again",)),
    "api.read": Probe(("/account/api-tokens",)),
    "log.start": Probe(("/logs/new",), ("/logs",), data=(("kind", "lettings-2026"),)),
    "log.view": Probe(("/logs/{id}", "/logs/{id}/answers")),
    "log.change": Probe(
        ("/logs/{id}/pages/stock_owner",),
        (
            "/logs/{id}/pages/stock_owner",
            "/logs/{id}/submit",
            "/logs/{id}/confirm",
            "/logs/{id}/correct",
        ),
    ),
    "log.drop": Probe(("/logs/{id}/drop",), ("/logs/{id}/drop",)),
    "log.history": Probe(("/logs/{id}/history",)),
    "log.assign": Probe(("/logs/{id}/assign",), ("/logs/{id}/assign",)),
    "upload.send": Probe(("/uploads",), ("/uploads",)),
    "upload.view": Probe(("/uploads/{id}", "/uploads/{id}/report.csv")),
    "figures.view": Probe(("/organisation", "/organisation/figures.csv", "/organisation/explore")),
    "institution.create": Probe(("/institutions/new",), ("/institutions/new",)),
    "institution.list": Probe(("/institutions",)),
    "institution.view": Probe(
        (
            "/institutions/{id}",
            "/institutions/{id}/areas",
            "/institutions/{id}/rent-periods",
            "/institutions/{id}/relations",
            "/institutions/{id}/names",
        )
    ),
    "institution.history": Probe(("/institutions/{id}/history",)),
    "institution.change": Probe(
        (
            "/institutions/{id}/change/details",
            "/institutions/{id}/change/areas",
            "/institutions/{id}/relations/new",
            "/institutions/{id}/names/new",
        ),
        (
            "/institutions/{id}/change/details",
            "/institutions/{id}/relations/new",
            "/institutions/{id}/names/new",
            "/institutions/{id}/names/1/cancel",
        ),
    ),
    "institution.deactivate": Probe(
        ("/institutions/{id}/deactivate",),
        ("/institutions/{id}/deactivate", "/institutions/{id}/reactivate"),
    ),
    "institution.merge": Probe(
        (f"{_ADMIN}/mergers", f"{_ADMIN}/mergers/new"), (f"{_ADMIN}/mergers",)
    ),
    "institution.import": Probe(
        (f"{_ADMIN}/import/institutions",), (f"{_ADMIN}/import/institutions",)
    ),
    "institution.export": Probe(("/institutions/export.csv",)),
    "institution.report_mistake": Probe(
        ("/institutions/{id}/mistakes/new",), ("/institutions/{id}/mistakes/new",)
    ),
    "mistake.close": Probe((f"{_ADMIN}/mistakes/{{id}}",), (f"{_ADMIN}/mistakes/{{id}}",)),
    "agreement.view": Probe(("/institutions/{id}/agreement",)),
    "agreement.sign": Probe(
        ("/institutions/{id}/agreement/sign",), ("/institutions/{id}/agreement/sign",)
    ),
    "agreement.publish": Probe((f"{_ADMIN}/agreements/new",), (f"{_ADMIN}/agreements/new",)),
    "agreement.remind": Probe(
        (f"{_ADMIN}/agreements", f"{_ADMIN}/agreements.csv"), (f"{_ADMIN}/agreements/remind",)
    ),
    "user.list": Probe(("/people",)),
    "user.create": Probe(("/people/new",), ("/people/new",)),
    "user.import": Probe(("/people/import",), ("/people/import",)),
    "user.export": Probe(("/people/export.csv",)),
    "user.view": Probe(("/people/{id}",)),
    "user.change": Probe(("/people/{id}/edit",), ("/people/{id}/edit",)),
    "user.deactivate": Probe(
        ("/people/{id}/deactivate", "/people/{id}/activate"),
        ("/people/{id}/deactivate", "/people/{id}/activate"),
    ),
    "user.reset": Probe(
        ("/people/{id}/reset", "/people/{id}/invite"),
        ("/people/{id}/reset", "/people/{id}/invite"),
    ),
    "user.unlock": Probe(("/people/{id}/unlock",), ("/people/{id}/unlock",)),
    "user.forget_second_factor": Probe(
        ("/people/{id}/forget-second-factor",), ("/people/{id}/forget-second-factor",)
    ),
    "user.delete": Probe(("/people/{id}/delete",), ("/people/{id}/delete",)),
    "user.give_membership": Probe(
        ("/people/{id}/memberships/new",), ("/people/{id}/memberships/new",)
    ),
    "user.history": Probe(("/people/{id}/history",)),
    "group.create": Probe(("/schemes/groups/new",), ("/schemes/groups/new",)),
    "group.view": Probe(("/schemes/groups/{id}",)),
    "group.change": Probe(("/schemes/groups/{id}/edit",), ("/schemes/groups/{id}/edit",)),
    "group.history": Probe(("/schemes/groups/{id}/history",)),
    "scheme.view": Probe(("/schemes/{id}", "/schemes/{id}/availability", "/schemes/{id}/logs")),
    "scheme.change": Probe(
        ("/schemes/{id}/edit", "/schemes/{id}/locations/new"),
        ("/schemes/{id}/edit", "/schemes/{id}/locations/new"),
        state="draft",
    ),
    # Sending a draft that lacks something is refused for what it lacks.
    "scheme.submit": Probe((), ("/schemes/{id}/submit",), state="draft"),
    "scheme.decide": Probe(
        (f"{_ADMIN}/schemes/{{id}}",), (f"{_ADMIN}/schemes/{{id}}",), state="submitted"
    ),
    "scheme.pause": Probe(
        ("/schemes/{id}/availability/deactivate",), ("/schemes/{id}/availability/deactivate",)
    ),
    "scheme.history": Probe(("/schemes/{id}/history",)),
    "scheme.import": Probe(("/schemes/import",), ("/schemes/import",)),
    "scheme.export": Probe(("/schemes/export.csv",)),
}
# Actions without a page of their own, and the test that walks each.
ELSEWHERE = {
    "account.need_second_factor": "test_who_needs_a_second_factor_is_sent_to_set_one_up",
    "mistake.view": "test_a_report_is_read_by_who_may_see_it",
    "user.create_provider": "test_a_role_is_offered_and_given_by_who_may_give_it",
    "user.create_coordinator": "test_a_role_is_offered_and_given_by_who_may_give_it",
    "user.create_statistician": "test_a_role_is_offered_and_given_by_who_may_give_it",
    "user.create_administrator": "test_a_role_is_offered_and_given_by_who_may_give_it",
    "user.make_officer": "test_an_officer_is_made_by_who_may_make_one",
    "user.change_address": "test_address_and_role_are_changed_by_who_may_change_them",
    "user.change_role": "test_address_and_role_are_changed_by_who_may_change_them",
    "user.manage": "test_a_provider_is_put_on_the_list_by_who_may_manage_them",
}


def test_every_action_has_a_page_or_form_that_is_walked() -> None:
    assert set(PROBES) | set(ELSEWHERE) == set(ACTIONS)
    assert not set(PROBES) & set(ELSEWHERE)
    assert all(name in globals() for name in ELSEWHERE.values())


def _without_reference(answer: Response) -> str:
    return re.sub(r"[0-9A-F]{8}", "REFERENCE", answer.text)


def _sends_to_sign_in(answer: Response) -> bool:
    return answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("action", PROBES)
def test_the_pages_and_forms_of_an_action_let_in_who_is_expected(
    portal: Portal, action: str
) -> None:
    probe, kind = PROBES[action], ACTIONS[action].kind
    requests = [("GET", page) for page in probe.opens] + [("POST", form) for form in probe.sends]
    is_about_a_thing = any("{id}" in page for page in (*probe.opens, *probe.sends))
    state = probe.state if kind == "scheme" else ""
    never: dict[tuple[str, str, str], str] = {}
    for method, template in requests:
        some = portal.world.thing(kind, "other", "", state) or 1
        assert _sends_to_sign_in(portal.ask("public", method, template.format(id=some)))
        for role in PEOPLE:
            if not is_about_a_thing:
                allowed = bool(EXPECTED[action, role])
                _hold(portal, (role, method, template), allowed, probe)
                continue
            for relation in RELATIONS:
                number = portal.world.thing(kind, relation, role, state)
                if number is None:
                    continue
                address = template.format(id=number)
                allowed = _is_expected(action, role, relation)
                answer = _hold(portal, (role, method, address), allowed, probe)
                if answer is None or allowed or _is_seen(action, role, relation):
                    continue
                key = (role, method, template)
                if key not in never:
                    missing = template.format(id=NEVER_GIVEN_OUT)
                    told = portal.ask(role, method, missing, dict(probe.data))
                    assert told.status_code == 404, key
                    never[key] = _without_reference(told)
                assert answer.status_code == 404, (relation, key)
                assert _without_reference(answer) == never[key], (relation, key)


def _hold(
    portal: Portal, asked: tuple[str, str, str], allowed: bool, probe: Probe
) -> Response | None:
    """Sends a request and holds its answer to what is expected; forms only to who is refused.

    A form without a page of its own is sent by who is allowed as well.
    """
    role, method, address = asked
    if allowed and method == "POST" and probe.opens:
        return None
    answer = portal.ask(role, method, address, dict(probe.data) if method == "POST" else None)
    assert answer.status_code < 500, asked
    assert (answer.status_code not in (403, 404)) == allowed, (asked, answer.status_code)
    assert not _sends_to_sign_in(answer), asked
    return answer


def test_who_needs_a_second_factor_is_sent_to_set_one_up(portal: Portal) -> None:
    settings = portal.app.state.settings
    settings.second_factor_required = True
    try:
        for role in PEOPLE:
            answer = portal.ask(role, "GET", "/logs")
            sent = answer.headers.get("location", "").startswith("/account/second-factor")
            assert sent == _is_expected("account.need_second_factor", role), role
            explorer = portal.ask(role, "GET", "/organisation/explore")
            assert sent == (
                explorer.headers.get("location", "").startswith("/account/second-factor")
            )
            api = portal.ask_api(role, "/me")
            assert (api.status_code == 403) == sent
    finally:
        settings.second_factor_required = None


def test_a_report_is_read_by_who_may_see_it(portal: Portal) -> None:
    for role in PEOPLE:
        for relation in RELATIONS:
            number = portal.world.thing("mistake", relation, role)
            if number is None:
                continue
            place = {"own": "institution", "managed": "child"}.get(relation, relation)
            page = portal.ask(role, "GET", f"/institutions/{portal.world.places[place]}/mistakes")
            words = f"Mistake seen by {role if relation == 'own' else relation}"
            shown = page.status_code == 200 and words in page.text
            assert shown == _is_expected("mistake.view", role, relation), (role, relation)


def _count_users(portal: Portal) -> int:
    with portal.db() as db:
        return db.scalar(select(func.count()).select_from(Account)) or 0


@pytest.mark.parametrize("given", ["provider", "coordinator", "statistician", "administrator"])
def test_a_role_is_offered_and_given_by_who_may_give_it(portal: Portal, given: str) -> None:
    for role in PEOPLE:
        allowed = _is_expected(f"user.create_{given}", role)
        page = portal.ask(role, "GET", "/people/new")
        offered = page.status_code == 200 and f'name="role" value="{given}"' in page.text
        assert offered == allowed, role
        before = _count_users(portal)
        name = f"new-{given}-by-{role}"
        sent = {"name": name, "user_name": name, "email": f"{name}@example.com", "role": given}
        # Only administrators say of which institution, and only of people who are of one.
        is_of_one = role == "administrator" and given in ("provider", "coordinator")
        sent |= {"contact_priority": "None", "institution": "4" if is_of_one else ""}
        portal.ask(role, "POST", "/people/new", sent)
        assert _count_users(portal) - before == int(allowed), role


def test_address_and_role_are_changed_by_who_may_change_them(portal: Portal) -> None:
    for role in PEOPLE:
        # One's own details are under Your details, where the role cannot be changed.
        for relation in (r for r in RELATIONS if r != "own"):
            number = portal.world.thing("user", relation, role)
            if number is None or not _is_expected("user.change", role, relation):
                continue
            cell, address = (role, relation), f"/people/{number}/edit"
            page = portal.ask(role, "GET", address).text
            may_address = _is_expected("user.change_address", role, relation)
            may_role = _is_expected("user.change_role", role, relation)
            assert ('name="email"' in page) == may_address, cell
            assert ('name="role"' in page) == may_role, cell
            before = _details(portal, number)
            email = f"new-{role}-{relation}@example.com"
            sent = {**before, "email": email, "role": "coordinator"}
            assert portal.ask(role, "POST", address, sent).status_code == 303, cell
            after = _details(portal, number)
            assert (after["email"] == email) == may_address, cell
            assert (after["role"] == "coordinator") == may_role, cell
            _put_back(portal, number, before)


def test_an_officer_is_made_by_who_may_make_one(portal: Portal) -> None:
    # The officer is one already.
    for role in (role for role in PEOPLE if role != "officer"):
        for relation in RELATIONS:
            number = portal.world.thing("user", relation, role)
            if number is None or not _is_expected("user.change", role, relation):
                continue
            before = _details(portal, number)
            sent = {**before, "contact_priority": "Data Protection Officer"}
            address = "/account/edit" if relation == "own" else f"/people/{number}/edit"
            answer = portal.ask(role, "POST", address, sent)
            allowed = _is_expected("user.make_officer", role, relation)
            assert answer.status_code == (303 if allowed else 422), (role, relation)
            after = _details(portal, number)["contact_priority"]
            assert after == ("Data Protection Officer" if allowed else "None"), (role, relation)
            _put_back(portal, number, before)


def _details(portal: Portal, number: int) -> dict[str, str]:
    with portal.db() as db:
        account = db.get_one(Account, number)
        names = ("name", "user_name", "email", "role", "contact_priority", "version")
        return {name: str(getattr(account, name)) for name in names}


def _put_back(portal: Portal, number: int, before: dict[str, str]) -> None:
    with portal.db() as db:
        account = db.get_one(Account, number)
        account.email, account.role = before["email"], before["role"]
        account.contact_priority = before["contact_priority"]
        if number == portal.world.things["user", "managed", ""]:
            # A new role took the provider off the list.
            people = portal.world.people
            db.merge(
                ManagedProvider(
                    institution_id=portal.world.places["institution"],
                    coordinator_id=people["coordinator"],
                    provider_id=number,
                )
            )
        db.commit()


def test_a_provider_is_put_on_the_list_by_who_may_manage_them(portal: Portal) -> None:
    for role in PEOPLE:
        for relation in RELATIONS:
            number = portal.world.thing("user", relation, role)
            # Whoever is on the list stays on it; the relation is looked at above.
            if number is None or relation == "child":
                continue
            answer = portal.ask(role, "POST", "/people/managed/add", {"provider": str(number)})
            allowed = _is_expected("user.manage", role, relation)
            assert answer.status_code == (303 if allowed else 404), (role, relation)


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
        assert page.status_code == 404 or _sends_to_sign_in(page)
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
        for relation, state in _relations(kind):
            number = portal.world.thing(kind, relation, role, state)
            if number is None:
                continue
            cell = (role, relation, state)
            answer = portal.ask_api(role, f"/{kind}s/{number}")
            if role == "public":
                assert answer.status_code == listed.status_code == 401
                continue
            allowed = _is_expected(f"{kind}.view", role, relation)
            assert answer.status_code == (200 if allowed else 404), cell
            assert (number in numbers) == allowed, cell
            if not allowed:
                assert (answer.content, answer.headers) == (never.content, never.headers), cell


# The document


def test_the_document_is_what_the_table_makes() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run core-portal permissions"


def test_the_document_says_what_is_expected_of_every_action_and_role() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    columns = ("public", *_COLUMNS)
    assert tuple(ROLES) == columns
    for action in ACTIONS:
        row = next(line for line in text.splitlines() if f"| `{action}` |" in line)
        cells = [cell.strip() for cell in row.strip("|").split("|")][2:]
        for role, cell in zip(columns, cells, strict=True):
            expected = EXPECTED[action, role]
            if action == "agreement.sign" and role in ("provider", "coordinator"):
                expected = frozenset(["institution"])
            assert (cell == "-") == (not expected), (action, role)
