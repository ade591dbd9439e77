"""Real databases for every test that stores something: SQLite, and a PostgreSQL of our own."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data_access import accounts
from data_access.database import make_engine, session_factory
from tests.support.databases import drop_postgresql, make_postgresql, migrated_engine


def _postgres_program(name: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if found:
        return str(found[-1])
    program = shutil.which(name)
    if program is None:
        raise RuntimeError(f"{name} was not found: install Debian's package postgresql")
    return program


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Address of a PostgreSQL server that lives as long as the tests, on a socket of its own."""
    folder = Path(tempfile.mkdtemp(prefix="core-postgresql-"))
    as_owner: list[str] = []
    user = pwd.getpwuid(os.getuid()).pw_name
    if os.getuid() == 0:
        user = "postgres"
        as_owner = ["runuser", "-u", user, "--"]
        shutil.chown(folder, user)
    cluster = folder / "cluster"
    run = subprocess.run
    run(
        [*as_owner, _postgres_program("initdb"), "-D", cluster, "-A", "trust", "-E", "UTF8"],
        check=True,
        capture_output=True,
    )
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    control = [*as_owner, _postgres_program("pg_ctl"), "-D", cluster, "-w"]
    run([*control, "-o", options, "-l", folder / "log", "start"], check=True, capture_output=True)
    yield f"postgresql+psycopg://{user}@/postgres?host={folder}"
    run([*control, "-m", "immediate", "stop"], check=True, capture_output=True)
    shutil.rmtree(folder)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name no test: a workbook says when it was made, and so differs between processes."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(autouse=True, scope="session")
def quick_passwords() -> Iterator[None]:
    """Hashes of the same kind that take less time. Journeys run the portal itself, and wait."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_hasher", PasswordHasher(time_cost=1, memory_cost=64))
        yield


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated database without rows, once of each kind."""
    if request.param == "sqlite":
        made = migrated_engine(f"sqlite:///{tmp_path / 'core.sqlite3'}")
        yield made
        made.dispose()
        return
    server: str = request.getfixturevalue("postgresql_server")
    name = "test_" + tmp_path.name.lower().replace("-", "_")[-40:]
    made = make_engine(make_postgresql(server, name))
    yield made
    made.dispose()
    drop_postgresql(server, name)


@pytest.fixture
def db(engine: Engine) -> Iterator[Session]:
    """A session on a migrated database."""
    with session_factory(engine)() as session:
        yield session
