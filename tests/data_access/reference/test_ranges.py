"""Usual rents and prices: how they are stored, and how they are made of last year's logs."""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data_access.audit import history
from data_access.database import session_factory
from data_access.institutions import Institution
from data_access.logs import bulk_insert
from data_access.reference import range_derivation
from data_access.reference.local_authorities import (
    current_code,
    local_authorities,
)
from data_access.reference.range_derivation import (
    MINIMUM_PRICES,
    MINIMUM_RENTS,
    Derived,
    NothingToDerive,
    YearsRefused,
    derive_ranges,
    similar_types,
)
from data_access.reference.ranges import (
    RentRow,
    SaleRow,
    codes_of_year,
    lettings_without,
    range_tables,
    ranges_version,
    rent_ranges,
    replace_ranges,
    sale_ranges,
)
from data_access.schemes import Location, ManagementGroup, Scheme
from tests.support.databases import migrated_engine

ADUR, HARTLEPOOL, GREENWICH, HACKNEY = "E07000223", "E06000001", "E09000011", "E09000012"
BARNSLEY, BARNSLEY_BEFORE = "E08000038", "E08000016"
SOMERSET, MENDIP, SEDGEMOOR = "E06000066", "E07000187", "E07000188"
Homes = list[tuple[str, int, int, Decimal]]


def _letting(rent: Any, la: str | None = ADUR, lettype: int = 1, beds: int = 2) -> dict[str, Any]:
    """The answers of a letting that count; `beds` 0 is supported housing."""
    return {
        "la": la,
        "lettype": lettype,
        "needstype": 2 if beds == 0 else 1,
        "period": 1,
        "brent": str(rent),
        "wrent": str(rent),
        **({"beds": beds} if beds else {}),
    }


def _sale(price: Any, la: str = ADUR, beds: int = 2) -> dict[str, Any]:
    return {"la": la, "beds": beds, "value": str(price)}


def _store(
    db: Session,
    answers: Iterable[Mapping[str, Any]],
    collection: str = "lettings",
    year: int = 2025,
    status: str = "valid",
    place: str | None = None,
) -> None:
    rows = [
        {
            "collection": collection,
            "collection_year": year,
            "status": status,
            "local_authority": place,
            "answers": dict(given),
        }
        for given in answers
    ]
    bulk_insert(db, rows)


def _derived(db: Session, kind: str = "rent", from_year: int = 2025, year: int = 2026) -> Derived:
    [found] = [made for made, _ in derive_ranges(db, from_year, year) if made.kind == kind]
    return found


def _row(derived: Derived, la: str = ADUR, lettype: int = 1, beds: int = 2) -> Any:
    wanted = (la, beds) if derived.kind == "sale" else (lettype, la, beds)
    [found] = [
        row
        for row in derived.rows
        if (row.la, row.beds) == wanted[-2:] and getattr(row, "lettype", wanted[0]) == wanted[0]
    ]
    return found


def _soft(derived: Derived, la: str = ADUR, lettype: int = 1, beds: int = 2) -> tuple[str, str]:
    row = _row(derived, la, lettype, beds)
    return str(row.soft_min), str(row.soft_max)


# Storing

RENTS = [
    RentRow(1, ADUR, 1, Decimal("57.21"), Decimal("123.09"), Decimal("25.84"), Decimal(1000)),
    RentRow(2, ADUR, 0, Decimal(50), Decimal(150), Decimal(20), Decimal(900)),
]
PRICES = [SaleRow(ADUR, 1, Decimal(126000), Decimal(447000))]


def test_rows_come_back_as_they_were_stored(db: Session) -> None:
    replace_ranges(db, "rent", 2026, RENTS, "file a.csv")
    replace_ranges(db, "sale", 2026, PRICES, "file b.csv")
    db.commit()
    assert rent_ranges(db).to_dict("list") == {
        "year": [2026, 2026],
        "lettype": [1, 2],
        "la": [ADUR, ADUR],
        "beds": [1, 0],
        "soft_min": [Decimal("57.21"), Decimal("50.00")],
        "soft_max": [Decimal("123.09"), Decimal("150.00")],
        "hard_min": [Decimal("25.84"), Decimal("20.00")],
        "hard_max": [Decimal("1000.00"), Decimal("900.00")],
    }
    assert sale_ranges(db).values.tolist() == [[2026, ADUR, 1, Decimal(126000), Decimal(447000)]]


