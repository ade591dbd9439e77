"""One log and many are read, derived, routed and judged by the same rules."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from submission.checker import Checker, CheckResult
from submission.collection import load

DAY = date(2026, 11, 24)
PRP = {"owner_provider_type": "PRP", "owner_rent_periods": [1, 4], "manager_rent_periods": [1, 4]}


@pytest.fixture(scope="module")
def checker() -> Checker:
    return Checker(load("lettings", 2026))


def _check(checker: Checker, **answers: Any) -> CheckResult:
    return checker.check(pd.DataFrame([answers], dtype=object), pd.DataFrame([PRP]), DAY)


def _rules(result: CheckResult) -> set[str]:
    return set(result.findings["rule"])


@pytest.mark.parametrize(
    ("answers", "rule"),
    [
        ({"startdate": "2026-12-30"}, "start_date_too_far_ahead"),
        ({"startdate": "2026-06-01", "voiddate": "2026-06-02"}, "void_date_after_start"),
        ({"joint": 1, "hhmemb": 1, "startdate": "2026-06-01"}, "joint_tenancy_with_one_person"),
        ({"age2": 17, "ecstat2": 9}, "child_status_over_16"),
        ({"hhmemb": 16}, "hhmemb_out_of_range"),
        ({"tenancylength": 5, "tenancy": 2}, "tenancy_length_not_expected"),
        ({"ecstat1": 5, "age1": 40}, "retired_before_66"),
    ],
)
def test_a_broken_rule_is_found_with_its_message(
    checker: Checker, answers: dict[str, Any], rule: str
) -> None:
    result = _check(checker, **answers)
    assert rule in _rules(result)
    found = result.findings[result.findings["rule"] == rule].iloc[0]
    assert found["message"].endswith(".")
    assert set(found["fields"]) & set(answers)


@pytest.mark.parametrize(
    ("answers", "rule"),
    [
        ({"startdate": "2026-12-08"}, "start_date_too_far_ahead"),
        ({"startdate": "2026-06-01", "voiddate": "2026-06-01"}, "void_date_after_start"),
        ({"joint": 1, "hhmemb": 2, "startdate": "2026-06-01"}, "joint_tenancy_with_one_person"),
        ({"age2": 16, "ecstat2": 9}, "child_status_over_16"),
        ({"hhmemb": 15}, "hhmemb_out_of_range"),
        ({"tenancylength": 5, "tenancy": 4}, "tenancy_length_not_expected"),
        ({"ecstat1": 5, "age1": 66}, "retired_before_66"),
    ],
)
def test_a_value_at_the_limit_breaks_nothing(
    checker: Checker, answers: dict[str, Any], rule: str
) -> None:
    assert rule not in _rules(_check(checker, **answers))


def test_nothing_given_breaks_no_rule_and_leaves_the_questions_missing(checker: Checker) -> None:
    result = _check(checker)
    assert result.findings.empty
    assert {"needstype", "startdate", "rent_type"} <= set(result.missing["variable"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hhmemb", "two"),
        ("beds", "2.5"),
        ("startdate", "2026-06-31"),
        ("brent", "1e3"),
        ("needstype", "7"),
        ("sexrab1", "Z"),
    ],
)
def test_what_does_not_fit_is_a_finding_and_never_silently_nothing(
    checker: Checker, name: str, text: str
) -> None:
    result = _check(checker, **{name: text})
    found = result.findings[result.findings["rule"] == "unreadable"]
    assert [tuple(fields) for fields in found["fields"]] == [(name,)]
    assert name not in set(result.missing["variable"])


def test_weekly_charges_are_exact_and_round_half_up(checker: Checker) -> None:
    result = _check(
        checker, needstype=1, period=3, brent="100.98", scharge="0", pscharge="0", supcharg="0"
    )
    # 100.98 every four weeks is 25.245 a week.
    assert str(result.answers.loc[0, "wrent"]) in ("25.25", "Decimal('25.25')")


def test_supported_housing_asks_for_its_scheme(checker: Checker) -> None:
    assert _check(checker, needstype=2).asked.loc[0, "scheme_id"]
    assert not _check(checker, needstype=1).asked.loc[0, "scheme_id"]


def test_logs_checked_together_get_what_each_gets_alone(checker: Checker) -> None:
    logs = [
        {"needstype": 1, "hhmemb": 16, "startdate": "2026-06-01"},
        {"needstype": 2, "age1": 12, "ecstat1": 5},
        {"startdate": "2026-06-31", "beds": "x"},
        {},
    ]
    together = checker.check(pd.DataFrame(logs, dtype=object), pd.DataFrame([PRP] * 4), DAY)
    for row, log in enumerate(logs):
        alone = _check(checker, **log)
        found = together.findings[together.findings["row"] == row]
        assert list(found["rule"]) == list(alone.findings["rule"])
        missing = together.missing[together.missing["row"] == row]
        assert list(missing["variable"]) == list(alone.missing["variable"])


def test_a_council_and_an_association_are_held_to_their_own_limits(checker: Checker) -> None:
    answers = {"needstype": 1, "period": 1, "scharge": "600", "startdate": "2026-06-01"}
    frame = pd.DataFrame([answers, answers], dtype=object)
    context = pd.DataFrame([PRP, {**PRP, "owner_provider_type": "LA"}])
    found = checker.check(frame, context, DAY).findings
    over = found[found["rule"] == "scharge_above_limit"]
    assert list(over["row"]) == [1]


@pytest.fixture(scope="module")
def sales() -> Checker:
    return Checker(load("sales", 2026))


@pytest.mark.parametrize(
    ("answers", "rule", "within"),
    [
        ({"age1": 15}, "age1_range", {"age1": 16}),
        ({"value": "14999"}, "value_range", {"value": "15000"}),
        (
            {"saledate": "2026-06-01", "ownershipsch": 1, "staircase": 2, "type": 2,
             "mortgageused": 1, "value": "200000", "equity": "40", "mortgage": "64000",
             "deposit": "15000"},
            "initial_share_funds_mortgage",
            {"deposit": "16000"},
        ),
        (
            {"ownershipsch": 2, "la": "E09000007", "income1": "90001"},
            "discounted_buyer_income_high_london",
            {"income1": "90000"},
        ),
        ({"ecstat1": 1, "income1": "13399"}, "buyer_income_unusual_for_work", {"income1": "13400"}),
    ],
)  # fmt: skip
def test_rules_of_sales_fire_beyond_their_limits_and_not_at_them(
    sales: Checker, answers: dict[str, Any], rule: str, within: dict[str, Any]
) -> None:
    given = {"saledate": "2026-06-01", **answers}
    assert rule in _rules(_check(sales, **given))
    assert rule not in _rules(_check(sales, **{**given, **within}))
