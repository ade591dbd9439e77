"""Who is signed in, from the cookie of a server-side session."""

from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import quote, urlencode, urlsplit

from fastapi import Depends, HTTPException, Request
from sqlalchemy.orm import Session

from data_access.account_sessions import person_for_token, waiting_for_token
from data_access.accounts import Account, Person, memberships_of
from data_access.institutions import Institution
from portal.menu import menu
from portal.notices import notices_for
from portal.opened_for import OpenedForAnother, carried
from portal.permissions import may
from portal.session_cookie import COOKIE
from submission.windows import STORED

# Where somebody goes who has given the password and not yet the code of the second factor.
ENTER_CODE = "/sign-in/code"
# Where somebody goes who must first choose a password, or set up an authenticator app.
CHANGE_PASSWORD = "/account/password"  # noqa: S105
SET_UP_SECOND_FACTOR = "/account/second-factor"
_BEFORE_ANYTHING_ELSE = (CHANGE_PASSWORD, SET_UP_SECOND_FACTOR, "/sign-out")


def db_session(request: Request) -> Iterator[Session]:
    """A database session for the length of a request, which follows the dates now in force."""
    with request.app.state.session_factory() as db:
        STORED.read_when_old(db)
        yield db


Database = Annotated[Session, Depends(db_session)]


def current_person(request: Request, db: Database) -> Person | None:
    """Who is signed in, or None; the name goes to the page's frame."""
    token = request.cookies.get(COOKIE)
    person = person_for_token(db, token) if token else None
    _put_in_frame(request, db, person)
    return person


def frame_of(db: Session, person: Person | None, path: str = "") -> dict[str, Any]:
    """What the frame of a page shows of who is signed in; `path` is the page's."""
    if person is None:
        return {"person": None, "menu": [], "notices": [], "acting_for": ""}
    acting_for = ""
    if person.several and person.institution_id is not None:
        institution = db.get(Institution, person.institution_id)
        acting_for = institution.name if institution else ""
    return {
        "person": person,
        "menu": menu(person),
        "notices": notices_for(db, person, path),
        "acting_for": acting_for,
    }


def _put_in_frame(request: Request, db: Session, person: Person | None) -> None:
    for name, value in frame_of(db, person, request.url.path).items():
        setattr(request.state, name, value)


def name_in_frame(request: Request) -> None:
    """Puts the name of who is signed in on a public page; without a cookie asks no database."""
    token = request.cookies.get(COOKIE)
    if token:
        with request.app.state.session_factory() as db:
            _put_in_frame(request, db, person_for_token(db, token))


def require_person(
    request: Request, person: Annotated[Person | None, Depends(current_person)]
) -> Person:
    """Who is signed in. Anyone else is sent to sign in and back to the same address.

    Somebody who must first choose a password, or set up a second factor, is sent there.
    """
    here = _page_asked_for(request)
    if person is None:
        token = request.cookies.get(COOKIE, "")
        if token and _waits_for_code(request, token):
            raise _send_to(ENTER_CODE, here)
        raise _send_to("/sign-in", {**here, **({"ended": "yes"} if token else {})})
    if not request.url.path.startswith(_BEFORE_ANYTHING_ELSE):
        if person.must_change_password:
            raise _send_to(CHANGE_PASSWORD, here)
        if lacks_second_factor(request, person):
            raise _send_to(SET_UP_SECOND_FACTOR, here)
    return person


def person_of_form(
    request: Request, db: Database, person: Annotated[Person, Depends(require_person)]
) -> Person:
    """Who is signed in and, with a form, acts for the institution that the form was opened for.

    Raises OpenedForAnother.
    """
    number = carried(request)
    if number is None or number == (person.institution_id or 0):
        return person
    # Only the names of those that the person works for: an address can carry any number.
    own = {row for row, _ in memberships_of(db, db.get_one(Account, person.id))}
    opened_for = db.get(Institution, number) if number in own else None
    now = db.get(Institution, person.institution_id) if person.institution_id else None
    raise OpenedForAnother(opened_for.name if opened_for else "", now.name if now else "")


def _waits_for_code(request: Request, token: str) -> bool:
    with request.app.state.session_factory() as db:
        return waiting_for_token(db, token) is not None


def _page_asked_for(request: Request) -> dict[str, str]:
    """Where to go on after signing in: the page, or the one whose form was sent."""
    if request.method == "GET":
        return {"next": _path(request.url.path, request.url.query)}
    sent_from = urlsplit(request.headers.get("referer", ""))
    if sent_from.netloc != request.url.netloc:
        return {}
    return {"next": _path(sent_from.path, sent_from.query)}


def _path(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def _send_to(address: str, query: dict[str, str]) -> HTTPException:
    going = f"?{urlencode(query, safe='/', quote_via=quote)}" if query else ""
    return HTTPException(303, headers={"Location": f"{address}{going}"})


def lacks_second_factor(request: Request, person: Person) -> bool:
    """Whether this person must set up an authenticator app before anything else."""
    required: bool = request.app.state.settings.second_factor_is_required
    return required and person.needs_second_factor and may(person, "account.need_second_factor")


def require_administrator(person: Annotated[Person, Depends(person_of_form)]) -> Person:
    """The administrator who is signed in; for anyone else the page does not exist."""
    if not may(person, "administration.open"):
        raise HTTPException(404)
    return person


SignedIn = Annotated[Person, Depends(person_of_form)]
Administrator = Annotated[Person, Depends(require_administrator)]
MaybeSignedIn = Annotated[Person | None, Depends(current_person)]
