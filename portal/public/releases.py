"""Pages of releases: every version at an address of its own, with its files, for as long as it is.

They read sealed folders and the public file of statuses, and nothing else.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from data_access.clock import LONDON
from data_access.reference.periods import period
from data_access.releases.changes import CHANGES
from data_access.releases.names import (
    AREAS,
    LICENCE,
    LICENCE_ADDRESS,
    ORGANISATION,
    TableFile,
)
from data_access.releases.published import (
    PublishedVersion,
    current_version,
    file_of,
    published_version,
    published_versions,
)
from data_access.releases.sealing import MANIFEST
from data_access.releases.themes import THEMES
from portal.layout.pages import render
from portal.public.selection import period_label

router = APIRouter()
GONE = "This release was withdrawn."
_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".parquet": "application/vnd.apache.parquet",
}
# What the files that are not ready-made tables hold, in the order of the page.
_WHOLE = {
    "cells.parquet": "Every figure, by place",
    "cells_by_question.parquet": "Every figure, by question",
    "crosses.parquet": "Two questions crossed, for England",
    "dictionary.json": "Data dictionary",
    "codes/questions.csv": "Code list: questions",
    "codes/codes.csv": "Code list: answers",
    "codes/areas.csv": "Code list: areas, and what they replaced",
    "codes/periods.csv": "Code list: periods",
    "codes/log_types.csv": "Code list: log types",
    CHANGES: "What changed from the version before",
    MANIFEST: "Manifest: contents, parameters and checksums",
}


@dataclass(frozen=True)
class FileLink:
    """A file to download: `size` in bytes, `rows` None for what has none."""

    name: str
    label: str
    kind: str
    size: int
    rows: int | None
    checksum: str


@dataclass(frozen=True)
class ThemeRow:
    """The files of one theme, year and group of areas."""

    label: str
    files: tuple[FileLink, ...]


@router.get("/releases")
def releases_page(request: Request) -> Response:
    """Every version that was given out, the newest first."""
    folder = _folder(request)
    rows = [(one, _day(one.status.published_at)) for one in published_versions(folder)]
    return render(request, "public/releases.html", rows=rows, current=current_version(folder))


@router.get("/releases/latest")
@router.get("/releases/latest/{name:path}")
def latest(request: Request, name: str = "") -> Response:
    """Leads to the version that is current, or to a file of it."""
    version = current_version(_folder(request))
    if not version:
        raise HTTPException(404, "No figures have been published yet.")
    # Another version may be current tomorrow, so this is never kept.
    return RedirectResponse(
        f"/releases/{version}" + (f"/{name}" if name else ""),
        302,
        headers={"Cache-Control": "no-cache"},
    )


@router.get("/releases/{version}")
def release_page(request: Request, version: str) -> Response:
    """One version: what it holds, its status and its files. 410 once it is withdrawn."""
    folder = _folder(request)
    published = _published(folder, version)
    if published.manifest is None:
        return render(
            request,
            "public/withdrawn.html",
            410,
            version=version,
            notice=published.status.notice or GONE,
            current=current_version(folder),
        )
    manifest = published.manifest
    return render(
        request,
        "public/release.html",
        published=published,
        manifest=manifest,
        day=_day(published.status.published_at),
        current=current_version(folder),
        periods=[period_label(slug) for slug in manifest["periods"] if "-" not in slug]
        or [period_label(slug) for slug in manifest["periods"]],
        tables=_tables(folder / version, manifest),
        whole=[_link(folder / version, manifest, name, label) for name, label in _WHOLE.items()],
        described=_described(request, published),
        licence=LICENCE,
        licence_address=LICENCE_ADDRESS,
    )


@router.get("/releases/{version}/{name:path}")
def release_file(request: Request, version: str, name: str) -> Response:
    """A file of a version, exactly as it was sealed. 410 once the version is withdrawn."""
    folder = _folder(request)
    published = _published(folder, version)
    if published.manifest is None:
        raise HTTPException(410, published.status.notice or GONE)
    path = file_of(folder, published, name)
    if path is None:
        raise HTTPException(404, "This release has no such file.")
    return FileResponse(
        path,
        media_type=_TYPES.get(path.suffix, "application/octet-stream"),
        filename=path.name,
        # It never changes, but it may be withdrawn.
        headers={"Cache-Control": "public, max-age=0, must-revalidate"},
    )


def _folder(request: Request) -> Path:
    folder: Path = request.app.state.settings.releases_dir
    return folder


def _published(folder: Path, version: str) -> PublishedVersion:
    published = published_version(folder, version)
    if published is None:
        raise HTTPException(
            404, "There is no release of this number. Look at the list of releases."
        )
    return published


def _day(text: str) -> str:
    """The day of an instant or of a date in ISO 8601, in London and in words."""
    found = (
        datetime.fromisoformat(text).astimezone(LONDON).date()
        if "T" in text
        else date.fromisoformat(text)
    )
    return f"{found.day} {found:%B %Y}"


def _link(folder: Path, manifest: Mapping[str, Any], name: str, label: str) -> FileLink:
    kind = PurePosixPath(name).suffix.removeprefix(".")
    return FileLink(
        name,
        label,
        "Parquet" if kind == "parquet" else kind.upper(),
        (folder / name).stat().st_size,
        manifest["rows"].get(name),
        manifest["files"].get(name, ""),
    )


def _tables(folder: Path, manifest: Mapping[str, Any]) -> list[tuple[str, list[ThemeRow]]]:
    """Ready-made tables: a heading for each year and collection, a row for each theme."""
    found: list[tuple[str, list[ThemeRow]]] = []
    years = sorted({slug.split("-")[0] for slug in manifest["periods"]}, reverse=True)
    for year in years:
        for collection in ("lettings", "sales"):
            rows = []
            for theme, words in THEMES.items():
                for areas, where in AREAS.items():
                    stem = TableFile(collection, areas, theme, year, manifest["id"]).stem
                    names = (f"tables/{stem}.ods", f"tables/{stem}.xlsx", f"data/{stem}.csv")
                    label = f"{words}: {where}"
                    files = tuple(
                        _link(folder, manifest, name, label)
                        for name in names
                        if name in manifest["files"]
                    )
                    if files:
                        rows.append(ThemeRow(label, files))
            if rows:
                found.append((f"{collection.capitalize()} {period(year).label}", rows))
    return found


def _described(request: Request, published: PublishedVersion) -> str:
    """The version as schema.org describes a data set, for search engines."""
    manifest = published.manifest or {}
    address = f"{request.app.state.settings.address}/releases/{published.version}"
    described = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": f"Social housing lettings and sales in England, version {published.version}",
        "description": "Counts and means of social housing lettings and sales in England, by log "
        "type, collection year and quarter, for England, regions and local authorities.",
        "url": address,
        "version": published.version,
        "datePublished": manifest["issued"],
        "license": LICENCE_ADDRESS,
        "isAccessibleForFree": True,
        "inLanguage": "en-GB",
        "creator": {"@type": "Organization", "name": ORGANISATION},
        "temporalCoverage": _covered(manifest["periods"]),
        "spatialCoverage": "England",
        "distribution": [
            {
                "@type": "DataDownload",
                "contentUrl": f"{address}/{name}",
                "encodingFormat": _TYPES[PurePosixPath(name).suffix].split(";")[0],
                "sha256": checksum,
            }
            for name, checksum in manifest["files"].items()
        ],
    }
    # "</script>" in a text would end the element that it stands in.
    return json.dumps(described, ensure_ascii=False).replace("<", "\\u003c")


def _covered(slugs: list[str]) -> str:
    found = [period(slug) for slug in slugs]
    return f"{min(one.start for one in found)}/{max(one.end for one in found)}"
