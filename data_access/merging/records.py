"""The absorbing institution's own record: figures added up, areas and rent periods united."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from data_access.institution_names import InstitutionName
from data_access.institutions import Institution

_FIGURES = ("general_needs_stock", "supported_stock", "unspecified_stock")
_EITHER = ("holds_stock", "owns_affordable_rent", "owns_almshouses")
_UNITED = ("rent_periods", "local_authorities")


def institutions_of(db: Session, numbers: Sequence[int]) -> list[Institution]:
    """The institutions of these identifiers, by name."""
    query = select(Institution).where(Institution.id.in_(numbers))
    return list(db.scalars(query.order_by(Institution.name)))


def changed_record(absorbing: Institution | None, merging: Iterable[Institution]) -> dict[str, Any]:
    """The fields of the absorbing institution after the merger, those that change.

    A figure that is known of none stays unknown. `absorbing` is None for one still to be made.
    """
    listed = list(merging)
    after: dict[str, Any] = {}
    for name in _FIGURES:
        known = [
            figure
            for institution in (absorbing, *listed)
            if institution is not None and (figure := getattr(institution, name)) is not None
        ]
        after[name] = sum(known) if known else None
    for name in _EITHER:
        after[name] = any(getattr(i, name) for i in (absorbing, *listed) if i is not None)
    for name in _UNITED:
        own = list(getattr(absorbing, name)) if absorbing is not None else []
        added = {value for institution in listed for value in getattr(institution, name)}
        after[name] = own + sorted(added - set(own))
    before = {name: getattr(absorbing, name, None) for name in after}
    return {name: value for name, value in after.items() if value != before[name]}


def added_to_lists(absorbing: Institution | None, merging: Iterable[Institution]) -> dict[str, int]:
    """How many rent periods and local authorities the absorbing institution gains."""
    after = changed_record(absorbing, merging)
    return {
        name: len(after[name]) - len(getattr(absorbing, name, None) or []) if name in after else 0
        for name in _UNITED
    }


def cancel_coming_names(db: Session, numbers: Sequence[int]) -> None:
    """Takes back names that absorbed institutions were still to get: they keep the last one."""
    db.execute(
        delete(InstitutionName).where(
            InstitutionName.institution_id.in_(numbers), InstitutionName.applied.is_(False)
        )
    )
