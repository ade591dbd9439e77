"""Keeping, finding and changing logs."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import true
from sqlalchemy.orm import Session

from data_access.institutions import Institution
from data_access.logs import (
    Filters,
    Log,
    VersionConflict,
    bulk_insert,
    get_log,
    list_logs,
    log_counts,
    save_log,
)


def _log(**changes: Any) -> Log:
    values: dict[str, Any] = {
        "collection": "lettings",
        "collection_year": 2026,
        "status": "saved",
        "answers": {"hhmemb": 2, "brent": "100.50"},
    }
    return Log(**{**values, **changes})


def test_answers_come_back_as_they_were_kept(db: Session) -> None:
    db.add(_log(event_date=date(2026, 5, 1), entered={"age1": "fifty"}))
    db.commit()
    db.expire_all()
    kept = get_log(db, 1, true())
    assert kept is not None
    assert kept.answers == {"hhmemb": 2, "brent": "100.50"}
    assert kept.entered == {"age1": "fifty"}
    assert kept.event_date == date(2026, 5, 1)
    assert kept.created_at.utcoffset() is not None


def test_a_log_outside_the_scope_is_not_found(db: Session) -> None:
    db.add(_log())
    db.commit()
    assert get_log(db, 1, Log.assigned_to_id == 7) is None


def test_the_second_of_two_people_is_told_and_overwrites_nothing(db: Session) -> None:
    db.add(_log())
    db.commit()
    log = get_log(db, 1, true())
    assert log is not None
    save_log(db, log, 1, {"answers": {"hhmemb": 3}})
    db.commit()
    with pytest.raises(VersionConflict) as conflict:
        save_log(db, log, 1, {"answers": {"hhmemb": 4}})
    assert conflict.value.current.answers == {"hhmemb": 3}
    assert conflict.value.current.version == 2


@pytest.mark.parametrize("text", ["log2", "2", "T-22", "t-22", "se10 9ab", "P22"])
def test_a_log_is_found_by_number_code_reference_or_postcode(db: Session, text: str) -> None:
    db.add(_log(tenancy_code="T-11", postcode="N1 1AA", property_reference="P11"))
    db.add(_log(tenancy_code="T-22", postcode="SE10 9AB", property_reference="P22"))
    db.commit()
    found, total = list_logs(db, true(), Filters(search=text))
    assert [log.id for log in found] == [2]
    assert total == 1


def test_lists_are_narrowed_and_paged(db: Session) -> None:
    bulk_insert(
        db,
        [
            {"collection": "lettings", "collection_year": 2025 + n % 2, "status": "valid"}
            for n in range(45)
        ],
    )
    db.commit()
    page, total = list_logs(db, true(), Filters(collection_year=2025), page=2)
    assert (len(page), total) == (3, 23)
    assert log_counts(db, true()) == {(2025, "valid"): 23, (2026, "valid"): 22}


def test_a_log_cannot_belong_to_an_institution_that_does_not_exist(db: Session) -> None:
    db.add(Institution(code="ORG1", name="One", provider_type="PRP"))
    db.commit()
    db.add(_log(owning_institution_id=99))
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        db.commit()
