"""What rules need to know beside a log's own answers: its owner, manager and scheme."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data_access.institutions import Institution
from data_access.logs import Log
from data_access.schemes import Location


def context_row(
    owner: Institution | None, manager: Institution | None, locations: int = 0
) -> dict[str, Any]:
    """The context of one log. `locations` is how many its scheme has."""
    return {
        "owner_provider_type": owner.provider_type if owner else None,
        "owner_rent_periods": list(owner.rent_periods) if owner else None,
        "owner_local_authorities": list(owner.local_authorities) if owner else None,
        "manager_provider_type": manager.provider_type if manager else None,
        "manager_rent_periods": list(manager.rent_periods) if manager else None,
        "scheme_location_count": locations,
    }


def context_frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """The frame that goes to the checker beside the frame of answers, in the same order."""
    return pd.DataFrame(list(rows), dtype=object)


def context_of(db: Session, log: Log) -> pd.DataFrame:
    """The context of a stored log, as a frame of one row."""

    def institution(number: int | None) -> Institution | None:
        return db.get(Institution, number) if number is not None else None

    owner = institution(log.owning_institution_id)
    manager = institution(log.managing_institution_id)
    scheme = log.answers.get("scheme_id")
    locations = 0
    if isinstance(scheme, int):
        count = select(func.count()).select_from(Location).where(Location.scheme_id == scheme)
        locations = db.scalar(count) or 0
    return context_frame([context_row(owner, manager, locations)])
