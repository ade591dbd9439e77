"""The programming interface: tokens, what each answer holds, and what it never holds."""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from limits import parse
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data_access.account_sessions import person_of, start_session
from data_access.accounts import Account, Membership, hash_password
from data_access.api_tokens import MOST, make_token, tokens_of
from data_access.audit import AuditEvent
from data_access.clock import now
from data_access.credentials import RESET, ApiToken, make_link
from data_access.database import session_factory
from data_access.messages import Message
from data_access.people.changing import deactivate
from data_access.people.memberships import end_membership
from data_access.schemes import Scheme
from data_access.settings import Settings
from portal.accounts.links import SET_PASSWORD
from portal.accounts.rate_limits import WRONG_PASSWORDS, Limit
from portal.api.application import ADDRESS
from portal.api.document import document
from portal.app import create_app
from portal.scopes import logs_of_institution
from portal.session_cookie import COOKIE
from tests.support.databases import migrated_engine
from tests.support.permission_world import NEVER_GIVEN_OUT, World, make_world

PASSWORD = "Correct-horse-9"
PAGE = "/account/api-tokens"
API_DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"


class Api:
    """A portal over the small world, asked with the tokens of its people."""

    def __init__(self, client: TestClient, world: World) -> None:
        app: Any = client.app
        self.app, self.client, self.world = app, client, world
        self.tokens: dict[str, str] = {}

    def db(self) -> Session:
        session: Session = self.app.state.session_factory()
        return session

    def token(self, who: str) -> str:
        if who not in self.tokens:
            with self.db() as db:
                person = person_of(db, db.get_one(Account, self.world.people[who]))
                self.tokens[who] = make_token(db, person, "made for a test", timedelta(days=30))
                db.commit()
        return self.tokens[who]

    def get(self, path: str, who: str = "coordinator") -> Response:
        return self.client.get(
            path if path.startswith(ADDRESS) else ADDRESS + path,
            headers={"Authorization": f"Bearer {self.token(who)}"},
        )

    def sign_in(self, who: str) -> None:
        with self.db() as db:
            account = db.get_one(Account, self.world.people[who])
            account.password_hash = hash_password(PASSWORD)
            self.client.cookies.set(COOKIE, start_session(db, account))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """A folder with the small world in a database."""
    folder = tmp_path_factory.mktemp("world")
    engine = migrated_engine(_settings(folder).database)
    with session_factory(engine)() as db:
        world = make_world(db)
    engine.dispose()
    return folder, world


def _settings(folder: Path) -> Settings:
    return Settings(data_dir=folder, database_url="", demonstration=True, today=date(2026, 11, 24))


@pytest.fixture
def api(made: tuple[Path, World], tmp_path: Path) -> Iterator[Api]:
    folder, world = made
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    with TestClient(
        create_app(_settings(tmp_path)), raise_server_exceptions=False, follow_redirects=False
    ) as client:
        yield Api(client, world)


