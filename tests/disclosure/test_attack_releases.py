"""The attacker reads releases and long tables in every format, and says so by its exit code."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from disclosure.attack import (
    UnreadableRelease,
    Verdict,
    audit,
    read_long_table,
    read_release,
    release_files,
    release_tables,
)
from portal.cli import app
from tests.disclosure.attacked import Release, frame, known

PERIODS = {"2023": "", "2023-Q1": "2023", "2023-Q2": "2023"}
AREAS = {"a": ("", "", ""), "b": ("", "", ""), "c": ("", "", "")}
COLOUR = {"name": "colour", "kind": "category", "codes": [["r", "Red"], ["g", "Green"]]}
SHAPE = {"name": "shape", "kind": "category", "codes": [["o", "Round"], ["s", "Square"]]}
AGE = {"name": "age", "kind": "number", "codes": []}
COUNTS = {"a": (9, 4), "b": (8, 7), "c": (2, 6)}


def answers(question: str, codes: str, counts: dict[str, tuple[int, int]]):  # type: ignore[no-untyped-def]
    """The same counts of two codes in both quarters."""
    return {
        (period, area, question, code): count
        for period in ("2023-Q1", "2023-Q2")
        for area, both in counts.items()
        for code, count in zip(codes.split(), both, strict=True)
    }


def release(counts: dict[str, tuple[int, int]] = COUNTS, **more) -> Release:  # type: ignore[no-untyped-def]
    return Release(answers("colour", "r g", counts), AREAS, PERIODS, [COLOUR], **more)


def verdict(folder: Path, *earlier: Path, threshold: int = 3) -> Verdict:
    public, revisions = read_release(folder, earlier)
    return audit(public, threshold, revisions=revisions)


def exact(found: Verdict, question: str) -> dict[tuple[str, str, str], float]:
    return {
        (f.cell["time"], f.cell["geography"], f.cell["code"]): f.low
        for f in found.findings
        if f.kind == "exact" and f.cell.get("question") == question and "geography" in f.cell
    }


def test_a_hidden_cell_of_an_area_is_found_by_area_code_and_quarter(tmp_path: Path) -> None:
    made = release().hide(("2023-Q1", "c", "colour", "r"), ("2023-Q2", "c", "colour", "r"))
    found = verdict(made.write(tmp_path / "1.0.0"))
    assert exact(found, "colour") == {("2023-Q1", "c", "r"): 2, ("2023-Q2", "c", "r"): 2}
    assert found.tables == 2
    assert found.hidden == 2


def test_a_removed_area_is_its_region_less_the_others(tmp_path: Path) -> None:
    made = release({**COUNTS, "c": (0, 2)}).remove(("2023-Q1", "c"), ("2023-Q2", "c"))
    found = verdict(made.write(tmp_path / "1.0.0"))
    cells = known(found, "removed_total")
    assert cells == {("c", "2023-Q1", "total"): (2, 2), ("c", "2023-Q2", "total"): (2, 2)}


def test_what_questions_tell_of_a_removed_total_is_put_together(tmp_path: Path) -> None:
    # The records of a and b are withheld together; that none of theirs is red in one question and
    # that the greens are known bounds them both.
    counts = {"a": (0, 2), "b": (0, 3), "c": (9, 6)}
    both = answers("colour", "r g", counts) | answers("shape", "o s", counts)
    made = Release(both, AREAS, PERIODS, [COLOUR, SHAPE])
    made.remove(("2023-Q1", "a"), ("2023-Q1", "b"))
    found = verdict(made.write(tmp_path / "1.0.0"))
    # The year less the second quarter gives the first.
    assert known(found, "removed_total")["a", "2023-Q1", "total"] == (2, 2)
    assert known(found, "removed_total")["b", "2023-Q1", "total"] == (3, 3)


def test_a_hidden_cell_of_a_cross_is_its_margin_less_the_others(tmp_path: Path) -> None:
    shapes = {"a": (10, 3), "b": (9, 6), "c": (3, 5)}
    both = answers("colour", "r g", COUNTS) | answers("shape", "o s", shapes)
    crosses = {
        ("2023-Q1", "colour", first, "shape", second): count
        for (first, second), count in {
            ("r", "o"): 17,
            ("r", "s"): float("nan"),
            ("g", "o"): 5,
            ("g", "s"): float("nan"),
        }.items()
    }
    made = Release(both, AREAS, PERIODS, [COLOUR, SHAPE], crosses)
    found = verdict(made.write(tmp_path / "1.0.0"))
    crossed = [f for f in found.findings if "question2" in f.cell and f.kind == "exact"]
    assert [(f.cell["code"], f.cell["code2"], f.low) for f in crossed] == [("r", "s", 2)]


def test_a_hidden_margin_is_the_sum_of_its_cross(tmp_path: Path) -> None:
    counts = {"a": (9, 2), "b": (8, 0), "c": (2, 0)}
    both = answers("colour", "r g", counts) | answers("shape", "o s", counts)
    made = Release(
        both, {"a": AREAS["a"], "b": AREAS["b"], "c": AREAS["c"]}, PERIODS, [COLOUR, SHAPE]
    )
    everywhere = [(p, place, "colour", "g") for p in PERIODS for place in ("E", "R", "a")]
    made.hide(*everywhere, *((p, place, "colour", "r") for p, place, _, _ in everywhere))
    made.hide(*((p, place, "records", "total") for p in PERIODS for place in ("E", "R", "a")))
    made.hide(*((p, q, "shape", c) for p in PERIODS for q in "ERa" for c in "os"))
    alone = exact(verdict(made.write(tmp_path / "1.0.0")), "colour")
    assert ("2023-Q1", "E", "g") not in alone
    made.crosses["2023-Q1", "colour", "g", "shape", "o"] = 2
    made.crosses["2023-Q1", "colour", "r", "shape", "o"] = 19
    made.write(tmp_path / "1.0.1")
    found = verdict(tmp_path / "1.0.1")
    assert exact(found, "colour")["2023-Q1", "E", "g"] == 2
    because = next(
        f.because for f in found.findings if f.kind == "exact" and f.cell["geography"] == "E"
    )
    assert because == ("the same cell in log_type general, question colour, question2 shape",)


def test_a_number_question_is_attacked_through_its_means(tmp_path: Path) -> None:
    counts = {"a": (12, 1), "b": (10, 1), "c": (2, 9)}
    made = Release(answers("age", "answered not_answered", counts), AREAS, PERIODS, [AGE])
    for period in PERIODS:
        for area, mean in {"a": 40.25, "b": 50.5, "c": 80.0, "R": 47.8, "E": 47.8}.items():
            made.means[period, area, "age", "answered"] = mean
        for code in ("answered", "not_answered"):
            made.hide((period, "c", "age", code))
    hidden = [key for key in made.means if key[1] == "c"]
    for key in hidden:
        del made.means[key]
    found = verdict(made.write(tmp_path / "1.0.0"))
    sums = [f for f in found.findings if f.kind in ("known_sum", "recovered_large")]
    first = next(f for f in sums if f.cell.get("measure") == "sum" and f.cell["time"] == "2023-Q1")
    assert first.low <= 24 * 47.8 - 12 * 40.25 - 10 * 50.5 <= first.high
    assert exact(found, "age")["2023-Q1", "c", "answered"] == 2


def test_a_cell_that_an_earlier_release_showed_opens_another(tmp_path: Path) -> None:
    hidden_now = [("2023-Q1", area, "colour", code) for area in "bc" for code in "rg"]
    hidden_then = [("2023-Q1", area, "colour", code) for area in "ac" for code in "rg"]
    now = release().hide(*hidden_now).write(tmp_path / "1.0.1")
    then = release().hide(*hidden_then).write(tmp_path / "1.0.0")
    for folder in (now, then):
        cells = pd.read_parquet(folder / "cells.parquet")
        cells[cells["period"] != "2023"].to_parquet(folder / "cells.parquet")
    alone, together = verdict(now), verdict(now, then)
    assert not exact(alone, "colour")
    assert exact(together, "colour") == {("2023-Q1", "c", "r"): 2}
    assert "shown in release 1.0.0" in " ".join(
        line for f in together.findings for line in f.because
    )


def test_a_successor_is_its_predecessors_of_an_earlier_release(tmp_path: Path) -> None:
    old = {"p": ("", "2022", "s"), "q": ("", "2022", "s"), "s": ("2023", "", ""), "b": ("", "", "")}
    periods = {"2022": ""}
    then = {("2022", area, "colour", "r"): count for area, count in
            {"p": 20, "q": 11, "b": 2}.items()}  # fmt: skip
    recast = {("2022", area, "colour", "r"): count for area, count in {"s": 31, "b": 2}.items()}
    first = Release(then, old, periods, [COLOUR]).hide(
        ("2022", "b", "colour", "r"), ("2022", "b", "records", "total"),
        ("2022", "E", "colour", "r"), ("2022", "E", "records", "total"),
        ("2022", "R", "colour", "r"), ("2022", "R", "records", "total"),
    )  # fmt: skip
    second = Release(recast, old, periods, [COLOUR]).hide(
        ("2022", "b", "colour", "r"), ("2022", "b", "records", "total"),
        ("2022", "s", "colour", "r"), ("2022", "s", "records", "total"),
    )  # fmt: skip
    earlier, now = first.write(tmp_path / "1.0.0"), second.write(tmp_path / "1.1.0")
    assert not exact(verdict(now), "records")
    assert exact(verdict(now, earlier), "records") == {("2022", "b", "total"): 2}


def test_codes_grouped_at_local_authorities_add_up_to_the_fine_codes_of_regions(
    tmp_path: Path,
) -> None:
    question = {
        **COLOUR,
        "codes": [["r", ""], ["g", ""], ["b", ""]],
        "groups": [["g", "x"], ["b", "x"]],
    }
    counts = {"a": 6, "b": 7}
    found = {
        ("2023-Q1", area, "colour", code): count + extra
        for area, count in counts.items()
        for extra, code in enumerate(("r", "g", "b"))
    }
    made = Release(found, {"a": AREAS["a"], "b": AREAS["b"]}, PERIODS, [question])
    for period in PERIODS:
        for area in counts:
            if (period, area, "colour", "g") in made.cells:
                total = sum(made.cells.pop((period, area, "colour", code)) for code in "gb")
                made.cells[period, area, "colour", "x"] = total
    safe = verdict(made.write(tmp_path / "1.0.0"))
    assert safe.safe
    assert not safe.set_aside
    made.hide(("2023-Q1", "a", "colour", "x"))
    found_large = verdict(made.write(tmp_path / "1.0.1"))
    assert known(found_large, "recovered_large") == {("a", "2023-Q1", "x"): (15, 15)}


def test_a_question_answered_by_exactly_those_of_another_is_attacked_with_it(
    tmp_path: Path,
) -> None:
    follow = {**SHAPE, "answered_with": "colour", "answered_codes": ["g"]}
    counts = {"a": (9, 5), "b": (8, 6), "c": (4, 4)}
    shapes = {"a": (5, 0, 9), "b": (2, 4, 8), "c": (4, 0, 4)}
    both = answers("colour", "r g", counts)
    for area, numbers in shapes.items():
        for period in ("2023-Q1", "2023-Q2"):
            for code, count in zip(("o", "s", "not_answered"), numbers, strict=True):
                both[period, area, "shape", code] = count
    for questions, leaks in (([COLOUR, SHAPE], False), ([COLOUR, follow], True)):
        made = Release(both, AREAS, PERIODS, questions)
        for period in PERIODS:
            for area in ("b", "R", "E"):
                made.hide((period, area, "shape", "o"), (period, area, "shape", "not_answered"))
        name = "1.0.1" if leaks else "1.0.0"
        found = exact(verdict(made.write(tmp_path / name)), "shape")
        assert (found.get(("2023-Q1", "b", "o")) == 2) is leaks


def test_a_question_that_some_who_were_asked_left_out_is_not_taken_for_the_other_s(
    tmp_path: Path,
) -> None:
    # Of c's six with green three gave no shape in the first quarter, and c's figures are shown.
    follow = {**SHAPE, "answered_with": "colour", "answered_codes": ["g"]}
    counts = {"a": (9, 5), "b": (8, 6), "c": (4, 6)}
    shapes = {"a": (5, 0, 9), "b": (1, 4, 9), "c": (3, 0, 7)}
    both = answers("colour", "r g", counts)
    for area, numbers in shapes.items():
        for period in ("2023-Q1", "2023-Q2"):
            if (area, period) == ("c", "2023-Q2"):
                numbers = (6, 0, 4)
            for code, count in zip(("o", "s", "not_answered"), numbers, strict=True):
                both[period, area, "shape", code] = count
    made = Release(both, AREAS, PERIODS, [COLOUR, follow])
    for period in PERIODS:
        for area in ("b", "R", "E"):
            made.hide((period, area, "shape", "o"), (period, area, "shape", "not_answered"))
    found = verdict(made.write(tmp_path / "1.0.0"))
    assert exact(found, "shape") == {}
    assert found.safe


LONG = """
    a Y x c
    a Y y 6
    a Y total 8
    b Y x c
    b Y y c
    b Y total 20
