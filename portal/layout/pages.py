"""Rendering plain pages: Jinja templates of every feature in one frame."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import (
    ChainableUndefined,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    select_autoescape,
)

PORTAL = Path(__file__).parents[1]
# What the frame shows of who is signed in; portal.sessions puts it on the request.
FRAME = ("person", "menu", "notices", "acting_for")
WITHHELD = "withheld"
SERVICE_NAME = "CORE: social housing lettings and sales"


@cache
def environment() -> Environment:
    """Templates of `portal/*/templates` and the GOV.UK macros."""
    folders = sorted(PORTAL.glob("*/templates"))
    made = Environment(
        loader=ChoiceLoader(
            [
                FileSystemLoader(folders),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        autoescape=select_autoescape(default=True),
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["static"] = static
    made.globals["service_name"] = SERVICE_NAME
    made.filters["number"] = number
    return made


def number(value: int | None) -> str:
    """A whole number with commas at thousands; None is a figure that is withheld."""
    return WITHHELD if value is None else f"{value:,}"


@cache
def static(name: str) -> str:
    """The address of a static file, with its content's hash so that it can be kept for long."""
    path = PORTAL / "static" / name
    return f"/static/{name}?v={hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"


def render(request: Request, template: str, status_code: int = 200, **context: Any) -> HTMLResponse:
    """A page of the frame."""
    text = (
        environment()
        .get_template(template)
        .render(
            request=request,
            path=request.url.path,
            **{name: getattr(request.state, name, None) for name in FRAME},
            demonstration=request.app.state.settings.demonstration,
            helpdesk=request.app.state.settings.helpdesk,
            **context,
        )
    )
    return HTMLResponse(text, status_code)
