"""Putting a message into the outbox, from a template of plain text."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.orm import Session

from data_access.accounts import Account
from data_access.messages import Message
from data_access.settings import Settings
from portal.plain_text import tidy

_PORTAL = Path(__file__).parents[1]


@cache
def _environment() -> Environment:
    # Plain text: there is nothing to escape.
    return Environment(
        loader=FileSystemLoader(sorted(_PORTAL.glob("*/templates"))),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701
    )


def write_mail(
    db: Session,
    settings: Settings,
    to: Account,
    kind: str,
    to_address: str = "",
    **context: Any,
) -> None:
    """Writes a message to an account's e-mail address, in the caller's transaction.

    `kind` names the template mail/<kind>.txt, whose first line is the subject; it is given
    `account`, `address` (of the portal), `helpdesk` and `context`. `to_address` is for a message to
    another address of the same person.
    """
    text = (
        _environment()
        .get_template(f"mail/{kind}.txt")
        .render(account=to, address=settings.address, helpdesk=settings.helpdesk, **context)
    )
    subject, _, body = text.partition("\n")
    db.add(
        Message(
            account_id=to.id,
            to_address=to_address or to.email,
            kind=kind,
            subject=tidy(subject)[:200],
            body=body.strip() + "\n",
        )
    )
