"""Commands for the tables of usual rents and sale prices: core-portal ranges."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from data_access.clock import LONDON
from data_access.database import make_engine, session_factory, upgrade
from data_access.reference.periods import year_label
from data_access.reference.range_derivation import (
    Derived,
    NothingToDerive,
    YearsRefused,
    derive_ranges,
)
from data_access.reference.range_files import (
    FIRST_YEAR,
    LAST_YEAR,
    RangeFileProblems,
    load_range_file,
)
from data_access.reference.ranges import (
    Replaced,
    lettings_without,
    range_tables,
    rent_ranges,
    sale_ranges,
)
from data_access.settings import Settings

NAMES = {"rent": "rent ranges", "sale": "sale price ranges"}
LOGS = {"rent": "lettings", "sale": "sales"}
BASES = {
    "authority": "homes of this kind in the authority",
    "region": "homes of this kind in its region, as the authority has too few",
    "England": "homes of this kind in England, as the region has too few",
    "similar type": "homes of a similar letting type, as England has too few of this one",
    "few": "all homes of this size in England, with wide limits, as there are too few of this kind",
}
_READ = {"rent": rent_ranges, "sale": sale_ranges}
# A file with pounds signs has a problem in every cell; twenty say what is wrong.
PROBLEMS_SHOWN = 20
app = typer.Typer(
    no_args_is_help=True, help="Usual rents and sale prices that logs are held against."
)


@app.command()
def load(
    file: Annotated[
        Path, typer.Argument(help="An official table of rents or of sale prices, CSV.")
    ],
    year: Annotated[
        int | None,
        typer.Option(
            help="The collection year, where neither the file nor its name says it; or the one "
            "year to take from a file of several."
        ),
    ] = None,
) -> None:
    """Load an official table in the place of its years' rows."""
    engine = make_engine(Settings().database)
    upgrade(engine)
    with session_factory(engine)() as db:
        try:
            read, done = load_range_file(db, file, year)
        except RangeFileProblems as found:
            count = len(found.problems)
            for problem in found.problems[:PROBLEMS_SHOWN]:
                typer.echo(problem, err=True)
            if count > PROBLEMS_SHOWN:
                typer.echo(f"… and {count - PROBLEMS_SHOWN:,} more", err=True)
            problems = "1 problem" if count == 1 else f"{count:,} problems"
            typer.echo(f"{problems}; nothing was loaded and nothing changed.", err=True)
            raise typer.Exit(1) from None
    engine.dispose()
    for note in read.notes:
        typer.echo(f"Note: {note}")
    for replaced in done:
        typer.echo(_in_words("Loaded", replaced))


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
    engine = make_engine(Settings().database)
    upgrade(engine)
    with session_factory(engine)() as db:
        try:
            made = derive_ranges(db, from_year, for_year)
        except (NothingToDerive, YearsRefused) as refused:
            typer.echo(str(refused), err=True)
            raise typer.Exit(1) from None
        db.commit()
    engine.dispose()
    for derived, replaced in made:
        for line in _derived_in_words(derived, replaced, from_year):
            typer.echo(line)
    there = {derived.kind for derived, _ in made}
    for kind, name in NAMES.items():
        if kind not in there:
            typer.echo(
                f"No {name} made: there are no valid {LOGS[kind]} of {year_label(from_year)} to "
                f"make them of. Those of {year_label(for_year)}, if any, are left as they were."
            )


@app.command()
def show(
    kind: Annotated[Literal["rent", "sale"], typer.Argument(help="Rents or sale prices.")],
    year: Annotated[int, typer.Argument(help="The collection year, for example 2026.")],
    la: Annotated[str, typer.Option(help="The code of one authority alone.")] = "",
) -> None:
    """Print what is stored as a CSV table in the official layout."""
    engine = make_engine(Settings().database)
    upgrade(engine)
    with session_factory(engine)() as db:
        frame = _READ[kind](db)
    engine.dispose()
    frame = frame[frame["year"] == year].drop(columns="year")
    if la:
        frame = frame[frame["la"] == la]
    if frame.empty:
        of_place = f" for '{la[:9]}'" if la else ""
        typer.echo(f"There are no {NAMES[kind]} of {year_label(year)}{of_place}.", err=True)
        raise typer.Exit(1)
    if kind == "sale":
        frame = frame.rename(columns={"beds": "bedrooms"})
    typer.echo(frame.to_csv(index=False, lineterminator="\n"), nl=False)


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
                f"{year_label(table.year)}: {_counted(table.rows, table.kind)} from "
                f"{table.source}, {made.day} {made:%B %Y}"
            )
    engine.dispose()


def _counted(rows: int, kind: str) -> str:
    return f"{rows:,} {NAMES[kind] if rows != 1 else NAMES[kind].removesuffix('s')}"


def _in_words(done: str, replaced: Replaced) -> str:
    what = f"{_counted(replaced.rows, replaced.kind)} of {year_label(replaced.year)}"
    if not replaced.changed:
        return f"Nothing changed: {what}, the same as from {replaced.before_source}"
    if replaced.before:
        return f"{done} {what}, in the place of {replaced.before:,} from {replaced.before_source}"
    return f"{done} {what}"


def _derived_in_words(derived: Derived, replaced: Replaced, from_year: int) -> list[str]:
    """What was made, what its rows rest on, and which lettings have none."""
    of_logs = f"{derived.homes:,} valid {LOGS[derived.kind]} of {year_label(from_year)}"
    lines = [_in_words("Made", replaced), f"  made of {of_logs}; rows by what they rest on:"]
    for basis, words in BASES.items():
        # Prices have no types to be similar to.
        if derived.kind == "rent" or basis != "similar type":
            lines.append(f"  {derived.bases[basis]:>7,}  {words}")
    if derived.kind == "rent" and (without := lettings_without(derived.rows)):
        lines.append(
            f"Note: none of these lettings is of letting types {without}. Such lettings of "
            f"{year_label(replaced.year)} are not held against a range."
        )
    return lines
