"""A page is told what a check of the whole log says of it, and where the form goes on."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from submission.checker import NO_RANGES
from submission.collection import load
from submission.page_checks import check_page
from submission.verdicts import check_logs, facts_about

DAY = date(2026, 11, 24)
LOGS = json.loads((Path(__file__).parent / "logs_for_pages.json").read_text(encoding="utf-8"))
_EVERY = 5
CONTEXT = pd.DataFrame([{"owning_organisation.provider_type": "PRP", "owner_choice_needed": True}])


@pytest.mark.parametrize(("first", "name"), enumerate(sorted(LOGS)))
def test_pages_are_told_what_the_whole_log_is_told(first: int, name: str) -> None:
    collection, answers = LOGS[name]["collection"], LOGS[name]["answers"]
    frame = pd.DataFrame([answers], dtype=object)
    [whole] = check_logs(collection, 2026, frame, CONTEXT, DAY, with_pages=True)
    facts = facts_about(frame, CONTEXT, DAY, 2026, NO_RANGES)
    # Each log looks at other pages, as the first look at one takes long.
    for page in load(collection, 2026).pages[first % _EVERY :: _EVERY]:
        names = [placement.variable for placement in page.placements]
        found = check_page(collection, 2026, names, frame, facts, {}, NO_RANGES)
        assert _of(names, found.findings) == _of(names, whole.findings), page.slug
        assert found.pages == whole.pages


def _of(names: list[str], findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [finding for finding in findings if set(names) & set(finding["fields"])]
