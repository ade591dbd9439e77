"""The registry of stored institutions, people and schemes, as far as an uploader may name them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.accounts import Account, Actor, Membership, works_for_any
from data_access.institutions import Institution, InstitutionLink
from data_access.scheme_states import SchemeRecord, records_of
from data_access.schemes import APPROVED, Location, Scheme
from submission.context import institution_facts, person_facts, ties_of
from submission.reach import no_figure_in_words, shows_stock
from submission.relations import Period
from submission.scheme_facts import location_facts, scheme_facts
from submission.uploads.registry import Known, Registry, plain_code, scheme_code

_OWNER_UNKNOWN = (
    "No stock owner whose homes you may report has this code. Check it, or ask an administrator to "
    "link your institution with the owner."
)
_NO_HOMES = (
    "This institution owns no homes, so it cannot be the owner. Enter the code of the institution "
    "whose home it is."
)
Pair = tuple[int, int]


def registry_for(db: Session, uploader: Actor, year: int, today: date) -> Registry:
    """What codes mean to this person: owners within reach, their managers, people and schemes.

    Relations and institutions that are over are known too: a row is held against its own date.
    """
    by_id = {found.id: found for found in db.scalars(select(Institution))}
    absorbed = _absorbed(by_id.values())
    own = uploader.institution_id
    ours = set(by_id) if own is None else {own, *absorbed.get(own, ())}
    relations = {
        pair: periods for pair, periods in _relations(db, absorbed).items() if ours & set(pair)
    }
    owners = (ours | {owner for owner, _ in relations}) if own is not None else set(by_id)
    within = owners | {manager for _, manager in relations}
    within = {number for number in within if _is_there(by_id[number])}
    ties = ties_of(db)
    registry = Registry(
        {
            plain_code(by_id[number].code): Known(
                number,
                institution_facts(by_id[number], ties[number])
                if number in ties
                else institution_facts(by_id[number]),
                cannot_own=_cannot_own(by_id[number]) if number in owners else _OWNER_UNKNOWN,
            )
            for number in within
        },
        _people(db, by_id, within, absorbed),
        {},
        {},
        {
            (plain_code(by_id[owner].code), plain_code(by_id[manager].code)): periods
            for (owner, manager), periods in relations.items()
        },
        owners_report_themselves=False,
        owners_schemes_only=True,
        owner_unknown=_OWNER_UNKNOWN,
    )
    assert registry.managers is not None
    for number in ours & within:
        code = plain_code(by_id[number].code)
        registry.managers[code, code] = [Period()]
    if own is not None:
        registry.default_person = _known_person(uploader.id, [own], by_id, absorbed)
    _add_schemes(db, registry, by_id, owners & within, year, today)
    return registry


def _is_there(institution: Institution) -> bool:
    """Whether rows can name it: one that was merged, for days before that."""
    return institution.active or institution.merged_into_id is not None


def _cannot_own(institution: Institution) -> str:
    if not institution.holds_stock:
        return _NO_HOMES
    return "" if shows_stock(institution) else no_figure_in_words([institution.name])


def _absorbed(institutions: Iterable[Institution]) -> dict[int, tuple[int, ...]]:
    """By institution those that went into it, also by way of others."""
    into = {one.id: one.merged_into_id for one in institutions if one.merged_into_id is not None}
    found: dict[int, list[int]] = {}
    for number in into:
        passed = {number}
        after = into.get(number)
        while after is not None and after not in passed:
            found.setdefault(after, []).append(number)
            passed.add(after)
            after = into.get(after)
    return {number: tuple(sorted(parts)) for number, parts in found.items()}


def _relations(db: Session, absorbed: Mapping[int, Sequence[int]]) -> dict[Pair, list[Period]]:
    """The times of each relation; an institution reports for those that went into it at any."""
    links = select(
        InstitutionLink.owner_id,
        InstitutionLink.manager_id,
        InstitutionLink.starts_on,
        InstitutionLink.ends_on,
    )
    found: dict[Pair, list[Period]] = {}
    for owner, manager, first, last in db.execute(links.order_by(InstitutionLink.id)):
        if owner != manager:
            found.setdefault((owner, manager), []).append(Period(first, last))
    for absorbing, parts in absorbed.items():
        for part in parts:
            found[part, absorbing] = [Period()]
    return found


def _people(
    db: Session,
    by_id: Mapping[int, Institution],
    within: set[int],
    absorbed: Mapping[int, Sequence[int]],
) -> dict[str, Known]:
    """Active people by e-mail, with all institutions that they work for."""
    # Whoever works for an institution that another went into works for that one's logs.
    concerned = within | {number for number, parts in absorbed.items() if within & set(parts)}
    memberships: dict[int, list[int]] = {}
    rows = select(Membership.account_id, Membership.institution_id).where(Membership.active)
    for account_id, institution_id in db.execute(rows.order_by(Membership.id)):
        memberships.setdefault(account_id, []).append(institution_id)
    people = select(Account).where(Account.active, works_for_any(concerned))
    found = {}
    for account in db.scalars(people):
        numbers = [account.institution_id] if account.institution_id is not None else []
        numbers += memberships.get(account.id, [])
        found[account.email.lower()] = _known_person(account.id, numbers, by_id, absorbed)
    return found


def _known_person(
    account_id: int,
    numbers: Sequence[int],
    by_id: Mapping[int, Institution],
    absorbed: Mapping[int, Sequence[int]],
) -> Known:
    every = dict.fromkeys(n for number in numbers for n in (number, *absorbed.get(number, ())))

    def facts(day: date | None, ids: Mapping[str, Any]) -> Mapping[str, Any]:
        named = (ids.get("owning_organisation_id"), ids.get("managing_organisation_id"))
        return person_facts(numbers, named, absorbed)

    return Known(account_id, of=tuple(by_id[number].code for number in every), more=facts)


def _add_schemes(
    db: Session,
    registry: Registry,
    by_id: Mapping[int, Institution],
    owners: set[int],
    year: int,
    today: date,
) -> None:
    query = select(Scheme).where(Scheme.owner_id.in_(owners), Scheme.status == APPROVED)
    assert registry.schemes is not None
    for record in records_of(db, db.scalars(query)):
        scheme = record.scheme
        code = scheme_code(scheme.code or "")
        of = (by_id[scheme.owner_id].code,)
        registry.schemes[code] = Known(scheme.id, of=of, more=partial(_of_scheme, record, today))
        for place in record.locations:
            facts = partial(_of_location, record, place, today, year)
            registry.locations[code, plain_code(place.id)] = Known(place.id, more=facts)


def _of_scheme(
    record: SchemeRecord, today: date, day: date | None, ids: Mapping[str, Any]
) -> Mapping[str, Any]:
    return scheme_facts(record, day, today)


def _of_location(
    record: SchemeRecord,
    place: Location,
    today: date,
    year: int,
    day: date | None,
    ids: Mapping[str, Any],
) -> Mapping[str, Any]:
    return location_facts(record, place, day, today, year)
