"""Duplicates: two logs of one letting or sale, told by the answers that they share.

Duplicates among stored logs are shown and block nothing. A row of a file that describes a log that
is there already, or what another row of the file describes, does not become a log.
"""

import re
from collections.abc import Hashable, Mapping
from decimal import Decimal
from typing import Any

from submission.collection import Collection

Key = tuple[Hashable, ...]
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# Unrelated questions of the form are left out: a correction of one must not hide a duplicate.
_SHARED = {
    "lettings": (
        "owning_organisation_id",
        "tenancycode",
        "startdate",
        "age1_known",
        "age1",
        "sex1",
        "sexrab1",
        "ecstat1",
        "tcharge",
        "household_charge",
        "chcharge",
    ),
    "sales": (
        "owning_organisation_id",
        "purchid",
        "saledate",
        "age1_known",
        "age1",
        "sex1",
        "sexrab1",
        "ecstat1",
    ),
}
_ADDRESS = ("postcode_full", "address_line1", "uprn")
# What a person may leave unsaid does not tell a row of a file from a stored log.
_NOT_IN_FILES = frozenset(["age1_known", "household_charge"])
_CHARGES = ("brent", "scharge", "pscharge", "supcharg")
_SUPPORTED = 2


def key_of(collection: str, year: int, answers: Mapping[str, Any]) -> Key | None:
    """What two logs of one letting or sale share; None for a log that says too little to tell."""
    if not _says_enough(collection, year, answers):
        return None
    return tuple(_same(answers.get(name)) for name in _names(collection, year, answers))


def _names(collection: str, year: int, answers: Mapping[str, Any]) -> tuple[str, ...]:
    by_location = (
        collection == "lettings" and year <= 2025 and answers.get("needstype") == _SUPPORTED
    )
    return (*_SHARED[collection], *(("location_id",) if by_location else _ADDRESS))


def _says_enough(collection: str, year: int, answers: Mapping[str, Any]) -> bool:
    def has(*names: str) -> bool:
        return all(answers.get(name) is not None for name in names)

    sex = "sex1" if year <= 2025 else "sexrab1"
    if collection == "sales":
        return (
            has("saledate", sex)
            and (has("age1") or answers.get("age1_known") in (1, 2))
            and (has("ecstat1") or year >= 2025)
            and (has("uprn") or has("postcode_full", "address_line1"))
        )
    supported = answers.get("needstype") == _SUPPORTED
    care_home = answers.get("is_carehome") == 1
    return (
        has("startdate", "needstype", "ecstat1", sex)
        and (has("age1") or answers.get("age1_known") == 1)
        and (has("tcharge") or answers.get("household_charge") == 1 or care_home)
        and (has("chcharge") or not care_home)
        and (has("location_id") or year >= 2026 or not supported)
    )


def _same(value: Any) -> Hashable:
    """An answer as it is compared: whatever its letter case, spaces and kind of number."""
    if value is None:
        return None
    if isinstance(value, bool):
        return int(value)
    text = "".join(str(value).split()).upper()
    # Exactly: two codes of twenty digits are two codes, and NAN is a word.
    return Decimal(text) if _NUMBER.fullmatch(text) else text


def stored_key(collection: str, year: int, answers: Mapping[str, Any]) -> Key | None:
    """What a row of a file and a stored log share. None when the row does not name its date."""
    event = "startdate" if collection == "lettings" else "saledate"
    if answers.get(event) is None or answers.get("owning_organisation_id") is None:
        return None
    names = [name for name in _names(collection, year, answers) if name not in _NOT_IN_FILES]
    old_sale = collection == "sales" and year <= 2024
    if old_sale:
        names = [name for name in names if name not in ("uprn", "address_line1")]
    return tuple(_same(answers.get(name)) for name in names)


def compared(collection: str) -> tuple[str, ...]:
    """Every variable that tells logs apart in some year, with the one that says how."""
    return (*_SHARED[collection], *_ADDRESS, "location_id", "needstype")


def told_apart_by(collection: Collection) -> frozenset[int]:
    """The numbers of the fields that tell the rows of a file apart."""
    names = set(_SHARED[collection.name]) | {*_ADDRESS, "location_id", *_CHARGES}
    if collection.name == "lettings" and collection.year >= 2026:
        names -= {"location_id"}
    if collection.name == "sales" and collection.year <= 2024:
        names -= {"uprn", "address_line1"}
    return frozenset(
        column.field for column in collection.upload_columns if set(column.variables[:1]) & names
    )