def test_the_same_rows_in_any_order_change_nothing_and_others_replace_their_year(
    db: Session,
) -> None:
    first = replace_ranges(db, "rent", 2026, RENTS, "file a.csv")
    assert (first.before, first.before_source, first.rows, first.changed) == (0, "", 2, True)
    version = ranges_version(db)
    again = replace_ranges(db, "rent", 2026, RENTS[::-1], "file b.csv")
    assert (again.before, again.before_source, again.changed) == (2, "file a.csv", False)
    assert ranges_version(db) == version
    replace_ranges(db, "rent", 2025, RENTS, "file c.csv")
    fewer = replace_ranges(db, "rent", 2026, RENTS[:1], "file d.csv")
    assert (fewer.before, fewer.rows, fewer.changed) == (2, 1, True)
    assert rent_ranges(db)["year"].tolist() == [2025, 2025, 2026]
    assert [(t.year, t.source) for t in range_tables(db)] == [
        (2026, "file d.csv"),
        (2025, "file c.csv"),
    ]
    actions = [event.detail["source"] for event in history(db, ("rent_ranges", 2026))]
    assert actions == ["file a.csv", "file d.csv"]


def test_the_version_names_the_content_alone(db: Session) -> None:
    assert ranges_version(db) == ""
    replace_ranges(db, "rent", 2026, RENTS, "file a.csv")
    first = ranges_version(db)
    replace_ranges(db, "rent", 2026, RENTS[:1], "file a.csv")
    assert ranges_version(db) not in ("", first)
    replace_ranges(db, "rent", 2026, RENTS, "another file")
    assert ranges_version(db) == first
    replace_ranges(db, "sale", 2026, PRICES, "file b.csv")
    assert ranges_version(db) != first


def test_a_year_has_the_codes_of_its_own_first_day() -> None:
    assert len(codes_of_year(2026)) == 296
    assert codes_of_year(2026)[BARNSLEY] == BARNSLEY
    assert BARNSLEY_BEFORE not in codes_of_year(2025)
    assert codes_of_year(2024)[BARNSLEY_BEFORE] == BARNSLEY
    assert BARNSLEY not in codes_of_year(2024)
    in_2022 = codes_of_year(2022)
    assert in_2022[MENDIP] == in_2022[SEDGEMOOR] == SOMERSET
    assert SOMERSET not in in_2022


def test_lettings_without_a_row_are_told_by_type_and_size() -> None:
    assert lettings_without(RENTS) == (
        "3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 1 (bedrooms: 2, 3, 4 or more)"
    )


# Deriving: percentiles


def test_limits_of_a_hundred_rents_are_the_fifth_and_the_ninety_fifth_with_a_tenth_more(
    db: Session,
) -> None:
    _store(db, [_letting(rent) for rent in range(1, 101)])
    row = _row(_derived(db))
    assert (row.soft_min, row.soft_max) == (Decimal("4.50"), Decimal("104.50"))
    assert (row.hard_min, row.hard_max) == (Decimal("1.50"), Decimal("313.50"))


def test_of_fifty_rents_two_lie_beyond_each_limit_and_of_twenty_five_prices_one(
    db: Session,
) -> None:
    _store(db, [_letting(100 + n) for n in range(1, 51)])
    _store(db, [_sale(100_000 + n) for n in range(1, 26)], "sales")
    # The 3rd of 50 less 10%, the 48th and 10% more; the 2nd and the 24th of 25.
    assert _soft(_derived(db)) == ("92.70", "162.80")
    assert _soft(_derived(db, "sale")) == ("90001.80", "110026.40")


def test_half_pennies_are_rounded_up_and_nothing_is_free(db: Session) -> None:
    _store(db, [_letting("100.05")] * 50 + [_letting("0.01", HACKNEY)] * 50)
    derived = _derived(db)
    row = _row(derived)
    # 90.045 and 110.055; then 90.05 / 3 = 30.0166… and 110.06 x 3.
    assert (row.soft_min, row.soft_max) == (Decimal("90.05"), Decimal("110.06"))
    assert (row.hard_min, row.hard_max) == (Decimal("30.02"), Decimal("330.18"))
    assert _row(derived, HACKNEY).hard_min == Decimal("0.01")


