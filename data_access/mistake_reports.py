"""Reports of mistakes in an institution's record, made by its people for administrators."""

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Integer, String, Text, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from data_access.accounts import Account
from data_access.audit import record
from data_access.clock import now
from data_access.database import Base, Instant
from data_access.institutions import Institution

# The parts of a record, as sections of its page.
PARTS = {
    "details": "Details",
    "areas": "Local authorities covered",
    "periods": "Rent periods",
    "relations": "Parents and children",
    "names": "Names",
    "other": "Something else",
}
PAGE_LENGTH = 50


class MistakeReport(Base):
    """What is wrong, in the words of who noticed it; `answer` says what was done about it.

    `part` is the part of the record that it concerns. Open until `closed_at`.
    """

    __tablename__ = "mistake_reports"

    id: Mapped[int] = mapped_column(primary_key=True)
    institution_id: Mapped[int] = mapped_column(ForeignKey("institutions.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    part: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    version: Mapped[int] = mapped_column(Integer, default=1)

    @property
    def part_in_words(self) -> str:
        """The part of the record, as its section is called."""
        return PARTS.get(self.part, self.part)


class AlreadyClosed(Exception):
    """Somebody else has answered and closed this report. `current` is the report as it is now."""

    def __init__(self, current: MistakeReport) -> None:
        super().__init__("Somebody else has answered and closed this report.")
        self.current = current


def report_mistake(
    db: Session, by_id: int, institution: Institution, part: str, text: str
) -> MistakeReport:
    """A new report, in the caller's transaction; the same one when it was sent twice."""
    same = db.scalar(
        select(MistakeReport).where(
            MistakeReport.institution_id == institution.id,
            MistakeReport.account_id == by_id,
            MistakeReport.part == part,
            MistakeReport.text == text,
            MistakeReport.closed_at.is_(None),
        )
    )
    if same is not None:
        return same
    report = MistakeReport(institution_id=institution.id, account_id=by_id, part=part, text=text)
    db.add(report)
    db.flush()
    record(
        db,
        by_id,
        "mistake_reported",
        ("institution", institution.id),
        {"report": report.id, "changes": {"mistake": [None, f"{report.part_in_words}: {text}"]}},
    )
    return report


def close_report(db: Session, by_id: int, report: MistakeReport, answer: str) -> None:
    """Answers and closes an open report, in the caller's transaction. Raises AlreadyClosed."""
    closed = db.execute(
        update(MistakeReport)
        .where(MistakeReport.id == report.id, MistakeReport.closed_at.is_(None))
        .values(
            answer=answer,
            closed_at=now(),
            closed_by_id=by_id,
            version=MistakeReport.version + 1,
        )
        .execution_options(synchronize_session=False)
    )
    if getattr(closed, "rowcount", 0) != 1:
        db.rollback()
        db.refresh(report)
        raise AlreadyClosed(report)
    db.refresh(report)
    record(
        db,
        by_id,
        "mistake_closed",
        ("institution", report.institution_id),
        {"report": report.id, "changes": {"answer": [None, answer]}},
    )


def count_open(db: Session, institution_id: int | None = None) -> int:
    """How many reports wait for an answer, of one institution or of all."""
    query = select(func.count(MistakeReport.id)).where(MistakeReport.closed_at.is_(None))
    if institution_id is not None:
        query = query.where(MistakeReport.institution_id == institution_id)
    return db.scalar(query) or 0


def reports(
    db: Session,
    reach: ColumnElement[bool],
    closed: bool | None = None,
    institution_id: int | None = None,
    page: int = 1,
) -> list[tuple[MistakeReport, Institution, Account]]:
    """One page of the reports within a person's reach, with institution and reporter.

    The open ones come oldest first, the closed ones, or all, newest first.
    """
    query = (
        select(MistakeReport, Institution, Account)
        .join(Institution, Institution.id == MistakeReport.institution_id)
        .join(Account, Account.id == MistakeReport.account_id)
        .where(reach)
    )
    if institution_id is not None:
        query = query.where(MistakeReport.institution_id == institution_id)
    if closed is not None:
        is_open = MistakeReport.closed_at.is_(None)
        query = query.where(~is_open if closed else is_open)
    if closed is False:
        query = query.order_by(MistakeReport.created_at, MistakeReport.id)
    else:
        query = query.order_by(MistakeReport.id.desc())
    rows = db.execute(query.limit(PAGE_LENGTH).offset((page - 1) * PAGE_LENGTH))
    return [(report, institution, account) for report, institution, account in rows]


def count_reports(
    db: Session, reach: ColumnElement[bool], closed: bool, institution_id: int | None = None
) -> int:
    """How many open, or closed, reports are within a person's reach."""
    is_open = MistakeReport.closed_at.is_(None)
    query = select(func.count(MistakeReport.id)).where(reach, ~is_open if closed else is_open)
    if institution_id is not None:
        query = query.where(MistakeReport.institution_id == institution_id)
    return db.scalar(query) or 0
