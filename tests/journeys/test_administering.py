"""An administrator looks at the dates of collection years, in a real browser; nothing is saved."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from portal.demonstration.people import PASSWORD

WINDOWS = "/administration/collection-windows"
# GOV.UK Frontend marks boxes that reveal something with aria-expanded, which axe does not know.
RULES = {"rules": {"aria-allowed-attr": {"enabled": False}}}


def _is_accessible_and_fits(page: Page) -> None:
    found = Axe().run(page, options=RULES).response["violations"]
    assert not found, (page.url, [(v["id"], v["nodes"][0]["html"]) for v in found])
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), page.url


@pytest.mark.parametrize("page", [{}, {"viewport": {"width": 375, "height": 800}}], indirect=True)
def test_dates_are_found_checked_and_put_right(page: Page) -> None:
    page.goto("/sign-in?next=/administration")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    _is_accessible_and_fits(page)
    page.get_by_role("link", name="Collection windows").click()
    _is_accessible_and_fits(page)
    page.get_by_role("link", name="2026/27 lettings").click()
    expect(page.get_by_text("Today this year is")).to_contain_text("Open")
    _is_accessible_and_fits(page)
    last_day = page.get_by_role("group", name="Last day for new logs")
    last_day.get_by_label("Month").fill("13")
    page.get_by_role("button", name="Check the changes").click()
    expect(page.get_by_role("alert")).to_contain_text("must be a real date")
    expect(last_day.get_by_label("Month")).to_have_value("13")
    _is_accessible_and_fits(page)
    page.get_by_role("link", name="must be a real date").click()
    expect(last_day.get_by_label("Day")).to_be_focused()
    last_day.get_by_label("Month").fill("6")
    last_day.get_by_label("Day").fill("18")
    page.get_by_role("button", name="Check the changes").click()
    expect(page.get_by_text("could be started until 18 June 2027")).to_be_visible()
    _is_accessible_and_fits(page)
    page.get_by_role("button", name="Change the dates").click()
    expect(last_day.get_by_label("Day")).to_have_value("18")
    page.goto(f"{WINDOWS}/lettings/2026")
    expect(page.get_by_text("Nobody has changed these dates")).to_be_visible()
