"""The present day and instant, in one place: tests and demonstrations can stand on any day."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from data_access.settings import Settings, get_settings

LONDON = ZoneInfo("Europe/London")


def today(settings: Settings | None = None) -> date:
    """The day in London, or the day that the setting TODAY names."""
    chosen = (settings or get_settings()).today
    return chosen or datetime.now(LONDON).date()


def present(settings: Settings | None = None) -> datetime:
    """The present instant, in UTC; with the setting TODAY, this time of the day that it names."""
    at = datetime.now(UTC)
    chosen = (settings or get_settings()).today
    if chosen is None:
        return at
    return datetime.combine(chosen, at.astimezone(LONDON).time(), LONDON).astimezone(UTC)


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)
