"""Migrated databases, made once in a process and copied: migrating takes longer than most tests."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url, text

from data_access.database import make_engine, upgrade

_TEMPLATE = "migrated"


@cache
def _sqlite() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="core-migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "core.sqlite3"
    _upgraded(f"sqlite:///{path}").dispose()
    return path


def _upgraded(address: str) -> Engine:
    engine = make_engine(address)
    upgrade(engine)
    return engine


def migrated_engine(address: str) -> Engine:
    """An engine on a new SQLite file at this address, with every table and no rows."""
    path = make_url(address).database
    assert path, address
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_sqlite(), path)
    return make_engine(address)


@cache
def _postgresql(server: str) -> None:
    _run(server, f'CREATE DATABASE "{_TEMPLATE}"')
    _upgraded(named(server, _TEMPLATE)).dispose()


def make_postgresql(server: str, name: str) -> str:
    """The address of a new migrated database on a server, in place of any of the same name."""
    _postgresql(server)
    drop_postgresql(server, name)
    _run(server, f'CREATE DATABASE "{name}" TEMPLATE "{_TEMPLATE}"')
    return named(server, name)


def drop_postgresql(server: str, name: str) -> None:
    """Takes a database away, whoever is still connected to it."""
    _run(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def named(server: str, name: str) -> str:
    """The address of a database on a server whose own is called postgres."""
    return server.replace("/postgres?", f"/{name}?")


def _run(server: str, statement: str) -> None:
    administration = create_engine(server, isolation_level="AUTOCOMMIT")
    with administration.connect() as connection:
        connection.execute(text(statement))
    administration.dispose()
