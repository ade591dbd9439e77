"""Names of institutions: the one in use, former ones, and those that begin on a later day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, String, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from data_access.audit import record
from data_access.clock import now
from data_access.database import Base, Instant
from data_access.institutions import AlreadyTaken, Institution, lock
from data_access.versions import ChangedMeanwhile, save_changes


class InstitutionName(Base):
    """A name that an institution has from a day on (None: since ever).

    `applied` once it is, or was, the one in use. An institution that has had one name only has no
    row. Of two names from one day the later row holds.
    """

    __tablename__ = "institution_names"

    id: Mapped[int] = mapped_column(primary_key=True)
    institution_id: Mapped[int] = mapped_column(ForeignKey("institutions.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date | None] = mapped_column(Date)
    applied: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))


class NameRefused(Exception):
    """A name cannot be given, or taken back, in this way; the message says why. `field`: which."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Named:
    """A name and its time: from `first` (None: since ever) until the day before `until`."""

    institution_id: int
    name: str
    first: date | None
    until: date | None
    row: InstitutionName | None = None

    def overlaps(self, first: date, until: date | None) -> bool:
        """Whether it is in use on any day of another time."""
        return (self.until is None or self.until > first) and (
            until is None or self.first is None or self.first < until
        )


def _in_order(rows: Sequence[InstitutionName]) -> list[InstitutionName]:
    return sorted(rows, key=lambda row: (row.starts_on or date.min, row.id))


def _times(institution_id: int, name: str, rows: Sequence[InstitutionName]) -> list[Named]:
    """The names of one institution with their times; `name` is the one in use."""
    found = _in_order(rows)
    if not found:
        return [Named(institution_id, name, None, None)]
    ends = [row.starts_on for row in found[1:]] + [None]
    return [
        Named(institution_id, row.name, row.starts_on, end, row)
        for row, end in zip(found, ends, strict=True)
    ]


def _rows_of(db: Session, institution_id: int) -> list[InstitutionName]:
    query = select(InstitutionName).where(InstitutionName.institution_id == institution_id)
    return _in_order(list(db.scalars(query)))


def names_of(db: Session, institution: Institution) -> list[Named]:
    """Every name of an institution, earliest first."""
    return _times(institution.id, institution.name, _rows_of(db, institution.id))


def name_on(db: Session, institution_id: int, day: date) -> str:
    """The name that an institution has on a day, past or to come; empty for an unknown one."""
    institution = db.get(Institution, institution_id)
    if institution is None:
        return ""
    names = names_of(db, institution)
    begun = [named for named in names if named.first is None or named.first <= day]
    return (begun[-1] if begun else names[0]).name


def refuse_taken_name(
    db: Session, name: str, first: date, until: date | None, apart_from: int | None = None
) -> None:
    """Raises AlreadyTaken when another institution has a name, in any letter case, in this time.

    A former name of another institution is free, one that it will have from a later day is not.
    """
    wanted = name.casefold()
    institutions = select(Institution.id, Institution.name)
    listed = select(InstitutionName)
    if name.isascii():
        # By the index: a file of many institutions asks this of each. SQLite makes only the letters
        # of ASCII small, so that other names are compared with every one.
        others = select(InstitutionName.institution_id).where(
            func.lower(InstitutionName.name) == wanted
        )
        numbers = set(db.scalars(others)) | set(
            db.scalars(select(Institution.id).where(func.lower(Institution.name) == wanted))
        )
        institutions = institutions.where(Institution.id.in_(numbers))
        listed = listed.where(InstitutionName.institution_id.in_(numbers))
    rows: dict[int, list[InstitutionName]] = {}
    for row in db.scalars(listed):
        rows.setdefault(row.institution_id, []).append(row)
    for number, present in db.execute(institutions):
        if number == apart_from:
            continue
        for named in _times(number, present, rows.get(number, [])):
            if named.name.casefold() == wanted and named.overlaps(first, until):
                raise AlreadyTaken("name", _taken_in_words(named, present))


def _taken_in_words(named: Named, present: str) -> str:
    if named.name == present or named.first is None:
        return f"Another institution is called {named.name} already. Choose another name"
    return f"{present} will be called {named.name} then. Choose another name"


