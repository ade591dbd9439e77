"""What a page's fields hold, read: answers, texts that are none, and what follows from both."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from data_access.accounts import Actor
from data_access.logs import Log
from data_access.reference.local_authorities import current_code
from data_access.reference.postcodes import default_store
from data_access.schemes import Location, locations_of
from submission.addresses.facts import with_address, without_address
from submission.answers import Unreadable, clean, read_answer, whole_number
from submission.collection import Collection
from submission.columns import INSTITUTIONS, event_date
from submission.reach import (
    NotAllowed,
    possible_managers,
    possible_owners,
    possible_people,
    possible_schemes,
)

_FROM_LISTS = (*INSTITUTIONS, "scheme_id", "location_id")


def read_values(
    db: Session,
    account: Actor,
    log: Log,
    collection: Collection,
    values: Mapping[str, str],
    day: date,
) -> tuple[dict[str, Any], dict[str, str]]:
    """Answers by variable (None clears), and texts that are no answers.

    Raises NotAllowed for an institution, person or scheme that may not be chosen.
    """
    read: dict[str, Any] = {}
    unreadable: dict[str, str] = {}
    for name, raw in values.items():
        variable = collection.variables.get(name)
        if variable is None and name not in _KEPT:
            continue
        text = clean(raw)
        read[name] = None
        if not text:
            continue
        if variable is None:
            read[name] = _KEPT[name](text)
            continue
        answer = read_answer(collection, variable, text)
        if isinstance(answer, Unreadable):
            unreadable[name] = raw
        else:
            read[name] = answer
    for name in _FROM_LISTS:
        if read.get(name) is not None and read[name] != log.answers.get(name):
            _refuse_out_of_reach(db, account, log, name, read, day)
    return read, unreadable


def with_places(
    db: Session, answers: Mapping[str, Any], changed: Mapping[str, Any]
) -> dict[str, Any]:
    """The answers with what follows from a UPRN, postcode or scheme that was changed.

    The address comes from the UPRN where it can be looked up, and the local authority from the
    postcode where it is known; a scheme with one location has its location chosen, and a location
    of another scheme is taken back.
    """
    found = dict(answers)
    if "uprn" in changed or changed.get("uprn_confirmed") == 0:
        is_wrong = changed.get("uprn_confirmed") == 0
        found = without_address(found) if is_wrong else with_address(found)
        if found.get("postcode_full") != answers.get("postcode_full"):
            changed = {**changed, "postcode_full": found.get("postcode_full")}
    for postcode, authority, inferred in _POSTCODES:
        if postcode not in changed:
            continue
        place = default_store().look_up(str(changed[postcode])) if changed[postcode] else None
        code = current_code(place.local_authority) if place else None
        if code is not None:
            found[authority] = code
        elif found.get(inferred) and authority not in changed:
            found.pop(authority, None)
        found[inferred] = code is not None
    if "scheme_id" in changed:
        locations = [place.id for place in locations_of(db, found.get("scheme_id") or 0)]
        if len(locations) == 1:
            found["location_id"] = locations[0]
        elif found.get("location_id") not in locations:
            found.pop("location_id", None)
    if "scheme_id" in changed or "location_id" in changed:
        location = db.get(Location, found.get("location_id") or 0)
        if location is not None and location.local_authority:
            found |= {"la": location.local_authority, "is_la_inferred": True}
    return found


_POSTCODES = (
    ("postcode_full", "la", "is_la_inferred"),
    ("ppostcode_full", "prevloc", "is_previous_la_inferred"),
)


def _truth(text: str) -> bool | None:
    return {"1": True, "true": True, "0": False, "false": False}.get(text.lower())


# Values that pages set without a question of their own.
_KEPT = {
    "manual_address_entry_selected": _truth,
    "postcode_known": whole_number,
    "pcodenk": whole_number,
}


def _refuse_out_of_reach(
    db: Session, account: Actor, log: Log, name: str, read: Mapping[str, Any], day: date
) -> None:
    """An owner, manager, person or scheme comes from a list; another identifier was never on it.

    Relations count that are in force on the day of the letting or sale, while there is none today.
    """
    answers = {**log.answers, **{key: value for key, value in read.items() if value is not None}}
    owner, manager = answers.get("owning_organisation_id"), answers.get("managing_organisation_id")
    on = event_date(log.collection, answers) or day
    allowed: set[int] = set()
    if name == "owning_organisation_id":
        allowed = {found.id for found in possible_owners(db, account, on)}
    elif name == "managing_organisation_id" and isinstance(owner, int):
        allowed = {found.id for found in possible_managers(db, account, owner, on)}
    elif name == "scheme_id" and isinstance(owner, int):
        allowed = {found.id for found in possible_schemes(db, {owner})}
    elif name == "location_id":
        allowed = {found.id for found in locations_of(db, answers.get("scheme_id") or 0)}
    elif name == "assigned_to_id":
        within = {number for number in (owner, manager) if isinstance(number, int)}
        allowed = {found.id for found in possible_people(db, within)}
    if read[name] not in allowed:
        raise NotAllowed("This institution, person or scheme is not one that you may choose here.")
