"""The Data Sharing Agreement: its versions, and who signed which for which institution."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from data_access.clock import now
from data_access.database import Base, Instant


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
