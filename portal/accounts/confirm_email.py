"""Confirming a new e-mail address by the link that was sent to it."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.exc import IntegrityError

from data_access.credentials import NEW_EMAIL, use_link, working_link
from data_access.people.changing import change_person
from portal.accounts.links import CONFIRM_EMAIL
from portal.accounts.pages import page
from portal.accounts.rate_limits import TRIES, limits_of, network_of
from portal.mail import write_mail
from portal.sessions import Database, MaybeSignedIn

router = APIRouter()
_SECRET = {"Referrer-Policy": "no-referrer"}


def _answer(request: Request, state: str, status: int = 200, email: str = "") -> Response:
    answer = page(request, "confirm_email.html", status, state=state, email=email)
    answer.headers.update(_SECRET)
    return answer


@router.get(CONFIRM_EMAIL + "/{token}")
def confirm_form(request: Request, db: Database, person: MaybeSignedIn, token: str) -> Response:
    """Asks before it is done: mail programs open links before people do."""
    found = working_link(db, token, (NEW_EMAIL,))
    if found is None:
        return _answer(request, "ended", 410)
    return _answer(request, "asks", email=found[0].detail)


@router.post(CONFIRM_EMAIL + "/{token}")
def confirm(request: Request, db: Database, person: MaybeSignedIn, token: str) -> Response:
    """Puts the address in force and tells both."""
    limits_of(request).count(TRIES, network_of(request))
    found = working_link(db, token, (NEW_EMAIL,))
    if found is None or not use_link(db, token):
        db.rollback()
        return _answer(request, "ended", 410)
    link, account = found
    before, email = account.email, link.detail
    try:
        change_person(db, account, account, account.version, {"email": email})
        for address in (before, email):
            settings = request.app.state.settings
            write_mail(db, settings, account, "email_changed", to_address=address, before=before)
        db.commit()
    except IntegrityError:
        # Somebody else has confirmed the same address meanwhile.
        db.rollback()
        return _answer(request, "ended", 410)
    request.app.state.postman.ring()
    return _answer(request, "done", email=email)
