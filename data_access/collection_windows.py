"""The dates of collection years that an administrator set in place of those we come with."""

from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Integer, String, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from data_access import audit
from data_access.clock import now
from data_access.database import Base, Instant


class CollectionWindow(Base):
    """One collection and year. `new_until` and `edit_until` are the first days no longer open."""

    __tablename__ = "collection_windows"

    collection: Mapped[str] = mapped_column(String(10), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    opens: Mapped[date] = mapped_column(Date)
    quarter1: Mapped[date | None] = mapped_column(Date)
    quarter2: Mapped[date | None] = mapped_column(Date)
    quarter3: Mapped[date | None] = mapped_column(Date)
    deadline: Mapped[date] = mapped_column(Date)
    new_until: Mapped[date] = mapped_column(Date)
    edit_until: Mapped[date] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer, default=1)
    changed_at: Mapped[datetime] = mapped_column(Instant, default=now)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))


@dataclass(frozen=True)
class WindowDates:
    """The dates of one collection year, in the order in which they come.

    The deadlines of quarters 1 to 3 are None when none was set; `deadline` is quarter 4's and the
    year's. Deadlines block nothing.
    """

    opens: date
    quarter1: date | None
    quarter2: date | None
    quarter3: date | None
    deadline: date
    new_until: date
    edit_until: date

    def as_json(self) -> dict[str, str | None]:
        """Dates as ISO text by name."""
        values = {part.name: getattr(self, part.name) for part in fields(self)}
        return {name: day.isoformat() if day else None for name, day in values.items()}


@dataclass(frozen=True)
class StoredWindow:
    """Stored dates and how often they were saved; a form hands the version back."""

    dates: WindowDates
    version: int


@dataclass(frozen=True)
class Change:
    """One change of a collection year's dates: who, when, and from what to what."""

    at: datetime
    account_id: int | None
    before: dict[str, str | None]
    after: dict[str, str | None]


class WindowConflict(Exception):
    """Somebody else changed these dates since they were opened."""


def stored_windows(db: Session) -> dict[tuple[str, int], StoredWindow]:
    """Every stored row by collection and year. There are two a year at most."""
    names = [part.name for part in fields(WindowDates)]
    return {
        (row.collection, row.year): StoredWindow(
            WindowDates(**{name: getattr(row, name) for name in names}), row.version
        )
        for row in db.scalars(select(CollectionWindow).execution_options(populate_existing=True))
    }


def save_window(
    db: Session,
    collection: str,
    year: int,
    before: WindowDates,
    after: WindowDates,
    expected_version: int,
    account_id: int | None,
) -> None:
    """Stores dates and an audit event with `before` and `after`, in the caller's transaction.

    `expected_version` is that of the row when it was read, 0 when there was none. Raises
    WindowConflict, having written nothing, when the row has another version by now.
    """
    values = {part.name: getattr(after, part.name) for part in fields(WindowDates)}
    values |= {"changed_at": now(), "changed_by_id": account_id, "version": expected_version + 1}
    if expected_version == 0:
        db.add(CollectionWindow(collection=collection, year=year, **values))
        try:
            db.flush()
        except IntegrityError as taken:
            db.rollback()
            raise WindowConflict from taken
    else:
        written = db.execute(
            update(CollectionWindow)
            .where(
                CollectionWindow.collection == collection,
                CollectionWindow.year == year,
                CollectionWindow.version == expected_version,
            )
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        if getattr(written, "rowcount", 0) != 1:
            db.rollback()
            raise WindowConflict
    detail = {"before": before.as_json(), "after": after.as_json()}
    audit.record(db, account_id, "window changed", _subject(collection, year), detail)


def changes(db: Session, collection: str, year: int) -> list[Change]:
    """Changes of a collection year's dates, newest first."""
    return [
        Change(event.at, event.account_id, event.detail["before"], event.detail["after"])
        for event in reversed(audit.history(db, _subject(collection, year)))
    ]


def _subject(collection: str, year: int) -> tuple[str, int]:
    return f"{collection}_window", year
