"""Releases are sealed, current in one step, and read back as they were made."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from data_access.releases import CurrentRelease, NoRelease, Release
from data_access.releases.sealing import BrokenRelease
from tests.support.made_release import make_release

TYPE = "social-rent-general-needs"


def test_a_place_is_read_with_its_zeros_filled_in(tmp_path: Path) -> None:
    table = make_release(tmp_path).table("local_authority", "E09000011", TYPE, "2025")
    assert table is not None
    assert table.records == 40
    beds = table.questions["beds"]
    assert [(row.code, row.count) for row in beds.rows] == [
        ("1", 20),
        ("2", 15),
        ("3", 0),
        ("4", 0),
    ]
    assert (beds.answered, beds.not_answered) == (35, 5)
    assert beds.rows[0].share == pytest.approx(100 * 20 / 35)
    assert table.questions["wrent"].mean == 110.0


def test_a_removed_place_looks_like_one_without_any_record(tmp_path: Path) -> None:
    release = make_release(tmp_path)
    assert release.table("local_authority", "E09000001", TYPE, "2025") is None
    assert release.table("local_authority", "E06000002", TYPE, "2025") is None
    assert "E09000001" not in release.shown_areas(TYPE, "2025")
    assert release.periods_shown("local_authority", "E09000001", TYPE) == []


def test_sensitive_questions_are_offered_and_read_for_england_alone(tmp_path: Path) -> None:
    release = make_release(tmp_path)
    names = [q.name for q in release.questions_for(TYPE, "local_authority")]
    assert "armedforces" not in names
    local = release.table("local_authority", "E09000011", TYPE, "2025")
    assert local is not None and "armedforces" not in local.questions
    england = release.england(TYPE, "2025")
    assert england is not None and england.questions["armedforces"].answered == 117
    found = duckdb.sql(
        f"SELECT DISTINCT level FROM '{release.folder}/*cells*.parquet' "
        "WHERE question = 'armedforces'"
    ).fetchall()
    assert found == [("england",)]


def test_map_values_are_shares_means_and_records(tmp_path: Path) -> None:
    release = make_release(tmp_path)
    assert release.map_values(TYPE, "2025", "records")["E08000039"] == 32
    assert release.map_values(TYPE, "2025", "homeless", "11")["E08000039"] == 25
    assert release.map_values(TYPE, "2025", "wrent")["E08000039"] == 108
    assert "E09000001" not in release.map_values(TYPE, "2025", "homeless", "11")


def test_a_cross_reads_either_way_round(tmp_path: Path) -> None:
    release = make_release(tmp_path)
    cross = release.cross(TYPE, "2025", "homeless", "beds")
    turned = release.cross(TYPE, "2025", "beds", "homeless")
    assert cross is not None and turned is not None
    assert cross.loc["11"].tolist() == [10, 20, 0, 0]
    assert turned.T.equals(cross)
    assert release.cross(TYPE, "2019", "homeless", "beds") is None


def test_the_same_cells_give_the_same_bytes(tmp_path: Path) -> None:
    first = make_release(tmp_path / "one", datetime(2026, 1, 1, tzinfo=UTC))
    second = make_release(tmp_path / "two", datetime(2026, 2, 2, tzinfo=UTC))
    assert first.manifest["files"] == second.manifest["files"]


def test_a_release_changed_after_sealing_is_not_opened(tmp_path: Path) -> None:
    release = make_release(tmp_path)
    path = release.folder / "dictionary.json"
    path.write_text(path.read_text().replace("Bedrooms", "Bedroom"))
    with pytest.raises(BrokenRelease, match=r"dictionary\.json"):
        Release.open_current(tmp_path)


def test_an_extra_file_is_noticed(tmp_path: Path) -> None:
    release = make_release(tmp_path)
    (release.folder / "extra.parquet").write_bytes(b"")
    with pytest.raises(BrokenRelease, match="does not name"):
        Release.open_current(tmp_path)


def test_readers_go_over_to_a_new_release(tmp_path: Path) -> None:
    current = CurrentRelease(tmp_path, look_every=0)
    with pytest.raises(NoRelease):
        current.get()
    make_release(tmp_path)
    assert current.get().id == "2026-11-24-001"
    make_release(tmp_path)
    assert current.get().id == "2026-11-24-002"
    assert (tmp_path / "2026-11-24-001").is_dir()


def test_a_release_can_read_nothing_but_its_own_folder(tmp_path: Path) -> None:
    secret = tmp_path / "logs.csv"
    secret.write_text("a\n1\n")
    release = make_release(tmp_path / "releases")
    with pytest.raises(duckdb.Error, match=r"(?i)permission|disabled"):
        release._query(f"SELECT * FROM read_csv('{secret}')", [])
    with pytest.raises(duckdb.Error, match=r"(?i)locked"):
        release._query("SET enable_external_access = true", [])
