"""What must hold of the files as they are committed."""

import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def _committed_text_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    paths = [ROOT / name for name in listed.split("\0") if name]
    binary = {".png", ".gz", ".parquet", ".npy", ".woff2", ".ico", ".pdf", ".xlsx"}
    return [path for path in paths if path.is_file() and path.suffix not in binary]


def test_no_committed_file_names_a_package_registry() -> None:
    registry = re.compile(r"pypi" r"\.org|pythonhosted" r"\.org|registry\.npmjs" r"\.org")
    naming = [
        path.relative_to(ROOT).as_posix()
        for path in _committed_text_files()
        if registry.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert naming == []


def test_no_committed_file_holds_a_path_of_one_machine() -> None:
    machine_path = re.compile(r"/(?:home/\w+|root|work/\w+)/")
    naming = [
        path.relative_to(ROOT).as_posix()
        for path in _committed_text_files()
        if path != Path(__file__).resolve()
        and machine_path.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert naming == []


def test_every_python_requirement_is_pinned_with_hashes() -> None:
    for name, least in (
        ("requirements.txt", 50),
        ("requirements-dev.txt", 50),
        ("requirements-spark.txt", 1),
    ):
        text = (ROOT / name).read_text()
        pinned = re.findall(r"^([A-Za-z0-9_.\[\]-]+)==\S+ \\\n    --hash=sha256:", text, re.M)
        named = re.findall(r"^([A-Za-z0-9][^\s=]*)", text, re.M)
        assert len(pinned) > least
        assert sorted(pinned) == sorted(named)


def test_every_chosen_dependency_has_its_line_in_the_documentation() -> None:
    documented = (ROOT / "docs" / "dependencies.md").read_text()
    chosen = []
    for name in ("requirements.in", "requirements-dev.in", "requirements-spark.in"):
        for line in (ROOT / name).read_text().splitlines():
            if line and line[0] not in "#-":
                chosen.append(line.split("[")[0])
    package = json.loads((ROOT / "frontend" / "package.json").read_text())
    chosen += [*package["dependencies"], *package["devDependencies"]]
    missing = [name for name in chosen if not re.search(rf"\b{re.escape(name)}\b", documented)]
    assert missing == []


def test_make_prints_its_recipes() -> None:
    printed = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for recipe in ("make run", "make test", "make check", "make format"):
        assert recipe in printed
