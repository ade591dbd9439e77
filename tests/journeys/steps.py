"""Steps that journeys share: signing in, reading one's post, and looking at a page."""

import re
import time
from email import message_from_bytes, policy
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from portal.demonstration.people import PASSWORD

# GOV.UK Frontend marks boxes that reveal something with aria-expanded, which axe does not know.
_RULES = {"rules": {"aria-allowed-attr": {"enabled": False}}}
_PATIENCE = 20


def is_accessible_and_fits(page: Page) -> None:
    """Asserts that axe finds nothing and that the page is not wider than its window."""
    found = Axe().run(page, options=_RULES).response["violations"]
    assert not found, (page.url, [(v["id"], v["nodes"][0]["html"]) for v in found])
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), page.url


def sign_in(page: Page, user_name: str, password: str = PASSWORD, going: str = "/account") -> None:
    """Signs in as somebody else, and goes to an address."""
    # What was sent last has been answered, or going elsewhere would interrupt it.
    page.wait_for_load_state()
    page.context.clear_cookies()
    page.goto(f"/sign-in?next={going}")
    page.get_by_label("User name").fill(user_name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def link_from_post(folder: Path, address: str, kind: str) -> str:
    """The path of the link in the newest message of a kind to an e-mail address; waits for it."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        for path in sorted((folder / "outbox").glob("*.eml"), reverse=True):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            if message["To"] == address and message["X-Core-Kind"] == kind:
                found = re.search(r"https?://[^/\s]+(/\S+)", message.get_content())
                assert found, message.get_content()
                return found[1]
        time.sleep(0.1)
    raise AssertionError(f"No message '{kind}' came for {address}")


def choose_password(page: Page, folder: Path, address: str, password: str) -> None:
    """Follows the invitation of an e-mail address and chooses the first password."""
    page.context.clear_cookies()
    page.goto(link_from_post(folder, address, "invitation"))
    is_accessible_and_fits(page)
    page.locator("#password").fill(password)
    page.get_by_role("button", name=re.compile("password")).last.click()
