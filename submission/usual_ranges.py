"""Usual rents and prices as the checker takes them."""

import threading

from sqlalchemy.orm import Session

from data_access.reference.ranges import ranges_version, rent_ranges, sale_ranges
from submission.checker import NO_RANGES, Ranges

_READ = {"lettings": rent_ranges, "sales": sale_ranges}
_kept: dict[str, Ranges] = {}
_keeping = threading.Lock()


def current_ranges(db: Session, collection: str) -> Ranges:
    """The stored ranges of a collection, read anew when they changed; empty when there are none."""
    version = ranges_version(db)
    if not version:
        return NO_RANGES
    with _keeping:
        kept = _kept.get(collection)
        if kept is None or kept.version != version:
            frame = _READ[collection](db)
            # All logs are held against one list; programs bring one for each request.
            kept = Ranges(version, frame.assign(list=0))
            # A table replaced between the two reads must not be kept under the version before it.
            if ranges_version(db) == version:
                _kept[collection] = kept
        return kept
