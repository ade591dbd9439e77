"""core-portal protect: a statistician's own table, from a file to a file."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result
from typer.testing import CliRunner

from portal import protect_commands
from portal.cli import app

CELLS = """geography,time,code,count
A,2025,yes,1
A,2025,no,20
A,2025,total,21
B,2025,yes,6
B,2025,no,9
B,2025,total,15
C,2025,yes,50
C,2025,no,60
C,2025,total,110
region,2025,yes,57
region,2025,no,89
region,2025,total,146
"""
FILES = {
    "geography.csv": "child,parent\nA,region\nB,region\nC,region\n",
    "time.csv": "child,parent\n",
    "code.csv": "child,parent\nyes,total\nno,total\n",
}
Protect = Callable[..., Result]


@pytest.fixture
def protect(tmp_path: Path) -> Protect:
    """Runs the command on the table above, with other files where they are given."""

    def run(*options: str, cells: str = CELLS, **files: str | bytes) -> Result:
        (tmp_path / "cells.csv").write_text(cells)
        given = {**FILES, **{f"{name}.csv": content for name, content in files.items()}}
        for name, content in given.items():
            data = content if isinstance(content, bytes) else content.encode()
            (tmp_path / name).write_bytes(data)
        words = ["protect", "cells.csv", "--hierarchies", ".", "--out", "public.csv", *options]
        words = [str(tmp_path / word) if "." in word else word for word in words]
        return CliRunner().invoke(app, words)

    return run


@pytest.mark.parametrize(
    "geography",
    [
        FILES["geography.csv"],
        # As a spreadsheet or a person may write it.
        "\ufeffchild,parent\r\nA, region\r\n B,region\r\nC,region\r\nregion,\r\n\r\n",
    ],
)
def test_a_table_is_made_safe_attacked_and_written(
    protect: Protect, tmp_path: Path, geography: str
) -> None:
    answer = protect(geography=geography)
    assert answer.exit_code == 0, answer.output
    assert "4 withheld. 0 cells are left out" in answer.output
    assert "was attacked, and nothing" in answer.output
    public = pd.read_csv(tmp_path / "public.csv", keep_default_na=False, dtype=str)
    withheld = public[public["marker"] == "c"]
    assert set(withheld["geography"]) == {"A", "B"} and len(withheld) == 4
    assert set(withheld["count"]) == {""}


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (
            {"geography": "child,parent\nA,region,\nB,region,\n"},
            "Line 2 of geography.csv does not have 2 cells",
        ),
        ({"geography": "child,parent\nA\n"}, "Line 2 of geography.csv does not have 2 cells"),
        ({"geography": "child,parent\n,region\n"}, "Line 2 of geography.csv has no child"),
        ({"geography": "place,within\nA,region\n"}, "must be child,parent"),
        ({"time": ""}, "The first line of time.csv must be child,parent"),
        ({"geography": "child,parent\nÀ,region\n".encode("cp1252")}, "is not in UTF-8"),
        ({"geography": "child,parent\nA,region\nB,region\n"}, "does not have 'C'"),
        ({"code": "child,parent\nyes,total\n"}, "code.csv does not have 'no'"),
        ({"geography": FILES["geography.csv"] + "A,other\n"}, "two parents"),
        ({"cells": CELLS.replace("A,2025,yes,1\n", "A,2025,yes,inf\n")}, "count of row 1 is inf"),
        ({"cells": CELLS.replace(",50\n", f",{10**17}\n")}, "whole numbers from 0 to"),
        ({"cells": CELLS.replace(",50\n", ",51\n")}, "add up to"),
    ],
)
def test_what_cannot_be_read_as_it_was_meant_is_refused(
    protect: Protect, tmp_path: Path, files: dict[str, str | bytes], words: str
) -> None:
    answer = protect(**files)  # type: ignore[arg-type]
    assert answer.exit_code == 1
    assert "Nothing was written." in answer.output and words in answer.output
    assert not (tmp_path / "public.csv").exists()


def test_a_result_from_which_something_could_be_worked_out_is_not_written(
    protect: Protect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_safe = protect_commands.protect_long

    def leaking(*given):  # type: ignore[no-untyped-def]
        public = made_safe(*given)
        shown = (public["geography"] == "B") | (public["code"] == "no")
        public.loc[shown & (public["marker"] == "c"), "count"] = 9
        public.loc[(public["geography"] == "B") & (public["code"] == "yes"), "count"] = 6
        public.loc[(public["geography"] == "A") & (public["code"] == "no"), "count"] = 20
        public.loc[shown, "marker"] = ""
        return public

    monkeypatch.setattr(protect_commands, "protect_long", leaking)
    answer = protect()
    assert answer.exit_code == 1
    assert "something could be worked out" in answer.output and "code yes is 1" in answer.output
    assert not (tmp_path / "public.csv").exists()
    unchecked = protect("--no-attack")
    assert unchecked.exit_code == 0 and "was not attacked" in unchecked.output
