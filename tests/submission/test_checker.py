"""One log and many are read, derived, routed and judged by the same rules."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from submission.collection import load
from submission.requests import Request, check_requests

DAY = "2026-11-24"
PRP = {"provider_type": "PRP", "rent_periods": [1, 4]}
CONTEXT = {"owning_organisation": PRP, "managing_organisation": PRP}


def _request(answers: dict[str, Any], **more: Any) -> Request:
    plain = {"collection": "lettings", "year": 2026, "today": DAY, "context": CONTEXT}
    return Request.read({**plain, "answers": answers, **more})


def _check(answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    [result] = check_requests([_request(answers, **more)])
    return result


def _findings(result: dict[str, Any], severity: str) -> dict[str, list[str]]:
    return {f["rule"]: f["fields"] for f in result["findings"] if f["severity"] == severity}


def _missing(result: dict[str, Any]) -> set[str]:
    return {name for f in result["findings"] if f["severity"] == "missing" for name in f["fields"]}


def test_nothing_given_breaks_no_rule_and_leaves_the_set_up_missing() -> None:
    result = _check({})
    assert {"needstype", "startdate", "rent_type"} <= _missing(result)
    assert not _findings(result, "hard")
    assert not _findings(result, "soft")


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
def test_what_does_not_fit_is_a_finding_with_the_text_and_told_once(name: str, text: str) -> None:
    result = _check({name: text}, mode="as_given")
    [found] = [f for f in result["findings"] if name in f["fields"]]
    assert found["severity"] == "hard"
    assert text in found["message"]


def test_what_was_given_and_cannot_be_read_is_not_called_unanswered_too() -> None:
    result = _check({"startdate": "31/06/2026"})
    assert "startdate" not in _missing(result)
    assert ["startdate"] in _findings(result, "hard").values()


def test_supported_housing_asks_for_its_scheme() -> None:
    assert "scheme_id" in _check({"needstype": 2})["asked"]
    assert "scheme_id" not in _check({"needstype": 1})["asked"]


def test_a_council_and_an_association_are_held_to_their_own_limits() -> None:
    answers = {"needstype": 1, "period": 1, "scharge": "600", "startdate": "2026-06-01"}
    council = {"owning_organisation": {"provider_type": "LA"}}
    under, over = check_requests(
        [
            _request(answers, mode="as_given"),
            _request(answers, mode="as_given", context=council),
        ]
    )
    assert "scharge_above_limit" not in _findings(under, "hard")
    assert "scharge_above_limit" in _findings(over, "hard")


def test_facts_that_are_not_known_fire_no_rule() -> None:
    known = _check({"needstype": 1, "period": 2, "startdate": "2026-06-01"}, mode="as_given")
    unknown = _check(
        {"needstype": 1, "period": 2, "startdate": "2026-06-01"}, mode="as_given", context={}
    )
    assert "rent_period_not_used_by_manager" in _findings(known, "hard")
    assert not _findings(unknown, "hard")


_VARIABLES = load("lettings", 2026).variables
_TEXTS = st.sampled_from(
    ["", "0", "1", "2", "3", "7", "10", "85", "R", "X", "x", "100.98", "1e3", "2026-06-01",
     "31/06/2026", "SW1A 1AA", "E09000033", "=1+1", "ORG1", "1,200.50", "£5", "\u2019"]
)  # fmt: skip
_ANSWERS = st.dictionaries(st.sampled_from(sorted(_VARIABLES)), _TEXTS, max_size=25)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_ANSWERS, min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_a_log_gets_alone_what_it_gets_among_others_in_any_order(
    logs: list[dict[str, str]], random: Any
) -> None:
    alone = [_check(log) for log in logs]
    together = check_requests([_request(log) for log in logs])
    assert together == alone
    order = list(range(len(logs)))
    random.shuffle(order)
    shuffled = [dict(random.sample(list(logs[at].items()), len(logs[at]))) for at in order]
    again = check_requests([_request(log) for log in shuffled])
    assert again == [alone[at] for at in order]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_ANSWERS)
def test_checking_what_was_kept_changes_nothing(log: dict[str, str]) -> None:
    once = _check(log)
    kept = {name: value for name, value in once["log"].items() if value is not None}
    assert _check(kept)["log"] == once["log"]


def test_a_large_frame_says_what_a_small_one_says() -> None:
    """More rows are checked by other queries; they must not differ."""
    logs: list[dict[str, Any]] = [
        {"needstype": 1, "hhmemb": 16, "startdate": "2026-06-01"},
        {"needstype": 2, "age1": 12, "ecstat1": 5},
        {"startdate": "2026-06-31", "beds": "x"},
        {},
    ]
    small = check_requests([_request(log) for log in logs])
    large = check_requests([_request(log) for log in logs * 60])
    assert large == small * 60
