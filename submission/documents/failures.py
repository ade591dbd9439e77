"""What breaks a rule, in words.

Most of what breaks rules is told as any other condition is. Some of it is sums with days and with
what was typed; those are told by their spelling, which is the same in every rule of their kind. A
spelling that is not listed here is told by its SQL alone.
"""

import re
from collections.abc import Callable
from datetime import date

from submission.documents.words import NEVER, Conditions, Words, any_person
from submission.rules import persons_of

# A name may stand in quotation marks, because it is also a word of SQL ("grant").
_NAME = r'"?(\w+)"?'
_TYPED = r'entered\."?(\w+)"?'
_ONLY_CENTS = r"'\[\.\]\[0-9\]\{2\}\[0-9\]\*\[1-9\]'"
_IS_NUMBER = r"'\[0-9\]\+\(\[\.\]\[0-9\]\+\)\?'"
_READ = r'TRY_CAST\(entered\."?(\w+)"? AS DOUBLE\)'
_AGAIN = r'"?\1"?'
_SPELLINGS: tuple[tuple[str, str], ...] = (
    (rf"NOT regexp_full_match\({_TYPED}, {_IS_NUMBER}\)", "what is typed for {0} is not a number"),
    (
        rf"{_READ} <> floor\(TRY_CAST\(entered\.{_AGAIN} AS DOUBLE\)\)",
        "what is typed for {0} is not a whole number",
    ),
    (
        rf"regexp_matches\({_TYPED}, {_ONLY_CENTS}\)",
        "what is typed for {0} has more than two decimal places",
    ),
    (rf"{_NAME} <> floor\({_AGAIN}\)", "{0} is not a whole number"),
    (rf"{_NAME} \* 10 <> floor\({_AGAIN} \* 10\)", "{0} has more than one decimal place"),
    (rf"{_NAME} \* 100 <> floor\({_AGAIN} \* 100\)", "{0} has more than two decimal places"),
    (rf"{_NAME} % (\d+) <> 0", "{0} is not a multiple of {1}"),
    (rf"NOT is_uk_postcode\({_NAME}\)", "{0} is not written like a UK postcode"),
    (rf"{_NAME} \+ {_NAME} > (\d+)", "{0} and {1} together are more than {2}"),
    (rf"{_NAME} > today\(\) \+ (\d+)", "{0} is more than {1} days after today"),
    (rf"{_NAME} > today\(\) \+ INTERVAL (\d+) DAY", "{0} is more than {1} days after today"),
    (rf"{_NAME} < {_NAME} - INTERVAL (\d+) YEAR", "{0} is more than {2} years before {1}"),
    (rf"{_NAME} - INTERVAL (\d+) YEAR >= {_NAME}", "{2} is {1} years or more before {0}"),
    (rf"date_diff\('day', {_NAME}, {_NAME}\) >= (\d+)", "{0} is {2} days or more before {1}"),
    (
        rf"{_NAME} BETWEEN {_NAME} - (\d+) AND {_NAME} - (\d+)",
        "{0} is from {4} to {2} days before {1}",
    ),
    (rf"{_NAME} < DATE '(\d+-\d+-\d+)'", "{0} is before {1}"),
    (
        rf"weekly\({_NAME}, period\) NOT BETWEEN (\d+) AND (\d+)",
        "{0} comes to less than £{1} a week or to more than £{2}",
    ),
    (
        rf"weekly\({_NAME}, period\) BETWEEN (\d+) AND ([\d.]+)",
        "{0} comes to £{1} to £{2} a week",
    ),
    (
        rf"weekly\({_NAME}, period\) < rent_range\.hard_min",
        "{0} for a week is less than the lowest accepted rent for such a home there",
    ),
    (
        rf"weekly\({_NAME}, period\) > rent_range\.hard_max",
        "{0} for a week is more than the highest accepted rent for such a home there",
    ),
    (
        rf"weekly\({_NAME}, period\) NOT BETWEEN 0 AND charge_limit\('\w+', .*\)\.hard_max",
        "{0} for a week is below 0 or above the highest accepted for the landlord and needs type",
    ),
    (
        rf"weekly\({_NAME}, period\) > charge_limit\('\w+', .*\)\.soft_max AND "
        rf"weekly\({_AGAIN}, period\) <= charge_limit\('\w+', .*\)\.hard_max",
        "{0} for a week is above what is usual, and not above the highest accepted, for the "
        "landlord and needs type",
    ),
    (
        rf"abs\({_NAME} \+ {_NAME} - {_NAME}\) >= 1",
        "{0} and {1} together differ from {2} by £1 or more",
    ),
)  # fmt: skip
_PATTERNS = tuple((re.compile(spelling), told) for spelling, told in _SPELLINGS)
_CANNOT_BE_READ = re.compile(r"(\w+) IS NULL")


def what_breaks(
    conditions: Conditions, applies_if: str, fails_if: str, persons: str = ""
) -> Words | None:
    """What breaks a rule that applies, or None where there are no words for it.

    `persons` is a range such as 2-8 for which `{n}` stands in the expressions.
    """
    person = persons_of(persons)[-1]

    def label(name: str) -> str:
        return any_person(conditions.subject(name), persons)

    unread = _CANNOT_BE_READ.fullmatch(fails_if)
    if unread and f"entered.{unread[1]} IS NOT NULL" in applies_if:
        return Words(f"what is typed for {label(unread[1])} cannot be read")
    by_spelling = _by_spelling(fails_if.replace("{n}", person), label)
    if by_spelling:
        return Words(by_spelling)
    words = conditions.words(fails_if, persons)
    # The words know the answers that a form offers. A file may hold others.
    return None if words == NEVER else words


def _by_spelling(fails_if: str, label: Callable[[str], str]) -> str:
    for pattern, told in _PATTERNS:
        found = pattern.fullmatch(fails_if)
        if found:
            return told.format(*(_part(text, label) for text in found.groups()))
    return ""


def _part(text: str, label: Callable[[str], str]) -> str:
    if re.fullmatch(r"[\d.]+", text):
        return f"{int(text):,}" if text.isdecimal() else text
    if re.fullmatch(r"\d+-\d+-\d+", text):
        day = date.fromisoformat(text)
        return f"{day.day} {day:%B %Y}"
    return label(text)
