"""Logs that are of the same letting or sale as another, among those a person may see."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from data_access.logs import Log, logs_with_codes
from submission.columns import REFERENCES, event_date
from submission.duplicates import key_of


def duplicates_of(
    db: Session, log: Log, answers: Mapping[str, Any], scope: ColumnElement[bool]
) -> list[int]:
    """Identifiers of the logs, not dropped, that say the same as this one where it matters.

    `answers` are the log's, derived values included. `scope` is what the person may see.
    """
    collection, year = log.collection, log.collection_year
    key, day = key_of(collection, year, answers), event_date(collection, answers)
    owner = answers.get("owning_organisation_id")
    if key is None or day is None or not isinstance(owner, int) or log.status == "dropped":
        return []
    code, _ = REFERENCES[collection]
    near = logs_with_codes(db, collection, year, [owner], [day], [answers.get(code)])
    same = [n for n, other in near if n != log.id and key_of(collection, year, other) == key]
    if not same:
        return []
    return list(db.scalars(select(Log.id).where(Log.id.in_(same), scope).order_by(Log.id)))