def test_rents_up_to_the_largest_that_is_kept_can_be_derived_from(db: Session) -> None:
    _store(db, [_letting("999999.99")] * 50)
    _store(db, [_sale("999999999.99")] * 25, "sales")
    row = _row(_derived(db))
    assert (row.soft_max, row.hard_max) == (Decimal("999999.99"), Decimal("999999.99"))
    assert _row(_derived(db, "sale")).soft_max == Decimal("999999999.99")


# Deriving: what limits rest on


def test_one_home_fewer_than_enough_and_the_region_stands_in(db: Session) -> None:
    _store(db, [_letting(100)] * MINIMUM_RENTS + [_letting(200, HARTLEPOOL)] * 500)
    assert _soft(_derived(db)) == ("90.00", "110.00")
    _store(db, [_letting(150, HACKNEY)] * (MINIMUM_RENTS - 1))
    derived = _derived(db)
    # London has 49 of 599 homes of England: too few for it, and for England they are the lowest.
    assert _soft(derived, HACKNEY) == ("90.00", "220.00")
    _store(db, [_letting(150, GREENWICH)])
    derived = _derived(db)
    assert _soft(derived, HACKNEY) == ("135.00", "165.00")
    assert _soft(derived, GREENWICH) == ("135.00", "165.00")
    assert derived.bases["authority"] == 2
    assert derived.homes == 600


def test_prices_need_fewer_homes_and_a_region_or_england_stands_in_too(db: Session) -> None:
    _store(db, [_sale(100_000)] * MINIMUM_PRICES, "sales")
    _store(db, [_sale(300_000, HACKNEY)] * (MINIMUM_PRICES - 1), "sales")
    derived = _derived(db, "sale")
    assert _soft(derived) == ("90000.00", "110000.00")
    assert _soft(derived, "E07000224") == ("90000.00", "110000.00")  # Arun, in Adur's region
    assert _soft(derived, HACKNEY) == ("90000.00", "330000.00")  # England
    assert derived.bases == {"authority": 1, "region": 63, "England": 232}


def test_a_similar_type_stands_in_and_does_not_query_the_type_itself(db: Session) -> None:
    # Of two similar types the other landlord's is the more alike, and the authority is asked first.
    _store(db, [_letting(100, lettype=3)] * 50 + [_letting(300, lettype=5)] * 50)
    _store(db, [_letting(80, HACKNEY, lettype=1)] * 10)
    derived = _derived(db)
    assert _soft(derived, lettype=1) == ("72.00", "110.00")
    assert _soft(derived, HACKNEY, lettype=1) == ("72.00", "110.00")
    assert _soft(derived, lettype=3) == ("90.00", "110.00")
    assert derived.bases["similar type"] == 296


def test_where_nothing_is_enough_every_home_of_the_size_counts_with_half_more(
    db: Session,
) -> None:
    _store(db, [_letting(100, lettype=1)] * 5 + [_letting(200, lettype=9)] * 5)
    _store(db, [_letting(400, beds=3)] * 5)
    derived = _derived(db)
    assert _soft(derived, lettype=1) == _soft(derived, HACKNEY, lettype=9) == ("50.00", "300.00")
    assert _soft(derived, beds=3) == ("200.00", "600.00")
    assert derived.bases == {"few": 3 * 296}


def test_a_kind_of_letting_that_was_never_let_has_no_row(db: Session) -> None:
    _store(db, [_letting(100)])
    assert {(row.lettype, row.beds) for row in _derived(db).rows} == {(1, 2)}  # type: ignore[union-attr]


# Deriving: which logs, where


def test_only_valid_logs_of_the_year_and_collection_count(db: Session) -> None:
    _store(db, [_letting(100)] * 50)
    for status in ("saved", "invalid", "dropped"):
        _store(db, [_letting(900)] * 60, status=status)
    _store(db, [_letting(900)] * 60, year=2024)
    _store(db, [_letting(900)] * 60, year=2026)
    _store(db, [_letting(900)] * 60, collection="sales")
    made = derive_ranges(db, 2025, 2026)
    assert [(derived.kind, derived.homes) for derived, _ in made] == [("rent", 50)]
    assert _soft(made[0][0]) == ("90.00", "110.00")


