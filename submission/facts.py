"""What rules and derivations may know beside a log's own answers, one typed column each.

A fact that is not given is NULL: unknown. Rules that need it then do not fire.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from data_access.reference.periods import collection_year_of
from submission.windows import window

_INSTITUTION = {
    "provider_type": "VARCHAR",
    "merge_date": "DATE",
    "absorbing_organisation_id": "VARCHAR",
    "has_absorbed_organisations": "BOOLEAN",
    "available_from": "DATE",
    "data_protection_confirmed": "BOOLEAN",
    "holds_own_stock": "BOOLEAN",
    "rent_periods": "INTEGER[]",
    "local_authorities": "VARCHAR[]",
    "managing_agent_count": "INTEGER",
}
# The home's, the previous home's, the location's, and that of the address found by its UPRN.
DIRECTORY_POSTCODES = 4
_GROUPS: Mapping[str, Mapping[str, str]] = {
    "owning_organisation": _INSTITUTION,
    "managing_organisation": _INSTITUTION,
    "saved_owning_organisation": {"provider_type": "VARCHAR"},
    "assigned_to": {"organisation_id": "VARCHAR", "absorbed_organisation_ids": "VARCHAR[]"},
    "acting_user": {
        "id": "VARCHAR",
        "is_support": "BOOLEAN",
        "organisation_id": "VARCHAR",
        "organisation_holds_own_stock": "BOOLEAN",
        "possible_owner_ids": "VARCHAR[]",
    },
    "scheme": {
        "owning_organisation_id": "VARCHAR",
        "location_count": "INTEGER",
        "complete_location_count": "INTEGER",
        "selectable_location_count": "INTEGER",
        "only_selectable_location_id": "VARCHAR",
        "total_units": "INTEGER",
        "status_today": "VARCHAR",
        "status_on_start": "VARCHAR",
        "location_in_use_on_start": "BOOLEAN",
    },
    "location": {
        "postcode": "VARCHAR",
        "mobility_type": "VARCHAR",
        "type_of_unit": "INTEGER",
        "la_for_year": "VARCHAR",
        "status_today": "VARCHAR",
        "status_on_start": "VARCHAR",
    },
    "open_dates": {"first_new_date": "DATE", "first_edit_date": "DATE", "last_date": "DATE"},
    "address_of_uprn": {
        "address_line1": "VARCHAR",
        "address_line2": "VARCHAR",
        "town_or_city": "VARCHAR",
        "postcode": "VARCHAR",
    },
    "best_address_match": {"uprn": "VARCHAR", "score": "DECIMAL(5, 4)"},
    # The postcodes of a row with the authority a directory gives each.
    "directory": {
        f"{part}{number}": "VARCHAR"
        for number in range(1, DIRECTORY_POSTCODES + 1)
        for part in ("postcode", "la")
    },
}
_SINGLE = {
    "today": "DATE",
    "unresolved": "BOOLEAN",
    "address_service": "BOOLEAN",
    "uploaded_address_to_match": "BOOLEAN",
    "owner_choice_needed": "BOOLEAN",
    "manager_choice_needed": "BOOLEAN",
    "assignee_choice_needed": "BOOLEAN",
    **{
        f"{name}_as_entered": "VARCHAR"
        for name in ("address_line1", "address_line2", "town_or_city", "county")
    },
    "postcode_full_as_entered": "VARCHAR",
    "la_as_entered": "VARCHAR",
}
FACTS: Mapping[str, str] = MappingProxyType(
    {
        **{
            f"{group}.{name}": kind
            for group, names in _GROUPS.items()
            for name, kind in names.items()
        },
        **_SINGLE,
    }
)
# Looked up once, between deriving and judging: what depends on the authority a log ends up with.
REFERENCES: Mapping[str, str] = MappingProxyType(
    {
        "local_authority.code": "VARCHAR",
        "local_authority.start_date": "DATE",
        "local_authority.end_date": "DATE",
        "local_authority.in_england": "BOOLEAN",
        **{
            f"rent_range.{name}": "DECIMAL(10, 2)"
            for name in ("soft_min", "soft_max", "hard_min", "hard_max")
        },
        **{f"sale_range.{name}": "DECIMAL(12, 2)" for name in ("soft_min", "soft_max")},
    }
)


def window_facts(collection: str, today: date) -> dict[str, date]:
    """The days on which a log's date may lie, seen from a day.

    Source: the collection's notes, section on windows. A date without a stored one before it is
    held against the window for new logs, any other against the one for changes. A year that an
    administrator lets open after 1 April takes no date until it does.
    """
    year = collection_year_of(today)
    before = window(collection, year - 1)
    last_year = year if today >= window(collection, year).opens else year - 1
    return {
        "open_dates.first_new_date": date(year - 1 if today < before.new_until else year, 4, 1),
        "open_dates.first_edit_date": date(year - 1 if today < before.edit_until else year, 4, 1),
        "open_dates.last_date": date(last_year + 1, 3, 31),
    }
