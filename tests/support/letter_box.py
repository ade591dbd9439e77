"""Reading the messages that the portal sent into its outbox folder."""

import email
import email.policy
import time
from email.message import EmailMessage
from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import select

from data_access.messages import Message


def letter(path: Path) -> EmailMessage:
    """A message of the folder."""
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)  # type: ignore[return-value]


def newest_letter(client: TestClient, kind: str, to: str = "") -> str:
    """The text of the newest message of a kind, once it has been sent."""
    state = client.app.state  # type: ignore[attr-defined]
    query = select(Message).where(Message.kind == kind).order_by(Message.id.desc()).limit(1)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with state.session_factory() as db:
            found = db.scalar(query.where(Message.to_address == to) if to else query)
        assert found is not None, f"no message of the kind {kind} was written"
        if found.sent_at is not None:
            return str(letter(state.settings.outbox_dir / f"{found.id:08d}.eml").get_content())
        state.postman.ring()
        time.sleep(0.02)
    raise AssertionError(f"the message of the kind {kind} was not sent")
