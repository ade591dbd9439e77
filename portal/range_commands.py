"""Commands for the tables of usual rents and sale prices: core-portal ranges."""

from pathlib import Path
from typing import Annotated

import typer

from data_access.clock import LONDON
from data_access.database import make_engine, session_factory, upgrade
from data_access.reference.periods import year_label
from data_access.reference.range_derivation import Derived, NothingToDerive, derive_ranges
from data_access.reference.range_files import (
    FIRST_YEAR,
    LAST_YEAR,
    RangeFileProblems,
    load_range_file,
)
from data_access.reference.ranges import Replaced, range_tables
from data_access.settings import Settings

NAMES = {"rent": "rent ranges", "sale": "sale price ranges"}
app = typer.Typer(no_args_is_help=True, help="Usual rents and sale prices that logs are held to.")


@app.command()
def load(
    file: Annotated[
        Path, typer.Argument(help="An official table of rents or of sale prices, CSV.")
    ],
    year: Annotated[
        int | None,
        typer.Option(help="The collection year, where neither file nor file name says it."),
    ] = None,
) -> None:
    """Load an official table in the place of its years' rows."""
    engine = make_engine(Settings().database)
    upgrade(engine)
    with session_factory(engine)() as db:
        try:
            read, done = load_range_file(db, file, year)
        except RangeFileProblems as found:
            typer.echo(str(found), err=True)
            count = len(found.problems)
            problems = "1 problem" if count == 1 else f"{count:,} problems"
            typer.echo(f"{problems}; nothing was loaded and nothing changed.", err=True)
            raise typer.Exit(1) from None
    engine.dispose()
    for note in read.notes:
        typer.echo(f"Note: {note}")
    for replaced in done:
        typer.echo(f"Loaded {_in_words(replaced)}")


@app.command()
def derive(
    from_year: Annotated[
        int, typer.Option("--from", help="The year of the logs.", min=FIRST_YEAR, max=LAST_YEAR)
    ],
    for_year: Annotated[
        int, typer.Option("--for", help="The year to judge.", min=FIRST_YEAR, max=LAST_YEAR)
    ],
) -> None:
    """Make both tables of a year from the valid logs of an earlier one."""
    if from_year >= for_year:
        typer.echo(
            f"The logs' year (--from {from_year}) must be before the year to judge "
            f"(--for {for_year}): a year must not be judged by itself.",
            err=True,
        )
        raise typer.Exit(1)
    engine = make_engine(Settings().database)
    upgrade(engine)
    with session_factory(engine)() as db:
        try:
            made = derive_ranges(db, from_year, for_year)
        except NothingToDerive as nothing:
            typer.echo(str(nothing), err=True)
            raise typer.Exit(1) from None
        db.commit()
    engine.dispose()
    for derived, replaced in made:
        typer.echo(f"Made {_in_words(replaced)}")
        typer.echo(f"  {bases_in_words(derived)}")
    for kind in {"rent", "sale"} - {derived.kind for derived, _ in made}:
        typer.echo(
            f"There are no valid logs to make {NAMES[kind]} of; those of "
            f"{year_label(for_year)} are left as they were."
        )


@app.command("list")
def list_tables() -> None:
    """List the tables there are, with where each came from."""
    engine = make_engine(Settings().database)
    upgrade(engine)
    with session_factory(engine)() as db:
        found = range_tables(db)
        if not found:
            typer.echo("There are no ranges yet: rents and sale prices are not held against any.")
        for table in found:
            made = table.made_at.astimezone(LONDON)
            typer.echo(
                f"{year_label(table.year)}: {table.rows:,} {NAMES[table.kind]} from "
                f"{table.source}, {made.day} {made:%B %Y}"
            )
    engine.dispose()


def _in_words(replaced: Replaced) -> str:
    what = f"{replaced.rows:,} {NAMES[replaced.kind]} of {year_label(replaced.year)}"
    if not replaced.changed:
        return f"{what}: the same as were there, so nothing changed"
    if replaced.before:
        return f"{what} in the place of {replaced.before:,}"
    return what


def bases_in_words(derived: Derived) -> str:
    """How many homes were read, and what the rows rest on."""
    names = {
        "authority": "the authority's own homes",
        "region": "its region's",
        "England": "England's",
        "similar type": "a similar letting type's",
        "few": "fewer than enough",
    }
    parts = [f"{derived.bases[key]:,} on {name}" for key, name in names.items()]
    return f"from {derived.homes:,} homes; rows that rest " + ", ".join(parts)
