"""What pages and commands say of releases."""

from collections.abc import Iterable
from typing import Any

from data_access.questions import ANSWERED, NOT_ANSWERED, RECORDS, TOTAL, TabulatedQuestion
from data_access.reference.local_authorities import ENGLAND, regions, spans
from data_access.reference.log_types import LOG_TYPES
from data_access.reference.periods import UnknownPeriod, period, year_label
from data_access.release_records import ReleaseRecord
from portal.action_words import RELEASE_ACTIONS
from portal.releasing.building import HowFar
from submission.published import tabulated_questions

LEVELS = {
    "england": "England",
    "region": "Regions",
    "local_authority": "Local authorities",
}
DONE = {
    "started": "The build has begun.",
    "approved": "The release is approved.",
    "scheduled": "The release is scheduled.",
    "unscheduled": "The release is off the schedule. It stays approved.",
    "published": "The release is published.",
    "withdrawn": "The release is withdrawn. Its notice is public.",
    "discarded": "The release is discarded, and its files are gone.",
    "given": "The access is given.",
    "ended": "The access is ended.",
    "not_approved": "Nothing was done: somebody else than its builder has to approve it first.",
    "is_scheduled": "Nothing was done: it is scheduled. Take it off the schedule first.",
    "was_published": "Nothing was done: it was given out to the public. It can only be withdrawn.",
    "changed": "Somebody else changed this release meanwhile. This is how it stands now.",
}
HISTORY = RELEASE_ACTIONS
_WITH_ALL_QUARTERS = 5
_OF_ALL = {TOTAL: "all", ANSWERED: "number answering", NOT_ANSWERED: "not answered"}
LABELS = {"publishes_at": "Time of publication"}


def title_of(record: ReleaseRecord) -> str:
    """What a release is called: by its number, or by that of its record while it has none."""
    return f"Release {record.number}" if record.number else f"Draft {record.id}"


def periods_in_words(slugs: Iterable[str]) -> list[str]:
    """Periods in words, the oldest first: one entry for each collection year."""
    by_year: dict[str, list[str]] = {}
    for slug in sorted(slugs):
        by_year.setdefault(slug.partition("-")[0], []).append(slug)
    return [_of_year(found, of_year) for found, of_year in by_year.items()]


def _of_year(found: str, of_year: list[str]) -> str:
    """A year, its quarters, or both: no entry has a comma unless it has three parts or more."""
    quarters = [slug for slug in of_year if slug != found]
    year = _label(found)
    if len(of_year) == 1:
        return _label(of_year[0])
    if len(of_year) == _WITH_ALL_QUARTERS:
        return f"{year} and its quarters"
    *most, last = [_label(slug).rpartition(" ")[0] or slug for slug in quarters]
    listed = f"{', '.join(most)} and {last}" if most else last
    return f"{year}, and of it {listed}" if found in of_year else f"{listed} of {year}"


def _label(slug: str) -> str:
    try:
        return period(slug).label
    except UnknownPeriod:
        return slug


def time_left(far: HowFar) -> str:
    """How long a build will take from now on, in words."""
    seconds = far.seconds_left
    if seconds is None:
        return "The time left is not known, because nothing like it was built here before."
    if seconds < 60:
        return "Less than a minute left."
    minutes = round(seconds / 60)
    return "About 1 minute left." if minutes == 1 else f"About {minutes} minutes left."


def progress_in_words(far: HowFar) -> str:
    """Stage and counts: Step 2 of 6: Counting them, 3 of 8."""
    counts = f", {far.done:,} of {far.total:,}" if far.total else ""
    detail = f" {far.detail}." if far.detail else ""
    return f"Step {far.stage} of {far.stages}: {far.words}{counts}.{detail}"


