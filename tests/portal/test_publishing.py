"""From made-up logs in a real database to a release that is opened again."""

import json
from datetime import date
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import func, select

from data_access.database import make_engine, session_factory
from data_access.logs import Log
from data_access.settings import Settings
from portal.demonstration import DemonstrationRefused, make_demonstration
from portal.releasing.at_once import publish

DAY = date(2026, 11, 24)


def _settings(folder: Path) -> Settings:
    return Settings(data_dir=folder, database_url="", demonstration=True, today=DAY)


def _quiet(_: str) -> None:
    pass


def test_figures_are_the_valid_logs_and_small_counts_are_gone(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    assert make_demonstration(settings, logs=2_000, progress=_quiet) == 2_000
    release = publish(settings, _quiet, since=2026)
    with session_factory(make_engine(settings.database))() as db:
        query = select(Log.log_type, func.count()).where(
            Log.status == "valid", Log.collection_year == 2026
        )
        valid = {row[0]: row[1] for row in db.execute(query.group_by(Log.log_type))}
    files = f"{release.folder}/cells.parquet"
    counted = dict(
        duckdb.execute(
            f"SELECT log_type, count FROM '{files}' WHERE level = 'england' "
            "AND question = 'records' AND period = '2026'"
        ).fetchall()
    )
    # A log type with too few logs in some quarter is withheld even for England.
    assert {"social-rent-general-needs", "sales"} <= set(counted)
    assert counted == {log_type: valid[log_type] for log_type in counted}
    small = duckdb.execute(f"SELECT count(*) FROM '{files}' WHERE count IN (1, 2)").fetchone()
    assert small == (0,)
    sensitive = [name for name, question in release.questions.items() if question.sensitive]
    leaked = duckdb.execute(
        f"SELECT count(*) FROM '{files}' WHERE level <> 'england' "
        f"AND question IN ({', '.join(repr(name) for name in sensitive)})"
    ).fetchone()
    assert leaked == (0,)
    england = release.england("social-rent-general-needs", "2026")
    assert england is not None
    assert england.records == valid["social-rent-general-needs"]
    # Of so few logs the mean itself may be withheld.
    rent = england.questions["wrent"].mean
    assert rent is None or 60 < rent < 160


def test_the_same_seed_makes_the_same_data(tmp_path: Path) -> None:
    answers = []
    for name in ("one", "two"):
        settings = _settings(tmp_path / name)
        make_demonstration(settings, logs=100, seed=7, progress=_quiet)
        with session_factory(make_engine(settings.database))() as db:
            answers.append(json.dumps(list(db.scalars(select(Log.answers).order_by(Log.id)))))
    assert answers[0] == answers[1]


def test_made_up_data_is_never_mixed_with_what_is_there(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    make_demonstration(settings, logs=10, progress=_quiet)
    with pytest.raises(DemonstrationRefused, match="not empty"):
        make_demonstration(settings, logs=100, progress=_quiet)
