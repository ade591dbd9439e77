"""Instants typed as a day and a time in London, also on the nights when the clocks change."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from data_access.clock import LONDON
from portal.administration import date_input

# When official statistics are published.
USUAL_TIME = time(9, 30)
_TIME = re.compile(r"([01]?\d|2[0-3])[:.]?([0-5]\d)(?::([0-5]\d))?")


class NoSuchTime(ValueError):
    """The clocks go forward over this time."""


@dataclass(frozen=True)
class LondonTime:
    """An instant in UTC, and a remark when its time in London could be read in two ways."""

    instant: datetime
    remark: str = ""


def london_time(day: date, at: time) -> LondonTime:
    """The instant at which it is this time of this day in London.

    Of a time that comes twice, in the night when the clocks go back, the first is meant: that of
    British Summer Time. Raises NoSuchTime, in words for who typed it.
    """
    first = datetime.combine(day, at, LONDON)
    instant = first.astimezone(UTC)
    if instant.astimezone(LONDON).replace(tzinfo=None) != datetime.combine(day, at):
        after = instant.astimezone(LONDON)
        raise NoSuchTime(
            f"There is no {at:%H:%M} on {in_words(day)}: the clocks go forward from 1:00 to 2:00 "
            f"that night. Enter another time, such as {after:%H:%M}"
        )
    if first.replace(fold=1).utcoffset() != first.utcoffset():
        return LondonTime(
            instant,
            f"{at:%H:%M} comes twice on {in_words(day)}, because the clocks go back. The first "
            "of the two is meant, in British Summer Time.",
        )
    return LondonTime(instant)


def in_words(day: date) -> str:
    """A day as 25 November 2026."""
    return f"{day.day} {day:%B %Y}"


def instant_in_words(at: datetime) -> str:
    """An instant in London, with the weekday: Wednesday 25 November 2026, 09:30."""
    local = at.astimezone(LONDON)
    return f"{local:%A} {in_words(local.date())}, {local:%H:%M}"


def parts_of(at: datetime) -> dict[str, list[str]]:
    """What a form shows of an instant: the parts of its day, and its time."""
    local = at.astimezone(LONDON)
    return {"day": date_input.parts_of(local.date()), "time": [f"{local:%H:%M}"]}


def typed(posted: Mapping[str, str], name: str) -> dict[str, list[str]]:
    """The day and time as they were typed."""
    return {
        "day": date_input.typed(posted, name),
        "time": [" ".join(posted.get(f"{name}-time", "").split())[:20]],
    }


def read(typed_in: Mapping[str, list[str]], name: str, phrase: str) -> "Read":
    """The instant typed for a field, or what is wrong with which part of it.

    `phrase` names it inside a sentence: "the date of publication".
    """
    day, wrong = date_input.read(typed_in["day"], phrase)
    errors = {f"{name}-day": wrong} if wrong else {}
    found = _TIME.fullmatch(typed_in["time"][0])
    if found is None:
        errors[f"{name}-time"] = "Enter the time with hours and minutes, such as 9:30"
    if errors or day is None or found is None:
        return Read(None, errors)
    try:
        return Read(london_time(day, time(int(found[1]), int(found[2]), int(found[3] or 0))), {})
    except NoSuchTime as none:
        return Read(None, {f"{name}-time": str(none)})


@dataclass(frozen=True)
class Read:
    """What a field says: a time, or errors by the identifier of the input they stand at."""

    found: LondonTime | None
    errors: dict[str, str]
