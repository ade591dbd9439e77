"""What rules need to know beside a log's own answers: its owner, manager, people and schemes."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.institutions import Institution
from data_access.logs import Log
from data_access.schemes import Location, Scheme
from submission.addresses.facts import address_facts
from submission.authorities import code_in_year


def institution_facts(institution: Institution) -> dict[str, Any]:
    """What rules know of an institution; a list that is empty is not known."""
    return {
        "provider_type": institution.provider_type,
        "rent_periods": list(institution.rent_periods) or None,
        "local_authorities": list(institution.local_authorities) or None,
        "data_protection_confirmed": institution.data_sharing_signed,
        "holds_own_stock": institution.holds_stock,
    }


def _institution(group: str, institution: Institution | None) -> dict[str, Any]:
    if institution is None:
        return {}
    return {f"{group}.{name}": value for name, value in institution_facts(institution).items()}


def context_row(
    owner: Institution | None,
    manager: Institution | None,
    locations: int = 0,
    scheme: Scheme | None = None,
    location: Location | None = None,
    person: Account | None = None,
    year: int | None = None,
) -> dict[str, Any]:
    """The facts of one log by name. `locations` is how many its scheme has.

    Whoever may choose owner, manager and person was settled before the checker is asked, so they
    count as asked for.
    """
    found = {
        **_institution("owning_organisation", owner),
        **_institution("managing_organisation", manager),
        "scheme.location_count": locations,
        "scheme.selectable_location_count": locations,
        "owner_choice_needed": True,
        "manager_choice_needed": True,
        "assignee_choice_needed": True,
    }
    if scheme is not None:
        found["scheme.owning_organisation_id"] = scheme.owner_id
        found["scheme.complete_location_count"] = locations
    if location is not None:
        found["location.postcode"] = location.postcode
        found["location.mobility_type"] = location.mobility_type
        found["location.la_for_year"] = (
            code_in_year(location.local_authority, year) if year else location.local_authority
        )
    if person is not None and person.institution_id is not None:
        found["assigned_to.organisation_id"] = person.institution_id
    return found


def context_frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """The frame of facts that goes to the checker beside the frame of answers, in its order."""
    return pd.DataFrame(list(rows), dtype=object)


def context_of(db: Session, log: Log) -> pd.DataFrame:
    """The facts of a stored log, as a frame of one row."""

    def institution(number: int | None) -> Institution | None:
        return db.get(Institution, number) if number is not None else None

    owner = institution(log.owning_institution_id)
    manager = institution(log.managing_institution_id)
    scheme_id, location_id = log.answers.get("scheme_id"), log.answers.get("location_id")
    scheme = db.get(Scheme, scheme_id) if isinstance(scheme_id, int) else None
    location = db.get(Location, location_id) if isinstance(location_id, int) else None
    locations = 0
    if scheme is not None:
        count = select(func.count()).select_from(Location).where(Location.scheme_id == scheme.id)
        locations = db.scalar(count) or 0
    person = db.get(Account, log.assigned_to_id) if log.assigned_to_id is not None else None
    row = context_row(owner, manager, locations, scheme, location, person, log.collection_year)
    return context_frame([row | address_facts(log.answers, log.collection_year)])
