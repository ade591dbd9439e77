"""Which things stand in which relation to a person. Every query of a screen is narrowed by these.

The relations: a person's own things; those of managed providers; those of the institution that
the person acts for; people whose account is another institution's and who work for this one by
a membership; those of its children (who manage homes for it) and of its parents (whose homes it
manages); what the person was named for, for a time; and any other. One thing may stand in several
relations to a person.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, and_, false, not_, or_, select, true

from data_access.accounts import Account, ManagedProvider, Person, works_for
from data_access.clock import present, today
from data_access.institutions import Institution, InstitutionLink, in_force
from data_access.logs import Log
from data_access.mistake_reports import MistakeReport
from data_access.release_records import SHOWN_BEFORE, ReleaseAccess, ReleaseRecord
from data_access.schemes import APPROVED, ManagementGroup, Scheme
from data_access.uploads import Upload


class Relation(Enum):
    """How a thing stands to a person."""

    OWN = "own"
    MANAGED = "managed"
    INSTITUTION = "institution"
    MEMBER = "member"
    CHILD = "child"
    PARENT = "parent"
    NAMED = "named"
    OTHER = "other"


Condition = ColumnElement[bool]


@dataclass(frozen=True)
class Kind:
    """A kind of thing: its model, and the condition of each relation to an acting person."""

    model: Any
    conditions: Mapping[Relation, Callable[[Person, int], Condition]]


def children_of(institution_id: int) -> Any:
    """Identifiers of institutions that manage homes for this one today, without itself."""
    return select(InstitutionLink.manager_id).where(
        InstitutionLink.owner_id == institution_id,
        InstitutionLink.manager_id != institution_id,
        in_force(today()),
    )


def parents_of(institution_id: int) -> Any:
    """Identifiers of institutions whose homes this one manages today, without itself."""
    return select(InstitutionLink.owner_id).where(
        InstitutionLink.manager_id == institution_id,
        InstitutionLink.owner_id != institution_id,
        in_force(today()),
    )


def managed_by(person: Person, institution_id: int) -> Any:
    """Identifiers of the accounts on a co-ordinator's list of managed providers."""
    return select(ManagedProvider.provider_id).where(
        ManagedProvider.coordinator_id == person.id,
        ManagedProvider.institution_id == institution_id,
    )


def logs_of_institution(institution_id: int, absorbed: tuple[int, ...] = ()) -> Condition:
    """Logs that an institution owns or manages, or that one it has absorbed did."""
    if absorbed:
        return _logs_of_institutions((institution_id, *absorbed))
    return or_(
        Log.owning_institution_id == institution_id, Log.managing_institution_id == institution_id
    )


def _logs_of_institutions(found: Any) -> Condition:
    return or_(Log.owning_institution_id.in_(found), Log.managing_institution_id.in_(found))


def _own_logs(person: Person, institution_id: int) -> Condition:
    """Own logs of the institution acted for; one without any is of the account's own."""
    mine = or_(Log.created_by_id == person.id, Log.assigned_to_id == person.id)
    if not person.several:
        return mine
    here = logs_of_institution(institution_id, person.absorbed)
    if person.at_home:
        nowhere = and_(Log.owning_institution_id.is_(None), Log.managing_institution_id.is_(None))
        here = or_(here, nowhere)
    return and_(mine, here)


def _logs_of_managed(person: Person, institution_id: int) -> Condition:
    listed = managed_by(person, institution_id)
    return and_(
        or_(Log.created_by_id.in_(listed), Log.assigned_to_id.in_(listed)),
        logs_of_institution(institution_id, person.absorbed),
    )


def _users_of_children(institution_id: int) -> Condition:
    return Account.institution_id.in_(children_of(institution_id))


def _managed_users(person: Person, institution_id: int) -> Condition:
    """People on the list whose account is of the institution or, still, of one of its children."""
    near = or_(Account.institution_id == institution_id, _users_of_children(institution_id))
    return and_(Account.id.in_(managed_by(person, institution_id)), near)


def _owner_in(model: Any) -> Mapping[Relation, Callable[[Person, int], Condition]]:
    return {
        Relation.OWN: lambda person, number: model.created_by_id == person.id,
        Relation.INSTITUTION: lambda person, number: model.owner_id.in_((number, *person.absorbed)),
        Relation.CHILD: lambda person, number: model.owner_id.in_(children_of(number)),
        Relation.PARENT: lambda person, number: model.owner_id.in_(parents_of(number)),
    }


def _approved_of_parents(person: Person, number: int) -> Condition:
    return and_(Scheme.owner_id.in_(parents_of(number)), Scheme.status == APPROVED)


def _groups_of_parents(person: Person, number: int) -> Condition:
    """Groups that an agent can choose from have an approved scheme, and so a code."""
    return and_(ManagementGroup.owner_id.in_(parents_of(number)), ManagementGroup.code.is_not(None))


