"""Who is signed in, from the cookie of a server-side session."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request
from sqlalchemy.orm import Session

from data_access.accounts import Account, account_for_token
from portal.permissions import may_administer
from submission.windows import STORED

COOKIE = "core_session"


def db_session(request: Request) -> Iterator[Session]:
    """A database session for the length of a request, which follows the dates now in force."""
    with request.app.state.session_factory() as db:
        STORED.read_when_old(db)
        yield db


Database = Annotated[Session, Depends(db_session)]


def current_account(request: Request, db: Database) -> Account | None:
    """The account that is signed in, or None; its name goes to the page's frame."""
    token = request.cookies.get(COOKIE)
    account = account_for_token(db, token) if token else None
    _put_in_frame(request, account)
    return account


def frame_of(account: Account | None) -> dict[str, Any]:
    """What the frame of a page shows of who is signed in."""
    return {
        "account_label": account.name if account else "",
        "is_administrator": account is not None and may_administer(account),
    }


def _put_in_frame(request: Request, account: Account | None) -> None:
    for name, value in frame_of(account).items():
        setattr(request.state, name, value)


def name_in_frame(request: Request) -> None:
    """Puts the name of who is signed in on a public page; without a cookie asks no database."""
    token = request.cookies.get(COOKIE)
    if token:
        with request.app.state.session_factory() as db:
            _put_in_frame(request, account_for_token(db, token))


def require_account(
    request: Request, account: Annotated[Account | None, Depends(current_account)]
) -> Account:
    """The account that is signed in; sends anyone else to sign in and back."""
    if account is None:
        raise HTTPException(303, headers={"Location": f"/sign-in?next={request.url.path}"})
    return account


def require_administrator(account: Annotated[Account, Depends(require_account)]) -> Account:
    """The administrator who is signed in; refuses anyone else."""
    if not may_administer(account):
        raise HTTPException(403, "Only administrators may open this page.")
    return account


SignedIn = Annotated[Account, Depends(require_account)]
Administrator = Annotated[Account, Depends(require_administrator)]
MaybeSignedIn = Annotated[Account | None, Depends(current_account)]
