"""Who may do what, through plain pages and forms: every cell of the matrix."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from httpx import Response
from sqlalchemy import func, select

from data_access.accounts import Account, ManagedProvider
from portal.permissions import ACTIONS
from tests.support.permission_matrix import EXPECTED, RELATIONS, is_expected, is_seen
from tests.support.permission_portal import (
    Portal,
    open_portal,
    sends_to_sign_in,
    without_reference,
)
from tests.support.permission_world import NEVER_GIVEN_OUT, PEOPLE


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with open_portal(tmp_path_factory.mktemp("permissions")) as opened:
        yield opened


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
    "release.build": Probe(("/publishing/new",), ("/publishing/new",)),
    "release.view": Probe(("/publishing", "/publishing/{id}", "/publishing/{id}/progress")),
    # Nothing is there to be shown, which whoever may see it is told.
    "release.preview": Probe(("/preview/{id}/", "/preview/{id}/national")),
    "release.approve": Probe(("/publishing/{id}/approve",), ("/publishing/{id}/approve",)),
    "release.schedule": Probe(
        tuple(f"/publishing/{{id}}/{step}" for step in ("schedule", "publish", "correct")),
        tuple(
            f"/publishing/{{id}}/{step}"
            for step in ("schedule", "unschedule", "publish", "correct")
        ),
    ),
    "release.withdraw": Probe(("/publishing/{id}/withdraw",), ("/publishing/{id}/withdraw",)),
    "release.give_access": Probe(
        ("/publishing/{id}/access",), ("/publishing/{id}/access", "/publishing/{id}/access/1/end")
    ),
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
        assert sends_to_sign_in(portal.ask("public", method, template.format(id=some)))
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
                allowed = is_expected(action, role, relation)
                answer = _hold(portal, (role, method, address), allowed, probe)
                if answer is None or allowed or is_seen(action, role, relation):
                    continue
                key = (role, method, template)
                if key not in never:
                    missing = template.format(id=NEVER_GIVEN_OUT)
                    told = portal.ask(role, method, missing, dict(probe.data))
                    assert told.status_code == 404, key
                    never[key] = without_reference(told)
                assert answer.status_code == 404, (relation, key)
                assert without_reference(answer) == never[key], (relation, key)


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
    assert not sends_to_sign_in(answer), asked
    return answer


def test_who_needs_a_second_factor_is_sent_to_set_one_up(portal: Portal) -> None:
    settings = portal.app.state.settings
    settings.second_factor_required = True
    try:
        for role in PEOPLE:
            answer = portal.ask(role, "GET", "/logs")
            sent = answer.headers.get("location", "").startswith("/account/second-factor")
            assert sent == is_expected("account.need_second_factor", role), role
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
            assert shown == is_expected("mistake.view", role, relation), (role, relation)


def _count_users(portal: Portal) -> int:
    with portal.db() as db:
        return db.scalar(select(func.count()).select_from(Account)) or 0


@pytest.mark.parametrize("given", ["provider", "coordinator", "statistician", "administrator"])
def test_a_role_is_offered_and_given_by_who_may_give_it(portal: Portal, given: str) -> None:
    for role in PEOPLE:
        allowed = is_expected(f"user.create_{given}", role)
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
            if number is None or not is_expected("user.change", role, relation):
                continue
            cell, address = (role, relation), f"/people/{number}/edit"
            page = portal.ask(role, "GET", address).text
            may_address = is_expected("user.change_address", role, relation)
            may_role = is_expected("user.change_role", role, relation)
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
            if number is None or not is_expected("user.change", role, relation):
                continue
            before = _details(portal, number)
            sent = {**before, "contact_priority": "Data Protection Officer"}
            address = "/account/edit" if relation == "own" else f"/people/{number}/edit"
            answer = portal.ask(role, "POST", address, sent)
            allowed = is_expected("user.make_officer", role, relation)
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
            allowed = is_expected("user.manage", role, relation)
            assert answer.status_code == (303 if allowed else 404), (role, relation)
