"""The blank file of a layout: eight rows of headings, in the words of the upload specification."""

import csv
import io

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from submission.collection import Collection, UploadColumn
from submission.documents.source import Source, own_source
from submission.documents.upload_specification import upload_specification
from submission.duplicates import told_apart_by

_HINTS = {
    "owning_organisation_id": "The owner's code, such as ORG1. It must own homes that you report.",
    "managing_organisation_id": "The manager's code: the owner itself or one that manages for it.",
    "assigned_to_id": "An e-mail address. Left empty, the log is yours.",
    "scheme_id": "The scheme's code, such as S12.",
    "location_id": "The location's number. Not needed when the scheme has only one.",
    "declaration": "1 when the tenant has seen the privacy notice.",
    "privacynotice": "1 when the buyer has seen the privacy notice.",
    "la": "Only needed when the postcode is not known: a code such as E09000011.",
    "prevloc": "Only needed when the postcode is not known: a code such as E09000011.",
    "uprn": "Unique property reference number, if it is known.",
    "brent": "Before deductions for housing benefit. Fill in all four amounts; 0 if there is none.",
    "rsnvac": "15, 16 and 17 are first lets.",
}
HEADINGS = (
    "Section",
    "Question",
    "Additional information",
    "Values",
    "Can be empty?",
    "Type of letting or sale",
    "Duplicate check field?",
    "Field number",
)
_KINDS = {
    "needstype = 2": "Supported housing only",
    "needstype = 1": "General needs only",
    "rent_type = 5": "Other intermediate rent only",
    "ownershipsch = 1": "Shared ownership only",
    "ownershipsch = 2": "Discounted ownership only",
}
_TINTS = ("EEF3F8", "FFFFFF")


def header_rows(source: Source) -> list[list[str]]:
    """The eight rows above the records. The last has the field numbers."""
    collection = source.collection
    telling = told_apart_by(collection)
    rows = [[heading] for heading in HEADINGS]
    for entry in upload_specification(source):
        cells = (
            entry.section,
            entry.question,
            _HINTS.get(entry.variable, ""),
            entry.accepted,
            _can_be_empty(collection, entry.column),
            _applies_to(collection, entry.column, entry.read_if),
            "Yes" if entry.column.field in telling else "",
            str(entry.column.field),
        )
        for row, cell in zip(rows, cells, strict=True):
            row.append(cell)
    return rows


def _can_be_empty(collection: Collection, column: UploadColumn) -> str:
    variable = collection.variables.get(column.variables[0]) if column.variables else None
    if variable is None:
        return "Yes"
    if variable.id in ("assigned_to_id", "scheme_id", "location_id", "irproduct_other"):
        return "Yes, where it does not apply"
    if column.required_for_setup:
        return "No"
    if variable.optional:
        return "Yes"
    if variable.person and variable.person > 1:
        return "Yes, if there is no such person"
    return "No" if variable.asked_if == "true" else "Yes, where it does not apply"


def _applies_to(collection: Collection, column: UploadColumn, read_if: str) -> str:
    owners = {"owner is LA": "local authorities", "owner is PRP": "private registered providers"}
    for told, whose in owners.items():
        if told in column.normalisation:
            return f"Homes of {whose}"
    variable = collection.variables.get(column.variables[0]) if column.variables else None
    condition = read_if or (variable.asked_if if variable else "")
    return next((kind for test, kind in _KINDS.items() if condition.startswith(test)), "")


def blank_template(name: str, year: int) -> bytes:
    """The blank CSV file, with a byte order mark so that Excel reads it as UTF-8."""
    return as_csv(header_rows(own_source(name, year)))


def as_csv(rows: list[list[str]]) -> bytes:
    """Rows as a CSV file that spreadsheets open as it is."""
    made = io.StringIO(newline="")
    csv.writer(made).writerows(rows)
    return made.getvalue().encode("utf-8-sig")


def blank_workbook(name: str, year: int) -> bytes:
    """The blank file as an Excel workbook: every cell below the headings is text.

    As text, leading zeros stay, and no spreadsheet takes a code for a date.
    """
    source = own_source(name, year)
    rows = header_rows(source)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = source.title.replace("/", "-")
    for row in rows:
        sheet.append(row)
    for number in range(1, len(HEADINGS) + 1):
        for cell in sheet[number]:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=cell.column == 1 or number == len(HEADINGS))
            cell.fill = PatternFill("solid", fgColor=_TINTS[number % 2])
    for column in range(1, len(rows[0]) + 1):
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = 24
        sheet.column_dimensions[letter].number_format = "@"
    sheet.freeze_panes = f"B{len(HEADINGS) + 1}"
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
