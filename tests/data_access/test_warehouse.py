"""Which logs the warehouse holds, and what it holds of each."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy.orm import Session

from data_access.institutions import Institution
from data_access.logs import STATUSES, Log
from data_access.questions import TabulatedQuestion
from data_access.reference.log_types import LOG_TYPES
from data_access.warehouse import build

QUESTIONS = [
    TabulatedQuestion(
        name,
        name,
        "category" if codes else "number",
        "",
        codes,
        tuple(LOG_TYPES),
        sensitive=False,
        headline=False,
        section="",
        variable=variable,
    )
    for name, codes, variable in (
        ("tenancy", (("1", "Fixed"), ("2", "Secure")), ""),
        ("rent", (), "wrent"),
    )
]


def _log(**changes: Any) -> Log:
    values: dict[str, Any] = {
        "collection": "lettings",
        "collection_year": 2025,
        "log_type": "social-rent-general-needs",
        "status": "valid",
        "event_date": date(2025, 5, 1),
        "local_authority": "E08000025",
        "answers": {"tenancy": 1, "wrent": "100.50"},
    }
    return Log(**{**values, **changes})


def _rows(db: Session, folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    db.commit()
    engine = db.get_bind().engine
    return {
        file.name: duckdb.execute(f"FROM read_parquet('{file}')").fetchall()
        for file in build(engine, QUESTIONS, folder / "warehouse")
    }


def test_only_valid_logs_are_held_and_those_submitted_over_soft_checks_among_them(
    db: Session, tmp_path: Path
) -> None:
    for number, status in enumerate(STATUSES):
        db.add(_log(status=status, answers={"wrent": f"{number}.25"}))
    db.add(_log(answers={"wrent": "99.25"}, findings=[{"rule": "R1", "severity": "soft"}]))
    rows = _rows(db, tmp_path)
    rents = [float(row[-1]) for row in rows["lettings-2025.parquet"]]
    assert rents == [STATUSES.index("valid") + 0.25, 99.25]


def test_a_log_has_its_type_quarter_place_owner_and_answers(db: Session, tmp_path: Path) -> None:
    db.add(Institution(name="Tyne Homes", code="ORG1", provider_type="PRP"))
    db.flush()
    db.add(_log(owning_institution_id=1))
    db.add(_log(local_authority=None, answers={"tenancy": None, "wrent": "many"}))
    db.add(_log(collection="sales", log_type="sales", event_date=date(2026, 3, 31)))
    rows = _rows(db, tmp_path)
    found = [tuple(map(str, row)) for row in rows["lettings-2025.parquet"]]
    letting = ("social-rent-general-needs", "2025-q1")
    assert found == [
        (*letting, "E08000025", "1", "1", "100.50"),
        (*letting, "None", "None", "None", "None"),
    ]
    assert [row[:2] for row in rows["sales-2025.parquet"]] == [("sales", "2025-q4")]


@pytest.mark.parametrize(
    ("stored", "year", "counted"),
    [
        ("E08000019", 2024, "E08000019"),
        ("E08000019", 2025, "E08000039"),
        ("E08000039", 2024, "E08000019"),
        ("E06000065", 2024, "E06000065"),
        ("S12000033", 2024, None),
    ],
)
def test_a_place_has_the_code_that_was_in_force_in_the_year_of_the_log(
    db: Session, tmp_path: Path, stored: str, year: int, counted: str | None
) -> None:
    db.add(_log(local_authority=stored, collection_year=year, event_date=date(year, 4, 1)))
    rows = _rows(db, tmp_path)
    assert [row[2] for row in rows[f"lettings-{year}.parquet"]] == [counted]
