"""Error pages in plain words, each with a reference number that its log line has too."""

import secrets
from urllib.parse import urlsplit

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from data_access.releases import NoRelease
from portal.layout.pages import render
from portal.opened_for import OpenedForAnother

_log = structlog.get_logger()
# What a page holds of these would stay readable in it: they are asked for again.
_NEVER_GIVEN_BACK = ("present", "password")
WORDS = {
    403: ("You cannot do this", "Your account may not open this page or make this change."),
    404: (
        "Page not found",
        "Check the address. If you pasted it, check that you copied all of it.",
    ),
    405: ("Page not found", "This page cannot be used in that way."),
    409: ("Somebody else changed this", "Open the page again to see what is there now."),
    410: ("This was withdrawn", "What was here is not published any more."),
    413: ("The file is too large", "Split it into smaller files and upload each of them."),
    422: ("That could not be read", "Something in the address or form could not be read."),
    429: ("Too many tries", "Wait a minute, then try again."),
    500: ("Something went wrong", "Nothing that you saved is lost. Try again in a minute."),
    503: ("No figures yet", "No figures have been published yet. Come back later."),
}


def error_page(request: Request, status: int, detail: str = "") -> Response:
    """The page for a status, with a new reference number that is also logged."""
    heading, words = WORDS.get(status, WORDS[500])
    reference = secrets.token_hex(4).upper()
    route = getattr(request.scope.get("route"), "path", "")
    _log.warning("error_page", status=status, route=route, reference=reference)
    return render(
        request,
        "message.html",
        status,
        heading=heading,
        lines=[detail or words],
        reference=reference,
    )


def add_error_pages(app: FastAPI) -> None:
    """Answers every failure of the application with a page."""

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, failure: HTTPException) -> Response:
        if failure.status_code < 400:
            return Response(status_code=failure.status_code, headers=failure.headers)
        standard = failure.detail in ("Not Found", "Method Not Allowed", "Forbidden")
        answer = error_page(request, failure.status_code, "" if standard else str(failure.detail))
        answer.headers.update(failure.headers or {})
        return answer

    @app.exception_handler(OpenedForAnother)
    async def on_opened_for_another(request: Request, failure: OpenedForAnother) -> Response:
        return await _opened_for_another(request, failure)

    @app.exception_handler(RequestValidationError)
    async def on_unreadable(request: Request, failure: RequestValidationError) -> Response:
        return error_page(request, 422)

    @app.exception_handler(NoRelease)
    async def on_no_release(request: Request, failure: NoRelease) -> Response:
        return error_page(request, 503)

    @app.exception_handler(Exception)
    async def on_failure(request: Request, failure: Exception) -> Response:
        _log.error("failure", kind=type(failure).__name__)
        return error_page(request, 500)


async def _opened_for_another(request: Request, failure: OpenedForAnother) -> Response:
    """Refuses a form, and keeps what was entered so that it can be sent again; but for files."""
    fields = None
    if not request.headers.get("content-type", "").startswith("multipart/"):
        form = await request.form(max_files=0, max_fields=400)
        fields = [
            (name, value)
            for name, value in form.multi_items()
            if isinstance(value, str) and name not in _NEVER_GIVEN_BACK
        ]
    address = f"{request.url.path}?{request.url.query}"
    whose = failure.opened_for or "an institution that you do not work for now"
    answer = render(
        request,
        "opened_for_another.html",
        409,
        heading=f"This page was opened for {whose}",
        opened_for=failure.opened_for,
        now=failure.now,
        fields=fields,
        address=address,
        page=_page_of_form(request),
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _page_of_form(request: Request) -> str:
    """The page that a form was sent from, when the browser says so; else the home page."""
    sent_from = urlsplit(request.headers.get("referer", ""))
    if sent_from.netloc != request.url.netloc or sent_from.path.startswith("//"):
        return "/"
    return sent_from.path or "/"
