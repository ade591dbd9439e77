"""Records that two people may edit at once: a change is written over the version it was made of."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import DeclarativeBase, Session


class ChangedMeanwhile(Exception):
    """Somebody else saved this record since it was opened. `current` is the record as it is now."""

    def __init__(self, current: Any) -> None:
        super().__init__("Somebody else has changed this since you opened it.")
        self.current = current


def save_changes(
    db: Session, record: Any, expected_version: int, changes: Mapping[str, Any]
) -> dict[str, list[Any]]:
    """Writes columns of a record with a `version`, in the caller's transaction.

    Returns what really changed, by column: [before, after], as an audit event keeps it. Raises
    ChangedMeanwhile, having written nothing, when the stored version is not `expected_version`.
    """
    model: type[DeclarativeBase] = type(record)
    before = {name: getattr(record, name) for name in changes}
    differences = {
        name: [before[name], value] for name, value in changes.items() if before[name] != value
    }
    if record.version == expected_version and not differences:
        return {}
    written = db.execute(
        update(model)
        .where(model.id == record.id, model.version == expected_version)  # type: ignore[attr-defined]
        .values(**changes, version=expected_version + 1)
        .execution_options(synchronize_session=False)
    )
    if getattr(written, "rowcount", 0) != 1:
        db.rollback()
        db.refresh(record)
        raise ChangedMeanwhile(record)
    db.flush()
    db.refresh(record)
    return differences
