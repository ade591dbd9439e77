"""The manifest of a release: what it holds, and the SHA-256 of each of its files."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
CURRENT = "current"


class BrokenRelease(Exception):
    """A release's files are not those that were sealed."""


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_of(folder: Path) -> list[str]:
    """Every file of a release but its manifest, by its path within the folder, in order."""
    found = (path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
    names = (path.relative_to(folder).as_posix() for path in found)
    return sorted(name for name in names if name != MANIFEST)


def seal(folder: Path, manifest: dict[str, Any]) -> None:
    """Writes the manifest with the hash of every file that the folder now holds."""
    names = files_of(folder)
    hashes = {name: sha256_of(folder / name) for name in names}
    text = json.dumps({**manifest, "files": hashes}, indent=1, sort_keys=True) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    folders = [path for path in folder.rglob("*") if path.is_dir()]
    for path in [*(folder / name for name in names), folder / MANIFEST, *folders, folder]:
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest as it stands, its files not looked at. Raises BrokenRelease."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except ValueError as unreadable:
        raise BrokenRelease(
            f"The manifest of release {folder.name} cannot be read."
        ) from unreadable
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise BrokenRelease(f"The manifest of release {folder.name} names no files.")
    return manifest


def verified_manifest(folder: Path) -> dict[str, Any]:
    """The manifest, once every file has the hash it gives.

    Raises BrokenRelease, and FileNotFoundError when there is no manifest.
    """
    manifest = read_manifest(folder)
    if set(files_of(folder)) != set(manifest["files"]):
        raise BrokenRelease(f"Release {folder.name} has files that its manifest does not name.")
    for name, expected in manifest["files"].items():
        if sha256_of(folder / name) != expected:
            raise BrokenRelease(f"{name} of release {folder.name} was changed after sealing.")
    return manifest
