"""A place changes between two releases by at least three records, or stays as it was."""

from pathlib import Path

import pandas as pd
import pytest

from data_access.holding_back import hold_back

ROWS = [
    ("sales", "2025-q1", "E06000001", 7, code) for code in ("1", "1", "2", "2", "3", "3", "3", "4")
]
COLUMNS = ["log_type", "quarter", "local_authority", "owner", "tenure"]


def _write(folder: Path, rows: list[tuple[str, str, str | None, int, str]]) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / "sales-2025.parquet"
    pd.DataFrame(rows, columns=COLUMNS).to_parquet(file, index=False)
    return file


def _counted(tmp_path: Path, new: list[tuple[str, str, str | None, int, str]]) -> list[str]:
    _write(tmp_path / "old", ROWS)
    held = hold_back([_write(tmp_path / "new", new)], tmp_path / "old", tmp_path / "to", 3)
    return sorted(pd.read_parquet(held.files[0])["tenure"])


def _with(codes: list[str], area: str = "E06000001") -> list[tuple[str, str, str | None, int, str]]:
    return [("sales", "2025-q1", area, 7, code) for code in codes]


OLD = sorted(row[4] for row in ROWS)


@pytest.mark.parametrize(
    ("codes", "is_held"),
    [
        (["1", "1", "2", "2", "3", "3", "3", "4"], False),
        (["1", "1", "2", "2", "3", "3", "3", "9"], True),
        (["1", "1", "2", "2", "3", "3", "9", "9"], True),
        (["1", "1", "2", "2", "3", "9", "9", "9"], False),
        (["1", "1", "2", "2", "3", "3", "3"], True),
        (["1", "1", "2", "2", "3"], False),
        (["1", "1", "2", "2", "3", "3", "3", "4", "9", "9"], True),
        (["1", "1", "2", "2", "3", "3", "3", "4", "9", "9", "9"], False),
    ],
)
def test_one_or_two_changed_records_wait(tmp_path: Path, codes: list[str], is_held: bool) -> None:
    assert _counted(tmp_path, _with(codes)) == (OLD if is_held else sorted(codes))


def test_a_record_that_moves_waits_in_both_places(tmp_path: Path) -> None:
    moved = [*ROWS[:-1], ("sales", "2025-q1", "E06000002", 7, "4")]
    _write(tmp_path / "old", ROWS)
    held = hold_back([_write(tmp_path / "new", moved)], tmp_path / "old", tmp_path / "to", 3)
    assert held.blocks == 2
    assert set(pd.read_parquet(held.files[0])["local_authority"]) == {"E06000001"}


def test_a_place_changes_where_another_waits(tmp_path: Path) -> None:
    new = [*ROWS[:-1], *_with(["5", "6", "7"], "E06000002")]
    _write(tmp_path / "old", ROWS)
    held = hold_back([_write(tmp_path / "new", new)], tmp_path / "old", tmp_path / "to", 3)
    counted = pd.read_parquet(held.files[0])
    assert counted.groupby("local_authority").size().to_dict() == {"E06000001": 8, "E06000002": 3}
    assert (held.blocks, held.records) == (1, 1)


def test_records_without_a_place_are_compared_too(tmp_path: Path) -> None:
    new = [*ROWS, ("sales", "2025-q1", None, 7, "1")]
    assert _counted(tmp_path, new) == OLD


def test_small_changes_come_together_over_several_releases(tmp_path: Path) -> None:
    _write(tmp_path / "old", ROWS)
    first = hold_back(
        [_write(tmp_path / "new", _with(["1", "1", "2", "2", "3", "3", "9", "9"]))],
        tmp_path / "old", tmp_path / "first", 3,
    )  # fmt: skip
    assert first.blocks == 1
    codes = ["1", "1", "2", "2", "3", "9", "9", "9"]
    second = hold_back(
        [_write(tmp_path / "newer", _with(codes))], tmp_path / "first", tmp_path / "second", 3
    )
    assert second.blocks == 0
    assert sorted(pd.read_parquet(second.files[0])["tenure"]) == codes


def test_a_file_with_other_questions_is_counted_as_it_is_and_named(tmp_path: Path) -> None:
    old = _write(tmp_path / "old", ROWS)
    pd.read_parquet(old).assign(more="1").to_parquet(old, index=False)
    held = hold_back([_write(tmp_path / "new", _with(["9"]))], tmp_path / "old", tmp_path / "to", 3)
    assert held.not_compared == ["sales-2025.parquet"]
    assert list(pd.read_parquet(held.files[0])["tenure"]) == ["9"]
