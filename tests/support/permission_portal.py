"""A portal over the small world, asked as everybody in it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy.orm import Session

from data_access.account_sessions import person_of, start_session
from data_access.accounts import Account, Person
from data_access.api_tokens import make_token
from data_access.database import session_factory
from data_access.settings import Settings
from portal.api.application import ADDRESS
from portal.app import create_app
from portal.session_cookie import COOKIE
from tests.support.databases import migrated_engine
from tests.support.permission_world import World, make_world


class Portal:
    """A portal over the small world, with a session and a token of everybody in it."""

    def __init__(self, client: TestClient, world: World) -> None:
        app: Any = client.app
        self.app, self.client, self.world = app, client, world
        self.cookies = {"public": ""}
        self.tokens = {}
        with self.db() as db:
            for role, number in world.people.items():
                account = db.get_one(Account, number)
                self.cookies[role] = f"{COOKIE}={start_session(db, account)}"
                person = person_of(db, account)
                self.tokens[role] = make_token(db, person, "of the test", timedelta(days=1))
            db.commit()

    def db(self) -> Session:
        session: Session = self.app.state.session_factory()
        return session

    def person(self, db: Session, role: str) -> Person | None:
        if role == "public":
            return None
        return person_of(db, db.get_one(Account, self.world.people[role]))

    def ask(
        self, role: str, method: str, address: str, data: dict[str, str] | None = None
    ) -> Response:
        headers = {"Cookie": self.cookies[role]} if self.cookies[role] else {}
        return self.client.request(method, address, headers=headers, data=data)

    def ask_api(self, role: str, path: str) -> Response:
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} if role != "public" else {}
        return self.client.get(ADDRESS + path, headers=headers)


def _settings(folder: Path) -> Settings:
    return Settings(data_dir=folder, database_url="", demonstration=True, today=date(2026, 11, 24))


@contextmanager
def open_portal(folder: Path) -> Iterator[Portal]:
    """A portal of its own, in a folder."""
    settings = _settings(folder)
    engine = migrated_engine(settings.database)
    with session_factory(engine)() as db:
        world = make_world(db)
    engine.dispose()
    with TestClient(
        create_app(settings), raise_server_exceptions=False, follow_redirects=False
    ) as client:
        yield Portal(client, world)


def sends_to_sign_in(answer: Response) -> bool:
    """Whether somebody is asked to sign in first."""
    return answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")


def without_reference(answer: Response) -> str:
    """A page without the number that each error has of its own."""
    return re.sub(r"[0-9A-F]{8}", "REFERENCE", answer.text)
