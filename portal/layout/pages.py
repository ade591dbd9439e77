"""Rendering plain pages: Jinja templates of every feature in one frame."""

import hashlib
import re
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
from markupsafe import Markup, escape

from portal.opened_for import mark_forms

PORTAL = Path(__file__).parents[1]
# What the frame shows of who is signed in; portal.sessions puts it on the request.
FRAME = ("person", "menu", "notices", "acting_for")
_E_MAIL = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]*[A-Za-z0-9]")
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
    made.filters["contact"] = contact
    return made


def number(value: int | None) -> str:
    """A whole number with commas at thousands; None is a figure that is withheld."""
    return WITHHELD if value is None else f"{value:,}"


def contact(words: str) -> Markup:
    """Whom to ask, as markup: the e-mail addresses in it become links."""
    return Markup(_E_MAIL.sub(_mail_link, str(escape(words))))  # noqa: S704


def _mail_link(found: re.Match[str]) -> str:
    return f'<a class="govuk-link" href="mailto:{found[0]}">{found[0]}</a>'


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
    return HTMLResponse(mark_forms(request, text), status_code)
