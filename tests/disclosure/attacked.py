"""Small public tables, written by hand, for the attacker's tests."""

import csv
import json
from collections.abc import Iterable, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from disclosure.attack import Finding, Verdict, audit, tables_of_frames

Pairs = dict[str, list[tuple[str, str]]]
KEYS = ("geography", "time", "code")


def pairs(geography: str = "", time: str = "", code: str = "") -> Pairs:
    """Hierarchies from words such as "E: a b c, R: d e"."""
    made: Pairs = {}
    for name, words in zip(KEYS, (geography, time, code), strict=True):
        made[name] = []
        for part in filter(None, words.split(",")):
            parent, children = part.split(":")
            made[name] += [(child, parent.strip()) for child in children.split()]
    return made


def frame(table: str, mean: bool = False) -> pd.DataFrame:
    """A long table from lines `geography time code count`; `c` is a withheld cell.

    With `mean` a fifth word is the mean, `c` where it is withheld.
    """
    rows = [line.split() for line in table.strip().splitlines()]
    made = pd.DataFrame(rows, columns=[*KEYS, "count", *(["mean"] if mean else [])])
    for column in ("count", "mean")[: 2 if mean else 1]:
        made[column] = pd.to_numeric(made[column], errors="coerce").astype("float64")
    return made.astype(dict.fromkeys(KEYS, "category"))


def attack(
    table: str,
    hierarchies: Pairs,
    *,
    mean: bool = False,
    earlier: Iterable[str] = (),
    **options: Any,
) -> Verdict:
    """The verdict on a table written as in `frame`."""
    before = [frame(one, mean) for one in earlier]
    public, revisions = tables_of_frames(frame(table, mean), hierarchies, before)
    return audit(public, revisions=revisions, **options)


def known(verdict: Verdict, kind: str) -> dict[tuple[str, str, str], tuple[float, float]]:
    """Intervals of the findings of a kind, by geography, time and code."""
    return {
        (f.cell["geography"], f.cell["time"], f.cell["code"]): (f.low, f.high)
        for f in verdict.findings
        if f.kind == kind
    }


def finding(verdict: Verdict, kind: str) -> Finding:
    """The only finding of a kind."""
    (found,) = [one for one in verdict.findings if one.kind == kind]
    return found


class Release:
    """A tiny release: answers by (period, area, question, code), counted up and written.

    Two quarters of 2023 and their year; England, one region R and the authorities of `areas`, a
    mapping to (first_year, last_year, successor). `answers`: how many records gave a code; every
    question of a place must come to the same number of records.
    """

    def __init__(
        self,
        answers: Mapping[tuple[str, str, str, str], int],
        areas: Mapping[str, tuple[str, str, str]],
        periods: Mapping[str, str],
        questions: list[dict[str, Any]],
        crosses: Mapping[tuple[str, str, str, str, str], float] | None = None,
    ) -> None:
        self.areas, self.periods, self.questions = areas, periods, questions
        self.cells: dict[tuple[str, str, str, str], float] = {}
        self.means: dict[tuple[str, str, str, str], float] = {}
        for (period, area, question, code), count in answers.items():
            if question == questions[0]["name"]:
                self._count(period, area, "records", "total", count)
            self._count(period, area, question, code, count)
        self.crosses: dict[tuple[str, str, str, str, str], float] = dict(crosses or {})

    def _count(self, period: str, area: str, question: str, code: str, count: int) -> None:
        times = [period, *filter(None, [self.periods[period]])]
        for when, place in product(times, (area, "R", "E")):
            key = (when, place, question, code)
            self.cells[key] = self.cells.get(key, 0) + count

    def hide(self, *cells: tuple[str, str, str, str]) -> "Release":
        """Marks cells (period, area, question, code)."""
        for cell in cells:
            self.cells[cell] = np.nan
        return self

    def remove(self, *blocks: tuple[str, str]) -> "Release":
        """Removes areas (period, area)."""
        self.cells = {key: count for key, count in self.cells.items() if key[:2] not in blocks}
        return self

    def write(self, folder: Path) -> Path:
        """The folder of the release."""
        level = {"E": "england", "R": "region"}
        rows = [
            (
                p,
                "general",
                level.get(a, "local_authority"),
                a,
                q,
                c,
                n,
                self.means.get((p, a, q, c)),
            )
            for (p, a, q, c), n in self.cells.items()
            if n != 0
        ]
        names = ["period", "log_type", "level", "area", "question", "code", "count", "mean"]
        _write(folder / "cells.parquet", rows, names)
        crossed = [(p, "general", q, c, q2, c2, n) for (p, q, c, q2, c2), n in self.crosses.items()]
        names = ["period", "log_type", "question", "code", "question2", "code2", "count"]
        _write(folder / "crosses.parquet", crossed, names)
        (folder / "dictionary.json").write_text(json.dumps(self.questions))
        lists = {
            "areas": [
                ("code", "name", "level", "parent", "first_year", "last_year", "successor"),
                ("E", "England", "england", "", "", "", ""),
                ("R", "Region", "region", "E", "", "", ""),
                *((code, code, "local_authority", "R", *rest) for code, rest in self.areas.items()),
            ],
            "periods": [
                ("code", "label", "parent", "start", "duration"),
                *((code, code, parent, "", "") for code, parent in self.periods.items()),
            ],
        }
        (folder / "codes").mkdir()
        for name, lines in lists.items():
            with (folder / "codes" / f"{name}.csv").open("w", newline="") as file:
                csv.writer(file).writerows(lines)
        return folder


def _write(path: Path, rows: list[Any], names: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    made = pd.DataFrame(rows, columns=names)
    made["marker"] = np.where(made["count"].isna(), "c", "")
    made.to_parquet(path)
