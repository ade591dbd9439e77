"""Administrators find every event again, and nobody can change one."""

import ast
import csv
import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.audit import AuditEvent, Search, count_events, record, search
from portal.action_words import ACTION_WORDS
from portal.administration.changed_values import changes_in_words
from portal.administration.things import KINDS
from tests.portal.conftest import sign_in_as

HERE = "/administration/audit"
ROOT = Path(__file__).parents[2]
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def admin(demonstration: TestClient) -> TestClient:
    sign_in_as(demonstration, "admin")
    return demonstration


def _db(client: TestClient) -> Session:
    made: Session = client.app.state.session_factory()  # type: ignore[attr-defined]
    return made


def _add(client: TestClient, user_name: str | None, **values: object) -> None:
    with _db(client) as db:
        account = db.scalar(select(Account).where(Account.user_name == user_name))
        db.add(
            AuditEvent(
                **{
                    "at": datetime(2026, 6, 27, 12, tzinfo=UTC),
                    "account_id": account.id if account else None,
                    "address": "192.0.2.7",
                    "action": "institution_changed",
                    "subject_type": "institution",
                    "subject_id": 2,
                    "detail": {"changes": {"county": ["Essex", "Kent"]}},
                    **values,
                }
            )
        )
        db.commit()


def _words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.split("<main", 1)[-1]))


def _rows(client: TestClient, query: str) -> list[dict[str, str]]:
    answer = client.get(f"{HERE}.csv?{query}")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_events SET action = 'nothing'",
        "UPDATE audit_events SET id = id WHERE id = 1",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
        "INSERT INTO audit_events SELECT * FROM audit_events "
        "ON CONFLICT (id) DO UPDATE SET action = 'nothing'",
    ],
)
def test_no_event_can_be_changed_or_deleted(db: Session, change: str) -> None:
    is_sqlite = db.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        # SQLite has no TRUNCATE, and reads ON after SELECT as part of a join unless told where.
        change = change.replace("TRUNCATE", "DELETE FROM").replace(
            "FROM audit_events ON", "FROM audit_events WHERE true ON"
        )
    record(db, None, "user_changed", ("user", 1))
    db.commit()
    with pytest.raises(DBAPIError, match="only added to"):
        db.execute(text(change))
    db.rollback()
    assert [event.action for event in db.scalars(select(AuditEvent))] == ["user_changed"]


def test_each_part_of_a_search_narrows_it(db: Session) -> None:
    for name in ("Ann", "Zoë Öz", "Bob_x"):
        db.add(Account(user_name=name.lower(), email=f"{name}@x.yz", name=name, role="provider"))
    db.flush()
    ann, zoe, bob = db.scalars(select(Account.id).order_by(Account.id))
    for number, account in enumerate((ann, zoe, bob, None)):
        db.add(
            AuditEvent(
                at=datetime(2026, 3, 1 + number, tzinfo=UTC),
                account_id=account,
                address=f"192.0.2.{number}",
                action=("user_changed", "signed_in")[number % 2],
                subject_type=("user", "session")[number % 2],
                subject_id=number,
                detail={},
            )
        )
    db.commit()
    found = {
        "": Search(),
        "name": Search(person="ANN"),
        "accents": Search(person="Öz"),
        "e-mail": Search(person="ann@X.yz"),
        "part of an e-mail": Search(person="ann@"),
        "sign of a pattern": Search(person="_"),
        "action": Search(action="signed_in"),
        "kind": Search(subject_type="user"),
        "number": Search(subject_id=3),
        "address": Search(address=" 192.0.2.2 "),
        "days": Search(
            first=datetime(2026, 3, 2, tzinfo=UTC), before=datetime(2026, 3, 4, tzinfo=UTC)
        ),
        "together": Search(action="signed_in", person="ann"),
    }
    numbers = {
        name: [event.subject_id for event, _ in search(db, wanted)]
        for name, wanted in found.items()
    }
    assert numbers == {
        "": [3, 2, 1, 0],
        "name": [0],
        "accents": [1],
        "e-mail": [0],
        "part of an e-mail": [],
        "sign of a pattern": [2],
        "action": [3, 1],
        "kind": [2, 0],
        "number": [3],
        "address": [2],
        "days": [2, 1],
        "together": [],
    }
    assert {name: count_events(db, wanted) for name, wanted in found.items()} == {
        name: len(listed) for name, listed in numbers.items()
    }
    assert [event.subject_id for event, _ in search(db, Search(), 2, 3)] == [0]


