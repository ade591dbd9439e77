"""Who reads: the person that a token stands for. Cookies open nothing here."""

from typing import Annotated

from fastapi import Depends, HTTPException, Request
from limits import parse

from data_access.accounts import Person
from data_access.api_tokens import Reader, reader_for_token
from portal.accounts.rate_limits import Limit, limits_of
from portal.permissions import may
from portal.sessions import Database, lacks_second_factor

# A program that reads page after page needs some hundreds; one gone astray is held.
REQUESTS = Limit("api", parse("600 per minute"))
_ASK = {"WWW-Authenticate": "Bearer"}
_WRONG = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
_NOT_IN_FORCE = "This token is not in force: it has expired, was taken away, or never was one."


def token_reader(request: Request, db: Database) -> Reader:
    """Whom the request's token stands for.

    401 without a token in force, 429 when it comes too often, and 403 while the person would first
    have to choose a password or set up an authenticator app.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise HTTPException(401, headers=_ASK)
    reader = reader_for_token(db, token.strip())
    if reader is None:
        raise HTTPException(401, _NOT_IN_FORCE, _WRONG)
    limits_of(request).count(REQUESTS, reader.handle)
    if reader.person.must_change_password:
        raise HTTPException(403, "Sign in on the portal's pages and choose a new password first.")
    if lacks_second_factor(request, reader.person):
        raise HTTPException(403, "Sign in on the portal's pages and set up a second factor first.")
    if not may(reader.person, "api.read"):
        raise HTTPException(403)
    return reader


def reading_person(reader: Annotated[Reader, Depends(token_reader)]) -> Person:
    """The person that the token stands for."""
    return reader.person


TokenReader = Annotated[Reader, Depends(token_reader)]
Reading = Annotated[Person, Depends(reading_person)]
