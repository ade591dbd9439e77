"""In which state a scheme or location is on a day, as the collection's notes have it."""

from datetime import date, timedelta

import pytest

from data_access.institutions import Institution
from data_access.scheme_states import (
    SchemeRecord,
    has_location_in_use_on,
    location_state_on,
    scheme_state_on,
)
from data_access.schemes import APPROVED, Location, Scheme, SchemePause

DAY = date(2026, 6, 1)
BEFORE, AFTER = DAY - timedelta(1), DAY + timedelta(1)


def _place(number: int = 1, **more: object) -> Location:
    described = {
        "postcode": "NW1 1AA",
        "local_authority": "E09000007",
        "units": 8,
        "type_of_unit": "1",
        "mobility_type": "N",
    }
    return Location(id=number, scheme_id=1, **{**described, **more})


def _record(
    *pauses: SchemePause,
    places: tuple[Location, ...] = (_place(),),
    owner: dict[str, object] | None = None,
    **more: object,
) -> SchemeRecord:
    described = {
        "name": "Alder House",
        "scheme_type": "6",
        "registered_care": "1",
        "client_group": "A",
        "support_type": "3",
        "intended_stay": "M",
        "status": APPROVED,
    }
    return SchemeRecord(
        Scheme(id=1, owner_id=1, group_id=1, **{**described, **more}),
        Institution(id=1, name="Owner", provider_type="PRP", **{"active": True, **(owner or {})}),
        places,
        pauses,
    )


def _pause(first: date, last: date | None = None, location: int | None = None) -> SchemePause:
    return SchemePause(scheme_id=1, location_id=location, starts_on=first, ends_on=last)


@pytest.mark.parametrize(
    ("record", "state"),
    [
        (_record(), "active"),
        (_record(client_group=None), "incomplete"),
        (_record(places=(_place(mobility_type=None),)), "incomplete"),
        (_record(places=(_place(mobility_type=None), _place(2))), "active"),
        (_record(_pause(DAY)), "deactivated"),
        (_record(_pause(AFTER)), "deactivating_soon"),
        (_record(_pause(DAY, AFTER)), "reactivating_soon"),
        (_record(_pause(BEFORE, DAY)), "active"),
        (_record(_pause(DAY), client_group=None), "deactivated"),
        (_record(_pause(DAY, location=1)), "active"),
        (_record(owner={"active": False}), "deactivated"),
        (_record(owner={"active": False, "merged_on": DAY}), "active"),
        (_record(owner={"active": False, "merged_on": BEFORE}), "deactivated"),
    ],
)
def test_the_state_of_a_scheme(record: SchemeRecord, state: str) -> None:
    assert scheme_state_on(record, DAY) == state


@pytest.mark.parametrize(
    ("record", "state", "in_use"),
    [
        (_record(), "active", True),
        (_record(places=(_place(units=None),)), "incomplete", False),
        (_record(places=(_place(available_from=AFTER),)), "activating_soon", False),
        (_record(places=(_place(available_from=DAY),)), "active", True),
        (_record(_pause(DAY)), "deactivated", False),
        (_record(_pause(DAY, location=1)), "deactivated", False),
        (_record(_pause(AFTER, location=1)), "deactivating_soon", True),
        (_record(_pause(AFTER)), "deactivating_soon", True),
        (_record(_pause(DAY, AFTER)), "reactivating_soon", False),
        # A pause of a location alone that ends again does not count for the scheme.
        (_record(_pause(DAY, AFTER, location=1)), "reactivating_soon", True),
        # The day of a merger counts for the second and not for the first.
        (_record(owner={"active": False, "merged_on": DAY}), "active", False),
    ],
)
def test_the_state_of_a_location_and_whether_the_scheme_has_one_in_use(
    record: SchemeRecord, state: str, in_use: bool
) -> None:
    assert location_state_on(record, record.locations[0], DAY) == state
    assert has_location_in_use_on(record, DAY) is in_use
