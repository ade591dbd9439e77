"""Which kind of file was sent, told by its bytes and not by its name, and its sheets."""

from collections.abc import Callable
from typing import NoReturn

from submission.uploads.archives import Archive
from submission.uploads.excel import excel_sheets
from submission.uploads.header import width_of_header
from submission.uploads.opendocument import CONTENT, opendocument_sheets
from submission.uploads.separated import SAVE_AS, separated_sheet
from submission.uploads.sheets import Sheet, UploadRefused

LARGEST = 50 * 1024 * 1024
_ARCHIVE = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_MAGIC = {
    b"%PDF": "a PDF document",
    b"PK\x05\x06": "an empty ZIP file",
    b"\x1f\x8b": "a compressed file",
    b"7z\xbc\xaf": "a compressed file",
    b"Rar!": "a compressed file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"{\\rtf": "a word-processor document",
}
# What other archives hold, and what they therefore are.
_OTHER_ARCHIVES = {
    "xl/workbook.bin": "an Excel workbook of the binary kind (XLSB)",
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a PowerPoint presentation",
    "Index/Document.iwa": "a Numbers spreadsheet",
    "Index.zip": "a Numbers spreadsheet",
}


def sheets_of(data: bytes, width: Callable[[list[str]], int] = width_of_header) -> list[Sheet]:
    """The sheets of a CSV, XLSX or ODS file. Raises UploadRefused for any other.

    `width` says of a row of a CSV file how many headings it has, which tells its separator.
    """
    if len(data) > LARGEST:
        raise UploadRefused(
            f"The file is larger than {LARGEST // 1024**2} MB. Split it into smaller files, each "
            "with the header rows."
        )
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UploadRefused("The file is empty. Check that you chose the right file.")
    if data.startswith(_ARCHIVE):
        return _sheets_of_archive(Archive(data))
    if data.startswith(_OLD_OFFICE):
        raise UploadRefused(
            "The file is an older Excel workbook (XLS), or a workbook that is protected with a "
            f"password. {SAVE_AS} Give it no password."
        )
    for start, kind in _MAGIC.items():
        if data.startswith(start):
            raise UploadRefused(f"The file is {kind}, not a spreadsheet or CSV file. {SAVE_AS}")
    start_of_text = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start_of_text.startswith((b"<!doctype", b"<html", b"<table", b"<?xml")):
        raise UploadRefused(
            f"The file is a web page or XML, whatever its name says. Open it in your spreadsheet. "
            f"{SAVE_AS}"
        )
    return [separated_sheet(data, width)]


def _sheets_of_archive(archive: Archive) -> list[Sheet]:
    names = archive.names
    for name, kind in _OTHER_ARCHIVES.items():
        if name in names:
            raise UploadRefused(f"The file is {kind}. {SAVE_AS}")
    if "xl/workbook.xml" in names or "[Content_Types].xml" in names:
        return excel_sheets(archive) or _no_sheets()
    if CONTENT in names:
        kind = archive.read("mimetype", 200).decode("ascii", "replace").strip()
        if b"encryption-data" in archive.read("META-INF/manifest.xml", 2**24):
            raise UploadRefused(
                "The document is protected with a password. Save it without one and upload that."
            )
        if kind and "spreadsheet" not in kind:
            raise UploadRefused(
                f"The file is an OpenDocument file, but not a spreadsheet. {SAVE_AS}"
            )
        return opendocument_sheets(archive) or _no_sheets()
    raise UploadRefused(
        "The file is a ZIP file. Take the spreadsheet or CSV file out of it and upload that."
    )


def _no_sheets() -> NoReturn:
    raise UploadRefused(
        "The workbook has no sheet with cells. Check in your spreadsheet that you chose the right "
        "file."
    )
