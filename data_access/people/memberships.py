"""Memberships: further institutions that a user works for."""

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from data_access.account_sessions import AccountSession
from data_access.accounts import Account, Actor, ManagedProvider, Membership
from data_access.audit import record
from data_access.credentials import ApiToken
from data_access.institutions import Institution

MEMBER_ROLES = ("provider", "coordinator")


class WorksThereAlready(Exception):
    """The user works for the institution already; nothing was written."""


def memberships_listed(db: Session, account_id: int) -> list[tuple[Membership, Institution]]:
    """The memberships in force of a user, each with its institution, by name."""
    query = (
        select(Membership, Institution)
        .join(Institution, Institution.id == Membership.institution_id)
        .where(Membership.account_id == account_id, Membership.active)
        .order_by(Institution.name, Membership.id)
    )
    return [(membership, institution) for membership, institution in db.execute(query)]


def give_membership(
    db: Session, by: Actor, account: Account, institution: Institution, role: str
) -> Membership:
    """Lets a user work for a further institution, in the caller's transaction.

    Raises WorksThereAlready, also when somebody else gave the same at the same time; the
    transaction is then rolled back.
    """
    if account.institution_id == institution.id:
        raise WorksThereAlready
    membership = db.scalar(
        select(Membership).where(
            Membership.account_id == account.id, Membership.institution_id == institution.id
        )
    )
    if membership is None:
        membership = Membership(account_id=account.id, institution_id=institution.id, role=role)
        db.add(membership)
        try:
            db.flush()
        except IntegrityError:
            db.rollback()
            raise WorksThereAlready from None
    else:
        given = db.execute(
            update(Membership)
            .where(Membership.id == membership.id, Membership.active.is_(False))
            .values(active=True, role=role)
            .execution_options(synchronize_session=False)
        )
        if getattr(given, "rowcount", 0) != 1:
            raise WorksThereAlready
        db.refresh(membership)
    after = {"institution": institution.id, "role": role}
    record(
        db,
        by.id,
        "membership_given",
        ("user", account.id),
        {"changes": {"membership": [None, after]}},
    )
    return membership


def end_membership(db: Session, by: Actor, membership: Membership) -> bool:
    """Ends a membership, in the caller's transaction; False when it had ended already.

    What was opened by it ends too: sessions and tokens that act for the institution, and places on
    lists of managed providers there. The account stays as it is.
    """
    ended = db.execute(
        update(Membership)
        .where(Membership.id == membership.id, Membership.active)
        .values(active=False)
        .execution_options(synchronize_session=False)
    )
    if getattr(ended, "rowcount", 0) != 1:
        return False
    person, place = membership.account_id, membership.institution_id
    for model in (AccountSession, ApiToken):
        db.execute(delete(model).where(model.account_id == person, model.institution_id == place))
    db.execute(
        delete(ManagedProvider).where(
            ManagedProvider.institution_id == place,
            or_(ManagedProvider.coordinator_id == person, ManagedProvider.provider_id == person),
        )
    )
    changes = {"membership": [{"institution": place, "role": membership.role}, None]}
    record(db, by.id, "membership_ended", ("user", person), {"changes": changes})
    return True
