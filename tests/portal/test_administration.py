"""An administrator finds what waits, and reads the messages of a demonstration."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.audit import AuditEvent
from data_access.institutions import Institution
from data_access.mergers import Merger
from data_access.messages import MOST_ATTEMPTS, Message
from data_access.mistake_reports import MistakeReport
from data_access.schemes import Scheme
from portal.accounts.links import send_invitation
from portal.mail.sending import file_of, send_due
from tests.portal.conftest import sign_in_as

HERE = "/administration"
OUTBOX = "/administration/outbox"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def admin(demonstration: TestClient) -> TestClient:
    sign_in_as(demonstration, "admin")
    return demonstration


def _db(client: TestClient) -> Session:
    made: Session = client.app.state.session_factory()  # type: ignore[attr-defined]
    return made


def _words(page: str) -> str:
    text = re.sub(r"<[^>]*>", " ", page.split("<main", 1)[-1])
    return re.sub(r"\s+", " ", text.replace("&#39;", "'"))


def _no_work(db: Session) -> None:
    db.execute(update(Scheme).where(Scheme.status == "submitted").values(status="draft"))
    db.execute(update(MistakeReport).values(closed_at=datetime.now(UTC)))
    db.execute(update(Institution).values(data_sharing_signed=True))
    db.commit()


def _message(client: TestClient, **values: object) -> int:
    with _db(client) as db:
        message = Message(
            **{
                "to_address": "ann@example.com",
                "kind": "reset",
                "subject": "A new password",
                "body": "secret http://localhost:8000/set-password/abc\n",
                "next_attempt_at": datetime.now(UTC) + timedelta(hours=2),
                **values,
            }
        )
        db.add(message)
        db.commit()
        return message.id


def test_what_waits_is_counted_and_linked(admin: TestClient) -> None:
    with _db(admin) as db:
        _no_work(db)
        scheme = db.scalars(select(Scheme.id)).first()
        sent = datetime(2026, 11, 3, 23, 30, tzinfo=UTC)
        db.execute(
            update(Scheme).where(Scheme.id == scheme).values(status="submitted", submitted_at=sent)
        )
        at = datetime.now(UTC) + timedelta(minutes=20)
        db.execute(
            update(Account)
            .where(Account.user_name.in_(["provider2", "provider3"]))
            .values(locked_until=at, failed_attempts=4)
        )
        db.add(Merger(absorbing_id=1, merging=[2], merges_on=date(2026, 12, 1)))
        db.add(Merger(absorbing_id=3, merging=[4], merges_on=date(2026, 11, 1), state="failed"))
        db.execute(update(Institution).where(Institution.id < 4).values(data_sharing_signed=False))
        report = db.scalars(select(MistakeReport)).first()
        assert report is not None
        report.closed_at = None
        db.commit()
    _message(admin, attempts=3, error="ConnectionRefusedError")
    page = admin.get(HERE).text
    words = _words(page)
    for expected in (
        "1 scheme waits for you. The oldest waits since 3 November 2026.",
        "1 report is open.",
        "3 institutions have not signed the Data Sharing Agreement.",
        "2 accounts are locked.",
        "1 merger is scheduled. The next is on 1 December 2026. 1 merger has failed.",
        "1 message could not be sent so far.",
    ):
        assert re.sub(r"\s+", " ", expected) in words, (expected, words)
    for address in (
        "/administration/schemes",
        "/administration/mistakes",
        "/administration/agreements",
        "/people?status=locked",
        "/administration/mergers",
        "/administration/outbox",
    ):
        assert f'href="{address}"' in page
    # The page that a count leads to shows the same.
    assert "2 users" in _words(admin.get("/people?status=locked").text)


def test_when_nothing_waits_that_is_said_in_words(admin: TestClient) -> None:
    with _db(admin) as db:
        _no_work(db)
    words = _words(admin.get(HERE).text)
    for expected in (
        "Nothing waits for you today, 24 November 2026.",
        "No scheme waits for you.",
        "No report is open.",
        "Every institution has signed the Data Sharing Agreement.",
        "No account is locked.",
        "No merger is scheduled.",
        "Every message that is due was sent.",
    ):
        assert expected in words, words


def test_every_page_that_the_administration_links_to_is_there(admin: TestClient) -> None:
    page = admin.get(HERE).text.split("<main", 1)[1].split("</main", 1)[0]
    addresses = re.findall(r'href="([^"]+)"', page)
    assert len(addresses) > 15
    for address in addresses:
        assert admin.get(address).status_code == 200, address


@pytest.mark.parametrize("name", ["coordinator", "provider", "statistician"])
def test_for_anybody_else_the_administration_does_not_exist(
    demonstration: TestClient, name: str
) -> None:
    sign_in_as(demonstration, name)
    number = _message(demonstration, error="x", attempts=1)
    for address in (HERE, OUTBOX, f"{OUTBOX}/{number}", "/administration/audit"):
        assert demonstration.get(address).status_code == 404, address
    assert demonstration.post(f"{OUTBOX}/{number}/again").status_code == 404
    assert demonstration.get("/administration/audit.csv").status_code == 404


# The outbox.


def _invite(client: TestClient, name: str = "Ann Example") -> int:
    with _db(client) as db:
        account = Account(user_name="ann", email="ann@example.com", name=name, role="provider")
        db.add(account)
        db.flush()
        send_invitation(db, client.app.state.settings, account, None)  # type: ignore[attr-defined]
        db.commit()
        send_due(db, client.app.state.settings)  # type: ignore[attr-defined]
        return db.scalars(select(Message.id).order_by(Message.id.desc())).first() or 0


def test_the_messages_of_a_demonstration_are_read_and_their_links_followed(
    admin: TestClient,
) -> None:
    number = _invite(admin)
    listed = admin.get(OUTBOX).text
    assert f'href="{OUTBOX}/{number}"' in listed
    assert "ann@example.com" in listed
    page = admin.get(f"{OUTBOX}/{number}")
    assert page.headers["cache-control"] == "private, no-store"
    [link] = re.findall(r'href="(/set-password/[^"]+)"', page.text)
    admin.cookies.clear()
    assert admin.get(link).status_code == 200


def test_only_links_to_the_portal_can_be_followed(admin: TestClient) -> None:
    settings = admin.app.state.settings  # type: ignore[attr-defined]
    body = (
        f"See {settings.address}/schemes/1. Or http://evil.example/x or {HOSTILE}\n"
        f"{settings.address}.evil.example/y {settings.address}@evil.example/z\n"
    )
    number = _message(admin, body=body, next_attempt_at=datetime.now(UTC))
    with _db(admin) as db:
        send_due(db, settings)
    page = admin.get(f"{OUTBOX}/{number}").text
    main = page.split("<main", 1)[1].split("</main", 1)[0]
    assert re.findall(r'href="([^"]+)"', main) == ["/schemes/1"]
    assert HOSTILE not in page and "&lt;script&gt;" in page


def test_outside_of_a_demonstration_no_message_is_shown(admin: TestClient, tmp_path: Path) -> None:
    number = _invite(admin)
    settings = admin.app.state.settings  # type: ignore[attr-defined]
    settings.demonstration, settings.second_factor_required = False, False
    assert file_of(settings.outbox_dir, number).exists()
    listed = admin.get(OUTBOX).text
    assert "ann@example.com" in listed and f"{OUTBOX}/{number}" not in listed
    assert admin.get(f"{OUTBOX}/{number}").status_code == 404
    settings.demonstration, settings.smtp_host = True, "mail.example.com"
    assert admin.get(f"{OUTBOX}/{number}").status_code == 404


def test_a_message_that_could_not_be_sent_shows_why_and_never_what_it_says(
    admin: TestClient,
) -> None:
    far = datetime.now(UTC) + timedelta(days=3650)
    _message(admin, attempts=MOST_ATTEMPTS, error="SMTPRecipientsRefused", next_attempt_at=far)
    _message(admin, attempts=1, error="TimeoutError", subject="Second")
    page = admin.get(f"{OUTBOX}?show=unsent").text
    words = _words(page)
    assert "Not sent after 20 tries (SMTPRecipientsRefused). No further try is made." in words
    assert "Not sent after 1 try (TimeoutError). The next try is on" in words
    assert "secret" not in page and "set-password" not in page
    assert words.index("Second") < words.index("A new password"), "newest first"


def test_a_message_is_tried_again_once(admin: TestClient) -> None:
    number = _message(admin, attempts=MOST_ATTEMPTS, error="SMTPServerDisconnected")
    page = admin.get(OUTBOX).text
    assert f'action="{OUTBOX}/{number}/again"' in page
    old = admin.post(f"{OUTBOX}/{number}/again", data={"attempts": "3"})
    assert old.headers["location"] == f"{OUTBOX}?again=no"
    answer = admin.post(f"{OUTBOX}/{number}/again", data={"attempts": str(MOST_ATTEMPTS)})
    assert answer.headers["location"] == f"{OUTBOX}?again=yes"
    assert "The message is sent again now." in admin.get(answer.headers["location"]).text
    again = admin.post(f"{OUTBOX}/{number}/again", data={"attempts": str(MOST_ATTEMPTS)})
    assert again.headers["location"] == f"{OUTBOX}?again=no"
    with _db(admin) as db:
        send_due(db, admin.app.state.settings)  # type: ignore[attr-defined]
        message = db.get_one(Message, number)
        db.refresh(message)
        events = list(
            db.scalars(select(AuditEvent).where(AuditEvent.action == "message_tried_again"))
        )
        assert message.next_attempt_at < datetime.now(UTC) + timedelta(hours=1)
    assert [(event.subject_type, event.subject_id) for event in events] == [("message", number)]
    assert admin.post(f"{OUTBOX}/999999/again", data={}).status_code == 404
    assert admin.get(f"{OUTBOX}/{10**12}").status_code == 404


def test_an_empty_outbox_says_how_it_fills(admin: TestClient) -> None:
    with _db(admin) as db:
        for message in db.scalars(select(Message)):
            db.delete(message)
        db.commit()
    assert "No message was written yet." in admin.get(OUTBOX).text
    assert "Every message that is due was sent." in admin.get(f"{OUTBOX}?show=unsent").text
