"""What the programming interface answers when it cannot answer: problem details, RFC 9457."""

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.middleware.base import RequestResponseEndpoint

_log = structlog.get_logger()
NO_STORE = {"Cache-Control": "no-store"}
# Titles, and what is said where the failure itself says nothing.
WORDS: Mapping[int, tuple[str, str]] = {
    401: ("No valid token", "Send a token that is in force: Authorization: Bearer core_..."),
    403: ("Not allowed", "This account may not do this."),
    404: ("Not found", "There is nothing at this address."),
    405: ("Only reading", "The programming interface can only be read: send GET."),
    422: ("Not understood", "Something in the address could not be read."),
    429: ("Too many requests", "Wait, then try again."),
    500: ("Something went wrong", "Try again in a minute."),
}


class Wrong(BaseModel):
    """A parameter that could not be read."""

    parameter: str = Field(description="Its name.")
    message: str = Field(description="What it should be.")


class Problem(BaseModel):
    """What went wrong."""

    title: str = Field(description="What it is, in a few words.")
    status: int = Field(description="The status of the answer.")
    detail: str = Field(description="What can be done.")
    errors: list[Wrong] = Field([], description="With 422: each parameter that is wrong.")


# What any address may answer beside what was asked for.
ANSWERS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": WORDS[status][0]}
    for status in (401, 403, 404, 422, 429)
}
_STANDARD = ("Not Found", "Method Not Allowed", "Forbidden", "Unauthorized")


def problem(
    status: int,
    detail: str = "",
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """The answer for a status. `more` are further members of the document."""
    title, words = WORDS.get(status, WORDS[500])
    return JSONResponse(
        {"title": title, "status": status, "detail": detail or words, **more},
        status,
        {**NO_STORE, **(headers or {})},
        media_type="application/problem+json",
    )


def add_problems(app: FastAPI) -> None:
    """Answers every failure with a problem document, and keeps every answer from caches."""

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, failure: HTTPException) -> Response:
        detail = "" if failure.detail in _STANDARD else str(failure.detail)
        return problem(failure.status_code, detail, failure.headers)

    @app.exception_handler(RequestValidationError)
    async def on_unreadable(request: Request, failure: RequestValidationError) -> Response:
        wrong = [
            {"parameter": str(error["loc"][-1]), "message": error["msg"]}
            for error in failure.errors()
        ]
        return problem(422, errors=wrong)

    # Outside the handlers above, so that a failure is answered here and not once more by the pages.
    @app.middleware("http")
    async def answer(request: Request, go_on: RequestResponseEndpoint) -> Response:
        try:
            given = await go_on(request)
        except Exception as failure:
            _log.error("failure", kind=type(failure).__name__)
            return problem(500)
        for name, value in NO_STORE.items():
            given.headers.setdefault(name, value)
        return given
