"""The running portal publishes what is due, and notices builds whose process was killed.

It looks at start, so that a portal that was down at the time of publication catches up, and then
every few seconds; a portal of several processes publishes each release once.
"""

from threading import Event, Thread

import structlog
from sqlalchemy.orm import Session, sessionmaker

from data_access.clock import present
from data_access.release_records import SCHEDULED, records_in
from data_access.settings import Settings
from portal.releasing.building import notice_interrupted
from portal.releasing.steps import publish_due

_log = structlog.get_logger()
LOOK_EVERY = 5.0


class PublishingWork:
    """Publishes what is due from a thread of its own."""

    def __init__(self, settings: Settings, sessions: sessionmaker[Session]) -> None:
        self._settings = settings
        self._sessions = sessions
        self._over = Event()
        self._rung = Event()
        self._thread = Thread()

    def start(self) -> None:
        """Begins to look."""
        self._over.clear()
        self._thread = Thread(target=self._work, daemon=True, name="publishing")
        self._thread.start()

    def ring(self) -> None:
        """Looks at once."""
        self._rung.set()

    def stop(self) -> None:
        """Ends after the round in hand."""
        self._over.set()
        self._rung.set()
        self._thread.join(timeout=25)

    def _work(self) -> None:
        while not self._over.is_set():
            self._rung.clear()
            try:
                with self._sessions() as db:
                    notice_interrupted(db, self._settings)
                    publish_due(db, self._settings)
                    wait = _seconds_to_the_next(db, self._settings)
            except Exception as failure:
                # The database may be away for a while: the next round tries again.
                _log.error("publishing_round_failed", kind=type(failure).__name__)
                wait = LOOK_EVERY
            self._rung.wait(wait)


def _seconds_to_the_next(db: Session, settings: Settings) -> float:
    """How long to wait: the usual, or until the next release is due if that is sooner."""
    at = present(settings)
    due = [
        (record.publishes_at - at).total_seconds()
        for record in records_in(db, [SCHEDULED])
        if record.publishes_at is not None
    ]
    return min([LOOK_EVERY, *(max(seconds, 0.1) for seconds in due)])
