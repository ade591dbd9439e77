"""The explorers say withheld where a figure is, and draw only what is shown."""

import re
from pathlib import Path

import pytest

from data_access.releases import Release
from portal.explore.local_authorities import LocalAuthorityExplorer
from portal.explore.map import NO_FIGURE_WORDS
from portal.explore.national import NationalExplorer
from tests.support.made_release import WITHHELD_AREA, make_release


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return make_release(tmp_path, withheld=True)


def _words(*panes: object) -> str:
    text = " ".join(str(getattr(pane, "object", "")) for pane in panes)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_two_questions_with_a_withheld_pair(release: Release) -> None:
    explorer = NationalExplorer(release)
    explorer.first.value, explorer.second.value = "homeless", "beds"
    explorer.measure.value = "count"
    words = _words(explorer.words.pane, explorer.table.pane)
    assert "Not homeless withheld 30 withheld" in words
    assert "Assessed as homeless 0 14 14" in words
    assert "All withheld 44 withheld" in words
    assert "Some figures are withheld" in words
    drawn = explorer.chart._bars.data
    assert list(zip(drawn["label"], drawn["series"], drawn["high"], strict=True)) == [
        ("Not homeless", "2 bedrooms", 30),
        ("Assessed as homeless", "1 bedroom", 0),
        ("Assessed as homeless", "2 bedrooms", 14),
    ]
    explorer.measure.value = "share"
    words = _words(explorer.table.pane)
    assert "Not homeless withheld withheld withheld" in words
    assert "Assessed as homeless 0.0 100.0 14" in words
    assert list(explorer.chart._bars.data["label"]) == ["Assessed as homeless"] * 2
    explorer.view.value = "pie"
    assert list(explorer.chart._slices.data["label"]) == ["Assessed as homeless"]


def test_an_authority_with_withheld_answers(release: Release) -> None:
    explorer = LocalAuthorityExplorer(release)
    explorer.question.value, explorer.area.value = "beds", WITHHELD_AREA
    words = _words(explorer.words.pane)
    assert "withheld answered this question" in words
    assert "1 bedroom withheld withheld" in words and "2 bedrooms 12 withheld" in words
    assert "Not answered withheld" in words and "They are not drawn" in words
    assert list(explorer.drawn.objects) == []
    at = explorer.map.codes.index(WITHHELD_AREA)
    assert explorer.map._source.data["words"][at] == NO_FIGURE_WORDS
    explorer.area.value = "E09000011"
    assert len(explorer.drawn.objects) == 1
    assert "withheld" not in _words(explorer.words.pane)
