"""Outlines of local authorities and regions, for maps. Made by scripts/make_boundaries.py."""

import gzip
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

Ring = list[tuple[int, int]]
_FILE = Path(__file__).parent / "boundaries.json.gz"


@cache
def _outlines() -> dict[str, dict[str, list[Ring]]]:
    found: dict[str, dict[str, list[list[list[int]]]]] = json.loads(
        gzip.decompress(_FILE.read_bytes())
    )
    return {
        level: {
            code: [[(x, y) for x, y in ring] for ring in parts] for code, parts in areas.items()
        }
        for level, areas in found.items()
    }


def local_authority_boundaries() -> Mapping[str, list[Ring]]:
    """Outer rings of each authority in force by code, in metres of the British National Grid."""
    return MappingProxyType(_outlines()["local_authorities"])


def region_boundaries() -> Mapping[str, list[Ring]]:
    """Outer rings of each region by code, in metres of the British National Grid."""
    return MappingProxyType(_outlines()["regions"])
