"""Whom the rows of a file may name, as the records of institutions, people and schemes have it."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy.orm import Session

from data_access.accounts import Account, Membership
from data_access.institutions import InstitutionLink
from data_access.schemes import APPROVED, Location, ManagementGroup, Scheme, SchemePause
from submission.rules import SETUP
from submission.uploads.laying_out import event_days
from submission.uploads.layout import layout
from submission.uploads.parties import registry_for
from submission.uploads.registry import Parties, resolve
from submission.uploads.rows import check_rows
from tests.submission.test_reach import account, institution

TODAY = date(2026, 11, 24)
MADE = layout("lettings", 2026)


def _table(**fields: str) -> pa.Table:
    """One row: owner ORG1 manages its own homes, a letting of 1 June 2026."""
    given = {"f1": "ORG1", "f2": "ORG1", "f4": "1", "f8": "1", "f9": "6", "f10": "26", **fields}
    count = len(MADE.collection.upload_columns)
    return pa.table(
        {f"f{n}": pa.array([given.get(f"f{n}")], pa.string()) for n in range(1, count + 1)}
    )


def _named(db: Session, uploader: Account, **fields: str) -> Parties:
    registry = registry_for(db, uploader, 2026, TODAY)
    table = _table(**fields)
    [found] = resolve(registry, MADE, table, event_days(MADE, table))
    return found


def _messages(found: Parties) -> dict[str, str]:
    return {problem.variable: problem.message for problem in found.problems}


def test_an_owner_without_a_stock_figure_stops_the_row(db: Session) -> None:
    db.add_all([institution(1, unspecified_stock=None), institution(2, holds_stock=False)])
    db.flush()
    db.add(account(1, 1))
    db.flush()
    found = _named(db, account(1, 1))
    assert "shows no stock figure" in _messages(found)["owning_organisation_id"]
    assert all(problem.stops for problem in found.problems)
    checked = check_rows("lettings", 2026, _table(), [found], {"today": [TODAY]})
    assert checked.findings[0][0].severity == SETUP
    assert checked.findings[0][0].fields == ("owning_organisation_id",)
    assert not checked.can_become_a_log(0)
    owns_none = _named(db, account(2, 2), f1="ORG2", f2="ORG2")
    assert "owns no homes" in _messages(owns_none)["owning_organisation_id"]


def test_a_manager_must_be_in_relation_on_the_rows_own_date(db: Session) -> None:
    db.add_all([institution(1), institution(2)])
    db.flush()
    for first, last in ((date(2026, 4, 1), date(2026, 5, 31)), (date(2026, 8, 1), None)):
        db.add(InstitutionLink(owner_id=2, manager_id=1, starts_on=first, ends_on=last))
    db.add(account(1, 1))
    db.flush()
    uploader = account(1, 1)
    agent = {"f1": "ORG2", "f2": "ORG1"}
    words = _messages(_named(db, uploader, **agent))["managing_organisation_id"]
    assert "on 1 June 2026" in words
    assert "from 1 April 2026 to 31 May 2026 and from 1 August 2026" in words
    assert not _named(db, uploader, **agent, f8="31", f9="5").problems
    assert not _named(db, uploader, **agent, f9="8").problems
    # Without a date nothing can be said against the relation; the date has its own finding.
    assert not _named(db, uploader, **agent, f9="13").problems


def test_an_agent_reports_for_itself_and_an_owner_not_for_its_agents(db: Session) -> None:
    db.add_all([institution(1), institution(2)])
    db.flush()
    db.add(InstitutionLink(owner_id=2, manager_id=1))
    db.flush()
    agent, owner = account(1, 1), account(2, 2)
    as_owner = _messages(_named(db, agent, f1="ORG2", f2="ORG2"))
    assert "does not manage homes" in as_owner["managing_organisation_id"]
    assert "No stock owner" in _messages(_named(db, owner))["owning_organisation_id"]
    assert not _named(db, owner, f1="ORG2", f2="ORG1").problems


def test_a_person_is_right_if_any_of_the_institutions_worked_for_fits(db: Session) -> None:
    db.add_all([institution(1), institution(2), institution(3)])
    db.flush()
    db.add_all([account(1, 1), account(2, 2), account(3, 3)])
    db.flush()
    db.add(InstitutionLink(owner_id=1, manager_id=3))
    db.add(Membership(account_id=2, institution_id=1, role="provider"))
    db.flush()
    uploader = account(1, 1)
    several = _named(db, uploader, f3="Person2@example.com")
    assert not several.problems
    assert several.facts["assigned_to.organisation_id"] == 1
    neither = _named(db, uploader, f3="person3@example.com")
    assert "neither the owner nor the manager" in _messages(neither)["assigned_to_id"]


def test_the_absorbing_institution_reports_what_was_before_the_merger(db: Session) -> None:
    db.add(institution(1))
    db.flush()
    db.add(institution(2, active=False, merged_into_id=1, merged_on=date(2026, 7, 1), code="X7"))
    db.add(account(1, 1))
    db.flush()
    found = _named(db, account(1, 1), f1="X7", f2="ORG1", f3="person1@example.com")
    assert not found.problems
    assert found.facts["owning_organisation.merge_date"] == date(2026, 7, 1)
    assert found.facts["owning_organisation.absorbing_organisation_id"] == 1
    assert found.facts["managing_organisation.has_absorbed_organisations"] is True
    rules = _rules(found)
    assert "owning_organisation_merged_before_start" not in rules
    assert "assigned_user_outside_both_organisations" not in rules
    later = _named(db, account(1, 1), f1="X7", f2="X7", f3="person1@example.com", f9="7")
    assert "owning_organisation_merged_before_start" in _rules(later, f9="7")
    assert "assigned_user_outside_both_organisations" not in _rules(later, f9="7")


def _rules(found: Parties, **fields: str) -> set[str]:
    checked = check_rows("lettings", 2026, _table(**fields), [found], {"today": [TODAY]})
    return {finding.rule for finding in checked.findings[0]}


@pytest.mark.parametrize("signed", [False, True])
def test_an_owner_that_has_not_signed_makes_a_row_invalid(db: Session, signed: bool) -> None:
    db.add(institution(1, data_sharing_signed=signed))
    db.flush()
    found = _named(db, account(1, 1))
    assert ("owning_organisation_data_agreement_missing" in _rules(found)) is not signed


def _scheme(db: Session, owner: int, number: int, **more: Any) -> None:
    group = ManagementGroup(owner_id=owner, name="Group")
    db.add(group)
    db.flush()
    described = {
        "code": f"S{number}",
        "status": APPROVED,
        "scheme_type": "6",
        "registered_care": "1",
        "client_group": "A",
        "support_type": "3",
        "intended_stay": "M",
    }
    db.add(Scheme(id=number, group_id=group.id, owner_id=owner, name="S", **{**described, **more}))
    db.flush()
    db.add(
        Location(
            id=number * 10,
            scheme_id=number,
            postcode="NW1 1AA",
            local_authority="E09000007",
            units=8,
            type_of_unit="3",
            mobility_type="N",
        )
    )
    db.flush()


def test_rows_name_approved_schemes_of_the_owner_in_use_on_their_date(db: Session) -> None:
    db.add_all([institution(1), institution(2)])
    db.flush()
    db.add(InstitutionLink(owner_id=1, manager_id=2))
    db.flush()
    _scheme(db, 1, 1)
    _scheme(db, 1, 2, status="submitted")
    _scheme(db, 2, 3)
    db.add(SchemePause(scheme_id=1, starts_on=date(2026, 5, 1), ends_on=date(2026, 7, 1)))
    db.flush()
    agent = account(2, 2)
    of_owner = {"f2": "ORG2", "f4": "2"}
    paused = _named(db, agent, **of_owner, f5="S1")
    assert not paused.problems
    assert paused.ids["location_id"] == 10
    assert paused.facts["scheme.status_on_start"] == "reactivating_soon"
    assert paused.facts["scheme.status_today"] == "active"
    assert paused.facts["scheme.total_units"] == 8
    assert paused.facts["location.type_of_unit"] == 3
    assert "scheme_not_in_use_on_start_date" in _rules(paused, **of_owner, f5="S1")
    july = _named(db, agent, **of_owner, f5="S1", f9="7")
    assert july.facts["scheme.status_on_start"] == "active"
    for code in ("S2", "S3"):
        words = _messages(_named(db, agent, **of_owner, f5=code))["scheme_id"]
        assert "No scheme of this owner has this code" in words
