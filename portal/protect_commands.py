"""The command that protects a statistician's own table: core-portal protect."""

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from disclosure.attack import audit, tables_of_frames
from disclosure.attack.reading import as_read
from disclosure.hierarchy_files import BadHierarchyFile, read_pairs
from disclosure.policy import DEFAULT, BadPolicy, Policy
from disclosure.protection.long_tables import DIMENSIONS, BadTable, protect_long
from disclosure.protection.trees import BrokenHierarchy, parents_of

_SUFFIXES = (".csv", ".parquet")
# So many cells are attacked in less than half a minute.
_ATTACKED = 1_000_000


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
    attack: Annotated[
        bool | None,
        typer.Option(
            help="Attack the result before it is written, as core-portal audit does. Without this, "
            f"a result of up to {_ATTACKED:,} cells is attacked."
        ),
    ] = None,
) -> None:
    """Make a table of counts safe: nothing of one or two can be worked out from what is left."""
    try:
        for path in (cells, out):
            if path.suffix not in _SUFFIXES:
                raise BadTable(f"{path.name} is neither .csv nor .parquet.")
        rules = Policy.read(policy)
        frame = _table(cells)
        parents = _hierarchies(hierarchies, frame)
        public = protect_long(frame, parents, rules)
        attacked = len(public) <= _ATTACKED if attack is None else attack
        if attacked:
            _refuse_leak(public, parents, rules)
        if out.suffix == ".csv":
            public.to_csv(out, index=False, lineterminator="\n")
        else:
            public.to_parquet(out, index=False)
    except (BadPolicy, BadTable, OSError) as refused:
        typer.echo(f"Nothing was written. {refused}", err=True)
        raise typer.Exit(1) from None
    withheld = int((public["marker"] != "").sum())
    places = ["geography", "time"]
    shown = pd.MultiIndex.from_frame(public[places].astype(str))
    gone = ~pd.MultiIndex.from_frame(frame[places].astype(str)).isin(shown)
    typer.echo(
        f"{len(public):,} cells written to {out}: {withheld:,} withheld. {int(gone.sum()):,} cells "
        "are left out, of places with too few records or removed with them."
    )
    if attacked:
        typer.echo("The result was attacked, and nothing that must stay unknown was found.")
    else:
        typer.echo(
            "The result was not attacked. This does it: core-portal audit "
            f"{out} --hierarchies {hierarchies}"
        )


def _refuse_leak(public: pd.DataFrame, parents: dict[str, dict[str, str]], policy: Policy) -> None:
    """Raises BadTable when an attack on the result finds what must not be known."""
    pairs = {name: list(links.items()) for name, links in parents.items()}
    tables, _ = tables_of_frames(as_read(public, (*DIMENSIONS, "count"), "the result"), pairs)
    verdict = audit(tables, policy.min_cell)
    if not verdict.safe:
        raise BadTable(
            f"The result was attacked, and something could be worked out: "
            f"{verdict.breaches[0].in_words()}. Group codes or places of the table, and protect it "
            "again."
        )


def _table(path: Path) -> pd.DataFrame:
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        kept = dict.fromkeys((*DIMENSIONS, "question"), str)
        return pd.read_csv(path, dtype=kept, keep_default_na=False, na_values=[""])
    except (ValueError, UnicodeDecodeError) as error:
        raise BadTable(f"{path.name} cannot be read: {error}") from error


def _hierarchies(folder: Path, frame: pd.DataFrame) -> dict[str, dict[str, str]]:
    found = {}
    for name in DIMENSIONS:
        path = folder / f"{name}.csv"
        if not path.is_file():
            raise BadTable(f"There is no {name}.csv in {folder}.")
        try:
            pairs = read_pairs(path)
            parents = parents_of(pairs)
        except BadHierarchyFile as error:
            raise BadTable(str(error)) from error
        except BrokenHierarchy as error:
            raise BadTable(f"The hierarchy {name}.csv: {error}") from error
        if pairs and name != "time":
            _refuse_unknown(frame, name, {node for pair in pairs for node in pair})
        found[name] = parents
    return found


def _refuse_unknown(frame: pd.DataFrame, name: str, known: set[str]) -> None:
    """Raises BadTable for a name that stands in the table and not in its hierarchy."""
    if name not in frame:
        return
    strange = ~frame[name].astype(str).isin(known) & frame[name].notna()
    if strange.any():
        value = str(frame.loc[strange, name].iloc[0])
        raise BadTable(
            f"{name}.csv does not have '{value}', which the table names. Add it as a child; one "
            "that is part of nothing has an empty parent."
        )
