"""The portal over a small made release and an empty database."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from data_access.accounts import Account, hash_password
from data_access.database import make_engine, session_factory, upgrade
from data_access.settings import Settings
from portal.app import create_app
from tests.support.made_release import make_release

PASSWORD = "Correct-horse-9"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """A browser without cookies; the account `pat` can sign in."""
    settings = Settings(
        data_dir=tmp_path, database_url="", demonstration=False, today=date(2026, 11, 24)
    )
    engine = make_engine(settings.database)
    upgrade(engine)
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
