"""What pages and commands say of releases."""

import pytest

from portal.releasing.words import periods_in_words


@pytest.mark.parametrize(
    ("slugs", "words"),
    [
        (["2025"], "2025/26"),
        (["2025-q4"], "January to March 2026"),
        (["2025-q2", "2025"], "2025/26, and of it July to September"),
        (["2025-q4", "2025-q3"], "October to December and January to March of 2025/26"),
        (["2025", *(f"2025-q{number}" for number in range(1, 5))], "2025/26 and its quarters"),
        (["made-up"], "made-up"),
    ],
)
def test_a_collection_year_and_its_quarters_are_one_entry(slugs: list[str], words: str) -> None:
    assert periods_in_words(slugs) == [words]
