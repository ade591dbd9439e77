"""The registry that another program sends with what it wants checked."""

from collections.abc import Mapping
from typing import Any

from submission.relations import Period
from submission.uploads.registry import Known, Registry, plain_code, scheme_code


def registry_of_context(context: Mapping[str, Any]) -> Registry:
    """The registry that another program sends; see docs/checking-from-outside.md."""
    given = context.get("registry")
    registry = Registry()
    if given is None:
        return registry
    if "institutions" in given:
        registry.institutions = {
            plain_code(row["code"]): Known(
                row.get("id", row["code"]),
                {_FACT_NAMES.get(key, key): value for key, value in row.items()},
            )
            for row in given["institutions"] or ()
        }
    if "relationships" in given:
        registry.managers = {
            (plain_code(row["stock_owner"]), plain_code(row["managing_agent"])): [Period()]
            for row in given["relationships"] or ()
        }
    if "users" in given:
        registry.people = {
            str(row["email"]).strip().lower(): Known(
                row.get("id", row["email"]),
                {"absorbed_organisation_ids": row.get("absorbed_organisation_ids")},
                _codes(row.get("organisation"), row.get("absorbed_organisation_ids")),
            )
            for row in given["users"] or ()
        }
    if "schemes" in given:
        registry.schemes = {}
        for row in given["schemes"] or ():
            code = scheme_code(row["code"])
            places = row.get("locations") or []
            facts = {key: value for key, value in row.items() if key not in ("locations", "code")}
            # An owner is named by code in a registry and by identifier in a log.
            facts.pop("owning_organisation", None)
            facts.setdefault("location_count", len(places))
            facts.setdefault("selectable_location_count", len(places))
            registry.schemes[code] = Known(
                row.get("id", row["code"]), facts, _codes(row.get("owning_organisation"))
            )
            for place in places:
                registry.locations[code, plain_code(place["code"])] = Known(
                    place.get("id", place["code"]), _location_facts(place)
                )
    return registry


def _codes(own: Any, absorbed: Any = None) -> tuple[str, ...]:
    """The codes that somebody or something belongs to; none when its institution is not said."""
    return tuple(map(str, (own, *(absorbed or ())))) if own else ()


_FACT_NAMES = {"data_sharing_agreement_signed": "data_protection_confirmed"}


def _location_facts(place: Mapping[str, Any]) -> dict[str, Any]:
    facts = dict(place)
    if "la" in facts:
        facts["la_for_year"] = facts.pop("la")
    return facts
