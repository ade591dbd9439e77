"""The life of a log: started, saved page by page, submitted, opened again, dropped.

Nothing typed is lost: text that is not an answer of its question is kept beside the log as it was
typed, and two people who save the same answer differently are both shown both. Each function here
is one transaction: it commits, or raises and leaves the log as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from data_access.accounts import Actor
from data_access.audit import record
from data_access.clock import now, today
from data_access.logs import Log, VersionConflict, save_log
from data_access.reference.log_types import log_type_of
from data_access.reference.periods import collection_year_of
from submission.addresses.choice import address_service
from submission.answers import clean
from submission.collection import load
from submission.columns import EVENT_DATES, columns_of
from submission.context import context_of
from submission.page_answers import read_values, with_places
from submission.page_checks import check_page
from submission.reach import (
    NotAllowed,
    may_submit,
    no_figure_in_words,
    owners_without_figure,
    possible_owners,
)
from submission.rules import MISSING, SOFT
from submission.standing import standing_findings, why_not_submitted
from submission.usual_ranges import current_ranges
from submission.verdicts import Checked, check_logs, facts_about, verdict
from submission.windows import (
    open_for_changes,
    why_no_changes,
    why_not_new,
    years_open_for_new_logs,
)

OPEN = frozenset(["saved", "invalid"])
# The needs type of supported housing.
SUPPORTED = 2


class CannotSubmit(NotAllowed):
    """Whatever its answers are, the log cannot be submitted: the message says who must do what."""


@dataclass(frozen=True)
class Difference:
    """One answer that two people gave differently."""

    variable: str
    theirs: str
    yours: str


class PageConflict(VersionConflict):
    """Somebody else saved the log since the page was opened; `differences` has both values."""

    def __init__(self, current: Log, differences: list[Difference]) -> None:
        super().__init__(current)
        self.differences = differences


def start_log(
    db: Session, account: Actor, collection: str, year: int, day: date | None = None
) -> Log:
    """A new log of a year that is open, with what is known of the person who starts it.

    Raises NotAllowed, with words for that person.
    """
    if not may_submit(account):
        raise NotAllowed("Your account may not start logs.")
    on = day or today()
    if year not in years_open_for_new_logs(collection, on):
        raise NotAllowed(why_not_new(collection, year, on))
    answers: dict[str, Any] = {}
    if account.institution_id is not None:
        owners = possible_owners(db, account, on)
        if not owners:
            raise NotAllowed(_why_no_owner(db, account, on))
        own = [owner for owner in owners if owner.id == account.institution_id]
        if own or len(owners) == 1:
            answers["owning_organisation_id"] = (own or owners)[0].id
        answers["managing_organisation_id"] = account.institution_id
        answers["assigned_to_id"] = account.id
    # Without a service of addresses the address is typed.
    answers["manual_address_entry_selected"] = not address_service().is_there
    log = Log(
        collection=collection,
        collection_year=year,
        status="saved",
        created_by_id=account.id,
        version=1,
        creation_method="form",
        answers=answers,
        entered={},
        findings=[],
        **columns_of(collection, answers),
    )
    if collection == "sales":
        log.log_type = log_type_of("sales", None, None)
    db.add(log)
    db.flush()
    record(db, account.id, "log_started", ("log", log.id))
    db.commit()
    return log


def _why_no_owner(db: Session, account: Actor, day: date) -> str:
    without_figure = owners_without_figure(db, account, day)
    if without_figure:
        return no_figure_in_words(owner.name for owner in without_figure)
    return (
        "Your institution owns no homes and manages none for another. Ask an administrator to "
        "link it with the owner of the homes."
    )


def save_page(
    db: Session,
    account: Actor,
    log: Log,
    values: Mapping[str, str],
    expected_version: int,
    day: date | None = None,
) -> Log:
    """Saves what a page's fields hold, whether it can be read or not; empty text clears an answer.

    `values` has the raw text by variable. Raises PageConflict when the log was saved by somebody
    else since `expected_version` and a value differs, and NotAllowed for a log that is not open.
    """
    on = day or today()
    _refuse_closed(log, on)
    collection = load(log.collection, log.collection_year)
    read, unreadable = read_values(db, account, log, collection, values, on)
    answers = {name: value for name, value in log.answers.items() if name not in read}
    answers |= {name: value for name, value in read.items() if value is not None}
    answers = with_places(db, answers, read)
    entered = {name: text for name, text in log.entered.items() if name not in read} | unreadable
    if log.version != expected_version:
        differences = _differences(log, values, read, unreadable)
        if not differences:
            return log
        raise PageConflict(log, differences)
    if answers == log.answers and entered == log.entered:
        return log
    changes = {
        name: [log.answers.get(name, log.entered.get(name)), answers.get(name, entered.get(name))]
        for name in read
        if (log.answers.get(name), log.entered.get(name)) != (answers.get(name), entered.get(name))
    }
    columns = columns_of(log.collection, answers)
    year = log.collection_year
    if columns["event_date"] is not None:
        year = _year_of(log, columns["event_date"], on)
    unresolved = log.unresolved and not _is_resolved(answers)
    if unresolved != log.unresolved:
        changes["unresolved"] = [log.unresolved, unresolved]
    subject = ("log", log.id)
    record(db, account.id, "log_saved", subject, {"changes": changes})
    try:
        save_log(
            db,
            log,
            expected_version,
            {
                "answers": answers,
                "entered": entered,
                "collection_year": year,
                "unresolved": unresolved,
                **columns,
            },
        )
    except VersionConflict as conflict:
        differences = _differences(conflict.current, values, read, unreadable)
        if not differences:
            return conflict.current
        raise PageConflict(conflict.current, differences) from conflict
    db.commit()
    return log


def _is_resolved(answers: Mapping[str, Any]) -> bool:
    """Whether a log of a deactivated scheme has another, or is of supported housing no more."""
    has_place = "scheme_id" in answers and "location_id" in answers
    return has_place or answers.get("needstype") not in (None, SUPPORTED)


def _differences(
    current: Log,
    values: Mapping[str, str],
    read: Mapping[str, Any],
    unreadable: Mapping[str, str],
) -> list[Difference]:
    found = []
    for name in read:
        theirs = current.answers.get(name, current.entered.get(name))
        yours = read[name] if name not in unreadable else unreadable[name]
        if theirs != yours:
            shown = "" if theirs is None else str(theirs)
            found.append(Difference(name, shown, clean(values[name])))
    return found


def _year_of(log: Log, event: date, day: date) -> int:
    """The collection year that an event date puts the log in, if logs of it may be made.

    A date in a year that is closed, or not open yet, stays an answer that the rules refuse; the
    log keeps its questionnaire.
    """
    year = collection_year_of(event)
    return year if year in years_open_for_new_logs(log.collection, day) else log.collection_year


def _refuse_closed(log: Log, day: date) -> None:
    if log.status == "dropped":
        raise NotAllowed("This log was dropped. Dropped logs are kept, but cannot be changed.")
    if log.status not in OPEN:
        raise NotAllowed("This log is valid. Choose 'Correct this log' before changing it.")
    _refuse_closed_year(log, day)


def _refuse_closed_year(log: Log, day: date) -> None:
    if not open_for_changes(log.collection, log.collection_year, day):
        raise NotAllowed(why_no_changes(log.collection, log.collection_year, day))


def check(db: Session, log: Log, day: date | None = None) -> Checked:
    """What there is to say of a log as it stands, texts that could not be read included.

    That is what the checker finds, and what stands against its institutions. Nothing is stored.
    """
    [checked] = check_logs(
        log.collection,
        log.collection_year,
        _frame(log),
        context_of(db, log, day or today()),
        day or today(),
        True,
        _saved(log),
        current_ranges(db, log.collection),
    )
    standing = standing_findings(db, log)
    return replace(checked, findings=[*standing, *checked.findings]) if standing else checked


def check_saved_page(
    db: Session, log: Log, variables: Sequence[str], day: date | None = None
) -> Checked:
    """What there is to say of one page of a log, and which pages the log is asked.

    Only what the page's variables can change is checked; nothing is stored.
    """
    frame, ranges = _frame(log), current_ranges(db, log.collection)
    year = log.collection_year
    on = day or today()
    facts = facts_about(frame, context_of(db, log, on), on, year, ranges)
    checked = check_page(log.collection, year, variables, frame, facts, _saved(log), ranges)
    standing = standing_findings(db, log, variables)
    return replace(checked, findings=[*standing, *checked.findings]) if standing else checked


def _frame(log: Log) -> pd.DataFrame:
    """A log's answers; what was typed and could not be read goes with them: it will be named."""
    return pd.DataFrame([{**log.answers, **log.entered}], dtype=object)


