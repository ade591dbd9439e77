"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from data_access.account_sessions import end_session, start_session
from data_access.accounts import SignInRefused, sign_in
from portal.layout.pages import render
from portal.sessions import COOKIE, Database, MaybeSignedIn, SignedIn

router = APIRouter()
# A person mistypes a few times; a machine tries hundreds of names from one address.
_TRIES = parse("30 per minute")


def limiter() -> MovingWindowRateLimiter:
    """Counts tries to sign in, in this process."""
    return MovingWindowRateLimiter(MemoryStorage())


def local_address(address: str) -> str:
    """The address when it is a path of this site, else the home page of a signed-in person."""
    plain = address.startswith("/") and not address.startswith("//")
    if plain and "\\" not in address and address.isprintable():
        return address
    return "/account"


def _page(request: Request, status: int = 200, **context: str) -> Response:
    accounts: dict[str, tuple[str, str]] = {}
    password = ""
    if request.app.state.settings.demonstration:
        from portal.demonstration.people import ACCOUNTS, PASSWORD

        accounts, password = ACCOUNTS, PASSWORD
    return render(
        request,
        "accounts/sign_in.html",
        status,
        demonstration_accounts=accounts,
        demonstration_password=password,
        **context,
    )


@router.get("/sign-in")
def sign_in_form(request: Request, account: MaybeSignedIn, next: str = "/account") -> Response:
    """The form; somebody who is signed in already goes on."""
    if account is not None:
        return RedirectResponse(local_address(next), 303)
    return _page(request, next_address=local_address(next))


@router.post("/sign-in")
def sign_in_with_password(
    request: Request,
    db: Database,
    user_name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/account",
) -> Response:
    """Starts a session, or shows the form again with what was wrong."""
    address = request.client.host if request.client else "unknown"
    if not request.app.state.sign_in_limiter.hit(_TRIES, address):
        raise HTTPException(429)
    going = local_address(next)
    if not user_name.strip() or not password:
        missing = "Enter your user name" if not user_name.strip() else "Enter your password"
        return _page(request, 422, next_address=going, user_name=user_name, error=missing)
    try:
        account = sign_in(db, user_name, password)
    except SignInRefused as refused:
        return _page(request, 422, next_address=going, user_name=user_name, error=str(refused))
    answer = RedirectResponse(going, 303)
    answer.set_cookie(
        COOKIE,
        start_session(db, account),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


@router.get("/sign-out")
def sign_out_form(request: Request, account: SignedIn) -> Response:
    """Asks before signing out, because a link must not change anything."""
    return render(request, "accounts/sign_out.html")


@router.post("/sign-out")
def sign_out(request: Request, db: Database) -> Response:
    """Ends the session."""
    token = request.cookies.get(COOKIE)
    if token:
        end_session(db, token)
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/account")
def account_page(request: Request, account: SignedIn) -> Response:
    """Where a person arrives after signing in."""
    return render(request, "accounts/account.html", account=account)
