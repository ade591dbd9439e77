"""What every page about users shares."""

from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from data_access.accounts import Account, Person
from portal.layout.pages import render
from portal.permissions import LOOK_ONLY, find, may_do

PRIVATE = {"Cache-Control": "private, no-store"}
NOT_YOURSELF = {
    "user.change_role": "You cannot change your own role.",
    "user.deactivate": "You cannot deactivate your own account.",
    "user.delete": "You cannot delete your own account.",
    "user.reset": "You cannot reset your own account. Change your password under Your details.",
}
ASK_ANOTHER = "Ask another co-ordinator or an administrator."


def page(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """A page that no cache keeps."""
    answer = render(request, f"people/{template}", status, **context)
    answer.headers.update(PRIVATE)
    return answer


def number(text: str) -> int:
    """A whole number as it was posted; 0 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def address_of(account_id: int) -> str:
    """The address of a user's page."""
    return f"/people/{account_id}"


def find_user(db: Session, person: Person, action: str, identifier: int) -> Account:
    """The user of an identifier, for somebody who may do this to them.

    404 for whoever is out of reach, 403 with a reason for whoever may only be looked at.
    """
    account: Account = find(db, person, "user.view", identifier)
    if not may_do(db, person, action, account):
        own = NOT_YOURSELF.get(action, "") if account.id == person.id else ""
        raise HTTPException(403, f"{own} {ASK_ANOTHER}" if own else LOOK_ONLY)
    return account