def _problem(answer: Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    assert found["status"] == status
    return found


def test_a_token_says_whom_it_stands_for(api: Api) -> None:
    answer = api.get("/me")
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert (found["user_name"], found["role"]) == ("coordinator", "coordinator")
    assert found["institution"] == {"id": 1, "code": "ORG1", "name": "The institution institution"}
    assert api.get("/me", "administrator").json()["institution"] is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer core_made-up"},
        {"Authorization": "Basic Y29vcmRpbmF0b3I6eA=="},
    ],
)
def test_without_a_token_in_force_nothing_is_answered(api: Api, headers: dict[str, str]) -> None:
    answer = api.client.get(f"{ADDRESS}/logs", headers=headers)
    _problem(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_cookie_opens_nothing(api: Api) -> None:
    api.sign_in("administrator")
    assert api.client.get("/logs").status_code == 200
    _problem(api.client.get(f"{ADDRESS}/logs"), 401)


def test_a_list_holds_what_each_thing_s_own_address_would_answer(api: Api) -> None:
    def listed(path: str, who: str) -> list[int]:
        return [item["id"] for item in api.get(f"{path}?limit=200", who).json()["items"]]

    for path in ("/institutions", "/users", "/groups", "/schemes", "/logs"):
        every = listed(path, "administrator")
        assert len(every) >= 4
        for who in ("provider", "coordinator", "statistician"):
            answered = [n for n in every if api.get(f"{path}/{n}", who).status_code == 200]
            assert listed(path, who) == answered, (path, who)


def test_out_of_reach_and_never_given_out_are_answered_alike(api: Api) -> None:
    for path, thing in (
        ("/institutions", "institution"),
        ("/users", "user"),
        ("/groups", "group"),
        ("/logs", "log"),
    ):
        hidden = api.get(f"{path}/{api.world.things[thing, 'other', '']}")
        never = api.get(f"{path}/{NEVER_GIVEN_OUT}")
        _problem(hidden, 404)
        assert (hidden.content, hidden.headers) == (never.content, never.headers)


def test_pages_follow_each_other_and_miss_nothing(api: Api) -> None:
    address: str | None = "/logs?limit=3&status=saved"
    seen: list[int] = []
    while address:
        page = api.get(address, "administrator").json()
        assert len(page["items"]) <= 3
        seen += [item["id"] for item in page["items"]]
        address = page["next"]
        assert address is None or "status=saved" in address
    assert seen == [item["id"] for item in api.get("/logs", "administrator").json()["items"]]
    assert len(seen) == 10


def test_a_list_is_narrowed_by_its_filters(api: Api) -> None:
    def count(path: str) -> int:
        return len(api.get(path, "administrator").json()["items"])

    assert count("/logs?collection=lettings&collection_year=2026&status=saved") == 10
    assert count("/logs?collection=sales") == 0
    assert count("/logs?owning_institution_id=1") == 2
    assert count("/logs?updated_since=2100-01-01T00:00:00Z") == 0
    assert count("/schemes?status=submitted&owner_id=1") == 1
    assert count("/users?role=coordinator") == 1
    assert count("/users?institution_id=1") == 5
    assert count("/institutions?code=ORG2") == 1
    assert count("/groups?owner_id=3") == 2


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("/logs?statu=valid", "statu"),
        ("/logs?status=good", "status"),
        ("/logs?collection_year=soon", "collection_year"),
        ("/logs?limit=0", "limit"),
        ("/logs?limit=201", "limit"),
        ("/logs?after=-1", "after"),
        ("/logs?after=99999999999", "after"),
        ("/logs?updated_since=2026-11-24T00:00:00", "updated_since"),
        ("/logs/1e3", "identifier"),
        ("/logs/99999999999", "identifier"),
        ("/institutions?active=perhaps", "active"),
    ],
)
def test_what_cannot_be_read_is_named(api: Api, query: str, parameter: str) -> None:
    errors = _problem(api.get(query), 422)["errors"]
    assert [error["parameter"] for error in errors] == [parameter]
    assert errors[0]["message"]


def test_a_log_has_its_answers_and_findings_by_the_collection_s_names(api: Api) -> None:
    number = api.world.things["log", "institution", ""]
    finding = {"rule": "missing", "severity": "hard", "fields": ["age1"], "message": "Enter it"}
    with api.db() as db:
        from data_access.logs import Log

        db.execute(
            update(Log)
            .where(Log.id == number)
            .values(answers={"hhmemb": 2, "brent": "100.50"}, findings=[finding])
        )
        db.commit()
    found = api.get(f"/logs/{number}").json()
    assert found["answers"] == {"hhmemb": 2, "brent": "100.50"}
    assert found["findings"] == [{**finding, "confirm_field": "", "confirmed": False}]
    assert "answers" not in api.get("/logs").json()["items"][0]


def test_an_institution_has_its_parents_and_children(api: Api) -> None:
    found = api.get("/institutions/1").json()
    assert [one["institution_id"] for one in found["parents"]] == [1, 3]
    assert [one["institution_id"] for one in found["children"]] == [2, 1]
    assert found["address_lines"] == ["1 High Street", "Leeds", "LS1 1AA"]


