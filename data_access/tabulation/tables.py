"""The tables of a release: every file of a warehouse counted, and put together."""

import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import ibis
import numpy as np
import pandas as pd

from data_access.questions import ANSWERED, TabulatedQuestion
from data_access.reference.periods import period
from data_access.tabulation import cells, crosses, ownership
from data_access.tabulation.coding import Codebook
from data_access.tabulation.columns import Columns, fetched, frame_of, in_order, joined, place_of
from data_access.tabulation.engine import Engine, OpenEngine, duckdb_engine
from data_access.tabulation.spreading import Spread
from data_access.warehouse import questions_of

CELL_COLUMNS = [
    *("period", "log_type", "level", "area", "question", "code"),
    *("count", "sum", "top1", "top2", "owners"),
]
CROSS_COLUMNS = ["period", "log_type", "question", "code", "question2", "code2", "count"]
# How many questions, and pairs of them, one query counts: enough that asking costs nothing beside
# counting, few enough that progress is told every few seconds.
_QUESTIONS_AT_ONCE = 10
_PAIRS_AT_ONCE = 40

Item = TypeVar("Item")


@dataclass(frozen=True)
class Tables:
    """Cells and crosses as counted (columns in the package's docstring): not safe to publish.

    Keys are categories of text in order of the alphabet; rows are in the order of their keys within
    each collection and year.
    """

    cells: pd.DataFrame
    crosses: pd.DataFrame


def tabulate(
    files: Sequence[Path],
    questions: Sequence[TabulatedQuestion],
    progress: Callable[[str], None] = lambda _: None,
    periods: Collection[str] | None = None,
    open_engine: OpenEngine = duckdb_engine,
) -> Tables:
    """Counts the files of a warehouse (see data_access.warehouse.build).

    `periods` names the years and quarters that the release is of ("2025", "2025-q1"): a year holds
    what its quarters hold so far, whether or not they are named. Without it, every period that has
    logs. Raises UnknownPeriod for a text that names no period.
    """
    years = None if periods is None else {period(slug).collection_year for slug in periods}
    counted_files = [file for file in files if years is None or _year(file) in years]
    book = Codebook(tuple({_year(file) for file in counted_files}), tuple(questions))
    cell_parts: list[Columns] = []
    cross_parts: list[Columns] = []
    with tempfile.TemporaryDirectory(prefix="core-tabulation-") as folder:
        places = Path(folder) / "places.parquet"
        book.write_places(places)
        for file in counted_files:
            of_collection = questions_of(questions, file.stem.split("-")[0])
            asked = [question for question in of_collection if question.asked_in(str(_year(file)))]
            spread = Spread(book, asked, _year(file), periods)
            with open_engine() as engine:
                read = engine.backend.read_parquet
                with book.coded(read(file), read(places), asked).cache() as logs:
                    told = (engine, logs.get_name(), asked, spread, file.stem, progress)
                    cell_parts.append(_cells(*told))
                    cross_parts.append(_crosses(*told))
    return Tables(
        frame_of(cell_parts, CELL_COLUMNS, book),
        frame_of(cross_parts, CROSS_COLUMNS, book),
    )


def _year(file: Path) -> int:
    return int(file.stem.split("-")[1])


def _batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _cells(
    engine: Engine,
    logs: str,
    asked: Sequence[TabulatedQuestion],
    spread: Spread,
    name: str,
    progress: Callable[[str], None],
) -> Columns:
    book = spread.book
    with ExitStack() as keeping:
        queries = [cells.records(logs, book)]
        parts = [keeping.enter_context(engine.kept(queries, cells.FINEST))]
        done = 0
        for batch in _batches(asked, _QUESTIONS_AT_ONCE):
            queries = cells.finest(logs, batch, book)
            parts.append(keeping.enter_context(engine.kept(queries, cells.FINEST)))
            done += len(batch)
            progress(f"Counted {name}: {done:,} of {len(asked):,} questions")
        columns = fetched(cells.everywhere(ibis.union(*parts), spread))
    columns["code"] = book.codes_of(columns["question"], columns["code"])
    columns["level"] = book.level_of_areas()[columns["area"]]
    columns = in_order(columns, [*cells.KEYS[:2], "level", *cells.KEYS[2:]], book)
    return {**columns, **_owned(engine, logs, columns, asked, spread)}


def _owned(
    engine: Engine,
    logs: str,
    columns: Columns,
    asked: Sequence[TabulatedQuestion],
    spread: Spread,
) -> Columns:
    """top1, top2 and owners beside the sums that they are of; NaN and 0 beside everything else."""
    book = spread.book
    owned: Columns = {
        "top1": np.full(len(columns["count"]), np.nan),
        "top2": np.full(len(columns["count"]), np.nan),
        "owners": np.zeros(len(columns["count"]), dtype=np.int32),
    }
    looked_at = [question for question in asked if ownership.looked_at(question)]
    numbers = [book.questions.index(question.name) for question in looked_at]
    rows = np.flatnonzero(
        np.isin(columns["question"], numbers)
        & (columns["code"] == (book.codes.index(ANSWERED) if numbers else -1))
    )
    if not len(rows):
        return owned
    with engine.kept(ownership.finest(logs, looked_at, book), ownership.FINEST) as kept:
        found = fetched(ownership.everywhere(kept, spread))
    keys = {key: columns[key][rows] for key in ownership.KEYS}
    here, there = (place_of(each, ownership.KEYS, book) for each in (keys, found))
    order = np.argsort(there)
    match = order[np.searchsorted(there, here, sorter=order)]
    for column, values in owned.items():
        values[rows] = found[column][match]
    return owned


def _crosses(
    engine: Engine,
    logs: str,
    asked: Sequence[TabulatedQuestion],
    spread: Spread,
    name: str,
    progress: Callable[[str], None],
) -> Columns:
    book = spread.book
    parts = []
    done, every = 0, crosses.pairs(asked)
    for batch in _batches(every, _PAIRS_AT_ONCE):
        with engine.kept(crosses.by_quarter(logs, batch, book), crosses.BY_QUARTER) as kept:
            parts.append(fetched(crosses.everywhen(kept, spread)))
        done += len(batch)
        progress(f"Counted {name}: {done:,} of {len(every):,} pairs of questions")
    columns = joined(parts)
    if columns:
        columns["code"] = book.codes_of(columns["question"], columns["code"])
        columns["code2"] = book.codes_of(columns["question2"], columns["code2"])
    return in_order(columns, crosses.KEYS, book)
