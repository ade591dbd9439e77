"""A made-up file of lettings in the official layout, a tenth of its rows wrong as real files are.

Every other row is made from believable answers and kept only if the checker finds it valid, so the
file stays right when rules change. The same seed and day give the same file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.clock import today
from data_access.institutions import Institution
from data_access.reference.local_authorities import current_code
from data_access.reference.periods import collection_year_of
from data_access.reference.postcodes import default_store
from data_access.schemes import APPROVED, Location, Scheme
from submission.checker import Ranges
from submission.collection import load
from submission.context import institution_facts
from submission.documents.source import own_source
from submission.uploads.laying_out import table_of_rows
from submission.uploads.registry import Parties
from submission.uploads.rows import check_rows
from submission.uploads.template import as_csv, header_rows
from submission.usual_ranges import current_ranges

Row = dict[int, str]
Random = np.random.Generator
YEAR = 2026
WRONG = 10  # one row in so many
_STREETS = ("Alder Close", "Beech Road", "Chapel Street", "Dovecote Lane", "Elm Grove", "Fern Way")


class NoDemonstration(Exception):
    """The database lacks the made-up institution that the file is for."""


@dataclass(frozen=True)
class _Place:
    postcode: str
    town: str
    authority: str


@dataclass(frozen=True)
class _Landlord:
    institution: Institution
    email: str
    places: list[_Place]
    scheme: Scheme | None
    location: Location | None
    ranges: Ranges
    usual: dict[tuple[int, str, int], tuple[float, float]]


def write_demonstration_file(
    db: Session, rows: int = 500, seed: int = 1, day: date | None = None, code: str = "ORG1"
) -> bytes:
    """A CSV file of `rows` lettings of an institution, one in ten wrong, with the header rows.

    Start dates lie between the start of the collection year 2026/27 and `day` (default: today).
    Raises NoDemonstration when there is no such institution with an account.
    """
    on = day or today()
    random = np.random.default_rng(seed)
    landlord = _landlord(db, random, code)
    wrong = rows // WRONG
    good = _valid_rows(random, landlord, rows - wrong, on)
    spoilt = _valid_rows(random, landlord, wrong, on, start=len(good))
    for number, row in enumerate(spoilt):
        _MISTAKES[number % len(_MISTAKES)](row, on)
    every = good + spoilt
    order = random.permutation(len(every))
    fields = [column.field for column in load("lettings", YEAR).upload_columns]
    records = [["", *(every[at].get(field, "") for field in fields)] for at in order]
    return as_csv(header_rows(own_source("lettings", YEAR)) + records)


def _landlord(db: Session, random: Random, code: str) -> _Landlord:
    institution = db.scalar(select(Institution).where(Institution.code == code))
    if institution is None:
        raise NoDemonstration(f"There is no institution {code}: this is not a demonstration.")
    people = select(Account).where(Account.institution_id == institution.id, Account.active)
    accounts = list(db.scalars(people.order_by(Account.id)))
    if not accounts:
        raise NoDemonstration(f"Institution {code} has nobody to assign logs to.")
    preferred = [found for found in accounts if found.email == "support@example.com"]
    scheme = db.scalar(
        select(Scheme)
        .where(Scheme.owner_id == institution.id, Scheme.status == APPROVED)
        .order_by(Scheme.id)
        .limit(1)
    )
    location = None
    if scheme is not None:
        query = select(Location).where(Location.scheme_id == scheme.id).order_by(Location.id)
        location = db.scalar(query.limit(1))
    ranges = current_ranges(db, "lettings")
    usual: dict[tuple[int, str, int], tuple[float, float]] = {}
    if len(ranges.frame):
        of_year = ranges.frame[ranges.frame["year"] == YEAR]
        for row in of_year.to_dict("records"):
            key = (int(row["lettype"]), str(row["la"]), int(row["beds"]))
            usual[key] = (float(row["soft_min"]), float(row["soft_max"]))
    return _Landlord(
        institution,
        (preferred or accounts)[0].email,
        _places(random, set(institution.local_authorities)),
        scheme,
        location,
        ranges,
        usual,
    )


def _places(random: Random, areas: set[str]) -> list[_Place]:
    """Real postcodes in these authorities, or anywhere in England when there are none."""
    store = default_store()
    found: list[_Place] = []
    while len(found) < 200:
        for at in random.integers(0, len(store.keys), 2_000):
            place = store.look_up(str(store.keys[at], "ascii"))
            authority = current_code(place.local_authority) if place else None
            if place is None or authority is None or place.easting == 0:
                continue
            if not areas or authority in areas:
                found.append(_Place(place.postcode, "Made-up Town", authority))
    return found


def _valid_rows(
    random: Random, landlord: _Landlord, count: int, day: date, start: int = 0
) -> list[Row]:
    """Rows that the checker finds nothing wrong with, not even a query."""
    kept: list[Row] = []
    for _ in range(20):
        wanted = count - len(kept)
        if wanted <= 0:
            break
        made = [_letting(random, landlord, day) for _ in range(wanted + wanted // 2 + 10)]
        kept += [row for row, fine in zip(made, _fine(made, landlord, day), strict=True) if fine]
    kept = kept[:count]
    for number, row in enumerate(kept, start=start + 1):
        row[13] = f"DEMO-T{number:04d}"
        row[14] = f"DEMO-P{number:04d}"
    return kept


def _fine(rows: list[Row], landlord: _Landlord, day: date) -> list[bool]:
    fields = [column.field for column in load("lettings", YEAR).upload_columns]
    table = pd.DataFrame(
        [[row.get(field, "") for field in fields] for row in rows],
        columns=pd.Index(fields),
        dtype=object,
    )
    owner = landlord.institution
    texts = table_of_rows(table, len(fields))
    facts = {f"owning_organisation.{n}": v for n, v in institution_facts(owner).items()}
    facts |= {f"managing_organisation.{n}": v for n, v in institution_facts(owner).items()}
    ids = {"owning_organisation_id": owner.id, "managing_organisation_id": owner.id}
    parties = [_parties(landlord, {**ids, "assigned_to_id": 1}, facts, row) for row in rows]
    known: dict[str, list[Any]] = {"today": [day] * len(rows)}
    if landlord.usual:
        known["ranges"] = [0] * len(rows)
    checked = check_rows("lettings", YEAR, texts, parties, known, ranges=landlord.ranges)
    return [not found for found in checked.findings]


def _parties(landlord: _Landlord, ids: dict[str, Any], facts: dict[str, Any], row: Row) -> Parties:
    scheme, location = landlord.scheme, landlord.location
    if row.get(4) == "2" and scheme is not None and location is not None:
        ids |= {"scheme_id": scheme.id, "location_id": location.id}
        facts = {
            **facts,
            "location.postcode": location.postcode,
            "location.mobility_type": location.mobility_type,
            "location.la_for_year": location.local_authority,
        }
    return Parties(ids, facts, ())


def _pick(random: Random, choices: dict[Any, float]) -> Any:
    values = list(choices)
    weights = np.array(list(choices.values()))
    return values[int(random.choice(len(values), p=weights / weights.sum()))]


def _write_date(row: Row, fields: tuple[int, int, int], day: date) -> None:
    texts = (str(day.day), str(day.month), str(day.year % 100))
    row.update(dict(zip(fields, texts, strict=True)))


def _letting(random: Random, landlord: _Landlord, day: date) -> Row:
    """One believable letting by field number."""
    code = landlord.institution.code
    row: Row = {1: code, 2: code, 3: landlord.email, 7: "2", 15: "1"}
    supported = landlord.location is not None and random.random() < 0.12
    first_day = date(2026, 4, 1)
    # Standing in an earlier year, the file still is of 2026/27: all its lettings start on day one.
    last = max(day if collection_year_of(day) == 2026 else first_day, first_day)
    start = first_day + timedelta(days=int(random.integers(0, (last - first_day).days + 1)))
    _write_date(row, (8, 9, 10), start)
    row[4] = "2" if supported else "1"
    rent_type = _pick(random, {1: 0.75, 2: 0.25})
    row[11] = str(rent_type)
    first_let = random.random() < 0.12
    reason = (
        15 if first_let else _pick(random, {13: 0.2, 12: 0.15, 8: 0.3, 5: 0.2, 6: 0.1, 10: 0.05})
    )
    row[16] = str(reason)
    if not first_let:
        row[17] = str(rent_type)
    row[19] = f"{random.integers(1, 190)} {_STREETS[int(random.integers(len(_STREETS)))]}"
    place = landlord.places[int(random.integers(len(landlord.places)))]
    spot = landlord.location.postcode if supported and landlord.location else place.postcode
    row[21] = place.town
    row[23], row[24] = spot.split(" ")
    beds = int(_pick(random, {1: 0.4, 2: 0.36, 3: 0.24}))
    if supported:
        beds = 1
        if landlord.scheme is not None and landlord.location is not None:
            row[5], row[6] = str(landlord.scheme.code), str(landlord.location.id)
        row[35] = _pick(random, {"7": 0.5, "3": 0.5})
        row[140] = "0"
    else:
        row[26] = _pick(random, {"1": 0.6, "7": 0.4})
        row[27] = _pick(random, {"1": 0.07, "2": 0.93})
        row[28] = str(beds)
    empty_since = start if first_let else start - timedelta(days=int(random.integers(3, 90)))
    _write_date(row, (29, 30, 31), empty_since)
    if not first_let and random.random() < 0.2:
        _write_date(row, (32, 33, 34), empty_since + timedelta(days=2))
    row[37] = _pick(random, {"1": 0.4, "2": 0.6})
    row[38] = (
        _pick(random, {"5": 0.6, "8": 0.4}) if supported else _pick(random, {"2": 0.8, "4": 0.2})
    )
    if row[38] == "4":
        row[40] = _pick(random, {"5": 0.7, "6": 0.3})
    partner, children = _people(random, row, beds)
    row[36] = "1" if partner and random.random() < 0.8 else "2"
    _needs_and_history(random, row, partner or children > 0)
    letting_type = (rent_type - 1) * 4 + (
        (0 if landlord.institution.provider_type == "PRP" else 2) + (2 if supported else 1)
    )
    authority = (
        landlord.location.local_authority if supported and landlord.location else place.authority
    )
    usual = landlord.usual.get((letting_type, str(authority), 0 if supported else beds))
    _income(random, row, beds, rent_type, supported, usual)
    return row


def _people(random: Random, row: Row, beds: int) -> tuple[bool, int]:
    age = int(random.integers(19, 80))
    sex = _pick(random, {"F": 0.57, "M": 0.43})
    row[41], row[42], row[43] = str(age), sex, "1"
    row[45] = str(_pick(random, {1: 0.6, 3: 0.08, 9: 0.06, 13: 0.12, 7: 0.06, 16: 0.08}))
    row[46] = _pick(random, {"826": 0.9, "616": 0.05, "642": 0.05})
    row[47] = _work(random, age)
    partner = beds > 1 and random.random() < 0.4
    children = int(random.integers(0, beds)) if beds > 1 and age < 55 else 0
    field = 48
    if partner:
        other = max(18, age + int(random.integers(-5, 6)))
        row.update(
            {
                field: str(other),
                field + 1: "1",
                field + 2: _pick(random, {"F": 0.4, "M": 0.6}),
                field + 3: "1",
                field + 5: _work(random, other),
            }
        )
        field += 6
    for _ in range(children):
        row[field] = str(int(random.integers(1, min(15, age - 15))))
        row[field + 2], row[field + 3] = _pick(random, {"F": 0.5, "M": 0.5}), "1"
        row[field + 1], row[field + 5] = "2", "9"
        field += 6
    return partner, children


def _work(random: Random, age: int) -> str:
    if age >= 66:
        return "5"
    return str(_pick(random, {1: 0.34, 2: 0.2, 4: 0.2, 6: 0.16, 0: 0.1}))


def _needs_and_history(random: Random, row: Row, family: bool) -> None:
    row.update({90: "2", 93: "2", 98: "1", 36: "2"})
    if random.random() < 0.1:
        row[98] = ""
        row[_pick(random, {94: 0.3, 95: 0.3, 96: 0.4})] = "1"
    row[100] = "2"
    if random.random() < 0.3:
        row[100] = "1"
        row[_pick(random, {101: 0.2, 104: 0.4, 106: 0.4})] = "1"
    row[111] = _pick(random, {"2": 0.2, "7": 0.2, "11": 0.3, "12": 0.3})
    row[112] = _pick(random, {"2": 0.5, "7": 0.3, "8": 0.2})
    row[113] = _pick(random, {"9": 0.3, "12": 0.3 if family else 0.05, "13": 0.2, "19": 0.15})
    row[115] = _pick(random, {"3": 0.5, "28": 0.4, "18": 0.1})
    row[116] = _pick(random, {"1": 0.75, "11": 0.25})
    row[117] = "2"
    row[121] = "2"
    if row[116] == "11":
        row[121], row[122] = "1", "1"
    row.update({127: "1", 128: "2", 129: "1", 130: "2"})
    row[132] = _pick(random, {"8": 0.4, "6": 0.6})
    if row[132] == "6":
        row[133] = "4"


def _income(
    random: Random,
    row: Row,
    beds: int,
    rent_type: int,
    supported: bool,
    usual: tuple[float, float] | None,
) -> None:
    works = row[47] in ("1", "2")
    row[135] = _pick(random, {"1": 0.6, "2": 0.4})
    if row[135] == "1":
        row[136] = _pick(random, {"1": 0.5, "2": 0.5})
        weekly = float(random.uniform(160, 300))
        row[137] = str(round(weekly if row[136] == "1" else weekly * 52 / 12))
    row[138] = _pick(random, {"6": 0.5, "9": 0.5})
    row[139] = ("3" if row[138] == "9" else "2") if works else ("4" if row[138] == "9" else "1")
    row[141] = _pick(random, {"1": 0.8, "4": 0.2})
    weekly_rent = (95 + 15 * beds + float(random.normal(0, 8))) * (1.35 if rent_type == 2 else 1)
    if usual is not None:
        low, high = usual
        weekly_rent = low + (high - low) * float(random.uniform(0.2, 0.8))
    times = 52 / 12 if row[141] == "4" else 1.0
    row[142] = f"{weekly_rent * times:.2f}"
    service = float(random.uniform(2, 20)) if random.random() < 0.5 else 0.0
    row[143] = f"{service * times:.2f}"
    row[144] = "0"
    row[145] = f"{random.uniform(5, 20) * times:.2f}" if supported else "0"
    if row[138] == "6":
        row[146] = _pick(random, {"2": 0.7, "3": 0.3})


def _point_forgotten(row: Row, day: date) -> None:
    row[141] = "1"
    row[143] = "1250"  # for 12.50


def _day_that_is_not(row: Row, day: date) -> None:
    row[8], row[9] = "31", "6"


def _age_in_words(row: Row, day: date) -> None:
    row[41] = "thirty"


def _no_tenancy(row: Row, day: date) -> None:
    row[38] = ""


def _child_as_tenant(row: Row, day: date) -> None:
    row[41] = "14"


def _start_ahead(row: Row, day: date) -> None:
    _write_date(row, (8, 9, 10), day + timedelta(days=20))


def _unknown_owner(row: Row, day: date) -> None:
    row[1] = "ORG99999"


def _unknown_code(row: Row, day: date) -> None:
    row[16] = "99"


def _one_charge_empty(row: Row, day: date) -> None:
    row[144] = ""


def _half_a_postcode(row: Row, day: date) -> None:
    row[24] = ""


_MISTAKES: tuple[Callable[[Row, date], None], ...] = (
    _point_forgotten,
    _day_that_is_not,
    _age_in_words,
    _no_tenancy,
    _child_as_tenant,
    _start_ahead,
    _unknown_owner,
    _unknown_code,
    _one_charge_empty,
    _half_a_postcode,
)
