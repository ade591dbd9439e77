"""The Data Sharing Agreement: its versions, and who signed which for which institution."""

from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Integer,
    String,
    Text,
    and_,
    func,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from data_access.accounts import DATA_PROTECTION_OFFICER, Account, Actor, works_for
from data_access.audit import record
from data_access.clock import now
from data_access.database import Base, Instant
from data_access.institutions import Institution, lock

# Nobody is reminded twice in this time.
REMINDED_FOR = timedelta(days=1)
# What must be known of an institution before its name and address can be put under the agreement.
_NEEDED = {
    "name": "the name",
    "address_line1": "the first line of the address",
    "town": "the town",
    "postcode": "the postcode",
}


class AgreementText(Base):
    """One version of the agreement; the newest published one is in force.

    `text` is Markdown-free plain text, a blank line between paragraphs; a line that begins with
    "# " is a heading.
    """

    __tablename__ = "agreement_texts"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(String(20), unique=True)
    text: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))


class AgreementSignature(Base):
    """An institution's signature under a version, kept as it was: names, address, date and text."""

    __tablename__ = "agreement_signatures"

    id: Mapped[int] = mapped_column(primary_key=True)
    institution_id: Mapped[int] = mapped_column(ForeignKey("institutions.id"), index=True)
    text_id: Mapped[int] = mapped_column(ForeignKey("agreement_texts.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    signer_name: Mapped[str] = mapped_column(String(200))
    signer_email: Mapped[str] = mapped_column(String(254))
    institution_name: Mapped[str] = mapped_column(String(200))
    institution_address: Mapped[str] = mapped_column(Text)
    registration_number: Mapped[str] = mapped_column(String(20), default="")
    text: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[datetime] = mapped_column(Instant, default=now)


class AgreementReminder(Base):
    """That an institution was reminded to sign, so that nobody is reminded twice a day."""

    __tablename__ = "agreement_reminders"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    institution_id: Mapped[int] = mapped_column(ForeignKey("institutions.id"), index=True)
    sent_at: Mapped[datetime] = mapped_column(Instant, default=now)


class VersionTaken(Exception):
    """There is a version of this name already."""


class NewerVersion(Exception):
    """Another version was put in force since this one was opened."""


class AlreadySigned(Exception):
    """The institution has signed the agreement in force already.

    `signature` is None when it was not made in this service.
    """

    def __init__(self, signature: AgreementSignature | None) -> None:
        super().__init__("This institution has signed the agreement already.")
        self.signature = signature


class RecordIncomplete(Exception):
    """The institution's record lacks what is printed under the agreement: `missing`, in words."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(f"The institution's record lacks {', '.join(missing)}.")
        self.missing = missing


class NotAnOfficer(Exception):
    """Whoever signs is not, or no longer, a Data Protection Officer of the institution."""


def text_in_force(db: Session) -> AgreementText | None:
    """The version in force, or None before the first is published."""
    return db.scalar(
        select(AgreementText)
        .where(AgreementText.published_at.is_not(None))
        .order_by(AgreementText.id.desc())
        .limit(1)
    )


def published_texts(db: Session) -> list[AgreementText]:
    """Every published version, newest first."""
    query = select(AgreementText).where(AgreementText.published_at.is_not(None))
    return list(db.scalars(query.order_by(AgreementText.id.desc())))


def publish_text(db: Session, by: Actor, version: str, text: str, replaces: int) -> int:
    """Puts a new version in force: every institution must sign again. One transaction.

    `replaces` is the version in force that its author saw. Returns how many institutions had signed
    that. Raises VersionTaken, or NewerVersion when somebody else published meanwhile, having
    written nothing.
    """
    _hold_text_in_force(db)
    in_force = text_in_force(db)
    if in_force is not None and in_force.id != replaces:
        db.rollback()
        raise NewerVersion
    if db.scalar(select(AgreementText.id).where(AgreementText.version == version)) is not None:
        db.rollback()
        raise VersionTaken
    new = _add_text(db, by, version, text)
    signed = list(db.scalars(select(Institution.id).where(Institution.data_sharing_signed)))
    db.execute(
        update(Institution)
        .where(Institution.data_sharing_signed)
        .values(data_sharing_signed=False)
        .execution_options(synchronize_session=False)
    )
    record(
        db,
        by.id,
        "agreement_published",
        ("agreement", new.id),
        {"version": version, "to_sign_again": len(signed)},
    )
    for institution_id in signed:
        record(
            db,
            by.id,
            "agreement_lapsed",
            ("institution", institution_id),
            {"version": version, "changes": {"data_sharing_signed": [True, False]}},
        )
    db.commit()
    return len(signed)


def put_first_in_force(db: Session, version: str, text: str) -> bool:
    """Publishes the version that comes with the product, when there is none. Commits.

    Nobody has to sign again. Returns whether it did; of two processes that start at once, one does.
    """
    if db.scalar(select(AgreementText.id).limit(1)) is not None:
        return False
    try:
        new = _add_text(db, None, version, text)
        record(db, None, "agreement_published", ("agreement", new.id), {"version": version})
        db.commit()
    except IntegrityError:
        db.rollback()
        return False
    return True


def _add_text(db: Session, by: Actor | None, version: str, text: str) -> AgreementText:
    new = AgreementText(
        version=version, text=text, published_at=now(), published_by_id=by.id if by else None
    )
    db.add(new)
    db.flush()
    return new


def _hold_text_in_force(db: Session) -> None:
    """Makes signing and publishing wait for each other.

    Else a signature under the old version could mark an institution as signed just after a new
    version has marked all as unsigned. SQLite lets one transaction write at a time: an update that
    changes nothing begins it.
    """
    db.execute(
        update(AgreementText)
        .where(AgreementText.published_at.is_not(None))
        .values(version=AgreementText.version)
        .execution_options(synchronize_session=False)
    )


def missing_for_signing(institution: Institution) -> list[str]:
    """What the record lacks before the agreement can be signed, in words; empty when nothing."""
    return [words for name, words in _NEEDED.items() if not getattr(institution, name).strip()]


def sign_agreement(
    db: Session, by: Actor, institution: Institution, text_id: int
) -> AgreementSignature:
    """Signs the version in force for an institution, and keeps names, address and text as they are.

    In the caller's transaction. Raises NotAnOfficer, NewerVersion when `text_id` is not the version
    in force, AlreadySigned and RecordIncomplete.
    """
    _hold_text_in_force(db)
    db.refresh(institution)
    signer = db.scalar(select(Account).where(Account.id == by.id, is_officer_of(institution.id)))
    if signer is None:
        raise NotAnOfficer
    text = text_in_force(db)
    if text is None or text.id != text_id:
        raise NewerVersion
    missing = missing_for_signing(institution)
    if missing:
        raise RecordIncomplete(missing)
    claimed = db.execute(
        update(Institution)
        .where(Institution.id == institution.id, Institution.data_sharing_signed.is_(False))
        .values(data_sharing_signed=True)
        .execution_options(synchronize_session=False)
    )
    if getattr(claimed, "rowcount", 0) != 1:
        raise AlreadySigned(signature_under(db, institution.id, text.id))
    signature = AgreementSignature(
        institution_id=institution.id,
        text_id=text.id,
        account_id=by.id,
        signer_name=signer.name,
        signer_email=signer.email,
        institution_name=institution.name,
        institution_address="\n".join(institution.address_lines),
        registration_number=institution.registration_number or "",
        text=text.text,
    )
    db.add(signature)
    record(
        db,
        by.id,
        "agreement_signed",
        ("institution", institution.id),
        {
            "version": text.version,
            "signer": signer.name,
            "changes": {"data_sharing_signed": [False, True]},
        },
    )
    db.flush()
    db.refresh(institution)
    return signature


def signature_under(db: Session, institution_id: int, text_id: int) -> AgreementSignature | None:
    """An institution's signature under a version, or None."""
    return db.scalar(
        select(AgreementSignature)
        .where(
            AgreementSignature.institution_id == institution_id,
            AgreementSignature.text_id == text_id,
        )
        .order_by(AgreementSignature.id.desc())
        .limit(1)
    )


def signatures_of(db: Session, institution_id: int) -> list[tuple[AgreementSignature, str]]:
    """An institution's signatures, newest first, each with the name of its version."""
    rows = db.execute(
        select(AgreementSignature, AgreementText.version)
        .join(AgreementText, AgreementText.id == AgreementSignature.text_id)
        .where(AgreementSignature.institution_id == institution_id)
        .order_by(AgreementSignature.id.desc())
    )
    return [(signature, version) for signature, version in rows]


def is_officer_of(institution_id: int | ColumnElement[int]) -> ColumnElement[bool]:
    """Active Data Protection Officers of an institution, as a condition on accounts."""
    return and_(
        Account.contact_priority == DATA_PROTECTION_OFFICER,
        Account.role.in_(("provider", "coordinator")),
        Account.active,
        Account.deleted_at.is_(None),
        works_for(institution_id),
    )


def officers_of(db: Session, institution_id: int) -> list[Account]:
    """The active Data Protection Officers of an institution, by name."""
    query = select(Account).where(is_officer_of(institution_id))
    return list(db.scalars(query.order_by(Account.name)))


def has_officer(db: Session, institution_id: int) -> bool:
    """Whether an institution has an active Data Protection Officer."""
    query = select(Account.id).where(is_officer_of(institution_id)).limit(1)
    return db.scalar(query) is not None


def record_reminder(
    db: Session, by: Actor, institution_id: int, at: datetime | None = None
) -> bool:
    """Notes that an institution is reminded, in the caller's transaction.

    False when it was reminded within the last day. The institution's row is held meanwhile, so that
    of two administrators who remind at once the second finds the first one's reminder.
    """
    at = at or now()
    lock(db, institution_id)
    last = db.scalar(
        select(func.max(AgreementReminder.sent_at)).where(
            AgreementReminder.institution_id == institution_id
        )
    )
    if last is not None and last > at - REMINDED_FOR:
        return False
    db.add(AgreementReminder(institution_id=institution_id, sent_at=at))
    record(db, by.id, "agreement_reminded", ("institution", institution_id))
    return True
