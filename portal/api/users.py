"""GET /users: who can sign in. What opens an account is never among what is answered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy import select

from data_access.accounts import Account, Person, works_for
from data_access.by_identifier import after
from data_access.people.listing import ACTIVE, LOCKED, role_at, status_of
from data_access.second_factor import has_second_factor
from portal.api.paging import Identifier, Listed, Wanted, page_of
from portal.api.reader import Reading
from portal.permissions import find, may, scope
from portal.sessions import Database

router = APIRouter()
_ROLES = "^(administrator|statistician|coordinator|provider)$"


class WantedUsers(Wanted):
    """Filters of the list."""

    role: str | None = Field(None, pattern=_ROLES, description="The role, as below.")
    active: bool | None = Field(None, description="true or false.")
    institution_id: Identifier | None = Field(
        None, description="Users who work for this institution."
    )


class User(BaseModel):
    """A user."""

    id: int = Field(description="Identifier of the user.")
    user_name: str = Field(description="What the user signs in with.")
    name: str = Field(description="The user's name.")
    email: str = Field(description="The user's e-mail address.")
    telephone: str = Field(description="Telephone number, or empty.")
    extension: str = Field(description="Extension, or empty.")
    contact_priority: str = Field(description="What the user is to be written to about.")
    role: str = Field(
        description="administrator, statistician, coordinator or provider; of a co-ordinator's "
        "users, the role at the co-ordinator's institution."
    )
    institution_id: int | None = Field(description="The institution the account was made for.")
    status: str = Field(
        description="active, invited (without a password yet), inactive; to administrators, locked."
    )
    has_second_factor: bool = Field(description="Whether an authenticator app is set up.")
    created_at: datetime = Field(description="When the account was made.")
    last_signed_in_at: datetime | None = Field(description="When the user last signed in.")


@router.get("/users", response_model=Listed[User])
def users(
    request: Request, db: Database, person: Reading, wanted: Annotated[WantedUsers, Query()]
) -> Any:
    """Users who may be seen."""
    conditions = [scope(person, "user.view")]
    if wanted.role is not None:
        conditions.append(role_at(person.institution_id) == wanted.role)
    if wanted.active is not None:
        conditions.append(Account.active.is_(wanted.active))
    if wanted.institution_id is not None:
        conditions.append(works_for(wanted.institution_id))
    found, last = after(db, Account, conditions, wanted.after, wanted.limit)
    return page_of(request, wanted, _shown(db, person, found), last)


@router.get("/users/{identifier}", response_model=User)
def user(db: Database, person: Reading, identifier: Identifier) -> Any:
    """One user."""
    [shown] = _shown(db, person, [find(db, person, "user.view", identifier)])
    return shown


def _shown(db: Database, person: Person, accounts: Sequence[Account]) -> list[User]:
    numbers = [account.id for account in accounts]
    query = select(Account.id, role_at(person.institution_id)).where(Account.id.in_(numbers))
    roles: dict[int, str] = {row[0]: row[1] for row in db.execute(query)}
    shows_locked = may(person, "user.unlock")
    return [
        User(
            id=account.id,
            user_name=account.user_name,
            name=account.name,
            email=account.email,
            telephone=account.telephone,
            extension=account.extension,
            contact_priority=account.contact_priority,
            role=roles[account.id],
            institution_id=account.institution_id,
            status=ACTIVE
            if (status := status_of(account)) == LOCKED and not shows_locked
            else status,
            has_second_factor=has_second_factor(account),
            created_at=account.created_at,
            last_signed_in_at=account.last_signed_in_at,
        )
        for account in accounts
    ]
