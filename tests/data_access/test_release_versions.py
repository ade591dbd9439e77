"""Numbers of releases, the lists of what changed, and what became of each version."""

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data_access.questions import TabulatedQuestion
from data_access.releases.changes import Changes, compare
from data_access.releases.parquet import write_parquet
from data_access.releases.published import (
    current_version,
    file_of,
    published_version,
    published_versions,
)
from data_access.releases.status import (
    STATUS,
    UnreadableStatus,
    VersionStatus,
    read_status,
    set_status,
    write_status,
)
from data_access.releases.versions import NotAVersion, is_version, next_version, parts_of
from tests.support.made_release import make_release

TYPE = "social-rent-general-needs"
CELLS = "period log_type level area question code count mean marker".split()
CROSSES = "period log_type question code question2 code2 count marker".split()


@pytest.mark.parametrize(
    ("previous", "step", "version"),
    [
        ("", "patch", "1.0.0"),
        ("1.4.2", "patch", "1.4.3"),
        ("1.4.2", "minor", "1.5.0"),
        ("1.4.2", "major", "2.0.0"),
        ("1.9.9", "minor", "1.10.0"),
    ],
)
def test_a_version_follows_from_the_one_before(previous: str, step: Any, version: str) -> None:
    assert next_version(previous, step) == version


def test_a_number_that_was_given_out_is_passed_over() -> None:
    assert next_version("1.0.0", "major", {"2.0.0", "3.0.0"}) == "4.0.0"
    assert next_version("1.0.0", "patch", {"2.0.0"}) == "1.0.1"
    assert next_version("", "major", {"1.0.0"}) == "2.0.0"


@pytest.mark.parametrize(
    "text", ["", "1", "1.0", "1.0.0.0", "01.0.0", "1.0.x", "../1.0.0", "1.0.0\n"]
)
def test_what_is_no_version_is_refused(text: str) -> None:
    assert not is_version(text)
    with pytest.raises(NotAVersion):
        parts_of(text)


def _release(
    folder: Path,
    counts: dict[tuple[str, str], int | None],
    codes: tuple[str, ...] = ("1", "2"),
    mean: float = 80.0,
    crossed: int = 6,
) -> Path:
    """Cells of England by (period, code of "beds"), None for withheld; and a mean rent."""
    folder.mkdir()
    periods = sorted({period for period, _ in counts})
    place = [TYPE, "england", "E92000001"]
    rows: list[list[object]] = [
        [period, *place, "beds", code, count, None, "c" if count is None else ""]
        for (period, code), count in counts.items()
    ]
    rows += [[period, *place, "wrent", "answered", 9, mean, ""] for period in periods]
    pairs = [[period, TYPE, "beds", "1", "homeless", "1", crossed, ""] for period in periods]
    write_parquet(folder, pd.DataFrame(rows, columns=CELLS), pd.DataFrame(pairs, columns=CROSSES))
    asked: list[dict[str, Any]] = [
        TabulatedQuestion(
            name, name, "category", "", tuple((code, code) for code in listed), (TYPE,), False,
            True, "Property",
        ).as_json()
        for name, listed in (("beds", codes), ("homeless", ("1",)), ("wrent", ()))
    ]  # fmt: skip
    (folder / "dictionary.json").write_text(json.dumps(asked))
    return folder


BEFORE: dict[tuple[str, str], int | None] = {("2025", "1"): 5, ("2025", "2"): 4}


def _compared(folder: Path, previous: Path | None) -> tuple[Changes, list[dict[str, str]]]:
    listing = folder / "changes.csv"
    found = compare(folder, previous, listing)
    return found, list(csv.DictReader(listing.read_text().splitlines()))


def test_nothing_but_a_note_is_a_patch(tmp_path: Path) -> None:
    changes, listed = _compared(_release(tmp_path / "b", BEFORE), _release(tmp_path / "a", BEFORE))
    assert changes.step == "patch"
    assert listed == []


