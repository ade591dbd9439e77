"""The contract of docs/checking-from-outside.md, as other programs use it."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from portal.cli import app
from submission.documents.source import own_source
from submission.uploads.template import as_csv, header_rows

REGISTRY = {
    "institutions": [
        {"code": "ORG1", "provider_type": "PRP", "holds_own_stock": True, "rent_periods": [1, 4]},
        {"code": "ORG2", "provider_type": "LA", "holds_own_stock": True},
    ],
    "relationships": [],
    "users": [{"email": "pat@example.com", "role": "provider", "organisation": "ORG1"}],
    "schemes": [],
}
ROW = {
    1: "ORG1", 2: "ORG1", 3: "pat@example.com", 4: "1", 7: "2", 8: "3", 9: "8", 10: "26",
    11: "1", 13: "T1", 14: "P1", 15: "1", 16: "15", 19: "1 High Street", 21: "Town", 23: "SW1A",
    24: "1AA", 26: "1", 27: "2", 28: "2", 29: "3", 30: "8", 31: "26", 36: "2", 37: "2", 38: "2",
    41: "40", 42: "F", 43: "1", 45: "1", 46: "826", 47: "1", 90: "2", 93: "2", 98: "1", 100: "2",
    111: "7", 112: "8", 113: "13", 115: "3", 116: "1", 117: "2", 121: "2", 127: "1", 128: "2",
    129: "1", 130: "2", 132: "8", 135: "2", 138: "9", 139: "3", 141: "1", 142: "100.98",
    143: "0", 144: "0", 145: "0",
}  # fmt: skip


def _run(*words: str, given: str | None = None) -> Any:
    return CliRunner().invoke(app, list(words), input=given)


def _file(folder: Path, rows: list[dict[int, str]], name: str = "logs.csv") -> Path:
    source = own_source("lettings", 2026)
    count = len(source.collection.upload_columns)
    lines = [["", *(row.get(n, "") for n in range(1, count + 1))] for row in rows]
    path = folder / name
    path.write_bytes(as_csv([*header_rows(source), *lines]))
    return path


def _context(folder: Path, **more: Any) -> str:
    path = folder / "context.json"
    known = {"today": "2026-09-01", "registry": REGISTRY, "postcodes": {"SW1A 1AA": "E09000033"}}
    path.write_text(json.dumps({**known, **more}), encoding="utf-8")
    return str(path)


def test_requests_are_answered_in_order_and_a_bad_one_does_not_stop_the_rest() -> None:
    plain = {"collection": "lettings", "year": 2026, "today": "2026-09-01"}
    lines = [
        {**plain, "id": "a", "answers": {"period": 3, "brent": "100.98"}, "mode": "as_given"},
        {"id": "b", "collection": "rents"},
        {**plain, "id": "c", "answers": {}, "context": {"scheme": {"location_count": "many"}}},
        {**plain, "id": "d", "columns": {"8": "31", "9": "6", "10": "26"}},
    ]
    given = "\n".join([json.dumps(lines[0]), "{not json", "", *map(json.dumps, lines[1:])])
    ended = _run("check-answers", given=given)
    assert ended.exit_code == 0
    results = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [result["id"] for result in results] == ["a", None, "b", "c", "d"]
    assert results[0]["log"]["wrent"] == 25.25
    assert all("error" in result for result in results[1:4])
    [date_found] = [f for f in results[4]["findings"] if f["fields"] == ["startdate"]]
    assert date_found["severity"] == "setup"
    assert date_found["columns"] == [8, 9, 10]
    assert "31/6/26" in date_found["message"]


def test_requests_in_columns_name_whom_the_registry_does_not_know() -> None:
    request = {
        "id": 1,
        "collection": "lettings",
        "year": 2026,
        "today": "2026-09-01",
        "columns": {**{str(n): text for n, text in ROW.items()}, "1": "ORG9"},
        "context": {"registry": REGISTRY, "postcodes": {"SW1A 1AA": "E09000033"}},
    }
    [line] = _run("check-answers", given=json.dumps(request)).stdout.splitlines()
    found = {f["rule"]: f for f in json.loads(line)["findings"]}
    assert found["owning_organisation_unknown"]["severity"] == "setup"
    assert found["owning_organisation_unknown"]["columns"] == [1]


def test_a_log_that_is_there_already_is_named() -> None:
    request = {
        "id": 1,
        "collection": "lettings",
        "year": 2026,
        "today": "2026-09-01",
        "columns": {str(n): text for n, text in ROW.items()},
        "context": {"registry": REGISTRY, "postcodes": {"SW1A 1AA": "E09000033"}},
    }
    [line] = _run("check-answers", given=json.dumps(request)).stdout.splitlines()
    log = json.loads(line)["log"]
    assert "log_exists_already" not in line
    request["context"] = {
        **request["context"],  # type: ignore[dict-item]
        "existing_logs": [{"id": 412, "status": "valid", "answers": log}],
    }
    [line] = _run("check-answers", given=json.dumps(request)).stdout.splitlines()
    [found] = [f for f in json.loads(line)["findings"] if f["rule"] == "log_exists_already"]
    assert "412" in found["message"]


def test_a_file_without_anything_to_mend_ends_with_0(tmp_path: Path) -> None:
    file, context = _file(tmp_path, [ROW]), _context(tmp_path)
    ended = _run("check", str(file), "--json", "--context", context)
    document = json.loads(ended.stdout)
    assert document["rows"][0]["findings"] == []
    assert ended.exit_code == 0
    assert (document["collection"], document["year"]) == ("lettings", 2026)
    assert document["log_types"] == ["social-rent-general-needs"]
    [row] = document["rows"]
    assert (row["row"], row["status"]) == (9, "valid")
    assert row["log"]["wrent"] == 100.98
    assert row["log"]["la"] == "E09000033"


def test_findings_end_with_1_and_name_the_columns(tmp_path: Path) -> None:
    rows = [ROW, {**ROW, 13: "T2", 16: "99"}, {**ROW, 13: "T3", 1: ""}, {**ROW}]
    ended = _run("check", str(_file(tmp_path, rows)), "--json", "--context", _context(tmp_path))
    assert ended.exit_code == 1
    found = json.loads(ended.stdout)["rows"]
    assert [row["status"] for row in found] == ["refused", "invalid", "refused", "refused"]
    assert "row_repeated" in {f["rule"] for f in found[0]["findings"]}
    assert "Row 12" in found[0]["findings"][0]["message"]
    assert [16] in [f["columns"] for f in found[1]["findings"]]
    assert {f["severity"] for f in found[2]["findings"]} == {"setup"}
    words = _run("check", str(tmp_path / "logs.csv"), "--context", _context(tmp_path)).stdout
    assert "4 rows: 0 valid, 1 invalid, 3 that cannot become a log" in words
    assert "field 16" in words


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--year", "2025"], "Lettings 2025/26"),
        (["--log-type", "sales"], "Sales 2026/27"),
        (["--year", "1999"], "--year must be one of"),
        (["--log-type", "shops"], "--log-type must be one of"),
        (["--context", "nowhere.json"], "not a JSON file"),
    ],
)
def test_what_cannot_be_checked_ends_with_2_and_says_why(
    tmp_path: Path, options: list[str], words: str
) -> None:
    ended = _run("check", str(_file(tmp_path, [ROW])), *options)
    assert ended.exit_code == 2
    assert words in ended.stderr


def test_an_unreadable_file_ends_with_2_and_a_document(tmp_path: Path) -> None:
    path = tmp_path / "photo.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    ended = _run("check", str(path), "--json")
    assert ended.exit_code == 2
    assert json.loads(ended.stdout)["file_findings"]
    assert _run("check", str(tmp_path / "nothing.csv")).exit_code == 2


def test_rows_of_another_log_type_are_named(tmp_path: Path) -> None:
    file, context = _file(tmp_path, [ROW]), _context(tmp_path)
    ended = _run(
        "check", str(file), "--log-type", "affordable-rent-general-needs", "--context", context
    )
    assert ended.exit_code == 1
    assert "1 row is of another log type, Social rent: general needs" in ended.stdout


def test_the_sample_of_the_collection_has_no_set_up_error() -> None:
    sample = Path(__file__).parents[3] / "shared" / "samples" / "lettings_2026_27.csv"
    if not sample.exists():
        pytest.skip("the sample is not here")
    ended = _run("check", str(sample), "--json")
    found = json.loads(ended.stdout)
    severities = {f["severity"] for row in found["rows"] for f in row["findings"]}
    assert found["rows"]
    assert "setup" not in severities
    assert list(csv.reader(io.StringIO(sample.read_text(encoding="utf-8-sig"))))
