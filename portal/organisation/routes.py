"""An organisation's own figures: unsuppressed, and for its own people alone."""

from functools import cache

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from data_access.accounts import Person
from data_access.institutions import Institution
from data_access.logs import log_counts, valid_answers
from data_access.questions import PlaceTable, TabulatedQuestion
from data_access.reference.log_types import LOG_TYPES
from data_access.reference.periods import UnknownPeriod, period, quarter, year, year_label
from portal.layout.pages import render
from portal.organisation.figures import own_figures
from portal.permissions import may
from portal.public.downloads import tidy_csv
from portal.public.selection import DEFAULT_LOG_TYPE
from portal.public.wording import amount, finding, headlines
from portal.scopes import logs_of_institution
from portal.sessions import Database, SignedIn
from submission.collection import YEARS
from submission.published import tabulated_questions

router = APIRouter()
STATUSES = ("valid", "invalid", "saved", "dropped")
PRIVATE = {"Cache-Control": "private, no-store"}


@cache
def _questions() -> list[TabulatedQuestion]:
    return tabulated_questions()


def _institution(account: Person) -> int:
    if not may(account, "figures.view") or account.institution_id is None:
        raise HTTPException(404)
    return account.institution_id


def _table(db: Database, institution_id: int, slug: str, log_type: str) -> PlaceTable:
    try:
        chosen = period(slug)
    except UnknownPeriod as unknown:
        raise HTTPException(404, str(unknown)) from unknown
    if log_type not in LOG_TYPES:
        raise HTTPException(404, "There is no such log type. Choose one from the list.")
    answers = valid_answers(
        db, logs_of_institution(institution_id), log_type, chosen.start, chosen.end
    )
    return own_figures(answers, _questions(), log_type, slug)


@router.get("/organisation")
def own_page(
    request: Request,
    db: Database,
    account: SignedIn,
    period: str = "2025",
    log_type: str = DEFAULT_LOG_TYPE,
    question: str = "",
) -> Response:
    """Charts and tables of the organisation's own valid logs."""
    institution_id = _institution(account)
    table = _table(db, institution_id, period, log_type)
    if question and question not in table.questions:
        raise HTTPException(404, "There is no such question. Choose one from the list.")
    shown = [
        asked
        for name, asked in table.questions.items()
        if name == question or (not question and asked.question.headline)
    ]
    institution = db.get(Institution, institution_id)
    counts = log_counts(db, logs_of_institution(institution_id))
    answer = render(
        request,
        "organisation/figures.html",
        name=institution.name if institution else "",
        table=table if table.records else None,
        sections=[(finding(asked), asked) for asked in shown],
        headlines=headlines(table),
        counts=[
            (year_label(number), [counts.get((number, status), 0) for status in STATUSES])
            for number in reversed(YEARS)
        ],
        periods=[
            (part.slug, part.label)
            for number in reversed(YEARS)
            for part in (year(number), *(quarter(number, n) for n in (4, 3, 2, 1)))
        ],
        log_types=LOG_TYPES,
        asked=[asked.question for asked in table.questions.values()],
        chosen={"period": period, "log_type": log_type, "question": question},
        amount=amount,
    )
    answer.headers.update(PRIVATE)
    return answer


@router.get("/organisation/figures.csv")
def own_csv(
    db: Database, account: SignedIn, period: str = "2025", log_type: str = DEFAULT_LOG_TYPE
) -> Response:
    """The same figures as CSV."""
    table = _table(db, _institution(account), period, log_type)
    return Response(
        tidy_csv(table).encode(),
        media_type="text/csv; charset=utf-8",
        headers={
            **PRIVATE,
            "Content-Disposition": f'attachment; filename="own-figures_{log_type}_{period}.csv"',
        },
    )