def test_the_postcodes_of_a_confidential_scheme_are_for_who_may_change_it(api: Api) -> None:
    mine = api.world.things["scheme", "institution", "approved"]
    parents = api.world.things["scheme", "parent", "approved"]
    with api.db() as db:
        db.execute(update(Scheme).values(confidential=True))
        db.commit()

    def postcode(number: int, who: str) -> str | None:
        [place] = api.get(f"/schemes/{number}", who).json()["locations"]
        assert (place["local_authority"] is None) == (place["postcode"] is None)
        found: str | None = place["postcode"]
        return found

    assert postcode(mine, "coordinator") == "LS1 1AA"
    assert postcode(mine, "provider") is None
    assert postcode(parents, "coordinator") is None
    assert postcode(parents, "statistician") is None


def test_nothing_that_opens_an_account_is_ever_answered(api: Api) -> None:
    with api.db() as db:
        db.execute(update(Account).values(password_hash="$argon2-hash", totp_secret="TOTPSECRET"))
        db.commit()
    for path in ("/me", "/users", "/users/1", f"/users/{api.world.people['coordinator']}"):
        text = api.get(path, "administrator").text
        assert "argon2" not in text and "TOTPSECRET" not in text
        assert not re.search(r"hash|secret|failed_attempts|token_hash", text)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_written(api: Api, method: str) -> None:
    answer = api.client.request(
        method, f"{ADDRESS}/logs", headers={"Authorization": f"Bearer {api.token('administrator')}"}
    )
    _problem(answer, 405)


