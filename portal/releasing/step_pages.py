"""The pages on which somebody approves, schedules, publishes, corrects or withdraws a release."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from data_access.accounts import Person
from data_access.clock import LONDON, present, today
from data_access.release_records import (
    APPROVED,
    CHECKED,
    DISCARDED,
    GIVEN_OUT,
    PUBLISHED,
    SCHEDULED,
    SUPERSEDED,
    WITHDRAWN,
    ReleaseRecord,
    WrongStep,
)
from data_access.settings import Settings
from portal.forms import Posted
from portal.layout.pages import render
from portal.permissions import find
from portal.releasing import london_time
from portal.releasing.building import start
from portal.releasing.folders import manifest_of
from portal.releasing.frame import HERE, address_of, private, to_record
from portal.releasing.given_out import current_number, one_before
from portal.releasing.london_time import in_words
from portal.releasing.refusals import ReleaseRefused
from portal.releasing.steps import (
    SELF,
    approve,
    correction_of,
    discard,
    publish_now,
    schedule,
    unschedule,
    withdraw,
)
from portal.releasing.words import periods_in_words, title_of
from portal.releasing.working_days import next_working_day, usual_time
from portal.sessions import Database, SignedIn

router = APIRouter()
ONE = f"{HERE}/{{identifier:int}}"
# Each step: the action that it needs, the states that it begins from, and the one it ends in.
_STEPS = {
    "approve": ("release.approve", (CHECKED,), (APPROVED, SCHEDULED, PUBLISHED)),
    "schedule": ("release.schedule", (APPROVED,), (SCHEDULED,)),
    "unschedule": ("release.schedule", (SCHEDULED,), (APPROVED,)),
    "publish": ("release.schedule", (APPROVED, SCHEDULED), (PUBLISHED,)),
    "correct": ("release.schedule", (PUBLISHED,), ()),
    "withdraw": ("release.withdraw", (PUBLISHED, SUPERSEDED), (WITHDRAWN,)),
    "discard": ("release.withdraw", (CHECKED, APPROVED), (DISCARDED,)),
}
_DONE = {
    "approve": "approved",
    "schedule": "scheduled",
    "unschedule": "unscheduled",
    "publish": "published",
    "withdraw": "withdrawn",
    "discard": "discarded",
}


def _found(db: Session, person: Person, step: str, identifier: int) -> ReleaseRecord:
    try:
        record: ReleaseRecord = find(db, person, _STEPS[step][0], identifier)
    except HTTPException as refused:
        seen = db.get(ReleaseRecord, identifier) if refused.status_code == 403 else None
        if step == "approve" and seen is not None and seen.created_by_id == person.id:
            raise HTTPException(403, SELF) from refused
        raise
    return record


def _meanwhile(record: ReleaseRecord, step: str) -> Response:
    """Back to the release: done already, not approved yet, or somebody else took another step."""
    if record.state in _STEPS[step][2]:
        return to_record(record, _DONE[step])
    return _back(record, step, "changed")


def _back(record: ReleaseRecord, step: str, otherwise: str = "") -> Response:
    """Back to a release, which says what has to come before this step where that is known."""
    if step in ("schedule", "publish") and record.state == CHECKED:
        return to_record(record, "not_approved")
    if step == "discard" and record.state == SCHEDULED:
        return to_record(record, "is_scheduled")
    if step == "discard" and record.state in GIVEN_OUT:
        return to_record(record, "was_published")
    return to_record(record, otherwise)


def _is_open(record: ReleaseRecord, step: str, posted: dict[str, str] | None = None) -> bool:
    """Whether a step can be taken; of a form, also whether it shows how the release stands."""
    if record.state not in _STEPS[step][1]:
        return False
    return posted is None or posted.get("version") == str(record.version)


def _gone(request: Request, record: ReleaseRecord, step: str) -> list[str]:
    """The periods that publishing a release takes from the public, in words."""
    if step not in ("approve", "schedule", "publish"):
        return []
    manifest = manifest_of(request.app.state.settings, record)
    return periods_in_words(manifest["changes"]["periods_removed"]) if manifest else []


def _form(
    request: Request,
    record: ReleaseRecord,
    step: str,
    errors: dict[str, str] | None = None,
    **context: Any,
) -> Response:
    return private(
        render(
            request,
            f"releasing/{step}.html",
            422 if errors else 200,
            record=record,
            title=title_of(record),
            periods=periods_in_words(record.periods),
            gone=_gone(request, record, step),
            here=address_of(record),
            errors=errors or {},
            error=bool(errors),
            **context,
        )
    )


@router.get(f"{ONE}/approve")
def approve_page(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """What to have looked at before approving."""
    record = _found(db, person, "approve", identifier)
    if not _is_open(record, "approve"):
        return to_record(record)
    return _form(request, record, "approve")


@router.post(f"{ONE}/approve")
def approve_release(
    request: Request, db: Database, person: SignedIn, identifier: int, posted: Posted
) -> Response:
    """Approves a release that somebody else had built."""
    record = _found(db, person, "approve", identifier)
    if not _is_open(record, "approve", posted):
        return _meanwhile(record, "approve")
    if posted.get("looked") != "yes":
        words = "Tick that you have looked at the release"
        return _form(request, record, "approve", {"looked": words})
    try:
        approve(db, request.app.state.settings, person.id, record)
    except ReleaseRefused as refused:
        db.rollback()
        return _form(request, record, "approve", {"looked": str(refused)})
    except WrongStep:
        return _meanwhile(record, "approve")
    return to_record(record, "approved")


@router.get(f"{ONE}/schedule")
def schedule_page(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """The date and time of publication: the next working day at the usual time."""
    record = _found(db, person, "schedule", identifier)
    if not _is_open(record, "schedule"):
        return _back(record, "schedule")
    usual = usual_time(record.issued, present(request.app.state.settings))
    return _schedule_form(request, record, london_time.parts_of(usual))


@router.post(f"{ONE}/schedule")
def schedule_release(
    request: Request, db: Database, person: SignedIn, identifier: int, posted: Posted
) -> Response:
    """Schedules a release.

    Of a time that comes twice the page first says which is meant, and of a day that is not the one
    in the files that it is not.
    """
    record = _found(db, person, "schedule", identifier)
    if not _is_open(record, "schedule", posted):
        return _meanwhile(record, "schedule")
    typed = london_time.typed(posted, "publishes")
    read = london_time.read(typed, "publishes", "the date of publication")
    if read.found is None:
        return _schedule_form(request, record, typed, read.errors)
    remark = " ".join(filter(None, (read.found.remark, _other_day(record, read.found.instant))))
    is_over = read.found.instant <= present(request.app.state.settings)
    if remark and not is_over and posted.get("remark") != remark:
        return _schedule_form(request, record, typed, remark=remark)
    try:
        schedule(db, request.app.state.settings, person.id, record, read.found.instant)
    except ReleaseRefused as refused:
        db.rollback()
        return _schedule_form(request, record, typed, {"publishes-day": str(refused)})
    except WrongStep:
        return _meanwhile(record, "schedule")
    request.app.state.publishing_work.ring()
    return to_record(record, "scheduled")


def _other_day(record: ReleaseRecord, at: datetime) -> str:
    """What to say of a time that is not on the day that the files name."""
    day = at.astimezone(LONDON).date()
    if day == record.issued:
        return ""
    return (
        f"The files of this release say that it is published on {in_words(record.issued)}, and you "
        f"entered {in_words(day)}."
    )


def _schedule_form(
    request: Request,
    record: ReleaseRecord,
    typed: dict[str, list[str]],
    errors: dict[str, str] | None = None,
    remark: str = "",
) -> Response:
    return _form(
        request,
        record,
        "schedule",
        errors,
        typed=typed,
        remark=remark,
        issued=in_words(record.issued),
    )


@router.post(f"{ONE}/unschedule")
def unschedule_release(
    request: Request, db: Database, person: SignedIn, identifier: int, posted: Posted
) -> Response:
    """Takes a release off the schedule."""
    record = _found(db, person, "unschedule", identifier)
    if not _is_open(record, "unschedule", posted):
        return _meanwhile(record, "unschedule")
    try:
        unschedule(db, person.id, record)
    except WrongStep:
        return _meanwhile(record, "unschedule")
    return to_record(record, "unscheduled")


@router.get(f"{ONE}/publish")
def publish_page(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """What publishing at once would do."""
    record = _found(db, person, "publish", identifier)
    if not _is_open(record, "publish"):
        return _back(record, "publish")
    current = current_number(request.app.state.settings)
    settings: Settings = request.app.state.settings
    return _form(
        request,
        record,
        "publish",
        current=current,
        differs=bool(_other_day(record, present(settings))),
        issued=in_words(record.issued),
    )


@router.post(f"{ONE}/publish")
def publish_release(
    request: Request, db: Database, person: SignedIn, identifier: int, posted: Posted
) -> Response:
    """Publishes a release at once."""
    record = _found(db, person, "publish", identifier)
    if not _is_open(record, "publish", posted):
        return _meanwhile(record, "publish")
    try:
        publish_now(db, request.app.state.settings, person.id, record)
    except ReleaseRefused:
        # The release has failed, and its page says why.
        return to_record(record)
    except WrongStep:
        return _meanwhile(record, "publish")
    return to_record(record, "published")


@router.get(f"{ONE}/withdraw")
def withdraw_page(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """What withdrawing would do, and the notice."""
    record = _found(db, person, "withdraw", identifier)
    if not _is_open(record, "withdraw"):
        return to_record(record)
    return _withdraw_form(request, db, record, "")


@router.post(f"{ONE}/withdraw")
def withdraw_release(
    request: Request, db: Database, person: SignedIn, identifier: int, posted: Posted
) -> Response:
    """Withdraws a release with a notice."""
    record = _found(db, person, "withdraw", identifier)
    if not _is_open(record, "withdraw", posted):
        return _meanwhile(record, "withdraw")
    notice = posted.get("notice", "")
    try:
        withdraw(db, request.app.state.settings, person.id, record, notice)
    except ReleaseRefused as refused:
        db.rollback()
        return _withdraw_form(request, db, record, notice, {"notice": str(refused)})
    except WrongStep:
        return _meanwhile(record, "withdraw")
    return to_record(record, "withdrawn")


def _withdraw_form(
    request: Request,
    db: Session,
    record: ReleaseRecord,
    notice: str,
    errors: dict[str, str] | None = None,
) -> Response:
    settings: Settings = request.app.state.settings
    return _form(
        request,
        record,
        "withdraw",
        errors,
        text=notice,
        is_current=record.state == PUBLISHED,
        again=one_before(db, settings, record),
    )


@router.get(f"{ONE}/discard")
def discard_page(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """Asks before a release is given up."""
    record = _found(db, person, "discard", identifier)
    if not _is_open(record, "discard"):
        return _back(record, "discard")
    return _form(request, record, "discard")


@router.post(f"{ONE}/discard")
def discard_release(
    request: Request, db: Database, person: SignedIn, identifier: int, posted: Posted
) -> Response:
    """Gives up a release that was not published."""
    record = _found(db, person, "discard", identifier)
    if not _is_open(record, "discard", posted):
        return _meanwhile(record, "discard")
    try:
        discard(db, request.app.state.settings, person.id, record)
    except (ReleaseRefused, WrongStep):
        db.rollback()
        db.refresh(record)
        return _meanwhile(record, "discard")
    return to_record(record, "discarded")


@router.get(f"{ONE}/correct")
def correct_page(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """What correcting does, and the note."""
    record = _found(db, person, "correct", identifier)
    if not _is_open(record, "correct"):
        return to_record(record)
    return _form(request, record, "correct", text="")


@router.post(f"{ONE}/correct")
def correct_release(
    request: Request, db: Database, person: SignedIn, identifier: int, posted: Posted
) -> Response:
    """Starts to build the corrected release."""
    record = _found(db, person, "correct", identifier)
    if not _is_open(record, "correct", posted):
        return to_record(record, "changed")
    note, settings = posted.get("note", ""), request.app.state.settings
    issued = next_working_day(today(settings))
    try:
        made = start(db, settings, person.id, correction_of(record, issued, note))
    except ReleaseRefused as refused:
        db.rollback()
        return _form(request, record, "correct", {"note": str(refused)}, text=note)
    return to_record(made, "started")
