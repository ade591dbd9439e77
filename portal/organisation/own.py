"""What an institution's people may see of its own logs: which periods, and tables of answers."""

from functools import cache

from sqlalchemy.orm import Session

from data_access.accounts import Person
from data_access.logs import valid_answers
from data_access.questions import PlaceTable, TabulatedQuestion
from data_access.reference.periods import period, quarter, year
from portal.organisation.figures import own_figures
from portal.scopes import logs_of_institution
from submission.collection import YEARS
from submission.published import tabulated_questions


@cache
def own_questions() -> list[TabulatedQuestion]:
    """Every question that figures are made of."""
    return tabulated_questions()


def own_periods() -> list[str]:
    """The collection years and their quarters, newest first."""
    return [
        part.slug
        for number in reversed(YEARS)
        for part in (year(number), *(quarter(number, n) for n in (4, 3, 2, 1)))
    ]


def own_table(db: Session, person: Person, slug: str, log_type: str) -> PlaceTable:
    """Figures of the valid logs of the institution that a person acts for, unsuppressed.

    Raises UnknownPeriod, and ValueError for somebody who acts for no institution.
    """
    if person.institution_id is None:
        raise ValueError("Own figures are those of an institution")
    chosen = period(slug)
    logs = logs_of_institution(person.institution_id, person.absorbed)
    answers = valid_answers(db, logs, log_type, chosen.start, chosen.end)
    return own_figures(answers, own_questions(), log_type, slug)
