"""Values that spreadsheets keep as numbers, dates or truths, as the text a person would type."""

import re
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T.*)?")
# As many digits as a spreadsheet shows; the rest is what binary fractions add.
_DIGITS = 15


def number_text(raw: str) -> str:
    """A number as digits: "1" for 1.0, "12.5" for 12.50 and for 12.499999999999998."""
    if raw.isdecimal():
        return raw
    try:
        number = Decimal(f"{float(raw):.{_DIGITS}g}")
    except (ValueError, InvalidOperation):
        return raw
    if not number.is_finite() or abs(number.adjusted()) > _DIGITS * 2:
        return raw
    if number == number.to_integral_value():
        return f"{number:.0f}".replace("-0", "0") if number == 0 else f"{number:.0f}"
    return f"{number.normalize():f}"


def date_text(value: Any) -> str:
    """A day as day/month/year, from a date or ISO text; its time of day is left out."""
    if isinstance(value, str):
        found = _ISO.fullmatch(value.strip())
        return f"{int(found[3])}/{int(found[2])}/{found[1]}" if found else value
    if isinstance(value, datetime | date):
        return f"{value.day}/{value.month}/{value.year}"
    return value.strftime("%H:%M") if isinstance(value, time) else str(value)
