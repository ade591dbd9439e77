"""A portal with two statisticians, whose builds are done at once."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from data_access.account_sessions import start_session
from data_access.accounts import Account
from data_access.database import session_factory
from data_access.logs import Log
from data_access.release_records import ReleaseRecord
from data_access.settings import Settings
from portal.app import create_app
from portal.releasing import building
from portal.releasing.building import Wish, build_now
from portal.session_cookie import COOKIE
from tests.support.databases import migrated_engine
from tests.support.quick_release import LOG_TYPE, PERIOD, quick_build

FIRST, SECOND, ADMINISTRATOR, READER = 1, 2, 3, 4
NAMES = {FIRST: "first", SECOND: "second", ADMINISTRATOR: "admin", READER: "reader"}
_ROLES = {FIRST: "statistician", SECOND: "statistician", ADMINISTRATOR: "administrator"}
# Long after today, so that no build is meant for a day that is over.
ISSUED = date(2099, 6, 1)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "build_draft", quick_build)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, database_url="", second_factor_required=False)


def fill(db: Session) -> None:
    """The people, and a valid log in each quarter of a year."""
    for number, name in NAMES.items():
        db.add(
            Account(
                id=number,
                user_name=name,
                email=f"{name}@example.com",
                name=f"The {name} person",
                password_hash="none",
                role=_ROLES.get(number, "provider"),
            )
        )
    for month in (4, 7, 10):
        db.add(
            Log(
                collection="lettings",
                collection_year=int(PERIOD),
                status="valid",
                log_type=LOG_TYPE,
                event_date=date(int(PERIOD), month, 1),
                answers={},
            )
        )
    db.commit()


@pytest.fixture
def db(settings: Settings) -> Iterator[Session]:
    """A session on a database with the people and logs."""
    engine = migrated_engine(settings.database)
    with session_factory(engine)() as session:
        fill(session)
        yield session
    engine.dispose()


def checked(db: Session, settings: Settings, by: int | None = FIRST) -> ReleaseRecord:
    """A release that was built and passed."""
    return build_now(db, settings, by, Wish((PERIOD,), ISSUED))


class Browser:
    """The portal as one person sees it."""

    def __init__(self, client: TestClient, token: str) -> None:
        self._client = client
        self._headers = {"Cookie": f"{COOKIE}={token}"} if token else {}

    def get(self, address: str):  # type: ignore[no-untyped-def]
        return self._client.get(address, headers=self._headers)

    def post(self, address: str, data: dict[str, object] | None = None):  # type: ignore[no-untyped-def]
        return self._client.post(address, headers=self._headers, data=data or {})


@pytest.fixture
def browsers(settings: Settings, db: Session) -> Iterator[dict[int, Browser]]:
    """A browser of each person, and of nobody under 0."""
    tokens = {number: start_session(db, db.get_one(Account, number)) for number in NAMES}
    db.commit()
    with TestClient(
        create_app(settings), raise_server_exceptions=False, follow_redirects=False
    ) as client:
        yield {number: Browser(client, token) for number, token in {0: "", **tokens}.items()}
