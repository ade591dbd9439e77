"""The registry of stored institutions, people and schemes, as far as an uploader may name them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.accounts import Account, Actor
from data_access.institutions import Institution, InstitutionLink
from data_access.schemes import APPROVED, Location, Scheme
from submission.authorities import code_in_year
from submission.context import institution_facts
from submission.reach import possible_owners
from submission.uploads.registry import Known, Registry, plain_code

_OWNER_UNKNOWN = (
    "No stock owner whose homes you may report has this code. Check it, or ask an administrator to "
    "link your institution with the owner."
)


def registry_for(db: Session, uploader: Actor, year: int) -> Registry:
    """What codes mean to this person: owners within reach, their managers, people and schemes."""
    owners = possible_owners(db, uploader)
    own = uploader.institution_id
    links = {
        tuple(row)
        for row in db.execute(select(InstitutionLink.owner_id, InstitutionLink.manager_id))
    }
    by_id = {found.id: found for found in db.scalars(select(Institution))}
    reachable = {owner.id for owner in owners}
    managers = {
        (owner, manager)
        for owner, manager in links
        if owner in reachable and (own is None or own in (owner, manager))
    }
    within = reachable | {manager for _, manager in managers}
    institutions = {
        plain_code(by_id[number].code): Known(
            number,
            {
                **institution_facts(by_id[number]),
                "holds_own_stock": by_id[number].holds_stock if number in reachable else None,
            },
        )
        for number in within
        if by_id[number].active
    }
    people = {
        account.email.lower(): Known(
            account.id,
            {"organisation_id": account.institution_id},
            by_id[account.institution_id].code,
        )
        for account in db.scalars(
            select(Account).where(Account.active, Account.institution_id.in_(within))
        )
        if account.institution_id is not None
    }
    registry = Registry(
        institutions,
        people,
        {},
        {},
        {(plain_code(by_id[o].code), plain_code(by_id[m].code)) for o, m in managers},
        owner_unknown=_OWNER_UNKNOWN,
    )
    if own is not None:
        registry.default_person = Known(uploader.id, {"organisation_id": own}, by_id[own].code)
    _add_schemes(db, registry, by_id, within, year)
    return registry


def _add_schemes(
    db: Session,
    registry: Registry,
    by_id: dict[int, Institution],
    within: set[int],
    year: int,
) -> None:
    schemes = list(
        db.scalars(select(Scheme).where(Scheme.owner_id.in_(within), Scheme.status == APPROVED))
    )
    places: dict[int, list[Location]] = {}
    listed = select(Location).where(Location.scheme_id.in_([scheme.id for scheme in schemes]))
    for place in db.scalars(listed):
        places.setdefault(place.scheme_id, []).append(place)
    assert registry.schemes is not None
    for scheme in schemes:
        code = plain_code(scheme.code or "").removeprefix("S")
        mine = places.get(scheme.id, [])
        registry.schemes[code] = Known(
            scheme.id,
            {
                "owning_organisation_id": scheme.owner_id,
                "location_count": len(mine),
                "complete_location_count": len(mine),
                "selectable_location_count": len(mine),
            },
            by_id[scheme.owner_id].code,
        )
        for place in mine:
            registry.locations[code, plain_code(place.id)] = Known(
                place.id,
                {
                    "postcode": place.postcode,
                    "mobility_type": place.mobility_type,
                    "la_for_year": code_in_year(place.local_authority, year),
                },
            )