def test_one_token_may_ask_so_often_and_others_go_on(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.api.reader.REQUESTS", Limit("few", parse("3 per minute")))
    for _ in range(3):
        assert api.get("/me").status_code == 200
    answer = api.get("/me")
    _problem(answer, 429)
    assert 0 < int(answer.headers["retry-after"]) <= 61
    assert api.get("/me", "provider").status_code == 200


def test_an_unknown_path_is_answered_in_json(api: Api) -> None:
    _problem(api.get("/nothing"), 404)


def test_a_failure_says_nothing_about_itself(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    api.token("coordinator")

    def fail(*given: Any, **named: Any) -> None:
        raise RuntimeError("password=Secret-1")

    monkeypatch.setattr("portal.api.logs.after", fail)
    assert "Secret" not in json.dumps(_problem(api.get("/logs"), 500))


# What stops a token


def test_a_token_stops_when_it_expires(api: Api) -> None:
    assert api.get("/me").status_code == 200
    with api.db() as db:
        db.execute(update(ApiToken).values(expires_at=now() - timedelta(seconds=1)))
        db.commit()
    _problem(api.get("/me"), 401)


@pytest.mark.parametrize("column", [{"active": False}, {"deleted_at": now()}])
def test_a_token_stops_with_its_account(api: Api, column: dict[str, Any]) -> None:
    assert api.get("/me").status_code == 200
    with api.db() as db:
        db.execute(
            update(Account).where(Account.id == api.world.people["coordinator"]).values(**column)
        )
        db.commit()
    _problem(api.get("/me"), 401)


def test_deactivating_somebody_takes_the_tokens_away_for_good(api: Api) -> None:
    api.token("provider")
    with api.db() as db:
        account = db.get_one(Account, api.world.people["provider"])
        by = person_of(db, db.get_one(Account, api.world.people["coordinator"]))
        deactivate(db, by, account, logs_of_institution(1))
        account.active = True
        db.commit()
    _problem(api.get("/me", "provider"), 401)


def test_a_password_that_somebody_else_may_know_takes_the_tokens_with_it(api: Api) -> None:
    # Reset by a co-ordinator.
    api.token("provider")
    api.sign_in("coordinator")
    provider = api.world.people["provider"]
    assert api.client.post(f"/people/{provider}/reset").status_code == 303
    with api.db() as db:
        # A link was sent, and the account waits for it; the token is gone for good all the same.
        db.execute(update(Account).values(must_change_password=False))
        assert not tokens_of(db, provider)
        db.commit()
    _problem(api.get("/me", "provider"), 401)
    # Forgotten by its owner: gone once the new one is set, and not for the asking.
    coordinator = api.world.people["coordinator"]
    assert api.get("/me").status_code == 200
    with api.db() as db:
        token = make_link(db, coordinator, RESET)
        db.commit()
    assert api.get("/me").status_code == 200
    answer = api.client.post(f"{SET_PASSWORD}/{token}", data={"password": "Kettle-and-4-boats"})
    assert answer.status_code == 303
    _problem(api.get("/me"), 401)


def test_a_token_acts_for_the_institution_it_was_made_for_until_that_work_ends(api: Api) -> None:
    with api.db() as db:
        account = db.get_one(Account, api.world.things["user", "member", ""])
        here = make_token(db, person_of(db, account, 1), "here", timedelta(days=30))
        home = make_token(db, person_of(db, account), "home", timedelta(days=30))
        db.commit()
    api.tokens |= {"here": here, "home": home}
    assert api.get("/me", "here").json()["institution"]["id"] == 1
    assert api.get("/me", "home").json()["institution"]["id"] == 4
    with api.db() as db:
        by = person_of(db, db.get_one(Account, api.world.people["administrator"]))
        membership = db.scalars(select(Membership)).one()
        end_membership(db, by, membership)
        db.commit()
    _problem(api.get("/me", "here"), 401)
    assert api.get("/me", "home").status_code == 200


def test_a_membership_that_ended_in_any_way_stops_its_token(api: Api) -> None:
    with api.db() as db:
        account = db.get_one(Account, api.world.things["user", "member", ""])
        api.tokens["here"] = make_token(db, person_of(db, account, 1), "x", timedelta(days=30))
        db.execute(update(Membership).values(active=False))
        db.commit()
    _problem(api.get("/me", "here"), 401)


def test_a_token_waits_while_a_new_password_is_demanded(api: Api) -> None:
    api.token("coordinator")
    with api.db() as db:
        db.execute(update(Account).values(must_change_password=True))
        db.commit()
    assert "password" in _problem(api.get("/me"), 403)["detail"]


def test_a_token_waits_while_a_second_factor_has_to_be_set_up(api: Api) -> None:
    api.app.state.settings.second_factor_required = True
    assert "second factor" in _problem(api.get("/me", "administrator"), 403)["detail"]
    assert api.get("/me", "coordinator").status_code == 200


# The page


def _make(api: Api, **given: str) -> Response:
    sent = {"name": "Nightly report", "lasts": "90", "present": PASSWORD, **given}
    return api.client.post(PAGE, data=sent)


def test_a_token_is_made_shown_once_used_and_taken_away(api: Api) -> None:
    api.sign_in("coordinator")
    answer = _make(api)
    assert answer.status_code == 200
    token = re.search(r'<code id="token">(core_[\w-]{40,})</code>', answer.text)
    assert token
    assert "no-store" in answer.headers["cache-control"]
    api.tokens["coordinator"] = token[1]
    listed = api.client.get(PAGE).text
    assert "Nightly report" in listed and "never" in listed and token[1] not in listed
    assert api.get("/me").json()["token_name"] == "Nightly report"
    listed = api.client.get(PAGE).text
    assert "never" not in listed
    with api.db() as db:
        [kept] = tokens_of(db, api.world.people["coordinator"])
        assert token[1] not in (kept.token_hash, kept.handle)
        message = db.scalars(select(Message)).one()
        assert message.kind == "api_token_made"
    ended = api.client.post(f"{PAGE}/{kept.handle}/end")
    assert ended.status_code == 303
    assert "taken away" in api.client.get(ended.headers["location"]).text
    _problem(api.get("/me"), 401)
    assert api.client.post(f"{PAGE}/{kept.handle}/end").status_code == 404
    with api.db() as db:
        about = AuditEvent.action.startswith("api_token")
        events = db.scalars(select(AuditEvent).where(about).order_by(AuditEvent.id)).all()
        assert [(event.action, event.detail["changes"]["api_token"]) for event in events] == [
            ("api_token_made", [None, "Nightly report"]),
            ("api_token_ended", ["Nightly report", None]),
        ]
        assert token[1] not in json.dumps([event.detail for event in events])


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({"name": " "}, "name", "Enter a name for the token"),
        ({"name": "x" * 101}, "name", "must be 100 characters or fewer"),
        ({"lasts": "9999"}, "lasts", "Choose how long the token is to work"),
        ({"lasts": ""}, "lasts", "Choose how long the token is to work"),
        ({"present": ""}, "present", "Enter your present password"),
        ({"present": "Wrong-horse-9"}, "present", "This is not your present password"),
    ],
)
def test_what_is_wrong_is_named_beside_its_field_and_what_was_typed_stays(
    api: Api, given: dict[str, str], field: str, message: str
) -> None:
    api.sign_in("coordinator")
    answer = _make(api, **given)
    assert answer.status_code == 422
    assert answer.text.count(message) == 2
    assert f'href="#{field}"' in answer.text and f'id="{field}"' in answer.text
    assert given.get("name", "Nightly report").strip() in answer.text
    assert given.get("present", PASSWORD) not in answer.text or not given.get("present", PASSWORD)
    with api.db() as db:
        assert not tokens_of(db, api.world.people["coordinator"])


