"""What became of each version: published, superseded or withdrawn. Public, beside the releases.

A sealed folder never changes, so this stands in a file of its own, `status.json` of the folder of
releases: `{version: {"status", "notice", "published_at", "note"}}`.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

STATUS = "status.json"

State = Literal["published", "superseded", "withdrawn"]


class UnreadableStatus(Exception):
    """The file of statuses is not one that `write_status` wrote."""


@dataclass(frozen=True)
class VersionStatus:
    """`published_at` in ISO 8601; `note` is of a correction, `notice` says why it was withdrawn."""

    status: State
    published_at: str
    note: str = ""
    notice: str = ""


def read_status(releases_dir: Path) -> dict[str, VersionStatus]:
    """The status of every version that was ever given out; empty before the first.

    Raises UnreadableStatus.
    """
    path = releases_dir / STATUS
    if not path.exists():
        return {}
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
        return {version: VersionStatus(**values) for version, values in listed.items()}
    except (ValueError, TypeError, AttributeError) as wrong:
        raise UnreadableStatus(f"{STATUS} cannot be read: {wrong}") from wrong


def write_status(releases_dir: Path, statuses: Mapping[str, VersionStatus]) -> None:
    """Replaces the file in one step: a reader sees the earlier one or this one, whole."""
    releases_dir.mkdir(parents=True, exist_ok=True)
    values = {version: asdict(status) for version, status in statuses.items()}
    new = releases_dir / f".{STATUS}-{os.getpid()}"
    with new.open("w", encoding="utf-8") as file:
        file.write(json.dumps(values, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(releases_dir / STATUS)


def set_status(releases_dir: Path, version: str, status: VersionStatus) -> None:
    """Writes the status of one version and leaves the others as they are."""
    write_status(releases_dir, {**read_status(releases_dir), version: status})
