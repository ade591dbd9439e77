"""When an institution manages homes of another, and how that is said."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.institutions import InstitutionLink
from submission.windows import in_words


@dataclass(frozen=True)
class Period:
    """From a first to a last day, both included; None: since ever, until further notice."""

    starts_on: date | None = None
    ends_on: date | None = None

    def holds(self, day: date | None) -> bool:
        """Whether a day lies in it; a day that is not known does."""
        if day is None:
            return True
        began = self.starts_on is None or self.starts_on <= day
        return began and (self.ends_on is None or day <= self.ends_on)

    @property
    def in_words(self) -> str:
        """As "from 1 April 2026 to 31 March 2027"."""
        first = f"from {in_words(self.starts_on)}" if self.starts_on else ""
        last = f"{'to' if first else 'until'} {in_words(self.ends_on)}" if self.ends_on else ""
        return f"{first} {last}".strip() or "without a first or last day"


def periods_between(db: Session, owner_id: int, manager_id: int) -> list[Period]:
    """The times for which one institution manages homes of another, earliest first."""
    query = select(InstitutionLink.starts_on, InstitutionLink.ends_on).where(
        InstitutionLink.owner_id == owner_id, InstitutionLink.manager_id == manager_id
    )
    found = [Period(first, last) for first, last in db.execute(query)]
    return sorted(found, key=lambda period: period.starts_on or date.min)


def not_on_this_day(owner: str, manager: str, periods: Iterable[Period], day: date | None) -> str:
    """That an institution does not manage homes of another on a day, and when it does."""
    listed = [period.in_words for period in periods]
    if not listed:
        return (
            f"{manager} does not manage homes of {owner}. Check both, or ask an administrator to "
            "link the two."
        )
    on = f" on {in_words(day)}" if day else ""
    return (
        f"{manager} does not manage homes of {owner}{on}: it does {' and '.join(listed)}. Check "
        "the date and both institutions, or ask an administrator to correct the relation."
    )
