"""Records, names, relations and the activity of institutions, on both databases."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data_access.account_sessions import AccountSession, person_for_token, start_session
from data_access.accounts import Account, Membership
from data_access.audit import history, record
from data_access.clock import now
from data_access.credentials import ApiToken
from data_access.database import session_factory
from data_access.institution_activity import (
    Merged,
    affected_by_deactivation,
    come_back,
    deactivate,
    reactivate,
)
from data_access.institution_list import Wanted, active_by_words, count_institutions
from data_access.institution_names import (
    InstitutionName,
    NameRefused,
    apply_due_names,
    cancel_name,
    give_name,
    name_on,
)
from data_access.institution_records import (
    ChildrenRemain,
    change_institution,
    create_institution,
)
from data_access.institution_relations import (
    RelationRefused,
    add_relation,
    change_relation,
    children_of,
    first_day_without_child,
    parents_of,
    remove_relation,
    time_in_words,
)
from data_access.institutions import (
    AlreadyTaken,
    Institution,
    InstitutionLink,
    managers_for,
    owners_for,
)
from data_access.logs import Log
from data_access.mistake_reports import AlreadyClosed, close_report, report_mistake
from data_access.versions import ChangedMeanwhile

TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)
LATER = TODAY + 30 * DAY
Make = Callable[..., Institution]


@pytest.fixture
def make(db: Session) -> Make:
    """Makes institutions that hold stock, or what is asked."""

    def made(name: str, **values: Any) -> Institution:
        first_child = values.pop("first_child", None)
        given = {"provider_type": "PRP", "holds_stock": True} | values
        found = create_institution(db, None, {"name": name, **given}, TODAY, first_child)
        db.commit()
        return found

    return made


def _times(db: Session, owner: Institution) -> list[tuple[int, Any, Any]]:
    return [
        (one.other.id, one.link.starts_on, one.link.ends_on) for one in children_of(db, owner.id)
    ]


def _actions(db: Session, institution: Institution) -> list[str]:
    return [event.action for event in history(db, ("institution", institution.id))]


# Records


def test_a_new_stock_holder_gets_the_next_code_its_own_child_and_no_signature(
    db: Session, make: Make
) -> None:
    first, second = make("Alder Homes"), make("Beacon Homes")
    assert [first.code, second.code] == ["ORG1", "ORG2"]
    assert not first.data_sharing_signed
    assert _times(db, first) == [(first.id, None, None)]
    assert _actions(db, first) == ["institution_created", "relation_added"]
    assert history(db, ("institution", first.id))[0].detail["changes"]["name"] == [
        None,
        "Alder Homes",
    ]


def test_a_code_that_is_in_use_is_passed_over(db: Session, make: Make) -> None:
    db.add(Institution(id=1, code="ORG2", name="Old", provider_type="PRP"))
    db.commit()
    if db.get_bind().dialect.name == "postgresql":
        # Its identifiers come from a sequence, which knows nothing of one given by hand.
        db.connection().exec_driver_sql("ALTER SEQUENCE institutions_id_seq RESTART WITH 2")
        db.commit()
    assert make("New").code == "ORG3"


def test_another_institution_can_be_the_first_child(db: Session, make: Make) -> None:
    agent = make("Agent", holds_stock=False)
    owner = make("Owner", first_child=agent)
    assert _times(db, agent) == []
    assert [one.other.id for one in children_of(db, owner.id)] == [agent.id]
    assert [one.other.id for one in parents_of(db, agent.id)] == [owner.id]


@pytest.mark.parametrize(
    ("field", "first", "second"),
    [
        ("name", {"name": "Alder Homes"}, {"name": "ALDER homes"}),
        (
            "registration_number",
            {"name": "Alder", "registration_number": "L1"},
            {"name": "Beacon", "registration_number": "l1"},
        ),
    ],
)
def test_a_name_or_number_of_another_is_refused_also_in_a_race(
    db: Session, make: Make, engine: Engine, field: str, first: Any, second: Any
) -> None:
    make(**first)
    with pytest.raises(AlreadyTaken) as taken:
        make(**second)
    assert taken.value.field == field
    db.rollback()
    # The database itself refuses what two posts at once would both have found free.
    with session_factory(engine)() as other, pytest.raises(Exception, match=r"(?i)unique"):
        other.add(Institution(code="ORG9", provider_type="PRP", **second))
        other.commit()


def test_of_two_posts_at_once_the_second_is_told_whose_name_it_is(
    db: Session, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make("Alder Homes")
    # What the second post would see: nobody had the name when it looked.
    monkeypatch.setattr("data_access.institution_records.refuse_taken_name", lambda *_: None)
    with pytest.raises(AlreadyTaken, match="called Alder Homes already"):
        make("Alder Homes")


def test_two_institutions_without_a_registration_number_are_no_conflict(make: Make) -> None:
    assert make("A", registration_number="").registration_number is None
    assert make("B", registration_number="").registration_number is None


def test_a_change_is_written_over_the_version_it_was_made_of(db: Session, make: Make) -> None:
    institution = make("Alder")
    changes = change_institution(db, None, institution, 1, {"telephone": "01632 960 001"}, TODAY)
    db.commit()
    assert changes == {"telephone": ["", "01632 960 001"]}
    assert institution.version == 2
    with pytest.raises(ChangedMeanwhile):
        change_institution(db, None, institution, 1, {"telephone": "01632 960 002"}, TODAY)
    db.refresh(institution)
    assert institution.telephone == "01632 960 001"


def test_an_import_can_give_a_new_name_with_other_changes(db: Session, make: Make) -> None:
    institution = make("Alder")
    change_institution(db, None, institution, 1, {"name": "Beacon", "town": "Ashby"}, TODAY)
    db.commit()
    assert (institution.name, institution.town) == ("Beacon", "Ashby")
    assert name_on(db, institution.id, TODAY - DAY) == "Alder"


def test_who_ceases_to_hold_stock_loses_figures_and_is_its_own_child_no_more(
    db: Session, make: Make
) -> None:
    institution = make("Alder", general_needs_stock=10, supported_stock=0)
    change_institution(db, None, institution, 1, {"holds_stock": False}, TODAY)
    db.commit()
    assert (institution.general_needs_stock, institution.stock) == (None, 0)
    assert _times(db, institution) == [(institution.id, None, TODAY - DAY)]
    change_institution(db, None, institution, 2, {"holds_stock": True}, TODAY)
    db.commit()
    assert _times(db, institution)[1] == (institution.id, TODAY, None)


def test_stock_cannot_go_while_others_manage_it(db: Session, make: Make) -> None:
    agent = make("Agent", holds_stock=False)
    owner = make("Owner", first_child=agent)
    with pytest.raises(ChildrenRemain, match=r"Agent \(ORG1\) manages its homes. End this"):
        change_institution(db, None, owner, 1, {"holds_stock": False}, TODAY)
    db.rollback()
    assert owner.holds_stock


# Relations


def test_only_an_active_stock_holder_is_a_parent_and_only_active_ones_are_children(
    db: Session, make: Make
) -> None:
    owner, agent = make("Owner"), make("Agent", holds_stock=False)
    with pytest.raises(RelationRefused, match="Agent holds no stock, so it cannot be a parent"):
        add_relation(db, None, agent, owner, (TODAY, None))
    deactivate(db, None, agent, 1)
    with pytest.raises(RelationRefused, match="Agent is not active"):
        add_relation(db, None, owner, agent, (TODAY, None))


def test_periods_of_one_pair_do_not_overlap_and_the_refusal_names_the_other(
    db: Session, make: Make
) -> None:
    owner, agent = make("Owner"), make("Agent")
    add_relation(db, None, owner, agent, (TODAY, LATER))
    with pytest.raises(RelationRefused, match="from 24 November 2026 to 24 December 2026 already"):
        add_relation(db, None, owner, agent, (LATER, None))
    next_one = add_relation(db, None, owner, agent, (LATER + DAY, None))
    with pytest.raises(RelationRefused):
        change_relation(db, None, next_one.id, (LATER + DAY, None), (LATER, None), TODAY)
    with pytest.raises(RelationRefused, match="its own homes without a first or last day already"):
        add_relation(db, None, owner, owner, (TODAY, None))
    with pytest.raises(RelationRefused, match="The last day must be 24 November 2026"):
        add_relation(db, None, agent, owner, (TODAY, TODAY - DAY))


def test_a_relation_is_told_in_the_history_of_both(db: Session, make: Make) -> None:
    owner, agent = make("Owner"), make("Agent")
    link = add_relation(db, None, owner, agent, (TODAY, None))
    change_relation(db, None, link.id, (TODAY, None), (TODAY, LATER), TODAY)
    remove_relation(db, None, link.id, (TODAY, LATER), TODAY)
    db.commit()
    for one, name in ((owner, "child"), (agent, "parent")):
        events = history(db, ("institution", one.id))[-3:]
        assert [event.action for event in events] == [
            "relation_added",
            "relation_changed",
            "relation_removed",
        ]
        assert all(name in event.detail["changes"] for event in events)
    assert events[1].detail["changes"]["parent"] == [
        "Owner (ORG1), from 24 November 2026",
        "Owner (ORG1), from 24 November 2026 to 24 December 2026",
    ]


def test_the_last_child_cannot_go_and_the_refusal_says_the_way_out(db: Session, make: Make) -> None:
    owner, agent = make("Owner"), make("Agent")
    own = children_of(db, owner.id)[0].link
    with pytest.raises(RelationRefused, match=r"no child from 24 November 2026 on.*comes after"):
        remove_relation(db, None, own.id, (None, None), TODAY)
    with pytest.raises(RelationRefused, match="no child from 25 December 2026 on"):
        change_relation(db, None, own.id, (None, None), (None, LATER), TODAY)
    add_relation(db, None, owner, agent, (LATER + DAY, None))
    assert change_relation(db, None, own.id, (None, None), (None, LATER), TODAY)
    with pytest.raises(RelationRefused, match="no child from 24 December 2026 on"):
        change_relation(db, None, own.id, (None, LATER), (None, LATER - DAY), TODAY)


def test_a_day_without_child_is_found_in_any_order_of_times() -> None:
    times = [(LATER, None), (None, TODAY)]
    assert first_day_without_child(times, TODAY) == TODAY + DAY
    assert first_day_without_child([*times, (TODAY, LATER)], TODAY) is None
    assert first_day_without_child([(TODAY + DAY, None)], TODAY) == TODAY
    assert first_day_without_child([], TODAY) == TODAY


def test_a_relation_that_logs_name_is_ended_and_not_removed(db: Session, make: Make) -> None:
    owner, agent = make("Owner"), make("Agent")
    link = add_relation(db, None, owner, agent, (TODAY, None))
    db.add(_log(owner, agent, "saved"))
    db.commit()
    with pytest.raises(RelationRefused, match="1 log names these two institutions"):
        remove_relation(db, None, link.id, (TODAY, None), TODAY)
    assert change_relation(db, None, link.id, (TODAY, None), (TODAY, LATER), TODAY)


def _log(owner: Institution, manager: Institution, status: str) -> Log:
    return Log(
        collection="lettings",
        collection_year=2026,
        status=status,
        owning_institution_id=owner.id,
        managing_institution_id=manager.id,
        answers={},
    )


def test_two_who_change_one_relation_do_not_overwrite_each_other(db: Session, make: Make) -> None:
    owner, agent = make("Owner"), make("Agent")
    link = add_relation(db, None, owner, agent, (TODAY, None))
    change_relation(db, None, link.id, (TODAY, None), (TODAY, LATER), TODAY)
    db.commit()
    with pytest.raises(ChangedMeanwhile) as meanwhile:
        change_relation(db, None, link.id, (TODAY, None), (TODAY, LATER + DAY), TODAY)
    assert meanwhile.value.current.ends_on == LATER
    remove_relation(db, None, link.id, (TODAY, LATER), TODAY)
    db.commit()
    with pytest.raises(ChangedMeanwhile) as gone:
        remove_relation(db, None, link.id, (TODAY, LATER), TODAY)
    assert gone.value.current is None


def test_times_are_said_in_words() -> None:
    assert time_in_words((None, None)) == "without a first or last day"
    assert time_in_words((None, TODAY)) == "until 24 November 2026"
    assert time_in_words((TODAY, None)) == "from 24 November 2026"


# Names


def test_a_name_from_today_is_in_use_at_once_and_logs_show_the_one_of_their_day(
    db: Session, make: Make
) -> None:
    institution = make("Old")
    assert give_name(db, None, institution, "New", TODAY, TODAY, institution.version)
    db.commit()
    assert institution.name == "New"
    assert name_on(db, institution.id, TODAY - DAY) == "Old"
    assert name_on(db, institution.id, TODAY) == "New"
    assert name_on(db, 999, TODAY) == ""
    assert history(db, ("institution", institution.id))[-1].detail["changes"]["name"] == [
        "Old",
        "New",
    ]


def test_a_name_from_a_later_day_waits_and_can_be_cancelled(db: Session, make: Make) -> None:
    institution = make("Old")
    assert not give_name(db, None, institution, "New", LATER, TODAY, institution.version)
    db.commit()
    assert institution.name == "Old"
    assert name_on(db, institution.id, LATER) == "New"
    assert apply_due_names(db, LATER - DAY) == 0
    row = db.scalars(select(InstitutionName).where(InstitutionName.applied.is_(False))).one()
    assert cancel_name(db, None, institution, row.id) == "New"
    db.commit()
    assert apply_due_names(db, LATER) == 0
    assert name_on(db, institution.id, LATER) == "Old"
    with pytest.raises(NameRefused, match="cancelled already"):
        cancel_name(db, None, institution, row.id)


def test_a_due_name_is_put_in_use_once(db: Session, make: Make) -> None:
    institution = make("Old")
    give_name(db, None, institution, "New", LATER, TODAY, institution.version)
    db.commit()
    assert apply_due_names(db, LATER + DAY) == 1
    assert apply_due_names(db, LATER + DAY) == 0
    db.refresh(institution)
    assert institution.name == "New"
    assert _actions(db, institution)[-2:] == ["institution_name_scheduled", "institution_renamed"]
    row = db.scalars(select(InstitutionName).order_by(InstitutionName.id.desc())).first()
    assert row is not None
    with pytest.raises(NameRefused, match="in use already"):
        cancel_name(db, None, institution, row.id)


def test_a_name_is_unique_at_the_time_it_starts(db: Session, make: Make) -> None:
    alder, beacon = make("Alder"), make("Beacon")
    give_name(db, None, alder, "Cedar", LATER, TODAY, alder.version)
    db.commit()
    with pytest.raises(AlreadyTaken, match="Alder will be called Cedar then"):
        give_name(db, None, beacon, "cedar", LATER + DAY, TODAY, beacon.version)
    with pytest.raises(AlreadyTaken):
        make("CEDAR")
    db.rollback()
    with pytest.raises(AlreadyTaken, match="called Alder already"):
        give_name(db, None, beacon, "Alder", LATER - DAY, TODAY, beacon.version)
    # From the day on which Alder gives its name up, another may have it.
    assert not give_name(db, None, beacon, "Alder", LATER, TODAY, beacon.version)
    db.commit()
    row = db.scalars(select(InstitutionName).where(InstitutionName.name == "Cedar")).one()
    with pytest.raises(NameRefused, match="another institution is called Alder"):
        cancel_name(db, None, alder, row.id)
    db.rollback()
    assert apply_due_names(db, LATER) == 2
    db.refresh(alder)
    db.refresh(beacon)
    assert (alder.name, beacon.name) == ("Cedar", "Alder")


def test_names_that_wait_for_each_other_are_all_put_in_use(db: Session, make: Make) -> None:
    """The one that is due first in order is free only after the second."""
    alder, beacon = make("Alder"), make("Beacon")
    give_name(db, None, alder, "Dene", LATER, TODAY, alder.version)
    give_name(db, None, beacon, "Cedar", LATER, TODAY, beacon.version)
    db.commit()
    row = db.scalars(select(InstitutionName).where(InstitutionName.name == "Dene")).one()
    row.name = "Beacon"
    db.commit()
    assert apply_due_names(db, LATER) == 2
    db.refresh(alder)
    assert alder.name == "Beacon"


def test_a_due_name_that_another_still_has_waits(db: Session, make: Make) -> None:
    alder, _ = make("Alder"), make("Beacon")
    give_name(db, None, alder, "Dene", LATER, TODAY, alder.version)
    row = db.scalars(select(InstitutionName).where(InstitutionName.name == "Dene")).one()
    row.name = "BEACON"
    db.commit()
    assert apply_due_names(db, LATER) == 0
    db.refresh(alder)
    assert alder.name == "Alder"


@pytest.mark.parametrize(
    ("name", "starts_on", "words"),
    [
        ("Third", TODAY - 2 * DAY, "holds from 23 November 2026"),
        ("Second", TODAY, "called Second already"),
        ("Third", LATER, "Another name begins on that day"),
    ],
)
def test_a_name_that_makes_no_sense_is_refused(
    db: Session, make: Make, name: str, starts_on: date, words: str
) -> None:
    institution = make("First")
    give_name(db, None, institution, "Second", TODAY - DAY, TODAY, institution.version)
    give_name(db, None, institution, "Fourth", LATER, TODAY, institution.version)
    db.commit()
    with pytest.raises(NameRefused, match=words):
        give_name(db, None, institution, name, starts_on, TODAY, institution.version)


# Activity


def _account(db: Session, name: str, institution: Institution, **values: Any) -> Account:
    account = Account(
        user_name=name,
        email=f"{name}@example.com",
        name=name,
        role="provider",
        institution_id=institution.id,
        **values,
    )
    db.add(account)
    db.flush()
    return account


def test_users_go_and_come_back_with_their_institution_and_only_those(
    db: Session, make: Make
) -> None:
    institution = make("Alder")
    active = _account(db, "active", institution)
    left_before = _account(db, "left", institution, active=False)
    left_since = _account(db, "gone", institution)
    db.commit()
    token = start_session(db, active)
    assert deactivate(db, None, institution, 1) == 2
    # Somebody decided on this one since: it is not the institution's any more.
    record(
        db,
        None,
        "user_deactivated",
        ("user", left_since.id),
        {"changes": {"active": [True, False]}},
    )
    db.commit()
    assert (institution.active, active.active) == (False, False)
    assert person_for_token(db, token) is None
    assert db.scalars(select(AccountSession)).all() == []
    assert [account.name for account in come_back(db, institution)] == ["active"]
    assert reactivate(db, None, institution, 2) == 1
    db.commit()
    assert (active.active, left_before.active, left_since.active) == (True, False, False)
    assert _actions(db, institution)[-2:] == ["institution_deactivated", "institution_reactivated"]


def test_who_works_elsewhere_too_goes_on_there(db: Session, make: Make) -> None:
    alder, beacon = make("Alder"), make("Beacon")
    both = _account(db, "both", alder)
    db.add(Membership(account_id=both.id, institution_id=beacon.id, role="coordinator"))
    db.commit()
    affected = affected_by_deactivation(db, alder, TODAY)
    assert (affected.users, affected.elsewhere) == (0, 1)
    old = start_session(db, both)
    for number, institution in enumerate((alder, beacon)):
        db.add(
            ApiToken(
                token_hash=str(number),
                handle=str(number),
                account_id=both.id,
                institution_id=institution.id,
                name="program",
                created_at=now(),
                expires_at=now() + DAY,
            )
        )
    deactivate(db, None, alder, 1)
    db.commit()
    assert person_for_token(db, old) is None
    assert db.scalars(select(ApiToken.institution_id)).all() == [beacon.id]
    person = person_for_token(db, start_session(db, both))
    assert person is not None
    assert (person.institution_id, person.role, person.several) == (
        beacon.id,
        "coordinator",
        False,
    )


def test_the_preview_counts_what_is_affected(db: Session, make: Make) -> None:
    agent = make("Agent", holds_stock=False)
    owner, other = make("Owner", first_child=agent), make("Other")
    add_relation(db, None, other, agent, (None, None))
    _account(db, "pat", agent)
    db.add_all([_log(owner, agent, "saved"), _log(owner, agent, "invalid")])
    db.add_all([_log(other, agent, "valid"), _log(other, other, "saved")])
    db.commit()
    affected = affected_by_deactivation(db, agent, TODAY)
    assert (affected.users, affected.saved_logs, affected.invalid_logs) == (1, 1, 1)
    assert (affected.parents, affected.children) == (2, 0)
    assert [one.name for one in affected.left_alone] == ["Owner"]


def test_an_inactive_institution_can_be_chosen_nowhere(db: Session, make: Make) -> None:
    agent = make("Agent", holds_stock=False)
    owner = make("Owner", first_child=agent)
    assert [one.name for one in owners_for(db, agent.id, TODAY)] == ["Owner"]
    deactivate(db, None, owner, 1)
    db.commit()
    assert owners_for(db, agent.id, TODAY) == []
    assert active_by_words(db, "Owner") is None
    reactivate(db, None, owner, 2)
    deactivate(db, None, agent, 1)
    db.commit()
    assert [one.name for one in managers_for(db, owner.id, TODAY)] == ["Owner"]


def test_a_second_deactivation_and_a_merged_institution_are_refused(
    db: Session, make: Make
) -> None:
    alder, beacon = make("Alder"), make("Beacon")
    deactivate(db, None, alder, 1)
    db.commit()
    with pytest.raises(ChangedMeanwhile):
        deactivate(db, None, alder, 2)
    alder.merged_into_id = beacon.id
    db.commit()
    with pytest.raises(Merged, match="cannot be reactivated"):
        reactivate(db, None, alder, 2)


# The list and reports


def test_institutions_are_found_by_present_and_former_names_codes_and_numbers(
    db: Session, make: Make
) -> None:
    institution = make("Old_name", registration_number="L4567")
    make("Other")
    give_name(db, None, institution, "New", TODAY, TODAY, institution.version)
    db.commit()
    everything = Institution.id.is_not(None)

    def found(**wanted: str) -> int:
        return count_institutions(db, Wanted(**wanted), everything)

    for text in ("old_", "NEW", "org1", "l45"):
        assert found(search=text) == 1, text
    assert found(search="%") == 0
    assert found(state="active", stock="yes", signed="no") == 2
    assert found(state="merged") == found(stock="no") == found(signed="yes") == 0


@pytest.mark.parametrize("words", ["ORG1", " org1 ", "alder homes", "Alder Homes (ORG1)"])
def test_an_institution_is_known_by_code_name_or_both(db: Session, make: Make, words: str) -> None:
    institution = make("Alder Homes")
    assert active_by_words(db, words) is institution
    assert active_by_words(db, "Alder") is None


def test_of_two_who_close_a_report_the_second_is_told(db: Session, make: Make) -> None:
    institution = make("Alder")
    account = _account(db, "pat", institution)
    report = report_mistake(db, account.id, institution, "details", "Wrong number")
    assert report_mistake(db, account.id, institution, "details", "Wrong number") is report
    close_report(db, account.id, report, "Mended")
    db.commit()
    with pytest.raises(AlreadyClosed) as closed:
        close_report(db, account.id, report, "Mended twice")
    assert closed.value.current.answer == "Mended"
    assert report_mistake(db, account.id, institution, "details", "Wrong number") is not report


def test_links_of_the_other_pair_are_left_alone(db: Session, make: Make) -> None:
    alder, beacon = make("Alder"), make("Beacon")
    add_relation(db, None, alder, beacon, (TODAY, None))
    add_relation(db, None, beacon, alder, (TODAY, None))
    db.commit()
    links = db.scalars(select(InstitutionLink).where(InstitutionLink.starts_on.is_not(None)))
    assert {(link.owner_id, link.manager_id) for link in links} == {
        (alder.id, beacon.id),
        (beacon.id, alder.id),
    }
