"""Workbooks as ODS: the reference tables.

Written as text, part by part: odfpy builds a tree of every cell and stamps the time into the file,
so it takes minutes for local authorities and gives other bytes each time. Tests read the files back
with it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from data_access.releases.books import (
    BACK,
    CONTENTS,
    CONTENTS_HEADINGS,
    COVER,
    NOTES,
    NOTES_HEADINGS,
    ONE_TABLE,
    WORDS,
    Book,
    Heading,
    Sheet,
    Value,
)
from data_access.releases.names import ORGANISATION, SHORTHAND
from data_access.releases.zips import write_zip

_MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
_URN = "urn:oasis:names:tc:opendocument:xmlns:"
_SPACES = " ".join(
    (
        f'xmlns:office="{_URN}office:1.0"',
        f'xmlns:table="{_URN}table:1.0"',
        f'xmlns:text="{_URN}text:1.0"',
        f'xmlns:style="{_URN}style:1.0"',
        f'xmlns:fo="{_URN}xsl-fo-compatible:1.0"',
        f'xmlns:number="{_URN}datastyle:1.0"',
        f'xmlns:meta="{_URN}meta:1.0"',
        f'xmlns:config="{_URN}config:1.0"',
        'xmlns:dc="http://purl.org/dc/elements/1.1/"',
        'xmlns:xlink="http://www.w3.org/1999/xlink"',
        'office:version="1.3"',
    )
)
_DECLARED = '<?xml version="1.0" encoding="UTF-8"?>\n'
_STYLES = (
    f"{_DECLARED}<office:document-styles {_SPACES}><office:styles>"
    '<style:default-style style:family="table-cell"><style:text-properties '
    'style:font-name="Arial" fo:font-family="Arial" fo:font-size="12pt" fo:language="en" '
    'fo:country="GB"/></style:default-style>'
    '<number:number-style style:name="n-whole"><number:number number:decimal-places="0" '
    'number:min-integer-digits="1" number:grouping="true"/></number:number-style>'
    '<number:number-style style:name="n-one"><number:number number:decimal-places="1" '
    'number:min-decimal-places="1" number:min-integer-digits="1" number:grouping="true"/>'
    "</number:number-style>"
    '<number:number-style style:name="n-two"><number:number number:decimal-places="2" '
    'number:min-decimal-places="2" number:min-integer-digits="1" number:grouping="true"/>'
    "</number:number-style>"
    '<style:style style:name="Default" style:family="table-cell"/>'
    '<style:style style:name="Heading_20_1" style:display-name="Heading 1" '
    'style:family="table-cell" style:parent-style-name="Default"><style:text-properties '
    'fo:font-size="16pt" fo:font-weight="bold"/></style:style>'
    '<style:style style:name="Heading_20_2" style:display-name="Heading 2" '
    'style:family="table-cell" style:parent-style-name="Default"><style:text-properties '
    'fo:font-size="14pt" fo:font-weight="bold"/></style:style>'
    '<style:style style:name="Subtitle" style:family="table-cell" '
    'style:parent-style-name="Default"><style:text-properties fo:font-size="14pt"/></style:style>'
    '<style:style style:name="Wrapped" style:family="table-cell" '
    'style:parent-style-name="Default"><style:table-cell-properties fo:wrap-option="wrap"/>'
    "</style:style></office:styles></office:document-styles>"
)
_AUTOMATIC = (
    "<office:automatic-styles>"
    '<style:style style:name="wide" style:family="table-column"><style:table-column-properties '
    'style:column-width="18cm"/></style:style>'
    '<style:style style:name="middle" style:family="table-column"><style:table-column-properties '
    'style:column-width="7cm"/></style:style>'
    '<style:style style:name="narrow" style:family="table-column"><style:table-column-properties '
    'style:column-width="4cm"/></style:style>'
    '<style:style style:name="head" style:family="table-cell" style:parent-style-name="Default">'
    '<style:table-cell-properties fo:wrap-option="wrap" fo:border-bottom="0.5pt solid #000000" '
    'style:vertical-align="top"/><style:paragraph-properties fo:text-align="start"/>'
    '<style:text-properties fo:font-weight="bold"/></style:style>'
    '<style:style style:name="head-figure" style:family="table-cell" '
    'style:parent-style-name="Default"><style:table-cell-properties fo:wrap-option="wrap" '
    'fo:border-bottom="0.5pt solid #000000" style:vertical-align="top"/>'
    '<style:paragraph-properties fo:text-align="end"/><style:text-properties '
    'fo:font-weight="bold"/></style:style>'
    '<style:style style:name="words" style:family="table-cell" style:parent-style-name="Default">'
    '<style:paragraph-properties fo:text-align="start"/></style:style>'
    + "".join(
        f'<style:style style:name="{kind}" style:family="table-cell" '
        f'style:parent-style-name="Default" style:data-style-name="n-{kind}">'
        '<style:table-cell-properties style:text-align-source="fix"/>'
        '<style:paragraph-properties fo:text-align="end"/></style:style>'
        for kind in ("whole", "one", "two")
    )
    + "</office:automatic-styles>"
)
_SETTINGS = (
    f"{_DECLARED}<office:document-settings {_SPACES}><office:settings>"
    '<config:config-item-set config:name="ooo:view-settings">'
    '<config:config-item-map-indexed config:name="Views"><config:config-item-map-entry>'
    '<config:config-item config:name="ViewId" config:type="string">view1</config:config-item>'
    '<config:config-item-map-named config:name="Tables">'
    f'<config:config-item-map-entry config:name="{COVER}">'
    '<config:config-item config:name="CursorPositionX" config:type="int">0</config:config-item>'
    '<config:config-item config:name="CursorPositionY" config:type="int">0</config:config-item>'
    "</config:config-item-map-entry></config:config-item-map-named>"
    f'<config:config-item config:name="ActiveTable" config:type="string">{COVER}'
    "</config:config-item></config:config-item-map-entry></config:config-item-map-indexed>"
    "</config:config-item-set></office:settings></office:document-settings>"
)
_PARTS = ("content.xml", "styles.xml", "meta.xml", "settings.xml")


def write_ods(book: Book, path: Path) -> None:
    """Writes a workbook; the same book gives the same bytes."""
    listed = "".join(
        f'<manifest:file-entry manifest:full-path="{part}" manifest:media-type="text/xml"/>'
        for part in _PARTS
    )
    manifest = (
        f'{_DECLARED}<manifest:manifest xmlns:manifest="{_URN}manifest:1.0" '
        'manifest:version="1.3"><manifest:file-entry manifest:full-path="/" '
        f'manifest:version="1.3" manifest:media-type="{_MIMETYPE}"/>{listed}</manifest:manifest>'
    )
    contents = ("".join(_content(book)), _STYLES, _meta(book), _SETTINGS)
    parts = [
        ("mimetype", _MIMETYPE),
        *zip(_PARTS, contents, strict=True),
        ("META-INF/manifest.xml", manifest),
    ]
    write_zip(path, ((name, text.encode()) for name, text in parts), stored="mimetype")


def _meta(book: Book) -> str:
    day = f"{book.issued.isoformat()}T00:00:00"
    keywords = "".join(f"<meta:keyword>{escape(word)}</meta:keyword>" for word in book.keywords)
    return (
        f"{_DECLARED}<office:document-meta {_SPACES}><office:meta>"
        f"<dc:title>{escape(book.title)}</dc:title><dc:creator>{ORGANISATION}</dc:creator>"
        f"<meta:initial-creator>{ORGANISATION}</meta:initial-creator>{keywords}"
        f"<dc:language>en-GB</dc:language><meta:creation-date>{day}</meta:creation-date>"
        f"<dc:date>{day}</dc:date></office:meta></office:document-meta>"
    )


def _content(book: Book) -> Iterator[str]:
    yield (
        f"{_DECLARED}<office:document-content {_SPACES}>{_AUTOMATIC}"
        "<office:body><office:spreadsheet>"
    )
    yield from _cover(book)
    ranges = []
    described = [(sheet.name, sheet.title) for sheet in book.sheets]
    front = [
        _Front(
            CONTENTS,
            "contents_table",
            "Table of contents",
            CONTENTS_HEADINGS,
            [[_linked(name, name), _said(title)] for name, title in [(NOTES, NOTES), *described]],
        ),
        _Front(
            NOTES,
            "notes_table",
            NOTES,
            NOTES_HEADINGS,
            [[_cell(n, "whole"), _said(text)] for n, text in enumerate(book.notes, 1)],
        ),
    ]
    for page in front:
        yield from page.written()
        ranges.append(_range(page.table_name, page.name, 3, 3 + len(page.rows), 2))
    for sheet in book.sheets:
        above = _above(sheet)
        yield from _table(sheet, above)
        ranges.append(
            _range(
                sheet.table_name,
                sheet.name,
                len(above) + 1,
                len(above) + 1 + len(sheet.rows),
                len(sheet.headings),
            )
        )
    yield (
        f"<table:database-ranges>{''.join(ranges)}</table:database-ranges>"
        "</office:spreadsheet></office:body></office:document-content>"
    )


def _cover(book: Book) -> Iterator[str]:
    yield f'<table:table table:name="{COVER}"><table:table-column table:style-name="wide"/>'
    yield _row([_said(book.title, "Heading_20_1")])
    for heading, paragraphs in (
        ("Introductory information", book.summary),
        ("About these data", book.about),
        ("Contact", book.contact),
    ):
        yield _row([_said(heading, "Heading_20_2")])
        for paragraph in paragraphs:
            yield _row([_said(paragraph, "Wrapped")])
    yield "</table:table>"


@dataclass(frozen=True)
class _Front:
    """Contents or notes: a sheet with a title, a line, and a table of two columns."""

    name: str
    table_name: str
    title: str
    headings: tuple[str, str]
    rows: list[list[str]]

    def written(self) -> Iterator[str]:
        yield (
            f'<table:table table:name="{self.name}"><table:table-column table:style-name="narrow"/>'
            '<table:table-column table:style-name="wide"/>'
        )
        yield _row([_said(self.title, "Heading_20_1")])
        yield _row([_said(ONE_TABLE)])
        yield _row([_said(text, "head") for text in self.headings])
        for row in self.rows:
            yield _row(row)
        yield "</table:table>"


def _above(sheet: Sheet) -> list[str]:
    return [
        _said(f"{sheet.title} [note {sheet.title_note}]", "Heading_20_1"),
        _said(sheet.subtitle, "Subtitle"),
        _said(ONE_TABLE),
        _said(SHORTHAND),
        _linked(BACK, CONTENTS),
        _said(f"Source: {sheet.source}"),
        _said(f"Coverage: {sheet.coverage}"),
    ]


def _table(sheet: Sheet, above: Sequence[str]) -> Iterator[str]:
    widths = ("middle" if heading.kind == WORDS else "narrow" for heading in sheet.headings)
    columns = "".join(f'<table:table-column table:style-name="{width}"/>' for width in widths)
    yield f"<table:table table:name={quoteattr(sheet.name)}>{columns}"
    for cell in above:
        yield _row([cell])
    yield _row([_headed(heading) for heading in sheet.headings])
    kinds = [heading.kind for heading in sheet.headings]
    for row in sheet.rows:
        yield _row([_cell(value, kind) for value, kind in zip(row, kinds, strict=True)])
    yield "</table:table>"


def _headed(heading: Heading) -> str:
    text = heading.text if heading.note is None else f"{heading.text} [note {heading.note}]"
    return _said(text, "head" if heading.kind == WORDS else "head-figure")


def _row(cells: Sequence[str]) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def _said(text: str, style: str = "words") -> str:
    return (
        f'<table:table-cell table:style-name="{style}" office:value-type="string">'
        f"<text:p>{escape(text)}</text:p></table:table-cell>"
    )


def _linked(text: str, sheet: str) -> str:
    return (
        '<table:table-cell office:value-type="string"><text:p><text:a xlink:type="simple" '
        f"xlink:href={quoteattr(f'#{sheet}.A1')}>{escape(text)}</text:a></text:p>"
        "</table:table-cell>"
    )


def _cell(value: Value, kind: str) -> str:
    """A cell; a marker in a column of figures is words at the right."""
    if isinstance(value, str):
        return _said(value, kind)
    return (
        f'<table:table-cell table:style-name="{kind}" office:value-type="float" '
        f'office:value="{value!r}"><text:p>{_shown(value, kind)}</text:p></table:table-cell>'
    )


def _shown(value: int | float, kind: str) -> str:
    return f"{value:,.{ {'whole': 0, 'one': 1, 'two': 2}[kind] }f}"


def _range(name: str, sheet: str, first: int, last: int, columns: int) -> str:
    """A named range for rows `first` to `last`, counted from 1, heading row first."""
    first_letter, letter = divmod(columns - 1, 26)
    end = (chr(ord("A") + first_letter - 1) if first_letter else "") + chr(ord("A") + letter)
    address = f"'{sheet}'.A{first}:'{sheet}'.{end}{last}"
    return (
        f'<table:database-range table:name="{name}" '
        f'table:target-range-address={quoteattr(address)} table:contains-header="true"/>'
    )
