"""What a workbook holds, whichever format it is written in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

# Kinds of column: words, whole numbers with a comma at thousands, and one or two decimals.
WORDS, WHOLE, ONE, TWO = "words", "whole", "one", "two"

Value = str | int | float


@dataclass(frozen=True)
class Heading:
    """A column's heading; `note` is the number of the note that it refers to, or None."""

    text: str
    kind: str = WORDS
    note: int | None = None


@dataclass(frozen=True)
class Sheet:
    """A sheet with one table. `lines` stand between the subtitle and the table, one a row."""

    name: str
    table_name: str
    title: str
    title_note: int
    subtitle: str
    source: str
    coverage: str
    headings: Sequence[Heading]
    rows: Sequence[Sequence[Value]]


@dataclass(frozen=True)
class Book:
    """A workbook: cover, contents, notes, and sheets.

    `summary`, `about` and `contact` are paragraphs of the cover; `notes` are numbered from 1.
    """

    title: str
    summary: Sequence[str]
    about: Sequence[str]
    contact: Sequence[str]
    keywords: Sequence[str]
    issued: date
    notes: Sequence[str]
    sheets: Sequence[Sheet]


ONE_TABLE = "This worksheet contains one table."
COVER, CONTENTS, NOTES = "Cover", "Contents", "Notes"
BACK = "Back to contents"
CONTENTS_HEADINGS = ("Sheet name", "Sheet description")
NOTES_HEADINGS = ("Note number", "Note text")
