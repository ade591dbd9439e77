"""The blank file of a layout: eight rows of headings, in the words of the definition tables."""

import csv
import io

from submission.collection import Collection, UploadColumn, load
from submission.uploads.layout import CODES, PREFERENCES

# Fields by which two records of one letting are recognised.
_TELLING_APART = frozenset(
    [
        "owning_organisation_id",
        "startdate",
        "tenancycode",
        "propcode",
        "uprn",
        "address_line1",
        "postcode_full",
        "age1",
        "sexrab1",
        "ecstat1",
        "tcharge",
        "brent",
    ]
)
_TICKS = frozenset(["housingneeds", "housingneeds_type", "housingneeds_other", *PREFERENCES])
_OPTIONS = {"housingneeds_type": ("0", "1", "2"), "housingneeds": ("2", "3")}
_PARTS = {
    "day": "day",
    "month": "month",
    "year": "year (2 or 4 digits)",
    "outcode": "first half",
    "incode": "second half",
}
_HINTS = {
    "owning_organisation_id": "The owner's code, such as ORG1. It must own homes that you report.",
    "managing_organisation_id": "The manager's code: the owner itself or one that manages for it.",
    "assigned_to_id": "An e-mail address. Left empty, the log is yours.",
    "scheme_id": "The scheme's code, such as S12.",
    "location_id": "The location's number. Not needed when the scheme has only one.",
    "declaration": "1 when the tenant has seen the privacy notice.",
    "nationality_all": "The country's 3-digit ISO number: 826 for the United Kingdom, 0: not said.",
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
    "Type of letting",
    "Duplicate check field?",
    "Field number",
)


def header_rows(collection: Collection) -> list[list[str]]:
    """The eight rows above the records. The last has the field numbers."""
    labels = {part.slug: part.label for part in collection.subsections}
    sections = {
        part.section: part.section.replace("_", " ").capitalize() for part in collection.subsections
    }
    rows = [[heading] for heading in HEADINGS]
    for column in collection.upload_columns:
        known = [name for name in column.variables if name in collection.variables]
        variable = collection.variables[known[0]] if known else None
        section = ""
        if variable is not None:
            subsection = variable.subsection.split(";")[0]
            section = labels.get(subsection, sections.get(variable.section, ""))
        cells = (
            section,
            _question(collection, column),
            _HINTS.get(column.variables[0] if column.variables else "", ""),
            _values(collection, column),
            _can_be_empty(collection, column),
            _applies_to(collection, column),
            "Yes" if set(column.variables[:1]) & _TELLING_APART else "",
            str(column.field),
        )
        for row, cell in zip(rows, cells, strict=True):
            row.append(cell)
    return rows


def _question(collection: Collection, column: UploadColumn) -> str:
    if not column.variables:
        return "Not used"
    name = column.variables[0]
    label = collection.variables[name].label.removesuffix(f" ({collection.year})")
    if name in _OPTIONS:
        # A field for each answer of one question.
        fields = [c.field for c in collection.upload_columns if c.variables[:1] == (name,)]
        answers = {code.code: code.label for code in collection.codes(name)}
        return f"{label}: {answers[_OPTIONS[name][fields.index(column.field)]]}"
    part = _PARTS.get(column.part)
    return f"{label}: {part}" if part else label


def _values(collection: Collection, column: UploadColumn) -> str:
    """The values as they stand in a file, which for some fields differ from the stored codes."""
    if not column.variables:
        return "Leave empty"
    name = column.variables[0]
    variable = collection.variables[name]
    if column.part in ("day", "month", "year"):
        return {
            "day": "1 - 31",
            "month": "1 - 12",
            "year": f"{collection.year % 100} - {collection.year % 100 + 1}"
            if name == "startdate"
            else "Such as 26 or 2026",
        }[column.part]
    if name in _TICKS or (variable.kind == "checkbox" and name not in CODES):
        return "1 or empty"
    if name == "declaration":
        return "1"
    codes = {code.code: code.label for code in collection.codes(name)}
    if name.startswith("age"):
        return "Age in years, or R for not said"
    if name in CODES:
        shown = {str(given): codes.get(str(stored), "") for given, stored in CODES[name].items()}
        if name in ("cbl", "cap", "chr", "accessible_register"):
            shown = {"1": "Yes", "2": "No"}
    else:
        shown = codes
    if column.field in _referral_fields(collection):
        shown = {
            code: label
            for code, label in shown.items()
            if int(code) in _referral_codes(collection, column)
        }
    if 0 < len(shown) <= 40:
        return "; ".join(f"{code} = {label}" if label else code for code, label in shown.items())
    if shown:
        return "A code of the list"
    return {"integer": "Whole number", "money": "Pounds and pence", "decimal": "Number"}.get(
        variable.kind, "Text"
    )


def _referral_fields(collection: Collection) -> list[int]:
    return [c.field for c in collection.upload_columns if c.variables[:1] == ("referral_register",)]


def _referral_codes(collection: Collection, column: UploadColumn) -> range:
    """The first of the two fields is for homes of local authorities, the second for others."""
    return range(1, 5) if column.field == _referral_fields(collection)[0] else range(5, 10)


def _can_be_empty(collection: Collection, column: UploadColumn) -> str:
    if not column.variables:
        return "Yes"
    variable = collection.variables[column.variables[0]]
    if column.variables[0] in ("assigned_to_id", "scheme_id", "location_id", "irproduct_other"):
        return "Yes, where it does not apply"
    if column.required_for_setup:
        return "No"
    if variable.optional:
        return "Yes"
    if variable.person and variable.person > 1:
        return "Yes, if there is no such person"
    return "No" if variable.asked_if == "true" else "Yes, where it does not apply"


def _applies_to(collection: Collection, column: UploadColumn) -> str:
    if column.field in _referral_fields(collection):
        first = column.field == _referral_fields(collection)[0]
        return "Homes of local authorities" if first else "Homes of private registered providers"
    condition = collection.variables[column.variables[0]].asked_if if column.variables else ""
    if condition.startswith("needstype = 2"):
        return "Supported housing only"
    if condition.startswith("needstype = 1"):
        return "General needs only"
    return "Other intermediate rent only" if condition == "rent_type = 5" else ""


def blank_template(name: str, year: int) -> bytes:
    """The blank file, with a byte order mark so that Excel reads it as UTF-8."""
    return as_csv(header_rows(load(name, year)))


def as_csv(rows: list[list[str]]) -> bytes:
    """Rows as a CSV file that spreadsheets open as it is."""
    made = io.StringIO(newline="")
    csv.writer(made).writerows(rows)
    return made.getvalue().encode("utf-8-sig")
