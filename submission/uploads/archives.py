"""Spreadsheet workbooks are ZIP archives of XML: opened here so that no file can do harm.

A file of a few kilobytes can unpack to gigabytes, or be XML whose entities grow without end. So
what an archive says of its sizes is looked at before anything is unpacked (Python's zipfile unpacks
no more than was said), and XML with a document type is refused: no spreadsheet program writes one.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from submission.uploads.sheets import LONGEST_CELL, UploadRefused

# A sheet of 200,000 rows of 148 cells is some 1.2 GB of XML; other parts are held in memory whole.
LARGEST_SHEET = 2 * 1024**3
LARGEST_PART = 256 * 1024**2
# Sheets shrink to a tenth or a twentieth; zeros to a thousandth.
_MOST_SHRUNK = 150
_SMALL = 20 * 1024**2
_MOST_PARTS = 5_000
_PIECE = 256 * 1024
# What Python's zipfile raises for archives that are not as they say.
_NOT_AN_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
)


def damaged() -> UploadRefused:
    """What is said of a workbook that does not hold what it must."""
    return UploadRefused(
        "The workbook is damaged or only half there. Open it in your spreadsheet, save it again as "
        "an Excel workbook (XLSX) or as CSV UTF-8, and upload that."
    )


def _too_much() -> UploadRefused:
    return UploadRefused(
        "The workbook unpacks to more than can be read. Copy the header rows and your records into "
        "a new workbook, without unused formatted rows, and upload that, or save it as CSV UTF-8."
    )


class Elements:
    """What sees XML go by: a subclass acts on the elements that it knows.

    Text is kept only while `listening`, and no more of it than a cell can hold.
    """

    def __init__(self) -> None:
        self.listening = False
        self.done = False
        self._heard: list[str] = []
        self._length = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins; `name` and the attributes' names are "namespace|local"."""

    def end(self, name: str) -> None:
        """An element ends."""

    def said(self, text: str) -> None:
        """A piece of text."""
        if self.listening and self._length < LONGEST_CELL:
            self._heard.append(text)
            self._length += len(text)

    def heard(self) -> str:
        """The text kept since this was last asked."""
        if not self._heard:
            return ""
        text = "".join(self._heard)
        self._heard.clear()
        self._length = 0
        return text[:LONGEST_CELL]


class Archive:
    """The parts of a workbook. Raises UploadRefused for one that cannot or must not be opened."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _NOT_AN_ARCHIVE as wrong:
            raise damaged() from wrong
        parts = self._zip.infolist()
        if len(parts) > _MOST_PARTS:
            raise _too_much()
        self._parts = {part.filename.replace("\\", "/").lstrip("/"): part for part in parts}

    @property
    def names(self) -> set[str]:
        """The names of all parts."""
        return set(self._parts)

    def read(self, name: str, most: int) -> bytes:
        """A small part whole; empty when there is none of this name."""
        return b"".join(self._pieces(name, most)) if name in self._parts else b""

    def parse(self, name: str, elements: Elements, most: int = LARGEST_PART) -> Iterator[None]:
        """Shows a part's XML to `elements`, until they are done; yields after every piece."""
        parser = expat.ParserCreate(namespace_separator="|")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_document_type
        parser.StartElementHandler = elements.start
        parser.EndElementHandler = elements.end
        parser.CharacterDataHandler = elements.said
        try:
            for piece in self._pieces(name, most):
                parser.Parse(piece)
                yield
                if elements.done:
                    return
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, ValueError) as wrong:
            # The last two: an encoding that does not exist, or that XML cannot be in.
            raise damaged() from wrong
        yield

    def parse_whole(self, name: str, elements: Elements, most: int = LARGEST_PART) -> None:
        """Shows all of a part's XML to `elements`."""
        for _ in self.parse(name, elements, most):
            pass

    def _pieces(self, name: str, most: int) -> Iterator[bytes]:
        part = self._parts.get(name)
        if part is None:
            raise damaged()
        shrunk = part.file_size / max(part.compress_size, 1)
        if part.file_size > most or (part.file_size > _SMALL and shrunk > _MOST_SHRUNK):
            raise _too_much()
        if part.flag_bits & 1:
            raise UploadRefused(
                "The workbook is protected with a password. Save it without one and upload that."
            )
        try:
            with self._zip.open(part) as opened:
                while piece := opened.read(_PIECE):
                    yield piece
        except _NOT_AN_ARCHIVE as wrong:
            raise damaged() from wrong


def _refuse_document_type(*_: Any) -> None:
    raise UploadRefused(
        "The workbook holds XML with a document type, which no spreadsheet program writes. Open it "
        "in your spreadsheet, save it again as an Excel workbook (XLSX), and upload that."
    )
