"""Metadata of CSV files, as CSV on the Web: what each column is, and which code list it uses."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data_access.releases.names import LICENCE_ADDRESS, ORGANISATION


@dataclass(frozen=True)
class Column:
    """A column: its name in the header, its title, type, and whether it may be empty."""

    name: str
    title: str
    datatype: str = "string"
    property_url: str = ""
    required: bool = True

    def as_json(self) -> dict[str, Any]:
        """The column's description."""
        described: dict[str, Any] = {
            "name": self.name,
            "titles": self.title,
            "datatype": self.datatype,
            "propertyUrl": self.property_url or f"#{self.name}",
            "required": self.required,
        }
        if not self.required:
            described["null"] = ""
        return described


@dataclass(frozen=True)
class Described:
    """A CSV file. `lists` are pairs of its columns and of (file, columns) of the list they use."""

    title: str
    description: str
    columns: Sequence[Column]
    key: Sequence[str]
    lists: Sequence[tuple[Sequence[str], tuple[str, Sequence[str]]]] = field(default=())


def metadata(file: str, described: Described, issued: str, version: str) -> dict[str, Any]:
    """The metadata document of a file; `issued` is a day, YYYY-MM-DD."""
    schema: dict[str, Any] = {
        "columns": [column.as_json() for column in described.columns],
        "primaryKey": list(described.key),
    }
    if described.lists:
        schema["foreignKeys"] = [
            {
                "columnReference": list(columns),
                "reference": {"resource": resource, "columnReference": list(theirs)},
            }
            for columns, (resource, theirs) in described.lists
        ]
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": file,
        "dc:title": described.title,
        "dc:description": described.description,
        "dc:publisher": ORGANISATION,
        "dc:license": LICENCE_ADDRESS,
        "dc:language": "en-GB",
        "dc:issued": issued,
        "dc:modified": issued,
        "schema:version": version,
        "dialect": {"encoding": "utf-8", "delimiter": ",", "header": True},
        "tableSchema": schema,
    }


def write_metadata(file: Path, described: Described, manifest: Mapping[str, Any]) -> None:
    """Writes `<file>.csv-metadata.json` beside a CSV file."""
    document = metadata(file.name, described, manifest["issued"], manifest["id"])
    target = file.with_name(f"{file.stem}.csv-metadata.json")
    target.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
