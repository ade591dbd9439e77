"""The present day and instant, in one place: tests and demonstrations can stand on any day."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from data_access.settings import Settings, get_settings

LONDON = ZoneInfo("Europe/London")


def today(settings: Settings | None = None) -> date:
    """The day in London, or the day that the setting TODAY names."""
    chosen = (settings or get_settings()).today
    return chosen or datetime.now(LONDON).date()


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)
