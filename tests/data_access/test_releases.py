"""Releases are sealed, current in one step, and read back as they were made."""

import shutil
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from data_access.releases import CurrentRelease, NoRelease, Release
from data_access.releases.parquet import NotPublic, write_parquet
from data_access.releases.sealing import BrokenRelease, verified_manifest
from data_access.releases.writing import publish_folder
from tests.support.made_release import WITHHELD_AREA, make_release, write_draft

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
    assert cross.columns.tolist() == ["1", "2", "3", "4", "not_answered"]
    assert cross.loc["11"].tolist() == [0, 14, 0, 0, 14]
    assert turned.T.equals(cross)
    assert release.cross(TYPE, "2019", "homeless", "beds") is None


def test_the_same_cells_give_the_same_bytes(tmp_path: Path) -> None:
    first = make_release(tmp_path / "one")
    assert write_draft(tmp_path / "two") == first.id
    assert dict(first.manifest) == verified_manifest(tmp_path / "two")
    assert len(first.manifest["files"]) > 50


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
    assert current.get().id == "1.0.0"
    make_release(tmp_path, withheld=True)
    assert current.get().id == "1.1.0"
    assert (tmp_path / "1.0.0").is_dir()


def test_a_release_can_read_nothing_but_its_own_folder(tmp_path: Path) -> None:
    secret = tmp_path / "logs.csv"
    secret.write_text("a\n1\n")
    release = make_release(tmp_path / "releases")
    with pytest.raises(duckdb.Error, match=r"(?i)permission|disabled"):
        release._query(f"SELECT * FROM read_csv('{secret}')", [])
    with pytest.raises(duckdb.Error, match=r"(?i)locked"):
        release._query("SET enable_external_access = true", [])


def test_what_is_withheld_is_neither_a_number_nor_a_zero(tmp_path: Path) -> None:
    release = make_release(tmp_path, withheld=True)
    table = release.table("local_authority", WITHHELD_AREA, TYPE, "2025")
    assert table is not None and table.records == 32
    homeless, beds, rent = (table.questions[name] for name in ("homeless", "beds", "wrent"))
    assert [(row.count, row.share) for row in homeless.rows] == [(None, None), (None, None)]
    assert (homeless.answered, homeless.not_answered) == (32, 0)
    # The number answering cannot be told from a withheld "not answered", so no answer has a share.
    assert [(row.count, row.share) for row in beds.rows[:2]] == [(None, None), (12, None)]
    assert (beds.answered, beds.not_answered) == (None, None)
    assert (rent.answered, rent.mean) == (None, None)
    assert all(question.withholds for question in (homeless, beds, rent))
    values = release.map_values(TYPE, "2025", "homeless", "11")
    assert values[WITHHELD_AREA] is None and values["E09000011"] == 25
    assert release.map_values(TYPE, "2025", "wrent")[WITHHELD_AREA] is None
    cross = release.cross(TYPE, "2025", "homeless", "beds")
    assert cross is not None
    assert cross["1"].isna().tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("count", "mean", "marker", "words"),
    [
        (2, None, "c", "a figure beside the marker c"),
        (None, 81.5, "c", "a figure beside the marker c"),
        (None, None, "", "neither a count nor a marker"),
        (5, None, "x", "another marker"),
    ],
)
def test_a_figure_that_is_withheld_is_refused_not_masked(
    tmp_path: Path, count: int | None, mean: float | None, marker: str, words: str
) -> None:
    key = ["2025", TYPE, "england", "E92000001", "wrent", "answered"]
    columns = "period log_type level area question code count mean marker".split()
    cells = pd.DataFrame([[*key, count, mean, marker]], columns=columns)
    crosses = pd.DataFrame(
        columns="period log_type question code question2 code2 count marker".split()
    )
    with pytest.raises(NotPublic, match=words):
        write_parquet(tmp_path, cells, crosses)
    with pytest.raises(NotPublic, match="sum"):
        write_parquet(tmp_path, cells.assign(sum=1.0), crosses)
    assert not list(tmp_path.iterdir())


def test_a_release_is_put_in_place_whole_or_not_at_all(tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    first = make_release(releases)
    draft = tmp_path / "draft"
    shutil.copytree(first.folder, draft)
    with pytest.raises(FileExistsError, match=r"1\.0\.0 was given out"):
        publish_folder(releases, draft, "1.0.0")
    left_over = releases / ".moving-1.0.1"
    left_over.mkdir()
    (left_over / "half.parquet").write_bytes(b"half")
    place = publish_folder(releases, draft, "1.0.1")
    assert (releases / "current").resolve() == place
    assert verified_manifest(place) == dict(first.manifest)
    assert sorted(path.name for path in releases.iterdir()) == ["1.0.0", "1.0.1", "current"]


def test_a_question_without_a_row_is_not_shown_rather_than_answered_by_nobody(
    tmp_path: Path,
) -> None:
    release = make_release(tmp_path)
    release._duck.execute(
        "CREATE OR REPLACE VIEW cells AS SELECT * FROM "
        f"read_parquet('{release.folder}/cells.parquet') WHERE question = 'records'"
    )
    release._duck.execute(
        "CREATE OR REPLACE VIEW cells_by_question AS SELECT * FROM "
        f"read_parquet('{release.folder}/cells_by_question.parquet') WHERE question = 'records'"
    )
    table = release.table("local_authority", "E09000011", TYPE, "2025-q1")
    assert table is not None and table.records == 10
    assert table.questions == {}
    assert release.map_values(TYPE, "2025-q1", "beds", "1")["E09000011"] is None
