"""Versions as the public finds them: which there are, what became of each, and their files."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from data_access.releases.sealing import CURRENT, MANIFEST, read_manifest, verified_manifest
from data_access.releases.status import VersionStatus, read_status
from data_access.releases.versions import is_version, parts_of


@dataclass(frozen=True)
class PublishedVersion:
    """A version that was given out. `manifest` is None once it is withdrawn."""

    version: str
    status: VersionStatus
    manifest: Mapping[str, Any] | None


def current_version(releases_dir: Path) -> str:
    """The version that is current; empty when there is none."""
    pointer = releases_dir / CURRENT
    return pointer.resolve().name if pointer.exists() else ""


def published_versions(releases_dir: Path) -> list[PublishedVersion]:
    """Every version that was given out, the newest first; withdrawn ones are among them."""
    names = {*read_status(releases_dir), current_version(releases_dir)}
    found = (published_version(releases_dir, name) for name in names if is_version(name))
    there = [version for version in found if version is not None]
    return sorted(there, key=lambda one: parts_of(one.version), reverse=True)


def published_version(releases_dir: Path, version: str) -> PublishedVersion | None:
    """One version; None when none of this name was given out. Raises BrokenRelease.

    A folder alone does not make a version public: its status does, or that it is current.
    """
    if not is_version(version):
        return None
    status = read_status(releases_dir).get(version)
    if status is not None and status.status == "withdrawn":
        return PublishedVersion(version, status, None)
    folder = releases_dir / version
    if not (folder / MANIFEST).exists():
        return None
    if status is None:
        if version != current_version(releases_dir):
            return None
        status = VersionStatus("published", str(read_manifest(folder)["issued"]))
    return PublishedVersion(version, status, _verified(folder, _changed(folder)))


def file_of(releases_dir: Path, published: PublishedVersion, name: str) -> Path | None:
    """Where a file of a version is; None for one that its manifest does not name."""
    manifest = published.manifest
    if manifest is None or (name not in manifest["files"] and name != MANIFEST):
        return None
    return releases_dir / published.version / name


def _changed(folder: Path) -> int:
    return (folder / MANIFEST).stat().st_mtime_ns


@lru_cache(maxsize=32)
def _verified(folder: Path, changed: int) -> Mapping[str, Any]:
    """The manifest, its files verified once for each process and time of its own change."""
    return MappingProxyType(verified_manifest(folder))
