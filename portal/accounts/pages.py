"""What the pages of an account share."""

from typing import Any

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from data_access.accounts import Account, Person
from portal.layout.pages import render

PRIVATE = {"Cache-Control": "private, no-store"}


def page(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """A page that no cache keeps."""
    answer = render(request, f"accounts/{template}", status, **context)
    answer.headers.update(PRIVATE)
    return answer


def account_of(db: Session, person: Person) -> Account:
    """The stored account of who is signed in."""
    return db.get_one(Account, person.id)


def local_address(address: str) -> str:
    """The address when it is a path of this site, else the home page of a signed-in person."""
    plain = address.startswith("/") and not address.startswith("//")
    if plain and "\\" not in address and address.isprintable():
        return address
    return "/account"
