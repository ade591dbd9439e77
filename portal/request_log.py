"""A line for each request: what was asked and how long it took, and nothing about who asked."""

import time
from pathlib import Path
from typing import TextIO

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data_access.audit import request_address

_QUIET = ("/static/", "/explore/static/", "/healthz")


def open_log(folder: Path) -> TextIO:
    """Sends every event as a line of JSON to a file of the folder, which is made if it is missing.

    The file may be moved away and is then made anew at the next start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / "portal.jsonl").open("a", encoding="utf-8", buffering=1)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=file),
    )
    return file


class RequestLog:
    """ASGI middleware. The route is written, not the address: an address may name a log."""

    def __init__(self, app: ASGIApp) -> None:
        """Takes the application."""
        self._app = app
        self._log = structlog.get_logger()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets the audit trail know the address; writes a line when the answer has been sent."""
        if scope["type"] != "http" or scope["path"].startswith(_QUIET):
            await self._app(scope, receive, send)
            return
        client = scope.get("client")
        request_address.set(client[0] if client else "")
        started = time.perf_counter()
        status = 0

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            # An application beneath, such as the programming interface, names its own part only.
            route = getattr(scope.get("route"), "path", "")
            route = scope.get("root_path", "") + route if route else ""
            self._log.info(
                "request",
                method=scope["method"],
                route=route or ("kept" if status in (200, 304) else "unknown"),
                status=status,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
            )
