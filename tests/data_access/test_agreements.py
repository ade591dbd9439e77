"""The Data Sharing Agreement: put in force, signed once, lapsed by a new version."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data_access.accounts import DATA_PROTECTION_OFFICER, Account, Membership
from data_access.agreement_cover import covered, covering
from data_access.agreement_standing import Wanted, count_standing, standings
from data_access.agreements import (
    AgreementText,
    AlreadySigned,
    NewerVersion,
    NotAnOfficer,
    RecordIncomplete,
    VersionTaken,
    has_officer,
    officers_of,
    publish_text,
    put_first_in_force,
    record_reminder,
    sign_agreement,
    signatures_of,
    text_in_force,
)
from data_access.audit import history
from data_access.database import session_factory
from data_access.institutions import Institution


def _person(db: Session, institution: Institution, name: str, **fields: object) -> Account:
    given = {"role": "provider", "contact_priority": DATA_PROTECTION_OFFICER, **fields}
    account = Account(
        user_name=name,
        email=f"{name}@example.com",
        name=name.capitalize(),
        institution_id=institution.id,
        **given,  # type: ignore[arg-type]
    )
    db.add(account)
    db.flush()
    return account


def _institution(db: Session, number: int, **fields: object) -> Institution:
    given = {"address_line1": "1 High Street", "town": "Ely", "postcode": "CB7 4AA", **fields}
    made = Institution(code=f"ORG{number}", name=f"Homes {number}", provider_type="PRP", **given)  # type: ignore[arg-type]
    db.add(made)
    db.flush()
    return made


def _in_force(db: Session) -> AgreementText:
    text = text_in_force(db)
    assert text is not None
    return text


@pytest.fixture
def homes(db: Session) -> Institution:
    """An institution that has not signed the first version."""
    made = _institution(db, 1)
    db.commit()
    put_first_in_force(db, "1", "The text.")
    return made


def test_an_institution_that_is_made_has_not_signed(homes: Institution) -> None:
    assert homes.data_sharing_signed is False


def test_the_first_version_is_put_in_force_once(db: Session, homes: Institution) -> None:
    assert put_first_in_force(db, "1", "Another text.") is False
    assert _in_force(db).text == "The text."


def test_a_signature_keeps_what_was_signed_whatever_changes_later(
    db: Session, homes: Institution
) -> None:
    officer = _person(db, homes, "olive")
    sign_agreement(db, officer, homes, _in_force(db).id)
    db.commit()
    homes.name, homes.town, officer.name = "Other name", "York", "Somebody else"
    db.commit()
    [(signature, version)] = signatures_of(db, homes.id)
    assert (signature.institution_name, signature.signer_name) == ("Homes 1", "Olive")
    assert signature.institution_address == "1 High Street\nEly\nCB7 4AA"
    assert (signature.text, version) == ("The text.", "1")
    assert homes.data_sharing_signed
    assert [event.action for event in history(db, ("institution", homes.id))] == [
        "agreement_signed"
    ]


def test_of_two_officers_the_second_is_told_who_signed(engine: Engine, db: Session) -> None:
    homes = _institution(db, 1)
    first, second = _person(db, homes, "first"), _person(db, homes, "second")
    db.commit()
    put_first_in_force(db, "1", "The text.")
    with session_factory(engine)() as other:
        seen = other.get(Institution, homes.id)
        assert seen is not None and not seen.data_sharing_signed
        other.commit()
        sign_agreement(db, first, homes, _in_force(db).id)
        db.commit()
        with pytest.raises(AlreadySigned) as refused:
            sign_agreement(other, second, seen, _in_force(db).id)
        assert refused.value.signature is not None
        assert refused.value.signature.signer_name == "First"
        other.rollback()
    assert len(signatures_of(db, homes.id)) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"contact_priority": "None"},
        {"active": False},
        {"deleted_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"role": "administrator"},
    ],
)
def test_nobody_signs_who_is_no_active_officer(
    db: Session, homes: Institution, fields: dict[str, object]
) -> None:
    person = _person(db, homes, "nobody", **fields)
    with pytest.raises(NotAnOfficer):
        sign_agreement(db, person, homes, _in_force(db).id)
    assert not has_officer(db, homes.id)


def test_an_officer_by_membership_can_sign_and_one_of_elsewhere_cannot(
    db: Session, homes: Institution
) -> None:
    other = _institution(db, 2)
    officer = _person(db, other, "olive")
    with pytest.raises(NotAnOfficer):
        sign_agreement(db, officer, homes, _in_force(db).id)
    db.add(Membership(account_id=officer.id, institution_id=homes.id, role="provider"))
    db.flush()
    assert officers_of(db, homes.id) == [officer]
    assert sign_agreement(db, officer, homes, _in_force(db).id).institution_id == homes.id


def test_without_an_address_nothing_is_signed_and_what_is_missing_is_named(
    db: Session, homes: Institution
) -> None:
    homes.town = homes.postcode = ""
    officer = _person(db, homes, "olive")
    with pytest.raises(RecordIncomplete) as refused:
        sign_agreement(db, officer, homes, _in_force(db).id)
    assert refused.value.missing == ["the town", "the postcode"]


def test_a_new_version_has_everybody_sign_again_and_keeps_the_earlier_one(
    db: Session, homes: Institution
) -> None:
    admin = _person(db, homes, "admin", role="administrator")
    officer = _person(db, homes, "olive")
    first = _in_force(db)
    sign_agreement(db, officer, homes, first.id)
    _institution(db, 2)
    db.commit()
    assert publish_text(db, admin, "2", "A new text.", first.id) == 1
    db.refresh(homes)
    assert not homes.data_sharing_signed
    assert _in_force(db).version == "2"
    with pytest.raises(NewerVersion):
        sign_agreement(db, officer, homes, first.id)
    db.rollback()
    sign_agreement(db, officer, homes, _in_force(db).id)
    db.commit()
    assert [version for _, version in signatures_of(db, homes.id)] == ["2", "1"]


def test_a_version_is_published_once_and_over_the_one_that_was_seen(
    db: Session, homes: Institution
) -> None:
    admin = _person(db, homes, "admin", role="administrator")
    db.commit()
    first = _in_force(db).id
    with pytest.raises(VersionTaken):
        publish_text(db, admin, "1", "A new text.", first)
    publish_text(db, admin, "2", "A new text.", first)
    with pytest.raises(NewerVersion):
        publish_text(db, admin, "3", "Another text.", first)
    assert [text.version for text in db.scalars(select(AgreementText))] == ["1", "2"]


def test_a_signature_covers_institutions_that_were_absorbed_and_is_not_theirs(
    db: Session, homes: Institution
) -> None:
    absorbed = _institution(db, 2, active=False, merged_into_id=homes.id)
    earlier = _institution(db, 3, active=False, merged_into_id=absorbed.id)
    other = _institution(db, 4)
    assert [covering(db, one) for one in (absorbed, earlier, other)] == [None, None, None]
    assert covered(db) == set()
    sign_agreement(db, _person(db, homes, "olive"), homes, _in_force(db).id)
    db.commit()
    for institution in (absorbed, earlier, other):
        db.refresh(institution)
        assert not institution.data_sharing_signed
    assert [covering(db, one) for one in (absorbed, earlier, other, homes)] == [
        homes,
        homes,
        None,
        None,
    ]
    assert covered(db) == {absorbed.id, earlier.id}
    assert covered(db, [earlier.id, other.id]) == {earlier.id}
    # With a new version nothing is covered until it is signed.
    publish_text(
        db, _person(db, homes, "admin", role="administrator"), "2", "New.", _in_force(db).id
    )
    db.refresh(homes)
    assert covered(db) == set() and covering(db, earlier) is None


def test_nobody_is_reminded_twice_a_day(db: Session, homes: Institution) -> None:
    admin = _person(db, homes, "admin", role="administrator")
    at = datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert record_reminder(db, admin, homes.id, at)
    assert not record_reminder(db, admin, homes.id, at + timedelta(hours=23))
    assert record_reminder(db, admin, homes.id, at + timedelta(hours=25))


def test_the_lists_tell_who_has_signed_who_could_and_who_was_reminded(
    db: Session, homes: Institution
) -> None:
    signed = _institution(db, 2)
    officer = _person(db, signed, "olive")
    sign_agreement(db, officer, signed, _in_force(db).id)
    _person(db, homes, "first")
    _person(db, homes, "second")
    _person(db, homes, "third", contact_priority="None")
    lonely = _institution(db, 3)
    _institution(db, 4, active=False)
    admin = _person(db, homes, "admin", role="administrator", contact_priority="None")
    at = datetime(2026, 11, 24, 9, tzinfo=UTC)
    record_reminder(db, admin, homes.id, at)
    db.commit()
    rows = standings(db, Wanted())
    assert [(row.institution.id, row.officers, row.reminded_at) for row in rows] == [
        (homes.id, 2, at),
        (lonely.id, 0, None),
    ]
    assert [row.institution.id for row in standings(db, Wanted(officer="no"))] == [lonely.id]
    assert [row.institution.id for row in standings(db, Wanted(search="org1"))] == [homes.id]
    assert count_standing(db, Wanted(search="%")) == 0
    [row] = standings(db, Wanted(signed=True))
    assert (row.institution.id, row.signer, row.signed_at is not None) == (
        signed.id,
        "Olive",
        True,
    )
