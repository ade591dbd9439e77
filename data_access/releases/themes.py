"""Themes: which ready-made tables a question stands in.

Sections of the questionnaire are written for those who fill it in. A reader looks for tenants,
rents or homelessness, so sections, and some questions that their section would misplace, are
given a theme here.
"""

from collections.abc import Sequence

from data_access.questions import TabulatedQuestion
from data_access.reference.log_types import LOG_TYPES

OTHER = "other-figures"
# In the order of the lists on screen and of the workbooks.
THEMES = {
    "tenants": "Tenants",
    "tenancies": "Tenancies",
    "rents": "Rents and charges",
    "homelessness": "Homelessness and previous homes",
    "affordability": "Income and benefits",
    "properties": "Homes",
    "sales": "Sales, prices and deposits",
    "buyers": "Buyers",
    OTHER: "Other figures",
}
_OF_SECTION = {
    "lettings": {
        "Setup": "tenancies",
        "Property": "properties",
        "Tenancy": "tenancies",
        "Household members": "tenants",
        "Household needs": "tenants",
        "Household": "tenants",
        "Household situation before the letting": "homelessness",
        "Income, benefits, rent and charges": "affordability",
        "Rent": "rents",
    },
    "sales": {
        "Setup": "sales",
        "Property": "properties",
        "Household members": "buyers",
        "Household": "buyers",
        "Household situation before the sale": "buyers",
        "Armed forces and disability": "buyers",
        "Income, benefits and savings": "affordability",
        "Shared ownership: initial purchase": "sales",
        "Shared ownership: staircasing": "sales",
        "Discounted ownership sale": "sales",
        "Outright sale": "sales",
    },
}
_OF_QUESTION = {
    "rent_type": "rents",
    "period": "rents",
    "wrent": "rents",
    "wscharge": "rents",
    "wpschrge": "rents",
    "wsupchrg": "rents",
    "wtcharge": "rents",
    "homeless": "homelessness",
    "new_old": "homelessness",
    "hhtype": "tenants",
    "totchild": "tenants",
    "totelder": "tenants",
    "wchchrg": "rents",
    "wtshortfall": "affordability",
    "vacdays": "properties",
    "sale_hhtype": "buyers",
    "sale_hhmemb": "buyers",
    "sale_totchild": "buyers",
    "sale_lanomagr": "sales",
}


def collections_of(question: TabulatedQuestion) -> tuple[str, ...]:
    """The collections that ask a question, by its log types."""
    return tuple(dict.fromkeys(LOG_TYPES[slug].collection for slug in question.log_types))


def theme_of(question: TabulatedQuestion) -> str:
    """The slug of a question's theme; OTHER where neither its name nor its section has one."""
    by_section = _OF_SECTION[collections_of(question)[0]].get(question.section, OTHER)
    return _OF_QUESTION.get(question.name, by_section)


def themes_of(questions: Sequence[TabulatedQuestion]) -> list[tuple[str, str]]:
    """Collections and themes that have questions, in the order of both."""
    found = {
        (collection, theme_of(question))
        for question in questions
        for collection in collections_of(question)
    }
    order = list(THEMES)
    return sorted(found, key=lambda pair: (pair[0], order.index(pair[1])))
