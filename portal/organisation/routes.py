"""An organisation's own figures: unsuppressed, and for its own people alone."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from data_access.accounts import Person
from data_access.institutions import Institution
from data_access.logs import log_counts
from data_access.questions import PlaceTable
from data_access.reference.log_types import LOG_TYPES
from data_access.reference.periods import UnknownPeriod, year_label
from portal.layout.pages import render
from portal.organisation.own import own_periods, own_table
from portal.permissions import may
from portal.public.downloads import tidy_csv
from portal.public.selection import DEFAULT_LOG_TYPE, period_label
from portal.public.wording import finding, headlines, mean_of, share_of
from portal.scopes import logs_of_institution
from portal.sessions import Database, SignedIn
from submission.collection import YEARS

router = APIRouter()
STATUSES = ("valid", "invalid", "saved", "dropped")
PRIVATE = {"Cache-Control": "private, no-store"}


def _institution(account: Person) -> int:
    if not may(account, "figures.view") or account.institution_id is None:
        raise HTTPException(404)
    return account.institution_id


def _table(db: Database, person: Person, slug: str, log_type: str) -> PlaceTable:
    if log_type not in LOG_TYPES:
        raise HTTPException(404, "There is no such log type. Choose one from the list.")
    try:
        return own_table(db, person, slug, log_type)
    except UnknownPeriod as unknown:
        raise HTTPException(404, str(unknown)) from unknown


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
    table = _table(db, account, period, log_type)
    if question and question not in table.questions:
        raise HTTPException(404, "There is no such question. Choose one from the list.")
    shown = [
        asked
        for name, asked in table.questions.items()
        if name == question or (not question and asked.question.headline)
    ]
    institution = db.get(Institution, institution_id)
    counts = log_counts(db, logs_of_institution(institution_id, account.absorbed))
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
        periods=[(slug, period_label(slug)) for slug in own_periods()],
        log_types=LOG_TYPES,
        asked=[asked.question for asked in table.questions.values()],
        chosen={"period": period, "log_type": log_type, "question": question},
        mean_of=mean_of,
        share_of=share_of,
    )
    answer.headers.update(PRIVATE)
    return answer


@router.get("/organisation/figures.csv")
def own_csv(
    db: Database, account: SignedIn, period: str = "2025", log_type: str = DEFAULT_LOG_TYPE
) -> Response:
    """The same figures as CSV."""
    _institution(account)
    table = _table(db, account, period, log_type)
    return Response(
        tidy_csv(table).encode(),
        media_type="text/csv; charset=utf-8",
        headers={
            **PRIVATE,
            "Content-Disposition": f'attachment; filename="own-figures_{log_type}_{period}.csv"',
        },
    )
