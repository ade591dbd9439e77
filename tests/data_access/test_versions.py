"""Of two people who change one record, the second is told and nothing of either is lost."""

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.database import session_factory
from data_access.versions import ChangedMeanwhile, save_changes


@pytest.fixture
def account(db: Session) -> Account:
    made = Account(user_name="pat", email="pat@example.com", name="Pat", role="provider")
    db.add(made)
    db.commit()
    return made


def test_only_what_differs_is_told_and_the_version_goes_up(db: Session, account: Account) -> None:
    changed = save_changes(db, account, 1, {"name": "Patricia", "email": "pat@example.com"})
    db.commit()
    assert changed == {"name": ["Pat", "Patricia"]}
    assert (account.name, account.version) == ("Patricia", 2)
    assert save_changes(db, account, 2, {"name": "Patricia"}) == {}
    assert account.version == 2


def test_a_change_made_of_an_older_version_is_refused(
    engine: Engine, db: Session, account: Account
) -> None:
    with session_factory(engine)() as elsewhere:
        theirs = elsewhere.get(Account, account.id)
        save_changes(elsewhere, theirs, 1, {"name": "Theirs"})
        elsewhere.commit()
    with pytest.raises(ChangedMeanwhile) as refused:
        save_changes(db, account, 1, {"name": "Mine"})
    assert refused.value.current.name == "Theirs"
    db.commit()
    assert db.get(Account, account.id).name == "Theirs"  # type: ignore[union-attr]


def test_saving_the_same_values_over_an_older_version_is_a_change_refused_too(
    db: Session, account: Account
) -> None:
    save_changes(db, account, 1, {"name": "Theirs"})
    db.commit()
    with pytest.raises(ChangedMeanwhile):
        save_changes(db, account, 1, {"name": "Theirs"})
