"""Which service of addresses this deployment has: the setting ADDRESS_SERVICE says."""

from functools import lru_cache

from data_access.settings import get_settings
from submission.addresses.os_places import OrdnanceSurveyPlaces
from submission.addresses.service import AddressService, NoAddressService


def address_service() -> AddressService:
    """The service that the settings of this process name, with what it remembers."""
    settings = get_settings()
    return _service(
        settings.address_service,
        settings.os_places_url,
        settings.os_places_key.get_secret_value().strip(),
    )


# Settings hold for the life of a process; only tests change them.
@lru_cache(maxsize=1)
def _service(name: str, url: str, key: str) -> AddressService:
    return OrdnanceSurveyPlaces(url, key) if name == "os-places" else NoAddressService()
