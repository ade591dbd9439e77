"""What the codes of management groups, schemes and locations mean.

Source: the codes of the present-day service, so that its files can be read; the arrangement types
are those of its support services.
"""

from collections.abc import Mapping

ARRANGEMENT_TYPES = {
    "D": "The same organisation that owns the housing stock",
    "R": "Another registered stock owner",
    "V": "A registered charity or voluntary organisation",
    "O": "Another organisation",
}
SCHEME_TYPES = {
    "5": "Direct access hostel",
    "4": "Foyer",
    "7": "Housing for older people",
    "6": "Other supported housing",
}
REGISTERED_CARE = {
    "1": "No",
    "2": "Yes, part registered as a care home",
    "3": "Yes, providing personal care",
    "4": "Yes, providing nursing care",
}
CLIENT_GROUPS = {
    "O": "Homeless families with support needs",
    "H": "Offenders and people at risk of offending",
    "M": "Older people with support needs",
    "L": "People at risk of domestic violence",
    "A": "People with a physical or sensory disability",
    "G": "People with alcohol problems",
    "F": "People with drug problems",
    "B": "People with HIV or AIDS",
    "D": "People with learning disabilities",
    "E": "People with mental health problems",
    "I": "Refugees (permanent)",
    "S": "Rough sleepers",
    "N": "Single homeless people with support needs",
    "R": "Teenage parents",
    "Q": "Young people at risk",
    "P": "Young people leaving care",
}
SUPPORT_TYPES = {
    "2": "Low level",
    "3": "Medium level",
    "4": "High level",
    "5": "Nursing care services to tenants",
    "6": "Floating support",
}
INTENDED_STAYS = {"V": "Very short stay", "S": "Short stay", "M": "Medium stay", "P": "Permanent"}
UNIT_TYPES = {
    "6": "Bungalow",
    "1": "Self-contained flat or bedsit",
    "2": "Self-contained flat or bedsit with common facilities",
    "7": "Self-contained house",
    "3": "Shared flat",
    "4": "Shared house or hostel",
}
MOBILITY_TYPES = {
    "W": "Wheelchair-user standard",
    "A": "Fitted with equipment and adaptations",
    "N": "None",
}
YES_OR_NO = {"yes": "Yes", "no": "No"}

# The coded columns of the three models.
GROUP_CODES: Mapping[str, Mapping[str, str]] = {"arrangement_type": ARRANGEMENT_TYPES}
SCHEME_CODES: Mapping[str, Mapping[str, str]] = {
    "scheme_type": SCHEME_TYPES,
    "registered_care": REGISTERED_CARE,
    "client_group": CLIENT_GROUPS,
    "secondary_client_group": CLIENT_GROUPS,
    "support_type": SUPPORT_TYPES,
    "intended_stay": INTENDED_STAYS,
}
LOCATION_CODES: Mapping[str, Mapping[str, str]] = {
    "type_of_unit": UNIT_TYPES,
    "mobility_type": MOBILITY_TYPES,
}


def code_of(codes: Mapping[str, str], text: str) -> str | None:
    """The code that somebody means by a code or its words, in any letter case; None for neither."""
    wanted = text.strip().casefold()
    for code, words in codes.items():
        if wanted in (code.casefold(), words.casefold()):
            return code
    return None
