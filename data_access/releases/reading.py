"""Reading a release: verified when opened, then only ever read."""

import json
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import duckdb
import pandas as pd

from data_access.questions import (
    NOT_ANSWERED,
    RECORDS,
    Cell,
    PlaceTable,
    TabulatedQuestion,
    question_table,
)
from data_access.reference.local_authorities import ENGLAND
from data_access.releases.sealing import CURRENT, MANIFEST, verified_manifest


class NoRelease(Exception):
    """Nothing has been published yet."""

    def __init__(self) -> None:
        super().__init__("No figures have been published yet.")


class Release:
    """A sealed release, open for reading from any number of threads.

    DuckDB may read this folder and nothing else, and its settings are locked.
    """

    def __init__(self, folder: Path) -> None:
        """Verifies every file against the manifest. Raises BrokenRelease or FileNotFoundError."""
        self.folder = folder.resolve()
        self.manifest: Mapping[str, Any] = MappingProxyType(verified_manifest(self.folder))
        listed = json.loads((self.folder / "dictionary.json").read_text(encoding="utf-8"))
        self.questions: Mapping[str, TabulatedQuestion] = MappingProxyType(
            {values["name"]: TabulatedQuestion.from_json(values) for values in listed}
        )
        self._duck = duckdb.connect()
        for name in ("cells", "cells_by_question", "crosses"):
            path = str(self.folder / f"{name}.parquet").replace("'", "''")
            self._duck.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{path}')")
        allowed = str(self.folder).replace("'", "''")
        self._duck.execute(f"SET allowed_directories = ['{allowed}/']")
        self._duck.execute("SET enable_external_access = false")
        self._duck.execute("SET threads = 1")
        self._duck.execute("SET parquet_metadata_cache = true")
        self._duck.execute("SET lock_configuration = true")
        self._local = threading.local()

    @classmethod
    def open_current(cls, releases_dir: Path) -> Self:
        """The release that is current. Raises NoRelease when there is none."""
        if not (releases_dir / CURRENT / MANIFEST).exists():
            raise NoRelease
        return cls(releases_dir / CURRENT)

    @property
    def id(self) -> str:
        """The release's identifier, such as 2026-11-24-001."""
        return str(self.manifest["id"])

    @property
    def periods(self) -> list[str]:
        """Slugs of the periods that have records, newest first."""
        return list(self.manifest["periods"])

    def questions_for(self, log_type: str, level: str, period: str = "") -> list[TabulatedQuestion]:
        """Questions that may be shown for a log type at a level, in the collection's order.

        With a period, those that its collection year has.
        """
        return [
            question
            for question in self.questions.values()
            if log_type in question.log_types
            and question.shown_at(level)
            and (not period or question.asked_in(period))
        ]

    def table(
        self, level: str, area: str, log_type: str, period: str, questions: list[str] | None = None
    ) -> PlaceTable | None:
        """Figures of one place, or None when it has no row: too few records, or none at all.

        A question without any row is left out: every record counts in each question, if only as
        not answered, so it is not shown there, as where only the records of a quarter are.
        """
        found = self._query(
            "SELECT question, code, count, mean FROM cells "
            "WHERE level = ? AND area = ? AND log_type = ? AND period = ?",
            [level, area, log_type, period],
        )
        by_question: dict[str, dict[str, Cell]] = {}
        for question, code, count, mean in found:
            by_question.setdefault(question, {})[code] = (count, mean)
        records = by_question.get(RECORDS)
        if records is None:
            return None
        wanted = [
            question
            for question in self.questions_for(log_type, level, period)
            if question.name in by_question and (questions is None or question.name in questions)
        ]
        return PlaceTable(
            level,
            area,
            log_type,
            period,
            records["total"][0],
            {
                question.name: question_table(
                    question, by_question.get(question.name, {}), level, records["total"][0]
                )
                for question in wanted
            },
        )

    def shown_areas(self, log_type: str, period: str, level: str = "local_authority") -> set[str]:
        """Codes of the areas that have figures for a log type and period."""
        return set(self.records_by_area(log_type, period, level))

    def records_by_area(
        self, log_type: str, period: str, level: str = "local_authority"
    ) -> dict[str, int | None]:
        """Number of records by area, of the areas that are shown; None where it is withheld."""
        found = self._query(
            "SELECT area, count FROM cells_by_question WHERE level = ? AND log_type = ? "
            f"AND period = ? AND question = '{RECORDS}' ORDER BY area",
            [level, log_type, period],
        )
        return dict(found)

    def periods_shown(self, level: str, area: str, log_type: str) -> list[str]:
        """Periods for which an area has figures of a log type, newest first."""
        found = self._query(
            f"SELECT period FROM cells WHERE level = ? AND area = ? AND log_type = ? "
            f"AND question = '{RECORDS}' ORDER BY period DESC",
            [level, area, log_type],
        )
        return [row[0] for row in found]

    def map_values(
        self, log_type: str, period: str, question: str, code: str = ""
    ) -> dict[str, float | None]:
        """A figure for every authority shown: share of an answer (per cent of those answering),

        mean of a number question, or the number of records for the question "records"; None where
        it is withheld or nobody answered.
        """
        records = self.records_by_area(log_type, period)
        if question == RECORDS:
            return {area: None if n is None else float(n) for area, n in records.items()}
        asked = self.questions[question]
        found = self._query(
            "SELECT area, code, count, mean FROM cells_by_question WHERE level = "
            "'local_authority' AND log_type = ? AND period = ? AND question = ?",
            [log_type, period, question],
        )
        by_area: dict[str, dict[str, Cell]] = {area: {} for area in records}
        for area, answer, count, mean in found:
            by_area[area][answer] = (count, mean)
        values: dict[str, float | None] = {}
        for area, cells in by_area.items():
            table = question_table(asked, cells, "local_authority", records[area])
            if not cells:
                values[area] = None
            elif asked.kind == "number":
                values[area] = table.mean
            else:
                values[area] = next((row.share for row in table.rows if row.code == code), None)
        return values

    def cross(self, log_type: str, period: str, first: str, second: str) -> pd.DataFrame | None:
        """Counts of two category questions for England: rows of `first`, columns of `second`.

        Index and columns are codes in the collection's order, "not_answered" last; missing values
        (of pandas' whole numbers) are withheld. None when there are no records.
        """
        one, two = sorted((first, second))
        if one == two:
            return None
        found = self._query(
            "SELECT code, code2, count, marker FROM crosses WHERE log_type = ? AND period = ? "
            "AND question = ? AND question2 = ?",
            [log_type, period, one, two],
        )
        if not found:
            return None
        rows, columns = (self._codes_crossed(name) for name in (one, two))
        table = pd.DataFrame(0, index=rows, columns=columns, dtype="Int64")
        for code, code2, count, marker in found:
            table.loc[code, code2] = pd.NA if marker else count
        return table if one == first else table.T

    def _codes_crossed(self, name: str) -> list[str]:
        codes = [code for code, _ in self.questions[name].codes_at("england")]
        return codes if NOT_ANSWERED in codes else [*codes, NOT_ANSWERED]

    def england(self, log_type: str, period: str) -> PlaceTable | None:
        """Figures for England."""
        return self.table("england", ENGLAND, log_type, period)

    def _query(self, query: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
        cursor = getattr(self._local, "cursor", None)
        if cursor is None:
            cursor = self._local.cursor = self._duck.cursor()
        return cursor.execute(query, parameters).fetchall()


class CurrentRelease:
    """The current release, opened anew when another is published."""

    def __init__(self, releases_dir: Path, look_every: float = 1.0) -> None:
        """Looks at the pointer at most once in `look_every` seconds."""
        self._dir = releases_dir
        self._look_every = look_every
        self._lock = threading.Lock()
        self._release: Release | None = None
        self._looked = float("-inf")

    def get(self) -> Release:
        """The release that is current. Raises NoRelease when nothing was published."""
        if self._release is not None and time.monotonic() - self._looked < self._look_every:
            return self._release
        with self._lock:
            pointer = self._dir / CURRENT
            if not pointer.exists():
                raise NoRelease
            if self._release is None or pointer.resolve() != self._release.folder:
                self._release = Release.open_current(self._dir)
            self._looked = time.monotonic()
            return self._release
