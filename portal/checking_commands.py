"""Commands that check logs without the portal: core-portal check-answers and check."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from data_access.clock import today
from data_access.reference.log_types import LOG_TYPES
from data_access.settings import Settings
from submission.collection import YEARS
from submission.requests import BadRequest, check_lines
from submission.uploads.checking import as_document, check_file, in_words
from submission.uploads.reading import UploadRefused, read_upload

NOTHING_TO_MEND, FINDINGS, UNREADABLE = 0, 1, 2


def check_answers() -> None:
    """Check logs, one JSON request a line on standard input, one JSON result a line on output."""
    sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    for line in check_lines(sys.stdin):
        sys.stdout.write(line + "\n")


def check(
    file: Annotated[Path, typer.Argument(help="A file of logs: CSV, XLSX or ODS.")],
    year: Annotated[
        int | None, typer.Option(help="The collection year it should be of: 2026 for 2026/27.")
    ] = None,
    log_type: Annotated[
        str | None,
        typer.Option(help=f"The log type it should hold: {', '.join(LOG_TYPES)}, or lettings."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write a JSON document.")] = False,
    context: Annotated[
        Path | None,
        typer.Option(help="A JSON file: registry, ranges, postcodes (see the documentation)."),
    ] = None,
) -> None:
    """Check a file and store nothing. Exit: 0 nothing to mend, 1 findings, 2 unreadable."""
    try:
        known = _context(context)
        _refuse_unknown(year, log_type)
        wanted = "sales" if log_type == "sales" else "lettings" if log_type else None
        table = read_upload(_bytes(file), file.name, wanted, year)
        day = _day(known)
        kind = log_type if log_type in LOG_TYPES else None
        found = check_file(table, known, day, kind, with_logs=as_json)
    except (UploadRefused, BadRequest) as refused:
        if as_json:
            typer.echo(
                json.dumps(
                    {
                        "collection": None,
                        "year": None,
                        "log_types": [],
                        "file_findings": [{"message": str(refused)}],
                        "rows": [],
                    },
                    ensure_ascii=False,
                )
            )
        typer.echo(str(refused), err=True)
        raise typer.Exit(UNREADABLE) from None
    if as_json:
        typer.echo(json.dumps(as_document(found), ensure_ascii=False))
    else:
        typer.echo(in_words(found))
    raise typer.Exit(NOTHING_TO_MEND if found.is_clean else FINDINGS)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as wrong:
        raise UploadRefused(f"{file} cannot be opened: {wrong.strerror}.") from wrong


def _context(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        found = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as wrong:
        raise BadRequest(f"The context {file} is not a JSON file: {wrong}.") from wrong
    if not isinstance(found, dict):
        raise BadRequest(f"The context {file} must be a JSON object.")
    inner = found.get("context")
    return {**inner, **found} if isinstance(inner, dict) else found


def _day(context: dict[str, Any]) -> date:
    """The day that checks count as today: the context's, or the portal's."""
    given = context.get("today")
    if given is None:
        return today(Settings())
    try:
        return date.fromisoformat(str(given))
    except ValueError as wrong:
        raise BadRequest("today must be a date such as 2026-09-01.") from wrong


def _refuse_unknown(year: int | None, log_type: str | None) -> None:
    if year is not None and year not in YEARS:
        raise UploadRefused(f"--year must be one of {', '.join(map(str, YEARS))}.")
    if log_type is not None and log_type not in (*LOG_TYPES, "lettings"):
        raise UploadRefused(f"--log-type must be one of {', '.join(LOG_TYPES)}, or lettings.")
