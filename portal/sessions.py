"""Who is signed in, from the cookie of a server-side session."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from sqlalchemy.orm import Session

from data_access.accounts import Account, account_for_token

COOKIE = "core_session"


def db_session(request: Request) -> Iterator[Session]:
    """A database session for the length of a request."""
    with request.app.state.session_factory() as db:
        yield db


Database = Annotated[Session, Depends(db_session)]


def current_account(request: Request, db: Database) -> Account | None:
    """The account that is signed in, or None; its name goes to the page's frame."""
    token = request.cookies.get(COOKIE)
    account = account_for_token(db, token) if token else None
    request.state.account_label = account.name if account else ""
    return account


def name_in_frame(request: Request) -> None:
    """Puts the name of who is signed in on a public page; without a cookie asks no database."""
    token = request.cookies.get(COOKIE)
    if token:
        with request.app.state.session_factory() as db:
            account = account_for_token(db, token)
            request.state.account_label = account.name if account else ""


def require_account(
    request: Request, account: Annotated[Account | None, Depends(current_account)]
) -> Account:
    """The account that is signed in; sends anyone else to sign in and back."""
    if account is None:
        raise HTTPException(303, headers={"Location": f"/sign-in?next={request.url.path}"})
    return account


SignedIn = Annotated[Account, Depends(require_account)]
MaybeSignedIn = Annotated[Account | None, Depends(current_account)]
