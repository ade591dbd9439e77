"""Changing the dates of a collection year: what is wrong with them, and what they would change.

People think in last days ("new logs until 11 July"); stored are the first days on which something
is no longer possible (12 July). `as_shown` and `as_stored` go from one to the other, and every
message here speaks of last days.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from data_access.collection_windows import WindowDates
from data_access.reference.periods import quarter, year_label
from submission.windows import (
    EDITS_ONLY,
    OPEN,
    day_before,
    in_words,
    state_of,
)

QUARTERS = ("quarter1", "quarter2", "quarter3")
NAMES = ("opens", *QUARTERS, "deadline", "new_until", "edit_until")
LAST_DAYS = frozenset(["new_until", "edit_until"])
# As they stand inside a sentence.
PHRASES = {
    "opens": "the day the year opens",
    "quarter1": "the deadline for quarter 1",
    "quarter2": "the deadline for quarter 2",
    "quarter3": "the deadline for quarter 3",
    "deadline": "the deadline for quarter 4",
    "new_until": "the last day for new logs",
    "edit_until": "the last day for changes",
}


def phrase(name: str) -> str:
    """A date's name at the start of a sentence."""
    return PHRASES[name][0].upper() + PHRASES[name][1:]


def as_shown(name: str, stored: date | None) -> date | None:
    """The day that a person sees for a stored one."""
    return day_before(stored) if stored and name in LAST_DAYS else stored


def as_stored(name: str, shown: date | None) -> date | None:
    """The day that is stored for one that a person gave."""
    return shown + timedelta(days=1) if shown and name in LAST_DAYS else shown


def shown_dates(dates: WindowDates) -> dict[str, date | None]:
    """All dates as a person sees them, by name."""
    return {name: as_shown(name, getattr(dates, name)) for name in NAMES}


def latest_change(year: int) -> date:
    """The last day on which logs of a year can ever be changed.

    Source: the collection's notes. A log whose date lies before the last collection year but one
    is read-only, whatever the dates say.
    """
    return date(year + 2, 3, 31)


def problems(year: int, dates: WindowDates) -> dict[str, str]:
    """What is wrong with dates, one message for each name concerned; empty when they are sound."""
    found: dict[str, str] = {}
    first, last = date(year, 4, 1), date(year + 1, 3, 31)
    if not first <= dates.opens <= last:
        found["opens"] = (
            f"{phrase('opens')} must be from {in_words(first)} to {in_words(last)}, "
            f"because it must lie in {year_label(year)}"
        )
    shown = shown_dates(dates)
    for number, name in enumerate((*QUARTERS, "deadline"), start=1):
        end, day = quarter(year, number).end, shown[name]
        if day is not None and day <= end:
            found[name] = f"{phrase(name)} must be after {in_words(end)}, when that quarter ends"
    # A date that is wrong already is held against no other, so that one slip has one message.
    found |= _out_of_order(
        {name: day for name, day in shown.items() if day is not None and name not in found}
    )
    limit, changes = latest_change(year), shown["edit_until"]
    if "edit_until" not in found and changes is not None and changes > limit:
        found["edit_until"] = (
            f"{phrase('edit_until')} must be {in_words(limit)} or earlier: after that no log of "
            f"{year_label(year)} is changed"
        )
    return {name: found[name] for name in NAMES if name in found}


def _out_of_order(days: Mapping[str, date]) -> dict[str, str]:
    """Messages for dates that stand in a wrong order, as few as set it right.

    One slip, such as a wrong year, puts a date in a wrong order with many others. So the date that
    has the most others against it is named, and then looked at no more; of two that contradict
    each other alone it is the later.
    """
    left = dict(days)
    found: dict[str, str] = {}
    while left:
        against = {
            name: [other for other in left if _contradict(left, name, other)] for name in left
        }
        worst = max(left, key=lambda name: (len(against[name]), NAMES.index(name)))
        if not against[worst]:
            break
        found[worst] = _order_message(left, worst, against[worst])
        del left[worst]
    return found


def _contradict(days: Mapping[str, date], one: str, other: str) -> bool:
    if one == other:
        return False
    earlier, later = sorted((one, other), key=NAMES.index)
    return days[later] < days[earlier] or (days[later] == days[earlier] and later not in LAST_DAYS)


def _order_message(days: Mapping[str, date], name: str, against: list[str]) -> str:
    before_it = [other for other in against if NAMES.index(other) < NAMES.index(name)]
    bound = (
        max(before_it, key=days.__getitem__) if before_it else min(against, key=days.__getitem__)
    )
    which = f"{in_words(days[bound])}, {PHRASES[bound]}"
    if (name if before_it else bound) in LAST_DAYS:
        return f"{phrase(name)} must be {which}, or {'later' if before_it else 'earlier'}"
    return f"{phrase(name)} must be {'after' if before_it else 'before'} {which}"


def sentences(year: int, before: WindowDates, after: WindowDates) -> list[str]:
    """What would be so after a change, a sentence for each date that differs."""
    label = year_label(year)
    was, will = shown_dates(before), shown_dates(after)
    found = []
    for name in NAMES:
        day = will[name]
        if day == was[name]:
            continue
        if day is None:
            found.append(f"there would be no deadline for {PHRASES[name].split(' for ')[1]}")
        elif name == "opens":
            found.append(f"logs of {label} could be started from {in_words(day)}")
        elif name == "new_until":
            found.append(f"new logs of {label} could be started until {in_words(day)}")
        elif name == "edit_until":
            found.append(f"logs of {label} could be changed until {in_words(day)}")
        else:
            found.append(f"{PHRASES[name]} would be {in_words(day)}")
    return found


def closes(before: WindowDates, after: WindowDates, day: date) -> str:
    """What people could do with logs today and no longer after the change: "start or change".

    Empty when they could do the same.
    """
    allowed = {OPEN: {"start", "change"}, EDITS_ONLY: {"change"}}
    was = allowed.get(state_of(before, day), set())
    will = allowed.get(state_of(after, day), set())
    return " or ".join(sorted(was - will, reverse=True))
