"""A release in one step, for a demonstration alone: nobody else is asked there."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.clock import today
from data_access.database import make_engine, session_factory, upgrade
from data_access.release_records import CHECKED
from data_access.releases import Release
from data_access.settings import Settings
from portal.releasing.building import Wish, build_now, periods_with_logs
from portal.releasing.refusals import ReleaseRefused
from portal.releasing.steps import approve, publish_now

# Who builds and who approves in a demonstration; both are made up.
BUILDER, APPROVER = "statistician", "reviewer"


def publish(
    settings: Settings, progress: Callable[[str], None] = print, since: int | None = None
) -> Release:
    """Builds a release of every period, has it approved in name, and publishes it.

    `since` is the first collection year (2025 is 2025/26) that goes into it; by default all do.

    Raises ReleaseRefused outside a demonstration, where a second person approves, and when the
    build fails.
    """
    if not settings.demonstration:
        raise ReleaseRefused(
            "Outside a demonstration a second person approves a release. Use core-portal release "
            "build, approve and publish, or the pages of releases."
        )
    engine = make_engine(settings.database)
    upgrade(engine)
    try:
        with session_factory(engine)() as db:
            periods = tuple(
                period.slug
                for period, _ in periods_with_logs(db)
                if since is None or period.collection_year >= since
            )
            builder, approver = _account(db, BUILDER), _account(db, APPROVER)
            record = build_now(db, settings, builder, Wish(periods, today(settings)), progress)
            if record.state != CHECKED:
                raise ReleaseRefused(record.message)
            approve(db, settings, approver, record)
            publish_now(db, settings, approver, record)
            seconds = sum(record.timings.values())
    finally:
        engine.dispose()
    release = Release.open_current(settings.releases_dir)
    progress(f"Published release {release.id}, built in {seconds:.0f} seconds")
    return release


def _account(db: Session, name: str) -> int | None:
    return db.scalar(select(Account.id).where(Account.user_name == name))
