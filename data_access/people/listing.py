"""Users as a list: searched, narrowed, sorted, a page at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, not_, or_, select
from sqlalchemy.orm import Session

from data_access.accounts import Account, Membership, works_for
from data_access.clock import now
from data_access.institutions import Institution
from data_access.signing_in import is_locked

PAGE_LENGTH = 50
ACTIVE, INVITED, LOCKED, INACTIVE = "active", "invited", "locked", "inactive"
STATUSES = (ACTIVE, INVITED, LOCKED, INACTIVE)
SORTS = ("name", "role", "status", "signed_in")


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to, and its order; empty fields do not narrow."""

    search: str = ""
    role: str = ""
    contact_priority: str = ""
    status: str = ""
    institution_id: int | None = None
    sort: str = "name"
    descending: bool = False


@dataclass(frozen=True)
class Listed:
    """A user, with the role at the institution that the list is of and the own institution."""

    account: Account
    role: str
    institution: str


def role_at(institution_id: int | None) -> ColumnElement[str]:
    """The role that an account has at an institution: its own, or the one of a membership.

    For somebody who does not work there, and without an institution, the account's own role.
    """
    if institution_id is None:
        return Account.role.expression
    membership = (
        select(Membership.role)
        .where(
            Membership.account_id == Account.id,
            Membership.institution_id == institution_id,
            Membership.active,
        )
        .correlate(Account)
        .scalar_subquery()
    )
    return case(
        (Account.institution_id == institution_id, Account.role),
        else_=func.coalesce(membership, Account.role),
    )


def status_of(account: Account, at: datetime | None = None) -> str:
    """The state of an account, one of STATUSES."""
    if not account.active:
        return INACTIVE
    if not account.password_hash and not account.must_change_password:
        return INVITED
    return LOCKED if is_locked(account, at) else ACTIVE


def awaits_new_password(account: Account) -> bool:
    """Whether the password was reset by somebody else and no new one has been chosen yet."""
    return account.active and account.must_change_password and not account.password_hash


def _status(at: datetime) -> ColumnElement[str]:
    return case(
        (not_(Account.active), INACTIVE),
        # After a reset there is no password either, but no first one is waited for.
        (and_(Account.password_hash == "", not_(Account.must_change_password)), INVITED),
        (and_(Account.locked_until.is_not(None), Account.locked_until > at), LOCKED),
        else_=ACTIVE,
    )


def list_people(
    db: Session,
    reach: ColumnElement[bool],
    wanted: Wanted,
    institution_id: int | None = None,
    page: int | None = 1,
    shows_locked: bool = False,
    at: datetime | None = None,
) -> list[Listed]:
    """One page of the users within reach, in the wanted order; without a `page` all of them.

    `institution_id` is whose list it is: roles are those at it. Without `shows_locked` locked
    accounts count as active.
    """
    role, status = role_at(institution_id), _shown_status(shows_locked, at)
    query = (
        select(Account, role, Institution.name)
        .outerjoin(Institution, Institution.id == Account.institution_id)
        .where(*_conditions(reach, wanted, role, status))
        .order_by(*_order(wanted, role, status))
    )
    if page is not None:
        query = query.limit(PAGE_LENGTH).offset((page - 1) * PAGE_LENGTH)
    return [Listed(account, found, name or "") for account, found, name in db.execute(query)]


def count_people(
    db: Session,
    reach: ColumnElement[bool],
    wanted: Wanted,
    institution_id: int | None = None,
    shows_locked: bool = False,
    at: datetime | None = None,
) -> int:
    """How many users are wanted."""
    role, status = role_at(institution_id), _shown_status(shows_locked, at)
    query = select(func.count()).select_from(Account)
    return db.scalar(query.where(*_conditions(reach, wanted, role, status))) or 0


def page_of(
    db: Session,
    reach: ColumnElement[bool],
    wanted: Wanted,
    account_id: int,
    institution_id: int | None = None,
) -> int:
    """The page of the list that somebody is on; the first for whoever is not on it."""
    role, status = role_at(institution_id), _shown_status(True, None)
    query = (
        select(Account.id)
        .where(*_conditions(reach, wanted, role, status))
        .order_by(*_order(wanted, role, status))
    )
    order = list(db.scalars(query))
    return order.index(account_id) // PAGE_LENGTH + 1 if account_id in order else 1


def _shown_status(shows_locked: bool, at: datetime | None) -> ColumnElement[str]:
    status = _status(at or now())
    return status if shows_locked else case((status == LOCKED, ACTIVE), else_=status)


def _conditions(
    reach: ColumnElement[bool],
    wanted: Wanted,
    role: ColumnElement[str],
    status: ColumnElement[str],
) -> list[ColumnElement[bool]]:
    conditions = [reach, Account.deleted_at.is_(None)]
    text = wanted.search.strip()
    if text:
        conditions.append(_holds(text))
    if wanted.role:
        conditions.append(role == wanted.role)
    if wanted.contact_priority:
        conditions.append(Account.contact_priority == wanted.contact_priority)
    if wanted.status:
        conditions.append(status == wanted.status)
    if wanted.institution_id is not None:
        conditions.append(works_for(wanted.institution_id))
    return conditions


def _holds(text: str) -> ColumnElement[bool]:
    # SQLite makes only the letters of ASCII small: other names are also compared as typed.
    return or_(
        *(
            func.lower(column).contains(text.lower(), autoescape=True)
            for column in (Account.name, Account.user_name, Account.email)
        ),
        Account.name.contains(text, autoescape=True),
    )


def _order(
    wanted: Wanted, role: ColumnElement[str], status: ColumnElement[str]
) -> list[ColumnElement[Any]]:
    by_name: list[ColumnElement[Any]] = [func.lower(Account.name), Account.id.expression]
    if wanted.sort == "signed_in":
        # Whoever has never signed in comes last, in either order.
        never = case((Account.last_signed_in_at.is_(None), 1), else_=0)
        at = Account.last_signed_in_at
        return [never, at.desc() if wanted.descending else at.asc(), *by_name]
    first: ColumnElement[Any] = {"role": role, "status": status}.get(wanted.sort, by_name[0])
    return [first.desc() if wanted.descending else first.asc(), *by_name]
