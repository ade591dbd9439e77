"""The seven log types that figures are published by."""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class LogType:
    """One log type: `slug` in addresses and files, `label` on screen."""

    slug: str
    label: str
    collection: str


_TYPES = (
    LogType("social-rent-general-needs", "Social rent: general needs", "lettings"),
    LogType("social-rent-supported-housing", "Social rent: supported housing", "lettings"),
    LogType("affordable-rent-general-needs", "Affordable rent: general needs", "lettings"),
    LogType("affordable-rent-supported-housing", "Affordable rent: supported housing", "lettings"),
    LogType(
        "rent-to-buy-general-needs",
        "Rent to buy and other intermediate rents: general needs",
        "lettings",
    ),
    LogType(
        "rent-to-buy-supported-housing",
        "Rent to buy and other intermediate rents: supported housing",
        "lettings",
    ),
    LogType("sales", "Sales", "sales"),
)
LOG_TYPES = MappingProxyType({log_type.slug: log_type for log_type in _TYPES})

# Codes of rent_type. Specified accommodation (6, from 2025) is let at social rents and has no log
# type of its own, so it is counted with social rent.
_TENURES = {
    0: "social-rent",
    1: "affordable-rent",
    2: "affordable-rent",
    3: "rent-to-buy",
    4: "rent-to-buy",
    5: "rent-to-buy",
    6: "social-rent",
}
_NEEDS = {1: "general-needs", 2: "supported-housing"}


def log_type_of(collection: str, rent_type: int | None, needstype: int | None) -> str | None:
    """The slug for a log's rent type and needs type; None while they do not decide it."""
    if collection == "sales":
        return "sales"
    tenure, needs = _TENURES.get(rent_type or 0), _NEEDS.get(needstype or 0)
    if rent_type is None or tenure is None or needs is None:
        return None
    return f"{tenure}-{needs}"
