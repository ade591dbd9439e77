"""Whom somebody may name in a log: owners with a figure, managers of the day, own schemes."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from data_access.accounts import Account, Membership
from data_access.institutions import Institution, InstitutionLink
from data_access.schemes import APPROVED, SUBMITTED, ManagementGroup, Scheme
from submission.reach import (
    no_figure_in_words,
    owners_without_figure,
    possible_managers,
    possible_owners,
    possible_people,
    possible_schemes,
    shows_stock,
)

MAY = date(2026, 5, 1)
AUGUST = date(2026, 8, 1)


def institution(number: int, **more: object) -> Institution:
    """An institution with homes, named by its number."""
    return Institution(
        **{
            "id": number,
            "code": f"ORG{number}",
            "name": f"Institution {number}",
            "provider_type": "PRP",
            "unspecified_stock": 10,
            "data_sharing_signed": True,
            **more,
        }
    )


def account(number: int, institution_id: int | None, role: str = "provider") -> Account:
    """An account of an institution, named by its number."""
    return Account(
        id=number,
        user_name=f"person{number}",
        email=f"person{number}@example.com",
        name=f"Person {number}",
        role=role,
        institution_id=institution_id,
    )


@pytest.mark.parametrize(
    ("record", "shows"),
    [
        ({"unspecified_stock": None, "general_needs_stock": 1}, True),
        ({"unspecified_stock": None, "supported_stock": 1}, True),
        ({"unspecified_stock": None}, False),
        ({"unspecified_stock": 0, "general_needs_stock": 0}, False),
        ({"holds_stock": False}, False),
    ],
)
def test_an_owner_holds_homes_and_shows_how_many(
    db: Session, record: dict[str, object], shows: bool
) -> None:
    db.add_all([institution(1, **record), institution(2)])
    db.flush()
    person = account(1, 1)
    found = db.get(Institution, 1)
    assert found is not None
    assert shows_stock(found) is shows
    assert [owner.id for owner in possible_owners(db, person)] == ([1] if shows else [])
    administrator = account(2, None, "administrator")
    assert [owner.id for owner in possible_owners(db, administrator)] == ([1] if shows else []) + [
        2
    ]


def test_whoever_lacks_a_figure_is_told_whom_to_ask(db: Session) -> None:
    db.add_all([institution(1, unspecified_stock=None), institution(2, unspecified_stock=0)])
    db.flush()
    db.add(InstitutionLink(owner_id=2, manager_id=1))
    db.flush()
    lacking = owners_without_figure(db, account(1, 1))
    assert [owner.id for owner in lacking] == [1, 2]
    one = no_figure_in_words(["Institution 1"])
    assert one.startswith("Institution 1 shows no stock figure, so nobody can submit for it. Ask ")
    assert "Report a mistake" in one
    two = no_figure_in_words(owner.name for owner in lacking)
    assert two.startswith("Institution 1 and Institution 2 show no stock figure")


def test_a_relation_counts_on_the_days_on_which_it_is_in_force(db: Session) -> None:
    db.add_all([institution(1), institution(2)])
    db.flush()
    db.add(
        InstitutionLink(
            owner_id=2, manager_id=1, starts_on=date(2026, 5, 1), ends_on=date(2026, 7, 31)
        )
    )
    db.flush()
    person = account(1, 1)
    days = (date(2026, 4, 30), MAY, date(2026, 7, 31), AUGUST)
    assert [2 in {o.id for o in possible_owners(db, person, day)} for day in days] == [
        False,
        True,
        True,
        False,
    ]
    assert [[m.id for m in possible_managers(db, person, 2, day)] for day in days] == [
        [],
        [1],
        [1],
        [],
    ]
    owners_person = account(2, 2)
    assert [m.id for m in possible_managers(db, owners_person, 2, MAY)] == [1, 2]
    assert [m.id for m in possible_managers(db, owners_person, 2, AUGUST)] == [2]


def test_an_absorbed_institution_is_an_owner_of_days_before_its_merger(db: Session) -> None:
    db.add(institution(1))
    db.flush()
    db.add(institution(2, active=False, merged_into_id=1, merged_on=date(2026, 7, 1)))
    db.flush()
    person = account(1, 1)
    assert [owner.id for owner in possible_owners(db, person, MAY)] == [1, 2]
    assert [owner.id for owner in possible_owners(db, person, date(2026, 7, 1))] == [1]
    assert [manager.id for manager in possible_managers(db, person, 2, MAY)] == [1, 2]


def test_people_of_several_institutions_and_of_the_absorbing_one_can_have_a_log(
    db: Session,
) -> None:
    db.add_all([institution(1), institution(3)])
    db.flush()
    db.add(institution(2, active=False, merged_into_id=1, merged_on=AUGUST))
    db.add_all([account(1, 1), account(2, 3), account(3, 3)])
    db.flush()
    db.add(Membership(account_id=2, institution_id=1, role="provider"))
    db.flush()
    assert [person.id for person in possible_people(db, {1})] == [1, 2]
    assert [person.id for person in possible_people(db, {2})] == [1, 2]
    assert [person.id for person in possible_people(db, {3})] == [2, 3]


def test_only_approved_schemes_of_the_owner_can_be_chosen(db: Session) -> None:
    db.add_all([institution(1), institution(2)])
    db.flush()
    for owner in (1, 2):
        group = ManagementGroup(owner_id=owner, name="Group")
        db.add(group)
        db.flush()
        for status in (APPROVED, SUBMITTED):
            db.add(
                Scheme(group_id=group.id, owner_id=owner, name=f"{status} {owner}", status=status)
            )
    db.flush()
    assert [scheme.name for scheme in possible_schemes(db, {1})] == ["approved 1"]
