"""Commands for the definition tables and what is made from them: core-portal collection."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from submission.documents.kept import kept_files
from submission.documents.new_year import (
    NotTheNextYear,
    decisions_csv,
    in_words,
    rehearse,
)
from submission.soundness.every import every_problem
from submission.tables import DEFINITIONS, DefinitionProblems

DOCUMENTS = Path(__file__).parents[1] / "docs" / "collection"
READ_ME = "README.md"
app = typer.Typer(no_args_is_help=True, help="What is collected: tables and documentation.")


@app.command()
def documents(
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = DOCUMENTS,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; name files that are out of date.")
    ] = False,
) -> None:
    """Write the data dictionaries, rule lists, upload specifications and next year's rehearsal."""
    try:
        files = kept_files()
    except DefinitionProblems as found:
        raise _not_sound(found) from None
    known = {*files, READ_ME}
    strays = sorted(file.name for file in out.glob("*") if file.name not in known)
    if not check:
        out.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (out / name).write_bytes(data)
        typer.echo(f"Wrote {len(files)} files to {out}")
    stale = [] if not check else [name for name in files if not _is_same(out / name, files[name])]
    for name in stale:
        missing = not (out / name).exists()
        typer.echo(f"{name} {'is missing' if missing else 'is out of date'}", err=True)
    for name in strays:
        typer.echo(f"{name} is no file of the documentation", err=True)
    if check and (stale or strays):
        typer.echo("Write them anew: core-portal collection documents", err=True)
        raise typer.Exit(1)
    if check:
        typer.echo(f"All {len(files)} files are what the tables make")


def _not_sound(found: DefinitionProblems) -> typer.Exit:
    typer.echo(str(found), err=True)
    typer.echo("The definition tables are not sound; nothing was written.", err=True)
    return typer.Exit(1)


def _is_same(file: Path, data: bytes) -> bool:
    return file.exists() and file.read_bytes() == data


@app.command()
def check(
    tables: Annotated[
        Path, typer.Option(help="A folder of definition tables.", exists=True, file_okay=False)
    ] = DEFINITIONS,
) -> None:
    """Hold the definition tables of every year against each other and name every problem."""
    problems = every_problem(tables)
    for problem in problems:
        typer.echo(str(problem))
    if problems:
        count = "1 problem" if len(problems) == 1 else f"{len(problems):,} problems"
        typer.echo(f"{count} in {tables}", err=True)
        raise typer.Exit(1)
    typer.echo("The definition tables are sound")


@app.command("new-year")
def new_year(
    year: Annotated[int, typer.Argument(help="The collection year to come: 2027 for 2027/28.")],
    out: Annotated[
        Path | None, typer.Option(help="An empty folder; without it a temporary one is made.")
    ] = None,
) -> None:
    """Rehearse the next collection year on a copy of the tables, and list what is to be decided."""
    if out is not None and out.exists() and any(out.iterdir()):
        typer.echo(f"{out} is not empty. Name another folder, or leave out --out.", err=True)
        raise typer.Exit(1)
    folder = out or Path(tempfile.mkdtemp(prefix=f"core-{year}-"))
    try:
        found = rehearse(year, folder / "definitions")
    except NotTheNextYear as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(1) from None
    except DefinitionProblems as problems:
        raise _not_sound(problems) from None
    (folder / "decisions.csv").write_text(decisions_csv(found), encoding="utf-8-sig")
    typer.echo(in_words(found, str(folder)))
    if found.problems:
        raise typer.Exit(1)
