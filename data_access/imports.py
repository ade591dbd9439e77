"""Files that somebody wants to import: kept between looking at what they would do and doing it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from data_access.clock import now
from data_access.database import JSON_DOCUMENT, Base, Instant

# Time enough to mend a file and to ask somebody; it may hold names and e-mail addresses.
KEPT_FOR = timedelta(hours=24)
CHECKED, DONE = "checked", "done"


class ImportFile(Base):
    """A file as it was read: `rows` as [row number, texts by column], `report` a row for each.

    `state` is "done" once its right rows are imported. The file itself is not kept.
    """

    __tablename__ = "import_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    # The institution acted for; None for an administrator.
    institution_id: Mapped[int | None] = mapped_column(ForeignKey("institutions.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    given: Mapped[list[str]] = mapped_column(JSON_DOCUMENT)
    unknown: Mapped[list[str]] = mapped_column(JSON_DOCUMENT)
    rows: Mapped[list[Any]] = mapped_column(JSON_DOCUMENT)
    report: Mapped[list[Any]] = mapped_column(JSON_DOCUMENT)
    state: Mapped[str] = mapped_column(String(10), default=CHECKED)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    version: Mapped[int] = mapped_column(Integer, default=1)


def import_file(
    db: Session,
    identifier: int,
    kind: str,
    account_id: int,
    institution_id: int | None,
    at: datetime | None = None,
) -> ImportFile | None:
    """A file of this kind that this account brought for this institution, until it expires."""
    return db.scalar(
        select(ImportFile).where(
            ImportFile.id == identifier,
            ImportFile.kind == kind,
            ImportFile.account_id == account_id,
            ImportFile.institution_id.is_not_distinct_from(institution_id),
            ImportFile.expires_at > (at or now()),
        )
    )


def begin_writing(db: Session) -> None:
    """Begins a transaction that writes, so that it can be rolled back whole.

    SQLite's driver begins one at the first change only: a savepoint before that would be the
    transaction, and its end a commit.
    """
    db.execute(update(ImportFile).where(ImportFile.id == 0).values(state=DONE))


def claim(db: Session, file: ImportFile) -> bool:
    """Marks a checked file as done, in the caller's transaction; False when it is done already.

    Of two who press the button at once, one gets True.
    """
    claimed = db.execute(
        update(ImportFile)
        .where(ImportFile.id == file.id, ImportFile.state == CHECKED)
        .values(state=DONE, version=ImportFile.version + 1)
        .execution_options(synchronize_session=False)
    )
    return getattr(claimed, "rowcount", 0) == 1


def forget_expired_imports(db: Session, at: datetime | None = None) -> int:
    """Deletes files whose time is over, in the caller's transaction; returns how many."""
    expired = ImportFile.expires_at <= (at or now())
    if db.scalar(select(ImportFile.id).where(expired).limit(1)) is None:
        return 0
    done = db.execute(delete(ImportFile).where(expired))
    return getattr(done, "rowcount", 0)