@pytest.mark.parametrize(
    "changes",
    [
        {"brent": None},  # a care home: its weekly rent is left over from before
        {"period": None},
        {"wrent": None},
        {"wrent": "none"},
        {"wrent": "0.00"},
        {"lettype": None},
        {"lettype": 2},  # supported housing has no bedrooms
        {"lettype": 17},
        {"beds": None},
        {"needstype": 2},
        {"la": None},
        {"la": "W06000015"},
    ],
)
def test_a_letting_without_all_that_counts_is_passed_over(
    db: Session, changes: dict[str, Any]
) -> None:
    _store(db, [_letting(100), {**_letting(900), **changes}])
    derived = _derived(db)
    assert derived.homes == 1
    assert {(row.lettype, row.beds) for row in derived.rows} == {(1, 2)}  # type: ignore[union-attr]


def test_a_sale_without_bedrooms_or_price_is_passed_over(db: Session) -> None:
    plain = _sale(100_000)
    _store(db, [plain, {**plain, "beds": None}, {**plain, "value": None}], "sales")
    derived = _derived(db, "sale")
    assert (derived.homes, {row.beds for row in derived.rows}) == (1, {2})


def test_more_than_four_bedrooms_are_four_and_supported_housing_has_none(db: Session) -> None:
    supported = {**_letting(100, lettype=2, beds=0), "beds": 3}
    _store(db, [_letting(100, beds=7)] * 25 + [_letting(100, beds=4)] * 25 + [supported] * 50)
    derived = _derived(db)
    assert {(row.lettype, row.beds) for row in derived.rows} == {(1, 4), (2, 0)}  # type: ignore[union-attr]
    assert derived.bases["authority"] == 2


def test_old_codes_in_logs_count_for_the_authority_of_today(db: Session) -> None:
    _store(db, [_letting(100, BARNSLEY_BEFORE)] * 25 + [_letting(100, BARNSLEY)] * 25)
    _store(db, [_letting(300, MENDIP)] * 25 + [_letting(300, SEDGEMOOR)] * 25)
    derived = _derived(db)
    assert _soft(derived, BARNSLEY) == ("90.00", "110.00")
    assert _soft(derived, SOMERSET) == ("270.00", "330.00")
    assert derived.bases["authority"] == 2
    assert {row.la for row in derived.rows} == set(local_authorities())


def test_a_table_for_a_year_has_the_codes_that_logs_of_the_year_have(db: Session) -> None:
    _store(db, [_letting(100, BARNSLEY)] * 50, year=2023)
    _store(db, [_letting(100, BARNSLEY_BEFORE)] * 50, year=2024)
    before = _derived(db, from_year=2023, year=2024)
    assert _soft(before, BARNSLEY_BEFORE) == ("90.00", "110.00")
    assert BARNSLEY not in {row.la for row in before.rows}
    after = _derived(db, from_year=2024, year=2025)
    assert _soft(after, BARNSLEY) == ("90.00", "110.00")
    assert BARNSLEY_BEFORE not in {row.la for row in after.rows}


@pytest.mark.parametrize(("year", "place"), [(2025, HACKNEY), (2026, ADUR)])
def test_supported_housing_lies_where_the_checker_takes_it_to_lie(
    db: Session, year: int, place: str
) -> None:
    """Until 2025 in its location's authority; from 2026 in its own, and else in its location's."""
    owner = Institution(code="X1", name="Example Homes", provider_type="PRP", holds_stock=True)
    db.add(owner)
    db.flush()
    group = ManagementGroup(owner_id=owner.id, name="Group")
    db.add(group)
    db.flush()
    scheme = Scheme(group_id=group.id, owner_id=owner.id, name="Scheme")
    db.add(scheme)
    db.flush()
    location = Location(scheme_id=scheme.id, postcode="E8 1EA", local_authority=HACKNEY)
    db.add(location)
    db.flush()
    here = {"location_id": location.id}
    both = {**_letting(100, ADUR, lettype=2, beds=0), **here}
    only_located = {**_letting(100, None, lettype=2, beds=0), **here}
    _store(db, [both] * 50, year=year)
    assert _derived(db, from_year=year, year=year + 1).bases["authority"] == 1
    _store(db, [_letting(500, HARTLEPOOL, lettype=2, beds=0)] * 500, year=year)
    assert _soft(_derived(db, from_year=year, year=year + 1), place, 2, 0) == ("90.00", "110.00")
    _store(db, [only_located] * 50, year=year)
    found = _derived(db, from_year=year, year=year + 1)
    assert _soft(found, HACKNEY, 2, 0) == ("90.00", "110.00")


