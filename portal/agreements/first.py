"""The agreement that comes with the product, in force until another is published."""

from pathlib import Path

from sqlalchemy.orm import Session

from data_access.agreements import put_first_in_force

VERSION = "1"
FIRST_TEXT = Path(__file__).parent / "texts" / "first.txt"


def put_agreement_in_force(db: Session) -> bool:
    """Publishes the wording that comes with the product when there is no agreement yet.

    To be called at every start, after the migrations; commits. Returns whether it did.
    """
    return put_first_in_force(db, VERSION, FIRST_TEXT.read_text(encoding="utf-8").strip())
