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


def seal(folder: Path, manifest: dict[str, Any]) -> None:
    """Writes the manifest with the hash of every file that the folder now holds."""
    files = sorted(path for path in folder.iterdir() if path.name != MANIFEST)
    hashes = {path.name: sha256_of(path) for path in files}
    text = json.dumps({**manifest, "files": hashes}, indent=1, sort_keys=True) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    for path in [*files, folder / MANIFEST, folder]:
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def verified_manifest(folder: Path) -> dict[str, Any]:
    """The manifest, once every file has the hash it gives. Raises BrokenRelease."""
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    found = {path.name for path in folder.iterdir()} - {MANIFEST}
    if found != set(manifest["files"]):
        raise BrokenRelease(f"Release {folder.name} has files that its manifest does not name.")
    for name, expected in manifest["files"].items():
        if sha256_of(folder / name) != expected:
            raise BrokenRelease(f"{name} of release {folder.name} was changed after sealing.")
    return manifest
