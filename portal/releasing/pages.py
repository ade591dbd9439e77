"""Releases in the portal: the list, a new one, and each of them."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from sqlalchemy.orm import Session

from data_access.accounts import Account, Person
from data_access.clock import present, today
from data_access.release_records import (
    APPROVED,
    CHECKED,
    DISCARDED,
    DRAFT,
    FAILED,
    PUBLISHED,
    SCHEDULED,
    SHOWN_BEFORE,
    SUPERSEDED,
    ReleaseRecord,
    access_to,
    all_records,
    latest_timings,
    records_in,
)
from data_access.releases.changes import CHANGES
from data_access.settings import Settings
from portal.administration import date_input
from portal.forms import PostedLists
from portal.history import history_of
from portal.layout.pages import render
from portal.permissions import find, may, may_do, require
from portal.releasing.building import Wish, how_far, notice_interrupted, periods_with_logs, start
from portal.releasing.folders import REPORT, contents_dir, manifest_of, read_private
from portal.releasing.frame import HERE, private, to_record
from portal.releasing.given_out import current_number
from portal.releasing.london_time import instant_in_words
from portal.releasing.preview_frame import PREVIEWED
from portal.releasing.refusals import ReleaseRefused
from portal.releasing.words import (
    DONE,
    HISTORY,
    LABELS,
    changes_in_words,
    finding_in_words,
    periods_in_words,
    progress_in_words,
    protection_notes,
    removed_rows,
    time_left,
    title_of,
    withheld_rows,
)
from portal.releasing.working_days import next_working_day
from portal.sessions import Database, SignedIn

router = APIRouter()
_LATE = timedelta(minutes=1)


@router.get(HERE)
def releases_page(request: Request, db: Database, person: SignedIn) -> Response:
    """Every release, newest first."""
    require(person, "release.view")
    settings: Settings = request.app.state.settings
    notice_interrupted(db, settings)
    records = all_records(db)
    numbers = {record.created_by_id for record in records if record.created_by_id}
    names = {number: account.name for number in numbers if (account := db.get(Account, number))}
    return private(
        render(
            request,
            "releasing/list.html",
            rows=[
                (
                    record,
                    title_of(record),
                    periods_in_words(record.periods),
                    instant_in_words(record.created_at),
                    names.get(record.created_by_id or 0, ""),
                )
                for record in records
            ],
            current=current_number(settings),
            waits=_waits(person, records),
            may_build=may(person, "release.build"),
            at=HERE,
        )
    )


def _waits(person: Person, records: list[ReleaseRecord]) -> list[ReleaseRecord]:
    """Releases that this person could approve now."""
    return [
        record
        for record in records
        if record.state == CHECKED and record.created_by_id != person.id
    ]


@router.get(f"{HERE}/new")
def new_page(request: Request, db: Database, person: SignedIn) -> Response:
    """The form to choose periods on."""
    require(person, "release.build")
    found = periods_with_logs(db)
    newest = found[0][0].collection_year if found else 0
    chosen = {period.slug for period, _ in found if period.collection_year >= newest - 1}
    day = next_working_day(today(request.app.state.settings))
    return _new_form(request, db, chosen, date_input.parts_of(day), {})


@router.post(f"{HERE}/new")
def build_release(
    request: Request, db: Database, person: SignedIn, posted: PostedLists
) -> Response:
    """Starts a build."""
    require(person, "release.build")
    chosen = tuple(dict.fromkeys(posted.get("periods", [])))
    last = {name: values[-1] for name, values in posted.items() if values}
    typed = date_input.typed(last, "issued")
    issued, wrong = date_input.read(typed, "the date of publication")
    errors = {"issued-day": wrong} if wrong else {}
    if not chosen:
        errors["periods"] = "Choose at least one period"
    if errors or issued is None:
        return _new_form(request, db, set(chosen), typed, errors)
    try:
        record = start(db, request.app.state.settings, person.id, Wish(chosen, issued))
    except ReleaseRefused as refused:
        place = "issued-day" if "date of publication" in str(refused) else "periods"
        return _new_form(request, db, set(chosen), typed, {place: str(refused)})
    return to_record(record, "started")


def _new_form(
    request: Request, db: Session, chosen: set[str], typed: list[str], errors: dict[str, str]
) -> Response:
    years: list[tuple[str, list[tuple[str, str, int]]]] = []
    for period, count in periods_with_logs(db):
        if period.quarter is None:
            years.append((period.label, []))
        years[-1][1].append((period.slug, period.label, count))
    running = records_in(db, [DRAFT])
    return private(
        render(
            request,
            "releasing/new.html",
            422 if errors else 200,
            years=years,
            chosen=chosen,
            typed=typed,
            errors=errors,
            error=bool(errors),
            running=running[0] if running else None,
            at=HERE,
        )
    )


@router.get(f"{HERE}/{{identifier:int}}")
def release_page(
    request: Request, db: Database, person: SignedIn, identifier: int, done: str = ""
) -> Response:
    """One release: its verdict, what is withheld, what changes, and what can be done next."""
    notice_interrupted(db, request.app.state.settings)
    record: ReleaseRecord = find(db, person, "release.view", identifier)
    return private(
        render(
            request,
            "releasing/release.html",
            **shown(request, db, person, record),
            done=DONE.get(done, ""),
        )
    )


def shown(request: Request, db: Session, person: Person, record: ReleaseRecord) -> dict[str, Any]:
    """What the page of a release shows."""
    settings: Settings = request.app.state.settings
    report = read_private(settings, record, REPORT)
    far = how_far(record, latest_timings(db)) if record.state == DRAFT else None
    corrected = db.get(ReleaseRecord, record.corrects_id) if record.corrects_id else None
    events = history_of(db, ("release", record.id), HISTORY, LABELS)
    return {
        "record": record,
        "title": title_of(record),
        "periods": periods_in_words(record.periods),
        "steps": _steps(db, record),
        "corrected": corrected,
        "verdict": record.verdict,
        "examples": [finding_in_words(one) for one in record.verdict.get("examples", [])],
        "withheld": withheld_rows(report),
        "removed": removed_rows(report),
        "notes": protection_notes(report),
        "changes": changes_in_words(manifest_of(settings, record)),
        "progress": progress_in_words(far) if far else "",
        "left": time_left(far) if far else "",
        "actions": _actions(db, person, record),
        "own": record.created_by_id == person.id,
        "is_previewed": record.state in PREVIEWED,
        "named": access_to(db, record),
        "history": [event for event in events if event.what != HISTORY["release_previewed"]],
        "is_failed": record.state == FAILED,
        "has_files": record.state not in (DRAFT, FAILED, DISCARDED),
        "is_late": _is_late(settings, record),
        "at": HERE,
    }


def _is_late(settings: Settings, record: ReleaseRecord) -> bool:
    """Whether a release should have been published a minute ago."""
    at = record.publishes_at
    return record.state == SCHEDULED and at is not None and at + _LATE < present(settings)


def _steps(db: Session, record: ReleaseRecord) -> list[tuple[str, str, str]]:
    """What was done, when, and by whom."""
    found = [
        ("Build begun", record.created_at, record.created_by_id),
        ("Passed the audit", record.checked_at, None),
        ("Approved", record.approved_at, record.approved_by_id),
        (
            "To be published" if record.state == SCHEDULED else "Scheduled for",
            record.publishes_at,
            record.scheduled_by_id,
        ),
        ("Published", record.published_at, record.published_by_id),
        ("Withdrawn", record.withdrawn_at, record.withdrawn_by_id),
    ]
    return [
        (label, instant_in_words(at), _name(db, who)) for label, at, who in found if at is not None
    ]


def _name(db: Session, number: int | None) -> str:
    account = db.get(Account, number) if number is not None else None
    return account.name if account else ""


def _actions(db: Session, person: Person, record: ReleaseRecord) -> set[str]:
    """The steps that this person may take with a release as it stands."""
    steps = {
        "approve": ("release.approve", [CHECKED]),
        "schedule": ("release.schedule", [APPROVED]),
        "publish": ("release.schedule", [APPROVED, SCHEDULED]),
        "unschedule": ("release.schedule", [SCHEDULED]),
        "correct": ("release.schedule", [PUBLISHED]),
        "withdraw": ("release.withdraw", [PUBLISHED, SUPERSEDED]),
        "discard": ("release.withdraw", [CHECKED, APPROVED]),
        "access": ("release.give_access", list(SHOWN_BEFORE)),
    }
    return {
        name
        for name, (action, states) in steps.items()
        if record.state in states and may_do(db, person, action, record)
    }


@router.get(f"{HERE}/{{identifier:int}}/progress")
def progress(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """How far a build is, for the page that shows it."""
    notice_interrupted(db, request.app.state.settings)
    record: ReleaseRecord = find(db, person, "release.view", identifier)
    words = ""
    if record.state == DRAFT:
        far = how_far(record, latest_timings(db))
        words = f"{progress_in_words(far)} {time_left(far)}"
    return private(JSONResponse({"state": record.state, "words": words}))


@router.get(f"{HERE}/{{identifier:int}}/changes.csv")
def changes_csv(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """Each published figure that differs from the release before."""
    record: ReleaseRecord = find(db, person, "release.view", identifier)
    path = contents_dir(request.app.state.settings, record) / CHANGES
    if not path.exists():
        raise HTTPException(404)
    name = f"changes_{record.number or record.id}.csv"
    return private(FileResponse(path, media_type="text/csv; charset=utf-8", filename=name))
