"""What every page of one institution's record shares: its tabs, its state, what may be done."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.accounts import Person
from data_access.clock import today
from data_access.institution_names import apply_due_names
from data_access.institutions import Institution
from data_access.mistake_reports import count_open
from portal.institutions.words import state_of
from portal.layout.pages import render
from portal.permissions import find, may, may_do, scope
from submission.reach import no_figure_in_words, shows_stock

PRIVATE = {"Cache-Control": "private, no-store"}
MERGED = "This institution has been merged into another. Its record can no longer be changed."
# What was just done, by the word that the address of the next page carries.
DONE = {
    "created": "The institution is created.",
    "changed": "The changes are saved.",
    "unchanged": "There was nothing to change.",
    "renamed": "The new name is in use.",
    "scheduled": "The new name is scheduled.",
    "cancelled": "The scheduled name is cancelled.",
    "related": "The relation is added.",
    "dates": "The dates of the relation are saved.",
    "removed": "The relation is removed.",
    "deactivated": "The institution is deactivated.",
    "reactivated": "The institution is active again.",
    "reported": "Your report is sent. Administrators see it now; you find their answer here.",
}


@dataclass(frozen=True)
class Subject:
    """One institution as somebody signed in sees it on a day."""

    institution: Institution
    person: Person
    day: date

    @property
    def address(self) -> str:
        """Where its record is."""
        return address_of(self.institution.id)

    @property
    def is_own(self) -> bool:
        """Whether it is the one that the person acts for."""
        return self.person.institution_id == self.institution.id


def address_of(institution_id: int) -> str:
    """Where the record of an institution is."""
    return f"/institutions/{institution_id}"


def subject(
    request: Request, db: Session, person: Person, identifier: int, action: str = "institution.view"
) -> Subject:
    """The institution, for somebody who may do this to it; names that are due are put in use.

    404 when it is out of reach, 403 when it may only be looked at, or was merged into another.
    """
    day = today(request.app.state.settings)
    apply_due_names(db, day)
    institution: Institution = find(db, person, action, identifier)
    changes = action in ("institution.change", "institution.report_mistake")
    if changes and institution.merged_into_id is not None:
        raise HTTPException(403, MERGED)
    return Subject(institution, person, day)


def record_page(
    request: Request,
    db: Session,
    subject: Subject,
    template: str,
    tab: str,
    status: int = 200,
    done: str = "",
    **context: Any,
) -> Response:
    """A page of the record; `tab` is the end of its address."""
    institution, person = subject.institution, subject.person
    may_report = institution.merged_into_id is None and may_do(
        db, person, "institution.report_mistake", institution
    )
    answers = may(person, "mistake.close")
    tabs = [
        ("", "Details"),
        ("/areas", "Local authorities"),
        ("/rent-periods", "Rent periods"),
        ("/relations", "Parents and children"),
        ("/names", "Names"),
    ]
    if may_report or answers:
        tabs.append(("/mistakes", "Reported mistakes"))
    if may_do(db, person, "institution.history", institution):
        tabs.append(("/history", "History"))
    return private(
        render(
            request,
            template,
            status,
            subject=subject,
            institution=institution,
            address=subject.address,
            tabs=[(f"{subject.address}{end}", words) for end, words in tabs],
            here=f"{subject.address}{tab}",
            state=state_of(institution),
            merged_into=_merged_into(db, person, institution),
            may_change=may(person, "institution.change") and institution.merged_into_id is None,
            may_report=may_report,
            may_list=may(person, "institution.list"),
            waiting=count_open(db, institution.id) if answers else 0,
            no_figure=(
                no_figure_in_words([institution.name])
                if institution.active and institution.holds_stock and not shows_stock(institution)
                else ""
            ),
            done=DONE.get(done, ""),
            **context,
        )
    )


def _merged_into(
    db: Session, person: Person, institution: Institution
) -> tuple[Institution, bool] | None:
    """The institution that it went into, and whether this person may open its record."""
    if institution.merged_into_id is None:
        return None
    other = db.get_one(Institution, institution.merged_into_id)
    return other, may_do(db, person, "institution.view", other)


def viewable(db: Session, person: Person, identifiers: set[int]) -> set[int]:
    """Those of these institutions whose record a person may open."""
    query = select(Institution.id).where(
        Institution.id.in_(identifiers), scope(person, "institution.view")
    )
    return set(db.scalars(query))


def private(answer: Response) -> Response:
    """An answer that no cache keeps."""
    answer.headers.update(PRIVATE)
    return answer


def version_in(posted: dict[str, str]) -> int:
    """The version that a form was opened with; -1, which none has, for anything else."""
    text = posted.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else -1
