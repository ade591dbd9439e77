"""Reading the record of an institution from texts: of a form, or of a row of a file.

Nothing here knows of requests. A list is one text, its parts separated by semicolons.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from data_access.institution_names import refuse_taken_name
from data_access.institution_records import STOCK_FIGURES, refuse_taken_number
from data_access.institutions import PROVIDER_TYPES, AlreadyTaken, Institution
from data_access.reference.local_authorities import current_code, local_authorities, regions
from portal.institutions.words import rent_periods
from portal.plain_text import read_count, read_postcode, read_telephone, read_text, tidy

LONGEST_LINE = 100
LONGEST_NUMBER = 20
DETAILS = (
    "registration_number",
    "telephone",
    "address_line1",
    "address_line2",
    "town",
    "county",
    "postcode",
    "owns_affordable_rent",
    "owns_almshouses",
    "holds_stock",
    "provider_type",
    *STOCK_FIGURES,
)
FIELDS = ("name", *DETAILS, "local_authorities", "rent_periods")
_YES, _NO = {"yes", "y", "true"}, {"no", "n", "false"}
# The guide's word for a private registered provider was housing association.
_TYPES = {"la": "LA", "prp": "PRP", "ha": "PRP"} | {
    words.lower(): code for code, words in PROVIDER_TYPES.items()
}
_FIGURES = {
    "general_needs_stock": "the number of general needs homes",
    "supported_stock": "the number of supported housing homes",
    "unspecified_stock": "the number of homes of unspecified kind",
}
_SPLIT_STOCK = (
    "Enter general needs and supported housing homes if the split is known, or all homes as "
    "unspecified: not both"
)

Values = dict[str, Any]
Errors = dict[str, str]


def read_institution(
    db: Session, texts: Mapping[str, str], day: date, institution: Institution | None = None
) -> tuple[Values, Errors]:
    """Columns for the record of an institution, and what is wrong with the texts, by field.

    For a new institution every field counts, for one there is only those among `texts`. Names of
    fields are those of the columns; yes and no are words. `day` is today. Names and registration
    numbers that another institution has are errors here; somebody else may take them after this.
    """
    given = {name: texts.get(name, "") for name in FIELDS if institution is None or name in texts}
    values: Values = {}
    errors: Errors = {}
    for name, text in given.items():
        if name in ("provider_type", *STOCK_FIGURES):
            continue
        values[name], wrong = _READERS[name](text)
        if wrong:
            errors[name] = wrong
    _read_stock(given, institution, values, errors)
    number = institution.id if institution else None
    checks: tuple[tuple[str, Callable[[str], None]], ...] = (
        ("name", lambda name: refuse_taken_name(db, name, day, None, number)),
        ("registration_number", lambda text: refuse_taken_number(db, text, number)),
    )
    for name, check in checks:
        if values.get(name) and name not in errors:
            try:
                check(values[name])
            except AlreadyTaken as taken:
                errors[name] = str(taken)
    return {name: value for name, value in values.items() if name not in errors}, errors


def _read_stock(
    given: Mapping[str, str], institution: Institution | None, values: Values, errors: Errors
) -> None:
    """Type and figures, which only a stock holder has."""
    holds_stock = values.get("holds_stock", institution.holds_stock if institution else None)
    if "holds_stock" in errors:
        return
    if not holds_stock:
        if institution is None:
            values["provider_type"] = "PRP"
        return
    begins = institution is None or not institution.holds_stock
    if "provider_type" in given or begins:
        values["provider_type"], wrong = _read_type(given.get("provider_type", ""))
        if wrong:
            errors["provider_type"] = wrong
    named = [name for name in STOCK_FIGURES if name in given]
    for name in named:
        values[name], wrong = read_count(given[name], _FIGURES[name], needed=False)
        if wrong:
            errors[name] = wrong
    if named and not errors.keys() & set(named):
        figures = {
            name: values.get(name, getattr(institution, name, None)) for name in STOCK_FIGURES
        }
        errors.update(_split_problems(figures, named))


def _split_problems(figures: Mapping[str, int | None], named: list[str]) -> Errors:
    """Source: guide, stock figures: by kind if the split is known, otherwise all unspecified."""
    general, supported, unspecified = (figures[name] for name in STOCK_FIGURES)
    place = named[-1]
    if unspecified and (general or supported):
        return {place: _SPLIT_STOCK}
    if (general is None) != (supported is None):
        name = "general_needs_stock" if general is None else "supported_stock"
        return {
            name if name in named else place: f"Enter {_FIGURES[name]} too, or 0 if there are none"
        }
    return {}


def _read_type(text: str) -> tuple[str, str]:
    found = _TYPES.get(tidy(text).lower())
    return (found, "") if found else ("", "Choose what kind of institution it is")


def _read_yes_or_no(question: str) -> Callable[[str], tuple[bool | None, str]]:
    def read(text: str) -> tuple[bool | None, str]:
        word = tidy(text).lower()
        if word in _YES | _NO:
            return word in _YES, ""
        return None, f"Choose yes or no: {question}"

    return read


def _read_line(phrase: str, longest: int = LONGEST_LINE) -> Callable[[str], tuple[str, str]]:
    return lambda text: read_text(text, phrase, longest, needed=False)


def _read_number(text: str) -> tuple[str, str]:
    found, wrong = read_text(text, "the registration number", LONGEST_NUMBER, needed=False)
    return found.upper(), wrong


def _parts(text: str) -> list[str]:
    return [part for piece in re.split(r"[;|\r\n]", text) if (part := tidy(piece))]


def _not_known(parts: list[str], what: str, help_with: str) -> str:
    shown = ", ".join(part[:60] for part in parts[:5])
    more = f" and {len(parts) - 5:,} more" if len(parts) > 5 else ""
    return f"Not known as {what}: {shown}{more}. {help_with}"


def read_areas(text: str) -> tuple[list[str], str]:
    """Codes in force of local authorities, from codes or names of authorities or regions."""
    by_name = {place.name.lower(): code for code, place in local_authorities().items()}
    by_region = {name.lower(): code for code, name in regions().items()}
    found: set[str] = set()
    unknown = []
    for part in _parts(text):
        region = part if part in regions() else by_region.get(part.lower())
        code = current_code(part.upper()) or by_name.get(part.lower())
        if region:
            places = local_authorities().values()
            found |= {place.code for place in places if place.region_code == region}
        elif code:
            found.add(code)
        else:
            unknown.append(part)
    if unknown:
        help_with = "Use the codes or names of the Office for National Statistics"
        return [], _not_known(unknown, "a local authority in England", help_with)
    return sorted(found), ""


def read_periods(text: str) -> tuple[list[int], str]:
    """Codes of rent periods, from codes or words, separated by semicolons or commas."""
    labels = {label.lower(): number for number, label in rent_periods().items()}
    found: set[int] = set()
    unknown = []
    for part in _parts(text.replace(",", ";")):
        code = int(part) if part.isascii() and part.isdecimal() and len(part) < 4 else 0
        number = code if code in rent_periods() else labels.get(part.lower())
        if number is None:
            unknown.append(part)
        else:
            found.add(number)
    if unknown:
        return [], _not_known(unknown, "a rent period", "Use numbers from 1 to 11, or the words")
    return sorted(found), ""


_READERS: Mapping[str, Callable[[str], tuple[Any, str]]] = {
    "name": lambda text: read_text(text, "the name of the institution"),
    "registration_number": _read_number,
    "telephone": read_telephone,
    "address_line1": _read_line("the first line of the address"),
    "address_line2": _read_line("the second line of the address"),
    "town": _read_line("the town or city"),
    "county": _read_line("the county"),
    "postcode": lambda text: read_postcode(text, needed=False),
    "owns_affordable_rent": _read_yes_or_no("does it own affordable rent homes?"),
    "owns_almshouses": _read_yes_or_no("does it own almshouses?"),
    "holds_stock": _read_yes_or_no("does it hold stock?"),
    "local_authorities": read_areas,
    "rent_periods": read_periods,
}
