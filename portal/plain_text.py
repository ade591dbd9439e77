"""Names, e-mail addresses, telephone numbers and postcodes as people type them.

Each reader returns the text to keep and what is wrong with it; one of the two is empty. What was
typed stays in the form beside the message.
"""

import re
import unicodedata

LONGEST_NAME = 200
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"\\]+@[^\s@<>()\[\],;:\"\\.]+(\.[^\s@<>()\[\],;:\"\\.]+)+")
_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}")


def tidy(text: str) -> str:
    """Text on one line: spaces squeezed, without characters that cannot be seen.

    Marks that turn the direction of writing are taken out: they would make the text round a name
    read differently.
    """
    visible = "".join(
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFC", text)
        if character.isspace() or unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cs")
    )
    return " ".join(visible.split())


def tidy_lines(text: str) -> str:
    """Text of several lines, each tidied; no empty lines at the ends."""
    lines = (tidy(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return "\n".join(lines).strip("\n")


def read_text(
    text: str, phrase: str, longest: int = LONGEST_NAME, needed: bool = True
) -> tuple[str, str]:
    """A name or other short text. `phrase` names it in a sentence: "the scheme's name"."""
    found = tidy(text)
    if not found:
        return "", f"Enter {phrase}" if needed else ""
    if len(found) > longest:
        start = phrase[0].upper() + phrase[1:]
        return "", f"{start} must be {longest} characters or fewer; it has {len(found)}"
    return found, ""


def read_email(text: str, phrase: str = "an e-mail address") -> tuple[str, str]:
    """An e-mail address, in small letters."""
    found = tidy(text).lower()
    if not found:
        return "", f"Enter {phrase}"
    if len(found) > 254 or not _EMAIL.fullmatch(found):
        return "", "Enter an e-mail address in the correct form, such as name@example.com"
    return found, ""


def read_telephone(text: str, needed: bool = False) -> tuple[str, str]:
    """A telephone number of at least 11 digits, as it was typed."""
    found = tidy(text)
    if not found:
        return "", "Enter a telephone number" if needed else ""
    digits = [character for character in found if character.isdigit()]
    if len(found) > 30 or not set(found) <= set("0123456789 +()-") or len(digits) < 11:
        return "", "Enter a telephone number of at least 11 digits, such as 01632 960 001"
    return found, ""


def read_postcode(text: str, phrase: str = "a postcode", needed: bool = True) -> tuple[str, str]:
    """A postcode in its usual form, such as SW1A 1AA. Whether it exists is not looked up."""
    found = tidy(text).upper().replace(" ", "")
    if not found:
        return "", f"Enter {phrase}" if needed else ""
    if not _POSTCODE.fullmatch(found):
        return "", "Enter a full postcode, such as SW1A 1AA"
    return f"{found[:-3]} {found[-3:]}", ""


def read_count(
    text: str, phrase: str, most: int = 9_999_999, needed: bool = True
) -> tuple[int | None, str]:
    """A whole number from 0 on; commas between thousands are taken out."""
    found = tidy(text).replace(",", "").replace(" ", "")
    if not found:
        return None, f"Enter {phrase}" if needed else ""
    if not (found.isascii() and found.isdecimal()) or int(found) > most:
        start = phrase[0].upper() + phrase[1:]
        return None, f"{start} must be a whole number between 0 and {most:,}"
    return int(found), ""
