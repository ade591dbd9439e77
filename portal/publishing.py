"""The pipeline of a release: from valid logs to a sealed draft that passed the audit.

Each stage is a function that tells how far it is. A stage that raises stops the pipeline, and so
does a verdict with breaches: what is published is not touched by any of this.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import structlog

from data_access.clock import today
from data_access.database import make_engine
from data_access.holding_back import HeldBack, hold_back
from data_access.questions import TabulatedQuestion
from data_access.reference.periods import period, quarter, year
from data_access.releases.verifying import verify
from data_access.releases.versions import is_version
from data_access.releases.writing import write_contents
from data_access.settings import Settings
from data_access.tabulation import Tables, tabulate
from data_access.warehouse import build
from disclosure.attack import Verdict
from disclosure.policy import Policy
from disclosure.protection.release import Protected, UnsafeTable
from portal.repairing import TakenOut, repaired
from portal.safeguards import (
    attack,
    attack_written,
    make_safe,
    only,
    report_as_json,
    verdict_as_json,
)
from submission.published import tabulated_questions

# The folder, beside a draft, of the logs that it counts.
COUNTED = "counted"
# How often tables with a leak are taken out and the rest is attacked again: once for each level.
_REPAIRS = 3
_log = structlog.get_logger()


class Progress(Protocol):
    """Is told how far a stage is: so much of so much, 0 of 0 when it is not counted; and a detail.

    The detail is a short sentence without its full stop.
    """

    def __call__(self, stage: str, done: int, total: int, detail: str = "") -> None: ...


@dataclass(frozen=True)
class Stage:
    """A step of the pipeline: what a page says of it, and of a failure while it was done."""

    name: str
    words: str
    doing: str


STAGES = (
    Stage("read", "Reading the valid logs", "the valid logs were read"),
    Stage("hold_back", "Holding back small revisions", "small revisions were held back"),
    Stage("count", "Counting them", "the logs were counted"),
    Stage("protect", "Making the tables safe", "the tables were made safe"),
    Stage("audit", "Checking the safe tables", "the safe tables were checked"),
    Stage("write", "Writing the release", "the release was written"),
    Stage("audit_written", "Checking the written files", "the written files were checked"),
)


class PublishingStopped(Exception):
    """The pipeline ended without a release, for a reason that people can read and act on."""

    def __init__(self, message: str, verdict: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.verdict = dict(verdict or {})


@dataclass(frozen=True)
class Ordered:
    """What is to be built: slugs of its periods, and the day that it is meant to be published on.

    `note` goes to the public with it; `corrects` is the release that it corrects, or empty;
    `public` the release that the public has now, or empty: readers are told what changed since, and
    never what a withdrawn one said. `given_out` are the numbers of all that were ever given out,
    `earlier` the folders of those of the same years, withdrawn ones too, for whoever kept them;
    `counted_before` that of the logs which the newest counted.
    """

    periods: tuple[str, ...]
    note: str
    corrects: str
    public: str
    issued: date
    given_out: frozenset[str] = frozenset()
    earlier: tuple[Path, ...] = ()
    counted_before: Path | None = None


@dataclass(frozen=True)
class Built:
    """A draft that passed: its number and the verdict on its files."""

    version: str
    verdict: dict[str, Any]


def build_draft(settings: Settings, ordered: Ordered, folder: Path, progress: Progress) -> Built:
    """Makes `folder`/contents, sealed, and on the private side `folder`/report.json and the logs

    that were counted, which the next release is compared with. Tables in which the audit finds a
    leak are left out. Raises PublishingStopped when it still finds one, a rule is broken or there
    is nothing to publish.
    """
    folder.mkdir(parents=True, exist_ok=True)
    questions = tabulated_questions()
    policy = Policy.read(sensitive=frozenset(q.name for q in questions if q.sensitive))
    files = _read_logs(settings, questions, progress)
    held_back = _hold_back(files, ordered, folder / COUNTED, policy, progress)
    # What is public of a year adds up with all of it, so that all of it is made safe together.
    tables = _count(held_back.files, questions, _whole_years(ordered.periods), progress)
    safe = _protect(tables, questions, policy, ordered, today(settings), progress)
    safe, verdict, taken = _audit_tables(safe, questions, policy, ordered, progress)
    contents, version = _write(settings, ordered, safe, questions, policy, folder, progress)
    verdict = _audit_files(contents, safe, verdict, policy, ordered, progress)
    report = report_as_json(safe.report, held_back.blocks, held_back.records)
    report["taken_out"] = [one.as_json() for one in taken]
    (folder / "report.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return Built(version, verdict_as_json(verdict))


def _whole_years(periods: Sequence[str]) -> list[str]:
    """Slugs of the years that the periods are of, with their quarters."""
    years = sorted({period(slug).collection_year for slug in periods})
    return [
        one.slug
        for number in years
        for one in (year(number), *(quarter(number, n) for n in range(1, 5)))
    ]


def _read_logs(
    settings: Settings, questions: Sequence[TabulatedQuestion], progress: Progress
) -> list[Path]:
    progress("read", 0, 0)
    engine = make_engine(settings.database)
    try:
        return build(
            engine, questions, settings.warehouse_dir, lambda words: progress("read", 0, 0, words)
        )
    finally:
        engine.dispose()


def _hold_back(
    files: Sequence[Path], ordered: Ordered, folder: Path, policy: Policy, progress: Progress
) -> HeldBack:
    progress("hold_back", 0, 0)
    shutil.rmtree(folder, ignore_errors=True)
    return hold_back(files, ordered.counted_before, folder, policy.min_changed)


def _count(
    files: Sequence[Path],
    questions: Sequence[TabulatedQuestion],
    periods: Sequence[str],
    progress: Progress,
) -> Tables:
    progress("count", 0, 0)
    tables = tabulate(files, questions, lambda words: progress("count", 0, 0, words), periods)
    if not set(periods) & set(tables.cells["period"].unique()):
        raise PublishingStopped("There are no valid logs of these periods any more.")
    return tables


def _protect(
    tables: Tables,
    questions: Sequence[TabulatedQuestion],
    policy: Policy,
    ordered: Ordered,
    day: date,
    progress: Progress,
) -> Protected:
    progress("protect", 0, 0)
    try:
        safe = make_safe(
            tables,
            questions,
            policy,
            day,
            ordered.earlier,
            lambda _, done, total: progress("protect", done, total),
        )
        return only(safe, ordered.periods)
    except UnsafeTable as refused:
        raise PublishingStopped(
            f"A table breaks a rule, so nothing was made. {refused}"
        ) from refused


def _audit_tables(
    safe: Protected,
    questions: Sequence[TabulatedQuestion],
    policy: Policy,
    ordered: Ordered,
    progress: Progress,
) -> tuple[Protected, Verdict, list[TakenOut]]:
    """The tables without those in which the attack found something, and which those were."""
    progress("audit", 0, 0)

    def attacked(tables: Protected) -> Verdict:
        return attack(
            tables,
            questions,
            policy,
            ordered.earlier,
            lambda words, done, total: progress("audit", done, total, words),
        )

    taken: list[TakenOut] = []
    verdict = attacked(safe)
    for _ in range(_REPAIRS):
        if verdict.safe:
            break
        safe, gone = repaired(safe, verdict.breaches)
        taken += gone
        _log.error("leak_found", taken_out=[one.as_json() for one in gone])
        verdict = attacked(safe)
    _stop_at_breaches(verdict)
    return safe, verdict, taken


def _audit_files(
    contents: Path,
    safe: Protected,
    before: Verdict,
    policy: Policy,
    ordered: Ordered,
    progress: Progress,
) -> Verdict:
    progress("audit_written", 0, 0)
    verdict = attack_written(
        contents,
        safe,
        before,
        policy,
        ordered.earlier,
        lambda words, done, total: progress("audit_written", done, total, words),
    )
    _stop_at_breaches(verdict)
    problems = verify(contents)
    if problems:
        raise PublishingStopped(
            f"The written files are not right, so the release was not kept: {problems[0]}"
        )
    return verdict


def _stop_at_breaches(verdict: Verdict) -> None:
    told = verdict_as_json(verdict)
    if not told["passed"]:
        found = ", ".join(f"{n:,} {words}" for words, n in told["breaches"].items() if n)
        raise PublishingStopped(f"The audit found a leak, so nothing was sealed ({found}).", told)


def _write(
    settings: Settings,
    ordered: Ordered,
    safe: Protected,
    questions: Sequence[TabulatedQuestion],
    policy: Policy,
    folder: Path,
    progress: Progress,
) -> tuple[Path, str]:
    """Writes and seals `folder`/contents; returns it and the release's number."""
    progress("write", 0, 0)
    contents = folder / "contents"
    shutil.rmtree(contents, ignore_errors=True)
    facts = {
        "issued": ordered.issued.isoformat(),
        "note": ordered.note,
        "corrects": ordered.corrects,
        "contact": settings.helpdesk,
        "parameters": policy.as_json(),
        "demonstration": settings.demonstration,
    }
    before = settings.releases_dir / ordered.public
    # Releases that were numbered by their day cannot be counted on from.
    previous = before if is_version(ordered.public) and before.is_dir() else None
    version = write_contents(
        contents, safe.cells, safe.crosses, questions, facts, previous, ordered.given_out
    )
    return contents, version
