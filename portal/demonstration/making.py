"""Filling an empty database with a made-up England."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.clock import today
from data_access.content import Alert
from data_access.database import make_engine, session_factory, upgrade
from data_access.logs import Log, bulk_insert
from data_access.reference.local_authorities import current_code, local_authorities
from data_access.reference.log_types import log_type_of
from data_access.reference.periods import periods_of
from data_access.reference.postcodes import default_store
from data_access.reference.range_derivation import Derived, NothingToDerive, derive_ranges
from data_access.reference.ranges import Replaced
from data_access.settings import Settings
from portal.agreements.first import put_agreement_in_force
from portal.demonstration.answers import Random, lettings, sales
from portal.demonstration.completing import complete
from portal.demonstration.people import Landlords, make_people
from submission.checker import NO_RANGES, Ranges
from submission.columns import EVENT_DATES, REFERENCES, columns_of
from submission.context import context_frame
from submission.rules import SOFT
from submission.usual_ranges import current_ranges
from submission.verdicts import check_logs, verdict

# Lettings and sales of a full year in thousands: 2024/25 and later are taken as the last published.
FULL_YEAR = {"lettings": {2023: 260, 2024: 263, 2025: 263, 2026: 263}, "sales": 28}
YEARS = (2023, 2024, 2025, 2026)
# Usual rents and prices are derived for the year that is open; closed ones are not checked again.
LAST_YEAR = max(YEARS)
CHUNK = 10_000
STATUSES = {"valid": 0.955, "invalid": 0.02, "saved": 0.018, "dropped": 0.007}


class DemonstrationRefused(Exception):
    """The database holds something already; made-up data would be mixed with it."""


# Above 1 the larger authorities have more than their share of logs.
_DRAWN_TOGETHER = 2.5


class Places:
    """Postcodes of England by the authority in force, and authorities by their size."""

    def __init__(self) -> None:
        """Reads the postcode store."""
        frame = default_store().all_places()
        frame = frame[frame["easting"] > 0]
        codes = list(local_authorities())
        authority = frame["local_authority"].astype(str).map(current_code)
        number = authority.map({code: at for at, code in enumerate(codes)})
        kept = number.notna().to_numpy()
        numbers = number[kept].to_numpy(dtype=int)
        order = np.argsort(numbers, kind="stable")
        self.keys = frame["key"].to_numpy()[kept][order]
        self.starts = np.searchsorted(numbers[order], np.arange(len(codes) + 1))
        self.codes = np.array(codes, dtype=object)
        self.regions = np.array(
            [place.region_code for place in local_authorities().values()], dtype=object
        )
        # A hundredth of England's logs spread evenly would leave every authority too few to show.
        sizes = np.diff(self.starts).astype(float) ** _DRAWN_TOGETHER
        self.weights = sizes / sizes.sum()

    def draw(self, random: Random, size: int) -> tuple[np.ndarray, list[str]]:
        """Numbers of authorities, and a postcode in each."""
        at = random.choice(len(self.codes), size, p=self.weights)
        lengths = self.starts[at + 1] - self.starts[at]
        keys = self.keys[self.starts[at] + (random.random(size) * lengths).astype(int)]
        return at, [f"{key[:-3]} {key[-3:]}" for key in keys]


def make_demonstration(
    settings: Settings,
    logs: int = 60_000,
    seed: int = 1,
    progress: Callable[[str], None] = print,
) -> int:
    """Makes institutions, accounts, schemes, alerts and `logs` logs; returns how many logs.

    The same seed and day give the same data. All is written in one transaction: an interrupted run
    leaves nothing. Raises DemonstrationRefused unless the database is empty.
    """
    engine = make_engine(settings.database)
    upgrade(engine)
    day = today(settings)
    random = np.random.default_rng(seed)
    with session_factory(engine)() as db:
        if db.scalar(select(func.count()).select_from(Log)) or _has_accounts(db):
            raise DemonstrationRefused(
                "The database is not empty. Made-up data is only put into an empty one: "
                "choose another DATA_DIR or DATABASE_URL."
            )
        put_agreement_in_force(db)
        landlords = make_people(db, random)
        _alerts(db, day)
        progress("Made 150 institutions with their people and schemes")
        places = Places()
        made = 0
        started = time.monotonic()
        for collection, year, count in plan(logs, day):
            if collection == "lettings" and year == LAST_YEAR:
                for derived, replaced in _usual(db, year):
                    progress(f"Derived {replaced.rows:,} ranges from {derived.homes:,} homes")
            ranges = current_ranges(db, collection) if year == LAST_YEAR else NO_RANGES
            while count > 0:
                size = min(count, CHUNK)
                rows = _rows(random, collection, year, size, day, places, landlords, ranges)
                bulk_insert(db, rows)
                count -= size
                made += size
            progress(
                f"Made {made:,} of {logs:,} logs ({collection} {year}, "
                f"{time.monotonic() - started:.0f} s)"
            )
        db.commit()
    engine.dispose()
    return made


def _usual(db: Session, year: int) -> list[tuple[Derived, Replaced]]:
    """Usual rents and prices of a year, from the logs of the one before."""
    try:
        return derive_ranges(db, year - 1, year)
    except NothingToDerive:
        return []


def _has_accounts(db: Session) -> bool:
    return bool(db.scalar(select(func.count()).select_from(Account)))


def plan(logs: int, day: date) -> list[tuple[str, int, int]]:
    """How many logs of each collection and year, in proportion to the published numbers."""
    weights = {}
    for year in YEARS:
        elapsed = (min(day, date(year + 1, 4, 1)) - date(year, 4, 1)).days / 365
        if elapsed > 0:
            weights["lettings", year] = FULL_YEAR["lettings"][year] * elapsed  # type: ignore[index]
            weights["sales", year] = FULL_YEAR["sales"] * elapsed  # type: ignore[operator]
    total = sum(weights.values())
    found = [(name, year, int(logs * weight / total)) for (name, year), weight in weights.items()]
    name, year, count = found[0]
    found[0] = (name, year, count + logs - sum(part[2] for part in found))
    return found


def _rows(
    random: Random,
    collection: str,
    year: int,
    size: int,
    day: date,
    places: Places,
    landlords: Landlords,
    ranges: Ranges,
) -> list[dict[str, Any]]:
    at, postcodes = places.draw(random, size)
    areas = places.codes[at]
    regions = places.regions[at]
    council_share = 0.28 * len(local_authorities()) / max(len(landlords.councils), 1)
    owners = []
    for area, region, draw in zip(areas, regions, random.random(size), strict=True):
        council = landlords.councils.get(str(area))
        choices = landlords.by_region[str(region)]
        if council is not None and draw < min(council_share, 0.85):
            owners.append(council)
        else:
            owners.append(choices[int(draw * 1e9) % len(choices)])
    councils = set(landlords.councils.values())
    is_council = np.array([owner in councils for owner in owners])
    start = date(year, 4, 1)
    length = (min(day, date(year + 1, 4, 1)) - start).days
    dates = [start + timedelta(days=int(n)) for n in random.integers(0, max(length, 1), size)]
    if collection == "lettings":
        answers = lettings(random, year, is_council, list(regions))
    else:
        answers = sales(random, year, list(regions))
    statuses = random.choice(list(STATUSES), size, p=list(STATUSES.values()))
    # The institution that the demonstration's people belong to always has some of each.
    own = [n for n, owner in enumerate(owners) if owner == 1]
    for n, status in zip(own, ("invalid", "saved", "valid"), strict=False):
        statuses[n] = status
    names = list(answers)
    event = EVENT_DATES[collection]
    numbers = random.integers(1, 10**7, size)
    logs = []
    for n, values in enumerate(zip(*answers.values(), strict=True)):
        given = {
            name: value for name, value in zip(names, values, strict=True) if value is not None
        }
        given |= {
            event: dates[n].isoformat(),
            "postcode_full": postcodes[n],
            "la": str(areas[n]),
            "owning_organisation_id": owners[n],
            "managing_organisation_id": owners[n],
            "assigned_to_id": landlords.providers[owners[n]],
            REFERENCES[collection][0]: f"T{numbers[n]}",
            "propcode": f"P{numbers[n] % 99991}",
        }
        if given.get("needstype") == 2 and owners[n] in landlords.schemes:
            given["scheme_id"] = landlords.schemes[owners[n]][numbers[n] % 2]
        logs.append(given)
    context = context_frame(landlords.context[owner] for owner in owners)
    checked = complete(random, collection, year, logs, context, day, ranges)
    for n, status in enumerate(statuses):
        if status == "invalid":
            logs[n].pop("ecstat1" if collection == "lettings" else "beds", None)
    spoilt = [n for n, status in enumerate(statuses) if status == "invalid"]
    if spoilt:
        frame = pd.DataFrame([logs[n] for n in spoilt], dtype=object)
        again = check_logs(
            collection,
            year,
            frame,
            context.iloc[spoilt].reset_index(drop=True),
            min(day, date(year + 1, 3, 31)),
            ranges=ranges,
        )
        for n, found in zip(spoilt, again, strict=True):
            checked[n] = found
    rows = []
    for n, found in enumerate(checked):
        findings = [_confirmed(finding) for finding in found.findings]
        found.answers.update({f["confirm_field"]: 0 for f in findings if f.get("confirm_field")})
        status = str(statuses[n])
        if status in ("valid", "invalid"):
            status = verdict(findings)
        given, kept = found.answers, findings
        if status == "saved":
            kept = []
            given = {name: value for name, value in given.items() if name not in _NOT_YET}
        instant = datetime(dates[n].year, dates[n].month, dates[n].day, 12, tzinfo=UTC)
        rows.append(
            {
                "collection": collection,
                "collection_year": periods_of(dates[n])[0].collection_year,
                "status": status,
                "created_by_id": landlords.providers[owners[n]],
                "version": 1,
                "creation_method": "demonstration",
                "created_at": instant,
                "updated_at": instant,
                "submitted_at": None if status == "saved" else instant,
                "answers": given,
                "entered": {},
                "findings": kept,
                **columns_of(collection, given),
                "log_type": log_type_of(collection, given.get("rent_type"), given.get("needstype")),
                "local_authority": str(areas[n]),
                "postcode": postcodes[n],
            }
        )
    return rows


# What somebody who has not finished a log has typically not come to yet.
_NOT_YET = frozenset(["brent", "tcharge", "wrent", "wtcharge", "value", "hb", "reason"])


def _confirmed(finding: dict[str, Any]) -> dict[str, Any]:
    """An unusual answer was confirmed when its log was submitted."""
    return {**finding, "confirmed": True} if finding["severity"] == SOFT else finding


def _alerts(db: Session, day: date) -> None:
    instant = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    db.add_all(
        [
            Alert(
                title="This is a demonstration",
                body="Every institution, person, log and figure here is made up.",
                starts_at=instant - timedelta(days=30),
            ),
            Alert(
                title="Quarter 3 deadline: 15 January 2027",
                body="Submit logs for lettings and sales from October to December 2026 by "
                "15 January 2027 (made up for the demonstration).",
                starts_at=instant - timedelta(days=7),
            ),
        ]
    )
