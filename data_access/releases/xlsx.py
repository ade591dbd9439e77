"""Workbooks as XLSX, through gptables, which follows the Analysis Function's guidance."""

import io
import warnings
import zipfile
from datetime import datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from gptables import Cover, GPTable
from gptables.core.api import produce_workbook

from data_access.releases.books import (
    BACK,
    CONTENTS,
    NOTES,
    ONE_TABLE,
    TWO,
    WHOLE,
    WORDS,
    Book,
    Sheet,
)
from data_access.releases.names import ORGANISATION, SHORTHAND
from data_access.releases.zips import write_zip

_FORMATS = {WHOLE: "#,##0", "one": "#,##0.0", TWO: "#,##0.00"}


def write_xlsx(book: Book, path: Path) -> None:
    """Writes a workbook; the same book gives the same bytes."""
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        # gptables calls pandas in ways that pandas 4 will no longer have.
        warnings.simplefilter("ignore", DeprecationWarning)
        made = Path(folder) / "made.xlsx"
        workbook = produce_workbook(
            str(made),
            {sheet.name: _table(sheet) for sheet in book.sheets},
            cover=Cover(
                book.title,
                intro=list(book.summary),
                about=list(book.about),
                contact=list(book.contact),
            ),
            notes_table=pd.DataFrame(
                {
                    "Note reference": [f"note{n}" for n in range(1, len(book.notes) + 1)],
                    "Note text": list(book.notes),
                }
            ),
            notesheet_label=NOTES,
            contentsheet_label=CONTENTS,
            # Widths by the length of every cell take a fifth of the time.
            auto_width=False,
            workbook_options={"strings_to_formulas": False},
        )
        _set_widths(workbook, book)
        workbook.set_properties(
            {
                "title": book.title,
                "author": ORGANISATION,
                "keywords": ", ".join(book.keywords),
                "created": datetime.combine(book.issued, time()),
            }
        )
        workbook.close()
        with zipfile.ZipFile(io.BytesIO(made.read_bytes())) as parts:
            write_zip(path, ((name, _said(name, parts.read(name))) for name in parts.namelist()))


def _set_widths(workbook: Any, book: Book) -> None:
    """Widths in characters, so that words are read without widening: figures wrap at headings."""
    for name in (CONTENTS, NOTES):
        workbook.get_worksheet_by_name(name).set_column(0, 0, 15)
        workbook.get_worksheet_by_name(name).set_column(1, 1, 85)
    for sheet in book.sheets:
        for at, heading in enumerate(sheet.headings):
            width = 30 if heading.kind == WORDS else 18
            workbook.get_worksheet_by_name(sheet.name).set_column(at, at, width)


def _said(name: str, content: bytes) -> bytes:
    """A part of the file; the document's properties say its language, which no option does."""
    if name != "docProps/core.xml":
        return content
    end = b"</cp:coreProperties>"
    return content.replace(end, b"<dc:language>en-GB</dc:language>" + end)


def _table(sheet: Sheet) -> GPTable:
    columns = [heading.text for heading in sheet.headings]
    frame = pd.DataFrame(list(sheet.rows), columns=columns, dtype=object)
    styles: list[dict[str, Any]] = []
    for kind, style in _FORMATS.items():
        of_kind = [at for at, heading in enumerate(sheet.headings) if heading.kind == kind]
        if of_kind:
            styles.append(
                {
                    "column": {
                        "columns": of_kind,
                        "format": {"num_format": style, "align": "right"},
                        "include_names": True,
                    }
                }
            )
    first_figure = next(
        (at for at, heading in enumerate(sheet.headings) if heading.kind != WORDS), 1
    )
    return GPTable(
        frame,
        sheet.table_name,
        f"{sheet.title} $$note{sheet.title_note}$$",
        subtitles=[sheet.subtitle],
        instructions=ONE_TABLE,
        legend=[SHORTHAND, f"[{BACK}](internal:'{CONTENTS}'!A1)"],
        source=f"Source: {sheet.source}",
        scope=f"Coverage: {sheet.coverage}",
        index_columns={2: 0} if first_figure else {},
        table_notes={
            heading.text: f"$$note{heading.note}$$"
            for heading in sheet.headings
            if heading.note is not None
        },
        additional_formatting=styles,
    )