def test_the_column_of_the_log_tells_where_it_is_when_its_answers_do_not(db: Session) -> None:
    _store(db, [_letting(100, None)] * 50, place=HACKNEY)
    assert _derived(db).bases["authority"] == 1


# Deriving: what it changes


def test_deriving_again_changes_nothing_whatever_the_order_of_logs(db: Session) -> None:
    logs = [_letting(rent) for rent in range(50, 150)]
    _store(db, logs)
    [(_, first)] = derive_ranges(db, 2025, 2026)
    version = ranges_version(db)
    [(_, second)] = derive_ranges(db, 2025, 2026)
    assert (first.changed, second.changed) == (True, False)
    _store(db, logs[::-1], year=2024)
    derive_ranges(db, 2024, 2026)
    assert ranges_version(db) == version


def test_other_years_and_the_other_table_are_left_as_they_are(db: Session) -> None:
    replace_ranges(db, "rent", 2025, RENTS, "file a.csv")
    replace_ranges(db, "sale", 2026, PRICES, "file b.csv")
    _store(db, [_letting(100)] * 50)
    [(_, replaced)] = derive_ranges(db, 2025, 2026)
    assert (replaced.kind, replaced.before, replaced.rows) == ("rent", 0, 296)
    rents = rent_ranges(db)
    assert (rents["year"] == 2025).sum() == 2
    assert len(sale_ranges(db)) == 1
    assert {(t.kind, t.year): t.source for t in range_tables(db)} == {
        ("rent", 2026): "valid logs of 2025/26",
        ("rent", 2025): "file a.csv",
        ("sale", 2026): "file b.csv",
    }


def test_nothing_to_derive_from_leaves_everything(db: Session) -> None:
    replace_ranges(db, "rent", 2026, RENTS, "file a.csv")
    version = ranges_version(db)
    _store(db, [_letting(100)], status="invalid")
    with pytest.raises(NothingToDerive, match="no valid logs of 2025/26"):
        derive_ranges(db, 2025, 2026)
    assert ranges_version(db) == version


@pytest.mark.parametrize(("from_year", "for_year"), [(2026, 2026), (2026, 2025)])
def test_no_year_is_judged_by_itself_or_a_later_one(
    db: Session, from_year: int, for_year: int
) -> None:
    _store(db, [_letting(100)], year=2026)
    with pytest.raises(YearsRefused, match="must be before the year"):
        derive_ranges(db, from_year, for_year)
    assert ranges_version(db) == ""


# Deriving, against the method written out plainly

# Letting types that stand in for each, as docs/ranges.md lists them.
SIMILAR = {
    **{1: (3, 5, 7), 2: (4, 6, 8), 3: (1, 7, 5), 4: (2, 8, 6)},
    **{5: (7, 9, 11, 1, 3), 6: (8, 10, 12, 2, 4), 7: (5, 11, 9, 3, 1), 8: (6, 12, 10, 4, 2)},
    **{9: (11, 5, 7, 1, 3), 10: (12, 6, 8, 2, 4), 11: (9, 7, 5, 3, 1), 12: (10, 8, 6, 4, 2)},
    **{13: (15, 1, 3), 14: (16, 2, 4), 15: (13, 3, 1), 16: (14, 4, 2)},
}
ENOUGH = 4


def test_types_that_stand_in_and_constants_are_those_of_the_documentation() -> None:
    text = (Path(__file__).parents[3] / "docs" / "ranges.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| (\d+) \| ([\d, ]+) \|$", text, re.MULTILINE)
    assert {
        int(lettype): tuple(map(int, listed.split(", "))) for lettype, listed in documented
    } == SIMILAR
    assert {lettype: tuple(similar_types(lettype)) for lettype in range(1, 17)} == SIMILAR
    constants = re.findall(r"^\| `([A-Z_]+)` \| ([\d.]+) \|", text, re.MULTILINE)
    assert len(constants) == 5
    for name, value in constants:
        assert str(getattr(range_derivation, name)) == value
    shares = (range_derivation.LOW_SHARE, range_derivation.HIGH_SHARE)
    assert f"| `LOW_SHARE`, `HIGH_SHARE` | {', '.join(shares)} |" in text


