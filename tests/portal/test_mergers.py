"""Mergers on screen: put together, counted, decided on, carried out, and what people see after."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from html import unescape
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

import data_access.merging.doing as doing
from data_access.accounts import Account
from data_access.agreements import AgreementSignature
from data_access.audit import AuditEvent
from data_access.clock import now
from data_access.database import session_factory
from data_access.institutions import Institution
from data_access.logs import Log
from data_access.mergers import CANCELLED, DONE, FAILED, SCHEDULED, Merger
from data_access.merging.alike import groups_alike
from data_access.merging.scheduling import schedule_merger
from data_access.messages import Message
from data_access.schemes import Location, ManagementGroup, Scheme
from data_access.settings import Settings
from portal.mergers.carrying_out import apply_due_mergers, carry_out
from submission.context import context_of
from submission.standing import why_not_submitted
from tests.portal.conftest import sign_in_as

HERE = "/administration/mergers"
# Of the demonstration: both own homes; neither belongs to the people of the sign-in page.
GOES, INTO = 7, 8
DAY = {"day-day": "1", "day-month": "10", "day-year": "2026"}


@contextmanager
def _database(client: TestClient) -> Iterator[Session]:
    with client.app.state.session_factory() as db:  # type: ignore[attr-defined]
        yield db
        db.commit()


def _log(client: TestClient, owner: int, day: date, status: str) -> int:
    with _database(client) as db:
        log = Log(
            collection="lettings",
            collection_year=2026,
            status=status,
            event_date=day,
            owning_institution_id=owner,
            managing_institution_id=owner,
            answers={"owning_organisation_id": owner, "managing_organisation_id": owner},
        )
        db.add(log)
        db.flush()
        return log.id


def _fields(**changed: str) -> dict[str, str]:
    return {"merging": str(GOES), "into": str(INTO), **DAY, "confirm": "yes", **changed}


def _decide(client: TestClient, **changed: str) -> Any:
    return client.post(HERE, data=_fields(**changed))


def _state(client: TestClient, number: int = GOES) -> tuple[bool, int | None]:
    with _database(client) as db:
        institution = db.get_one(Institution, number)
        return institution.active, institution.merged_into_id


def test_only_administrators_find_mergers(demonstration: TestClient) -> None:
    for name in ("coordinator", "provider", "statistician"):
        sign_in_as(demonstration, name)
        for step in ("", "/new", "/new/into", "/new/institution", "/new/date", "/new/check", "/1"):
            assert demonstration.get(HERE + step).status_code == 404, step
        assert _decide(demonstration).status_code == 404
        assert demonstration.post(f"{HERE}/1", data={"go": "cancel"}).status_code == 404
    assert _state(demonstration) == (True, None)


def test_a_merger_is_put_together_step_by_step(demonstration: TestClient) -> None:
    sign_in_as(demonstration, "admin")
    assert "No institutions have been merged yet" in demonstration.get(HERE).text
    page = demonstration.get(f"{HERE}/new?search=org{GOES}").text
    assert f"{HERE}/new?merging={GOES}" in page
    page = demonstration.get(f"{HERE}/new/into?merging={GOES}&search=org{INTO}").text
    assert f"{HERE}/new/date?merging={GOES}&amp;into={INTO}" in page
    page = demonstration.get(f"{HERE}/new/date?merging={GOES}&into={INTO}").text
    assert "From 1 April 2026" in page
    page = demonstration.get(f"{HERE}/new/check?{urlencode(_fields())}").text
    assert "Nothing is changed yet." in page and "It cannot be undone." in page
    assert "Merge the institutions now" in page
    assert _state(demonstration) == (True, None)


def test_what_cannot_be_is_said_at_its_step(demonstration: TestClient) -> None:
    cases: list[tuple[str, dict[str, str], str]] = [
        ("into", {"merging": ""}, "Choose at least one institution that goes into another"),
        ("into", {"merging": "99999"}, "One of the institutions is not known."),
        (
            "into",
            {"merging": ",".join(map(str, range(10, 31)))},
            "Choose at most 20 institutions for one merger",
        ),
        ("date", {"new": "yes"}, "Enter the name of the new institution"),
        ("date", {"new": "yes", "name": "x" * 201}, "must be 200 characters or fewer; it has 201"),
        ("date", {"new": "yes", "name": "New"}, "Choose what kind of institution it is"),
        ("check", {"day-day": ""}, "The date of the merger must include a day"),
        ("check", {"day-day": "31", "day-month": "2"}, "must be a real date"),
        ("check", {"day-year": "2025"}, "must be between 1 April 2026"),
        ("check", {"day-year": "2028"}, "and 25 November 2027"),
    ]
    sign_in_as(demonstration, "admin")
    for step, changed, message in cases:
        answer = demonstration.get(f"{HERE}/new/{step}?{urlencode(_fields(**changed))}")
        assert answer.status_code == 422, message
        assert answer.text.count(message) == 2, message


def test_a_name_or_number_that_is_taken_is_refused_by_the_form(demonstration: TestClient) -> None:
    with _database(demonstration) as db:
        other = db.get_one(Institution, 9)
        name, number = other.name, other.registration_number or ""
    sign_in_as(demonstration, "admin")
    new = {"into": "", "new": "yes", "provider_type": "PRP"}
    for changed in (
        {"name": name.upper(), "registration_number": "NEW1"},
        {"name": "New Homes", "registration_number": number.lower()},
    ):
        answer = demonstration.get(f"{HERE}/new/date?{urlencode(_fields(**new, **changed))}")
        assert answer.status_code == 422 and "already" in answer.text
        assert _decide(demonstration, **new, **changed).status_code == 422
    with _database(demonstration) as db:
        assert db.scalar(select(func.count()).select_from(Merger)) == 0
        assert db.scalar(select(func.count()).select_from(Institution)) == 150


def test_nothing_is_merged_without_the_tick(demonstration: TestClient) -> None:
    sign_in_as(demonstration, "admin")
    answer = _decide(demonstration, confirm="")
    assert answer.status_code == 422
    assert answer.text.count("Tick the box to confirm that you understand") == 2
    assert _state(demonstration) == (True, None)


def test_what_stands_in_the_way_stops_a_merger(demonstration: TestClient) -> None:
    sign_in_as(demonstration, "admin")
    with _database(demonstration) as db:
        into = db.get_one(Institution, INTO)
        into.active = False
        name = into.name
    for answer in (
        demonstration.get(f"{HERE}/new/check?{urlencode(_fields())}"),
        _decide(demonstration),
    ):
        assert f"{name} is not active. Reactivate it first" in answer.text
        assert "Merge the institutions now" not in answer.text
    assert "cannot go into itself" in _decide(demonstration, into=str(GOES)).text
    assert _state(demonstration) == (True, None)


def test_an_unsigned_agreement_is_a_warning(demonstration: TestClient) -> None:
    sign_in_as(demonstration, "admin")
    page = demonstration.get(f"{HERE}/new/check?{urlencode(_fields(into='103'))}").text
    assert "has not signed the Data Sharing Agreement" in page
    assert "Merge the institutions now" in page
    page = demonstration.get(f"{HERE}/new/check?{urlencode(_fields())}").text
    assert "has not signed the Data Sharing Agreement" not in page


def test_a_merger_whose_day_has_come_is_done_at_once_and_people_see_its_effects(
    demonstration: TestClient,
) -> None:
    early = _log(demonstration, GOES, date(2026, 9, 30), "valid")
    late = _log(demonstration, GOES, date(2026, 10, 1), "valid")
    elsewhere = _log(demonstration, 9, date(2026, 10, 1), "valid")
    sign_in_as(demonstration, f"coordinator{INTO}")
    assert demonstration.get(f"/logs/{early}").status_code == 404
    assert demonstration.get(f"/institutions/{GOES}/agreement").status_code == 404
    sign_in_as(demonstration, f"coordinator{GOES}")
    theirs = dict(demonstration.cookies)
    sign_in_as(demonstration, "admin")
    answer = _decide(demonstration)
    page = demonstration.get(answer.headers["location"]).text
    assert "The institutions are merged." in page and "What was moved" in page
    assert _state(demonstration) == (False, INTO)
    with _database(demonstration) as db:
        mails = set(db.scalars(select(Message.to_address).where(Message.kind == "merged")))
        assert mails == {f"coordinator{GOES}@example.com", f"provider{GOES}@example.com"}
        assert db.get_one(Log, late).owning_institution_id == INTO
        assert db.get_one(Log, early).owning_institution_id == GOES
    # Whoever was signed in for it is signed out; earlier logs are seen by the new co-ordinators.
    demonstration.cookies.clear()
    demonstration.cookies.update(theirs)
    assert demonstration.get("/account").status_code == 303
    for name in (f"coordinator{INTO}", f"coordinator{GOES}"):
        sign_in_as(demonstration, name)
        assert demonstration.get(f"/logs/{early}").status_code == 200
        assert demonstration.get(f"/logs/{late}").status_code == 200
        assert demonstration.get(f"/logs/{elsewhere}").status_code == 404
        page = demonstration.get(f"/institutions/{GOES}/agreement").text
        assert "has been merged into another and signs nothing any more" in page
        assert demonstration.get(f"/institutions/{GOES}/agreement/sign").status_code == 403


def test_an_unsigned_one_merged_into_a_signed_one_is_covered_and_not_signed(
    demonstration: TestClient,
) -> None:
    early = _log(demonstration, GOES, date(2026, 9, 30), "saved")
    with _database(demonstration) as db:
        db.get_one(Institution, GOES).data_sharing_signed = False
        db.execute(delete(AgreementSignature).where(AgreementSignature.institution_id == GOES))
        name = db.get_one(Institution, INTO).name
        code = db.get_one(Institution, GOES).code
    sign_in_as(demonstration, "admin")
    assert _decide(demonstration).status_code == 303
    covered = f"Covered by the agreement of {name}"
    assert covered in unescape(demonstration.get(f"/institutions/{GOES}").text)
    assert covered in unescape(demonstration.get(f"/institutions/{GOES}/agreement").text)
    pdf = PdfReader(BytesIO(demonstration.get(f"/institutions/{GOES}/agreement.pdf").content))
    words = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    assert covered.lower() in words.lower() and "Draft" not in words
    history = demonstration.get(f"/institutions/{GOES}/history").text
    assert "Data Sharing Agreement signed" not in history
    for choice, listed in (("covered", True), ("yes", False), ("no", False)):
        page = demonstration.get(f"/institutions?search={code}&signed={choice}").text
        assert (f'href="/institutions/{GOES}"' in page) == listed, choice
    with _database(demonstration) as db:
        log = db.get_one(Log, early)
        assert not db.get_one(Institution, GOES).data_sharing_signed
        assert why_not_submitted(db, log) == ""
        facts = context_of(db, log, date(2026, 11, 24)).iloc[0]
        assert facts["owning_organisation.data_protection_confirmed"]
        # Once that agreement lapses, who can sign is the one that took it over.
        db.get_one(Institution, INTO).data_sharing_signed = False
        db.flush()
        assert why_not_submitted(db, log).startswith(f"{name} has not signed")
        facts = context_of(db, log, date(2026, 11, 24)).iloc[0]
        assert not facts["owning_organisation.data_protection_confirmed"]
    assert covered not in unescape(demonstration.get(f"/institutions/{GOES}").text)


def test_the_same_form_sent_twice_merges_once(demonstration: TestClient) -> None:
    sign_in_as(demonstration, "admin")
    assert _decide(demonstration).status_code == 303
    again = _decide(demonstration)
    assert "has been merged into another institution already" in again.text
    with _database(demonstration) as db:
        assert db.scalar(select(func.count()).select_from(Merger)) == 1


def test_a_merger_to_come_waits_and_can_be_cancelled_once(demonstration: TestClient) -> None:
    sign_in_as(demonstration, "admin")
    answer = _decide(demonstration, **{"day-year": "2027", "day-month": "1"})
    address = answer.headers["location"].partition("?")[0]
    page = demonstration.get(answer.headers["location"]).text
    assert "The merger is scheduled." in page and "What would move" in page
    assert _state(demonstration) == (True, None)
    other = _decide(demonstration, into="9").text
    assert "is part of another merger that is scheduled" in other
    cancelled = demonstration.post(address, data={"go": "cancel", "version": "1"})
    page = demonstration.get(cancelled.headers["location"]).text
    assert "The merger is cancelled. Nothing was moved." in page
    again = demonstration.post(address, data={"go": "cancel", "version": "1"})
    assert "Somebody else changed this merger" in demonstration.get(again.headers["location"]).text
    assert demonstration.post(f"{HERE}/999", data={"go": "cancel"}).status_code == 404


def test_a_new_institution_with_a_hostile_name_is_made_by_a_merger(
    demonstration: TestClient,
) -> None:
    sign_in_as(demonstration, "admin")
    name = "<script>alert(1)</script> Homes\u202e"
    fields = {"into": "", "new": "yes", "name": name, "provider_type": "PRP"}
    page = demonstration.get(f"{HERE}/new/check?{urlencode(_fields(**fields))}").text
    assert "a new institution that begins on that day" in page and "<script>alert" not in page
    answer = _decide(demonstration, **fields)
    assert "<script>alert" not in demonstration.get(answer.headers["location"]).text
    with _database(demonstration) as db:
        made = db.scalars(select(Institution).order_by(Institution.id.desc())).first()
        assert made is not None
        assert made.name == "<script>alert(1)</script> Homes"
        assert made.available_from == date(2026, 10, 1)
        assert db.get_one(Institution, GOES).merged_into_id == made.id
        assert made.holds_stock and made.stock > 0


def test_schemes_that_look_alike_are_listed_after_a_merger(demonstration: TestClient) -> None:
    sign_in_as(demonstration, "admin")
    _decide(demonstration)
    address = f"/institutions/{INTO}/schemes-alike"
    # Each had a group of one name, which the form of a group refuses.
    page = demonstration.get(address).text
    assert "There is nothing to check" not in page
    with _database(demonstration) as db:
        alike = groups_alike(db, INTO)
        assert alike
        for groups in alike:
            for group in groups:
                assert f'href="/schemes/groups/{group.id}/edit"' in page
            for group in groups[1:]:
                group.name = f"Renamed {group.id}"
    assert "There is nothing to check" in demonstration.get(address).text
    with _database(demonstration) as db:
        schemes = list(db.scalars(select(Scheme).where(Scheme.owner_id == INTO)))
        assert len(schemes) == 4
        schemes[0].name = schemes[-1].name = "Garden House"
    sign_in_as(demonstration, f"coordinator{INTO}")
    page = demonstration.get(address).text
    assert "Name Garden House" in page and page.count(">Garden House</a>") == 2
    for name in (f"provider{INTO}", "coordinator2"):
        sign_in_as(demonstration, name)
        assert demonstration.get(address).status_code == 404


def _two_institutions(db: Session) -> tuple[Institution, Institution, Account]:
    made = [
        Institution(code=f"ORG{n}", name=f"Homes {n}", provider_type="PRP", general_needs_stock=n)
        for n in (1, 2)
    ]
    db.add_all(made)
    db.flush()
    admin = Account(user_name="admin", email="admin@example.com", name="Ada", role="administrator")
    group = ManagementGroup(code="G1", owner_id=made[0].id, name="Supported")
    db.add_all([admin, group])
    db.flush()
    db.add_all(
        Account(
            user_name=f"p{n}",
            email=f"p{n}@example.com",
            name=f"P{n}",
            role="provider",
            institution_id=made[0].id,
        )
        for n in range(3)
    )
    scheme = Scheme(
        code="S1", group_id=group.id, owner_id=made[0].id, name="One", status="approved"
    )
    db.add(scheme)
    db.flush()
    db.add(Location(scheme_id=scheme.id, postcode="SW1A 1AA"))
    db.add(
        Log(
            collection="lettings",
            collection_year=2026,
            status="saved",
            owning_institution_id=made[0].id,
            managing_institution_id=made[0].id,
            answers={"owning_organisation_id": made[0].id},
        )
    )
    db.commit()
    return made[0], made[1], admin


def _everything(db: Session) -> dict[str, Any]:
    """All that a merger could have changed."""
    db.expire_all()
    return {
        "accounts": list(db.execute(select(Account.id, Account.institution_id, Account.version))),
        "institutions": list(
            db.execute(
                select(
                    Institution.id,
                    Institution.active,
                    Institution.merged_into_id,
                    Institution.general_needs_stock,
                    Institution.version,
                ).order_by(Institution.id)
            )
        ),
        "schemes": list(db.execute(select(Scheme.id, Scheme.owner_id, Scheme.version))),
        "logs": list(db.execute(select(Log.id, Log.owning_institution_id, Log.version))),
        "mails": db.scalar(
            select(func.count()).select_from(Message).where(Message.kind == "merged")
        ),
        "moves": db.scalar(
            select(func.count())
            .select_from(AuditEvent)
            .where(AuditEvent.action.like("%_by_merger"))
        ),
    }


def test_a_failure_in_the_middle_leaves_everything_as_it_was_and_says_why(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes, into, admin = _two_institutions(db)
    day = date(2026, 11, 24)
    merger = schedule_merger(db, admin, [goes.id], into.id, day, day)
    before = _everything(db)
    settings = Settings()

    def break_down(*given: Any) -> None:
        raise RuntimeError("The disk is full")

    with monkeypatch.context() as broken:
        # By then people, relations and schemes have moved.
        broken.setattr(doing, "move_logs", break_down)
        assert apply_due_mergers(db, settings, day) == 0
    assert _everything(db) == before
    assert merger.state == FAILED
    assert "Nothing was moved: everything is as it was before." in merger.message
    assert "disk" not in merger.message
    assert db.scalars(select(Message.to_address)).all() == ["admin@example.com"]
    # A failed merger is not tried by itself.
    assert apply_due_mergers(db, settings, day) == 0
    assert merger.state == FAILED


def test_a_failed_merger_is_shown_and_can_be_tried_again(
    demonstration: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in_as(demonstration, "admin")

    def break_down(*given: Any) -> None:
        raise RuntimeError("The disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(doing, "move_schemes", break_down)
        answer = _decide(demonstration)
    page = demonstration.get(answer.headers["location"]).text
    assert "The merger was not done" in page and "Nothing was moved" in page
    assert _state(demonstration) == (True, None)
    with _database(demonstration) as db:
        version = str(db.scalars(select(Merger.version)).one())
    answer = demonstration.post(
        answer.headers["location"], data={"go": "again", "version": version}
    )
    assert "The institutions are merged." in demonstration.get(answer.headers["location"]).text
    assert _state(demonstration) == (False, INTO)


def test_due_mergers_are_carried_out_on_their_day_and_not_before(db: Session) -> None:
    goes, into, admin = _two_institutions(db)
    day = date(2027, 1, 1)
    merger = schedule_merger(db, admin, [goes.id], into.id, day, date(2026, 11, 24))
    settings = Settings()
    assert apply_due_mergers(db, settings, date(2026, 12, 31)) == 0
    assert merger.state == SCHEDULED
    assert apply_due_mergers(db, settings, day) == 1
    assert (merger.state, merger.done_at is not None, goes.active) == (DONE, True, False)
    assert apply_due_mergers(db, settings, day) == 0
    assert db.scalar(select(func.count()).select_from(Message)) == 3


def test_two_processes_carry_a_merger_out_once(engine: Engine, db: Session) -> None:
    goes, into, admin = _two_institutions(db)
    day = date(2026, 11, 24)
    merger = schedule_merger(db, admin, [goes.id], into.id, day, day)
    settings = Settings()
    with session_factory(engine)() as other:
        seen = other.get_one(Merger, merger.id)
        other.commit()
        assert carry_out(db, settings, merger)
        assert not carry_out(other, settings, seen)
        assert seen.state == DONE
    assert into.general_needs_stock == 3


def test_a_merger_that_became_impossible_fails_with_the_reason(db: Session) -> None:
    goes, into, admin = _two_institutions(db)
    day = date(2027, 1, 1)
    merger = schedule_merger(db, admin, [goes.id], into.id, day, date(2026, 11, 24))
    into.active = False
    db.commit()
    assert apply_due_mergers(db, Settings(), day) == 0
    assert merger.state == FAILED
    assert merger.message.startswith("Homes 2 is not active.")
    assert (goes.active, merger.done_at) == (True, None)


def test_a_cancelled_merger_is_never_carried_out(engine: Engine, db: Session) -> None:
    goes, into, admin = _two_institutions(db)
    day = date(2026, 11, 24)
    merger = schedule_merger(db, admin, [goes.id], into.id, day, day)
    with session_factory(engine)() as other:
        seen = other.get_one(Merger, merger.id)
        other.commit()
        merger.state, merger.version = CANCELLED, merger.version + 1
        db.commit()
        assert not carry_out(other, Settings(), seen)
    assert goes.active


def test_a_merger_of_many_logs_is_quick(db: Session) -> None:
    goes, into, admin = _two_institutions(db)
    answers = {f"v{n}": n for n in range(150)} | {"owning_organisation_id": goes.id}
    db.execute(
        Log.__table__.insert(),  # type: ignore[attr-defined]
        [
            {
                "collection": "lettings",
                "collection_year": 2026,
                "status": "saved",
                "owning_institution_id": goes.id,
                "version": 1,
                "unresolved": False,
                "answers": answers,
                "entered": {},
                "findings": [],
            }
            for _ in range(2_000)
        ],
    )
    db.commit()
    day = date(2026, 11, 24)
    merger = schedule_merger(db, admin, [goes.id], into.id, day, day)
    started = now()
    assert carry_out(db, Settings(), merger)
    assert (now() - started).total_seconds() < 15
    assert merger.counts["logs_open"] == 2_001
