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
from data_access.institutions import Institution
from data_access.logs import Log, VersionConflict, save_log
from data_access.reference.local_authorities import current_code
from data_access.reference.log_types import log_type_of
from data_access.reference.periods import collection_year_of
from data_access.reference.postcodes import default_store
from data_access.schemes import Location, locations_of
from submission.addresses.choice import address_service
from submission.addresses.facts import with_address, without_address
from submission.answers import Unreadable, clean, read_answer, whole_number
from submission.collection import Collection, load
from submission.columns import EVENT_DATES, INSTITUTIONS, columns_of
from submission.context import context_of
from submission.page_checks import check_page
from submission.reach import (
    may_submit,
    possible_managers,
    possible_owners,
    possible_people,
    possible_schemes,
)
from submission.rules import MISSING, SOFT
from submission.usual_ranges import current_ranges
from submission.verdicts import Checked, check_logs, facts_about, verdict
from submission.windows import (
    open_for_changes,
    why_no_changes,
    why_not_new,
    years_open_for_new_logs,
)

OPEN = frozenset(["saved", "invalid"])
_FROM_LISTS = (*INSTITUTIONS, "scheme_id", "location_id")


class NotAllowed(Exception):
    """The log's state, its collection year or the person's account does not allow this."""


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
        institution = db.get(Institution, account.institution_id)
        if institution is not None and not institution.data_sharing_signed:
            raise NotAllowed(
                "Your institution has not signed the data sharing agreement yet. Ask its "
                "co-ordinator."
            )
        owners = possible_owners(db, account)
        if not owners:
            raise NotAllowed(
                "Your institution owns no homes and manages none for another. Ask an "
                "administrator to link it with the owner of the homes."
            )
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
    _refuse_closed(log, day or today())
    collection = load(log.collection, log.collection_year)
    read, unreadable = _read(db, account, log, collection, values)
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
        year = _year_of(log, columns["event_date"], day or today())
    subject = ("log", log.id)
    record(db, account.id, "log_saved", subject, {"changes": changes})
    try:
        save_log(
            db,
            log,
            expected_version,
            {"answers": answers, "entered": entered, "collection_year": year, **columns},
        )
    except VersionConflict as conflict:
        differences = _differences(conflict.current, values, read, unreadable)
        if not differences:
            return conflict.current
        raise PageConflict(conflict.current, differences) from conflict
    db.commit()
    return log


def _read(
    db: Session,
    account: Actor,
    log: Log,
    collection: Collection,
    values: Mapping[str, str],
) -> tuple[dict[str, Any], dict[str, str]]:
    """Answers by variable (None clears), and texts that are no answers."""
    read: dict[str, Any] = {}
    unreadable: dict[str, str] = {}
    for name, raw in values.items():
        variable = collection.variables.get(name)
        if variable is None and name not in _KEPT:
            continue
        text = clean(raw)
        read[name] = None
        if not text:
            continue
        if variable is None:
            read[name] = _KEPT[name](text)
            continue
        answer = read_answer(collection, variable, text)
        if isinstance(answer, Unreadable):
            unreadable[name] = raw
        else:
            read[name] = answer
    for name in _FROM_LISTS:
        if read.get(name) is not None and read[name] != log.answers.get(name):
            _refuse_out_of_reach(db, account, log, name, read)
    return read, unreadable


def with_places(
    db: Session, answers: Mapping[str, Any], changed: Mapping[str, Any]
) -> dict[str, Any]:
    """The answers with what follows from a UPRN, postcode or scheme that was changed.

    The address comes from the UPRN where it can be looked up, and the local authority from the
    postcode where it is known; a scheme with one location has its location chosen, and a location
    of another scheme is taken back.
    """
    found = dict(answers)
    if "uprn" in changed or changed.get("uprn_confirmed") == 0:
        is_wrong = changed.get("uprn_confirmed") == 0
        found = without_address(found) if is_wrong else with_address(found)
        if found.get("postcode_full") != answers.get("postcode_full"):
            changed = {**changed, "postcode_full": found.get("postcode_full")}
    for postcode, authority, inferred in _POSTCODES:
        if postcode not in changed:
            continue
        place = default_store().look_up(str(changed[postcode])) if changed[postcode] else None
        code = current_code(place.local_authority) if place else None
        if code is not None:
            found[authority] = code
        elif found.get(inferred) and authority not in changed:
            found.pop(authority, None)
        found[inferred] = code is not None
    if "scheme_id" in changed:
        locations = [place.id for place in locations_of(db, found.get("scheme_id") or 0)]
        if len(locations) == 1:
            found["location_id"] = locations[0]
        elif found.get("location_id") not in locations:
            found.pop("location_id", None)
    if "scheme_id" in changed or "location_id" in changed:
        location = db.get(Location, found.get("location_id") or 0)
        if location is not None and location.local_authority:
            found |= {"la": location.local_authority, "is_la_inferred": True}
    return found


