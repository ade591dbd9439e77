"""Frames from public files: CSV, Parquet, JSON records and ODS alike."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd

from disclosure.attack.axes import Axis

MARKER, COUNT, MEAN = "marker", "count", "mean"
WITHHELD = "c"
SUFFIXES = (".parquet", ".csv", ".json", ".ods")


class UnreadableRelease(ValueError):
    """A file or folder that cannot be attacked; the message says what is missing."""


def read_frame(path: Path, needed: tuple[str, ...]) -> pd.DataFrame:
    """The rows of a file: key columns as categories, `count` and `mean` as float64.

    A count is NaN where it is null, where it is not a number (`[c]`), or where the marker is `c`.
    An ODS file is searched for the sheet and row that hold the needed column names.
    Raises UnreadableRelease when the file is not there, or lacks a needed column.
    """
    if not path.is_file():
        raise UnreadableRelease(f"There is no file {path.name}.")
    if path.suffix == ".parquet":
        frame = pd.read_parquet(path)
    elif path.suffix == ".csv":
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    elif path.suffix == ".json":
        frame = pd.DataFrame(json.loads(path.read_text(encoding="utf-8")))
    elif path.suffix == ".ods":
        frame = _from_sheets(path, needed)
    else:
        raise UnreadableRelease(f"{path.name} is not one of {', '.join(SUFFIXES)}.")
    return as_read(frame, needed, path.name)


def as_read(frame: pd.DataFrame, needed: tuple[str, ...], name: str) -> pd.DataFrame:
    """A frame with the types that `read_frame` gives; `name` is what messages call it."""
    missing = [column for column in needed if column not in frame.columns]
    if missing:
        raise UnreadableRelease(f"{name} has no column {', '.join(missing)}.")
    frame = frame.copy(deep=False)
    numbers = [column for column in (COUNT, MEAN) if column in frame.columns]
    for column in frame.columns.difference(numbers):
        if not isinstance(frame[column].dtype, pd.CategoricalDtype):
            frame[column] = frame[column].map(_text).astype("category")
    for column in numbers:
        frame[column] = pd.to_numeric(frame[column], errors="coerce").astype("float64")
    if MARKER in frame.columns:
        withheld = (frame[MARKER] == WITHHELD).to_numpy()
        frame[numbers] = frame[numbers].mask(pd.Series(withheld, index=frame.index), axis=0)
    return frame


def located(values: pd.Series, one: Axis) -> np.ndarray:
    """Positions of the values of a category column on an axis, -1 where it has no such node."""
    codes = values.cat.codes.to_numpy()
    index = one.index
    lookup = np.full(len(values.cat.categories), -1, dtype=np.int64)
    for code in np.unique(codes):
        lookup[code] = index.get(str(values.cat.categories[code]), -1)
    return lookup[codes]


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _from_sheets(path: Path, needed: tuple[str, ...]) -> pd.DataFrame:
    sheets = pd.read_excel(path, sheet_name=None, header=None, dtype=object, engine="odf")
    for sheet in sheets.values():
        for row in range(len(sheet)):
            names = [_text(value) for value in sheet.iloc[row]]
            if set(needed) <= set(names):
                body = sheet.iloc[row + 1 :].reset_index(drop=True)
                body.columns = names
                return body[[name for name in names if name]]
    raise UnreadableRelease(f"{path.name} has no sheet with columns {', '.join(needed)}.")