def _saved(log: Log) -> dict[str, list[Any]]:
    """A log submitted before is held against the window for changes, not for new logs."""
    if log.submitted_at is None:
        return {}
    event = EVENT_DATES[log.collection]
    return {"id": [log.id], event: [log.answers.get(event)]}


def submit(db: Session, account: Actor, log: Log, day: date | None = None) -> Log:
    """Checks the log and makes it valid or invalid, with its findings.

    Raises NotAllowed, and CannotSubmit while its owner has not signed the Data Sharing Agreement.
    The log then holds what the rules derive from its answers, and no answers to questions that it
    is not asked.
    """
    on = day or today()
    _refuse_closed(log, on)
    refusal = why_not_submitted(db, log)
    if refusal:
        raise CannotSubmit(refusal)
    checked = check(db, log, on)
    if EVENT_DATES[log.collection] in checked.asked and log.event_date is None:
        # Without a date a log has no collection year, whatever else is in it.
        checked = _needing_date(log, checked)
    findings = checked.findings
    status = verdict(findings)
    detail = {"findings": len(findings)}
    record(db, account.id, f"log_submitted_{status}", ("log", log.id), detail)
    # What was given and does not go with the other answers stays beside the question.
    entered = {name: text for name, text in log.entered.items() if name in checked.asked}
    entered |= {
        name: str(log.answers[name]) for name in checked.lost & checked.asked if name in log.answers
    }
    # Columns follow the derived answers too: an authority comes from its postcode.
    columns = columns_of(log.collection, checked.answers)
    save_log(
        db,
        log,
        log.version,
        {
            "answers": checked.answers,
            "entered": entered,
            "findings": findings,
            "status": status,
            "submitted_at": now(),
            **columns,
        },
    )
    db.commit()
    return log


