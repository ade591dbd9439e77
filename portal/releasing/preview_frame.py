"""What every page of a preview shares: where it is, its banner, and where its links lead."""

import re
from typing import cast

from fastapi.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope

from data_access.accounts import Person
from data_access.release_records import CHECKED, SHOWN_BEFORE, ReleaseRecord
from portal.notices import Notice
from portal.permissions import may
from portal.public.releases import router as releases
from portal.public.routes import router as public
from portal.releasing.frame import HERE, PRIVATE

PREFIX = "/preview"
BROKEN = "The files of this draft are not those that were checked. Build it again."
PREVIEWED = (CHECKED, *SHOWN_BEFORE)
PUBLIC = (public, releases)
_FIRST_PARTS = {
    getattr(route, "path", "/").split("/")[1] for part in PUBLIC for route in part.routes
} | {"explore"}
_HANDED_ON = (b"content-type", b"content-disposition", b"location")
_LINK = re.compile(rb'(\s(?:href|action)=")(/[^"]*)(")')


def banner(person: Person, record: ReleaseRecord) -> Notice:
    """What every page of a preview says before everything else."""
    manages = may(person, "release.view")
    return Notice(
        f"This is a preview of release {record.number}. It is not published: what you see here "
        "is for you alone.",
        f"{HERE}/{record.id}" if manages else PREFIX,
        "Leave the preview",
    )


async def answer_of(pages: ASGIApp, scope: Scope, receive: Receive) -> Response:
    """What an application answers, whole, with the headers that a preview hands on."""
    start: Message = {}
    parts: list[bytes] = []

    async def take(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts.append(message.get("body", b""))

    await pages(scope, receive, take)
    answer = Response(b"".join(parts), start["status"])
    for name, value in start["headers"]:
        if name.lower() in _HANDED_ON:
            answer.headers[name.decode("latin-1")] = value.decode("latin-1")
    return answer


def led_on(answer: Response, prefix: str) -> Response:
    """An answer whose links to public pages lead to the same pages of the preview."""
    answer.headers.update(PRIVATE)
    location = answer.headers.get("location", "")
    if location:
        answer.headers["location"] = _led(location, prefix)
    if answer.headers.get("content-type", "").startswith("text/html"):
        start = prefix.encode()

        def lead(found: re.Match[bytes]) -> bytes:
            return found[1] + (start if is_public(found[2].decode()) else b"") + found[2] + found[3]

        answer.body = _LINK.sub(lead, cast(bytes, answer.body))
        answer.headers["content-length"] = str(len(answer.body))
    return answer


def _led(address: str, prefix: str) -> str:
    return prefix + address if is_public(address) else address


def is_public(address: str) -> bool:
    """Whether an address is that of a public page that is made from a release."""
    first = re.split(r"[/?#]", address[1:], maxsplit=1)[0]
    return address.startswith("/") and first in _FIRST_PARTS
