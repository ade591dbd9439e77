"""Text that no spreadsheet takes for a formula, and the way back from it.

A CSV cell such as =1+1 is worked out by the spreadsheet that opens it, and so could run what
somebody typed as a name. An apostrophe before it makes it text (OWASP, "CSV injection").
"""

import re

# Also the full-width signs, which some spreadsheets read as the plain ones.
_LIKE_A_FORMULA = re.compile("'*(?:[ \u00a0]*[=+\\-@＝＋－＠]|[\t\r\n])")
_NUMBER = re.compile(r"-\d+(\.\d+)?")


def harmless(text: str) -> str:
    """The text with an apostrophe before what would be a formula; numbers are left alone."""
    if _LIKE_A_FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def as_it_was(text: str) -> str:
    """The text that `harmless` was given, with the apostrophe taken off again."""
    return text[1:] if text.startswith("'") and _LIKE_A_FORMULA.match(text) else text
