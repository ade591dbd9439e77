"""Which questions a log is asked, and which of them lack an answer, as SQL of the definition."""

import re
from collections.abc import Iterator

from submission.answer_types import IDENTIFIERS
from submission.collection import Collection, Placement
from submission.facts import DIRECTORY_POSTCODES

# Never emptied because a question is not asked: the collection's notes on answers that stop
# being asked.
NEVER_CLEARED = frozenset(
    [
        *("address_line1", "address_line2", "town_or_city", "county", "postcode_full", "la"),
        *("ppcodenk", "ppostcode_full", "previous_la_known", "prevloc", "location_id"),
        *("uprn_selection", "address_line1_input", "postcode_full_input"),
        *("referral_register", "referral_noms", "referral_org"),
    ]
)
_CONFIRMATION = re.compile(r"\w+_check$")
# A total that no one types: it lacks an answer only when its parts do.
_TOTALS = frozenset(["tcharge"])
# Conditions in words of the collection's documentation, as SQL over facts.
_SPELT = {
    "is_owner_la()": "(\"owning_organisation.provider_type\" IS NOT DISTINCT FROM 'LA')",
    "is_owner_prp()": "(\"owning_organisation.provider_type\" IS NOT DISTINCT FROM 'PRP')",
    "scheme_location_count()": 'COALESCE("scheme.selectable_location_count", 0)',
    "owner_choice_needed()": '"owner_choice_needed"',
    "manager_choice_needed()": '"manager_choice_needed"',
    "assignee_choice_needed()": '"assignee_choice_needed"',
    "today()": '"today"',
}


_DIRECTORY = re.compile(r"la_of_postcode\(([\w.]+), \w+\)")
_LOOKED_UP = (
    r"(CASE canonical_postcode(\1) "
    + " ".join(
        f'WHEN "directory.postcode{number}" THEN "directory.la{number}"'
        for number in range(1, DIRECTORY_POSTCODES + 1)
    )
    + " END)"
)


def spelt_out(expression: str) -> str:
    """An expression with the documentation's predicates written as SQL over columns."""
    for written, meant in _SPELT.items():
        expression = expression.replace(written, meant)
    return _DIRECTORY.sub(_LOOKED_UP, expression)


def is_confirmation(name: str) -> bool:
    """Whether the variable holds the confirmation of a soft check."""
    return bool(_CONFIRMATION.fullmatch(name))


def placements(collection: Collection) -> Iterator[tuple[str, Placement]]:
    """Every place of a question, by the page's slug; those of confirmations left out."""
    for page in collection.pages:
        for placement in page.placements:
            if not is_confirmation(placement.variable):
                yield page.slug, placement


def asked_if(collection: Collection, name: str) -> str:
    """When any page of the year asks the variable; "FALSE" when none does.

    The collection year is the form's own.
    """
    places = [p.asked_if or "TRUE" for _, p in placements(collection) if p.variable == name]
    if not places:
        return "FALSE"
    joined = " OR ".join(f"({place})" for place in dict.fromkeys(places))
    return re.sub(r"\bcollection_year\b", str(collection.year), joined)


def set_up_variables(collection: Collection) -> frozenset[str]:
    """The variables of the set-up section."""
    return frozenset(
        placement.variable
        for page in collection.pages
        if page.subsection == "setup"
        for placement in page.placements
    )


def set_up_complete(collection: Collection) -> str:
    """Whether the gate to the other sections is open: every question of set-up is answered."""
    tests = []
    for name in sorted(set_up_variables(collection)):
        variable = collection.variables[name]
        if variable.optional or name in ("scheme_id", "location_id") or is_confirmation(name):
            continue
        given = f'"{name}" IS NOT NULL'
        if variable.kind == "checkbox":
            given = f'COALESCE("{name}" = 1, FALSE)'
        if name in IDENTIFIERS:
            tests.append(given)
        else:
            tests.append(f"(NOT COALESCE({asked_if(collection, name)}, FALSE) OR {given})")
    return " AND ".join(tests)


def tick_groups(collection: Collection) -> dict[str, tuple[str, ...]]:
    """Boxes of one question by the page that shows them together."""
    groups: dict[str, list[str]] = {}
    for slug, placement in placements(collection):
        if collection.variables[placement.variable].kind == "checkbox":
            group = groups.setdefault(slug, [])
            if placement.variable not in group:
                group.append(placement.variable)
    return {slug: tuple(names) for slug, names in groups.items()}


def required(collection: Collection) -> Iterator[tuple[str, str]]:
    """Variables that must be answered, with the condition under which an answer is lacking.

    Of tick boxes shown together one must be ticked; the first stands for them.
    """
    for name, variable in collection.variables.items():
        if (
            variable.optional
            or variable.kind in ("derived", "checkbox")
            or is_confirmation(name)
            or name in _TOTALS
        ):
            continue
        test = f'COALESCE({asked_if(collection, name)}, FALSE) AND "{name}" IS NULL'
        if variable.optional_if:
            optional = re.sub(r"\bcollection_year\b", str(collection.year), variable.optional_if)
            test += f" AND NOT COALESCE({optional}, FALSE)"
        yield name, test
    for names in tick_groups(collection).values():
        if all(collection.variables[name].optional for name in names):
            continue
        asked = " OR ".join(f"({asked_if(collection, name)})" for name in names)
        ticked = " OR ".join(f'COALESCE("{name}" = 1, FALSE)' for name in names)
        yield names[0], f"COALESCE({asked}, FALSE) AND NOT ({ticked})"