def _percentile(amounts: list[Decimal], share: Fraction) -> Decimal:
    """The least amount that at least this share of all amounts does not exceed."""
    return min(a for a in amounts if sum(b <= a for b in amounts) >= share * len(amounts))


def _expected(homes: Homes, lettype: int, beds: int, la: str) -> tuple[Decimal, Decimal]:
    place = local_authorities()[la]
    region_of = {code: found.region_code for code, found in local_authorities().items()}
    own = [a for _, kind, size, a in homes if (kind, size) == (lettype, beds)]
    pools, margin = [[a for _, _, size, a in homes if size == beds], own], Decimal("0.5")
    for candidate in (*SIMILAR[lettype][::-1], lettype):
        let = [(code, a) for code, kind, size, a in homes if (kind, size) == (candidate, beds)]
        areas = (
            [a for _, a in let],
            [a for code, a in let if region_of[code] == place.region_code],
            [a for code, a in let if code == la],
        )
        for pool in areas:
            if len(pool) >= ENOUGH:
                pools, margin = [pool, own], Decimal("0.1")
                if candidate == lettype:
                    pools = [pool]
    low = min(_percentile(pool, Fraction(5, 100)) for pool in pools) * (1 - margin)
    high = max(_percentile(pool, Fraction(95, 100)) for pool in pools) * (1 + margin)
    penny = Decimal("0.01")
    return max(low.quantize(penny, ROUND_HALF_UP), penny), high.quantize(penny, ROUND_HALF_UP)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A migrated database whose sessions are rolled back."""
    made = migrated_engine(f"sqlite:///{tmp_path_factory.mktemp('ranges') / 'core.sqlite3'}")
    yield made
    made.dispose()


PLACES = (ADUR, "E07000224", HACKNEY, GREENWICH, BARNSLEY, BARNSLEY_BEFORE, SOMERSET, MENDIP)
# Place, letting type (of general needs alone or of supported housing alone, so that they can stand
# in for one another), bedrooms, rent, and how many such homes.
SOME_HOMES = st.sampled_from([range(1, 17, 2), range(2, 17, 2)]).flatmap(
    lambda types: st.lists(
        st.tuples(
            st.sampled_from(PLACES),
            st.sampled_from(types),
            st.sampled_from([1, 4] if types[0] == 1 else [0]),
            st.integers(1, 50_000).map(lambda pence: Decimal(pence) / 100),
            st.integers(1, 6),
        ),
        min_size=1,
        max_size=25,
    )
)


@given(drawn=SOME_HOMES)
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_row_is_what_the_method_says(
    scratch: Engine,
    monkeypatch: pytest.MonkeyPatch,
    drawn: list[tuple[str, int, int, Decimal, int]],
) -> None:
    monkeypatch.setattr(range_derivation, "MINIMUM_RENTS", ENOUGH)
    given_homes = [
        (la, lettype, beds, amount)
        for la, lettype, beds, amount, times in drawn
        for _ in range(times)
    ]
    homes = [(current_code(la) or "", *rest) for la, *rest in given_homes]
    with session_factory(scratch)() as db:
        _store(db, [_letting(a, la, lettype, beds) for la, lettype, beds, a in given_homes])
        derived = _derived(db)
        db.rollback()
    assert derived.homes == len(homes)
    assert sum(derived.bases.values()) == len(derived.rows)
    assert {(row.lettype, row.beds) for row in derived.rows} == {h[1:3] for h in homes}  # type: ignore[union-attr]
    for row in derived.rows:
        assert isinstance(row, RentRow)
        assert Decimal("0.01") <= row.hard_min <= row.soft_min <= row.soft_max <= row.hard_max
        if row.la in PLACES or row.la == HARTLEPOOL:
            expected = _expected(homes, row.lettype, row.beds, row.la)
            assert (row.soft_min, row.soft_max) == expected