_POSTCODES = (
    ("postcode_full", "la", "is_la_inferred"),
    ("ppostcode_full", "prevloc", "is_previous_la_inferred"),
)


def _truth(text: str) -> bool | None:
    return {"1": True, "true": True, "0": False, "false": False}.get(text.lower())


# Values that pages set without a question of their own.
_KEPT = {
    "manual_address_entry_selected": _truth,
    "postcode_known": whole_number,
    "pcodenk": whole_number,
}


def _refuse_out_of_reach(
    db: Session, account: Actor, log: Log, name: str, read: Mapping[str, Any]
) -> None:
    """An owner, manager, person or scheme comes from a list; another identifier was never on it."""
    answers = {**log.answers, **{key: value for key, value in read.items() if value is not None}}
    owner, manager = answers.get("owning_organisation_id"), answers.get("managing_organisation_id")
    allowed: set[int] = set()
    if name == "owning_organisation_id":
        allowed = {found.id for found in possible_owners(db, account)}
    elif name == "managing_organisation_id" and isinstance(owner, int):
        allowed = {found.id for found in possible_managers(db, account, owner)}
    elif name == "scheme_id":
        within = {number for number in (owner, manager) if isinstance(number, int)}
        allowed = {found.id for found in possible_schemes(db, within)}
    elif name == "location_id":
        allowed = {found.id for found in locations_of(db, answers.get("scheme_id") or 0)}
    elif name == "assigned_to_id":
        within = {number for number in (owner, manager) if isinstance(number, int)}
        allowed = {found.id for found in possible_people(db, within)}
    if read[name] not in allowed:
        raise NotAllowed("This institution, person or scheme is not one that you may choose here.")


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
    """What the checker says of a log as it stands, texts that could not be read included.

    Nothing is stored.
    """
    [checked] = check_logs(
        log.collection,
        log.collection_year,
        _frame(log),
        context_of(db, log),
        day or today(),
        True,
        _saved(log),
        current_ranges(db, log.collection),
    )
    return checked


def check_saved_page(
    db: Session, log: Log, variables: Sequence[str], day: date | None = None
) -> Checked:
    """What there is to say of one page of a log, and which pages the log is asked.

    Only what the page's variables can change is checked; nothing is stored.
    """
    frame, ranges = _frame(log), current_ranges(db, log.collection)
    year = log.collection_year
    facts = facts_about(frame, context_of(db, log), day or today(), year, ranges)
    return check_page(log.collection, year, variables, frame, facts, _saved(log), ranges)


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
    """Checks the log and makes it valid or invalid, with its findings. Raises NotAllowed.

    The log then holds what the rules derive from its answers, and no answers to questions that it
    is not asked.
    """
    on = day or today()
    _refuse_closed(log, on)
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
    becomes valid.
    """
    if log.status == "dropped":
        raise NotAllowed("This log was dropped. Dropped logs are kept, but cannot be changed.")
    _refuse_closed_year(log, day or today())
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


def drop(db: Session, account: Actor, log: Log, reason: str = "") -> Log:
    """Takes a log out of every count for good; it is kept for the record."""
    if log.status == "dropped":
        return log
    if account.role == "provider" and account.id not in (log.assigned_to_id, log.created_by_id):
        raise NotAllowed("Only the person this log is assigned to, or a co-ordinator, may do this.")
    record(db, account.id, "log_dropped", ("log", log.id), {"reason": clean(reason)})
    save_log(db, log, log.version, {"status": "dropped"})
    db.commit()
    return log
