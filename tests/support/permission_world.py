"""A small world in which something of every kind stands in every relation to a person.

Four institutions: the person's own, a child that manages homes for it, a parent whose homes it
manages, and another that has nothing to do with it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from data_access.accounts import Account, ManagedProvider, Membership
from data_access.institutions import Institution, InstitutionLink
from data_access.logs import Log
from data_access.mistake_reports import MistakeReport
from data_access.release_records import APPROVED, CHECKED, ReleaseAccess, ReleaseRecord
from data_access.schemes import Location, ManagementGroup, Scheme
from data_access.uploads import Upload

# The officer is a data provider who is the institution's Data Protection Officer as well.
PEOPLE = ("provider", "officer", "coordinator", "statistician", "administrator")
PLACES = ("institution", "child", "parent", "other")
SCHEME_STATES = ("draft", "submitted", "approved")
NEVER_GIVEN_OUT = 999_999


@dataclass
class World:
    """Identifiers: `things` by kind, relation and state, own things by kind, role and state."""

    places: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    things: dict[tuple[str, str, str], int] = field(default_factory=dict)
    own: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def thing(self, kind: str, relation: str, role: str, state: str = "") -> int | None:
        """What of a kind stands in a relation to the person of a role, or None."""
        if relation == "own":
            return self.own.get((kind, role, state))
        return self.things.get((kind, relation, state))


def make_world(db: Session) -> World:
    """Fills an empty database, and commits."""
    world = World()
    _make_places(db, world)
    _make_people(db, world)
    for relation, place in (*((name, name) for name in PLACES), ("managed", "child")):
        worker = world.things["user", relation, ""]
        number = world.places[place]
        # What a managed provider makes for the own institution is the institution's as well.
        owner = world.places["institution"] if relation == "managed" else number
        world.things["log", relation, ""] = _log(db, owner, number, worker)
        world.things["upload", relation, ""] = _upload(db, number, worker)
        world.things["mistake", relation, ""] = _mistake(db, number, worker, relation)
    for place in PLACES:
        number = world.places[place]
        world.things["institution", place, ""] = number
        group = _group(db, number, f"Group of {place}", None, "approved")
        world.things["group", place, ""] = group
        for state in SCHEME_STATES:
            made = _scheme(db, number, group, f"Scheme of {place}", None, state)
            world.things["scheme", place, state] = made
    # Without an approved scheme, and so without a code: no agent can choose from it.
    parent = world.places["parent"]
    world.things["group", "parent's draft", ""] = _group(db, parent, "New", None, "draft")
    for state in ("draft", "submitted"):
        world.things["scheme", "parent's draft", state] = world.things["scheme", "parent", state]
        del world.things["scheme", "parent", state]
    world.things["release", "other", ""] = _release(db, None, CHECKED)
    world.things["release", "named", ""] = _release(db, None, APPROVED, world.people.values())
    for role in PEOPLE:
        _make_own(db, world, role)
    db.commit()
    return world


def _make_places(db: Session, world: World) -> None:
    for number, place in enumerate(PLACES, 1):
        db.add(
            Institution(
                id=number,
                code=f"ORG{number}",
                name=f"The {place} institution",
                provider_type="PRP",
                registration_number=f"L{number}",
                address_line1="1 High Street",
                town="Leeds",
                postcode="LS1 1AA",
                general_needs_stock=100,
                # The own one has still to sign, so that the page to sign on is there.
                data_sharing_signed=place != "institution",
                rent_periods=[1],
                local_authorities=["E08000035"],
            )
        )
        world.places[place] = number
    db.flush()
    mine, child = world.places["institution"], world.places["child"]
    parent, other = world.places["parent"], world.places["other"]
    for owner, manager in (
        (mine, mine),
        (mine, child),
        (parent, mine),
        (parent, parent),
        (other, other),
    ):
        db.add(InstitutionLink(owner_id=owner, manager_id=manager))
    db.flush()


def _account(db: Session, name: str, role: str, place: int | None, **more: str) -> int:
    account = Account(
        user_name=name,
        email=f"{name}@example.com",
        name=f"{name} person".capitalize(),
        # Nobody signs in with a password here.
        password_hash="none",
        role=role,
        institution_id=place,
        **more,
    )
    db.add(account)
    db.flush()
    return account.id


def _make_people(db: Session, world: World) -> None:
    mine = world.places["institution"]
    officer = {"contact_priority": "Data Protection Officer"}
    for role in PEOPLE:
        central = role in ("statistician", "administrator")
        world.people[role] = _account(
            db,
            role,
            "provider" if role == "officer" else role,
            None if central else mine,
            **(officer if role == "officer" else {}),
        )
        world.own["user", role, ""] = world.people[role]
    for place in PLACES:
        number = world.places[place]
        world.things["user", place, ""] = _account(db, f"of-{place}", "provider", number)
    managed = _account(db, "of-managed", "provider", world.places["child"])
    world.things["user", "managed", ""] = managed
    db.add(
        ManagedProvider(
            institution_id=mine, coordinator_id=world.people["coordinator"], provider_id=managed
        )
    )
    member = _account(db, "of-member", "provider", world.places["other"])
    world.things["user", "member", ""] = member
    db.add(Membership(account_id=member, institution_id=mine, role="provider"))
    db.flush()


def _make_own(db: Session, world: World, role: str) -> None:
    """What a person made: for nobody yet, for the own institution, or once in another one."""
    person, other = world.people[role], world.places["other"]
    mine = world.places["institution"]
    world.own["release", role, ""] = _release(db, person, CHECKED)
    world.own["log", role, ""] = _log(db, None, None, person)
    central = role in ("statistician", "administrator")
    world.own["upload", role, ""] = _upload(db, None if central else mine, person)
    if not central:
        world.own["mistake", role, ""] = _mistake(db, mine, person, role)
    world.own["group", role, ""] = _group(db, other, f"Group by {role}", person, "draft")
    group = world.own["group", role, ""]
    for state in SCHEME_STATES:
        made = _scheme(db, other, group, f"Scheme by {role}", person, state)
        world.own["scheme", role, state] = made


def _release(db: Session, author: int | None, state: str, named: Iterable[int] = ()) -> int:
    """A release without files, which some people may look at until long after the test."""
    record = ReleaseRecord(
        state=state, number="9.0.0", periods=["2026"], issued=date(2199, 1, 1), created_by_id=author
    )
    db.add(record)
    db.flush()
    starts, ends = datetime(2000, 1, 1, tzinfo=UTC), datetime(2199, 1, 1, tzinfo=UTC)
    for person in named:
        db.add(
            ReleaseAccess(release_id=record.id, account_id=person, starts_at=starts, ends_at=ends)
        )
    db.flush()
    return record.id


def _log(db: Session, owner: int | None, manager: int | None, worker: int) -> int:
    answers: Mapping[str, int | None] = {
        "owning_organisation_id": owner,
        "managing_organisation_id": manager,
        "assigned_to_id": worker,
    }
    log = Log(
        collection="lettings",
        collection_year=2026,
        status="saved",
        owning_institution_id=owner,
        managing_institution_id=manager,
        created_by_id=worker,
        assigned_to_id=worker,
        event_date=date(2026, 6, 1),
        answers={name: value for name, value in answers.items() if value is not None},
    )
    db.add(log)
    db.flush()
    return log.id


def _upload(db: Session, place: int | None, worker: int) -> int:
    upload = Upload(
        institution_id=place,
        account_id=worker,
        collection="lettings",
        collection_year=2026,
        file_name="logs.csv",
        file_hash="0" * 64,
        size=1,
        state="failed",
        message="The file has no rows.",
    )
    db.add(upload)
    db.flush()
    return upload.id


def _mistake(db: Session, place: int, worker: int, who: str) -> int:
    report = MistakeReport(
        institution_id=place, account_id=worker, part="details", text=f"Mistake seen by {who}"
    )
    db.add(report)
    db.flush()
    return report.id


def _group(db: Session, place: int, name: str, author: int | None, state: str) -> int:
    group = ManagementGroup(
        owner_id=place, name=name, arrangement_type="D", created_by_id=author, code=None
    )
    db.add(group)
    db.flush()
    if state == "approved":
        group.code = f"G{group.id}"
    return group.id


def _scheme(db: Session, place: int, group: int, name: str, author: int | None, state: str) -> int:
    scheme = Scheme(
        group_id=group,
        owner_id=place,
        name=f"{name}, {state}",
        status=state,
        created_by_id=author,
        scheme_type="6",
        registered_care="1",
        client_group="M",
        support_type="3",
        # A draft still lacks something, so that sending it changes nothing.
        intended_stay=None if state == "draft" else "M",
    )
    db.add(scheme)
    db.flush()
    if state == "approved":
        scheme.code = f"S{scheme.id}"
    db.add(
        Location(
            scheme_id=scheme.id,
            postcode="LS1 1AA",
            local_authority="E08000035",
            units=4,
            type_of_unit="1",
            mobility_type="N",
        )
    )
    db.flush()
    return scheme.id
