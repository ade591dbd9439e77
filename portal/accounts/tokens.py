"""API tokens under "Your details": made, shown once, listed and taken away.

Making one asks for the password: a token outlasts the session, and whoever finds a browser that
was left open is not to leave with one.
"""

from collections.abc import Mapping
from datetime import timedelta

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from data_access.accounts import Person, password_matches
from data_access.api_tokens import TokenRefused, end_token, make_token, tokens_of
from data_access.clock import LONDON
from data_access.institutions import Institution
from portal.accounts.links import FORGOTTEN
from portal.accounts.pages import account_of, page
from portal.accounts.rate_limits import WRONG_PASSWORDS, limits_of
from portal.api.application import ADDRESS
from portal.forms import Posted
from portal.history import in_words
from portal.mail import write_mail
from portal.permissions import require
from portal.plain_text import read_text
from portal.sessions import Database, SignedIn
from submission.windows import in_words as day_in_words

router = APIRouter()
TOKENS = "/account/api-tokens"
LONGEST_NAME = 100
# Days, by what the form sends.
LASTS: Mapping[str, int] = {"30": 30, "90": 90, "365": 365}
_LASTS_IN_WORDS = [("30", "30 days"), ("90", "90 days"), ("365", "A year")]
_DONE = {"ended": "The token is taken away. Programs that used it can read nothing any more."}


@router.get(TOKENS)
def tokens_page(request: Request, db: Database, person: SignedIn, done: str = "") -> Response:
    """The tokens in force, and the form for a new one."""
    require(person, "api.read")
    return _page(request, db, person, done=_DONE.get(done, ""))


@router.post(TOKENS)
def make(request: Request, db: Database, person: SignedIn, posted: Posted) -> Response:
    """Makes a token, shows it this once, and tells its owner by e-mail."""
    require(person, "api.read")
    account = account_of(db, person)
    limits, who = limits_of(request), str(person.id)
    limits.look(WRONG_PASSWORDS, who)
    typed = {name: posted.get(name, "") for name in ("name", "lasts")}
    name, wrong = read_text(typed["name"], "a name for the token", LONGEST_NAME)
    errors = {"name": wrong} if wrong else {}
    if typed["lasts"] not in LASTS:
        errors["lasts"] = "Choose how long the token is to work"
    present = posted.get("present", "")
    if not present:
        errors["present"] = "Enter your present password"
    elif not password_matches(account.password_hash, present):
        limits.note(WRONG_PASSWORDS, who)
        errors["present"] = "This is not your present password"
    if errors:
        return _page(request, db, person, 422, typed, errors)
    try:
        token = make_token(db, person, name, timedelta(days=LASTS[typed["lasts"]]))
    except TokenRefused as refused:
        db.rollback()
        return _page(request, db, person, 422, typed, {"name": str(refused)})
    settings = request.app.state.settings
    write_mail(db, settings, account, "api_token_made", name=name, tokens=TOKENS, lost=FORGOTTEN)
    db.commit()
    request.app.state.postman.ring()
    return _page(request, db, person, token=token, name=name)


@router.post(TOKENS + "/{handle}/end")
def end(db: Database, person: SignedIn, handle: str) -> Response:
    """Takes a token away."""
    require(person, "api.read")
    if not end_token(db, person.id, handle):
        raise HTTPException(404, "This token is taken away already.")
    db.commit()
    return RedirectResponse(f"{TOKENS}?done=ended", 303)


def _page(
    request: Request,
    db: Database,
    person: Person,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    token: str = "",
    name: str = "",
    done: str = "",
) -> Response:
    rows = [
        {
            "handle": kept.handle,
            "name": kept.name,
            "institution": _name_of(db, kept.institution_id) if person.several else "",
            "made": in_words(kept.created_at),
            "expires": day_in_words(kept.expires_at.astimezone(LONDON).date()),
            "used": in_words(kept.last_used_at) if kept.last_used_at else "",
        }
        for kept in tokens_of(db, person.id)
    ]
    found = errors or {}
    return page(
        request,
        "api_tokens.html",
        status,
        tokens=rows,
        institution=_name_of(db, person.institution_id),
        lasts=_LASTS_IN_WORDS,
        typed=typed or {"name": "", "lasts": "90"},
        errors={key: found[key] for key in ("name", "lasts", "present") if key in found},
        error=bool(found),
        token=token,
        token_name=name,
        done=done,
        api_address=request.app.state.settings.address + ADDRESS,
        api_path=ADDRESS,
    )


def _name_of(db: Database, institution_id: int | None) -> str:
    found = db.get(Institution, institution_id) if institution_id is not None else None
    return found.name if found else ""
