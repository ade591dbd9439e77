"""Drafts of releases that are made at once, for tests of what happens to a release afterwards.

The contents are real: a small release of one year, sealed by the real writer. Only the logs, their
counting and protection are left out.
"""

import atexit
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path

import pandas as pd

from data_access.questions import TabulatedQuestion
from data_access.reference.local_authorities import ENGLAND
from data_access.releases import write_contents
from data_access.releases.sealing import read_manifest, seal
from data_access.releases.versions import next_version
from data_access.settings import Settings
from disclosure.floor import protect
from disclosure.policy import Policy
from portal.publishing import STAGES, Built, Ordered, Progress

LOG_TYPE = "social-rent-general-needs"
PERIOD = "2025"


QUESTIONS = [
    TabulatedQuestion(
        "beds",
        "Bedrooms",
        "category",
        "",
        (("1", "1 bedroom"), ("2", "2 bedrooms")),
        (LOG_TYPE,),
        sensitive=False,
        headline=True,
        section="Property",
    )
]
# Of London; the last has two records and is removed.
_AREAS = {"E09000011": 40, "E09000012": 24, "E09000001": 2}
_KEYS = ["period", "log_type", "level", "area", "question", "code"]


def _cells() -> pd.DataFrame:
    places = [("local_authority", code, count) for code, count in _AREAS.items()]
    places += [("region", "E12000007", 66), ("england", ENGLAND, 66)]
    rows = [
        (PERIOD, LOG_TYPE, level, area, question, code, count)
        for level, area, records in places
        for question, code, count in (
            ("records", "total", records),
            ("beds", "1", records // 2),
            ("beds", "2", records - records // 2),
        )
    ]
    return pd.DataFrame(rows, columns=[*_KEYS, "count"]).assign(mean=float("nan"))


@cache
def _contents() -> tuple[Path, dict[str, object]]:
    """A sealed release of one period and log type, and what is withheld in it."""
    cells = _cells()
    crosses = pd.DataFrame(
        columns=["period", "log_type", "question", "code", "question2", "code2", "count"]
    ).astype({"count": "int64"})
    policy = Policy()
    safe = protect(cells, crosses, policy)
    folder = Path(tempfile.mkdtemp(prefix="quick-release-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    facts = {"issued": "2026-11-25", "parameters": policy.as_json(), "demonstration": True}
    write_contents(folder / "contents", safe.cells, safe.crosses, QUESTIONS, facts)
    levels = (("england", 2, 0, 0.0), ("region", 2, 0, 0.0), ("local_authority", 6, 2, 0.030303))
    report = {
        "tables": [
            {
                "log_type": LOG_TYPE,
                "level": level,
                "cells": count,
                "withheld": gone,
                "records_share_withheld": share,
            }
            for level, count, gone, share in levels
        ],
        "areas": [{"log_type": LOG_TYPE, "area_periods": 3, "removed": 1}],
        "dropped": [],
        "dominated": 0,
        "held_back": {"blocks": 0, "records": 0},
    }
    return folder / "contents", report


def quick_build(settings: Settings, ordered: Ordered, folder: Path, progress: Progress) -> Built:
    """Stands where portal.publishing.build_draft does."""
    for stage in STAGES:
        progress(stage.name, 1, 2, "Half of it is done")
    made, report = _contents()
    contents = folder / "contents"
    shutil.copytree(made, contents)
    version = next_version(ordered.public, "minor", ordered.given_out)
    manifest = {**read_manifest(contents), "id": version, "previous": ordered.public}
    del manifest["files"]
    seal(contents, {**manifest, "note": ordered.note, "corrects": ordered.corrects})
    (folder / "report.json").write_text(json.dumps(report))
    return Built(version, {"passed": True, "breaches": {}})
