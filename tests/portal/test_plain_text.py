"""What people type is tidied, kept, or told how to mend."""

import pytest

from portal.plain_text import (
    read_count,
    read_email,
    read_postcode,
    read_telephone,
    read_text,
    tidy,
    tidy_lines,
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ann   Smith \n", "Ann Smith"),
        ("Ann\u00a0Smith", "Ann Smith"),
        ("A\u0000n\u0007n", "Ann"),
        ("Ann \u202egnp.exe\u202c", "Ann gnp.exe"),
        ("\u200bZo\u0065\u0301\u200d", "Zoé"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("עברית", "עברית"),
    ],
)
def test_text_is_put_on_one_line_without_what_cannot_be_seen(typed: str, kept: str) -> None:
    assert tidy(typed) == kept


def test_lines_stay_lines() -> None:
    assert tidy_lines("\r\n first  line\r\n\r\nsecond\u202e line\n\n") == (
        "first line\n\nsecond line"
    )


def test_a_name_of_300_characters_is_refused_with_its_length() -> None:
    assert read_text("x" * 300, "the scheme's name") == (
        "",
        "The scheme's name must be 200 characters or fewer; it has 300",
    )
    assert read_text(" ", "the scheme's name") == ("", "Enter the scheme's name")
    assert read_text(" ", "the scheme's name", needed=False) == ("", "")


@pytest.mark.parametrize(
    "typed", ["ann", "ann@", "@example.com", "ann@example", "a b@example.com", "ann@ex..com",
              "ann@example.com, bob@example.com", "<ann@example.com>", "x" * 250 + "@example.com"]
)  # fmt: skip
def test_what_is_no_email_address_is_refused(typed: str) -> None:
    kept, wrong = read_email(typed)
    assert not kept
    assert "such as name@example.com" in wrong


def test_an_email_address_is_kept_in_small_letters() -> None:
    assert read_email(" Ann.O'Neil+core@Example.CO.uk ") == ("ann.o'neil+core@example.co.uk", "")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("01632 960 001", "01632 960 001"),
        ("+44 (0)1632-960001", "+44 (0)1632-960001"),
        ("0163296000", ""),
        ("01632 960 001 ext", ""),
    ],
)
def test_a_telephone_number_has_at_least_eleven_digits(typed: str, kept: str) -> None:
    found, wrong = read_telephone(typed)
    assert found == kept
    assert bool(wrong) is (not kept)


@pytest.mark.parametrize(
    ("typed", "kept"), [("sw1a1aa", "SW1A 1AA"), (" M1  1ae ", "M1 1AE"), ("SW1", ""), ("123", "")]
)
def test_a_postcode_is_put_in_its_usual_form(typed: str, kept: str) -> None:
    found, wrong = read_postcode(typed)
    assert (found, bool(wrong)) == (kept, not kept)


@pytest.mark.parametrize(
    ("typed", "kept"), [("1,250", 1250), ("0", 0), ("-1", None), ("1.5", None), ("٣", None)]
)
def test_a_count_is_a_whole_number(typed: str, kept: int | None) -> None:
    found, wrong = read_count(typed, "the number of homes")
    assert found == kept
    assert bool(wrong) is (kept is None)
