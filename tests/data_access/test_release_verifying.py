"""Verification finds each kind of damage, and says in plain words where it is."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from data_access.releases.sealing import read_manifest, seal
from data_access.releases.verifying import verify
from portal.cli import app
from tests.support.made_release import make_release


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a release with withheld figures, to be damaged."""
    release = make_release(tmp_path / "releases", withheld=True)
    return Path(shutil.copytree(release.folder, tmp_path / "1.0.0"))


def _rewrite(folder: Path, query: str, name: str = "cells") -> None:
    """Replaces a Parquet file by what a query makes of it, and seals anew."""
    files = ["cells", "cells_by_question"] if name == "cells" else [name]
    for file in files:
        path = folder / f"{file}.parquet"
        duckdb.execute(
            f"COPY ({query.format(f'read_parquet({str(path)!r})')}) "
            f"TO '{path}.new' (FORMAT parquet)"
        )
        path.with_name(f"{path.name}.new").replace(path)
    seal(folder, read_manifest(folder))


def test_a_release_as_it_was_written_has_no_problem(folder: Path) -> None:
    assert verify(folder) == []
    told = CliRunner().invoke(app, ["release", "verify", str(folder)])
    assert (told.exit_code, "is whole" in told.output) == (0, True)


def test_a_changed_a_missing_and_an_extra_file_are_named(folder: Path) -> None:
    (folder / "codes/areas.csv").write_text("code\n")
    (folder / "codes/periods.csv").unlink()
    (folder / "notes.txt").write_text("not sealed")
    problems = verify(folder)
    assert "codes/areas.csv was changed after sealing: its checksum is another." in problems
    assert "codes/periods.csv is missing." in problems
    assert "notes.txt is not named in manifest.json." in problems
    told = CliRunner().invoke(app, ["release", "verify", str(folder)])
    assert told.exit_code == 1 and "codes/periods.csv is missing." in told.output


def test_a_file_that_no_release_has_is_found_though_it_was_sealed(folder: Path) -> None:
    (folder / "logs.csv").write_text("household")
    seal(folder, read_manifest(folder))
    assert verify(folder) == ["logs.csv is no file of a release."]


_MARKED = "marker = 'c'"
_ONE = "period = '2025' AND level = 'england' AND log_type = 'sales'"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (f"SELECT * REPLACE (CASE WHEN {_MARKED} THEN 1 ELSE count END AS count) FROM {{0}}",
         "have a figure that this marker does not go with"),
        ("SELECT * REPLACE (CASE WHEN code = 'total' AND level = 'england' THEN count + 1 "
         "ELSE count END AS count) FROM {0}", "the total is"),
        (f"SELECT * FROM {{0}} WHERE NOT (question = 'records' AND {_ONE})",
         "has figures but no number of records"),
        ("SELECT * FROM {0} UNION ALL (SELECT * FROM {0} LIMIT 1)", "more than one row for"),
        ("SELECT * REPLACE ('7' AS code) FROM {0} WHERE question = 'beds' AND code = '1' "
         "UNION ALL SELECT * FROM {0}", "codes/codes.csv lacks answer 7 of beds"),
        ("SELECT * REPLACE ('region' AS level) FROM {0} WHERE question = 'armedforces' "
         "UNION ALL SELECT * FROM {0}", "armedforces has rows at the level region"),
        ("SELECT * REPLACE (count::INTEGER AS count) FROM {0}", "other columns or types"),
        ("SELECT *, 3 AS secret FROM {0}", "secret INTEGER"),
        ("SELECT * FROM {0} LIMIT 100", "rows; manifest.json says"),
    ],
)  # fmt: skip
def test_each_kind_of_wrong_cell_is_found(folder: Path, query: str, words: str) -> None:
    _rewrite(folder, query)
    assert any(words in problem for problem in verify(folder)), verify(folder)


@pytest.mark.parametrize(
    ("level", "period"), [("region", "2025"), ("local_authority", "2025"), ("england", "2025-q1")]
)
def test_parts_that_add_up_to_more_than_the_whole_are_found(
    folder: Path, level: str, period: str
) -> None:
    larger = "question = 'homeless' AND code = '1' AND marker = ''"
    _rewrite(
        folder,
        f"SELECT * REPLACE (CASE WHEN level = '{level}' AND period = '{period}' AND {larger} "
        "THEN count + 200 ELSE count END AS count) FROM {0}",
    )
    assert any("the parts that are shown add up to" in problem for problem in verify(folder))


def test_crosses_are_held_to_their_margins(folder: Path) -> None:
    _rewrite(folder, "SELECT * REPLACE (count * 3 AS count) FROM {0}", "crosses")
    assert any("pairs with" in problem for problem in verify(folder))


def _no_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def _no_json(folder: Path) -> None:
    (folder / "manifest.json").write_text("{")


def _no_files(folder: Path) -> None:
    (folder / "manifest.json").write_text("[]")


def _no_dictionary(folder: Path) -> None:
    (folder / "dictionary.json").write_text('[{"name": "beds"}]')
    seal(folder, read_manifest(folder))


def _no_parquet(folder: Path) -> None:
    (folder / "cells.parquet").write_bytes(b"PAR")
    seal(folder, read_manifest(folder))


def _no_version(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    seal(folder, {**manifest, "id": "newest"})


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_no_manifest, "manifest.json is missing"),
        (_no_json, "cannot be read"),
        (_no_files, "names no files"),
        (_no_dictionary, "dictionary.json cannot be read"),
        (_no_parquet, "cells.parquet cannot be read as Parquet"),
        (_no_version, "gives no version"),
    ],
)
def test_what_cannot_be_read_at_all_is_told_in_words(
    folder: Path, damage: Callable[[Path], None], words: str
) -> None:
    damage(folder)
    problems = verify(folder)
    assert len(problems) == 1 and words in problems[0]
