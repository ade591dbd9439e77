"""Which logs and rows count as the same letting or sale."""

from typing import Any

import pytest

from submission.collection import load
from submission.duplicates import key_of, stored_key, told_apart_by

LETTING = {
    "owning_organisation_id": 1, "tenancycode": "T 1", "startdate": "2026-09-01", "needstype": 1,
    "age1_known": 0, "age1": 40, "sexrab1": "F", "ecstat1": 1, "tcharge": "100.50",
    "postcode_full": "SW1A 1AA", "address_line1": "1 High Street",
}  # fmt: skip
SALE = {
    "owning_organisation_id": 1, "purchid": None, "saledate": "2026-09-01", "age1_known": 0,
    "age1": 40, "sexrab1": "F", "ecstat1": 1, "postcode_full": "SW1A 1AA",
    "address_line1": "1 High Street",
}  # fmt: skip


@pytest.mark.parametrize(
    ("collection", "year", "log", "change"),
    [
        ("lettings", 2026, LETTING, {"tenancycode": "t1"}),
        ("lettings", 2026, LETTING, {"tcharge": 100.5}),
        ("lettings", 2026, LETTING, {"reason": 4}),
        ("lettings", 2026, {**LETTING, "needstype": 2}, {"location_id": 9}),
        ("sales", 2026, SALE, {"address_line1": "1 HIGH STREET"}),
    ],
)
def test_the_same_letting_or_sale(
    collection: str, year: int, log: dict[str, Any], change: dict[str, Any]
) -> None:
    assert key_of(collection, year, log) is not None
    assert key_of(collection, year, log) == key_of(collection, year, {**log, **change})


@pytest.mark.parametrize(
    ("collection", "year", "log", "change"),
    [
        ("lettings", 2026, LETTING, {"tenancycode": None}),
        ("lettings", 2026, LETTING, {"tcharge": "100.51"}),
        ("lettings", 2026, LETTING, {"uprn": "7"}),
        ("lettings", 2025, {**LETTING, "sex1": "F", "needstype": 2, "location_id": 1},
         {"location_id": 2}),
        ("sales", 2026, SALE, {"ecstat1": 2}),
    ],
)  # fmt: skip
def test_another_letting_or_sale(
    collection: str, year: int, log: dict[str, Any], change: dict[str, Any]
) -> None:
    assert key_of(collection, year, log) is not None
    assert key_of(collection, year, log) != key_of(collection, year, {**log, **change})


@pytest.mark.parametrize("lacking", ["startdate", "ecstat1", "sexrab1", "tcharge", "age1"])
def test_a_letting_that_says_too_little_is_nobodys_twin(lacking: str) -> None:
    log = {**LETTING, "age1_known": None}
    assert key_of("lettings", 2026, log) is not None
    assert key_of("lettings", 2026, {**log, lacking: None}) is None


def test_refused_and_unknown_answers_still_tell_enough() -> None:
    assert key_of("lettings", 2026, {**LETTING, "age1": None, "age1_known": 1}) is not None
    assert key_of("lettings", 2026, {**LETTING, "tcharge": None, "household_charge": 1}) is not None
    assert key_of("sales", 2025, {**SALE, "sex1": "F", "ecstat1": None}) is not None
    assert key_of("sales", 2024, {**SALE, "sex1": "F", "ecstat1": None}) is None


def test_until_2024_a_sale_in_a_file_is_told_without_its_address() -> None:
    elsewhere = {**SALE, "address_line1": "2 High Street"}
    assert stored_key("sales", 2024, SALE) == stored_key("sales", 2024, elsewhere)
    assert stored_key("sales", 2025, SALE) != stored_key("sales", 2025, elsewhere)


def test_the_fields_that_tell_rows_apart_are_those_of_the_year() -> None:
    assert {1, 8, 9, 10, 13, 41} <= told_apart_by(load("lettings", 2026))
    assert 6 not in told_apart_by(load("lettings", 2026))
    assert 6 in told_apart_by(load("lettings", 2025))


@pytest.mark.parametrize(
    ("one", "other"),
    [("12345678901234567891", "12345678901234567892"), ("1E3", "1000"), ("INF", "1E999")],
)
def test_codes_that_look_like_numbers_are_told_apart_exactly(one: str, other: str) -> None:
    keys = [key_of("lettings", 2026, {**LETTING, "tenancycode": code}) for code in (one, other)]
    assert keys[0] != keys[1]


def test_a_word_that_is_no_number_is_the_same_as_itself() -> None:
    log = {**LETTING, "tenancycode": "NaN"}
    assert key_of("lettings", 2026, log) == key_of("lettings", 2026, dict(log))
