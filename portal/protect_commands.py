"""The command that protects a statistician's own table: core-portal protect."""

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from disclosure.policy import DEFAULT, BadPolicy, Policy
from disclosure.protection.long_tables import DIMENSIONS, BadTable, protect_long
from disclosure.protection.trees import BrokenHierarchy, parents_of

_SUFFIXES = (".csv", ".parquet")


def protect_command(
    cells: Annotated[
        Path,
        typer.Argument(
            help="A long table, CSV or Parquet: geography, time, code, count, perhaps sum; other "
            "columns tell its tables apart, and tables that differ in question share their totals."
        ),
    ],
    hierarchies: Annotated[
        Path,
        typer.Option(
            help="A folder of geography.csv, time.csv and code.csv, each with columns child and "
            "parent."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Where the public table goes: .csv or .parquet.")],
    policy: Annotated[Path, typer.Option(help="The parameters, each with its reason.")] = DEFAULT,
) -> None:
    """Make a table of counts safe: nothing of one or two can be worked out from what is left."""
    try:
        for path in (cells, out):
            if path.suffix not in _SUFFIXES:
                raise BadTable(f"{path.name} is neither .csv nor .parquet.")
        rules = Policy.read(policy)
        frame = _table(cells)
        public = protect_long(frame, _hierarchies(hierarchies), rules)
        if out.suffix == ".csv":
            public.to_csv(out, index=False, lineterminator="\n")
        else:
            public.to_parquet(out, index=False)
    except (BadPolicy, BadTable, OSError) as refused:
        typer.echo(f"Nothing was written. {refused}", err=True)
        raise typer.Exit(1) from None
    withheld = int((public["marker"] != "").sum())
    removed = len(frame) - len(public)
    typer.echo(
        f"{len(public):,} cells written to {out}: {withheld:,} withheld. {max(removed, 0):,} cells "
        "are left out, of places with too few records or removed with them."
    )


def _table(path: Path) -> pd.DataFrame:
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        kept = dict.fromkeys((*DIMENSIONS, "question"), str)
        return pd.read_csv(path, dtype=kept, keep_default_na=False, na_values=[""])
    except (ValueError, UnicodeDecodeError) as error:
        raise BadTable(f"{path.name} cannot be read: {error}") from error


def _hierarchies(folder: Path) -> dict[str, dict[str, str]]:
    found = {}
    for name in DIMENSIONS:
        path = folder / f"{name}.csv"
        if not path.is_file():
            raise BadTable(f"There is no {name}.csv in {folder}.")
        pairs = pd.read_csv(path, dtype=str, keep_default_na=False)
        if not {"child", "parent"} <= set(pairs.columns):
            raise BadTable(f"{name}.csv needs the columns child and parent.")
        try:
            found[name] = parents_of(list(zip(pairs["child"], pairs["parent"], strict=True)))
        except BrokenHierarchy as error:
            raise BadTable(f"The hierarchy {name}.csv: {error}") from error
    return found
