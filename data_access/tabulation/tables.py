"""The tables of a release: every file of a warehouse counted, and its keys given their words."""

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from ibis import Table
from numpy.typing import NDArray

from data_access.questions import ANSWERED, TabulatedQuestion
from data_access.reference.periods import period
from data_access.tabulation import cells, crosses, ownership
from data_access.tabulation.coding import LEVELS, Codebook, typed
from data_access.tabulation.engine import Engine, duckdb_engine
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

Columns = dict[str, NDArray[Any]]
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
    engine: Engine = duckdb_engine,
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
            with engine() as backend:
                read = backend.read_parquet
                with book.coded(read(file), read(places), asked).cache() as logs:
                    cell_parts.append(_cells(logs, asked, spread, file.stem, progress))
                    cross_parts.append(_crosses(logs, asked, spread, file.stem, progress))
    return Tables(
        _frame(cell_parts, CELL_COLUMNS, {**_keys(book), "level": LEVELS}),
        _frame(cross_parts, CROSS_COLUMNS, _keys(book)),
    )


def _year(file: Path) -> int:
    return int(file.stem.split("-")[1])


def _keys(book: Codebook) -> dict[str, Sequence[str]]:
    return {
        "period": book.periods,
        "log_type": book.log_types,
        "area": book.areas,
        "question": book.questions,
        "question2": book.questions,
        "code": book.codes,
        "code2": book.codes,
    }


def _batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _cells(
    logs: Table,
    asked: Sequence[TabulatedQuestion],
    spread: Spread,
    name: str,
    progress: Callable[[str], None],
) -> Columns:
    book = spread.book
    parts = [_counted(cells.records(logs, book), spread)]
    done = 0
    for batch in _batches(asked, _QUESTIONS_AT_ONCE):
        parts.append(_counted(cells.finest(logs, batch, book), spread))
        done += len(batch)
        progress(f"Counted {name}: {done:,} of {len(asked):,} questions")
    columns = _joined(parts)
    columns["code"] = book.codes_of(columns["question"], columns["code"])
    columns["level"] = book.level_of_areas()[columns["area"]]
    columns = _in_order(columns, [*cells.KEYS[:2], "level", *cells.KEYS[2:]], book)
    return {**columns, **_owned(logs, columns, asked, spread)}


def _counted(finest: Table, spread: Spread) -> Columns:
    with finest.cache() as kept:
        return _fetched(cells.everywhere(typed(kept), spread))


def _owned(
    logs: Table, columns: Columns, asked: Sequence[TabulatedQuestion], spread: Spread
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
    with ownership.finest(logs, looked_at, book).cache() as kept:
        found = _fetched(ownership.everywhere(typed(kept), spread))
    keys = {key: columns[key][rows] for key in ownership.KEYS}
    here, there = (_place(each, ownership.KEYS, book) for each in (keys, found))
    order = np.argsort(there)
    match = order[np.searchsorted(there, here, sorter=order)]
    for column, values in owned.items():
        values[rows] = found[column][match]
    return owned


def _crosses(
    logs: Table,
    asked: Sequence[TabulatedQuestion],
    spread: Spread,
    name: str,
    progress: Callable[[str], None],
) -> Columns:
    book = spread.book
    parts = []
    done, every = 0, crosses.pairs(asked)
    for batch in _batches(every, _PAIRS_AT_ONCE):
        with crosses.by_quarter(logs, batch, book).cache() as kept:
            parts.append(_fetched(crosses.everywhen(typed(kept), spread)))
        done += len(batch)
        progress(f"Counted {name}: {done:,} of {len(every):,} pairs of questions")
    columns = _joined(parts)
    if columns:
        columns["code"] = book.codes_of(columns["question"], columns["code"])
        columns["code2"] = book.codes_of(columns["question2"], columns["code2"])
    return _in_order(columns, crosses.KEYS, book)


def _fetched(table: Table) -> Columns:
    result = table.to_pyarrow()
    return {name: result.column(name).to_numpy() for name in result.column_names}


def _joined(parts: Sequence[Columns]) -> Columns:
    return (
        {name: np.concatenate([part[name] for part in parts]) for name in parts[0]} if parts else {}
    )


def _place(
    columns: Mapping[str, NDArray[Any]], keys: Sequence[str], book: Codebook
) -> NDArray[np.int64]:
    """One whole number for each row that is in the order of its keys."""
    sizes = {**{key: len(words) for key, words in _keys(book).items()}, "level": len(LEVELS)}
    return np.ravel_multi_index(
        tuple(columns[key].astype(np.int64) for key in keys), tuple(sizes[key] for key in keys)
    )


def _in_order(columns: Columns, keys: Sequence[str], book: Codebook) -> Columns:
    if not columns:
        return columns
    order = np.argsort(_place(columns, keys, book))
    return {name: values[order] for name, values in columns.items()}


def _frame(
    parts: Sequence[Columns], names: Sequence[str], words: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """One frame whose keys are categories: ten million rows of them take 150 MB, not 3 GB."""
    columns = _joined([part for part in parts if part])
    if not columns:
        return pd.DataFrame(columns=list(names))
    frame: dict[str, Any] = {}
    for name in names:
        numbers = columns.pop(name)
        frame[name] = _worded(numbers, words[name]) if name in words else numbers
    return pd.DataFrame(frame, copy=False)


def _worded(numbers: NDArray[np.integer[Any]], words: Sequence[str]) -> "pd.Categorical[str]":
    return pd.Categorical.from_codes(numbers, categories=pd.Index(words)).remove_unused_categories()