"""


def _ods(made: pd.DataFrame, path: Path) -> None:
    with pd.ExcelWriter(path, engine="odf") as book:
        pd.DataFrame({"Cover": ["About this file"]}).to_excel(book, sheet_name="Cover")
        made.astype({"count": object}).fillna({"count": "[c]"}).to_excel(
            book, sheet_name="Data", index=False, startrow=2
        )


WRITERS: dict[str, Callable[[pd.DataFrame, Path], object]] = {
    "csv": lambda made, path: made.to_csv(path, index=False),
    "parquet": lambda made, path: made.to_parquet(path),
    "json": lambda made, path: path.write_text(made.to_json(orient="records")),
    "ods": _ods,
}


@pytest.fixture
def hierarchies(tmp_path: Path) -> Path:
    folder = tmp_path / "hierarchies"
    folder.mkdir()
    (folder / "geography.csv").write_text("child,parent\n")
    (folder / "time.csv").write_text("child,parent\n")
    (folder / "code.csv").write_text("child,parent\nx,total\ny,total\n")
    return folder


@pytest.mark.parametrize("suffix", WRITERS)
def test_every_format_of_a_long_table_gives_the_same_verdict(
    suffix: str, tmp_path: Path, hierarchies: Path
) -> None:
    made = frame(LONG).astype(dict.fromkeys(("geography", "time", "code"), str))
    made["log_type"] = "general"
    made["marker"] = made["count"].isna().map({True: "c", False: ""})
    path = tmp_path / f"table.{suffix}"
    WRITERS[suffix](made, path)
    result = CliRunner().invoke(
        app, ["audit", str(path), "--hierarchies", str(hierarchies), "--json"]
    )
    assert result.exit_code == 1
    found = json.loads(result.output)
    assert found["hidden"] == 3
    assert [(one["kind"], one["cell"], one["low"]) for one in found["findings"]] == [
        ("exact", {"log_type": "general", "geography": "a", "time": "Y", "code": "x"}, 2.0)
    ]


def test_a_marked_figure_is_withheld_even_where_the_file_still_holds_a_number(
    tmp_path: Path, hierarchies: Path
) -> None:
    made = frame("a Y x 5\na Y y 6\na Y total 11")
    made["marker"] = ["c", "c", ""]
    made.to_csv(tmp_path / "table.csv", index=False)
    public, _ = read_long_table(tmp_path / "table.csv", hierarchies)
    assert audit(public).hidden == 2


def test_the_command_says_what_it_found_and_exits_by_it(tmp_path: Path) -> None:
    safe = release({**COUNTS, "c": (5, 6)}).write(tmp_path / "1.0.0")
    result = CliRunner().invoke(app, ["audit", str(safe)])
    assert result.exit_code == 0, result.output
    assert "Nothing stops the release" in result.output
    leaking = release().hide(("2023-Q1", "c", "colour", "r")).write(tmp_path / "1.0.1")
    result = CliRunner().invoke(app, ["audit", str(leaking), "--earlier", str(safe)])
    assert result.exit_code == 1
    assert "question colour, geography c, time 2023-Q1, code r is 2" in result.output
    assert "This must not be published" in result.output


def test_what_cannot_be_read_is_said_in_plain_words(tmp_path: Path, hierarchies: Path) -> None:
    result = CliRunner().invoke(app, ["audit", str(tmp_path / "none.csv")])
    assert result.exit_code == 2
    assert "needs its --hierarchies" in result.output
    (tmp_path / "bare.csv").write_text("geography,count\na,1\n")
    with pytest.raises(UnreadableRelease, match="no column time, code"):
        read_long_table(tmp_path / "bare.csv", hierarchies)
    with pytest.raises(UnreadableRelease, match="no cells"):
        read_release(hierarchies)


def test_frames_that_are_yet_to_be_written_are_attacked_as_the_written_release_is(
    tmp_path: Path,
) -> None:
    folder = release().hide(("2023-Q1", "c", "colour", "r")).write(tmp_path / "1.0.0")
    cells = pd.read_parquet(folder / "cells.parquet").astype({"count": "Int64"})
    crosses = pd.read_parquet(folder / "crosses.parquet").astype({"count": "Int64"})
    lists = [pd.read_csv(folder / "codes" / f"{name}.csv", dtype=str, keep_default_na=False)
             for name in ("areas", "periods")]  # fmt: skip
    public, _ = release_tables(release_files(cells, crosses, *lists, [COLOUR]))
    assert audit(public).as_json() == verdict(folder).as_json()
    with pytest.raises(UnreadableRelease, match="cells has no column mean"):
        release_files(cells.drop(columns="mean"), crosses, *lists, [COLOUR])
