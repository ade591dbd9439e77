"""Merging institutions: what moves, what stays, and that it is all or nothing."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data_access.account_sessions import person_for_token, person_of, start_session
from data_access.accounts import Account, ManagedProvider, Membership
from data_access.agreement_cover import covering
from data_access.audit import history
from data_access.clock import now
from data_access.credentials import ApiToken
from data_access.institution_names import InstitutionName
from data_access.institutions import AlreadyTaken, Institution, InstitutionLink
from data_access.logs import Log
from data_access.mergers import DONE, SCHEDULED, Merger, absorbed_by, change_state, why_not
from data_access.merging import MergerRefused, dry_run, merge
from data_access.merging.alike import groups_alike, schemes_alike
from data_access.merging.founding import NewInstitution
from data_access.merging.parties import Parties
from data_access.merging.relations import Relation, plan_relations, without
from data_access.merging.scheduling import cancel_merger, schedule_merger
from data_access.schemes import APPROVED, DRAFT, Location, ManagementGroup, Scheme, SchemePause
from data_access.uploads import Upload

DAY = date(2026, 10, 1)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=9)


@dataclass(frozen=True)
class World:
    """A that goes, B that absorbs, C beside them; an administrator; people of A and B."""

    a: Institution
    b: Institution
    c: Institution
    admin: Account
    coordinator: Account
    provider: Account


def _institution(db: Session, name: str, **fields: Any) -> Institution:
    made = Institution(
        code=f"ORG{name}", name=f"Homes {name}", provider_type="PRP", **{"active": True, **fields}
    )
    db.add(made)
    db.flush()
    return made


def _person(db: Session, name: str, where: Institution | None, role: str = "provider") -> Account:
    made = Account(
        user_name=name,
        email=f"{name}@example.com",
        name=name,
        role=role,
        institution_id=where.id if where else None,
    )
    db.add(made)
    db.flush()
    return made


@pytest.fixture
def world(db: Session) -> World:
    """Three institutions with people."""
    a = _institution(
        db,
        "A",
        general_needs_stock=100,
        supported_stock=20,
        rent_periods=[1, 2],
        local_authorities=["E09000001", "E09000002"],
        owns_almshouses=True,
        data_sharing_signed=True,
    )
    b = _institution(
        db,
        "B",
        general_needs_stock=5,
        rent_periods=[2, 4],
        local_authorities=["E09000002"],
        data_sharing_signed=True,
    )
    c = _institution(db, "C")
    made = World(
        a,
        b,
        c,
        _person(db, "admin", None, "administrator"),
        _person(db, "coordinator-a", a, "coordinator"),
        _person(db, "provider-a", a),
    )
    db.commit()
    return made


def _log(
    db: Session,
    owner: Institution,
    day: date | None,
    status: str = "valid",
    manager: Institution | None = None,
    **answers: Any,
) -> Log:
    by = manager or owner
    made = Log(
        collection="lettings",
        collection_year=2026,
        status=status,
        event_date=day,
        owning_institution_id=owner.id,
        managing_institution_id=by.id,
        answers={
            "owning_organisation_id": owner.id,
            "managing_organisation_id": by.id,
            **({"startdate": day.isoformat()} if day else {}),
            **answers,
        },
    )
    db.add(made)
    db.flush()
    return made


def _merge(db: Session, world: World, *merging: Institution) -> dict[str, int]:
    """Merges into B on DAY, and holds the counts of the dry run against what was done."""
    numbers = tuple(institution.id for institution in (merging or (world.a,)))
    db.commit()
    counted = dry_run(db, Parties(numbers, world.b.id, DAY, world.b.available_from))
    merger = schedule_merger(db, world.admin, numbers, world.b.id, DAY, DAY)
    assert change_state(db, merger, SCHEDULED, DONE)
    merged = merge(db, merger)
    db.commit()
    db.expire_all()
    assert merged.counts == counted == merger.counts
    return counted


def test_the_absorbed_institution_is_kept_as_merged_and_the_other_gains(
    db: Session, world: World
) -> None:
    db.add(InstitutionName(institution_id=world.a.id, name="Never", starts_on=date(2027, 1, 1)))
    counts = _merge(db, world)
    a, b = world.a, world.b
    assert (a.active, a.merged_into_id, a.merged_on, a.name) == (False, b.id, DAY, "Homes A")
    assert (b.general_needs_stock, b.supported_stock, b.unspecified_stock) == (105, 20, None)
    assert b.rent_periods == [2, 4, 1]
    assert b.local_authorities == ["E09000002", "E09000001"]
    assert b.owns_almshouses
    assert (counts["rent_periods"], counts["local_authorities"]) == (1, 1)
    assert db.scalar(select(func.count()).select_from(InstitutionName)) == 0
    assert history(db, ("institution", a.id))[-1].action == "institution_merged"
    [absorbed] = [
        event
        for event in history(db, ("institution", b.id))
        if event.action == "institution_absorbed"
    ]
    assert absorbed.detail["changes"]["general_needs_stock"] == [5, 105]
    assert absorbed.account_id == world.admin.id


def test_users_move_with_their_lists_and_sign_in_again(db: Session, world: World) -> None:
    outsider = _person(db, "outsider", world.c)
    db.add_all(
        [
            ManagedProvider(
                institution_id=world.a.id,
                coordinator_id=world.coordinator.id,
                provider_id=world.provider.id,
            ),
            ManagedProvider(
                institution_id=world.b.id,
                coordinator_id=world.coordinator.id,
                provider_id=world.provider.id,
            ),
            Upload(
                institution_id=world.a.id,
                account_id=world.provider.id,
                collection="lettings",
                collection_year=2026,
                file_name="a.csv",
                file_hash="x",
                size=1,
                state="done",
            ),
            ApiToken(
                token_hash="t",
                handle="h",
                account_id=world.provider.id,
                institution_id=world.a.id,
                name="program",
                created_at=now(),
                expires_at=now(),
            ),
        ]
    )
    token, kept = start_session(db, world.provider), start_session(db, outsider)
    counts = _merge(db, world)
    assert (counts["users"], counts["managed"], counts["uploads"]) == (2, 1, 1)
    assert world.provider.institution_id == world.coordinator.institution_id == world.b.id
    [listed] = db.scalars(select(ManagedProvider))
    assert listed.institution_id == world.b.id
    assert db.scalars(select(Upload.institution_id)).one() == world.b.id
    assert db.scalars(select(ApiToken.institution_id)).one() == world.b.id
    assert person_for_token(db, token) is None
    assert person_for_token(db, kept) is not None
    [event] = history(db, ("user", world.provider.id))
    assert event.detail["changes"] == {"institution": ["Homes A (ORGA)", "Homes B (ORGB)"]}


def test_who_worked_for_both_works_for_one_in_the_higher_role(db: Session, world: World) -> None:
    own_and_member = _person(db, "one", world.a)
    at_b = _person(db, "two", world.b)
    elsewhere = _person(db, "three", world.c)
    only_a = _person(db, "four", world.c)
    db.add_all(
        [
            Membership(account_id=own_and_member.id, institution_id=world.b.id, role="coordinator"),
            Membership(account_id=at_b.id, institution_id=world.a.id, role="coordinator"),
            Membership(account_id=elsewhere.id, institution_id=world.a.id, role="coordinator"),
            Membership(account_id=elsewhere.id, institution_id=world.b.id, role="provider"),
            Membership(account_id=only_a.id, institution_id=world.a.id, role="provider"),
            ManagedProvider(
                institution_id=world.b.id,
                coordinator_id=world.coordinator.id,
                provider_id=at_b.id,
            ),
        ]
    )
    _merge(db, world)
    assert (own_and_member.institution_id, own_and_member.role) == (world.b.id, "coordinator")
    assert (at_b.institution_id, at_b.role) == (world.b.id, "coordinator")
    rows = db.execute(
        select(Membership.account_id, Membership.institution_id, Membership.role).order_by(
            Membership.account_id
        )
    ).all()
    assert [tuple(row) for row in rows] == [
        (elsewhere.id, world.b.id, "coordinator"),
        (only_a.id, world.b.id, "provider"),
    ]
    # Co-ordinators cannot be managed.
    assert db.scalar(select(func.count()).select_from(ManagedProvider)) == 0


def test_open_logs_and_those_of_the_day_or_later_move_and_earlier_valid_ones_stay(
    db: Session, world: World
) -> None:
    stays = _log(db, world.a, BEFORE)
    on_the_day, later = _log(db, world.a, DAY), _log(db, world.a, AFTER)
    saved, invalid = _log(db, world.a, BEFORE, "saved"), _log(db, world.a, None, "invalid")
    dropped = _log(db, world.a, AFTER, "dropped")
    managed = _log(db, world.c, AFTER, manager=world.a)
    others = _log(db, world.c, AFTER)
    counts = _merge(db, world)
    assert (counts["logs_open"], counts["logs_valid"], counts["logs_staying"]) == (2, 3, 1)
    for log in (on_the_day, later, saved, invalid):
        assert log.owning_institution_id == log.managing_institution_id == world.b.id
        assert log.answers["owning_organisation_id"] == world.b.id
        assert log.answers["managing_organisation_id"] == world.b.id
        assert log.version == 2
        [event] = history(db, ("log", log.id))
        assert event.detail["changes"]["owning_organisation_id"] == [world.a.id, world.b.id]
    assert (managed.owning_institution_id, managed.managing_institution_id) == (
        world.c.id,
        world.b.id,
    )
    for log in (stays, dropped):
        assert (log.owning_institution_id, log.version) == (world.a.id, 1)
        assert history(db, ("log", log.id)) == []
    assert others.version == 1


def _scheme(
    db: Session, owner: Institution, group: ManagementGroup, code: str | None, **fields: Any
) -> tuple[Scheme, Location]:
    scheme = Scheme(
        code=code,
        group_id=group.id,
        owner_id=owner.id,
        **{"name": f"Scheme {code}", "status": APPROVED, **fields},
    )
    db.add(scheme)
    db.flush()
    location = Location(scheme_id=scheme.id, postcode="SW1A 1AA", units=3)
    db.add(location)
    db.flush()
    return scheme, location


def _group(db: Session, owner: Institution, code: str | None = None) -> ManagementGroup:
    group = ManagementGroup(code=code, owner_id=owner.id, name="Supported")
    db.add(group)
    db.flush()
    return group


def test_an_approved_scheme_goes_on_under_a_new_code_and_logs_follow_by_their_day(
    db: Session, world: World
) -> None:
    group = _group(db, world.a, "G1")
    scheme, location = _scheme(db, world.a, group, "S1", client_group="A")
    named = {"scheme_id": scheme.id, "location_id": location.id}
    later = _log(db, world.a, AFTER, **named)
    early_open = _log(db, world.a, BEFORE, "saved", **named)
    counts = _merge(db, world)
    assert (counts["groups"], counts["schemes"], counts["locations"]) == (1, 1, 1)
    new = db.scalars(select(Scheme).where(Scheme.continues_id == scheme.id)).one()
    assert (new.owner_id, new.status, new.client_group) == (world.b.id, APPROVED, "A")
    assert new.code and new.code != "S1"
    new_group = db.get(ManagementGroup, new.group_id)
    assert new_group is not None and new_group.owner_id == world.b.id
    assert new_group.code and new_group.code != "G1"
    place = db.scalars(select(Location).where(Location.scheme_id == new.id)).one()
    assert (place.postcode, place.available_from) == ("SW1A 1AA", DAY)
    [pause] = db.scalars(select(SchemePause))
    assert (pause.scheme_id, pause.starts_on, pause.ends_on) == (scheme.id, DAY, None)
    assert (scheme.owner_id, group.owner_id) == (world.a.id, world.a.id)
    assert (later.answers["scheme_id"], later.answers["location_id"]) == (new.id, place.id)
    # The new scheme did not exist on its day, so it stays whole.
    assert early_open.answers["scheme_id"] == scheme.id
    assert early_open.owning_institution_id == world.a.id


def test_codes_that_are_in_use_are_not_given_again(db: Session, world: World) -> None:
    _scheme(db, world.a, _group(db, world.a, "G1"), "S1")
    _scheme(db, world.a, _group(db, world.a, "G2"), "S2")
    _scheme(db, world.b, _group(db, world.b, "G9"), "S30")
    _merge(db, world)
    assert set(db.scalars(select(Scheme.code))) == {"S1", "S2", "S30", "S31", "S32"}
    assert set(db.scalars(select(ManagementGroup.code))) == {"G1", "G2", "G9", "G10", "G11"}


def test_a_scheme_that_was_never_approved_changes_hands(db: Session, world: World) -> None:
    group = _group(db, world.a)
    scheme, _ = _scheme(db, world.a, group, None, status=DRAFT)
    counts = _merge(db, world)
    assert (counts["schemes"], counts["not_approved"]) == (0, 1)
    assert (scheme.owner_id, group.owner_id, scheme.group_id) == (world.b.id, world.b.id, group.id)
    assert db.scalar(select(func.count()).select_from(Scheme)) == 1


def test_pauses_are_carried_over_and_never_overlap(db: Session, world: World) -> None:
    scheme, _ = _scheme(db, world.a, _group(db, world.a, "G1"), "S1")
    db.add_all(
        [
            SchemePause(scheme_id=scheme.id, starts_on=date(2026, 1, 1), ends_on=date(2026, 2, 1)),
            SchemePause(scheme_id=scheme.id, starts_on=date(2026, 9, 1), ends_on=date(2026, 11, 1)),
            SchemePause(scheme_id=scheme.id, starts_on=date(2027, 1, 1), ends_on=date(2027, 2, 1)),
        ]
    )
    _merge(db, world)
    new = db.scalars(select(Scheme.id).where(Scheme.continues_id == scheme.id)).one()

    def pauses(number: int) -> list[tuple[date, date | None]]:
        query = select(SchemePause).where(SchemePause.scheme_id == number)
        return sorted((pause.starts_on, pause.ends_on) for pause in db.scalars(query))

    assert pauses(scheme.id) == [
        (date(2026, 1, 1), date(2026, 2, 1)),
        (date(2026, 9, 1), None),
    ]
    assert pauses(new) == [
        (DAY, date(2026, 11, 1)),
        (date(2027, 1, 1), date(2027, 2, 1)),
    ]


def test_an_agent_that_was_merged_is_followed(db: Session, world: World) -> None:
    theirs, own = _group(db, world.c, "G1"), _group(db, world.b, "G2")
    theirs.agent_id = own.agent_id = world.a.id
    theirs.arrangement_type = own.arrangement_type = "R"
    _merge(db, world)
    assert (theirs.agent_id, own.agent_id) == (world.b.id, None)
    # What its own agent managed, the owner manages itself.
    assert (theirs.arrangement_type, own.arrangement_type) == ("R", "D")


@pytest.mark.parametrize(
    ("stored", "ending", "falling_away", "beginning"),
    [
        # Its own homes; the other is not yet its own child.
        ([(1, 1, None, None)], 1, 0, [(2, 2, DAY, None)]),
        # Both are their own children already.
        ([(1, 1, None, None), (2, 2, None, None)], 1, 0, []),
        # One managed for the other.
        ([(2, 1, None, None)], 1, 0, [(2, 2, DAY, None)]),
        # A third managed for both at different times.
        (
            [(1, 3, None, None), (2, 3, date(2026, 12, 1), date(2026, 12, 31))],
            1,
            0,
            [(2, 3, DAY, date(2026, 11, 30)), (2, 3, date(2027, 1, 1), None)],
        ),
        # It was to begin after the merger, or has ended before.
        ([(1, 3, AFTER, None)], 0, 1, [(2, 3, AFTER, None)]),
        ([(1, 3, None, BEFORE)], 0, 0, []),
        ([(1, 3, DAY, DAY)], 0, 1, [(2, 3, DAY, DAY)]),
    ],
)
def test_relations_end_and_begin_without_overlap(
    stored: list[Any], ending: int, falling_away: int, beginning: list[Any]
) -> None:
    rows = [Relation(number, *row) for number, row in enumerate(stored, start=1)]
    plan = plan_relations(rows, Parties((1,), 2, DAY))
    assert (len(plan.ending), len(plan.falling_away)) == (ending, falling_away)
    found = [(row.owner, row.manager, row.starts_on, row.ends_on) for row in plan.beginning]
    assert found == beginning


def test_what_is_left_of_a_time() -> None:
    assert without((None, None), []) == [(None, None)]
    assert without((DAY, AFTER), [(None, None)]) == []
    assert without((None, AFTER), [(DAY, None)]) == [(None, BEFORE)]
    assert without((DAY, DAY), [(None, BEFORE)]) == [(DAY, DAY)]


def test_stored_relations_end_the_day_before_and_begin_on_the_day(
    db: Session, world: World
) -> None:
    db.add_all(
        [
            InstitutionLink(owner_id=world.a.id, manager_id=world.a.id),
            InstitutionLink(owner_id=world.c.id, manager_id=world.a.id),
        ]
    )
    counts = _merge(db, world)
    assert (counts["relations_ending"], counts["relations_beginning"]) == (2, 2)
    rows = [
        (link.owner_id, link.manager_id, link.starts_on, link.ends_on)
        for link in db.scalars(select(InstitutionLink).order_by(InstitutionLink.id))
    ]
    assert rows == [
        (world.a.id, world.a.id, None, BEFORE),
        (world.c.id, world.a.id, None, BEFORE),
        (world.b.id, world.b.id, DAY, None),
        (world.c.id, world.b.id, DAY, None),
    ]


def test_an_absorbed_institution_keeps_its_own_flag_of_the_agreement(
    db: Session, world: World
) -> None:
    world.a.data_sharing_signed = False
    db.commit()
    _merge(db, world)
    assert not world.a.data_sharing_signed
    assert covering(db, world.a) == world.b
    changes = [
        event.detail["changes"]
        for event in history(db, ("institution", world.a.id))
        if event.action == "institution_merged"
    ]
    assert len(changes) == 1 and "data_sharing_signed" not in changes[0]


def test_a_new_institution_begins_on_the_day_and_takes_no_log_of_an_earlier_one(
    db: Session, world: World
) -> None:
    early, late = _log(db, world.a, BEFORE, "saved"), _log(db, world.a, DAY, "saved")
    undated = _log(db, world.a, None, "saved")
    db.commit()
    new = NewInstitution("New Homes", "PRP", "L1")
    merger = schedule_merger(db, world.admin, [world.a.id, world.c.id], new, DAY, DAY)
    assert change_state(db, merger, SCHEDULED, DONE)
    merge(db, merger)
    db.commit()
    made = db.get(Institution, merger.absorbing_id)
    assert made is not None
    assert (made.available_from, made.name, made.registration_number) == (DAY, "New Homes", "L1")
    assert (made.general_needs_stock, made.holds_stock, made.rent_periods) == (100, True, [1, 2])
    assert not made.data_sharing_signed
    assert early.owning_institution_id == world.a.id
    assert late.owning_institution_id == undated.owning_institution_id == made.id


def test_a_name_or_number_that_another_has_makes_no_institution(db: Session, world: World) -> None:
    world.c.registration_number = "L1"
    db.commit()
    for new, field in (
        (NewInstitution("homes b", "PRP", ""), "name"),
        (NewInstitution("New Homes", "PRP", "l1"), "registration_number"),
    ):
        with pytest.raises(AlreadyTaken) as refused:
            schedule_merger(db, world.admin, [world.a.id], new, DAY, DAY)
        assert refused.value.field == field
    assert db.scalar(select(func.count()).select_from(Institution)) == 3
    assert db.scalar(select(func.count()).select_from(Merger)) == 0


def test_what_stands_in_the_way_is_said(db: Session, world: World) -> None:
    a, b, c = world.a, world.b, world.c
    assert why_not(db, [a.id], b) == []
    assert why_not(db, [], b) == ["Choose at least one institution that goes into another."]
    assert why_not(db, [a.id, a.id], b) == ["An institution is chosen twice."]
    assert why_not(db, [b.id], b) == ["Homes B cannot go into itself."]
    assert why_not(db, [999], b) == ["One of the institutions is not known."]
    c.active = False
    assert why_not(db, [a.id], c) == [
        "Homes C is not active. Reactivate it first, or choose another."
    ]
    c.merged_into_id = b.id
    assert why_not(db, [c.id], b) == ["Homes C has been merged into another institution already."]
    assert why_not(db, [a.id], c) == ["Homes C has itself been merged into another institution."]
    db.rollback()
    merger = schedule_merger(db, world.admin, [a.id], b.id, DAY, DAY)
    assert why_not(db, [a.id], c) == ["Homes A is part of another merger that is scheduled."]
    with pytest.raises(MergerRefused):
        schedule_merger(db, world.admin, [a.id], c.id, DAY, DAY)
    assert cancel_merger(db, world.admin, merger)
    assert not cancel_merger(db, world.admin, merger)
    assert why_not(db, [a.id], c) == []


def test_institutions_absorbed_by_way_of_others_count_for_a_person(
    db: Session, world: World
) -> None:
    _merge(db, world)
    assert absorbed_by(db, world.b.id) == (world.a.id,)
    world.b.merged_into_id = world.c.id
    db.commit()
    assert set(absorbed_by(db, world.c.id)) == {world.a.id, world.b.id}
    assert set(person_of(db, _person(db, "x", world.c)).absorbed) == {world.a.id, world.b.id}


def test_schemes_that_share_a_name_or_postcode_are_found(db: Session, world: World) -> None:
    _scheme(db, world.a, _group(db, world.a, "G1"), "S1", name="The  Mill")
    _scheme(db, world.b, _group(db, world.b, "G2"), "S2", name="the mill", confidential=True)
    assert schemes_alike(db, world.b.id) == []
    _merge(db, world)
    found = schemes_alike(db, world.b.id)
    assert [(alike.is_postcode, alike.shared, len(alike.schemes)) for alike in found] == [
        (False, "the mill", 2),
        # One of them hides its postcode.
        (True, "", 2),
    ]
    # The ended scheme of the absorbed institution is in use no more.
    assert schemes_alike(db, world.a.id) == []


def test_groups_of_one_owner_with_one_name_are_found(db: Session, world: World) -> None:
    first, second = _group(db, world.a, "G1"), _group(db, world.b, "G2")
    other = _group(db, world.b, "G3")
    first.name, second.name, other.name = "Sheltered  Homes", "sheltered homes", "Hostels"
    db.commit()
    assert groups_alike(db, world.b.id) == []
    _merge(db, world)
    found = groups_alike(db, world.b.id)
    assert [{" ".join(one.name.lower().split()) for one in groups} for groups in found] == [
        {"sheltered homes"}
    ]
    assert groups_alike(db, world.a.id) == []
