"""Numbers of releases, major.minor.patch: how much a reader of the one before has to look again.

Major: a period came or went, or a question or an answer was taken away. Minor: figures were
changed, added or removed. Patch: notes and descriptions alone.
"""

import re
from collections.abc import Collection
from typing import Literal

Step = Literal["major", "minor", "patch"]
FIRST = "1.0.0"


class NotAVersion(ValueError):
    """The text is not a number of the form major.minor.patch."""


def parts_of(version: str) -> tuple[int, int, int]:
    """The three numbers, by which versions are in order. Raises NotAVersion."""
    found = re.fullmatch(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})", version)
    if found is None:
        raise NotAVersion(f"'{version[:20]}' is not a version. Versions are written like 2.0.1.")
    return int(found[1]), int(found[2]), int(found[3])


def is_version(text: str) -> bool:
    """Whether a text, such as a folder's name, is a version."""
    try:
        parts_of(text)
    except NotAVersion:
        return False
    return True


def next_version(previous: str, step: Step, taken: Collection[str] = ()) -> str:
    """The version after `previous` that is not `taken`; `previous` is empty for the first.

    A withdrawn version keeps its number. Raises NotAVersion.
    """
    version = _after(previous, step)
    while version in taken:
        version = _after(version, step)
    return version


def _after(previous: str, step: Step) -> str:
    if not previous:
        return FIRST
    major, minor, patch = parts_of(previous)
    if step == "major":
        return f"{major + 1}.0.0"
    if step == "minor":
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"
