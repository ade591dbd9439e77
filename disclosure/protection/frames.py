"""Frames with categories of text as columns of small whole numbers, and back."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

KEYS = {
    "cells": ("period", "log_type", "level", "area", "question", "code"),
    "crosses": ("period", "log_type", "question", "code", "question2", "code2"),
}
WITHHELD = "c"


class Keyed:
    """A frame with keys as numbers of `words`: counts and, of cells, sums and shares of owners."""

    def __init__(self, frame: pd.DataFrame, keys: Sequence[str] = KEYS["cells"]) -> None:
        self.keys = tuple(keys)
        self.words: dict[str, list[str]] = {}
        self.codes: dict[str, NDArray[np.int32]] = {}
        for key in keys:
            column = frame[key]
            if not isinstance(column.dtype, pd.CategoricalDtype):
                column = column.astype("category")
            self.words[key] = [str(word) for word in column.cat.categories]
            self.codes[key] = column.cat.codes.to_numpy().astype(np.int32)
        self.count = frame["count"].to_numpy(dtype=np.int64)
        self._frame = frame
        self._at = {key: {w: n for n, w in enumerate(self.words[key])} for key in keys}

    def _column(self, name: str) -> NDArray[np.float64]:
        if name not in self._frame:
            return np.full(len(self.count), np.nan)
        return self._frame[name].to_numpy(dtype=np.float64)

    @cached_property
    def sums(self) -> NDArray[np.float64]:
        """Sums of number questions, NaN elsewhere."""
        return self._column("sum")

    @cached_property
    def top1(self) -> NDArray[np.float64]:
        """Share of the largest owner in a sum (0 to 1), NaN where it is not known."""
        return self._column("top1")

    @cached_property
    def top2(self) -> NDArray[np.float64]:
        """Share of the second largest owner in a sum, NaN where it is not known."""
        return self._column("top2")

    def number(self, key: str, word: str) -> int:
        """The number of a word, -1 for one that the frame does not have."""
        return self._at[key].get(word, -1)

    def numbers(self, key: str, words: Sequence[str]) -> NDArray[np.int64]:
        """The numbers of words; new words get one."""
        for word in words:
            if word not in self._at[key]:
                self._at[key][word] = len(self.words[key])
                self.words[key].append(word)
        return np.array([self._at[key][word] for word in words], dtype=np.int64)


def public_frame(keyed: Keyed, parts: Sequence[dict[str, NDArray[Any]]]) -> pd.DataFrame:
    """The public frame of parts with a number for each key, count, hidden and, of cells, sum.

    Rows are in the order of their keys' words. Counts and means of hidden rows are null.
    """
    columns: dict[str, Any] = {}
    joined = {
        name: np.concatenate([part[name] for part in parts]) if parts else np.zeros(0, np.int64)
        for name in (*keyed.keys, "count", "hidden", *(("sum",) if "area" in keyed.keys else ()))
    }
    for key in keyed.keys:
        words = np.array(keyed.words[key], dtype=object)
        order = np.argsort(words.astype(str), kind="stable")
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        joined[key] = rank[joined[key].astype(np.int64)] if len(words) else joined[key]
        columns[key] = (joined[key], words[order])
    in_order = np.lexsort([joined[key] for key in reversed(keyed.keys)])
    hidden = joined["hidden"][in_order].astype(bool)
    count = joined["count"][in_order]
    made: dict[str, Any] = {
        key: pd.Categorical.from_codes(
            numbers[in_order].astype(np.int32), categories=pd.Index(words, dtype=object)
        )
        for key, (numbers, words) in columns.items()
    }
    made["count"] = pd.arrays.IntegerArray(np.where(hidden, 0, count), hidden)
    if "sum" in joined:
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.round(joined["sum"][in_order] / count, 2)
        made["mean"] = np.where(hidden | (count == 0), np.nan, mean)
    made["marker"] = pd.Categorical.from_codes(
        hidden.astype(np.int8), categories=pd.Index(["", WITHHELD])
    )
    return pd.DataFrame(made)
