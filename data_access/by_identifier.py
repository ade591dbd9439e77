"""Things a page at a time by their identifiers, for programs that read them all."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session, defer


def after(
    db: Session,
    model: Any,
    conditions: Iterable[ColumnElement[bool]],
    identifier: int,
    limit: int,
    without: Iterable[InstrumentedAttribute[Any]] = (),
) -> tuple[list[Any], int | None]:
    """The next things after an identifier, and the one to go on after; None at the end.

    Whatever is added or taken away meanwhile, nothing comes twice and nothing is left out.
    `without`: columns that are too large to be read for a list.
    """
    query = (
        select(model)
        .where(model.id > identifier, *conditions)
        .options(*(defer(column, raiseload=True) for column in without))
        .order_by(model.id)
        .limit(limit + 1)
    )
    found = list(db.scalars(query))
    more = len(found) > limit
    return found[:limit], found[limit - 1].id if more else None
