"""What rules know of a scheme and its locations, on the day of a letting and today."""

from datetime import date, timedelta
from typing import Any

from data_access.scheme_states import (
    NOT_IN_USE,
    SchemeRecord,
    has_location_in_use_on,
    location_is_complete,
    location_state_on,
    scheme_state_on,
)
from data_access.schemes import Location
from submission.authorities import code_in_year

# A location that opens within so many days can be chosen already: a letting may start then.
DAYS_AHEAD = timedelta(days=14)


def scheme_facts(record: SchemeRecord, start: date | None, today: date) -> dict[str, Any]:
    """Facts of a scheme; those of the day of the letting are NULL while there is no such day."""
    selectable = selectable_locations(record, today)
    found: dict[str, Any] = {
        "owning_organisation_id": record.scheme.owner_id,
        "location_count": len(record.locations),
        "complete_location_count": sum(map(location_is_complete, record.locations)),
        "selectable_location_count": len(selectable),
        "only_selectable_location_id": selectable[0].id if len(selectable) == 1 else None,
        "total_units": sum(place.units or 0 for place in record.locations),
        "status_today": scheme_state_on(record, today),
    }
    if start is not None:
        found["status_on_start"] = scheme_state_on(record, start)
        found["location_in_use_on_start"] = has_location_in_use_on(record, start)
    return found


def selectable_locations(record: SchemeRecord, day: date) -> list[Location]:
    """Locations that are fully described and can be let on a day or soon after it."""
    return [
        place
        for place in record.locations
        if location_is_complete(place)
        and any(
            location_state_on(record, place, on) not in NOT_IN_USE for on in (day, day + DAYS_AHEAD)
        )
    ]


def location_facts(
    record: SchemeRecord, location: Location, start: date | None, today: date, year: int
) -> dict[str, Any]:
    """Facts of a location of a scheme, for a log of a collection year."""
    unit = location.type_of_unit
    found: dict[str, Any] = {
        "postcode": location.postcode,
        "mobility_type": location.mobility_type,
        "type_of_unit": int(unit) if unit is not None and unit.isdecimal() else None,
        "la_for_year": code_in_year(location.local_authority, year),
        "status_today": location_state_on(record, location, today),
    }
    if start is not None:
        found["status_on_start"] = location_state_on(record, location, start)
    return found
