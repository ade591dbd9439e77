"""The row with the field numbers: how it is told from others, and where it says each field is."""

import re
from collections import Counter

from submission.uploads.sheets import UploadRefused

# So many different numbers at least, and most of the row's cells. A record has some fifty cells
# with numbers, but the same few again and again and never nearly all from 1 up.
FEWEST_NUMBERS = 20
_SAYS = re.compile(r"field\s*(?:number|no\b)", re.IGNORECASE)
_NUMBER = re.compile(
    r"\s*(?:field\s*)?(?:(?:number|no\.?)\s*)?0*([1-9]\d{0,3})(?:\.0+)?\s*", re.IGNORECASE
)


def says_field_number(cells: list[str]) -> bool:
    """Whether the first cell that is filled in says so."""
    first = next((cell for cell in cells if cell and not cell.isspace()), "")
    return bool(_SAYS.search(first)) and _NUMBER.fullmatch(first) is None


def is_header(cells: list[str]) -> bool:
    """Whether this is the row with the field numbers, by its first cell or by the numbers."""
    if says_field_number(cells):
        return len(_numbers(cells)) >= FEWEST_NUMBERS
    different = len(set(cells))
    if different < FEWEST_NUMBERS:
        return False
    numbers = set(_numbers(cells).values())
    if len(numbers) < FEWEST_NUMBERS:
        return False
    filled = sum(1 for cell in cells if cell and not cell.isspace())
    return len(numbers) > filled / 2 and len(numbers) > max(numbers) * 0.7


def width_of_header(cells: list[str]) -> int:
    """How many fields a row numbers, 0 for any other row."""
    return len(_numbers(cells)) if is_header(cells) else 0


def places_of(cells: list[str]) -> dict[int, int]:
    """Where each field stands, from 0; cells without a number are passed over.

    Raises UploadRefused for a number that stands in two columns.
    """
    numbers = _numbers(cells)
    twice = sorted(number for number, times in Counter(numbers.values()).items() if times > 1)
    if twice:
        raise UploadRefused(
            f"Field number {listed(twice)} stands in more than one column. Keep one column for "
            "each field number."
        )
    return {number: column for column, number in numbers.items()}


def listed(numbers: list[int]) -> str:
    """Up to ten numbers in words, and how many more there are."""
    shown = ", ".join(str(number) for number in numbers[:10])
    return f"{shown} and {len(numbers) - 10} more" if len(numbers) > 10 else shown


def _numbers(cells: list[str]) -> dict[int, int]:
    """The field number of each column that has one."""
    found = ((column, _NUMBER.fullmatch(cell)) for column, cell in enumerate(cells) if cell)
    return {column: int(number[1]) for column, number in found if number}
