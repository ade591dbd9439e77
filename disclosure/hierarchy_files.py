"""Reads hierarchies that people write by hand: CSV files of child and parent."""

import csv
from pathlib import Path

_WANTED = ["child", "parent"]


class BadHierarchyFile(ValueError):
    """A file that cannot be read as child and parent; says which line to mend."""


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """Pairs of child and parent, blanks around them taken away; the parent of a root is empty.

    Raises BadHierarchyFile rather than read a line in another way than it was meant.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadHierarchyFile(f"{path.name} is not in UTF-8. Save it again as UTF-8.") from None
    except OSError as error:
        raise BadHierarchyFile(f"{path.name} cannot be read: {error.strerror}.") from error
    rows = csv.reader(text.splitlines(), strict=True)
    pairs: list[tuple[str, str]] = []
    try:
        heading = [name.strip() for name in next(rows, [])]
        if heading[:2] != _WANTED:
            raise BadHierarchyFile(
                f"The first line of {path.name} must be child,parent. A hierarchy without links "
                "has that line alone."
            )
        for row in rows:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if len(cells) != len(heading):
                raise BadHierarchyFile(
                    f"Line {rows.line_num} of {path.name} does not have {len(heading)} cells as "
                    "its first line has. Each line is a child, a comma and its parent."
                )
            if not cells[0]:
                raise BadHierarchyFile(f"Line {rows.line_num} of {path.name} has no child.")
            pairs.append((cells[0], cells[1]))
    except csv.Error as error:
        raise BadHierarchyFile(f"Line {rows.line_num} of {path.name}: {error}.") from error
    return pairs