def _needing_date(log: Log, checked: Checked) -> Checked:
    name = EVENT_DATES[log.collection]
    if any(name in finding["fields"] for finding in checked.findings):
        return checked
    finding = {
        "rule": MISSING,
        "severity": MISSING,
        "fields": [name],
        "message": "Enter the date: without it the log belongs to no collection year.",
    }
    return replace(checked, findings=[finding, *checked.findings])


def confirm(db: Session, account: Actor, log: Log, rule: str, day: date | None = None) -> Log:
    """Confirms that the unusual answers which a soft rule queries are right as they are.

    The confirmation is an answer of the log and belongs to every rule that shares it; it is
    withdrawn when a later check finds none of them broken. With the last one an invalid log
    becomes valid, so it is refused like submitting it. Raises NotAllowed and CannotSubmit.
    """
    if log.status == "dropped":
        raise NotAllowed("This log was dropped. Dropped logs are kept, but cannot be changed.")
    _refuse_closed_year(log, day or today())
    refusal = why_not_submitted(db, log) if log.status == "invalid" else ""
    if refusal:
        raise CannotSubmit(refusal)
    shared = {
        finding.get("confirm_field")
        for finding in log.findings
        if finding["rule"] == rule and finding["severity"] == SOFT
    }
    findings = [
        {**finding, "confirmed": True}
        if finding["severity"] == SOFT and finding.get("confirm_field") in shared
        else finding
        for finding in log.findings
    ]
    if findings == log.findings:
        return log
    answers = dict(log.answers) | {name: 0 for name in shared if name}
    record(db, account.id, "log_confirmed", ("log", log.id), {"rule": rule})
    status = verdict(findings) if log.status == "invalid" else log.status
    save_log(db, log, log.version, {"answers": answers, "findings": findings, "status": status})
    db.commit()
    return log


def reopen(db: Session, account: Actor, log: Log, day: date | None = None) -> Log:
    """Opens a valid log again ("Correct this log"): it is saved, and must be submitted again.

    For the person it is assigned to, co-ordinators and administrators, while its year is open.
    """
    if log.status != "valid":
        raise NotAllowed("Only a valid log has to be opened again before it can be changed.")
    if account.role == "provider" and account.id not in (log.assigned_to_id, log.created_by_id):
        raise NotAllowed("Only the person this log is assigned to, or a co-ordinator, may do this.")
    _refuse_closed_year(log, day or today())
    record(db, account.id, "log_reopened", ("log", log.id))
    save_log(db, log, log.version, {"status": "saved"})
    db.commit()
    return log


def drop(db: Session, account: Actor, log: Log, reason: str = "", day: date | None = None) -> Log:
    """Takes a log out of every count for good, while its year is open; it is kept for the record.

    Raises NotAllowed.
    """
    if log.status == "dropped":
        return log
    if account.role == "provider" and account.id not in (log.assigned_to_id, log.created_by_id):
        raise NotAllowed("Only the person this log is assigned to, or a co-ordinator, may do this.")
    _refuse_closed_year(log, day or today())
    record(db, account.id, "log_dropped", ("log", log.id), {"reason": clean(reason)})
    save_log(db, log, log.version, {"status": "dropped"})
    db.commit()
    return log
