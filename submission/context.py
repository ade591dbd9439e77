"""What rules need to know beside a log's own answers: its owner, manager, people and schemes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data_access.accounts import Account, memberships_of
from data_access.agreement_cover import covered
from data_access.institutions import Institution, InstitutionLink
from data_access.logs import Log
from data_access.mergers import absorbed_by
from data_access.scheme_states import records_of
from data_access.schemes import Location, Scheme
from submission.addresses.facts import address_facts
from submission.scheme_facts import location_facts, scheme_facts


@dataclass(frozen=True)
class Ties:
    """How an institution stands to others: whether any went into it, how many manage for it.

    `covered`: it went into one whose Data Sharing Agreement covers its logs.
    """

    has_absorbed: bool = False
    managing_agents: int = 0
    covered: bool = False


def ties_of(db: Session, institution_ids: Iterable[int] | None = None) -> dict[int, Ties]:
    """The ties of these institutions, or of all, by identifier; those without any are left out."""
    agents = select(InstitutionLink.owner_id, func.count(InstitutionLink.manager_id.distinct()))
    agents = agents.where(InstitutionLink.manager_id != InstitutionLink.owner_id)
    absorbing = select(Institution.merged_into_id).where(Institution.merged_into_id.is_not(None))
    if institution_ids is not None:
        wanted = set(institution_ids)
        agents = agents.where(InstitutionLink.owner_id.in_(wanted))
        absorbing = absorbing.where(Institution.merged_into_id.in_(wanted))
    rows = db.execute(agents.group_by(InstitutionLink.owner_id))
    counts: dict[int, int] = {row[0]: row[1] for row in rows}
    absorbed = set(db.scalars(absorbing))
    under_another = covered(db, institution_ids)
    return {
        number: Ties(number in absorbed, counts.get(number, 0), number in under_another)
        for number in {*counts, *absorbed, *under_another}
        if number is not None
    }


def institution_facts(institution: Institution, ties: Ties = Ties()) -> dict[str, Any]:
    """What rules know of an institution; a list that is empty is not known."""
    return {
        "provider_type": institution.provider_type,
        "rent_periods": list(institution.rent_periods) or None,
        "local_authorities": list(institution.local_authorities) or None,
        "data_protection_confirmed": institution.data_sharing_signed or ties.covered,
        "holds_own_stock": institution.holds_stock,
        "merge_date": institution.merged_on,
        "absorbing_organisation_id": institution.merged_into_id,
        "has_absorbed_organisations": ties.has_absorbed,
        "available_from": institution.available_from,
        "managing_agent_count": ties.managing_agents,
    }


def person_facts(
    institution_ids: Sequence[int],
    within: Iterable[int | None],
    absorbed: Mapping[int, Sequence[int]],
) -> dict[str, Any]:
    """What rules know of the person that a log is assigned to.

    Somebody who works for several institutions counts as of the one that the log concerns, by
    itself or by way of what it absorbed; `absorbed` says what went into which.
    """
    if not institution_ids:
        return {}
    concerned = set(within)

    def fits(number: int) -> bool:
        return bool(concerned & {number, *absorbed.get(number, ())})

    chosen = next((number for number in institution_ids if fits(number)), institution_ids[0])
    return {
        "organisation_id": chosen,
        "absorbed_organisation_ids": list(absorbed.get(chosen, ())) or None,
    }


def context_row(
    owner: Institution | None,
    manager: Institution | None,
    locations: int = 0,
    ties: Mapping[int, Ties] | None = None,
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The facts of one log by name. `locations` is how many its scheme has.

    `more` are facts of its scheme, location and person by their whole names. Whoever may choose
    owner, manager and person was settled before the checker is asked, so they count as asked for.
    """
    found: dict[str, Any] = {
        "scheme.location_count": locations,
        "scheme.selectable_location_count": locations,
        "owner_choice_needed": True,
        "manager_choice_needed": True,
        "assignee_choice_needed": True,
    }
    for group, institution in (("owning_organisation", owner), ("managing_organisation", manager)):
        if institution is not None:
            facts = institution_facts(institution, (ties or {}).get(institution.id, Ties()))
            found |= grouped(group, facts)
    return {**found, **(more or {})}


def grouped(group: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of an institution, scheme, location or person by their whole names."""
    return {f"{group}.{name}": value for name, value in facts.items()}


def context_frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """The frame of facts that goes to the checker beside the frame of answers, in its order."""
    return pd.DataFrame(list(rows), dtype=object)


def context_of(db: Session, log: Log, day: date) -> pd.DataFrame:
    """The facts of a stored log on a day, as a frame of one row."""

    def institution(number: int | None) -> Institution | None:
        return db.get(Institution, number) if number is not None else None

    owner = institution(log.owning_institution_id)
    manager = institution(log.managing_institution_id)
    more: dict[str, Any] = {"unresolved": log.unresolved}
    more |= _person(db, log)
    more |= _place(db, log, day)
    ties = ties_of(db, {one.id for one in (owner, manager) if one is not None})
    row = context_row(owner, manager, 0, ties, more)
    return context_frame([row | address_facts(log.answers, log.collection_year)])


def _person(db: Session, log: Log) -> dict[str, Any]:
    person = db.get(Account, log.assigned_to_id) if log.assigned_to_id is not None else None
    if person is None:
        return {}
    within = (log.owning_institution_id, log.managing_institution_id)
    numbers = [person.institution_id] if person.institution_id is not None else []
    absorbed: dict[int, Sequence[int]] = {}
    if not set(numbers) & set(within):
        # Rare, so that a page's save asks for memberships and mergers only where it matters.
        numbers = [number for number, _ in memberships_of(db, person)]
        absorbed = {number: absorbed_by(db, number) for number in numbers}
    return grouped("assigned_to", person_facts(numbers, within, absorbed))


def _place(db: Session, log: Log, day: date) -> dict[str, Any]:
    scheme_id, location_id = log.answers.get("scheme_id"), log.answers.get("location_id")
    scheme = db.get(Scheme, scheme_id) if isinstance(scheme_id, int) else None
    location = db.get(Location, location_id) if isinstance(location_id, int) else None
    if scheme is None:
        return {}
    [record] = records_of(db, [scheme])
    start = log.event_date
    found = grouped("scheme", scheme_facts(record, start, day))
    if location is not None:
        facts = location_facts(record, location, start, day, log.collection_year)
        found |= grouped("location", facts)
    return found
