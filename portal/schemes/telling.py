"""E-mails about schemes: to whoever sent one for approval, and to the owner's co-ordinators."""

from collections.abc import Iterable, Sequence

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from data_access.accounts import Account, Membership
from data_access.institutions import Institution
from data_access.logs import Log
from data_access.schemes import Scheme
from data_access.settings import Settings
from portal.mail import write_mail


def coordinators_of(db: Session, institution_id: int) -> list[Account]:
    """The active co-ordinators of an institution, by their account or a membership."""
    member = select(Membership.account_id).where(
        Membership.institution_id == institution_id,
        Membership.role == "coordinator",
        Membership.active,
    )
    own = and_(Account.institution_id == institution_id, Account.role == "coordinator")
    query = select(Account).where(Account.active, or_(own, Account.id.in_(member)))
    return list(db.scalars(query.order_by(Account.id)))


def tell_of_decision(db: Session, settings: Settings, scheme: Scheme, group_code: str) -> None:
    """Writes that a scheme was approved, or refused and why."""
    for account in _concerned(db, scheme, [scheme.submitted_by_id]):
        write_mail(
            db,
            settings,
            account,
            f"scheme_{scheme.status}",
            scheme=scheme.name,
            code=scheme.code or "",
            group_code=group_code,
            reason=scheme.refusal_reason,
            link=f"{settings.address}/schemes/{scheme.id}",
        )


def tell_of_unresolved(
    db: Session, settings: Settings, scheme: Scheme, what: str, logs: Sequence[Log]
) -> None:
    """Writes once to each co-ordinator of the owner, and to each person with one of these logs.

    `what` names the scheme or location that was deactivated.
    """
    if not logs:
        return
    coordinators = {account.id for account in coordinators_of(db, scheme.owner_id)}
    owner = db.get_one(Institution, scheme.owner_id)
    for account in _concerned(db, scheme, [log.assigned_to_id for log in logs]):
        mine = sum(log.assigned_to_id == account.id for log in logs)
        write_mail(
            db,
            settings,
            account,
            "logs_unresolved",
            what=what,
            owner=owner.name,
            count=len(logs) if account.id in coordinators else mine,
            link=f"{settings.address}/schemes/{scheme.id}/logs",
        )


def _concerned(db: Session, scheme: Scheme, account_ids: Iterable[int | None]) -> list[Account]:
    found = {account.id: account for account in coordinators_of(db, scheme.owner_id)}
    wanted = {number for number in account_ids if number is not None}
    for account in db.scalars(select(Account).where(Account.id.in_(wanted), Account.active)):
        found[account.id] = account
    return [found[number] for number in sorted(found)]
