"""Commands about releases that need no database."""

from pathlib import Path
from typing import Annotated

import typer

from data_access.releases.verifying import verify


def verify_release(
    folder: Annotated[
        Path, typer.Argument(help="The folder of a release.", exists=True, file_okay=False)
    ],
) -> None:
    """Check checksums, columns, markers, totals and code lists of a release; 1 if any fails."""
    problems = verify(folder)
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(1)
    typer.echo(f"{folder.name} is whole: checksums, columns, markers, totals and code lists agree")
