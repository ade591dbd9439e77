"""What a visitor chose: period, log type and question, checked against the release."""

from dataclasses import dataclass, field

from data_access.reference.log_types import LOG_TYPES
from data_access.reference.periods import UnknownPeriod, period
from data_access.releases import Release

DEFAULT_LOG_TYPE = "social-rent-general-needs"


@dataclass(frozen=True)
class Selection:
    """A choice that the release can answer. `problems` tells what was asked and is not there."""

    period: str
    log_type: str
    question: str
    problems: tuple[str, ...] = field(default=())


def default_period(release: Release, log_type: str) -> str:
    """The newest complete collection year: the newest with all four quarters, else the newest."""
    for slug in release.periods:
        if "-" not in slug and f"{slug}-q4" in release.periods:
            return slug
    return release.periods[0]


def read_selection(
    release: Release, level: str, chosen_period: str, log_type: str, question: str
) -> Selection:
    """The choice, with what is unknown replaced by the default and named in `problems`."""
    problems = []
    kind = log_type or DEFAULT_LOG_TYPE
    if kind not in LOG_TYPES:
        problems.append(f"There is no log type '{kind[:40]}'. Choose one from the list.")
        kind = DEFAULT_LOG_TYPE
    slug = chosen_period or default_period(release, kind)
    if slug not in release.periods:
        problems.append(f"There are no figures for '{slug[:40]}'. Choose a period from the list.")
        slug = default_period(release, kind)
    names = {asked.name for asked in release.questions_for(kind, level, slug)}
    if question and question not in names:
        problems.append(
            f"There is no question '{question[:40]}' for this log type and period. Choose one "
            "from the list."
        )
        question = ""
    return Selection(slug, kind, question, tuple(problems))


def period_label(slug: str) -> str:
    """The words for a period of a release."""
    try:
        return period(slug).label
    except UnknownPeriod:
        return slug
