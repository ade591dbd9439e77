"""Zip files whose bytes depend on what is in them and on nothing else."""

import zipfile
from collections.abc import Iterable
from pathlib import Path

# The earliest day that a zip file can name.
_DAY = (1980, 1, 1, 0, 0, 0)


def write_zip(path: Path, parts: Iterable[tuple[str, bytes]], stored: str = "") -> None:
    """Writes parts in the order they come; the one called `stored` is not compressed."""
    with zipfile.ZipFile(path, "w") as made:
        for name, content in parts:
            entry = zipfile.ZipInfo(name, _DAY)
            entry.compress_type = zipfile.ZIP_STORED if name == stored else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            # Said outright: on other systems the default is another.
            entry.create_system = 3
            made.writestr(entry, content)
