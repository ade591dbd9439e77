"""Real databases for every test that stores something: SQLite, and a PostgreSQL of our own."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from data_access.database import make_engine, session_factory, upgrade


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


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty database, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'core.sqlite3'}"
        return
    server: str = request.getfixturevalue("postgresql_server")
    administration = create_engine(server, isolation_level="AUTOCOMMIT")
    name = "test_" + tmp_path.name.lower().replace("-", "_")[-40:]
    with administration.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield server.replace("/postgres?", f"/{name}?")
    with administration.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    administration.dispose()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A migrated database."""
    made = make_engine(database_url)
    upgrade(made)
    yield made
    made.dispose()


@pytest.fixture
def db(engine: Engine) -> Iterator[Session]:
    """A session on a migrated database."""
    with session_factory(engine)() as session:
        yield session