def _releases_named_for(person: Person) -> Condition:
    """Releases that are about to be published and that a person was named to look at by now."""
    at = present()
    return and_(
        ReleaseRecord.state.in_(SHOWN_BEFORE),
        ReleaseRecord.id.in_(
            select(ReleaseAccess.release_id).where(
                ReleaseAccess.account_id == person.id,
                ReleaseAccess.starts_at <= at,
                ReleaseAccess.ends_at > at,
            )
        ),
    )


KINDS: Mapping[str, Kind] = {
    "log": Kind(
        Log,
        {
            Relation.OWN: _own_logs,
            Relation.MANAGED: _logs_of_managed,
            Relation.INSTITUTION: lambda person, number: logs_of_institution(
                number, person.absorbed
            ),
            Relation.CHILD: lambda person, number: _logs_of_institutions(children_of(number)),
            Relation.PARENT: lambda person, number: _logs_of_institutions(parents_of(number)),
        },
    ),
    "upload": Kind(
        Upload,
        {
            Relation.OWN: lambda person, number: (
                and_(Upload.account_id == person.id, Upload.institution_id == number)
                if person.several
                else Upload.account_id == person.id
            ),
            Relation.INSTITUTION: lambda person, number: Upload.institution_id == number,
        },
    ),
    "user": Kind(
        Account,
        {
            Relation.OWN: lambda person, number: Account.id == person.id,
            Relation.MANAGED: _managed_users,
            Relation.INSTITUTION: lambda person, number: and_(
                Account.institution_id == number, Account.id != person.id
            ),
            # Another institution's people: it alone looks after their accounts.
            Relation.MEMBER: lambda person, number: and_(
                works_for(number),
                Account.institution_id.is_distinct_from(number),
                Account.id != person.id,
            ),
            Relation.CHILD: lambda person, number: and_(
                _users_of_children(number), not_(works_for(number))
            ),
            Relation.PARENT: lambda person, number: and_(
                Account.institution_id.in_(parents_of(number)), not_(works_for(number))
            ),
        },
    ),
    "institution": Kind(
        Institution,
        {
            Relation.INSTITUTION: lambda person, number: Institution.id.in_(
                (number, *person.absorbed)
            ),
            Relation.CHILD: lambda person, number: Institution.id.in_(children_of(number)),
            Relation.PARENT: lambda person, number: Institution.id.in_(parents_of(number)),
        },
    ),
    "mistake": Kind(
        MistakeReport,
        {
            Relation.OWN: lambda person, number: and_(
                MistakeReport.account_id == person.id, MistakeReport.institution_id == number
            ),
            Relation.INSTITUTION: lambda person, number: MistakeReport.institution_id.in_(
                (number, *person.absorbed)
            ),
        },
    ),
    "group": Kind(
        ManagementGroup,
        {**_owner_in(ManagementGroup), Relation.PARENT: _groups_of_parents},
    ),
    "scheme": Kind(Scheme, {**_owner_in(Scheme), Relation.PARENT: _approved_of_parents}),
    "release": Kind(
        ReleaseRecord,
        {
            Relation.OWN: lambda person, number: ReleaseRecord.created_by_id == person.id,
            Relation.NAMED: lambda person, number: _releases_named_for(person),
        },
    ),
}


def within(person: Person, kind: str, relations: frozenset[Relation]) -> Condition:
    """Things of a kind that stand in any of these relations to a person, as a condition.

    OTHER takes in everything but the person's own account and releases. Somebody who acts for no
    institution has no managed providers, institution, children or parents.
    """
    found = KINDS[kind]
    conditions: list[Condition] = []
    for relation in relations:
        if relation is Relation.OTHER:
            conditions.append(_but_own(person, kind))
        elif kind == "release":
            # It belongs to no institution, so the one acted for does not matter.
            if relation in found.conditions:
                conditions.append(found.conditions[relation](person, 0))
        elif relation is Relation.OWN and person.institution_id is None:
            conditions.append(_own_without_institution(person, kind))
        elif person.institution_id is not None and relation in found.conditions:
            conditions.append(found.conditions[relation](person, person.institution_id))
    together = or_(false(), *conditions)
    return and_(together, Account.deleted_at.is_(None)) if kind == "user" else together


def _but_own(person: Person, kind: str) -> Condition:
    if kind == "user":
        return Account.id != person.id
    if kind == "release":
        return ReleaseRecord.created_by_id.is_distinct_from(person.id)
    return true()


def _own_without_institution(person: Person, kind: str) -> Condition:
    if kind == "user":
        return Account.id == person.id
    if kind == "log":
        return or_(Log.created_by_id == person.id, Log.assigned_to_id == person.id)
    return Upload.account_id == person.id if kind == "upload" else false()
