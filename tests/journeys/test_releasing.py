"""A release from its build to its withdrawal: two statisticians, somebody named, and the public."""

import re
import time
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from data_access.clock import LONDON
from tests.journeys.steps import is_accessible_and_fits, link_from_post, sign_in

_NOTICE = "The rents of this release were wrong. A corrected one follows."


def _fits_wide_and_narrow(page: Page) -> None:
    for width in (375, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        is_accessible_and_fits(page)


def _soon() -> str:
    """A time in London in 25 seconds, and none of the next day."""
    while True:
        at = datetime.now(LONDON) + timedelta(seconds=25)
        if (at.hour, at.minute) > (0, 0):
            return f"{at:%H:%M:%S}"
        time.sleep(5)


def test_a_release_is_built_approved_scheduled_published_and_withdrawn(
    page: Page, portal_folder: Path
) -> None:
    # The first statistician builds it.
    sign_in(page, "statistician", going="/publishing")
    _fits_wide_and_narrow(page)
    page.get_by_role("button", name="Build a release").click()
    _fits_wide_and_narrow(page)
    for box in page.get_by_role("checkbox").all():
        box.uncheck()
    page.get_by_role("button", name="Build the release").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose at least one period")
    _fits_wide_and_narrow(page)
    page.get_by_role("checkbox", name="April to June 2025").check()
    page.get_by_role("button", name="Build the release").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Step")
    is_accessible_and_fits(page)
    here = urlsplit(page.url).path
    expect(page.get_by_role("heading", level=1)).to_have_text("Release 2.0.0", timeout=120_000)
    expect(page.get_by_text("so somebody else has to approve it")).to_be_visible()
    expect(page.get_by_role("table", name="Cells withheld by log type and level")).to_be_visible()
    _fits_wide_and_narrow(page)

    # The second looks at it as the public will, approves it and sets the time.
    sign_in(page, "reviewer", going="/publishing")
    page.get_by_role("main").get_by_role("link", name="Release 2.0.0").first.click()
    page.get_by_role("link", name="Preview the public pages and reports").click()
    banner = page.get_by_text("This is a preview of release 2.0.0")
    expect(banner).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="England", exact=True).click()
    assert re.search(r"/preview/\d+/national$", page.url)
    expect(banner).to_be_visible()
    expect(page.get_by_label("Period").locator("option")).to_have_text("April to June 2025")
    _fits_wide_and_narrow(page)
    page.get_by_role("link", name="Leave the preview").click()
    page.get_by_role("button", name="Approve").click()
    _fits_wide_and_narrow(page)
    page.get_by_label("I have looked at the release").press("Space")
    page.get_by_role("button", name="Approve the release").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("approved")
    page.get_by_role("button", name="Schedule").click()
    _fits_wide_and_narrow(page)
    page.get_by_label("Day").fill("24")
    page.get_by_label("Month").fill("11")
    page.get_by_label("Year").fill("2026")
    page.get_by_label("Time in London").fill(_soon())
    page.get_by_role("button", name="Schedule the release").click()
    # Its files say the day after.
    expect(page.get_by_role("alert")).to_contain_text("you entered 24 November 2026")
    _fits_wide_and_narrow(page)
    page.get_by_role("button", name="Schedule the release").click()
    expect(page.get_by_role("alert")).to_contain_text("The release is scheduled")
    _fits_wide_and_narrow(page)

    # Somebody who is named looks at it before.
    page.get_by_role("link", name="Name people").click()
    page.get_by_label("User name").fill("provider")
    starts = page.get_by_role("group", name="The day it starts")
    starts.get_by_label("Day").fill("23")
    ends = page.get_by_role("group", name="The day it ends")
    ends.get_by_label("Day").fill("30")
    page.get_by_role("button", name="Give access").click()
    expect(page.get_by_role("alert")).to_contain_text("The access is given")
    _fits_wide_and_narrow(page)
    link = link_from_post(portal_folder, "provider@example.com", "release_access")
    sign_in(page, "provider", going=f"{link}national")
    expect(banner).to_be_visible()

    # It is published by itself, and the public sees it.
    page.context.clear_cookies()
    page.goto("/national")
    until = time.monotonic() + 90
    while "release 2.0.0" not in page.content():
        assert time.monotonic() < until, "it was not published"
        time.sleep(1)
        page.goto("/national")
    expect(banner).not_to_be_visible()

    # It is withdrawn, and the one before is there again.
    sign_in(page, "statistician", going=here)
    expect(page.get_by_text("published", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_role("button", name="Withdraw the release").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter a notice")
    _fits_wide_and_narrow(page)
    page.get_by_label("Public notice").fill(_NOTICE)
    page.get_by_role("button", name="Withdraw the release").click()
    expect(page.get_by_role("alert")).to_contain_text("The release is withdrawn")
    page.goto(f"{here}/access")
    expect(page.get_by_role("cell", name="Pat Provider").first).to_be_visible()
    _fits_wide_and_narrow(page)
    page.context.clear_cookies()
    until = time.monotonic() + 10
    while "release 1.0.0" not in page.content() and time.monotonic() < until:
        page.goto("/national")
    expect(page.get_by_text("release 1.0.0")).to_be_visible()
