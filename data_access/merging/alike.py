"""Schemes and groups of one owner that look alike, as they may after a merger."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from data_access.clock import today
from data_access.schemes import APPROVED, Location, ManagementGroup, Scheme, SchemePause


@dataclass(frozen=True)
class Alike:
    """Schemes that share a name or a postcode, and which; empty where one hides its postcode."""

    shared: str
    is_postcode: bool
    schemes: tuple[Scheme, ...]


def schemes_alike(db: Session, owner_id: int) -> list[Alike]:
    """Groups of approved schemes of an owner with the same name or postcode, those in use today."""
    day = today()
    paused = exists().where(
        SchemePause.scheme_id == Scheme.id,
        SchemePause.location_id.is_(None),
        SchemePause.starts_on <= day,
        or_(SchemePause.ends_on.is_(None), SchemePause.ends_on > day),
    )
    in_use = and_(Scheme.owner_id == owner_id, Scheme.status == APPROVED, ~paused)
    schemes = {
        scheme.id: scheme for scheme in db.scalars(select(Scheme).where(in_use).order_by(Scheme.id))
    }
    names: dict[str, set[int]] = defaultdict(set)
    for scheme in schemes.values():
        names[" ".join(scheme.name.lower().split())].add(scheme.id)
    postcodes: dict[str, set[int]] = defaultdict(set)
    places = select(Location.postcode, Location.scheme_id).join(Scheme).where(in_use)
    for postcode, scheme_id in db.execute(places):
        postcodes[postcode].add(scheme_id)
    found = [
        Alike(schemes[min(numbers)].name, False, tuple(schemes[n] for n in sorted(numbers)))
        for numbers in names.values()
        if len(numbers) > 1
    ]
    found += [
        Alike(
            "" if any(schemes[n].confidential for n in numbers) else postcode,
            True,
            tuple(schemes[n] for n in sorted(numbers)),
        )
        for postcode, numbers in postcodes.items()
        if len(numbers) > 1
    ]
    return sorted(found, key=lambda alike: (alike.is_postcode, alike.shared.lower()))


def groups_alike(db: Session, owner_id: int) -> list[tuple[ManagementGroup, ...]]:
    """Management groups of an owner with the same name, which no form would accept; by name."""
    query = select(ManagementGroup).where(ManagementGroup.owner_id == owner_id)
    names: dict[str, list[ManagementGroup]] = defaultdict(list)
    for group in db.scalars(query.order_by(ManagementGroup.id)):
        names[" ".join(group.name.lower().split())].append(group)
    return [tuple(groups) for _, groups in sorted(names.items()) if len(groups) > 1]