def test_an_event_is_told_with_person_place_thing_and_change(admin: TestClient) -> None:
    _add(admin, "coordinator2")
    page = admin.get(f"{HERE}?kind=institution&number=2&action=institution_changed").text
    words = _words(page)
    assert "1 event" in words
    assert "27 June 2026, 13:00" in words, "in London"
    assert "coordinator2" in words and "from 192.0.2.7" in words
    assert "Changed the record of the institution" in words
    assert "County: from Essex to Kent" in words
    assert 'href="/institutions/2"' in page and "Institution 2" in words


def test_days_are_those_of_london(admin: TestClient) -> None:
    # Half past midnight of the 28th in London is the 27th in UTC.
    _add(admin, "coordinator2", at=datetime(2026, 6, 27, 23, 30, tzinfo=UTC), subject_id=77)
    day = "kind=institution&number=77&first-day={0}&first-month=6&first-year=2026"
    last = "&last-day={0}&last-month=6&last-year=2026"
    assert len(_rows(admin, (day + last).format(28))) == 1
    assert len(_rows(admin, (day + last).format(27))) == 0


def test_what_cannot_be_searched_for_is_said_and_kept(admin: TestClient) -> None:
    query = (
        "number=abc&first-day=31&first-month=2&first-year=2026&last-day=1&last-month=1"
        "&last-year=2026&person=Ann"
    )
    answer = admin.get(f"{HERE}?{query}")
    assert answer.status_code == 422
    assert answer.text.count("must be a real date: February 2026 has 28 days") == 2
    assert answer.text.count("must be a whole number, such as 12") == 2
    assert 'value="abc"' in answer.text and 'value="Ann"' in answer.text
    assert admin.get(f"{HERE}.csv?{query}").status_code == 422
    turned = "first-day=2&first-month=2&first-year=2026&last-day=1&last-month=2&last-year=2026"
    assert "must be the first day or later" in admin.get(f"{HERE}?{turned}").text
    for odd in (
        "page=abc",
        "page=99999999",
        "action=nonsense&kind=nonsense",
        "last-day=31&last-month=12&last-year=9999",
        "person=%00%25",
        "number=99999999999999",
    ):
        assert admin.get(f"{HERE}?{odd}").status_code in (200, 422), odd


def test_a_search_without_result_says_what_to_do(admin: TestClient) -> None:
    page = admin.get(f"{HERE}?person=nobody-of-this-name").text
    assert "No event" in page and "Take something out of it" in page
    assert "Clear the search" in page


def test_events_are_paged_and_the_search_goes_along(admin: TestClient) -> None:
    for _ in range(60):
        _add(admin, "coordinator2", subject_id=88)
    page = admin.get(f"{HERE}?number=88&page=2").text
    assert "Page 2 of 2" in page
    assert f"{HERE}?number=88&amp;page=1" in page
    assert page.count("Before and after") == 10


def test_the_file_has_a_row_for_each_change_and_runs_nothing(admin: TestClient) -> None:
    changes = {"name": ["=1+1", HOSTILE], "county": [None, "@Kent"]}
    _add(admin, "coordinator2", subject_id=99, detail={"changes": changes, "starts_on": "2026"})
    rows = _rows(admin, "number=99")
    assert [(row["Field"], row["Before"], row["After"]) for row in rows] == [
        ("Name", "'=1+1", HOSTILE),
        ("County", "", "'@Kent"),
    ]
    assert {row["User name"] for row in rows} == {"coordinator2"}
    assert {row["Time"] for row in rows} == {"2026-06-27 13:00"}
    assert "Starts on: 2026" in rows[0]["Further details"]
    page = admin.get(f"{HERE}?number=99").text
    assert HOSTILE not in page


