"""Institutions that were merged into one that signed: its agreement covers their logs.

They signed nothing themselves, so their own flag stays as it was; but nobody acts for them any
more, and logs of homes that were theirs are still submitted and corrected by whoever took them
over.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased

from data_access.institutions import Institution


def covering(db: Session, institution: Institution) -> Institution | None:
    """The signed institution into which this one, itself unsigned, was merged; or None.

    Of several in a row the nearest.
    """
    seen = {institution.id}
    while not institution.data_sharing_signed and institution.merged_into_id not in (None, *seen):
        institution = db.get_one(Institution, institution.merged_into_id)
        seen.add(institution.id)
    return institution if institution.data_sharing_signed and len(seen) > 1 else None


def signed_or_covered(db: Session, institution: Institution) -> bool:
    """Whether logs of an institution's homes may be submitted as far as the agreement goes."""
    return institution.data_sharing_signed or covering(db, institution) is not None


def is_covered() -> ColumnElement[bool]:
    """The condition of a query over institutions: unsigned, and merged into a signed one."""
    signed = select(Institution.id).where(Institution.data_sharing_signed.is_(True))
    reached = signed.cte("under_the_agreement", recursive=True)
    merged = aliased(Institution)
    reached = reached.union(select(merged.id).join(reached, merged.merged_into_id == reached.c.id))
    return and_(
        Institution.data_sharing_signed.is_(False),
        Institution.merged_into_id.is_not(None),
        Institution.id.in_(select(reached.c.id)),
    )


def covered(db: Session, institution_ids: Iterable[int] | None = None) -> set[int]:
    """Which of these institutions, or of all, are covered by the agreement of another."""
    if institution_ids is None:
        return set(db.scalars(select(Institution.id).where(is_covered())))
    # Asked with every check of a log, of one or two: most were never merged, and that is known.
    found = (db.get(Institution, number) for number in set(institution_ids))
    return {one.id for one in found if one is not None and covering(db, one) is not None}
