"""Tokens with which programs read, and lists read on by identifier, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select, true
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session

from data_access.account_sessions import person_of
from data_access.accounts import Account, Person
from data_access.api_tokens import (
    LONGEST,
    TokenRefused,
    end_token,
    forget_expired_tokens,
    make_token,
    reader_for_token,
    tokens_of,
)
from data_access.by_identifier import after
from data_access.clock import now
from data_access.credentials import ApiToken
from data_access.logs import Log
from tests.support.permission_world import World, make_world

DAY = timedelta(days=1)


@pytest.fixture
def world(db: Session) -> World:
    return make_world(db)


def _person(db: Session, world: World, role: str = "coordinator") -> Person:
    return person_of(db, db.get_one(Account, world.people[role]))


def test_a_token_is_found_by_itself_alone_and_notes_its_use(db: Session, world: World) -> None:
    person = _person(db, world)
    token = make_token(db, person, "Nightly", DAY)
    db.commit()
    [kept] = tokens_of(db, person.id)
    assert kept.last_used_at is None
    assert token not in (kept.token_hash, kept.handle)
    reader = reader_for_token(db, token)
    assert reader is not None
    assert (reader.person, reader.name) == (person, "Nightly")
    assert tokens_of(db, person.id)[0].last_used_at is not None
    for wrong in (token[:-1], kept.token_hash, kept.handle, ""):
        assert reader_for_token(db, wrong) is None


def test_a_token_lasts_a_year_at_most(db: Session, world: World) -> None:
    person = _person(db, world)
    for lasts in (LONGEST + DAY, timedelta(), -DAY):
        with pytest.raises(ValueError, match="a year at most"):
            make_token(db, person, "x", lasts)
    make_token(db, person, "x", LONGEST)


def test_one_that_has_expired_opens_nothing_frees_its_name_and_is_forgotten(
    db: Session, world: World
) -> None:
    person, long_ago = _person(db, world), now() - 3 * DAY
    token = make_token(db, person, "Nightly", DAY, long_ago)
    make_token(db, person, "Weekly", 9 * DAY, long_ago)
    db.commit()
    assert reader_for_token(db, token, long_ago) is not None
    assert reader_for_token(db, token) is None
    assert [kept.name for kept in tokens_of(db, person.id)] == ["Weekly"]
    assert forget_expired_tokens(db) == 1
    assert forget_expired_tokens(db) == 0
    with pytest.raises(TokenRefused, match="this name already"):
        make_token(db, person, "WEEKLY", DAY)
    make_token(db, person, "Nightly", DAY)
    assert len(db.scalars(select(ApiToken)).all()) == 2


def test_a_token_is_ended_by_its_owner_once(db: Session, world: World) -> None:
    person = _person(db, world)
    token = make_token(db, person, "Nightly", DAY)
    db.commit()
    handle = tokens_of(db, person.id)[0].handle
    assert not end_token(db, world.people["provider"], handle)
    assert end_token(db, person.id, handle)
    assert not end_token(db, person.id, handle)
    assert reader_for_token(db, token) is None


def test_things_are_read_on_after_an_identifier(db: Session, world: World) -> None:
    every = list(db.scalars(select(Log.id).order_by(Log.id)))
    seen: list[int] = []
    last: int | None = 0
    while last is not None:
        found, last = after(db, Log, [true()], last, 4)
        seen += [log.id for log in found]
        # Whatever goes meanwhile, the rest comes once.
        if len(seen) == 4:
            db.delete(found[-1])
            db.flush()
    assert seen == every


def test_what_is_too_large_for_a_list_is_not_read_by_accident(db: Session, world: World) -> None:
    db.expunge_all()
    [log], _ = after(db, Log, [true()], 0, 1, without=(Log.answers,))
    assert log.status == "saved"
    with pytest.raises(InvalidRequestError):
        _ = log.answers
