"""Schemes after a merger: approved ones end on the old owner and go on under the new one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from data_access.audit import record
from data_access.merging.parties import Parties
from data_access.scheme_decisions import next_number
from data_access.schemes import APPROVED, Location, ManagementGroup, Scheme, SchemePause

# The arrangement type of schemes that the owner manages itself.
BY_OWNER = "D"
_GROUP_COPIED = ("name", "arrangement_type", "agent_id", "agent_name")
_SCHEME_COPIED = (
    "name",
    "confidential",
    "scheme_type",
    "registered_care",
    "client_group",
    "secondary_client_group",
    "support_type",
    "intended_stay",
    "status",
    "submitted_at",
    "submitted_by_id",
    "decided_at",
    "decided_by_id",
)
_LOCATION_COPIED = (
    "name",
    "postcode",
    "local_authority",
    "units",
    "type_of_unit",
    "mobility_type",
)


@dataclass(frozen=True)
class SchemeCounts:
    """Groups, schemes that go on under a new code with their locations, and other schemes."""

    groups: int
    schemes: int
    locations: int
    not_approved: int


@dataclass
class MovedSchemes:
    """The identifiers that took the place of earlier ones, and the codes that are still free."""

    group_codes: Iterator[str]
    scheme_codes: Iterator[str]
    schemes: dict[int, int] = field(default_factory=dict)
    locations: dict[int, int] = field(default_factory=dict)


def count_schemes(db: Session, parties: Parties) -> SchemeCounts:
    """What would move."""
    owned = Scheme.owner_id.in_(parties.merging)
    approved = db.scalar(
        select(func.count()).select_from(Scheme).where(owned, Scheme.status == APPROVED)
    )
    others = db.scalar(
        select(func.count()).select_from(Scheme).where(owned, Scheme.status != APPROVED)
    )
    locations = db.scalar(
        select(func.count())
        .select_from(Location)
        .join(Scheme, Scheme.id == Location.scheme_id)
        .where(owned, Scheme.status == APPROVED)
    )
    groups = db.scalar(
        select(func.count())
        .select_from(ManagementGroup)
        .where(ManagementGroup.owner_id.in_(parties.merging))
    )
    return SchemeCounts(groups or 0, approved or 0, locations or 0, others or 0)


def approved_scheme_ids(db: Session, parties: Parties) -> frozenset[int]:
    """Schemes that end on the day of the merger and go on under another code."""
    query = select(Scheme.id).where(Scheme.owner_id.in_(parties.merging), Scheme.status == APPROVED)
    return frozenset(db.scalars(query))


def move_schemes(db: Session, parties: Parties) -> MovedSchemes:
    """Moves groups and schemes, in the caller's transaction; returns what replaced what.

    An approved scheme is made anew under the absorbing owner, with a code of its own, from the day
    of the merger on, and the old one is deactivated from that day: logs of earlier days keep the
    scheme that they were of. Schemes that were never approved are in no log and just change hands.
    """
    moved = MovedSchemes(_codes(db, ManagementGroup, "G"), _codes(db, Scheme, "S"))
    query = select(ManagementGroup).where(ManagementGroup.owner_id.in_(parties.merging))
    groups = list(db.scalars(query.order_by(ManagementGroup.id)))
    schemes: dict[int, list[Scheme]] = {group.id: [] for group in groups}
    for scheme in db.scalars(
        select(Scheme).where(Scheme.group_id.in_(list(schemes))).order_by(Scheme.id)
    ):
        schemes[scheme.group_id].append(scheme)
    for group in groups:
        _move_group(db, parties, group, schemes[group.id], moved)
    _follow_agents(db, parties)
    return moved


def _move_group(
    db: Session,
    parties: Parties,
    group: ManagementGroup,
    schemes: Sequence[Scheme],
    moved: MovedSchemes,
) -> None:
    approved = [scheme for scheme in schemes if scheme.status == APPROVED]
    home = group
    if approved or group.code is not None:
        home = ManagementGroup(
            owner_id=parties.absorbing,
            created_by_id=parties.by,
            **{name: getattr(group, name) for name in _GROUP_COPIED},
        )
        db.add(home)
        db.flush()
        home.code = next(moved.group_codes)
        _tell(db, parties, "group", home.id, "group_continued", {"continues": group.id})
        _tell(db, parties, "group", group.id, "group_ended_by_merger", {"continued_by": home.id})
    else:
        _change_owner(db, parties, "group", group)
    for scheme in schemes:
        if scheme.status == APPROVED:
            _continue_scheme(db, parties, scheme, home, moved)
        else:
            scheme.group_id = home.id
            _change_owner(db, parties, "scheme", scheme)


def _change_owner(db: Session, parties: Parties, kind: str, thing: Any) -> None:
    changes = {"owner": parties.change(thing.owner_id)}
    thing.owner_id = parties.absorbing
    thing.version += 1
    _tell(db, parties, kind, thing.id, f"{kind}_moved_by_merger", {"changes": changes})


def _continue_scheme(
    db: Session, parties: Parties, scheme: Scheme, group: ManagementGroup, moved: MovedSchemes
) -> None:
    new = Scheme(
        group_id=group.id,
        owner_id=parties.absorbing,
        continues_id=scheme.id,
        created_by_id=parties.by,
        **{name: getattr(scheme, name) for name in _SCHEME_COPIED},
    )
    db.add(new)
    db.flush()
    new.code = next(moved.scheme_codes)
    moved.schemes[scheme.id] = new.id
    places: dict[int, Location] = {}
    query = select(Location).where(Location.scheme_id == scheme.id).order_by(Location.id)
    for location in db.scalars(query):
        places[location.id] = Location(
            scheme_id=new.id,
            available_from=max(location.available_from or parties.day, parties.day),
            **{name: getattr(location, name) for name in _LOCATION_COPIED},
        )
    db.add_all(places.values())
    db.flush()
    moved.locations |= {before: place.id for before, place in places.items()}
    _pause(db, parties, scheme, new, places)
    scheme.version += 1
    _tell(db, parties, "scheme", new.id, "scheme_continued", {"continues": scheme.id})
    _tell(
        db,
        parties,
        "scheme",
        scheme.id,
        "scheme_ended_by_merger",
        {"continued_by": new.id, "from": parties.day},
    )


def _pause(
    db: Session, parties: Parties, scheme: Scheme, new: Scheme, places: dict[int, Location]
) -> None:
    """Carries pauses over for the time after the merger, and ends the old scheme for good."""
    is_ended = False
    for pause in db.scalars(select(SchemePause).where(SchemePause.scheme_id == scheme.id)):
        if pause.ends_on is not None and pause.ends_on <= parties.day:
            continue
        place = places.get(pause.location_id or 0)
        db.add(
            SchemePause(
                scheme_id=new.id,
                location_id=place.id if place else None,
                starts_on=max(pause.starts_on, parties.day),
                ends_on=pause.ends_on,
                created_by_id=pause.created_by_id,
            )
        )
        if pause.location_id is not None:
            continue
        if pause.starts_on >= parties.day:
            db.delete(pause)
        else:
            pause.ends_on = None
            is_ended = True
    if not is_ended:
        db.add(SchemePause(scheme_id=scheme.id, starts_on=parties.day, created_by_id=parties.by))


def _follow_agents(db: Session, parties: Parties) -> None:
    """Groups of any owner whose agent was merged have the absorbing institution as agent.

    An owner that would be its own agent manages the schemes itself.
    """
    query = select(ManagementGroup).where(
        or_(
            ManagementGroup.agent_id.in_(parties.merging),
            and_(
                ManagementGroup.owner_id == parties.absorbing,
                ManagementGroup.agent_id == parties.absorbing,
            ),
        ),
        ManagementGroup.owner_id.not_in(parties.merging),
    )
    for group in db.scalars(query):
        after = parties.after(group.agent_id)
        agent = None if after == group.owner_id else after
        if agent == group.agent_id:
            continue
        changes = {
            "agent": [
                parties.names.get(group.agent_id or 0, ""),
                parties.names.get(agent or 0, ""),
            ]
        }
        group.agent_id = agent
        if agent is None:
            group.arrangement_type = BY_OWNER
        group.version += 1
        detail = {"changes": changes}
        _tell(db, parties, "group", group.id, "group_agent_followed_merger", detail)


def _codes(db: Session, model: type[ManagementGroup] | type[Scheme], sign: str) -> Iterator[str]:
    """Codes that no other has. Should somebody be given one of them meanwhile, the merger fails."""
    first = next_number(db, model, sign)
    return (f"{sign}{number}" for number in count(first))


def _tell(
    db: Session, parties: Parties, kind: str, number: int, action: str, detail: dict[str, Any]
) -> None:
    record(db, parties.by, action, (kind, number), {"merger": parties.merger, **detail})
