"""What is due each day: names, mergers and releases whose time has come, and what has expired.

It is looked for at start and every hour, so that a portal that was down overnight catches up, and
by `core-portal daily`. Each job may run in several processes at once.
"""

from collections.abc import Callable, Mapping
from datetime import date
from threading import Event, Thread

import structlog
from sqlalchemy.orm import Session, sessionmaker

from data_access.account_sessions import forget_ended_sessions
from data_access.api_tokens import forget_expired_tokens
from data_access.clock import today
from data_access.credentials import forget_old_links
from data_access.imports import forget_expired_imports
from data_access.institution_names import apply_due_names
from data_access.settings import Settings
from portal.mergers.carrying_out import apply_due_mergers
from portal.releasing.steps import publish_due

_log = structlog.get_logger()
_EVERY = 3600.0
Job = Callable[[Session, Settings, date], int]
# Names first: a merger tells people the names of the day.
JOBS: Mapping[str, Job] = {
    "names put in use": lambda db, settings, day: apply_due_names(db, day),
    "mergers carried out": apply_due_mergers,
    "releases published": lambda db, settings, day: publish_due(db, settings),
    "ended sessions forgotten": lambda db, settings, day: forget_ended_sessions(db),
    "old links forgotten": lambda db, settings, day: forget_old_links(db),
    "expired tokens forgotten": lambda db, settings, day: forget_expired_tokens(db),
    "files for import forgotten": lambda db, settings, day: forget_expired_imports(db),
}


def do_what_is_due(
    sessions: sessionmaker[Session], settings: Settings, day: date
) -> dict[str, int | None]:
    """Does every job; returns how much each did, and None for one that failed.

    A job that fails is logged and keeps none of the others from being done.
    """
    done: dict[str, int | None] = {}
    for name, job in JOBS.items():
        try:
            with sessions() as db:
                done[name] = job(db, settings, day)
                db.commit()
        except Exception as failure:
            done[name] = None
            _log.error("daily_job_failed", job=name, kind=type(failure).__name__)
        else:
            if done[name]:
                _log.info("daily_job", job=name, count=done[name])
    return done


class DailyWork:
    """Does what is due from a thread of its own, at start and every hour."""

    def __init__(
        self, settings: Settings, sessions: sessionmaker[Session], after: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._sessions = sessions
        # Called after each round: there may be messages to send.
        self._after = after
        self._over = Event()
        self._thread = Thread()

    def start(self) -> None:
        """Begins to work."""
        self._over.clear()
        self._thread = Thread(target=self._work, daemon=True, name="daily work")
        self._thread.start()

    def stop(self) -> None:
        """Ends after the round in hand."""
        self._over.set()
        self._thread.join(timeout=25)

    def _work(self) -> None:
        while True:
            do_what_is_due(self._sessions, self._settings, today(self._settings))
            self._after()
            if self._over.wait(_EVERY):
                return
