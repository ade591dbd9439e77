"""Where a release is while it is not published: private folders, one for each record."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from data_access.release_records import GIVEN_OUT, ReleaseRecord
from data_access.releases.sealing import BrokenRelease, read_manifest
from data_access.releases.status import VersionStatus, read_status, write_status
from data_access.releases.writing import make_current
from data_access.settings import Settings
from portal.publishing import COUNTED

REPORT = "report.json"


def drafts_dir(settings: Settings) -> Path:
    """The private folder of drafts."""
    return settings.data_dir / "drafts"


def draft_dir(settings: Settings, number: int) -> Path:
    """What is kept of one record while it is a draft: its contents, and private reports."""
    return drafts_dir(settings) / str(number)


def contents_dir(settings: Settings, record: ReleaseRecord) -> Path:
    """The folder with the contents of a release, wherever it is by now."""
    if record.state in GIVEN_OUT:
        return settings.releases_dir / record.number
    return draft_dir(settings, record.id) / "contents"


def manifest_of(settings: Settings, record: ReleaseRecord) -> dict[str, Any] | None:
    """What the files of a release say of themselves; None while there are none."""
    try:
        return read_manifest(contents_dir(settings, record))
    except (OSError, BrokenRelease):
        return None


def read_private(settings: Settings, record: ReleaseRecord, name: str) -> Any:
    """A private report of a record; None when there is none."""
    path = draft_dir(settings, record.id) / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def forget_contents(settings: Settings, number: int) -> None:
    """Takes away what was written of a release that failed or was discarded, and the logs that it

    counted. Its reports stay.
    """
    for name in ("contents", COUNTED):
        shutil.rmtree(draft_dir(settings, number) / name, ignore_errors=True)
    forget_preview(settings, number)


def preview_dir(settings: Settings, record: ReleaseRecord) -> Path:
    """A private folder of data in which a draft is what is published; made when it is not there.

    It takes hardly any room: the files of the draft are the same ones under a second name, and
    releases that were given out are links to their folders.
    """
    folder = draft_dir(settings, record.id) / "preview"
    releases = folder / "releases"
    releases.mkdir(parents=True, exist_ok=True)
    statuses = read_status(settings.releases_dir)
    for number, status in statuses.items():
        if (settings.releases_dir / number).is_dir() and not (releases / number).exists():
            (releases / number).symlink_to((settings.releases_dir / number).resolve())
        if status.status == "published":
            statuses[number] = replace(status, status="superseded")
    if not (releases / record.number).exists():
        making = releases / f".making-{os.getpid()}"
        shutil.copytree(contents_dir(settings, record), making, copy_function=os.link)
        making.rename(releases / record.number)
    at = record.publishes_at.isoformat() if record.publishes_at else record.issued.isoformat()
    statuses[record.number] = VersionStatus("published", at, record.note)
    write_status(releases, statuses)
    make_current(releases, record.number)
    return folder


def forget_preview(settings: Settings, number: int) -> None:
    """Takes away what a preview was made of."""
    shutil.rmtree(draft_dir(settings, number) / "preview", ignore_errors=True)
