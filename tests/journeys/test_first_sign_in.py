"""From a forgotten password to a second factor, and a session that runs out, in a real browser."""

import re
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page, expect

from portal.demonstration.people import PASSWORD
from tests.journeys.steps import is_accessible_and_fits, link_from_post

NEW = "Three-odd-Words 7"
WIDE = {"viewport": {"width": 1280, "height": 900}}
NARROW = {"viewport": {"width": 375, "height": 800}}


def _enter(page: Page, user_name: str, password: str) -> None:
    """By the keyboard alone."""
    page.get_by_label("User name").focus()
    page.keyboard.type(user_name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


def _set_back(folder: Path, user_name: str, minutes: int) -> None:
    """Makes a user's sessions unused for so many minutes."""
    then = datetime.now(UTC) - timedelta(minutes=minutes)
    with sqlite3.connect(folder / "core.sqlite3", timeout=20) as database:
        changed = database.execute(
            "UPDATE account_sessions SET last_seen_at = ? WHERE account_id = "
            "(SELECT id FROM accounts WHERE user_name = ?)",
            (f"{then:%Y-%m-%d %H:%M:%S.%f}", user_name),
        )
    assert changed.rowcount == 1


@pytest.mark.parametrize(
    ("page", "user"), [(WIDE, "provider149"), (NARROW, "provider146")], indirect=["page"]
)
def test_a_forgotten_password_is_set_anew_and_a_second_factor_is_put_before_it(
    page: Page, user: str, portal_folder: Path
) -> None:
    page.goto("/sign-in")
    is_accessible_and_fits(page)
    page.get_by_role("link", name="I have forgotten my password").click()
    page.get_by_label("User name").fill(user)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your e-mail")
    is_accessible_and_fits(page)
    link = link_from_post(portal_folder, f"{user}@example.com", "reset")

    page.goto(link)
    is_accessible_and_fits(page)
    expect(page.get_by_text("has at least 9 characters")).to_be_visible()
    password = page.get_by_label("New password", exact=True)
    password.focus()
    page.keyboard.type("Password1")
    special = page.locator('[data-demand="special"]')
    expect(special).to_have_attribute("data-met", "no")
    page.keyboard.type("!")
    expect(special).to_have_attribute("data-met", "yes")
    expect(page.locator('[data-demand="uncommon"]')).to_have_attribute("data-met", "no")
    expect(page.locator("[data-said]")).to_contain_text("is not a common password")
    is_accessible_and_fits(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("easy to guess")
    password.fill(NEW)
    page.get_by_role("button", name="Show password").click()
    expect(password).to_have_attribute("type", "text")
    expect(page.locator('[data-demand="uncommon"]')).to_have_attribute("data-met", "yes")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("alert")).to_contain_text("Your password is set and you are signed in")
    is_accessible_and_fits(page)

    page.goto(link)
    expect(page.get_by_role("button", name="Send a new link")).to_be_visible()
    is_accessible_and_fits(page)

    page.goto("/account")
    page.get_by_role("link", name="Change telephone").click()
    page.get_by_label("Telephone").fill("01632")
    page.get_by_role("button", name="Save the changes").click()
    page.get_by_role("link", name="at least 11 digits").click()
    expect(page.get_by_label("Telephone")).to_be_focused()
    is_accessible_and_fits(page)
    page.get_by_label("Telephone").fill("01632 960 777")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Your details are saved")

    page.get_by_role("link", name="See where you are signed in").click()
    expect(page.get_by_text("This browser", exact=True)).to_be_visible()
    is_accessible_and_fits(page)

    page.goto("/account/second-factor")
    is_accessible_and_fits(page)
    totp = pyotp.TOTP(page.locator("[data-secret]").inner_text().replace(" ", ""))
    page.get_by_role("textbox", name="Code").fill(totp.at(time.time() - 30))
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Your second factor is set up")
    is_accessible_and_fits(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the codes").click()
    codes = re.findall(r"[a-z2-7]{4}(?:-[a-z2-7]{4}){3}", Path(download.value.path()).read_text())
    assert len(codes) == 10
    page.goto("/account/second-factor")
    is_accessible_and_fits(page)

    page.goto("/sign-out")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.goto("/logs?status=saved")
    _enter(page, user, NEW)
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter a code")
    is_accessible_and_fits(page)
    page.get_by_role("textbox", name="Code").fill(codes[0])
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/logs\?status=saved$"))


@pytest.mark.parametrize(
    ("page", "user"), [(WIDE, "coordinator149"), (NARROW, "coordinator146")], indirect=["page"]
)
def test_what_was_typed_outlives_a_session_that_runs_out(
    page: Page, user: str, portal_folder: Path
) -> None:
    page.goto("/account/edit")
    _enter(page, user, PASSWORD)
    telephone = page.get_by_label("Telephone")
    telephone.fill("01632 960 111")
    # The page asks again when it comes to the front.
    _set_back(portal_folder, user, 59)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    dialog = page.get_by_role("dialog", name="You will soon be signed out")
    expect(dialog).to_contain_text("in 1 minute")
    expect(dialog.get_by_role("button", name="Stay signed in")).to_be_focused()
    is_accessible_and_fits(page)
    # Once kept, the page asks again how long is left: the session is set back only after that.
    with page.expect_response("**/session/keep") as kept:
        with page.expect_response("**/session/left") as left:
            page.keyboard.press("Enter")
    assert kept.value.json()["left"] > 3500
    assert left.value.json()["left"] > 3500
    expect(dialog).to_have_count(0)
    expect(telephone).to_have_value("01632 960 111")

    _set_back(portal_folder, user, 61)
    page.get_by_role("button", name="Save the changes").click()
    expect(page.get_by_text("What you had typed is kept")).to_be_visible()
    is_accessible_and_fits(page)
    _enter(page, user, PASSWORD)
    expect(page).to_have_url(re.compile("/account/edit$"))
    expect(page.get_by_role("alert")).to_contain_text("We put back what you had typed")
    expect(telephone).to_have_value("01632 960 111")
    is_accessible_and_fits(page)
    page.get_by_role("button", name="Save the changes").click()
    expect(page.get_by_role("alert")).to_contain_text("Your details are saved")
    assert page.evaluate("Object.keys(sessionStorage).filter((k) => k.startsWith('core-'))") == []

    # Nothing done on the page at all: it goes to sign in by itself, and another user gets nothing.
    page.goto("/account/edit")
    telephone.fill("01632 960 222")
    _set_back(portal_folder, user, 61)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_text("What you had typed is kept")).to_be_visible()
    _enter(page, "support", PASSWORD)
    expect(page).to_have_url(re.compile("/account/edit$"))
    expect(telephone).not_to_have_value("01632 960 222")
    assert page.evaluate("sessionStorage.length") == 0 or "222" not in page.evaluate(
        "JSON.stringify(Object.values(sessionStorage))"
    )


@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True)
def test_a_password_is_changed_and_a_lost_session_explained_without_javascript(
    page: Page, portal_folder: Path
) -> None:
    user, other = "provider145", "Four-odder-Words 8"
    page.goto("/account/password")
    _enter(page, user, PASSWORD)
    expect(page.get_by_text("is none of your last 3 passwords")).to_be_visible()
    page.get_by_label("Present password", exact=True).fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill(other)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("alert")).to_contain_text("Your password is changed")
    page.goto("/account/edit")
    page.get_by_label("Telephone").fill("01632 960 333")
    _set_back(portal_folder, user, 61)
    page.get_by_role("button", name="Save the changes").click()
    expect(page.get_by_text("Back button brings back")).to_be_visible()
    _enter(page, user, other)
    expect(page).to_have_url(re.compile("/account/edit$"))
