"""What a signed-in person finds in the menu."""

from data_access.accounts import Person
from portal.permissions import may

# Address, words, and the action that the page needs; a page without one is everybody's.
_ENTRIES = (
    ("/logs", "Logs", "log.view"),
    ("/uploads", "Uploads", "upload.send"),
    ("/organisation", "Own figures", "figures.view"),
    ("/schemes", "Schemes", "scheme.view"),
    ("/people", "People", "user.list"),
    ("/institutions", "Institutions", "institution.list"),
    ("/publishing", "Releases", "release.view"),
    ("/administration", "Administration", "administration.open"),
)
_OWN_INSTITUTION = ("/institution", "Your institution")


def menu(person: Person) -> list[tuple[str, str]]:
    """Addresses and words of the entries, in order."""
    found = [(address, words) for address, words, action in _ENTRIES if may(person, action)]
    if person.institution_id is not None:
        found.append(_OWN_INSTITUTION)
    return found
