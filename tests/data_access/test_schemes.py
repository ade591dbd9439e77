"""Groups, schemes and locations: made, sent, decided on, found, deactivated."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, false, func, select, true
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.audit import AuditEvent, history
from data_access.database import session_factory
from data_access.institutions import Institution
from data_access.logs import Log
from data_access.scheme_changes import (
    Incomplete,
    NameTaken,
    NotInThisState,
    add_location,
    change_location,
    change_scheme,
    create_group,
    create_scheme,
    remove_location,
    seen,
    submit_scheme,
)
from data_access.scheme_codes import CLIENT_GROUPS, code_of
from data_access.scheme_decisions import approve, recently_decided, refuse, waiting_schemes
from data_access.scheme_list import DEACTIVATED, Reach, Wanted, list_groups
from data_access.scheme_pauses import PauseGone, PauseRefused, cancel, pause, reactivate
from data_access.schemes import (
    APPROVED,
    DRAFT,
    REFUSED,
    SUBMITTED,
    Location,
    ManagementGroup,
    Scheme,
    SchemePause,
    locations_of,
)
from data_access.unsettled_logs import logs_in_gap, unresolved_of, unsettle
from data_access.versions import ChangedMeanwhile

TODAY = date(2026, 11, 24)
EARLIEST = date(2026, 4, 1)
DETAILS: dict[str, Any] = {
    "confidential": False,
    "scheme_type": "6",
    "registered_care": "1",
    "client_group": "Q",
    "secondary_client_group": None,
    "support_type": "3",
    "intended_stay": "M",
}
PLACE: dict[str, Any] = {
    "name": "1 Mill Lane",
    "postcode": "SW1A 1AA",
    "local_authority": "E09000033",
    "units": 4,
    "type_of_unit": "1",
    "mobility_type": "N",
    "available_from": None,
}
EVERYTHING = Reach(true(), true(), true())


@dataclass(frozen=True)
class World:
    """An owner, its co-ordinator and an administrator, and a group."""

    owner: Institution
    coordinator: Account
    admin: Account
    group: ManagementGroup


def _account(db: Session, name: str, role: str, owner: Institution | None) -> Account:
    made = Account(
        user_name=name,
        email=f"{name}@example.com",
        name=name,
        role=role,
        institution_id=owner.id if owner else None,
    )
    db.add(made)
    db.flush()
    return made


@pytest.fixture
def world(db: Session) -> World:
    """An owner with people and an empty group."""
    owner = Institution(code="ORG1", name="Homes", provider_type="PRP", active=True)
    db.add(owner)
    db.flush()
    coordinator = _account(db, "coordinator", "coordinator", owner)
    admin = _account(db, "admin", "administrator", None)
    group = create_group(
        db, coordinator.id, owner.id, {"name": "Young people", "arrangement_type": "D"}
    )
    db.commit()
    return World(owner, coordinator, admin, group)


def _scheme(db: Session, world: World, name: str = "Harbour House", **details: Any) -> Scheme:
    values = {"name": name, **DETAILS, **details}
    scheme = create_scheme(db, world.coordinator.id, world.group, values)
    add_location(db, world.coordinator.id, scheme, PLACE)
    db.commit()
    return scheme


def _sent(db: Session, world: World, name: str = "Harbour House", **details: Any) -> Scheme:
    scheme = _scheme(db, world, name, **details)
    submit_scheme(db, world.coordinator.id, scheme)
    db.commit()
    return scheme


def _approved(db: Session, world: World, name: str = "Harbour House", **details: Any) -> Scheme:
    scheme = _sent(db, world, name, **details)
    approve(db, world.admin.id, scheme, _seen(db, scheme))
    db.commit()
    return scheme


def _seen(db: Session, scheme: Scheme) -> str:
    return seen(scheme, locations_of(db, scheme.id))


def test_approval_gives_the_scheme_a_code_and_its_group_one_with_its_first(
    db: Session, world: World
) -> None:
    assert world.group.code is None
    first, second = _approved(db, world), _approved(db, world, "Station Road")
    assert (first.code, second.code) == ("S1", "S2")
    assert first.status == APPROVED
    assert world.group.code == "G1"
    events = [event.action for event in history(db, ("group", world.group.id))]
    assert events == ["group_made", "group_code_given"]


def test_the_next_code_is_above_every_one_in_use_and_a_former_one_is_not_given_again(
    db: Session, world: World
) -> None:
    for code in ("S1502", "S9", "S-old", "SX7"):
        db.add(Scheme(code=code, group_id=world.group.id, owner_id=world.owner.id, name=code))
    world.group.code = "G7"
    db.commit()
    assert _approved(db, world).code == "S1503"
    assert world.group.code == "G7"


def test_approvals_at_once_give_different_codes_and_each_group_one(
    db: Session, world: World, engine: Engine
) -> None:
    other = create_group(db, None, world.owner.id, {"name": "Other", "arrangement_type": "D"})
    schemes = [_sent(db, world, f"Scheme {number}") for number in range(4)]
    for scheme in schemes[:2]:
        scheme.group_id = other.id
    looked_at = {scheme.id: _seen(db, scheme) for scheme in schemes}
    admin_id = world.admin.id
    db.commit()
    together = Barrier(len(schemes))

    def decide(scheme_id: int) -> None:
        with session_factory(engine)() as mine:
            scheme = mine.get_one(Scheme, scheme_id)
            mine.rollback()
            together.wait()
            approve(mine, admin_id, scheme, looked_at[scheme_id])
            mine.commit()

    with ThreadPoolExecutor(len(schemes)) as pool:
        list(pool.map(decide, looked_at))
    db.expire_all()
    codes = sorted(db.scalars(select(Scheme.code).where(Scheme.status == APPROVED)))
    assert codes == ["S1", "S2", "S3", "S4"]
    given = select(func.count()).where(AuditEvent.action == "group_code_given")
    assert db.scalar(given) == 2
    assert {world.group.code, other.code} == {"G1", "G2"}


def test_a_scheme_lacking_details_or_a_location_can_be_neither_sent_nor_approved(
    db: Session, world: World
) -> None:
    values = {"name": "Bare", **DETAILS, "intended_stay": None}
    scheme = create_scheme(db, world.coordinator.id, world.group, values)
    db.commit()
    with pytest.raises(Incomplete) as found:
        submit_scheme(db, world.coordinator.id, scheme)
    assert found.value.lacking.details == ["intended_stay"]
    assert not found.value.lacking.has_location
    db.rollback()
    scheme.status = SUBMITTED
    db.add(Location(scheme_id=scheme.id, postcode=""))
    db.commit()
    with pytest.raises(Incomplete) as found:
        approve(db, world.admin.id, scheme, _seen(db, scheme))
    [(_, missing)] = found.value.lacking.locations
    assert "postcode" in missing
    db.rollback()
    db.refresh(scheme)
    assert (scheme.status, scheme.code) == (SUBMITTED, None)


def test_the_second_of_two_administrators_is_told(db: Session, world: World) -> None:
    scheme = _sent(db, world)
    looked_at = _seen(db, scheme)
    refuse(db, world.admin.id, scheme, looked_at, "The postcode is that of the office.")
    db.commit()
    with pytest.raises(NotInThisState) as found:
        approve(db, world.admin.id, scheme, looked_at)
    assert found.value.scheme.status == REFUSED


def test_what_was_changed_after_the_administrator_looked_is_not_approved_unseen(
    db: Session, world: World
) -> None:
    scheme, by = _sent(db, world), world.coordinator.id
    [place] = locations_of(db, scheme.id)
    for change in (
        lambda: change_scheme(db, by, scheme, scheme.version, {"name": "Other", **DETAILS}),
        lambda: change_location(db, by, place, place.version, PLACE | {"postcode": "E1 6AN"}),
        lambda: add_location(db, by, scheme, PLACE | {"postcode": "E1 6AN"}),
    ):
        looked_at = _seen(db, scheme)
        change()
        db.commit()
        with pytest.raises(ChangedMeanwhile):
            approve(db, world.admin.id, scheme, looked_at)
        db.rollback()
    assert scheme.status == SUBMITTED


def test_a_refused_scheme_can_be_mended_and_sent_again_and_keeps_the_reason_until_approved(
    db: Session, world: World
) -> None:
    scheme = _sent(db, world)
    refuse(db, world.admin.id, scheme, _seen(db, scheme), "Wrong postcode")
    db.commit()
    assert (scheme.status, scheme.refusal_reason) == (REFUSED, "Wrong postcode")
    assert [found.id for found, _ in recently_decided(db)] == [scheme.id]
    submit_scheme(db, world.coordinator.id, scheme)
    db.commit()
    with pytest.raises(NotInThisState):
        submit_scheme(db, world.coordinator.id, scheme)
    db.rollback()
    assert scheme.refusal_reason == "Wrong postcode"
    approve(db, world.admin.id, scheme, _seen(db, scheme))
    db.commit()
    assert (scheme.status, scheme.refusal_reason) == (APPROVED, "")


def test_the_queue_has_the_oldest_first_with_what_each_lacks(db: Session, world: World) -> None:
    _scheme(db, world, "Draft")
    second = _sent(db, world, "Second")
    first = _sent(db, world, "First")
    first.submitted_at, second.submitted_at = second.submitted_at, first.submitted_at
    second.client_group = None
    db.commit()
    waiting, total = waiting_schemes(db)
    assert [one.scheme.name for one in waiting] == ["First", "Second"]
    assert total == 2
    assert [one.lacking.details for one in waiting] == [[], ["client_group"]]


def test_names_are_taken_in_any_letter_case_within_owner_and_group(
    db: Session, world: World
) -> None:
    scheme, other = _scheme(db, world), _scheme(db, world, "Other")
    with pytest.raises(NameTaken):
        _scheme(db, world, "HARBOUR house")
    db.rollback()
    with pytest.raises(NameTaken):
        change_scheme(db, 1, other, other.version, {"name": "harbour house"})
    db.rollback()
    assert change_scheme(db, None, scheme, scheme.version, {"name": "HARBOUR HOUSE"})
    with pytest.raises(NameTaken):
        create_group(db, None, world.owner.id, {"name": "young PEOPLE"})


def test_a_change_of_a_location_is_in_the_history_of_its_scheme(db: Session, world: World) -> None:
    scheme = _scheme(db, world)
    [place] = locations_of(db, scheme.id)
    change_location(db, world.coordinator.id, place, place.version, PLACE | {"units": 9})
    remove_location(db, world.coordinator.id, scheme, place)
    db.commit()
    made, added, changed, removed = history(db, ("scheme", scheme.id))
    assert made.detail["changes"]["client_group"] == [None, "Q"]
    assert added.detail["changes"][f"location_{place.id}_postcode"] == [None, "SW1A 1AA"]
    assert changed.detail["changes"] == {f"location_{place.id}_units": [4, 9]}
    assert removed.detail["changes"][f"location_{place.id}_units"] == [9, None]
    assert locations_of(db, scheme.id) == []


def test_a_location_of_an_approved_scheme_is_never_removed(db: Session, world: World) -> None:
    scheme = _approved(db, world)
    [place] = locations_of(db, scheme.id)
    with pytest.raises(NotInThisState):
        remove_location(db, world.coordinator.id, scheme, place)


def test_schemes_are_found_by_name_code_and_postcode(db: Session, world: World) -> None:
    _approved(db, world)
    _approved(db, world, "Refuge", confidential=True)

    def names(search: str) -> list[str]:
        listed, _ = list_groups(db, EVERYTHING, Wanted(search=search), TODAY)
        return [one.scheme.name for group in listed for one in group.schemes]

    for search in ("harbour", "HARBOUR house", "s 1", "S1"):
        assert names(search) == ["Harbour House"], search
    for search in ("sw1a1aa", " sw1a  1aa", "young people", "g1"):
        assert names(search) == ["Harbour House", "Refuge"], search
    for search in ("%", "_", "S", "nowhere"):
        expected = ["Harbour House"] if search == "S" else []
        assert names(search) == expected, search


def test_the_postcode_of_a_confidential_scheme_finds_it_only_for_who_may_see_it(
    db: Session, world: World
) -> None:
    _approved(db, world, "Refuge", confidential=True)
    outside = Reach(true(), true(), false())
    assert list_groups(db, outside, Wanted(search="SW1A 1AA"), TODAY) == ([], 0)
    [listed], _ = list_groups(db, outside, Wanted(search="refuge"), TODAY)
    assert len(listed.schemes) == 1


def test_the_list_narrows_by_status_and_owner(db: Session, world: World) -> None:
    scheme = _approved(db, world)
    _scheme(db, world, "Draft")
    pause(db, None, scheme, None, TODAY, None, EARLIEST)
    db.commit()

    def names(**wanted: Any) -> list[str]:
        listed, _ = list_groups(db, EVERYTHING, Wanted(**wanted), TODAY)
        return [one.scheme.name for group in listed for one in group.schemes]

    assert names(status=DRAFT) == ["Draft"]
    assert names(status=DEACTIVATED) == ["Harbour House"]
    assert names(status=SUBMITTED) == []
    assert names(owner_id=world.owner.id) == ["Draft", "Harbour House"]
    assert names(owner_id=world.owner.id + 1) == []


def test_dates_of_a_pause_that_do_not_do_are_refused(db: Session, world: World) -> None:
    scheme = _approved(db, world)
    pause(db, None, scheme, None, date(2026, 8, 1), date(2026, 9, 1), EARLIEST)
    db.commit()
    overlaps = "overlaps the deactivation from 1 August 2026 to 1 September 2026"
    for starts_on, ends_on, message in (
        (date(2026, 3, 31), None, "must be 1 April 2026 or later: logs of earlier days"),
        (date(2026, 5, 1), date(2026, 5, 1), "must be after the deactivation date"),
        (date(2026, 7, 1), None, overlaps),
        (date(2026, 8, 31), None, overlaps),
        (date(2026, 8, 10), date(2026, 8, 11), overlaps),
        (date(2026, 7, 1), date(2026, 8, 2), overlaps),
    ):
        with pytest.raises(PauseRefused, match=message):
            pause(db, None, scheme, None, starts_on, ends_on, EARLIEST)
        db.rollback()
    pause(db, None, scheme, None, date(2026, 7, 1), date(2026, 8, 1), EARLIEST)
    pause(db, None, scheme, None, date(2026, 9, 1), None, EARLIEST)
    assert db.scalar(select(func.count()).select_from(SchemePause)) == 3


def test_nothing_is_deactivated_before_it_is_available(db: Session, world: World) -> None:
    scheme = _approved(db, world)
    [place] = locations_of(db, scheme.id)
    place.available_from = date(2026, 6, 1)
    db.commit()
    for location in (place, None):
        with pytest.raises(PauseRefused, match="must be 1 June 2026 or later"):
            pause(db, None, scheme, location, date(2026, 5, 31), None, EARLIEST)
        db.rollback()
    assert pause(db, None, scheme, place, date(2026, 6, 1), None, EARLIEST).id


def test_a_pause_of_a_location_does_not_overlap_one_of_its_scheme(
    db: Session, world: World
) -> None:
    scheme = _approved(db, world)
    [place] = locations_of(db, scheme.id)
    pause(db, None, scheme, place, TODAY, None, EARLIEST)
    assert pause(db, None, scheme, None, TODAY, None, EARLIEST).location_id is None


def test_only_an_approved_scheme_can_be_deactivated(db: Session, world: World) -> None:
    with pytest.raises(NotInThisState):
        pause(db, None, _sent(db, world), None, TODAY, None, EARLIEST)


def test_two_deactivations_at_once_do_not_overlap(
    db: Session, world: World, engine: Engine
) -> None:
    scheme_id = _approved(db, world).id
    together = Barrier(2)

    def deactivate(day: date) -> bool:
        with session_factory(engine)() as mine:
            scheme = mine.get_one(Scheme, scheme_id)
            mine.rollback()
            together.wait()
            try:
                pause(mine, None, scheme, None, day, None, EARLIEST)
            except PauseRefused:
                return False
            mine.commit()
            return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(deactivate, [date(2026, 5, 1), date(2026, 6, 1)]))
    assert sorted(done) == [False, True]
    assert db.scalar(select(func.count()).select_from(SchemePause)) == 1


def test_a_pause_is_ended_once_and_not_before_it_begins(db: Session, world: World) -> None:
    scheme = _approved(db, world)
    made = pause(db, None, scheme, None, date(2026, 8, 1), None, EARLIEST)
    db.commit()
    with pytest.raises(PauseRefused, match="must be 1 August 2026, when the deactivation begins"):
        reactivate(db, None, scheme, made.id, date(2026, 7, 31))
    db.rollback()
    reactivate(db, None, scheme, made.id, date(2026, 9, 1))
    db.commit()
    with pytest.raises(PauseGone):
        reactivate(db, None, scheme, made.id, date(2026, 10, 1))
    [*_, deactivated, reactivated] = history(db, ("scheme", scheme.id))
    assert deactivated.detail["changes"] == {"deactivated_from": [None, "2026-08-01"]}
    assert reactivated.detail["changes"] == {"reactivated_from": [None, "2026-09-01"]}


def test_only_a_pause_that_has_not_begun_is_cancelled(db: Session, world: World) -> None:
    scheme = _approved(db, world)
    begun = pause(db, None, scheme, None, TODAY, date(2026, 12, 1), EARLIEST)
    ahead = pause(db, None, scheme, None, date(2027, 1, 1), None, EARLIEST)
    db.commit()
    with pytest.raises(PauseGone):
        cancel(db, None, scheme, begun.id, TODAY)
    db.rollback()
    cancel(db, None, scheme, ahead.id, TODAY)
    db.commit()
    assert list(db.scalars(select(SchemePause.id))) == [begun.id]
    with pytest.raises(PauseGone):
        cancel(db, None, scheme, ahead.id, TODAY)


def _log(db: Session, world: World, scheme: Scheme, day: date, **fields: Any) -> Log:
    [place] = locations_of(db, scheme.id)
    made = Log(
        **{
            "collection": "lettings",
            "collection_year": 2026,
            "status": "saved",
            "owning_institution_id": world.owner.id,
            "event_date": day,
            "answers": {"scheme_id": scheme.id, "location_id": place.id, "hhmemb": 2},
            **fields,
        }
    )
    db.add(made)
    db.flush()
    return made


def test_logs_that_begin_in_the_gap_lose_scheme_and_location_and_no_others(
    db: Session, world: World
) -> None:
    scheme, other = _approved(db, world), _approved(db, world, "Other")
    start, end = date(2026, 8, 1), date(2026, 9, 1)
    touched = [
        _log(db, world, scheme, start),
        _log(db, world, scheme, date(2026, 8, 31), status="valid"),
        _log(db, world, scheme, date(2026, 8, 15), status="invalid"),
    ]
    left = [
        _log(db, world, scheme, date(2026, 7, 31)),
        _log(db, world, scheme, end),
        _log(db, world, other, start),
        _log(db, world, scheme, start, status="dropped"),
        _log(db, world, scheme, start, collection_year=2025),
    ]
    db.commit()
    found = unsettle(db, world.admin.id, scheme, logs_in_gap(scheme, None, start, end, [2026]))
    db.commit()
    assert [log.id for log in found] == [log.id for log in touched]
    assert [log.status for log in touched] == ["saved", "saved", "invalid"]
    for log in touched:
        db.refresh(log)
        assert log.answers == {"hhmemb": 2}
        assert (log.unresolved, log.version) == (True, 2)
    for log in left:
        db.refresh(log)
        assert "scheme_id" in log.answers
        assert not log.unresolved
    [event] = history(db, ("log", touched[1].id))
    [place] = locations_of(db, scheme.id)
    assert event.detail["changes"] == {
        "scheme_id": [scheme.id, None],
        "location_id": [place.id, None],
        "unresolved": [False, True],
        "status": ["valid", "saved"],
    }


def test_a_deactivated_location_unsettles_only_its_own_logs(db: Session, world: World) -> None:
    scheme = _approved(db, world)
    mine = _log(db, world, scheme, TODAY)
    elsewhere = add_location(db, None, scheme, PLACE | {"postcode": "E1 6AN"})
    query = select(Log).where(
        logs_in_gap(scheme, elsewhere.id, date(2026, 4, 1), None, [2025, 2026])
    )
    assert list(db.scalars(query)) == []
    mine.answers = {**mine.answers, "location_id": elsewhere.id}
    db.commit()
    assert list(db.scalars(query)) == [mine]


def test_an_unresolved_log_is_listed_under_the_scheme_that_it_lost_last(
    db: Session, world: World
) -> None:
    first, second = _approved(db, world), _approved(db, world, "Second")
    log = _log(db, world, first, TODAY)
    unsettle(db, None, first, logs_in_gap(first, None, TODAY, None, [2026]))
    db.commit()
    assert unresolved_of(db, first, true()) == [log]
    assert unresolved_of(db, first, false()) == []
    log.answers, log.unresolved = {"scheme_id": second.id}, False
    db.flush()
    assert unresolved_of(db, first, true()) == []
    unsettle(db, None, second, logs_in_gap(second, None, TODAY, None, [2026]))
    assert unresolved_of(db, first, true()) == []
    assert unresolved_of(db, second, true()) == [log]


def test_a_code_is_read_by_itself_or_by_its_words_in_any_letter_case() -> None:
    assert code_of(CLIENT_GROUPS, "q") == "Q"
    assert code_of(CLIENT_GROUPS, " YOUNG people at risk ") == "Q"
    assert code_of(CLIENT_GROUPS, "young") is None
