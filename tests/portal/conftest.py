"""The portal over a small made release and an empty database."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from data_access.accounts import Account, hash_password
from data_access.database import session_factory
from data_access.settings import Settings
from portal.accounts import even_time
from portal.app import create_app
from portal.demonstration import make_demonstration
from portal.demonstration.people import PASSWORD as DEMONSTRATION_PASSWORD
from tests.support.databases import migrated_engine
from tests.support.made_release import make_release

PASSWORD = "Correct-horse-9"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers of sign-in come at once. That they take their time has a test of its own."""
    monkeypatch.setattr(even_time, "LASTS", 0.0)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """A browser without cookies; the account `pat` can sign in."""
    settings = Settings(
        data_dir=tmp_path,
        database_url="",
        demonstration=False,
        today=date(2026, 11, 24),
        second_factor_required=False,
    )
    engine = migrated_engine(settings.database)
    with session_factory(engine)() as db:
        db.add(
            Account(
                user_name="pat",
                email="pat@example.com",
                name="Pat Example",
                password_hash=hash_password(PASSWORD),
                role="provider",
            )
        )
        db.commit()
    engine.dispose()
    make_release(settings.releases_dir)
    with TestClient(
        create_app(settings), raise_server_exceptions=False, follow_redirects=False
    ) as opened:
        yield opened


@pytest.fixture(scope="session")
def demonstration_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demonstration's institutions and people, and 80 logs."""
    folder = tmp_path_factory.mktemp("demonstration")
    make_demonstration(_demonstration(folder), 80)
    return folder


def _demonstration(folder: Path) -> Settings:
    return Settings(data_dir=folder, database_url="", demonstration=True, today=date(2026, 11, 24))


@pytest.fixture
def demonstration(demonstration_folder: Path, tmp_path: Path) -> Iterator[TestClient]:
    """A browser before a demonstration of its own; nobody is signed in."""
    shutil.copytree(demonstration_folder, tmp_path, dirs_exist_ok=True)
    with TestClient(
        create_app(_demonstration(tmp_path)), raise_server_exceptions=False, follow_redirects=False
    ) as opened:
        yield opened


def sign_in_as(client: TestClient, name: str) -> None:
    """Signs in as one of the demonstration's people."""
    client.cookies.clear()
    answer = client.post("/sign-in", data={"user_name": name, "password": DEMONSTRATION_PASSWORD})
    assert answer.status_code == 303
