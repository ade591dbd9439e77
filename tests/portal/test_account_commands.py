"""The first administrator of a new portal is invited from the command line."""

from email import message_from_bytes
from pathlib import Path

import pytest
from typer.testing import CliRunner

from portal.cli import app

PERSON = ["ada", "Ada@Example.com", "Ada Example"]


@pytest.fixture(autouse=True)
def new_portal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path


def test_the_invitation_lands_in_the_outbox_with_a_link(new_portal: Path) -> None:
    answer = CliRunner().invoke(app, ["invite-administrator", *PERSON])
    assert answer.exit_code == 0, answer.output
    [mail] = (new_portal / "outbox").glob("*.eml")
    message = message_from_bytes(mail.read_bytes())
    assert message["To"] == "ada@example.com"
    assert "http://localhost:8000/set-password/" in message.get_payload()
    assert mail.stat().st_mode & 0o077 == 0


def test_nobody_is_invited_twice_or_without_an_address() -> None:
    assert CliRunner().invoke(app, ["invite-administrator", *PERSON]).exit_code == 0
    again = CliRunner().invoke(app, ["invite-administrator", "ADA", "other@example.com", "Ada"])
    assert again.exit_code == 1
    assert "There is an account with this user name" in again.output
    bad = CliRunner().invoke(app, ["invite-administrator", "bob", "bob@", "Bob"])
    assert bad.exit_code == 1
    assert "such as name@example.com" in bad.output
