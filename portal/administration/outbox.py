"""The outbox: what was sent to whom and when, and in a demonstration the messages themselves."""

import email
import re
from dataclasses import dataclass
from email.policy import default
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from data_access.audit import record
from data_access.clock import now
from data_access.messages import Message, count_messages, messages_page, send_again
from data_access.settings import Settings
from portal.forms import Posted
from portal.history import in_words
from portal.layout.pages import render
from portal.mail.sending import file_of, is_being_sent
from portal.permissions import require
from portal.sessions import Database, SignedIn

HERE = "/administration/outbox"
PAGE_LENGTH = 50
router = APIRouter(prefix=HERE)
PRIVATE = {"Cache-Control": "private, no-store"}
_ID_LIMIT = 2**31
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
SHOWN = {"": "All messages", "unsent": "Not sent"}


@dataclass(frozen=True)
class Line:
    """A message of the list: when it was written and what became of it, in words."""

    message: Message
    written: str
    state: str
    next_try: str
    can_be_read: bool
    can_be_tried_again: bool


def _is_read_here(settings: Settings) -> bool:
    """Whether messages stay here for an administrator to read: in a demonstration only."""
    return settings.demonstration and not settings.smtp_host


@router.get("")
def outbox_page(
    request: Request,
    db: Database,
    person: SignedIn,
    show: str = "",
    page: str = "1",
    again: str = "",
) -> Response:
    """The messages, newest first. No body is shown: it may hold a link that opens an account."""
    require(person, "message.read")
    settings = request.app.state.settings
    unsent = show == "unsent"
    total = count_messages(db, unsent)
    last = max(1, -(-total // PAGE_LENGTH))
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 8 else 1
    number = min(max(number, 1), last)
    found = messages_page(db, unsent, number, PAGE_LENGTH)
    return _private(
        render(
            request,
            "administration/outbox.html",
            lines=[_line(settings, message) for message in found],
            total=total,
            page=number,
            last=last,
            tabs_shown=[
                (f"{HERE}?show={name}" if name else HERE, words) for name, words in SHOWN.items()
            ],
            here=f"{HERE}?show=unsent" if unsent else HERE,
            query=f"{HERE}?show=unsent&" if unsent else f"{HERE}?",
            unsent=unsent,
            is_read_here=_is_read_here(settings),
            again=again,
        )
    )


def _line(settings: Settings, message: Message) -> Line:
    if message.sent_at is not None:
        state, next_try = f"Sent {in_words(message.sent_at)}", ""
    elif not message.error:
        state, next_try = "Waits to be sent", ""
    else:
        state = f"Not sent after {message.attempts:,} {'try' if message.attempts == 1 else 'tries'}"
        next_try = (
            "No further try is made."
            if message.has_failed
            else f"The next try is on {in_words(message.next_attempt_at)}."
        )
    return Line(
        message,
        in_words(message.created_at),
        state,
        next_try,
        _is_read_here(settings) and file_of(settings.outbox_dir, message.id).exists(),
        bool(message.error) and message.sent_at is None and not is_being_sent(message, now()),
    )


@router.post("/{identifier:int}/again")
def send_again_page(
    request: Request, db: Database, person: SignedIn, identifier: int, posted: Posted
) -> Response:
    """Lets a message that could not be sent be tried at once, and as often as a new one."""
    require(person, "message.read")
    message = _message(db, identifier)
    tries = posted.get("attempts", "")
    seen = int(tries) if tries.isascii() and tries.isdecimal() and len(tries) < 6 else -1
    if is_being_sent(message, now()) or not send_again(db, message, seen):
        db.rollback()
        return RedirectResponse(f"{HERE}?again=no", 303)
    record(db, person.id, "message_tried_again", ("message", message.id))
    db.commit()
    request.app.state.postman.ring()
    return RedirectResponse(f"{HERE}?again=yes", 303)


@router.get("/{identifier:int}")
def message_page(request: Request, db: Database, person: SignedIn, identifier: int) -> Response:
    """One message as text, in a demonstration; links to the portal can be followed."""
    require(person, "message.read")
    settings = request.app.state.settings
    message = _message(db, identifier)
    path = file_of(settings.outbox_dir, message.id)
    if not _is_read_here(settings) or not path.exists():
        raise HTTPException(404)
    return _private(
        render(
            request,
            "administration/message.html",
            message=message,
            written=in_words(message.created_at),
            parts=_parts(_text_of(path), settings.address),
        )
    )


def _message(db: Database, identifier: int) -> Message:
    message = db.get(Message, identifier) if 0 < identifier < _ID_LIMIT else None
    if message is None:
        raise HTTPException(404)
    return message


def _text_of(path: Path) -> str:
    return str(email.message_from_bytes(path.read_bytes(), policy=default).get_content())


def _parts(text: str, own: str) -> list[tuple[str, str]]:
    """The text in pieces, each with the path that it leads to if it is an address of the portal."""
    found: list[tuple[str, str]] = []
    end = 0
    for match in _ADDRESS.finditer(text):
        address = match[0].rstrip(".,;:!?)")
        parts = urlsplit(address)
        if f"{parts.scheme}://{parts.netloc}" != own:
            continue
        path = address.removeprefix(own) or "/"
        found += [(text[end : match.start()], ""), (address, path)]
        end = match.start() + len(address)
    return [*found, (text[end:], "")]


def _private(answer: Response) -> Response:
    answer.headers.update(PRIVATE)
    return answer
