"""The command that attacks what is published: core-portal audit."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from disclosure.attack import (
    THRESHOLD,
    UnreadableRelease,
    Verdict,
    audit,
    read_long_table,
    read_release,
)
from disclosure.attack.verdicts import KINDS

SAFE, BREACH, UNREADABLE = 0, 1, 2
_MOST_LISTED = 20


def audit_command(
    release: Annotated[
        Path, typer.Argument(help="A release folder, or a long table: CSV, Parquet, JSON or ODS.")
    ],
    earlier: Annotated[
        list[Path] | None,
        typer.Option(help="An earlier release of the same kind; may be given more than once."),
    ] = None,
    hierarchies: Annotated[
        Path | None,
        typer.Option(help="For a long table: a folder of geography, time and code child,parent."),
    ] = None,
    threshold: Annotated[
        int, typer.Option(help="Counts from 1 to one less than this must not be known.", min=2)
    ] = THRESHOLD,
    as_json: Annotated[bool, typer.Option("--json", help="Write a JSON document.")] = False,
    strict: Annotated[
        bool, typer.Option(help="Cells known to be small, and small revisions, are breaches too.")
    ] = False,
) -> None:
    """Attack what is published, knowing only that. Exit: 0 safe, 1 a breach, 2 unreadable."""
    try:
        if release.is_dir():
            public, revisions = read_release(release, earlier or ())
        elif hierarchies is None:
            raise UnreadableRelease("A long table needs its --hierarchies.")
        else:
            public, revisions = read_long_table(release, hierarchies, earlier or ())
    except UnreadableRelease as refused:
        typer.echo(
            json.dumps({"error": str(refused)}) if as_json else str(refused), err=not as_json
        )
        raise typer.Exit(UNREADABLE) from None
    progress = _silent if as_json or not sys.stderr.isatty() else _progress
    verdict = audit(public, threshold, strict=strict, revisions=revisions, progress=progress)
    if as_json:
        typer.echo(json.dumps(verdict.as_json(), indent=1))
    else:
        _write(verdict)
    raise typer.Exit(SAFE if verdict.safe else BREACH)


def _silent(stage: str, done: int, total: int) -> None:
    """No progress: the output is read by a machine."""


def _progress(stage: str, done: int, total: int) -> None:
    end = "\n" if done == total else ""
    sys.stderr.write(f"\r{stage}: {done:,} of {total:,} tables{end}")
    sys.stderr.flush()


def _write(verdict: Verdict) -> None:
    typer.echo(
        f"{verdict.tables:,} tables, {verdict.cells:,} cells: {verdict.hidden:,} withheld, "
        f"{verdict.removed:,} in places and times that were removed"
    )
    for kind, meaning in KINDS.items():
        typer.echo(f"{verdict.counts[kind]:>9,}  {meaning}")
    if verdict.undecided:
        typer.echo(f"{verdict.undecided:>9,}  cells whose interval was not settled")
    if verdict.set_aside:
        typer.echo(
            f"{verdict.set_aside.total():>9,}  sums that the figures contradict and that were "
            "not used"
        )
    listed = verdict.breaches or verdict.findings
    for finding in listed[:_MOST_LISTED]:
        typer.echo(f"\n{finding.in_words()}")
        for line in finding.because:
            typer.echo(f"  {line}")
    if len(listed) > _MOST_LISTED:
        typer.echo(f"\n… and {len(listed) - _MOST_LISTED:,} more; --json lists them")
    typer.echo("\nNothing stops the release" if verdict.safe else "\nThis must not be published")
