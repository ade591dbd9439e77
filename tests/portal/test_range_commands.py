"""core-portal ranges: what the commands say, what they change, and that checks follow at once."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from data_access.database import make_engine, session_factory, upgrade
from data_access.logs import bulk_insert
from data_access.reference.ranges import codes_of_year
from data_access.settings import Settings
from portal.cli import app
from submission.context import context_frame
from submission.usual_ranges import current_ranges
from submission.verdicts import check_logs

RENTS = "lettype,la,beds,soft_min,soft_max,hard_min,hard_max\n"
SALES = "la,bedrooms,soft_min,soft_max\n"
ADUR, BARNSLEY, BARNSLEY_BEFORE = "E07000223", "E08000038", "E08000016"
POSTCODES = {ADUR: "BN15 0AA", BARNSLEY: "S70 2TA"}
ADDRESS = {
    "manual_address_entry_selected": True,
    "uprn_known": 0,
    "address_line1": "1 High Street",
    "town_or_city": "Town",
    "postcode_known": 1,
    "is_la_inferred": True,
}


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own for every test."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path


def _run(*words: str | Path) -> Any:
    return CliRunner().invoke(app, ["ranges", *map(str, words)])


def _said(*words: str | Path) -> str:
    result = _run(*words)
    assert result.exit_code == 0, result.output
    return str(result.output)


def _file(folder: Path, text: str, name: str = "rent_2026.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _store(*answers: Mapping[str, Any], collection: str = "lettings", year: int = 2025) -> None:
    engine = make_engine(Settings().database)
    upgrade(engine)
    plain = {"collection": collection, "collection_year": year, "status": "valid"}
    with session_factory(engine)() as db:
        bulk_insert(db, [{**plain, "answers": dict(given)} for given in answers])
        db.commit()
    engine.dispose()


def _letting(rent: int) -> dict[str, Any]:
    common = {"la": ADUR, "lettype": 1, "needstype": 1, "beds": 2, "period": 1}
    return {**common, "brent": f"{rent}.00", "wrent": f"{rent}.00"}


def _findings(
    amounts: list[str], rules: str, la: str = ADUR, year: int = 2026, **changes: Any
) -> list[list[str]]:
    """For each rent or price the rules broken whose names begin so, against what is stored."""
    collection, amount = ("lettings", "brent") if rules == "rent_" else ("sales", "value")
    given = {
        "lettings": {"needstype": 1, "renewal": 0, "startdate": f"{year}-06-01", "rent_type": 0}
        | {"household_charge": 0, "period": 1},
        "sales": {"saledate": f"{year}-06-01", "ownershipsch": 1, "type": 2, "staircase": 2}
        | {"jointpur": 2, "noint": 1},
    }[collection] | {"beds": 2, "postcode_full": POSTCODES[la], **ADDRESS, **changes}
    people = dict.fromkeys(("owning_organisation_id", "managing_organisation_id"), 1)
    frame = pd.DataFrame([{**people, **given, amount: text} for text in amounts], dtype=object)
    context = context_frame([{"owning_organisation.provider_type": "PRP"} for _ in amounts])
    engine = make_engine(Settings().database)
    upgrade(engine)
    with session_factory(engine)() as db:
        ranges = current_ranges(db, collection)
    engine.dispose()
    checked = check_logs(collection, year, frame, context, date(year, 11, 24), ranges=ranges)
    return [
        [found["rule"] for found in one.findings if found["rule"].startswith(rules)]
        for one in checked
    ]


# What the commands say


def test_loading_says_how_many_rows_of_which_year_and_what_is_odd(scratch: Path) -> None:
    file = _file(scratch, RENTS + f"1,{ADUR},2,80,120,30,100\n")
    said = _said("load", file)
    assert "Loaded 1 rent range of 2026/27" in said
    assert "Note: 1 row has a soft_max above hard_max" in said
    assert "Note: 2026/27 has no row for 295 of 296 authorities: Hartlepool (E06000001)," in said
    again = _said("load", file)
    assert "Nothing changed: 1 rent range of 2026/27, the same as from file rent_2026.csv" in again
    other = _file(scratch, RENTS + f"1,{ADUR},2,80,120,30,400\n", "corrected.csv")
    assert "Loaded 1 rent range of 2026/27, in the place of 1 from file rent_2026.csv" in _said(
        "load", other, "--year", "2026"
    )


def test_a_faulty_file_changes_nothing_and_ends_with_1(scratch: Path) -> None:
    _said("load", _file(scratch, RENTS + f"1,{ADUR},2,80,120,30,400\n"))
    before = _said("show", "rent", "2026")
    bad = _file(scratch, RENTS + f"1,{ADUR},2,80,120,30,400\n2,{ADUR},3,90,120,30,400\n")
    result = _run("load", bad)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "rent_2026.csv, row 3, column beds: '3' must be 0, because this letting type is "
        "supported housing.",
        "1 problem; nothing was loaded and nothing changed.",
    ]
    assert _said("show", "rent", "2026") == before


def test_a_thousand_problems_are_counted_and_twenty_shown(scratch: Path) -> None:
    result = _run("load", _file(scratch, RENTS + f"1,{ADUR},2,£80,£120,£30,£400\n" * 250))
    lines = result.stderr.splitlines()
    assert len(lines) == 22
    assert lines[20] == "… and 980 more"
    assert lines[21].startswith("1,000 problems; nothing was loaded")


def test_what_is_stored_can_be_shown_and_loaded_again(scratch: Path) -> None:
    rows = "".join(
        f"{la},{beds},100000.00,200000.50\n" for la in codes_of_year(2026) for beds in "12"
    )
    _said("load", _file(scratch, SALES + rows, "sale_2026.csv"))
    shown = _said("show", "sale", "2026")
    assert shown == SALES + rows
    assert "Nothing changed" in _said("load", _file(scratch, shown, "shown 2026.csv"))
    assert _said("show", "sale", "2026", "--la", ADUR).splitlines() == [
        SALES.strip(),
        f"{ADUR},1,100000.00,200000.50",
        f"{ADUR},2,100000.00,200000.50",
    ]
    none = _run("show", "sale", "2026", "--la", BARNSLEY_BEFORE)
    assert (none.exit_code, none.stderr) == (
        1,
        f"There are no sale price ranges of 2026/27 for '{BARNSLEY_BEFORE}'.\n",
    )
    assert _run("show", "rent", "2026").exit_code == 1


def test_deriving_says_what_the_rows_rest_on(scratch: Path) -> None:
    _store(*[_letting(100 + n) for n in range(50)])
    said = _said("derive", "--from", "2025", "--for", "2026")
    assert "Made 296 rent ranges of 2026/27\n" in said
    assert "made of 50 valid lettings of 2025/26; rows by what they rest on:\n" in said
    assert "        1  homes of this kind in the authority\n" in said
    assert "       63  homes of this kind in its region" in said
    assert "      232  homes of this kind in England" in said
    assert "letting types 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 1 (bedrooms:" in said
    assert "No sale price ranges made: there are no valid sales of 2025/26" in said
    assert "Nothing changed: 296 rent ranges of 2026/27" in _said(
        "derive", "--from", "2025", "--for", "2026"
    )


def test_deriving_over_an_official_table_says_so(scratch: Path) -> None:
    _said("load", _file(scratch, RENTS + f"1,{ADUR},2,80,120,30,400\n"))
    _store(_letting(100))
    said = _said("derive", "--from", "2025", "--for", "2026")
    assert "Made 296 rent ranges of 2026/27, in the place of 1 from file rent_2026.csv\n" in said


@pytest.mark.parametrize(
    ("years", "code", "message"),
    [
        (("2026", "2026"), 1, "must be before the year that is judged by them"),
        (("2026", "2025"), 1, "must be before the year that is judged by them"),
        (("2025", "2026"), 1, "There are no valid logs of 2025/26 with a rent or a price"),
        (("2022", "2026"), 2, "or equal to 2023"),
    ],
)
def test_deriving_from_nothing_or_from_the_year_itself_is_refused(
    years: tuple[str, str], code: int, message: str
) -> None:
    result = _run("derive", "--from", years[0], "--for", years[1])
    assert result.exit_code == code
    assert message in result.stderr
    assert "There are no ranges yet" in _said("list")


def test_the_list_says_where_each_table_came_from(scratch: Path) -> None:
    assert _said("list") == (
        "There are no ranges yet: rents and sale prices are not held against any.\n"
    )
    _said("load", _file(scratch, RENTS + f"1,{ADUR},2,80,120,30,400\n"))
    _store(_letting(100))
    _said("derive", "--from", "2025", "--for", "2027")
    lines = _said("list").splitlines()
    assert lines[0].startswith("2027/28: 296 rent ranges from valid logs of 2025/26, ")
    assert lines[1].startswith("2026/27: 1 rent range from file rent_2026.csv, ")


# That logs are held against what is stored


def test_a_rent_is_queried_or_refused_by_the_table_that_was_loaded(scratch: Path) -> None:
    rents = ["29.99", "30", "80", "80.01", "119.99", "120", "400", "400.01"]
    assert _findings(rents, "rent_") == [[]] * 8
    _said("load", _file(scratch, RENTS + f"1,{ADUR},2,80,120,30,400\n"))
    assert _findings(rents, "rent_") == [
        ["rent_below_limit"],
        ["rent_unusual"],
        ["rent_unusual"],
        [],
        [],
        ["rent_unusual"],
        ["rent_unusual"],
        ["rent_above_limit"],
    ]


def test_a_table_replaced_by_another_process_takes_effect_without_a_restart(
    scratch: Path,
) -> None:
    _said("load", _file(scratch, RENTS + f"1,{ADUR},2,80,120,30,400\n"))
    assert _findings(["100", "130"], "rent_") == [[], ["rent_unusual"]]
    _said("load", _file(scratch, RENTS + f"1,{ADUR},2,110,140,30,400\n"))
    assert _findings(["100", "130"], "rent_") == [["rent_unusual"], []]
    _store(*[_letting(1000)] * 50)
    _said("derive", "--from", "2025", "--for", "2026")
    assert _findings(["100", "130", "1000"], "rent_") == [["rent_below_limit"]] * 2 + [[]]


def test_a_row_holds_for_its_own_year_size_type_and_place_alone(scratch: Path) -> None:
    _said("load", _file(scratch, RENTS + f"1,{ADUR},4,80,120,30,400\n"))
    over = ["rent_above_limit"]
    assert _findings(["500"], "rent_", beds=4) == [over]
    # From five bedrooms on, the rule also queries what it refuses.
    assert _findings(["500"], "rent_", beds=6) == [[*over, "rent_unusual"]]
    assert _findings(["500"], "rent_", beds=3) == [[]]
    assert _findings(["500"], "rent_", beds=4, rent_type=1) == [[]]
    assert _findings(["500"], "rent_", beds=4, la=BARNSLEY) == [[]]
    assert _findings(["500"], "rent_", beds=4, year=2025) == [[]]


def test_a_re_coded_authority_is_found_under_the_code_of_the_log_s_year(scratch: Path) -> None:
    _store(*[{**_letting(100), "la": BARNSLEY_BEFORE}] * 50, year=2023)
    _said("derive", "--from", "2023", "--for", "2024")
    _said("derive", "--from", "2023", "--for", "2026")
    for year in (2024, 2026):
        assert _findings(["100", "900"], "rent_", la=BARNSLEY, year=year) == [
            [],
            ["rent_above_limit"],
        ]


def test_a_price_outside_the_table_is_queried_and_a_price_at_its_limit_is_not(
    scratch: Path,
) -> None:
    prices = ["119999", "120000", "450000", "450001"]
    assert _findings(prices, "price_outside") == [[]] * 4
    _said("load", _file(scratch, SALES + f"{ADUR},2,120000,450000\n", "sale_2026.csv"))
    query = ["price_outside_local_range"]
    assert _findings(prices, "price_outside") == [query, [], [], query]
