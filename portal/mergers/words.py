"""What a merger moves, in words."""

from collections.abc import Mapping

_LABELS = {
    "users": "Users",
    "memberships": "Further institutions that users work for",
    "managed": "Entries on lists of managed providers",
    "rent_periods": "Rent periods that are added",
    "local_authorities": "Local authority areas that are added",
    "relations_ending": "Relations with owners and managers that end",
    "relations_beginning": "Relations with owners and managers that begin",
    "groups": "Management groups",
    "schemes": "Approved schemes that go on under a new code",
    "locations": "Locations of these schemes",
    "not_approved": "Schemes that are not approved yet",
    "logs_open": "Saved and invalid logs that move",
    "logs_valid": "Valid logs of the day of the merger or later that move",
    "logs_staying": "Logs of earlier days that stay with the absorbed institutions",
    "uploads": "Uploads",
}


def counts_in_words(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Labels and numbers, in the order of a reader's interest."""
    return [(label, int(counts.get(name, 0))) for name, label in _LABELS.items()]
