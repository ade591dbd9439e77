"""What tabulation counts: twelve lettings that can be counted by hand, on every engine.

Birmingham and Coventry lie in the West Midlands, Bristol in the South West. GN and SH are general
needs and supported housing at social rent. A dash is a question without an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_access.questions import Level, TabulatedQuestion
from data_access.reference.log_types import LOG_TYPES
from data_access.reference.periods import UnknownPeriod
from data_access.tabulation import CELL_COLUMNS, CROSS_COLUMNS, OpenEngine, Tables, tabulate
from tests.support.engines import ENGINES

# Of the packages between us and the engines, about each other.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

LOGS = """
type quarter authority  owner tenancy reason  forces beds rent
GN   q1      Birmingham A     fixed   left    yes    1    100.10
GN   q1      Birmingham A     fixed   prison  no     2    100.20
GN   q1      Birmingham B     secure  asylum  no     -    300.30
GN   q2      Birmingham B     -       damp    no     3    -
GN   q2      Coventry   A     fixed   left    -      1    80.00
GN   q2      Coventry   C     fixed   damp    no     1    120.00
GN   q3      Coventry   C     secure  other   no     2    0.00
GN   q3      Bristol    D     fixed   prison  no     2    90.00
GN   q3      nowhere    D     fixed   damp    no     4    70.00
SH   q1      Birmingham A     secure  left    no     1    200.00
SH   q1      Bristol    E     secure  -       no     1    0.00
SH   q4      Bristol    E     retired left    no     -    0.00
"""
PLACES = {
    "England": "E92000001",
    "West Midlands": "E12000005",
    "South West": "E12000009",
    "Yorkshire": "E12000003",
    "Birmingham": "E08000025",
    "Coventry": "E08000026",
    "Bristol": "E06000023",
    "Sheffield until 2025": "E08000019",
}
TYPES = {"GN": "social-rent-general-needs", "SH": "social-rent-supported-housing"}
LETTINGS = tuple(slug for slug, kind in LOG_TYPES.items() if kind.collection == "lettings")


def _question(
    name: str,
    codes: str = "",
    unit: str = "",
    log_types: tuple[str, ...] = LETTINGS,
    sensitive: bool = False,
    lowest_level: Level = "local_authority",
    groups: Mapping[str, str] = MappingProxyType({}),
) -> TabulatedQuestion:
    return TabulatedQuestion(
        name,
        name,
        "category" if codes else "number",
        unit,
        tuple((code, code) for code in codes.split()),
        log_types,
        sensitive,
        headline=False,
        section="",
        lowest_level=lowest_level,
        groups=tuple(groups.items()),
        group_labels=tuple((group, group) for group in dict.fromkeys(groups.values())),
    )


QUESTIONS = [
    _question("tenancy", "secure fixed"),
    _question(
        "reason",
        "left damp prison asylum other",
        groups={"prison": "any_other", "asylum": "any_other", "other": "any_other"},
    ),
    _question("forces", "yes no", sensitive=True, log_types=(TYPES["GN"],)),
    _question("beds", unit="bedrooms", lowest_level="region"),
    _question("rent", unit="£ a week"),
]


def _warehouse_file(folder: Path, text: str, year: int) -> Path:
    header, *lines = (line.split() for line in text.strip().splitlines())
    logs = dict(zip(header, zip(*lines, strict=True), strict=True))
    columns: dict[str, pa.Array] = {
        "log_type": pa.array([TYPES[kind] for kind in logs["type"]]),
        "quarter": pa.array([f"{year}-{quarter}" for quarter in logs["quarter"]]),
        "local_authority": pa.array(
            [PLACES.get(place.replace("_", " ")) for place in logs["authority"]], pa.string()
        ),
        "owner": pa.array([ord(owner) for owner in logs["owner"]], pa.int64()),
    }
    for question in QUESTIONS:
        answers = [None if answer == "-" else answer for answer in logs[question.name]]
        if question.kind == "category":
            columns[question.name] = pa.array(answers, pa.string())
        else:
            amounts = [None if answer is None else Decimal(answer) for answer in answers]
            columns[question.name] = pa.array(amounts, pa.decimal128(14, 2))
    target = folder / f"lettings-{year}.parquet"
    pq.write_table(pa.table(columns), target)
    return target


@dataclass(frozen=True)
class Counted:
    """Tables of the twelve lettings, asked for in the words of their columns."""

    tables: Tables

    def cells(self, period: str, kind: str, place: str, question: str) -> dict[str, int]:
        """Counts by code."""
        rows = self.rows(period, kind, place, question)
        return dict(zip(rows["code"].astype(str), rows["count"].tolist(), strict=True))

    def rows(self, period: str, kind: str, place: str, question: str) -> pd.DataFrame:
        """Rows of one question at one place."""
        cells = self.tables.cells
        return cells[
            (cells["period"] == period)
            & (cells["log_type"] == TYPES[kind])
            & (cells["area"] == PLACES[place])
            & (cells["question"] == question)
        ]

    def cross(self, period: str, kind: str, first: str, second: str) -> dict[tuple[str, str], int]:
        """Counts by both codes."""
        crosses = self.tables.crosses
        rows = crosses[
            (crosses["period"] == period)
            & (crosses["log_type"] == TYPES[kind])
            & (crosses["question"] == first)
            & (crosses["question2"] == second)
        ]
        codes = zip(rows["code"].astype(str), rows["code2"].astype(str), strict=True)
        return dict(zip(codes, rows["count"].tolist(), strict=True))


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> OpenEngine:
    """Every engine in its turn."""
    chosen: OpenEngine = request.param
    return chosen


@pytest.fixture(scope="module")
def counted(engine: OpenEngine, tmp_path_factory: pytest.TempPathFactory) -> Counted:
    """The twelve lettings, counted once for each engine."""
    file = _warehouse_file(tmp_path_factory.mktemp("warehouse"), LOGS, 2025)
    return Counted(tabulate([file], QUESTIONS, open_engine=engine))


def test_logs_are_counted_by_log_type_place_year_and_quarter(counted: Counted) -> None:
    for period, kind, place, number in (
        ("2025", "GN", "England", 9),
        ("2025", "GN", "West Midlands", 7),
        ("2025", "GN", "South West", 1),
        ("2025", "GN", "Birmingham", 4),
        ("2025-q1", "GN", "England", 3),
        ("2025-q2", "GN", "Birmingham", 1),
        ("2025-q3", "GN", "England", 3),
        ("2025", "SH", "England", 3),
        ("2025-q4", "SH", "Bristol", 1),
    ):
        assert counted.cells(period, kind, place, "records") == {"total": number}, (period, place)


def test_what_would_be_zero_has_no_row(counted: Counted) -> None:
    assert counted.cells("2025-q4", "GN", "England", "records") == {}
    assert counted.cells("2025-q1", "GN", "Coventry", "tenancy") == {}
    assert counted.tables.cells["count"].min() == 1
    assert counted.tables.crosses["count"].min() == 1


def test_a_log_without_a_known_place_counts_in_england_alone(counted: Counted) -> None:
    cells = counted.tables.cells
    records = cells[(cells["question"] == "records") & (cells["period"] == "2025")]
    by_level = records.groupby("level", observed=True)["count"].sum()
    assert by_level.to_dict() == {"england": 12, "region": 11, "local_authority": 11}


def test_codes_are_counted_and_not_answered_is_one_of_them(counted: Counted) -> None:
    assert counted.cells("2025", "GN", "England", "tenancy") == {
        "fixed": 6, "secure": 2, "not_answered": 1,
    }  # fmt: skip


def test_a_code_that_the_question_has_not_counts_as_not_answered(counted: Counted) -> None:
    assert counted.cells("2025", "SH", "Bristol", "tenancy") == {"secure": 1, "not_answered": 1}


def test_local_authorities_have_groups_of_codes_and_wider_places_the_codes(
    counted: Counted,
) -> None:
    assert counted.cells("2025", "GN", "Birmingham", "reason") == {
        "left": 1, "damp": 1, "any_other": 2,
    }  # fmt: skip
    assert counted.cells("2025", "GN", "West Midlands", "reason") == {
        "left": 2, "damp": 2, "prison": 1, "asylum": 1, "other": 1,
    }  # fmt: skip
    assert counted.cells("2025", "SH", "Bristol", "reason") == {"left": 1, "not_answered": 1}


def test_no_question_has_rows_below_its_lowest_level(counted: Counted) -> None:
    cells = counted.tables.cells
    levels = {
        question: set(rows["level"]) for question, rows in cells.groupby("question", observed=True)
    }
    assert levels["forces"] == {"england"}
    assert levels["beds"] == {"england", "region"}
    assert levels["rent"] == levels["records"] == {"england", "region", "local_authority"}


def test_log_types_that_are_not_asked_have_no_row(counted: Counted) -> None:
    assert counted.cells("2025", "GN", "England", "forces") == {
        "yes": 1, "no": 7, "not_answered": 1,
    }  # fmt: skip
    assert counted.cells("2025", "SH", "England", "forces") == {}
    assert counted.cross("2025", "SH", "forces", "tenancy") == {}


def test_a_number_has_the_number_answering_and_their_exact_sum(counted: Counted) -> None:
    rows = counted.rows("2025", "GN", "Birmingham", "rent").set_index("code")
    assert rows["count"].to_dict() == {"answered": 3, "not_answered": 1}
    assert rows.loc["answered", "sum"] == 500.60
    assert pd.isna(rows.loc["not_answered", "sum"])
    assert counted.rows("2025", "GN", "England", "beds")["sum"].tolist()[0] == 16
    others = counted.tables.cells[~counted.tables.cells["question"].isin(["rent", "beds"])]
    assert others["sum"].isna().all()


def test_rents_tell_the_shares_of_their_largest_owners(counted: Counted) -> None:
    # Of 860.60: B 300.30, A 280.30, D 160.00, C 120.00.
    england = counted.rows("2025", "GN", "England", "rent").iloc[0]
    assert england["owners"] == 4
    assert england["top1"] == pytest.approx(300.30 / 860.60)
    assert england["top2"] == pytest.approx(280.30 / 860.60)
    coventry = counted.rows("2025-q3", "GN", "Coventry", "rent").iloc[0]
    assert coventry["owners"] == 1 and pd.isna(coventry["top1"]), "a sum of nothing has no shares"
    birmingham = counted.rows("2025-q1", "SH", "Birmingham", "rent").iloc[0]
    assert birmingham[["top1", "top2", "owners"]].tolist() == [1, 0, 1]
    beds = counted.rows("2025", "GN", "England", "beds")
    assert beds["top1"].isna().all() and (beds["owners"] == 0).all(), "neither rent nor commercial"


def test_pairs_are_counted_for_england_with_not_answered_on_both_sides(counted: Counted) -> None:
    assert counted.cross("2025", "GN", "forces", "tenancy") == {
        ("yes", "fixed"): 1,
        ("no", "fixed"): 4,
        ("no", "secure"): 2,
        ("no", "not_answered"): 1,
        ("not_answered", "fixed"): 1,
    }
    assert counted.cross("2025-q1", "GN", "reason", "tenancy") == {
        ("left", "fixed"): 1, ("prison", "fixed"): 1, ("asylum", "secure"): 1,
    }  # fmt: skip


def test_pairs_add_up_to_the_cells_of_either_question(counted: Counted) -> None:
    cells, crosses = counted.tables.cells, counted.tables.crosses
    england = cells[cells["level"] == "england"].set_index(
        ["period", "log_type", "question", "code"]
    )["count"]
    for question, code in (("question", "code"), ("question2", "code2")):
        other = "question2" if question == "question" else "question"
        sums = crosses.groupby(["period", "log_type", question, code, other], observed=True)[
            "count"
        ].sum()
        assert len(sums) > 20
        for key, number in sums.items():
            assert isinstance(key, tuple)
            assert number == england[key[:4]], key


def test_columns_and_order_are_those_promised(counted: Counted) -> None:
    assert list(counted.tables.cells.columns) == CELL_COLUMNS
    assert list(counted.tables.crosses.columns) == CROSS_COLUMNS
    for table, keys in (
        (counted.tables.cells, CELL_COLUMNS[:6]),
        (counted.tables.crosses, CROSS_COLUMNS[:6]),
    ):
        assert table.sort_values(keys).index.equals(table.index)
        assert not table.duplicated(keys).any()
    crosses = counted.tables.crosses
    assert (crosses["question"].astype(str) < crosses["question2"].astype(str)).all()


EARLIER = """
type quarter authority            owner tenancy reason forces beds rent
GN   q4      Sheffield_until_2025 A     fixed   left   yes    1    100.00
"""


def test_a_release_has_the_periods_that_it_names_and_an_old_authority_its_old_year(
    engine: OpenEngine, tmp_path: Path
) -> None:
    files = [_warehouse_file(tmp_path, EARLIER, 2024), _warehouse_file(tmp_path, LOGS, 2025)]
    told: list[str] = []
    asked = QUESTIONS[:2]
    tables = tabulate(files, asked, told.append, {"2024", "2025-q3"}, engine)
    counted = Counted(tables)
    assert set(tables.cells["period"]) == set(tables.crosses["period"]) == {"2024", "2025-q3"}
    assert counted.cells("2024", "GN", "Sheffield until 2025", "records") == {"total": 1}
    assert counted.cells("2024", "GN", "Yorkshire", "records") == {"total": 1}
    assert counted.cells("2025-q3", "GN", "England", "records") == {"total": 3}
    assert told[:2] == [
        "Counted lettings-2024: 2 of 2 questions",
        "Counted lettings-2024: 1 of 1 pairs of questions",
    ]


def test_a_release_of_no_period_is_refused(engine: OpenEngine) -> None:
    with pytest.raises(UnknownPeriod, match="2025-q5"):
        tabulate([], QUESTIONS, periods=["2025-q5"], open_engine=engine)


def test_without_files_there_is_nothing_and_it_has_its_columns(engine: OpenEngine) -> None:
    tables = tabulate([], QUESTIONS, open_engine=engine)
    assert list(tables.cells.columns) == CELL_COLUMNS and tables.cells.empty
    assert list(tables.crosses.columns) == CROSS_COLUMNS and tables.crosses.empty
