"""Reading what a person typed as an answer of a question, or saying why it cannot be read.

Answers have one form whether they were typed on a page or stand in a file: whole numbers for
coded answers and counts, text for codes that are letters, decimal text with pence for amounts
("100.50"), ISO text for dates, and postcodes in capitals with one space.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from submission.collection import Collection, Variable

Answer = int | str
TYPED_IN = frozenset(["text", "lookup"])
LONGEST_TEXT = 1000
_WHOLE = re.compile(r"-?\d{1,18}(?:\.0*)?")
_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}")
_BESIDE_AMOUNTS = str.maketrans("", "", "£, \u00a0")


@dataclass(frozen=True)
class Unreadable:
    """Why a text is not an answer of its question, and what would be one."""

    message: str


def clean(text: str) -> str:
    """The text without spaces round it and without the invisible marks that spreadsheets add."""
    return text.replace("\u200b", "").replace("\ufeff", "").replace("\x00", "").strip()


def read_answer(collection: Collection, variable: Variable, text: str) -> Answer | Unreadable:
    """The answer that a text (cleaned and not empty) gives to a question.

    Forgiven, because spreadsheets and people write them: "1.00" for 1, lower-case letter codes,
    "£1,200.50", a postcode in any spacing. Limits are the checker's affair, not of reading.
    """
    codes = collection.codes(variable.id)
    if codes and variable.kind not in TYPED_IN:
        return _code(text, [code.code for code in codes])
    if variable.kind == "integer":
        number = whole_number(text)
        return Unreadable("Enter a whole number, such as 3") if number is None else number
    if variable.kind == "checkbox":
        number = whole_number(text)
        return number if number in (0, 1) else Unreadable("Enter 1 for yes, or leave it empty")
    if variable.kind in ("money", "decimal"):
        return _amount(text, variable.kind == "money")
    if variable.kind == "date":
        day = read_date(text)
        return day.isoformat() if day else Unreadable("Enter a real date, such as 27 6 2026")
    if variable.kind == "postcode":
        return postcode(text) or Unreadable("Enter a full UK postcode, such as SW1A 2AA")
    if codes and text.upper() in {code.code for code in codes}:
        return text.upper()
    if codes:
        return _code(text, [code.code for code in codes])
    if variable.kind == "derived":
        number = whole_number(text)
        return text if number is None else number
    if len(text) > LONGEST_TEXT:
        return Unreadable(f"Enter {LONGEST_TEXT:,} characters or fewer")
    if variable.id.endswith("_id") and whole_number(text) is not None:
        return whole_number(text) or 0
    return text


def whole_number(text: str) -> int | None:
    """A whole number, also as Excel may have left it ("1.00", "007", "1,200"); else None."""
    plain = text.translate(_BESIDE_AMOUNTS)
    return int(plain.split(".")[0]) if _WHOLE.fullmatch(plain) else None


def _code(text: str, codes: list[str]) -> Answer | Unreadable:
    number = whole_number(text)
    wanted = str(number) if number is not None else text.upper()
    if wanted in codes:
        return number if number is not None else wanted
    if len(codes) > 12:
        return Unreadable("Enter one of the codes of this question")
    return Unreadable(f"Enter one of its codes: {', '.join(codes)}")


def _amount(text: str, pence: bool) -> Answer | Unreadable:
    plain = text.translate(_BESIDE_AMOUNTS).lower().removesuffix("gbp")
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        amount = Decimal("NaN")
    # Decimal also reads "1e9", "Infinity" and digits of other scripts: none is how people write.
    if not amount.is_finite() or not re.fullmatch(r"-?[0-9]{0,12}(\.[0-9]{0,10})?", plain):
        return Unreadable("Enter an amount in pounds, such as 101.50")
    return f"{amount:.2f}" if pence else f"{amount.normalize():f}"


def postcode(text: str) -> str | None:
    """A postcode in capitals with one space; None when it has not the shape of one."""
    key = re.sub(r"[^A-Z0-9]", "", text.upper())
    return f"{key[:-3]} {key[-3:]}" if _POSTCODE.fullmatch(key) else None


def real_date(day: str, month: str, year: str) -> date | None:
    """The date of three parts, years with 2 or 4 digits; None when there is no such day."""
    parts = [whole_number(part) for part in (day, month, year)]
    if None in parts:
        return None
    d, m, y = (int(part) for part in parts if part is not None)
    if 0 <= y <= 99:
        y += 2000
    if not 1900 <= y < 2200:
        return None
    try:
        return date(y, m, d)
    except (ValueError, OverflowError):
        return None


def read_date(text: str) -> date | None:
    """A date as ISO text or day, month, year with any separators."""
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text)
    if iso:
        return real_date(iso[3], iso[2], iso[1])
    parts = re.fullmatch(r"(\d{1,2})\D{1,2}(\d{1,2})\D{1,2}(\d{2}|\d{4})", text)
    return real_date(parts[1], parts[2], parts[3]) if parts else None