def test_a_file_is_bounded_and_says_so(admin: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.administration.audit_trail.MOST_IN_FILE", 3)
    for number in range(5):
        _add(admin, "coordinator2", action="user_changed", subject_id=number)
    assert "Download the newest 3 of these events" in _words(
        admin.get(f"{HERE}?action=user_changed&address=192.0.2.7").text
    )
    rows = _rows(admin, "action=user_changed&address=192.0.2.7")
    assert [row["Number of the thing"] for row in rows] == ["4", "3", "2"]


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        ("user", {"role": ["provider", "coordinator"]}, ("Role", "data provider", "co-ordinator")),
        ("scheme", {"status": ["draft", "approved"]}, ("Status", "Draft", "Approved")),
        ("scheme", {"location_7_units": [1, 2]}, ("Location 7, units", "1", "2")),
        ("scheme", {"location_7_available_from": [None, "soon"]}, None),
        ("group", {"arrangement_type": ["", "V"]}, None),
        ("institution", {"rent_periods": [[], [1]]}, None),
        ("log", {"hhmemb": [None, "2"]}, ("hhmemb", "", "2")),
        ("nothing known", {"some_field": [True, None]}, ("Some field", "yes", "")),
    ],
)
def test_changes_are_told_in_the_words_of_their_pages(
    kind: str, changes: dict[str, object], expected: tuple[str, str, str] | None
) -> None:
    event = AuditEvent(subject_type=kind, action="x", subject_id=1, detail={"changes": changes})
    [found] = changes_in_words(event)
    assert all(isinstance(part, str) for part in found)
    assert expected is None or found == expected


# Where an action is not written out at the call that records it.
_PASSED_ON = {
    "data_access/audit.py",
    "data_access/institution_activity.py",
    "data_access/institution_relations.py",
    "data_access/merging/scheduling.py",
    "data_access/merging/schemes.py",
    "data_access/scheme_pauses.py",
    "data_access/unsettled_logs.py",
    "submission/log_life.py",
}
_LIKE_AN_ACTION = re.compile(
    r"(user|institution|merger|group|scheme|location|relation|log|deactivation)_[a-z_]+"
)


def _recorded() -> tuple[set[str], set[str], set[str]]:
    """Actions and kinds of things that the source records, and files that pass actions on."""
    actions: set[str] = set()
    kinds: set[str] = set()
    passing: set[str] = set()
    for folder in ("data_access", "portal", "submission"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            tree = ast.parse(path.read_text())
            for node in ast.walk(tree):
                if not isinstance(node, ast.Call):
                    continue
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if called != "record" or len(node.args) < 4:
                    continue
                written = [
                    part.value
                    for part in ast.walk(node.args[2])
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                ]
                if isinstance(node.args[2], ast.Constant | ast.IfExp):
                    actions |= set(written)
                else:
                    passing.add(name)
                subject = node.args[3]
                if isinstance(subject, ast.Tuple) and isinstance(subject.elts[0], ast.Constant):
                    kinds.add(str(subject.elts[0].value))
            if name in _PASSED_ON:
                actions |= {
                    part.value
                    for part in ast.walk(tree)
                    if isinstance(part, ast.Constant)
                    and isinstance(part.value, str)
                    and _LIKE_AN_ACTION.fullmatch(part.value)
                    and part.value in ACTION_WORDS
                }
    return actions, kinds, passing


def test_every_action_and_kind_of_thing_that_is_recorded_has_words() -> None:
    actions, kinds, passing = _recorded()
    assert len(actions) > 40
    assert actions - set(ACTION_WORDS) == set()
    assert kinds - set(KINDS) == set()
    assert passing - _PASSED_ON == set(), "see that its actions have words, then name it above"


def test_every_action_that_has_words_is_recorded_somewhere() -> None:
    source = "\n".join(
        path.read_text()
        for folder in ("data_access", "portal", "submission")
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "action_words.py"
    )
    parts = {
        "log_submitted_valid": "log_submitted_",
        "log_submitted_invalid": "log_submitted_",
        "group_moved_by_merger": "_moved_by_merger",
        "scheme_moved_by_merger": "_moved_by_merger",
        "scheme_deactivated": "scheme_",
        "scheme_reactivated": "scheme_",
        "location_deactivated": "location_",
        "location_reactivated": "location_",
        "location_deactivation_cancelled": "deactivation_cancelled",
    }
    missing = {action for action in ACTION_WORDS if parts.get(action, action) not in source}
    assert missing == set()


def test_no_two_actions_are_called_the_same() -> None:
    assert len(set(ACTION_WORDS.values())) == len(ACTION_WORDS)