def test_a_hostile_name_is_shown_as_text(api: Api) -> None:
    api.sign_in("coordinator")
    answer = _make(api, name="<script>alert(1)</script>\u202eevil")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;evil" in answer.text


def test_a_name_is_given_once_so_that_sending_the_form_again_makes_no_second_token(
    api: Api,
) -> None:
    api.sign_in("coordinator")
    assert _make(api).status_code == 200
    answer = _make(api, name="nightly REPORT")
    assert answer.status_code == 422
    assert "You have a token of this name already" in answer.text
    with api.db() as db:
        assert len(tokens_of(db, api.world.people["coordinator"])) == 1


def test_nobody_has_tokens_without_end(api: Api) -> None:
    api.sign_in("coordinator")
    with api.db() as db:
        person = person_of(db, db.get_one(Account, api.world.people["coordinator"]))
        for number in range(MOST):
            make_token(db, person, f"number {number}", timedelta(days=30))
        db.commit()
    answer = _make(api)
    assert answer.status_code == 422
    assert "which is the most" in answer.text


def test_the_password_cannot_be_guessed_here(api: Api) -> None:
    api.sign_in("coordinator")
    for _ in range(WRONG_PASSWORDS.rate.amount):
        assert _make(api, present="Wrong-horse-9").status_code == 422
    assert _make(api).status_code == 429


def test_somebody_else_s_token_cannot_be_taken_away(api: Api) -> None:
    api.token("provider")
    with api.db() as db:
        [kept] = tokens_of(db, api.world.people["provider"])
    api.sign_in("coordinator")
    assert api.client.post(f"{PAGE}/{kept.handle}/end").status_code == 404
    assert api.get("/me", "provider").status_code == 200


def test_the_documentation_is_what_the_code_makes() -> None:
    assert API_DOCUMENT.read_text(encoding="utf-8") == document(), "run core-portal api"


def test_the_description_for_programs_needs_no_token_and_holds_every_documented_path(
    api: Api,
) -> None:
    described = api.client.get(f"{ADDRESS}/openapi.json").json()
    text = API_DOCUMENT.read_text(encoding="utf-8")
    for path in described["paths"]:
        assert f"| `{ADDRESS}{path}` |" in text
    for schema in described["components"]["schemas"].values():
        for name in schema["properties"]:
            assert f"| `{name}` |" in text or name in ("items", "next")