def test_each_figure_that_changed_is_listed_and_what_was_only_where_it_is_still_shown(
    tmp_path: Path,
) -> None:
    before = _release(tmp_path / "a", BEFORE)
    after = _release(
        tmp_path / "b", {("2025", "1"): None, ("2025", "3"): 7}, ("1", "2"), 81.5, crossed=7
    )
    changes, listed = _compared(after, before)
    assert (changes.changed, changes.added, changes.removed) == (3, 1, 1)
    assert changes.step == "minor"
    told = [
        (row["file"], row["change"], row["question"], row["code"], row["count_before"],
         row["mean_before"], row["count_after"], row["mean_after"], row["marker_after"])
        for row in listed
    ]  # fmt: skip
    assert told == [
        ("cells", "changed", "beds", "1", "", "", "", "", "c"),
        ("cells", "removed", "beds", "2", "", "", "", "", ""),
        ("cells", "added", "beds", "3", "", "", "7", "", ""),
        ("cells", "changed", "wrent", "answered", "9", "80.0", "9", "81.5", ""),
        ("crosses", "changed", "beds", "1", "6", "", "7", "", ""),
    ]


def test_a_new_period_is_told_as_a_whole_and_makes_a_major_version(tmp_path: Path) -> None:
    before = _release(tmp_path / "a", BEFORE)
    after = _release(tmp_path / "b", {**BEFORE, ("2026", "1"): 3})
    changes, listed = _compared(after, before)
    assert (changes.periods_added, changes.added, changes.step) == (("2026",), 0, "major")
    assert [(row["change"], row["period"]) for row in listed] == [("period added", "2026")]
    back, _ = _compared(before, after)
    assert (back.periods_removed, back.step) == (("2026",), "major")


def test_an_answer_taken_away_is_major_and_one_added_is_minor(tmp_path: Path) -> None:
    few = _release(tmp_path / "a", {("2025", "1"): 5})
    many = _release(tmp_path / "b", {("2025", "1"): 5, ("2025", "9"): 4}, ("1", "2", "9"))
    added, listed = _compared(many, few)
    assert (added.codes_added, added.added, added.step) == (("beds:9",), 0, "minor")
    assert [(row["change"], row["code"]) for row in listed] == [("answer added", "9")]
    assert _compared(few, many)[0].step == "major"


def test_a_first_release_has_its_periods_added(tmp_path: Path) -> None:
    changes, listed = _compared(_release(tmp_path / "a", BEFORE), None)
    assert changes.periods_added == ("2025",)
    assert [row["change"] for row in listed] == ["period added"]


def test_statuses_are_replaced_in_one_step_and_read_back(tmp_path: Path) -> None:
    assert read_status(tmp_path) == {}
    first = VersionStatus("superseded", "2026-11-24T09:30:00+00:00")
    second = VersionStatus("withdrawn", "2026-11-25T09:30:00+00:00", "A note", "Rents were wrong.")
    write_status(tmp_path, {"1.0.0": first})
    set_status(tmp_path, "1.1.0", second)
    assert read_status(tmp_path) == {"1.0.0": first, "1.1.0": second}
    assert [path.name for path in tmp_path.iterdir()] == [STATUS]
    (tmp_path / STATUS).write_text('{"1.0.0": {"status": "published", "secret": 1}}')
    with pytest.raises(UnreadableStatus, match=STATUS):
        read_status(tmp_path)


def test_a_version_is_public_by_its_status_or_by_being_current(tmp_path: Path) -> None:
    assert published_versions(tmp_path) == []
    release = make_release(tmp_path)
    (tmp_path / "9.0.0").mkdir()
    (tmp_path / "9.0.0" / "manifest.json").write_text('{"files": {}, "id": "9.0.0"}')
    found = published_version(tmp_path, "1.0.0")
    assert found is not None and found.status.published_at == "2026-11-24"
    assert published_version(tmp_path, "9.0.0") is None
    assert [one.version for one in published_versions(tmp_path)] == ["1.0.0"]
    assert file_of(tmp_path, found, "codes/areas.csv") == tmp_path / "1.0.0/codes/areas.csv"
    assert file_of(tmp_path, found, "../status.json") is None
    set_status(tmp_path, "1.0.0", VersionStatus("withdrawn", "2026-11-24", notice="Wrong."))
    gone = published_version(tmp_path, "1.0.0")
    assert gone is not None and gone.manifest is None
    assert file_of(tmp_path, gone, "manifest.json") is None
    assert current_version(tmp_path) == release.id