def withheld_rows(report: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The rows of what is withheld, with labels and shares in per cent."""
    return [
        {
            "log_type": _log_type(row["log_type"]),
            "level": LEVELS.get(row["level"], row["level"]),
            "cells": row["cells"],
            "withheld": row["withheld"],
            "share": 100 * row["withheld"] / row["cells"] if row["cells"] else 0.0,
            "records_share": _share(row["records_share_withheld"]),
        }
        for row in sorted((report or {}).get("tables", []), key=_by_level)
    ]


def _share(share: float | None) -> str:
    return "no records" if share is None else f"{100 * share:.1f}%"


def _by_level(row: dict[str, Any]) -> tuple[str, int]:
    return row["log_type"], list(LEVELS).index(row["level"])


def removed_rows(report: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The rows of local authorities removed, with labels and shares in per cent."""
    return [
        {
            "log_type": _log_type(row["log_type"]),
            "removed": row["removed"],
            "of": row["area_periods"],
            "share": 100 * row["removed"] / row["area_periods"] if row["area_periods"] else 0.0,
        }
        for row in (report or {}).get("areas", [])
    ]


def protection_notes(report: dict[str, Any] | None) -> list[str]:
    """What else protection did, a sentence each: questions that had to go, revisions that wait."""
    told = report or {}
    notes = []
    dropped = told.get("dropped", [])
    labels = {q.name: q.label for q in tabulated_questions()} if dropped else {}
    held = told.get("held_back", {"blocks": 0, "records": 0})
    if held["blocks"]:
        notes.append(
            f"{held['records']:,} changed records in {held['blocks']:,} places and quarters wait "
            "for a later release, because fewer than three changed there."
        )
    if told.get("dominated"):
        notes.append(
            f"One owner dominates {told['dominated']:,} sums of rents and charges; those of "
            "commercial questions are withheld."
        )
    for one in dropped:
        where = "at local authority level" if one["level"] == "lowest" else "at any level"
        label = labels.get(one["question"], one["question"])
        notes.append(
            f"{label} could not be made safe {where} for {_log_type(one['log_type'])} in "
            f"{year_label(int(one['year']))}, and has no figures there."
        )
    notes += [_taken_out(one) for one in told.get("taken_out", [])]
    return notes


def _taken_out(one: dict[str, str]) -> str:
    labels = {q.name: q.label for q in tabulated_questions()} | {RECORDS: "Every figure"}
    what = labels.get(one["question"], one["question"])
    if one["question2"]:
        what += f" by {labels.get(one['question2'], one['question2'])}"
    elif one["level"] != "england":
        low = "of local authorities"
        what += f" {low}" if one["level"] == "local_authority" else f" of regions and {low[3:]}"
    return (
        f"The check found a leak, so this was taken out and the rest checked again: {what}, for "
        f"{_log_type(one['log_type'])} in {year_label(int(one['year']))}. Tell the people who "
        "look after the portal: tables that were made safe should have none."
    )


def finding_in_words(one: dict[str, Any]) -> str:
    """What the audit could work out: where, of what, and what it knows."""
    cell = one["cell"]
    questions = {q.name: q for q in tabulated_questions()}
    where = [_log_type(cell["log_type"]), _label(cell["time"])]
    if "geography" in cell:
        where.append(_places().get(cell["geography"], cell["geography"]))
    what = [
        _answer(questions.get(cell.get(question, "")), cell.get(code, ""))
        for question, code in (("question", "code"), ("question2", "code2"))
        if question in cell
    ]
    low, high = f"{one['low']:,g}", f"{one['high']:,g}"
    known = f"is {low}" if low == high else f"is from {low} to {high}"
    return f"{', '.join([*where, *what])}: {known}"


def _answer(question: TabulatedQuestion | None, code: str) -> str:
    if question is None:
        return "records"
    labels = dict(question.codes) | dict(question.group_labels) | _OF_ALL
    return f"{question.label}: {labels.get(code, code)}"


def _places() -> dict[str, str]:
    names = {code: span.name for code, span in spans().items()}
    return names | dict(regions()) | {ENGLAND: "England"}


def changes_in_words(manifest: dict[str, Any] | None) -> dict[str, Any] | None:
    """What a release changes, with labels of periods; None when there was no release before."""
    if manifest is None or not manifest.get("previous"):
        return None
    changes = manifest["changes"]
    came_and_went = [
        ("Periods added", periods_in_words(changes["periods_added"])),
        ("Periods removed", periods_in_words(changes["periods_removed"])),
        ("Questions added", changes["questions_added"]),
        ("Questions removed", changes["questions_removed"]),
        ("Answers added", changes["codes_added"]),
        ("Answers removed", changes["codes_removed"]),
    ]
    return {
        **changes,
        "against": manifest["previous"],
        "same": not any(changes[name] for name in ("changed", "added", "removed")),
        "came_and_went": [(label, names) for label, names in came_and_went if names],
    }


def _log_type(slug: str) -> str:
    return LOG_TYPES[slug].label if slug in LOG_TYPES else slug
