"""What a file is made of: sheets of numbered rows of text, whatever kind of file they come in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

# A row's number, as a spreadsheet shows it beside the row, and its cells as text from column A on.
Row = tuple[int, list[str]]
# Cells further right are not read. The widest layout has 147 fields.
MOST_COLUMNS = 1024
# As much as Excel keeps in one cell.
LONGEST_CELL = 32_767


class UploadRefused(Exception):
    """The file as a whole cannot be used. The message says why and how to mend it."""


@dataclass(frozen=True)
class Sheet:
    """One sheet. `rows` reads it from its start, and again each time it is called.

    Rows may be left out when every cell of them is empty; numbers only rise.
    """

    name: str
    rows: Callable[[], Iterator[Row]]