def give_name(
    db: Session,
    by_id: int | None,
    institution: Institution,
    name: str,
    starts_on: date,
    day: date,
    expected_version: int,
) -> bool:
    """Gives a name from a day on, in the caller's transaction; False when it begins only later.

    Raises AlreadyTaken, NameRefused, and ChangedMeanwhile when somebody else saved the record since
    `expected_version`.
    """
    lock(db, institution.id)
    db.refresh(institution)
    if institution.version != expected_version:
        db.rollback()
        raise ChangedMeanwhile(institution)
    rows = _rows_of(db, institution.id)
    in_use = next((row for row in reversed(rows) if row.applied), None)
    later = [row for row in rows if not row.applied]
    applies = starts_on <= day
    if applies and in_use and in_use.starts_on and starts_on < in_use.starts_on:
        raise NameRefused(
            "starts_on",
            f"The present name holds from {_words(in_use.starts_on)}. "
            "Enter that day or a later one",
        )
    if any(row.starts_on == starts_on for row in later):
        raise NameRefused(
            "starts_on", "Another name begins on that day. Cancel it first, or enter another day"
        )
    _refuse_same(institution, rows, name, starts_on)
    ends = [row.starts_on for row in later if row.starts_on and row.starts_on > starts_on]
    refuse_taken_name(db, name, starts_on, min(ends) if ends else None, institution.id)
    if not rows:
        db.add(InstitutionName(institution_id=institution.id, name=institution.name, applied=True))
        db.flush()
    db.add(
        InstitutionName(
            institution_id=institution.id,
            name=name,
            starts_on=starts_on,
            applied=applies,
            created_by_id=by_id,
        )
    )
    subject = ("institution", institution.id)
    if applies:
        _put_in_use(db, by_id, institution, name, starts_on)
        return True
    record(
        db,
        by_id,
        "institution_name_scheduled",
        subject,
        {"changes": {"scheduled_name": [None, f"{name}, from {_words(starts_on)}"]}},
    )
    db.flush()
    return False


def _refuse_same(
    institution: Institution, rows: list[InstitutionName], name: str, starts_on: date
) -> None:
    before = [row.name for row in rows if row.starts_on is None or row.starts_on <= starts_on]
    if (before[-1] if before else institution.name) == name:
        raise NameRefused("name", f"It is called {name} already. Enter another name")


def _put_in_use(
    db: Session, by_id: int | None, institution: Institution, name: str, starts_on: date
) -> None:
    try:
        changes = save_changes(db, institution, institution.version, {"name": name})
    except IntegrityError as failure:
        db.rollback()
        raise AlreadyTaken(
            "name", f"Another institution is called {name} already. Choose another name"
        ) from failure
    record(
        db,
        by_id,
        "institution_renamed",
        ("institution", institution.id),
        {"changes": changes, "starts_on": starts_on},
    )


def cancel_name(db: Session, by_id: int | None, institution: Institution, row_id: int) -> str:
    """Takes back a name that has not begun, in the caller's transaction; returns it.

    Raises NameRefused when it is in use, or gone, or when another institution will have the name
    that would then go on.
    """
    lock(db, institution.id)
    db.refresh(institution)
    row = db.get(InstitutionName, row_id, populate_existing=True)
    if row is None or row.institution_id != institution.id:
        raise NameRefused("name", "This name has been cancelled already")
    if row.applied or row.starts_on is None:
        raise NameRefused("name", f"{row.name} is in use already. Give the institution a new name")
    names = names_of(db, institution)
    place = next(number for number, named in enumerate(names) if named.row is row)
    going_on = names[place - 1].name if place else institution.name
    try:
        refuse_taken_name(db, going_on, row.starts_on, names[place].until, institution.id)
    except AlreadyTaken as taken:
        raise NameRefused(
            "name",
            f"From {_words(row.starts_on)} another institution is called {going_on}, so this name "
            "cannot be cancelled. Give the institution a different name from that day first",
        ) from taken
    db.delete(row)
    record(
        db,
        by_id,
        "institution_name_cancelled",
        ("institution", institution.id),
        {"changes": {"scheduled_name": [f"{row.name}, from {_words(row.starts_on)}", None]}},
    )
    db.flush()
    return row.name


def apply_due_names(db: Session, day: date) -> int:
    """Puts names in use whose day has come; returns how many. Each is a transaction of its own.

    A name that another institution still has waits: it may be free once that one's own new name
    is in use. For the daily job, and safe when two processes call it.
    """
    done = 0
    while True:
        due = _in_order(
            list(
                db.scalars(
                    select(InstitutionName).where(
                        InstitutionName.applied.is_(False), InstitutionName.starts_on <= day
                    )
                )
            )
        )
        applied = sum(_apply(db, row.id) for row in due)
        if not applied:
            return done
        done += applied


def _apply(db: Session, row_id: int) -> bool:
    row = db.get(InstitutionName, row_id)
    # Asked before anything is locked: a name that has to wait costs readers no write.
    if row is None or _is_called(db, row.name, row.institution_id):
        return False
    lock(db, row.institution_id)
    waiting = select(InstitutionName).where(
        InstitutionName.id == row_id, InstitutionName.applied.is_(False)
    )
    row = db.scalar(waiting.execution_options(populate_existing=True))
    institution = db.get(Institution, row.institution_id, populate_existing=True) if row else None
    if row is None or institution is None or row.starts_on is None:
        db.rollback()
        return False
    row.applied = True
    try:
        _put_in_use(db, None, institution, row.name, row.starts_on)
    except AlreadyTaken:
        return False
    db.commit()
    return True


def _is_called(db: Session, name: str, apart_from: int) -> bool:
    query = select(Institution.id).where(
        func.lower(Institution.name) == func.lower(name), Institution.id != apart_from
    )
    return db.scalar(query) is not None


def _words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
